// SPDX-License-Identifier: LGPL-2.1-or-later
/* F30 and F5: devices whose slots come up, are blessed, and fail after it, boot by boot; and slots
 * that somebody restarts before each bless (core/world.h). However the rungs end, with and without
 * a kexec, and with the power gone after any operation, the device comes to a rung that stays up,
 * or waits in a hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "leave.h"
#include "world.h"

enum { ACTIVE, PASSIVE, RECOVERY, N };

enum fate {
	STAYS,	   /* comes up, is blessed, and is well */
	ROTS,	   /* comes up, is blessed, and then its application fails */
	RESTARTED, /* comes up, and is shut down in good order before its bless */
	NO_ROOT,   /* ends in an emergency */
	ABSENT,
	N_FATES,
};

/* What a device is like; everything that is enumerated. */
struct device {
	enum fate fate[N];
	bool is_armed; /* at the start, else all are good */
	bool kexecs;
	bool count_good;
	bool next; /* OnFailure=next */
	int tries;
};

/* A device on its way. */
struct trip {
	const struct device *d;
	struct world_device model; /* the same one, for world_boot() */
	struct world w;
	bool has_cut;
	unsigned int cut; /* has_cut: the power goes after so many more operations */
	bool is_cut, waited;
	unsigned int boots;	  /* since the last wait */
	unsigned int relapses[N]; /* since the last wait */
	unsigned int refunds;	  /* since then, or since a bless */
};

static const char *const ids[N] = {"active.conf", "passive.conf", "recovery.conf"};
static unsigned int n_devices, n_cuts, most_boots;

static void fail_device(const struct trip *t, const char *what)
{
	const struct device *d = t->d;

	fail_msg("%s: fates %d%d%d armed %d kexec %d CountGood %d next %d Tries %d", what,
		 d->fate[0], d->fate[1], d->fate[2], d->is_armed, d->kexecs, d->count_good, d->next,
		 d->tries);
}

/* Each plan, before it is carried out. */
static void check_plan(void *data, const struct facts *f, const struct plan *p)
{
	(void)data;
	assert_true(p->n_ops < PLAN_OPS_MAX);
	if (p->reason == REASON_RELAPSED && p->verdict == VERDICT_SWITCH)
		assert_true(f->ladder.rung[f->booted.rung].role == ROLE_SYSTEM && f->blessed);
	if (f->event == EVENT_BLESS)
		assert_int_not_equal(p->reason, REASON_REFUSED);
}

/* So often may a slot relapse between two waits. With OnFailure=next another one that never comes
 * up is tried in between, as long as it has tries, and that begins a new count. */
static unsigned int relapses_max(const struct trip *t)
{
	unsigned int tries = (unsigned int)t->d->tries;
	unsigned int all = t->d->next ? tries * tries : tries;

	return t->is_cut ? 3 * all + 1 : all;
}

static struct world_fate fate_of(const struct trip *t, int rung)
{
	struct world_fate fate = {.has_cut = t->has_cut, .cut = t->cut};

	switch (t->d->fate[rung]) {
	case ROTS:
		fate.outcome = OUTCOME_FAIL;
		fate.late = true;
		break;
	case RESTARTED:
		fate.shut_down = true;
		break;
	case NO_ROOT:
		fate.outcome = OUTCOME_NO_ROOT;
		break;
	default:
		break;
	}
	return fate;
}

/* The run of this event, if it came to the end of its plan. */
static const struct world_run *find_run(const struct world_boot *b, enum event event)
{
	for (unsigned int i = 0; i < b->n_runs; i++)
		if (b->run[i].event == event && b->run[i].n_done == b->run[i].plan.n_ops)
			return &b->run[i];
	return NULL;
}

static void take_stock(struct trip *t, const struct world_boot *b)
{
	const struct world_run *refund = find_run(b, EVENT_SHUTDOWN);
	bool is_system = b->rung != RECOVERY;

	t->has_cut &= b->end != END_CUT;
	t->cut -= b->n_ops;
	t->is_cut |= b->end == END_CUT;
	t->waited |= b->wait_s > 0;
	/* The try is given back only after its number is durable: so never more often than may be.
	 */
	t->refunds += refund && refund->plan.reason == REASON_REFUNDED;
	if (t->refunds > t->model.config.refund_reboots)
		fail_device(t, "a refund too many");
	if (!find_run(b, EVENT_BLESS))
		return;
	if (is_system)
		t->refunds = 0;
	if (t->d->fate[b->rung] == ROTS)
		t->relapses[b->rung]++;
	if (is_system && t->relapses[b->rung] > relapses_max(t))
		fail_device(t, "a slot was started again too often after its bless");
}

/* One boot. True if the device is up. */
static bool play_boot(struct trip *t)
{
	struct world_fate fate = fate_of(t, world_next(&t->model, &t->w));
	struct world_boot b;

	world_boot(&t->model, &t->w, &fate, &b);
	t->boots++;
	if (b.end == END_LOOP)
		fail_device(t, "a failure that changed nothing");
	take_stock(t, &b);
	return b.end == END_UP;
}

/* A good slot that somebody restarts without end is no failure of anything. */
static bool is_bounded(const struct device *d)
{
	for (int i = 0; i < N; i++)
		if (d->fate[i] == RESTARTED && !d->is_armed)
			return false;
	return true;
}

