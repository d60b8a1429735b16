// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "json.h"
#include "loader.h"
#include "prose.h"
#include "rungs.h"
#include "say.h"

#define KEY_WIDTH 13

static void text_section(struct text *t, const char *name, bool colour)
{
	if (t->len > 0)
		text_char(t, '\n');
	rungs_paint(t, PAINT_BOLD, name, colour);
	text_char(t, '\n');
}

/* A key, to the right of its column as bootctl(1) has it. */
static void text_key(struct text *t, const char *key)
{
	for (size_t len = strlen(key); len < KEY_WIDTH; len++)
		text_char(t, ' ');
	say(t, key, ": ");
}

static void text_line(struct text *t, const char *key, const char *value)
{
	text_key(t, key);
	text_wrap(t, value, KEY_WIDTH + strlen(": "));
}

typedef void (*line_fn)(const struct report *r, struct text *t);

/* A line whose value may be nothing: then there is no line. */
static void text_said(const struct report *r, const char *key, line_fn fn, struct text *t)
{
	char buf[(RUNGS_MAX + 2) * NAME_SIZE]; /* for the ids of all rungs */
	struct text value;

	text_init(&value, buf, sizeof(buf));
	fn(r, &value);
	if (buf[0])
		text_line(t, key, buf);
}

static void say_boot_place(const struct report *r, struct text *t)
{
	enum place place = machine_boot_place(r->m);
	const struct store *s = &r->m->store[place];

	say(t, s->fd < 0 ? "not found" : place_name(place));
	if (s->fd >= 0 && s->node[0])
		say(t, ", ", s->type, " on ", s->node);
	if (s->fd >= 0 && s->partuuid[0])
		say(t, ", PARTUUID ", s->partuuid);
}

static void say_esp(const struct report *r, struct text *t)
{
	health_text(&r->health.store[PLACE_ESP], t);
}

static void say_xbootldr(const struct report *r, struct text *t)
{
	health_text(&r->health.store[PLACE_XBOOTLDR], t);
}

static void say_repair(const struct report *r, struct text *t)
{
	text_str(t, r->health.last_repair.text);
}

static void say_incident(const struct report *r, struct text *t)
{
	const struct history_entry *e = &r->history.last;

	if (!r->history.is_open)
		return;
	say(t, e->booted[0] ? e->booted : "unknown entry", ", ", e->event, ": ", e->verdict);
	if (e->reason[0])
		say(t, " (", e->reason, ")");
	if (e->check[0])
		say(t, ", check ", e->check);
	if (e->text[0])
		say(t, ": ", e->text);
}

static void text_mirrors(const struct report *r, struct text *t)
{
	for (unsigned int i = 0; i < r->mirrors.n; i++) {
		text_key(t, "Mirror");
		say(t, r->mirrors.mirror[i].partuuid, ", ",
		    mirrors_state_name(r->mirrors.mirror[i].state), "\n");
	}
}

static void text_system(const struct report *r, bool colour, struct text *t)
{
	const struct facts *f = &r->facts;
	const char *loader = r->loader.loader;

	text_section(t, "System:", colour);
	if (!loader[0] &&
	    (r->m->loader->kind == LOADER_GRUB || r->m->loader->kind == LOADER_FIRMWARE))
		loader = loader_name(r->m->loader->kind);
	text_line(t, "Loader", loader[0] ? loader : "does not say what it is");
	text_line(t, "Started by", f->kexeced ? "kexec" : "the firmware");
	text_said(r, "$BOOT", say_boot_place, t);
	text_mirrors(r, t);
	text_said(r, "ESP", say_esp, t);
	text_said(r, "XBOOTLDR", say_xbootldr, t);
	text_said(r, "Last repair", say_repair, t);
	if (f->locked)
		text_line(t, "Locked", "yes (lockdown or Secure Boot)");
	text_said(r, "Kexec", prose_kexec, t);
	text_said(r, "Last switch", prose_record, t);
	text_said(r, "Reset", prose_reset, t);
	text_said(r, "Incident", say_incident, t);
}

