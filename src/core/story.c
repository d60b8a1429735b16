// SPDX-License-Identifier: LGPL-2.1-or-later
#include "story.h"

#include <string.h>

static bool is_event(const struct history_entry *e, enum event event)
{
	return strcmp(e->event, event_name(event)) == 0;
}

static bool is_verdict(const struct history_entry *e, enum verdict verdict)
{
	return strcmp(e->verdict, verdict_name(verdict)) == 0;
}

static bool is_reason(const struct history_entry *e, enum reason reason)
{
	return strcmp(e->reason, reason_name(reason)) == 0;
}

static const struct rung *booted_rung(const struct facts *f)
{
	return f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
}

static void quote(struct text *t, const char *id)
{
	text_char(t, '"');
	text_str(t, id);
	text_char(t, '"');
}

static void count(struct text *t, unsigned long n, const char *one, const char *many)
{
	text_uint(t, n, 0);
	text_char(t, ' ');
	text_str(t, n == 1 ? one : many);
}

/* A sentence begins with what the entry calls its boot. */
static void text_who(struct text *t, const struct history_entry *e)
{
	if (e->booted[0])
		quote(t, e->booted);
	else
		text_str(t, "a boot entry that is not known");
}

/* Why this boot came to nothing, for events that we know. */
static const char *find_trouble(const struct history_entry *e)
{
	static const struct {
		enum event event;
		const char *phrase;
	} troubles[] = {
		{EVENT_EMERGENCY, " did not get to its root file system"},
		{EVENT_DEADLINE, " did not come up in time"},
		{EVENT_FAIL, " was given up by its own system"},
	};

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (is_event(e, troubles[i].event))
			return troubles[i].phrase;
	return NULL;
}

static void text_target(struct text *t, const struct history_entry *e)
{
	if (e->target[0])
		quote(t, e->target);
	else
		text_str(t, "another rung");
	if (e->method[0]) {
		text_str(t, " by ");
		text_str(t, e->method);
	}
}

static void text_switch(struct text *t, const struct history_entry *e)
{
	const char *trouble = find_trouble(e);

	if (is_reason(e, REASON_KEXEC_LOST) || is_reason(e, REASON_NOT_REACHED)) {
		text_who(t, e);
		text_str(t, " was booted instead of ");
		quote(t, e->target);
		text_str(t, ", which was tried again by ");
		text_str(t, e->method);
		return;
	}
	text_who(t, e);
	if (trouble)
		text_str(t, trouble);
	else if (is_event(e, EVENT_SWITCH))
		text_str(t, " was left on request");
	else if (is_reason(e, REASON_EXHAUSTED))
		text_str(t, " had no tries left");
	else
		text_str(t, " was left");
	text_str(t, ", and the device went to ");
	text_target(t, e);
}

static void text_retry(struct text *t, const struct history_entry *e)
{
	const char *trouble = find_trouble(e);

	text_who(t, e);
	text_str(t, trouble ? trouble : " came to nothing");
	text_str(t, ", and the device was started again");
}

/* What came of a boot that went on. */
static void text_proceed(struct text *t, const struct history_entry *e)
{
	text_who(t, e);
	text_str(t, is_event(e, EVENT_BLESS) ? " was blessed" : " was booted");
}

/* What happened, without why. */
static void text_what(struct text *t, const struct history_entry *e)
{
	if (is_event(e, EVENT_EDIT)) {
		text_str(t, "somebody changed the ladder by hand");
	} else if (is_verdict(e, VERDICT_SWITCH)) {
		text_switch(t, e);
	} else if (is_verdict(e, VERDICT_RETRY)) {
		text_retry(t, e);
	} else if (is_verdict(e, VERDICT_HOLD) && is_reason(e, REASON_SHARED_FAULT)) {
		text_who(t, e);
		text_str(t, " failed as another slot had, and the device held");
	} else if (is_verdict(e, VERDICT_HOLD)) {
		text_str(t, "no rung was left to boot after ");
		text_who(t, e);
		text_str(t, ", and the device held");
	} else if (is_verdict(e, VERDICT_RESET)) {
		text_str(t, "no rung was left to boot after ");
		text_who(t, e);
		text_str(t, ", and the device was reset");
	} else if (is_verdict(e, VERDICT_PROCEED)) {
		text_proceed(t, e);
	} else { /* of a later version */
		text_who(t, e);
		text_str(t, ": ");
		text_str(t, e->event);
		text_char(t, ' ');
		text_str(t, e->verdict);
	}
}

