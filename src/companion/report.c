// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "decide.h"
#include "doors/service.h"
#include "doors/watchdog.h"
#include "entries.h"
#include "history-store.h"
#include "loader.h"
#include "loaders/listed.h"
#include "observe.h"
#include "report.h"

/* As if the tries of the booted entry were used up. */
static void decide_exhausted(const struct machine *m, const struct report *r, struct plan *ret)
{
	struct facts f = r->facts;
	struct rung *rung = &f.ladder.rung[f.booted.rung];

	rung->counter = counter_make(0, (int)ladder_tries(&m->config, rung->role));
	f.booted.counted = true;
	decide(&f, &m->config, ret);
}

static void decide_both(const struct machine *m, struct report *r)
{
	const struct plan *p = &r->if_failed;

	decide(&r->facts, &m->config, &r->if_failed);
	r->has_tries = r->facts.booted.rung >= 0 && p->verdict == VERDICT_RETRY &&
		       (p->reason == REASON_FAILED || p->reason == REASON_GOOD);
	if (r->has_tries)
		decide_exhausted(m, r, &r->if_exhausted);
}

/* What systemd does with its watchdog is asked only where the answer matters: that takes another
 * program. */
static bool must_ask(const struct machine *m, const struct report *r)
{
	bool is_kexec = r->if_failed.method == METHOD_KEXEC ||
			(r->has_tries && r->if_exhausted.method == METHOD_KEXEC);

	return is_kexec && !m->root.is_test && !m->config.kexec_without_watchdog &&
	       !watchdog_outlives_kexec(m->root.fd, true);
}

static void read_titles(const struct machine *m, struct report *r)
{
	for (unsigned int i = 0; i < r->facts.ladder.n; i++) {
		const struct rung *rung = &r->facts.ladder.rung[i];
		char text[ENTRIES_TEXT_SIZE];
		struct bls_entry e;
		struct text t;

		if (rung->missing || rung->type != 1 ||
		    entries_read_type1(m, rung->place, rung->name, text, &e) < 0)
			continue;
		text_init(&t, r->title[i], sizeof(r->title[i]));
		text_slice(&t, e.title);
	}
}

static bool is_on_rung(const struct ladder *l, const char *id)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (counter_same_id(id, l->rung[i].id))
			return true;
	return false;
}

/* The first entry of the loader's menu that is on no rung and that this setting selects; with
 * SETTINGS: that the one-shot names. The list is the caller's, and is read from where it stands. */
static bool find_foreign(const struct report *r, struct listed list, enum setting by,
			 char id[NAME_SIZE])
{
	while (listed_next(&list, id)) {
		bool is_it = by == SETTINGS ? counter_same_id(r->oneshot, id)
					    : choose_matches_id(&r->facts.settings, by, id);

		if (is_it && !is_on_rung(&r->facts.ladder, id))
			return true;
	}
	id[0] = '\0';
	return false;
}

/* A one-shot comes before every setting. False if it is not set, or names no entry. Loaders without
 * a list of their entries know what they were told. */
static bool find_oneshot(const struct machine *m, struct report *r, const struct listed *list)
{
	const struct ladder *l = &r->facts.ladder;

	for (unsigned int i = 0; i < l->n && r->oneshot[0]; i++)
		if (!l->rung[i].missing && counter_same_id(r->oneshot, l->rung[i].id))
			r->next.rung = (int)i;
	if (r->next.rung < 0 && m->loader->kind != LOADER_SDBOOT && !r->is_oneshot_stale)
		memcpy(r->next.foreign, r->oneshot, sizeof(r->oneshot));
	return r->next.rung >= 0 || r->next.foreign[0] ||
	       (r->oneshot[0] && find_foreign(r, *list, SETTINGS, r->next.foreign));
}

/* The loader knows more entries than the ladder: one on no rung is next if a setting selects it
 * that comes before the one which selects a rung. Where the ladder could not be read, nobody knows
 * what is on it. c: what is next of the ladder. */