static void text_rung(const struct report *r, const struct rung *rung, struct text *t)
{
	const char *title = r->title[r->facts.booted.rung];

	if (title[0])
		text_line(t, "Title", title);
	if (!rung->missing) {
		text_key(t, "File");
		rungs_file(rung, t);
		text_char(t, '\n');
	}
	if (rung->counter.present) {
		text_key(t, "Counter");
		prose_counter(&rung->counter, t);
		text_str(t, rung->in_variable ? ", in an EFI variable\n"
			    : rung->in_file   ? ", in a tries file\n"
					      : "\n");
		text_said(r, "Counted", prose_counted, t);
	}
	text_said(r, "State", prose_standing, t);
}

static void text_booted(const struct report *r, bool colour, struct text *t)
{
	const struct rung *rung = report_booted(r);

	text_section(t, "Booted:", colour);
	text_key(t, "Entry");
	if (r->facts.booted.known) {
		text_printable(t, r->facts.booted.id);
		say(t, " (", rung ? role_name(rung->role) : "on no rung", ")\n");
	} else {
		text_str(t, "unknown\n");
	}
	if (rung)
		text_rung(r, rung, t);
	text_said(r, "Above it", prose_above, t);
	text_said(r, "Decision", prose_assessed, t);
}

static void say_if_failed(const struct report *r, struct text *t)
{
	prose_plan(r, &r->if_failed, t);
}

static void say_if_exhausted(const struct report *r, struct text *t)
{
	prose_plan(r, &r->if_exhausted, t);
}

static void text_failure(const struct report *r, bool colour, struct text *t)
{
	text_section(t, "If this boot fails:", colour);
	text_said(r, "At once", say_if_failed, t);
	if (r->has_tries)
		text_said(r, "Without tries", say_if_exhausted, t);
}

static void text_next(const struct report *r, bool colour, struct text *t)
{
	text_section(t, "Next start:", colour);
	text_said(r, "Entry", prose_next_entry, t);
	if (report_next_id(r))
		text_said(r, "Chosen by", prose_next, t);
}

static void text_ladder(const struct report *r, bool colour, struct text *t)
{
	text_section(t, "Ladder:", colour);
	if (r->facts.ladder.n > 0)
		rungs_table(r, "  ", false, colour, t);
	else
		text_str(t, r->facts.disabled ? "  not read: this is a crash kernel\n"
					      : "  no rung is configured\n");
}

static void text_warning(const char *sentence, struct text *t)
{
	text_str(t, "  - ");
	text_wrap(t, sentence, strlen("  - "));
}

static void text_warnings(const struct report *r, bool colour, struct text *t)
{
	size_t before = t->len, after;

	text_section(t, "Warnings:", colour);
	after = t->len;
	prose_each_warning(r, text_warning, t);
	if (t->len > after)
		return;
	t->len = before; /* there is none */
	t->buf[before] = '\0';
}

static void json_target(const struct report *r, const struct plan *p, struct text *t)
{
	json_string(t, "verdict", verdict_name(p->verdict));
	json_string(t, "reason", reason_name(p->reason));
	json_string(t, "target", p->target < 0 ? NULL : r->facts.ladder.rung[p->target].id);
	json_string(t, "method", method_name(p->method));
}

static void json_plan(const struct report *r, const char *key, const struct plan *p, bool has,
		      struct text *t)
{
	if (!has) {
		json_string(t, key, NULL);
		return;
	}
	json_open(t, key, '{');
	json_target(r, p, t);
	text_char(t, '}');
}

static void json_booted(const struct report *r, struct text *t)
{
	const struct facts *f = &r->facts;
	const struct rung *rung = report_booted(r);

	if (!f->booted.known) {
		json_string(t, "booted", NULL);
		return;
	}
	json_open(t, "booted", '{');
	json_string(t, "id", f->booted.id);
	json_string(t, "role", rung ? role_name(rung->role) : NULL);
	json_string(t, "via", via_name(f->booted.via));
	json_bool(t, "isCounted", f->booted.counted || f->booted.counted_here);
	json_bool(t, "isBlessed", r->is_blessed);
	json_bool(t, "isFailed", f->failed);
	text_char(t, '}');
}

static void json_record(const struct report *r, struct text *t)
{
	const struct record *record = &r->facts.record;

	if (record->state == RECORD_NONE) {
		json_string(t, "record", NULL);
		return;
	}
	json_open(t, "record", '{');
	json_string(t, "state", record_state_name(record->state));
	json_string(t, "target", record->target[0] ? record->target : NULL);
	json_string(t, "method", method_name(record->method));
	json_string(t, "bootId", record->boot_id[0] ? record->boot_id : NULL);
	json_number(t, "holds", record->rounds);
	json_number(t, "kexecLosses", record->kexec_losses);
	text_char(t, '}');
}

