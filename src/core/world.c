// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stddef.h>
#include <string.h>

#include "play.h"
#include "world.h"

/* --- the loader --- */

static bool is_there(const struct ladder *l, int rung)
{
	return rung >= 0 && rung < (int)l->n && !l->rung[rung].missing;
}

/* What counts for the loader is the names. Where nobody knows what it goes by, it is taken to start
 * the first of all. */
static int choose(const struct world_device *d, const struct world *w)
{
	const struct ladder *l = &d->ladder;
	int rung = w->oneshot;

	if (is_there(l, rung))
		return rung;
	rung = choose_next_by_names(l, &w->settings, w->name, w->parked).rung;
	for (unsigned int i = 0; rung < 0 && i < l->n; i++)
		if (is_there(l, (int)i))
			rung = (int)i;
	return rung;
}

int world_next(const struct world_device *d, const struct world *w)
{
	return w->jump >= 0 ? w->jump : choose(d, w);
}

/* systemd-boot remembers what it started where a setting asks for it. */
static void save_choice(struct world *w, const char *id)
{
	for (int i = 0; i < SETTINGS; i++)
		if (strcmp(w->settings.value[i], "@saved") == 0)
			memcpy(w->settings.saved, id, sizeof(w->settings.saved));
}

/* It comes from the firmware: one-shot, count. */
static void play_loader(struct play *p)
{
	const struct world_device *d = p->d;
	struct world_boot *b = p->b;
	struct world *w = p->w;
	struct counter *name;

	b->via = VIA_LOADER;
	b->rung = choose(d, w);
	if (d->clears_oneshot || !is_there(&d->ladder, w->oneshot))
		w->oneshot = -1;
	if (b->rung < 0)
		return;
	save_choice(w, d->ladder.rung[b->rung].id);
	name = &w->name[b->rung];
	if (!d->counts || !name->present || p->fate->uncounted || p->fate->unwritable ||
	    p->fate->names_fixed)
		return;
	*name = counter_next(name, 1);
	w->counter[b->rung] = *name;
	b->counted = b->has_changed = true;
}

/* It comes from the kernel before: that has charged it, unless the power went between. */
static void play_arrival(struct play *p)
{
	struct world *w = p->w;
	const struct counter *now = &w->counter[w->jump];

	p->kexeced = true;
	p->b->via = VIA_KEXEC;
	p->b->rung = w->jump;
	p->b->counted = now->present && !counter_is_same(now, &w->record.target_counter);
	w->jump = -1;
}

/* --- a boot --- */

/* False if this boot is over. */
static bool play_bless(struct play *p)
{
	bool is_system = p->d->ladder.rung[p->b->rung].role == ROLE_SYSTEM;

	if (!play_run(p, EVENT_BLESS))
		return false;
	if (!is_system || p->b->run[p->b->n_runs - 1].plan.reason == REASON_REFUSED)
		return true;
	p->blessed = true;
	/* A bless that is followed by a relapse ends nothing. */
	if (!p->fate->late && !p->fate->unwritable) {
		p->w->failed_checks = 0;
		p->w->shared_recovery = false;
	}
	return true;
}

static void play_healthy(struct play *p)
{
	bool is_reset = p->d->ladder.rung[p->b->rung].role == ROLE_RESET;

	if (p->fate->shut_down) {
		if (play_run(p, EVENT_SHUTDOWN))
			p->b->end = END_RESTART;
		return;
	}
	if (is_reset ? play_run(p, EVENT_EDIT) : play_bless(p))
		p->b->end = is_reset ? END_RESTART : END_UP;
}

/* What becomes of a boot that assess let go on. A failure ends in a restart at the least: else
 * END_LOOP stays. */
static void play_outcome(struct play *p)
{
	bool is_late = p->fate->late && p->fate->outcome == OUTCOME_FAIL;

	if (p->fate->outcome != OUTCOME_NO_ROOT)
		p->b->has_reset |= p->d->ladder.rung[p->b->rung].role == ROLE_RESET;
	switch (p->fate->outcome) {
	case OUTCOME_HEALTHY:
		play_healthy(p);
		break;
	case OUTCOME_NO_ROOT:
		(void)play_run(p, EVENT_EMERGENCY);
		break;
	case OUTCOME_FAIL:
		if (!is_late || play_bless(p))
			(void)play_run(p, EVENT_FAIL);
		break;
	default:
		p->b->end = END_RESTART;
		break;
	}
}

/* A kernel that a kexec started, and that dies, is a kexec that is lost. */
static void play_panic(struct play *p)
{
	p->b->end = END_RESTART;
	if (p->kexeced && p->w->kexec_losses < PLAY_LOSSES_MAX)
		p->w->kexec_losses++;
}

static void start_boot(struct world_boot *b)
{
	memset(b, 0, offsetof(struct world_boot, run));
	memset(&b->n_runs, 0, sizeof(*b) - offsetof(struct world_boot, n_runs));
	b->rung = -1;
	b->end = END_LOOP;
}

void world_boot(const struct world_device *d, struct world *w, const struct world_fate *fate,
		struct world_boot *ret)
{
	struct world_boot own;
	struct play p;

	memset(&p, 0, offsetof(struct play, f));
	p.d = d;
	p.w = w;
	p.fate = fate;
	p.b = ret ? ret : &own;
	start_boot(p.b);
	w->boots++;
	if (w->jump >= 0)
		play_arrival(&p);
	else
		play_loader(&p);
	if (p.b->rung < 0) {
		p.b->end = END_NOWHERE;
		return;
	}
	p.b->counter = w->counter[p.b->rung];
	if (fate->outcome == OUTCOME_PANIC)
		play_panic(&p);
	else if (play_run(&p, EVENT_ASSESS))
		play_outcome(&p);
}

void world_start(const struct world_device *d, const struct record *r, int oneshot,
		 struct world *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int i = 0; i < d->ladder.n; i++) {
		const struct rung *rung = &d->ladder.rung[i];

		ret->counter[i] = ret->name[i] = rung->counter;
		if (rung->in_variable)
			(void)counter_parse(rung->name, &ret->name[i]);
	}
	ret->settings = d->settings;
	if (r)
		ret->record = *r;
	ret->oneshot = oneshot;
	ret->jump = -1;
}

static const char *const names[OUTCOMES] = {"healthy", "panic", "no-root", "hang", "fail"};

const char *outcome_name(enum outcome outcome)
{
	return names[outcome];
}

enum outcome outcome_find(struct slice word)
{
	for (int i = 0; i < OUTCOMES; i++)
		if (word.len == strlen(names[i]) && memcmp(word.s, names[i], word.len) == 0)
			return (enum outcome)i;
	return OUTCOMES;
}
