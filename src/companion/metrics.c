// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "doors/textfile.h"
#include "report.h"
#include "say.h"

/* The text format of Prometheus, version 0.0.4. Source:
 * prometheus.io/docs/instrumenting/exposition_formats. */

static void text_head(struct text *t, const char *name, const char *type, const char *help)
{
	say(t, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

static void text_label(struct text *t, const char *name, const char *value)
{
	say(t, t->len > 0 && t->buf[t->len - 1] == '{' ? "" : ",", name, "=\"");
	while (*value) {
		size_t plain = strcspn(value, "\\\"\n");

		text_printable_slice(t, (struct slice){value, plain});
		value += plain;
		if (!*value)
			break;
		text_char(t, '\\');
		text_char(t, *value == '\n' ? 'n' : *value);
		value++;
	}
	text_char(t, '"');
}

static void text_value(struct text *t, unsigned long value)
{
	text_char(t, ' ');
	text_uint(t, value, 0);
	text_char(t, '\n');
}

/* A metric without labels. */
static void text_one(struct text *t, const char *name, const char *type, const char *help,
		     unsigned long value)
{
	text_head(t, name, type, help);
	text_str(t, name);
	text_value(t, value);
}

/* A line of a metric that each rung has. */
static void text_rung(struct text *t, const char *name, const struct rung *r, const char *state,
		      unsigned long value)
{
	say(t, name, "{");
	text_label(t, "id", r->id);
	text_label(t, "role", role_name(r->role));
	if (state)
		text_label(t, "state", state);
	text_char(t, '}');
	text_value(t, value);
}

static void text_states(const struct report *r, struct text *t)
{
	static const char name[] = "bootassess_rung_state";

	text_head(t, name, "gauge", "1 for the state that the rung of the ladder is in, else 0.");
	for (unsigned int i = 0; i < r->facts.ladder.n; i++) {
		const struct rung *rung = &r->facts.ladder.rung[i];
		enum rung_state now = ladder_state(rung, &rung->counter);

		for (enum rung_state s = RUNG_GOOD; s <= RUNG_BROKEN; s++)
			text_rung(t, name, rung, rung_state_name(s), s == now);
	}
}

/* Only rungs with a counter have these. */
static void text_tries(const struct report *r, struct text *t)
{
	static const char *const names[] = {"bootassess_rung_tries_left",
					    "bootassess_rung_tries_done"};
	static const char *const helps[] = {
		"Tries that the rung has left; none without a counter.",
		"Tries that the rung has used; none without a counter."};

	for (int k = 0; k < 2; k++) {
		text_head(t, names[k], "gauge", helps[k]);
		for (unsigned int i = 0; i < r->facts.ladder.n; i++) {
			const struct rung *rung = &r->facts.ladder.rung[i];
			int value = k == 0 ? rung->counter.left : rung->counter.done;

			if (rung->counter.present)
				text_rung(t, names[k], rung, NULL, (unsigned long)value);
		}
	}
}

/* 1 for one rung (index, -1 = none), 0 for all the others. */
static void text_which(const struct report *r, const char *name, const char *help, int which,
		       struct text *t)
{
	text_head(t, name, "gauge", help);
	for (unsigned int i = 0; i < r->facts.ladder.n; i++)
		text_rung(t, name, &r->facts.ladder.rung[i], NULL, (int)i == which);
}

static void text_booted(const struct report *r, struct text *t)
{
	const struct rung *rung = report_booted(r);

	text_head(t, "bootassess_booted_info", "gauge",
		  "The entry that runs, where it is known; the role is none on no rung.");
	if (!r->facts.booted.known)
		return;
	text_str(t, "bootassess_booted_info{");
	text_label(t, "id", r->facts.booted.id);
	text_label(t, "role", rung ? role_name(rung->role) : "none");
	text_label(t, "via", via_name(r->facts.booted.via));
	text_char(t, '}');
	text_value(t, 1);
}

/* Its number is the value: so it changes with each incident, also with one like the last. */
static void text_incident(const struct report *r, struct text *t)
{
	const struct history_entry *e = &r->history.last;

	text_one(t, "bootassess_history_seq", "gauge",
		 "Number of the newest entry of the history; 0 without one.", r->history.seq);
	text_one(t, "bootassess_incident_open", "gauge",
		 "1 if something has happened, and no bless came after it.", r->history.is_open);
	text_head(t, "bootassess_last_incident_seq", "gauge",
		  "Number of the last entry that is no bless and no change by a person.");
	if (!e->event[0])
		return;
	text_str(t, "bootassess_last_incident_seq{");
	text_label(t, "id", e->booted);
	text_label(t, "event", e->event);
	text_label(t, "verdict", e->verdict);
	text_label(t, "reason", e->reason);
	text_label(t, "check", e->check);
	text_char(t, '}');
	text_value(t, e->seq);
}

static void text_store(struct text *t, const char *name, enum place place, bool is_known,
		       unsigned long value)
{
	if (!is_known)
		return;
	say(t, name, "{");
	text_label(t, "place", place == PLACE_ESP ? "esp" : "xbootldr");
	text_char(t, '}');
	text_value(t, value);
}

/* A line of each metric for each file system, where it is known. */
static void text_health(const struct health *h, struct text *t)
{
	static const char *const heads[][2] = {
		{"bootassess_filesystem_dirty",
		 "1 if the file system was not unmounted in good order; none while others use it."},
		{"bootassess_filesystem_leftovers",
		 "Names that a power cut left, and that the next verb that writes takes away."},
		{"bootassess_filesystem_free_bytes", "Room for new files."},
		{"bootassess_filesystem_update_bytes",
		 "What an update of the largest slot needs beside the old version."}};

	for (size_t k = 0; k < sizeof(heads) / sizeof(heads[0]); k++) {
		text_head(t, heads[k][0], "gauge", heads[k][1]);
		for (enum place place = 0; place < PLACES; place++) {
			const struct health_store *s = &h->store[place];
			const bool known[] = {s->has_dirty_bit, s->is_looked_at, s->has_free,
					      s->update > 0};
			const unsigned long values[] = {s->is_dirty, s->n_leftovers, s->free,
							s->update};

			text_store(t, heads[k][0], place, known[k], values[k]);
		}
	}
	text_one(t, "bootassess_last_repair_seq", "gauge",
		 "Number of the history's last repair after a power cut; 0 without one.",
		 h->last_repair.seq);
}

static void text_metrics(const struct report *r, struct text *t)
{
	const struct facts *f = &r->facts;

	text_one(t, "bootassess_entries_readable", "gauge",
		 "0 if boot entries must be there, but cannot be read.", !f->blind);
	text_booted(r, t);
	text_states(r, t);
	text_tries(r, t);
	text_which(r, "bootassess_rung_booted", "1 for the rung that runs.", f->booted.rung, t);
	text_which(r, "bootassess_rung_next", "1 for the rung that the boot loader starts next.",
		   r->next.rung, t);
	text_one(t, "bootassess_boot_blessed", "gauge", "1 if this boot was blessed.",
		 r->is_blessed);
	text_one(t, "bootassess_boot_failed", "gauge", "1 if this boot was given up.", f->failed);
	text_one(t, "bootassess_pinned", "gauge", "1 if an operator pinned an entry.",
		 f->pin[0] != '\0');
	text_one(t, "bootassess_switch_pending", "gauge",
		 "1 if a switch has begun and has not arrived.", f->record.state == RECORD_OPEN);
	text_one(t, "bootassess_holds_total", "counter", "Holds since the last bless.",
		 f->record.rounds);
	text_one(t, "bootassess_kexec_losses", "gauge",
		 "Kexecs of this machine that never arrived, up to 2.", f->record.kexec_losses);
	text_incident(r, t);
	text_health(&r->health, t);
}

enum status metrics_run(struct machine *m, const struct request *q, struct text *out)
{
	struct report r;
	int e;

	report_read(m, &r);
	text_metrics(&r, out);
	if (!q->output)
		return report_status(&r);
	e = out->full ? -EFBIG : textfile_write(q->output, out->buf, out->len);
	text_init(out, out->buf, out->size);
	if (e < 0) {
		log_err("cannot write \"%s\": %s; what was there stays", q->output, strerror(-e));
		return STATUS_REFUSED;
	}
	return report_status(&r);
}
