// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "recover-state.h"
#include "say.h"

#define NOTE	  "recover"
#define NOTE_SIZE (sizeof(((struct recover_state *)0)->could) + 64)
#define LIST_SIZE (RUNGS_SYSTEM_MAX * NAME_SIZE)

static const char known_word[] = "known";

static bool can_boot(const struct rung *r)
{
	enum rung_state state = ladder_state(r, &r->counter);

	return state == RUNG_GOOD || state == RUNG_ARMED;
}

void recover_state_read(const struct machine *m, struct recover_state *ret)
{
	char path[NAME_SIZE], note[NOTE_SIZE];
	struct slice rest, line, word;
	struct text t;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	text_init(&t, path, sizeof(path));
	say(&t, "run/bootassess/", m->boot_id[0] ? m->boot_id : "boot", "." NOTE);
	if (root_read(m->root.fd, path, note, sizeof(note), &len) < 0)
		return;
	rest = (struct slice){note, len};
	if (!slice_line(&rest, &line) || !slice_word(&line, &word) ||
	    slice_uint(word, UINT32_MAX, &ret->round) < 0)
		return;
	ret->is_known = slice_is(slice_trim(line), known_word) &&
			slice_copy(rest, ret->could, sizeof(ret->could)) == 0;
}

static void list_could(const struct facts *f, struct recover_state *s)
{
	struct text t;

	text_init(&t, s->could, sizeof(s->could));
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->role == ROLE_SYSTEM && can_boot(r))
			say(&t, r->id, "\n");
	}
	s->is_known = true;
}

void recover_state_begin(const struct machine *m, const struct facts *f, struct recover_state *s)
{
	char note[NOTE_SIZE];
	struct text t;

	s->round++;
	if (!s->is_known && !verb_is_blind(f))
		list_could(f, s);
	text_init(&t, note, sizeof(note));
	text_uint(&t, s->round, 0);
	if (s->is_known)
		say(&t, " ", known_word, "\n", s->could);
	machine_set_note(m, NOTE, note);
}

bool recover_state_could(const struct recover_state *s, const struct rung *r)
{
	struct slice rest = {s->could, strlen(s->could)}, line;

	while (slice_line(&rest, &line))
		if (slice_is(line, r->id))
			return true;
	return !s->is_known;
}

/* The id without its suffix; that of a missing rung is a pattern, and has none. */
static void text_word(struct text *t, const char *id, bool has_suffix)
{
	const char *dot = has_suffix ? strrchr(id, '.') : NULL;

	text_slice(t, (struct slice){id, dot ? (size_t)(dot - id) : strlen(id)});
}

/* The system rungs, or only those that cannot boot. */
static void export_rungs(const char *name, const struct facts *f, bool is_bad)
{
	char list[LIST_SIZE];
	struct text t;

	text_init(&t, list, sizeof(list));
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->role != ROLE_SYSTEM || (is_bad && can_boot(r)))
			continue;
		if (t.len > 0)
			text_char(&t, ' ');
		text_word(&t, r->id, !r->missing);
	}
	(void)setenv(name, list, 1);
}

static bool is_event(const struct history_entry *e, enum event event)
{
	return strcmp(e->event, event_name(event)) == 0;
}

static bool is_system_bless(const struct history_entry *e)
{
	return is_event(e, EVENT_BLESS) && strcmp(e->role, role_name(ROLE_SYSTEM)) == 0;
}

static bool is_reason(const struct history_entry *e, enum reason reason)
{
	return strcmp(e->reason, reason_name(reason)) == 0;
}

static bool is_verdict(const struct history_entry *e, enum verdict verdict)
{
	return strcmp(e->verdict, verdict_name(verdict)) == 0;
}

/* Not why recovery was entered: a boot of it that came to nothing, a switch that was taken up
 * again, a kexec that was found lost. */
static bool is_on_the_way(const struct history_entry *e)
{
	if (!history_is_incident(e) || is_verdict(e, VERDICT_PROCEED))
		return true;
	if (is_verdict(e, VERDICT_SWITCH))
		return is_reason(e, REASON_KEXEC_LOST) || is_reason(e, REASON_NOT_REACHED);
	return strcmp(e->role, role_name(ROLE_RECOVERY)) == 0 && is_verdict(e, VERDICT_RETRY);
}

bool recover_state_is_shared(const struct history *h)
{
	unsigned int i = 0;

	while (i < h->n && !is_system_bless(&h->entry[i]) && is_on_the_way(&h->entry[i]))
		i++;
	return i < h->n && is_verdict(&h->entry[i], VERDICT_SWITCH) &&
	       is_reason(&h->entry[i], REASON_SHARED_FAULT);
}

/* What happened last: why the boot before this one was left, and the health check that had failed
 * on the way here. What lies before the bless of a system slot is another story. */
static void export_incident(const struct history *h)
{
	const char *reason = "", *check = "";

	for (unsigned int i = 0; i < h->n && (!reason[0] || !check[0]); i++) {
		const struct history_entry *e = &h->entry[i];

		if (is_system_bless(e))
			break;
		if (is_event(e, EVENT_BLESS) || is_event(e, EVENT_EDIT))
			continue;
		if (!reason[0])
			reason = e->reason;
		if (!check[0])
			check = e->check;
	}
	(void)setenv("BOOTASSESS_REASON", reason, 1);
	(void)setenv("BOOTASSESS_CHECK", check, 1);
}

void recover_state_export(const struct facts *f, const struct history *h, unsigned long round)
{
	char word[NAME_SIZE];
	struct text t;

	text_init(&t, word, sizeof(word));
	if (f->booted.known)
		text_word(&t, f->booted.id, true);
	(void)setenv("BOOTASSESS_BOOTED", word, 1);
	export_rungs("BOOTASSESS_SYSTEM", f, false);
	export_rungs("BOOTASSESS_BAD", f, true);
	export_incident(h);
	text_init(&t, word, sizeof(word));
	text_uint(&t, round, 0);
	(void)setenv("BOOTASSESS_ROUND", word, 1);
}

void recover_state_json(const struct report *r, const struct history *h, struct text *t)
{
	json_open(t, NULL, '{');
	json_key(t, "status");
	status_json(r, t);
	json_open(t, "history", '[');
	for (unsigned int i = 0; i < h->n; i++)
		history_json_entry(&h->entry[i], t);
	text_str(t, "]}\n");
}