static void find_next(const struct machine *m, struct choice c, struct report *r)
{
	_cleanup_(listed_free) struct listed list = {0};

	r->next.rung = -1;
	if (r->facts.ladder.n > 0 && !r->facts.blind)
		(void)listed_read(m->efivars, &list); /* else it is empty */
	r->next.is_oneshot = find_oneshot(m, r, &list);
	if (r->next.is_oneshot) {
		r->next.by = m->loader->oneshot;
		return;
	}
	for (enum setting by = 0; by < c.by; by++) {
		r->next.by = setting_name(&r->facts.settings, by);
		if (find_foreign(r, list, by, r->next.foreign))
			return;
	}
	r->next.rung = c.rung;
	r->next.by = setting_name(&r->facts.settings, c.by);
	r->next.can_move = c.rung >= 0 && c.by != SETTING_ORDER;
}

void report_find_next(const struct machine *m, struct report *r)
{
	loader_read_oneshot(m, &r->facts.ladder, r->oneshot, &r->is_oneshot_stale);
	find_next(m, choose_next(&r->facts.ladder, &r->facts.settings), r);
}

static void read_facts(struct machine *m, struct facts *ret)
{
	bool disabled = m->cmdline.disabled;

	m->cmdline.disabled = false;
	observe(m, EVENT_FAIL, ret);
	m->cmdline.disabled = disabled;
	ret->disabled = ret->disabled || disabled;
	observe_settings(m, ret);
}

/* One that cannot be read says nothing. */
static void read_history(const struct machine *m, struct report *r)
{
	struct history h;
	unsigned int i = 0;

	(void)history_store_read(m, &h);
	health_read(m, &r->facts, &h, &r->health);
	r->history.seq = h.n > 0 ? h.entry[0].seq : 0;
	r->history.is_open = true;
	for (; i < h.n && !history_is_incident(&h.entry[i]); i++)
		r->history.is_open &= strcmp(h.entry[i].event, event_name(EVENT_BLESS)) != 0;
	if (i < h.n)
		r->history.last = h.entry[i];
	else
		r->history.is_open = false;
}

void report_read(struct machine *m, struct report *ret)
{
	m->config.esp_timeout_s = 0;
	report_await(m, ret);
}

void report_await(struct machine *m, struct report *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->m = m;
	ret->is_kexec_configured = m->config.methods & METHOD_KEXEC;
	/* As restart_prepare() has it for the verbs that leave. */
	if (!service_is_systemd(m->root.fd))
		m->config.methods &= ~(unsigned long)METHOD_KEXEC;
	machine_reach(m);
	read_facts(m, &ret->facts);
	decide_both(m, ret);
	if (must_ask(m, ret) && service_stops_watchdog()) {
		ret->facts.against |= AGAINST_WATCHDOG;
		decide_both(m, ret);
	}
	sdboot_info_read(m->efivars, &ret->facts.ladder, &ret->loader);
	report_find_next(m, ret);
	ret->is_blessed = machine_has_note(m, "blessed");
	(void)machine_read_note_line(m, "assess", ret->assessed, sizeof(ret->assessed));
	read_titles(m, ret);
	read_history(m, ret);
	mirrors_look(m, &ret->mirrors);
}

enum status report_status(const struct report *r)
{
	return r->facts.blind ? STATUS_REFUSED : STATUS_DONE;
}

const char *report_next_id(const struct report *r)
{
	if (r->next.foreign[0])
		return r->next.foreign;
	return r->next.rung >= 0 ? r->facts.ladder.rung[r->next.rung].id : NULL;
}

const struct rung *report_booted(const struct report *r)
{
	int i = r->facts.booted.rung;

	return i >= 0 ? &r->facts.ladder.rung[i] : NULL;
}

bool report_is_pinned(const struct report *r, const struct rung *rung)
{
	return r->facts.pin[0] && counter_same_id(r->facts.pin, rung->id);
}