/* Reasons that the sentence has said already, or that say nothing. */
static bool is_reason_said(const struct history_entry *e)
{
	static const enum reason said[] = {
		REASON_KEXEC_LOST, REASON_NOT_REACHED, REASON_EXHAUSTED,     REASON_FAILED,
		REASON_GOOD,	   REASON_REQUESTED,   REASON_ALL_EXHAUSTED, REASON_BLESSED,
		REASON_EDITED,	   REASON_TRYING,      REASON_LAST_TRY,
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (is_reason(e, said[i]))
			return true;
	return !e->reason[0];
}

static void text_details(struct text *t, const struct history_entry *e, unsigned int times)
{
	if (!is_reason_said(e)) {
		text_str(t, " (");
		text_str(t, e->reason);
		text_char(t, ')');
	}
	if (times > 1) {
		text_str(t, ", ");
		text_uint(t, times, 0);
		text_str(t, " times");
	}
	if (e->check[0]) {
		const char *unit = history_unit(e);

		text_str(t, unit ? ", for the unit " : ", for the check ");
		quote(t, unit ? unit : e->check);
		text_str(t, " had failed");
	}
	if (e->text[0]) {
		text_str(t, ": ");
		text_str(t, e->text);
	}
}

static void capitalize(struct text *t, size_t at)
{
	if (at < t->len && t->buf[at] >= 'a' && t->buf[at] <= 'z')
		t->buf[at] = (char)(t->buf[at] - 'a' + 'A');
}

/* A boot that was to be left, and then something else happened in it: a kexec or a restart that was
 * refused. */
static bool came_to_nothing(const struct history_entry *e, const struct history_entry *next)
{
	return next && e->boot_id[0] && strcmp(e->boot_id, next->boot_id) == 0 &&
	       (is_verdict(e, VERDICT_SWITCH) || is_verdict(e, VERDICT_RETRY)) &&
	       !is_event(next, EVENT_EDIT);
}

/* next: what happened after it, NULL = nothing yet. */
static void tell_entry(struct text *t, const struct history_entry *e,
		       const struct history_entry *next, unsigned int times)
{
	size_t at;

	text_char(t, ' ');
	at = t->len;
	text_what(t, e);
	if (came_to_nothing(e, next))
		text_str(t, ", which came to nothing");
	text_details(t, e, times);
	text_char(t, '.');
	capitalize(t, at);
}

/* The same thing again, as a person sees it. */
static bool is_same(const struct history_entry *a, const struct history_entry *b)
{
	return strcmp(a->event, b->event) == 0 && strcmp(a->verdict, b->verdict) == 0 &&
	       strcmp(a->reason, b->reason) == 0 && strcmp(a->booted, b->booted) == 0 &&
	       strcmp(a->target, b->target) == 0 && strcmp(a->method, b->method) == 0 &&
	       strcmp(a->check, b->check) == 0 && strcmp(a->text, b->text) == 0;
}

/* What happened from one bless to the next: entries newest..oldest-1 of the history. */
struct incident {
	unsigned int newest, end;
};

static struct incident find_incident(const struct history *h)
{
	struct incident i = {0, 0};

	while (i.newest < h->n && is_event(&h->entry[i.newest], EVENT_BLESS))
		i.newest++;
	i.end = i.newest;
	while (i.end < h->n && !is_event(&h->entry[i.end], EVENT_BLESS))
		i.end++;
	return i;
}

/* In the order in which it happened; the same thing several times in a row is told once. */
static void tell_incident(const struct history *h, const struct incident *i, struct text *t)
{
	unsigned int times = 1;

	for (unsigned int k = i->end; k-- > i->newest; times++) {
		const struct history_entry *e = &h->entry[k], *next = k > 0 ? e - 1 : NULL;
		bool has_gap = k > i->newest && history_has_gap(h, k);

		if (k > i->newest && !has_gap && is_same(e, next) && !came_to_nothing(e, next))
			continue;
		tell_entry(t, e, next, times);
		if (has_gap)
			text_str(t, " What happened next is no longer kept.");
		times = 0;
	}
}

static void tell_history(const struct story *s, struct text *t)
{
	const struct history *h = s->h;
	struct incident i = find_incident(h);

	if (s->is_unread) {
		text_str(t, " The history cannot be read.");
	} else if (i.newest == i.end) {
		text_str(t, h->n > 0	 ? " The history holds nothing else."
			    : h->bad > 0 ? " The history holds no entry."
					 : " The history is empty: nothing but normal boots.");
	} else if (i.newest > 0 && story_is_normal(s)) {
		text_str(t, " Nothing has happened since the last bless.");
	} else {
		text_str(t, i.newest > 0	    ? " Before the last bless:"
			    : i.end < h->n	    ? " Since the last bless:"
			    : h->n == HISTORY_SLOTS ? " As far as the history goes back:"
						    : " So far:");
		tell_incident(h, &i, t);
	}
	if (h->bad > 0) {
		text_char(t, ' ');
		count(t, h->bad, "entry", "entries");
		text_str(t, " of the history cannot be read.");
	}
}

static void tell_counter(const struct story *s, const struct rung *r, struct text *t)
{
	if (s->is_blessed && r->role == ROLE_SYSTEM) {
		text_str(t, "; it was blessed in this boot");
	} else if (!r->counter.present) {
		text_str(t, "; it is good");
	} else if (r->counter.left > 0) {
		text_str(t, r->role == ROLE_SYSTEM ? "; it is on trial, with " : "; it has ");
		count(t, (unsigned long)r->counter.left, "try", "tries");
		text_str(t, " left after this one");
	} else {
		text_str(t, "; it has no tries left after this one");
	}
}

static void tell_booted(const struct story *s, struct text *t)
{
	const struct rung *r = booted_rung(s->f);

	if (s->f->disabled) {
		text_str(t, "Boot assessment is switched off for this boot, or this is a crash "
			    "kernel.");
		if (!s->f->booted.known)
			return;
		text_char(t, ' ');
	}
	if (s->f->blind) {
		text_str(t, "The boot entries cannot be read.");
		return;
	}
	if (!s->f->booted.known) {
		text_str(t, "Which boot entry runs is not known.");
		return;
	}
	quote(t, s->f->booted.id);
	if (r) {
		text_str(t, " (");
		text_str(t, role_name(r->role));
		text_char(t, ')');
	}
	text_str(t, " runs");
	if (s->f->booted.via == VIA_KEXEC)
		text_str(t, ", started by kexec");
	if (r)
		tell_counter(s, r, t);
	else
		text_str(t, ", which is on no rung of the ladder");
	text_char(t, '.');
}

static bool is_of_this_boot(const struct facts *f)
{
	return f->boot_id[0] && strcmp(f->record.boot_id, f->boot_id) == 0;
}

/* A switch that was begun, and has not come to its end. */
static bool is_on_its_way(const struct facts *f)
{
	return f->record.state == RECORD_OPEN;
}

static bool is_bad(const struct rung *r)
{
	enum rung_state state = ladder_state(r, &r->counter);

	return state == RUNG_EXHAUSTED || state == RUNG_BROKEN;
}

static bool is_running(const struct facts *f, unsigned int i)
{
	return (int)i == f->booted.rung;
}

/* Each rung of which is_one says so. */
static void tell_rungs(const struct facts *f, bool want_bad, const char *before, struct text *t)
{
	const char *separator = before;

	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		bool is_one = want_bad ? is_bad(r) : !r->missing && !is_bad(r);

		if (is_running(f, i) || !is_one)
			continue;
		text_str(t, separator);
		quote(t, r->id);
		text_str(t, " (");
		text_str(t, want_bad ? rung_state_name(ladder_state(r, &r->counter))
				     : role_name(r->role));
		text_char(t, ')');
		separator = ", ";
	}
	if (separator != before)
		text_char(t, '.');
}

