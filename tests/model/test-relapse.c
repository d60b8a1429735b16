// SPDX-License-Identifier: LGPL-2.1-or-later
/* F30 and F5: devices whose slots come up, are blessed, and fail after it, boot by boot; and slots
 * that somebody restarts before each bless. A model of systemd-boot around the real decide(),
 * bless_plan() and refund_plan(): however the rungs end, with and without a kexec, and with the
 * power gone after any operation, the device comes to a rung that stays up, or waits in a hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bless.h"
#include "decide.h"
#include "leave.h"
#include "refund.h"

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

struct world {
	const struct device *d;
	struct config c;
	struct counter counter[N];
	struct record record;
	int oneshot, jump; /* -1 = none */
	bool kexeced;
	int boot_number;
	int cut; /* the power goes after so many more operations; below 0: never */
	bool is_cut, waited;
	unsigned int boots;	  /* since the last wait */
	unsigned int relapses[N]; /* since the last wait */
	unsigned int refunds;	  /* since then, or since a bless */
};

static const char *const ids[N] = {"active.conf", "passive.conf", "recovery.conf"};
static unsigned int n_devices, n_cuts, most_boots;

static void fail_device(const struct world *w, const char *what)
{
	const struct device *d = w->d;

	fail_msg("%s: fates %d%d%d armed %d kexec %d CountGood %d next %d Tries %d", what,
		 d->fate[0], d->fate[1], d->fate[2], d->is_armed, d->kexecs, d->count_good, d->next,
		 d->tries);
}

static int loader_chooses(struct world *w)
{
	int first = -1, chosen = w->oneshot;

	w->oneshot = -1;
	if (chosen >= 0)
		return chosen;
	for (int i = 0; i < N; i++) {
		if (w->d->fate[i] == ABSENT)
			continue;
		if (first < 0)
			first = i;
		if (!w->counter[i].present || w->counter[i].left > 0)
			return i;
	}
	return first;
}

static void fill_facts(const struct world *w, int booted, enum event event, struct facts *f)
{
	memset(f, 0, sizeof(*f));
	f->event = event;
	f->kexeced = w->kexeced;
	f->against = w->d->kexecs && !w->kexeced ? 0 : AGAINST_HOPS;
	f->kernel = 1;
	f->record = w->record;
	(void)snprintf(f->boot_id, sizeof(f->boot_id), "%d", w->boot_number);
	for (int i = 0; i < N; i++) {
		struct rung *r = &f->ladder.rung[i];

		r->role = i == RECOVERY ? ROLE_RECOVERY : ROLE_SYSTEM;
		r->missing = w->d->fate[i] == ABSENT;
		r->counter = w->counter[i];
		memcpy(r->id, ids[i], strlen(ids[i]) + 1);
	}
	f->ladder.n = N;
	f->booted.known = true;
	f->booted.rung = booted;
	f->booted.counted = w->counter[booted].present;
	memcpy(f->booted.id, ids[booted], strlen(ids[booted]) + 1);
}

static void play_record(struct world *w, struct facts *f, const struct plan *p, const struct op *op)
{
	w->record = op->type == OP_RECORD ? p->record : f->record;
	w->record.state = (uint8_t)op->record_state;
	memcpy(w->record.boot_id, f->boot_id, sizeof(f->boot_id));
	f->record.txn = w->record.txn;
}

static void play_op(struct world *w, struct facts *f, const struct plan *p, const struct op *op)
{
	switch (op->type) {
	case OP_RECORD:
	case OP_RESTATE:
		play_record(w, f, p, op);
		break;
	case OP_BLESS:
		w->counter[op->rung] = (struct counter){0};
		break;
	case OP_COUNT:
	case OP_ARM:
	case OP_MARK:
	case OP_CHARGE:
	case OP_REFUND:
		w->counter[op->rung] = op->to;
		break;
	case OP_ONESHOT:
		w->oneshot = op->rung;
		break;
	case OP_KEXEC:
		w->jump = op->rung;
		break;
	case OP_WAIT:
		w->waited = true;
		break;
	default:
		break;
	}
}

/* False if the power went. */
static bool play_plan(struct world *w, struct facts *f, const struct plan *p)
{
	assert_true(p->n_ops < PLAN_OPS_MAX);
	for (unsigned int i = 0; i < p->n_ops; i++) {
		play_op(w, f, p, &p->op[i]);
		if (w->cut-- == 0) {
			w->is_cut = true;
			w->jump = -1;
			return false;
		}
	}
	return true;
}

static bool play_event(struct world *w, int booted, enum event event, bool blessed,
		       enum verdict *ret)
{
	struct facts f;
	struct plan p;

	fill_facts(w, booted, event, &f);
	f.blessed = blessed;
	decide(&f, &w->c, &p);
	*ret = p.verdict;
	if (p.reason == REASON_RELAPSED && p.verdict == VERDICT_SWITCH)
		assert_true(f.ladder.rung[booted].role == ROLE_SYSTEM && blessed);
	return play_plan(w, &f, &p);
}

static bool play_bless(struct world *w, int booted)
{
	struct facts f;
	struct plan p;

	fill_facts(w, booted, EVENT_BLESS, &f);
	bless_plan(&f, &w->c, &p);
	assert_int_not_equal(p.reason, REASON_REFUSED);
	if (!play_plan(w, &f, &p))
		return false;
	if (booted != RECOVERY)
		w->refunds = 0;
	return true;
}