static bool has_rest(const struct device *d)
{
	for (int i = 0; i < N; i++)
		if (d->fate[i] == STAYS)
			return true;
	return false;
}

/* Between two waits no more boots than the tries of all rungs, an exhausted start of each, and the
 * refunds. A power cut in a hold takes its wait away, and the next one's, which takes it for done.
 */
static unsigned int boots_max(const struct trip *t)
{
	unsigned int tries = (unsigned int)t->d->tries + 2,
		     refunds = (unsigned int)t->model.config.refund_reboots;
	unsigned int all = (N - 1) * (tries + refunds) + 3 + 2;

	if (t->d->next)
		all *= tries;
	return t->is_cut ? 3 * all : all;
}

static void start_rung(const struct device *d, int i, struct rung *r)
{
	r->role = i == RECOVERY ? ROLE_RECOVERY : ROLE_SYSTEM;
	r->type = 1;
	r->missing = d->fate[i] == ABSENT;
	r->sort_key[0] = (char)('a' + i);
	memcpy(r->id, ids[i], strlen(ids[i]) + 1);
	r->counter = (struct counter){0};
	if (d->is_armed || i == RECOVERY)
		r->counter = counter_make(i == RECOVERY ? 3 : d->tries, 0);
}

static void start_trip(const struct device *d, int cut, struct trip *t)
{
	struct world_device *m = &t->model;

	memset(t, 0, sizeof(*t));
	t->d = d;
	t->has_cut = cut >= 0;
	t->cut = (unsigned int)cut + 1;
	config_defaults(&m->config);
	m->config.tries = (unsigned long)d->tries;
	m->config.count_good = d->count_good;
	/* each fails for a reason of its own */
	m->config.shared_fault = SHARED_FAULT_CONTINUE;
	m->config.on_failure = d->next ? ON_FAILURE_NEXT : ON_FAILURE_RETRY;
	m->settings = (struct settings){.loader = LOADER_SDBOOT, .known = true};
	m->counts = m->clears_oneshot = true;
	m->against = d->kexecs ? 0 : AGAINST_SUPPORT;
	m->watch = check_plan;
	m->ladder.n = N;
	for (int i = 0; i < N; i++)
		start_rung(d, i, &m->ladder.rung[i]);
	world_start(m, NULL, -1, &t->w);
}

#define CUTS  24
#define WAITS 3

/* False if the cut came after the end. */
static bool play_device(const struct device *d, int cut)
{
	unsigned int waits = 0;
	bool up = false;
	static struct trip t;

	start_trip(d, cut, &t);
	while (!up && waits < WAITS) {
		up = play_boot(&t);
		if (t.boots > boots_max(&t))
			fail_device(&t, "an endless loop");
		most_boots = t.boots > most_boots ? t.boots : most_boots;
		if (!t.waited)
			continue;
		waits++;
		t.waited = false;
		t.boots = t.refunds = 0;
		memset(t.relapses, 0, sizeof(t.relapses));
	}
	if (has_rest(d) && !up)
		fail_device(&t, "a rung that stays up was never reached");
	if (has_rest(d) && waits > 0 && !t.is_cut)
		fail_device(&t, "a hold, although a rung stays up");
	return t.is_cut;
}

/* `make check-fast` (MODEL_QUICK=1) plays one of so many: no number of fates, nor a power of 2. */
static unsigned int stride(void)
{
	return getenv("MODEL_QUICK") ? 7 : 1;
}

static void test_all_devices(void **state)
{
	(void)state;
	for (unsigned int k = 0; k < N_FATES * N_FATES * N_FATES * 16 * 4; k += stride()) {
		struct device d = {
			.fate = {k % N_FATES, k / N_FATES % N_FATES,
				 k / N_FATES / N_FATES % N_FATES},
			.is_armed = k / N_FATES / N_FATES / N_FATES & 1,
			.kexecs = k / N_FATES / N_FATES / N_FATES & 2,
			.count_good = k / N_FATES / N_FATES / N_FATES & 4,
			.next = k / N_FATES / N_FATES / N_FATES & 8,
			.tries = (int)(k / N_FATES / N_FATES / N_FATES / 16) + 1,
		};

		if (d.fate[ACTIVE] == ABSENT || !is_bounded(&d))
			continue;
		n_devices++;
		play_device(&d, -1);
		for (int cut = 0; cut < CUTS && play_device(&d, cut); cut++)
			n_cuts++;
	}
	assert_int_not_equal(n_cuts, 0);
	print_message("%u devices, %u power cuts; at most %u boots between two waits\n", n_devices,
		      n_cuts, most_boots);
}

/* The story itself, with its numbers. */
static void test_story(void **state)
{
	struct device d = {.fate = {ROTS, ROTS, STAYS}, .tries = 3};
	static struct trip t;

	(void)state;
	start_trip(&d, -1, &t);
	for (int i = 0; i < 6; i++)
		assert_false(play_boot(&t));
	assert_int_equal(t.relapses[ACTIVE], 3);
	assert_int_equal(t.relapses[PASSIVE], 3);
	assert_true(leave_is_marked(&t.w.counter[ACTIVE]));
	assert_true(leave_is_marked(&t.w.counter[PASSIVE]));
	assert_int_equal(t.w.record.relapses, 0);
	assert_true(play_boot(&t));
	assert_false(t.waited);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_devices),
		cmocka_unit_test(test_story),
	};

	return cmocka_run_group_tests_name("relapses", tests, NULL, NULL);
}