void story_tell(const struct story *s, struct text *t)
{
	const struct facts *f = s->f;

	tell_booted(s, t);
	if (f->disabled && !f->booted.known)
		return;
	if (f->pin[0]) {
		text_str(t, " Somebody pinned the device to ");
		quote(t, f->pin);
		text_char(t, '.');
	}
	tell_history(s, t);
	if (is_on_its_way(f)) {
		text_str(t, " A switch to ");
		quote(t, f->record.target);
		text_str(t, " by ");
		text_str(t, method_name(f->record.method));
		text_str(t, is_of_this_boot(f) ? " is on its way." : " has not arrived.");
	}
	tell_rungs(f, true, " Not to be booted: ", t);
	tell_rungs(f, false, " The ladder also has: ", t);
}

static bool has_ladder(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (!f->ladder.rung[i].missing)
			return true;
	return false;
}

/* A system slot that the device could not fall back to. The one that runs may be on its last try.
 */
static const struct rung *find_bad_slot(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (f->ladder.rung[i].role == ROLE_SYSTEM && !is_running(f, i) &&
		    is_bad(&f->ladder.rung[i]))
			return &f->ladder.rung[i];
	return NULL;
}

/* The booted entry is not what it should be. True if that was said. */
static bool line_of_booted(const struct story *s, struct text *t)
{
	const struct facts *f = s->f;
	const struct rung *r = booted_rung(f);

	if (f->blind) {
		text_str(t, "the boot entries cannot be read");
	} else if (!f->booted.known) {
		text_str(t, "which boot entry runs is not known");
	} else if (!r) {
		quote(t, f->booted.id);
		text_str(t, " runs, which is on no rung of the ladder");
	} else if (r->role != ROLE_SYSTEM) {
		text_str(t, "this is ");
		text_str(t, role_name(r->role));
		text_str(t, ", ");
		quote(t, r->id);
	} else {
		return false;
	}
	return true;
}