/* The try is given back only after its number is durable: so never more often than may be. */
static void play_restart(struct world *w, int booted)
{
	struct counter before = w->counter[booted];
	struct facts f;
	struct plan p;

	fill_facts(w, booted, EVENT_SHUTDOWN, &f);
	refund_plan(&f, &w->c, &p);
	(void)play_plan(w, &f, &p);
	w->refunds += !counter_is_same(&before, &w->counter[booted]);
	if (w->refunds > w->c.refund_reboots)
		fail_device(w, "a refund too many");
}

/* So often may a slot relapse between two waits. With OnFailure=next another one that never comes
 * up is tried in between, as long as it has tries, and that begins a new count. */
static unsigned int relapses_max(const struct world *w)
{
	unsigned int tries = (unsigned int)w->d->tries;
	unsigned int all = w->d->next ? tries * tries : tries;

	return w->is_cut ? 3 * all + 1 : all;
}

static void play_rot(struct world *w, int booted)
{
	bool is_system = booted != RECOVERY;
	enum verdict verdict;

	if (!play_bless(w, booted))
		return;
	w->relapses[booted]++;
	if (play_event(w, booted, EVENT_FAIL, is_system, &verdict))
		assert_int_not_equal(verdict, VERDICT_PROCEED);
	if (is_system && w->relapses[booted] > relapses_max(w))
		fail_device(w, "a slot was started again too often after its bless");
}

/* One boot. True if the device is up. */
static bool play_boot(struct world *w)
{
	int booted = w->jump >= 0 ? w->jump : loader_chooses(w);
	enum verdict verdict;

	w->boots++;
	w->boot_number++;
	w->kexeced = w->jump >= 0;
	w->jump = -1;
	if (!w->kexeced)
		w->counter[booted] = counter_next(&w->counter[booted], 1);
	if (!play_event(w, booted, EVENT_ASSESS, false, &verdict) || verdict != VERDICT_PROCEED)
		return false;
	if (w->d->fate[booted] == STAYS)
		return play_bless(w, booted);
	if (w->d->fate[booted] == ROTS)
		play_rot(w, booted);
	else if (w->d->fate[booted] == RESTARTED)
		play_restart(w, booted);
	else if (play_event(w, booted, EVENT_EMERGENCY, false, &verdict))
		assert_int_not_equal(verdict, VERDICT_PROCEED);
	return false;
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
static unsigned int boots_max(const struct world *w)
{
	unsigned int tries = (unsigned int)w->d->tries + 2,
		     refunds = (unsigned int)w->c.refund_reboots;
	unsigned int all = (N - 1) * (tries + refunds) + 3 + 2;

	if (w->d->next)
		all *= tries;
	return w->is_cut ? 3 * all : all;
}

static void start_world(const struct device *d, int cut, struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->d = d;
	w->cut = cut;
	w->oneshot = w->jump = -1;
	config_defaults(&w->c);
	w->c.tries = (unsigned long)d->tries;
	w->c.count_good = d->count_good;
	w->c.on_failure = d->next ? ON_FAILURE_NEXT : ON_FAILURE_RETRY;
	for (int i = 0; i < N; i++)
		if (d->is_armed || i == RECOVERY)
			w->counter[i] = counter_make(i == RECOVERY ? 3 : d->tries, 0);
}

#define CUTS  24
#define WAITS 3

/* False if the cut came after the end. */
static bool play_device(const struct device *d, int cut)
{
	unsigned int waits = 0;
	bool up = false;
	struct world w;

	start_world(d, cut, &w);
	while (!up && waits < WAITS) {
		up = play_boot(&w);
		if (w.boots > boots_max(&w))
			fail_device(&w, "an endless loop");
		most_boots = w.boots > most_boots ? w.boots : most_boots;
		if (!w.waited)
			continue;
		waits++;
		w.waited = false;
		w.boots = w.refunds = 0;
		memset(w.relapses, 0, sizeof(w.relapses));
	}
	if (has_rest(d) && !up)
		fail_device(&w, "a rung that stays up was never reached");
	if (has_rest(d) && waits > 0 && !w.is_cut)
		fail_device(&w, "a hold, although a rung stays up");
	return w.is_cut;
}

static void test_all_devices(void **state)
{
	(void)state;
	for (unsigned int k = 0; k < N_FATES * N_FATES * N_FATES * 16 * 4; k++) {
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
	struct world w;

	(void)state;
	start_world(&d, -1, &w);
	for (int i = 0; i < 6; i++)
		assert_false(play_boot(&w));
	assert_int_equal(w.relapses[ACTIVE], 3);
	assert_int_equal(w.relapses[PASSIVE], 3);
	assert_true(leave_is_marked(&w.counter[ACTIVE]));
	assert_true(leave_is_marked(&w.counter[PASSIVE]));
	assert_int_equal(w.record.relapses, 0);
	assert_true(play_boot(&w));
	assert_false(w.waited);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_devices),
		cmocka_unit_test(test_story),
	};

	return cmocka_run_group_tests_name("relapses", tests, NULL, NULL);
}