/* Without an entry of its own, which is a rung. */
static void json_reset(const struct report *r, struct text *t)
{
	const struct config *c = &r->m->config;

	if (c->reset_method == RESET_ENTRY) {
		json_string(t, "reset", NULL);
		return;
	}
	json_open(t, "reset", '{');
	json_string(t, "method", c->reset_method == RESET_WIPE ? "wipe" : "systemd");
	json_number(t, "used", r->facts.record.resets);
	json_number(t, "tries", c->reset_tries);
	text_char(t, '}');
}

static void json_word(struct text *t, const char *key, const char *value)
{
	json_string(t, key, value[0] ? value : NULL);
}

static void json_incident(const struct report *r, struct text *t)
{
	const struct history_entry *e = &r->history.last;

	if (!e->event[0]) {
		json_string(t, "lastIncident", NULL);
		return;
	}
	json_open(t, "lastIncident", '{');
	json_number(t, "seq", e->seq);
	json_string(t, "event", e->event);
	json_word(t, "verdict", e->verdict);
	json_word(t, "reason", e->reason);
	json_word(t, "booted", e->booted);
	json_word(t, "check", e->check);
	json_word(t, "text", e->text);
	json_bool(t, "isOpen", r->history.is_open);
	text_char(t, '}');
}

static void json_next(const struct report *r, struct text *t)
{
	const char *id = report_next_id(r);

	if (!id) {
		json_string(t, "next", NULL);
		return;
	}
	json_open(t, "next", '{');
	json_string(t, "id", id);
	json_string(t, "by", r->next.by);
	text_char(t, '}');
}

static void json_system(const struct report *r, struct text *t)
{
	enum place place = machine_boot_place(r->m);
	const struct store *s = &r->m->store[place];

	json_string(t, "loader", r->loader.loader[0] ? r->loader.loader : NULL);
	json_string(t, "startedBy", r->facts.kexeced ? "kexec" : "firmware");
	if (s->fd < 0)
		json_string(t, "boot", NULL);
	else
		json_string(t, "boot", place == PLACE_ESP ? "esp" : "xbootldr");
	json_string(t, "bootPartUUID", s->partuuid[0] ? s->partuuid : NULL);
	json_bool(t, "isLocked", r->facts.locked);
	json_bool(t, "isReadable", !r->facts.blind);
}

static void json_warning(const char *sentence, struct text *t)
{
	json_element(t, sentence);
}

void status_json(const struct report *r, struct text *t)
{
	const struct facts *f = &r->facts;

	json_open(t, NULL, '{');
	json_system(r, t);
	json_booted(r, t);
	json_string(t, "assessed", r->assessed[0] ? r->assessed : NULL);
	json_string(t, "pinned", f->pin[0] ? f->pin : NULL);
	json_plan(r, "ifFailed", &r->if_failed, true, t);
	json_plan(r, "ifExhausted", &r->if_exhausted, r->has_tries, t);
	json_open(t, "againstKexec", '[');
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		if (r->if_failed.against & 1u << i)
			json_element(t, against_name(1u << i));
	text_char(t, ']');
	json_record(r, t);
	json_reset(r, t);
	json_incident(r, t);
	health_json(&r->health, t);
	json_next(r, t);
	rungs_json_all(r, "ladder", t);
	mirrors_json(&r->mirrors, t);
	json_open(t, "warnings", '[');
	prose_each_warning(r, json_warning, t);
	text_str(t, "]}");
}

enum status status_run(struct machine *m, const struct request *q, struct text *out)
{
	struct report r;

	report_read(m, &r);
	if (q->check_filesystem)
		health_check(m, &r.health);
	if (q->json) {
		status_json(&r, out);
		text_char(out, '\n');
		return report_status(&r);
	}
	text_system(&r, q->colour, out);
	text_booted(&r, q->colour, out);
	text_failure(&r, q->colour, out);
	text_next(&r, q->colour, out);
	text_ladder(&r, q->colour, out);
	text_warnings(&r, q->colour, out);
	return report_status(&r);
}