/* What is worth a line, the most important first. False if all is normal. */
static bool find_line(const struct story *s, struct text *t)
{
	const struct facts *f = s->f;
	const struct rung *bad = find_bad_slot(f);

	if (f->disabled) {
		text_str(t, "switched off for this boot");
		return true;
	}
	if (!f->blind && !has_ladder(f))
		return false;
	if (line_of_booted(s, t))
		return true;
	if (f->pin[0]) {
		text_str(t, "pinned to ");
		quote(t, f->pin);
	} else if (is_on_its_way(f)) {
		text_str(t, "a switch to ");
		quote(t, f->record.target);
		text_str(t, is_of_this_boot(f) ? " is on its way" : " has not arrived");
	} else if (s->h->n > 0 && history_is_incident(&s->h->entry[0])) {
		text_what(t, &s->h->entry[0]);
	} else if (bad) {
		quote(t, bad->id);
		text_str(t, " is ");
		text_str(t, rung_state_name(ladder_state(bad, &bad->counter)));
	} else {
		return false;
	}
	return true;
}

bool story_is_normal(const struct story *s)
{
	char buf[4 * NAME_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return !find_line(s, &t);
}

void story_line(const struct story *s, struct text *t)
{
	char buf[4 * NAME_SIZE];
	struct text line;

	text_init(&line, buf, sizeof(buf));
	if (!find_line(s, &line))
		return;
	text_str(t, "bootassess: ");
	text_str(t, buf);
	text_str(t, " (see bootassess why)");
}
