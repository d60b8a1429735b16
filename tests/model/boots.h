/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plays a small device to its end: systemd-boot (core/world.h) and the fates of its entries. With
 * each plan, and after each boot, the promises of bootassess(7) are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

enum { ACTIVE, PASSIVE, RECOVERY, RESET, N };

enum fate {
	HEALTHY, /* comes up */
	NO_ROOT, /* the initramfs runs, the root file system does not come: an emergency event */
	HANGS,	 /* after the initramfs: a watchdog resets the machine, no event */
	DEAD,	 /* before the initramfs */
	ABSENT,	 /* there is no such entry */
	N_FATES,
};

enum kexec {
	UNFIT,	      /* the machine cannot, or may not */
	WORKS,	      /* it arrives, unless the target is dead */
	REFUSED,      /* by the kernel, when it is to load */
	LOST,	      /* the machine hangs, and its watchdog resets it */
	REFUSED_ONCE, /* then it works */
	N_KEXECS,
};

/* ResetMethod=wipe */
enum wipe {
	NO_WIPE,      /* it is not configured */
	WIPE_MENDS,   /* it mends the system slots that run the initramfs */
	WIPE_IDLE,    /* it is carried out, and mends nothing */
	WIPE_REFUSED, /* it would hit the wrong partition, or its hook fails */
};

#define SHARED_BOOTS 14

enum start { GOOD, ARMED, SPENT, N_STARTS };

/* What a device is like; everything that is enumerated. */
struct device {
	enum fate fate[N];
	enum start start[N];
	bool pinned;	      /* loader.conf: default active* */
	bool loader_counts;   /* else the second witness has to */
	bool loader_oneshots; /* else a one-shot is deleted unheard */
	bool oneshot_fails;   /* the variable cannot be written */
	bool no_loader;	      /* that we know: it starts ACTIVE, and only a kexec leaves */
	bool frozen;	      /* file names cannot be changed, variables can */
	bool read_only;	      /* neither */
	enum on_failure on_failure;
	enum kexec kexec;
	enum wipe wipe;
	bool stays;  /* Hold=stay */
	bool unsure; /* some entry cannot be judged */
	bool unseen; /* an entry that is absent should be there: its pattern is configured */
	bool shared; /* F11: the first SHARED_BOOTS a check fails on each system rung that comes up
		      */
};

/* A device on its way to its end. */
struct trip {
	const struct device *d;
	struct world_device *model; /* the same device, for world_boot() */
	struct world w;
	struct world_fate fate; /* of all boots, but for what becomes of the rung */
	unsigned int resets;
	unsigned int wipes; /* that were begun, whatever came of them */
	bool is_mended;
	bool was_in_recovery;
	bool cut_happened;
	bool seen; /* a shared fault was */
	bool has_cut;
	unsigned int cut; /* has_cut: the power goes after so many more operations */
	/* in this boot */
	bool was_refused; /* a wipe */
	bool has_kexec;	  /* one was planned */
};

static const char *const ids[N] = {"active.conf", "passive.conf", "recovery.conf", "reset.conf"};
static unsigned int most_boots, most_resets, n_devices, n_decisions, n_cuts, n_kexecs, n_wipes;

/* What becomes of it now. */
static enum fate fate_of(const struct trip *t, int rung)
{
	enum fate fate = t->d->fate[rung];

	return t->is_mended && rung <= PASSIVE && fate == NO_ROOT ? HEALTHY : fate;
}

static void fail_device(const struct device *d, const char *what)
{
	fail_msg("%s: fates %d%d%d%d starts %d%d%d%d pinned %d counts %d oneshots %d fails %d "
		 "frozen %d read-only %d on-failure %d kexec %d shared %d wipe %d stays %d unsure "
		 "%d unseen %d",
		 what, d->fate[0], d->fate[1], d->fate[2], d->fate[3], d->start[0], d->start[1],
		 d->start[2], d->start[3], d->pinned, d->loader_counts, d->loader_oneshots,
		 d->oneshot_fails, d->frozen, d->read_only, d->on_failure, d->kexec, d->shared,
		 d->wipe, d->stays, d->unsure, d->unseen);
}

/* As it stands when the plan leaves for it. */
static const struct counter *target_counter(const struct facts *f, const struct plan *p)
{
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == OP_REFUND && p->op[i].rung == p->target)
			return &p->op[i].to;
	return &f->ladder.rung[p->target].counter;
}

/* Another rung than the booted one may boot, by its counter. */
static bool is_left(const struct facts *f, int i)
{
	const struct rung *r = &f->ladder.rung[i];

	return !r->missing && i != f->booted.rung && (!r->counter.present || r->counter.left > 0);
}

/* A shared fault ends in recovery, once, or in a hold; or, where nothing can be remembered, in a
 * boot. The data is not wiped for it, whatever recovery does. */
static void check_shared(const struct trip *t, const struct facts *f, const struct plan *p)
{
	bool is_recovery = p->verdict == VERDICT_SWITCH && p->target == RECOVERY;

	if (t->seen && t->w.boots <= SHARED_BOOTS && !t->cut_happened && p->target == RESET)
		fail_device(t->d, "a reset for a shared fault");
	if (p->reason != REASON_SHARED_FAULT)
		return;
	assert_true(f->shared_fault && f->event == EVENT_FAIL);
	if (p->verdict != VERDICT_HOLD && !(is_recovery && !f->shared_recovery) &&
	    !(p->verdict == VERDICT_RETRY && f->record_unwritable))
		fail_device(t->d, "a shared fault without a hold");
}

/* A wipe is the last of all, of an assess event, and counted before it starts. */
static void check_wipe(const struct trip *t, const struct facts *f, const struct plan *p)
{
	bool is_counted = false, is_planned = false;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		is_counted |=
			p->op[i].type == OP_RECORD && p->record.resets == t->w.record.resets + 1;
		if (p->op[i].type != OP_WIPE)
			continue;
		is_planned = true;
		if (!is_counted)
			fail_device(t->d, "a wipe that nobody counted");
	}
	assert_int_equal(is_planned, p->verdict == VERDICT_RESET);
	if (!is_planned)
		return;
	if (f->reset_refused)
		fail_device(t->d, "a wipe again in the same boot");
	if (f->event != EVENT_ASSESS || f->unsure || f->person || t->d->wipe == NO_WIPE)
		fail_device(t->d, "a wipe in the wrong place");
	for (int i = 0; i < N; i++)
		if (is_left(f, i))
			fail_device(t->d, "a wipe, although another rung is left");
	if (t->d->fate[RECOVERY] == NO_ROOT && t->d->start[RECOVERY] == ARMED &&
	    !t->was_in_recovery)
		fail_device(t->d, "a wipe before recovery");
}

/* Each plan, before it is carried out. */
static void check_plan(void *data, const struct facts *f, const struct plan *p)
{
	enum op_type last = p->n_ops > 0 ? p->op[p->n_ops - 1].type : OP_WAIT;
	bool leaves =
		last == OP_REBOOT || last == OP_POWEROFF || last == OP_HALT || last == OP_KEXEC;
	const struct counter *target;
	struct trip *t = data;

	n_decisions++;
	t->was_refused |= f->reset_refused;
	check_shared(t, f, p);
	check_wipe(t, f, p);
	assert_true(p->n_ops < PLAN_OPS_MAX);
	assert_int_equal(leaves, p->verdict != VERDICT_PROCEED);
	/* one kexec for each boot of the firmware, and none after one that was lost */
	if (p->method == METHOD_KEXEC &&
	    (f->kexeced || t->w.kexec_losses > (t->cut_happened ? 1 : 0)))
		fail_device(t->d, "a kexec too many");
	t->has_kexec |= p->method == METHOD_KEXEC;
	if (p->target < 0 || p->verdict != VERDICT_SWITCH)
		return;
	target = target_counter(f, p);
	/* an exhausted rung is never chosen while another can boot, nor a missing one */
	assert_false(f->ladder.rung[p->target].missing);
	assert_int_not_equal(p->target, f->booted.rung);
	assert_true(!target->present || target->left > 0);
	/* reset only when nothing else is left */
	for (int i = 0; p->target == RESET && i < RESET; i++)
		if (is_left(f, i))
			fail_device(t->d, "reset, although another rung is left");
}

static bool does_loader_count(const struct device *d)
{
	return d->loader_counts && !d->frozen && !d->read_only;
}

/* It comes up, but its network does not. */
static bool has_shared_fault(const struct trip *t, int rung)
{
	return t->d->shared && t->w.boots < SHARED_BOOTS && rung != RESET;
}

/* One that comes up is not blessed here: that would hide what the counters were. Recovery cannot
 * help with a shared fault, and starts the machine again. */
static enum outcome outcome_of(const struct trip *t, int rung)
{
	switch (fate_of(t, rung)) {
	case DEAD:
		return OUTCOME_PANIC;
	case NO_ROOT:
		return OUTCOME_NO_ROOT;
	case HEALTHY:
		if (has_shared_fault(t, rung) && rung != RECOVERY)
			return OUTCOME_FAIL;
		return OUTCOME_HANG;
	default:
		return OUTCOME_HANG;
	}
}

static void take_stock(struct trip *t, const struct world_boot *b)
{
	const struct plan *last = b->n_runs > 0 ? &b->run[b->n_runs - 1].plan : NULL;
	bool is_cut = b->end == END_CUT;

	t->has_cut &= b->end != END_CUT;
	t->cut -= b->n_ops;
	t->cut_happened |= is_cut;
	t->was_in_recovery |= b->rung == RECOVERY;
	n_kexecs += t->has_kexec;
	if (t->d->kexec == REFUSED_ONCE && t->has_kexec)
		t->fate.kexec_refused = false;
	if (!last)
		return;
	/* Resetting begins after the initramfs: only what may go on destroys anything. */
	t->resets += b->rung == RESET && b->run[0].plan.verdict == VERDICT_PROCEED &&
		     !(is_cut && b->n_runs == 1);
	t->wipes += t->was_refused || (last->verdict == VERDICT_RESET && b->has_reset);
	t->is_mended |= t->wipes > 0 && t->d->wipe == WIPE_MENDS;
	t->seen |= last->reason == REASON_SHARED_FAULT && !is_cut;
}

/* One boot. True if the device is up, or stays for ever where it is. */
static bool play_boot(struct trip *t)
{
	int rung = world_next(t->model, &t->w);
	bool is_up = fate_of(t, rung) == HEALTHY && !has_shared_fault(t, rung);
	struct world_boot b;
	enum verdict v;

	t->fate.outcome = outcome_of(t, rung);
	t->fate.has_cut = t->has_cut;
	t->fate.cut = t->cut;
	t->was_refused = t->has_kexec = false;
	world_boot(t->model, &t->w, &t->fate, &b);
	/* nor is an emergency ever just watched */
	if (b.end == END_LOOP)
		fail_device(t->d, "decide() never came to a plan that can be carried out");
	take_stock(t, &b);
	if (b.n_runs == 0)
		return false;
	v = b.run[b.n_runs - 1].plan.verdict;
	/* a restart without a change that lasts, and without a wait, would be a loop */
	if (v != VERDICT_PROCEED && !b.has_changed && b.wait_s == 0)
		fail_device(t->d, "a restart changed nothing");
	return is_up && v == VERDICT_PROCEED && b.end != END_CUT;
}

/* Does everything but ACTIVE that is run at all run our program, and end in an event or in health?
 */
static bool ends_in_us(const struct device *d)
{
	bool any = false;

	for (int i = PASSIVE; i < N; i++) {
		if (d->fate[i] == HANGS || d->fate[i] == DEAD)
			return false;
		any |= d->start[i] != SPENT && (d->fate[i] == HEALTHY || d->fate[i] == NO_ROOT);
	}
	return any;
}

static bool has_fate(const struct device *d, enum fate fate)
{
	for (int i = 0; i < N; i++)
		if (d->fate[i] == fate)
			return true;
	return false;
}

static bool has_good_fate(const struct device *d, enum fate fate)
{
	for (int i = 0; i < N; i++)
		if (d->fate[i] == fate && d->start[i] == GOOD)
			return true;
	return false;
}

/* Can our program do anything about this device? What follows is out of reach of every initramfs,
 * on systemd-boot before 260 (bootassess(7), "What cannot be helped"). */
static bool is_in_reach(const struct device *d)
{
	if (d->read_only)
		return false;
	if (d->no_loader)
		return (d->kexec == WORKS || d->kexec == REFUSED_ONCE) && !has_fate(d, DEAD) &&
		       !has_good_fate(d, HANGS);
	if (!d->loader_oneshots && !d->loader_counts)
		return false; /* no systemd-boot at all */
	if (d->frozen && (!d->loader_oneshots || d->oneshot_fails))
		return false; /* nothing that we can write is heard by the loader */
	/* The loader insists on a kernel that never gets as far as the initramfs: it is pinned, or
	 * the first of nothing but exhausted ones. */
	if (d->fate[ACTIVE] == DEAD && (d->pinned || !ends_in_us(d)))
		return false;
	for (int i = 0; i < N; i++) {
		/* Without a counter nobody sees that it never comes up. */
		if (d->fate[i] == DEAD && (d->start[i] == GOOD || !does_loader_count(d)))
			return false;
		/* CountGood=yes would help. */
		if (d->fate[i] == HANGS && d->start[i] == GOOD)
			return false;
	}
	return true;
}

/* An entry that should be there is not to be seen. */
static bool is_unseen(const struct device *d)
{
	return d->unseen && (d->fate[PASSIVE] == ABSENT || d->fate[RECOVERY] == ABSENT);
}

/* Hold=stay waits in recovery for somebody, whatever that is like; a wipe comes before. */
static bool will_mend(const struct device *d)
{
	return d->wipe == WIPE_MENDS && !d->unsure && !is_unseen(d) &&
	       (d->fate[ACTIVE] == NO_ROOT || d->fate[PASSIVE] == NO_ROOT);
}

/* A spent reset is never armed again by us: it has done what it can. */
static bool has_healthy(const struct device *d)
{
	for (int i = 0; i < N; i++) {
		if (d->fate[i] == HEALTHY && (i != RESET || d->start[i] != SPENT))
			return true;
	}
	return will_mend(d);
}

/* What no device changes. */
static void make_model(struct world_device *m)
{
	static const enum role roles[N] = {ROLE_SYSTEM, ROLE_SYSTEM, ROLE_RECOVERY, ROLE_RESET};

	memset(m, 0, sizeof(*m));
	config_defaults(&m->config);
	memcpy(m->config.reset, "reset", sizeof("reset"));
	m->clears_oneshot = true;
	m->watch = check_plan;
	m->ladder.n = N;
	for (int i = 0; i < N; i++) {
		struct rung *r = &m->ladder.rung[i];

		r->role = roles[i];
		r->type = 1;
		r->sort_key[0] = (char)('a' + i);
		memcpy(r->id, ids[i], strlen(ids[i]) + 1);
	}
}

static void start_config(const struct device *d, struct config *c)
{
	c->on_failure = d->on_failure;
	c->hold = d->stays ? HOLD_STAY : HOLD_RETRY;
	c->reset_method = d->wipe != NO_WIPE ? RESET_WIPE : RESET_ENTRY;
	memcpy(c->reset_wipe, "data", sizeof("data"));
	c->tries = d->shared ? 1 : 3; /* so that all of them may be used up when it shows */
}

static void start_rung(const struct device *d, int i, struct rung *r)
{
	int tries = i == RESET ? 2 : d->shared && i != RECOVERY ? 1 : 3;

	r->counter = (struct counter){0};
	if (d->start[i] == ARMED)
		r->counter = counter_make(tries, 0);
	else if (d->start[i] == SPENT)
		r->counter = counter_make(0, tries + 1);
	r->missing = d->fate[i] == ABSENT;
	if (i != PASSIVE && i != RECOVERY)
		return;
	r->role = i == PASSIVE ? ROLE_SYSTEM : ROLE_RECOVERY;
	/* no pattern asks for it: like a Reset= entry that is not there */
	if (r->missing && d->wipe != NO_WIPE && !d->unseen)
		r->role = ROLE_RESET;
}

static void start_model(const struct device *d, struct world_device *m)
{
	if (m->ladder.n == 0)
		make_model(m);
	start_config(d, &m->config);
	for (int i = 0; i < N; i++)
		start_rung(d, i, &m->ladder.rung[i]);
	m->settings.loader = d->no_loader ? LOADER_NONE : LOADER_SDBOOT;
	m->settings.known = !d->no_loader;
	memset(m->settings.value[SETTING_DEFAULT_FILE], 0, sizeof("active*"));
	if (d->pinned)
		memcpy(m->settings.value[SETTING_DEFAULT_FILE], "active*", sizeof("active*"));
	m->counts = d->loader_counts;
	m->unfit = d->no_loader ? METHOD_FIRMWARE | METHOD_ORDER : 0;
	m->against = d->kexec == UNFIT ? AGAINST_SUPPORT : 0;
	m->unsure = d->unsure;
}

static void start_trip(const struct device *d, int cut, struct trip *t)
{
	static struct world_device model;

	memset(t, 0, sizeof(*t));
	start_model(d, &model);
	model.watch_data = t;
	t->d = d;
	t->model = &model;
	t->has_cut = cut >= 0;
	t->cut = (unsigned int)cut + 1;
	t->fate = (struct world_fate){
		.kexec_refused = d->kexec == REFUSED || d->kexec == REFUSED_ONCE,
		.kexec_lost = d->kexec == LOST,
		.unwritable = d->read_only,
		.names_fixed = d->frozen,
		.oneshot_lost = !d->loader_oneshots,
		.oneshot_fails = d->oneshot_fails,
		.wipe_refused = d->wipe == WIPE_REFUSED,
	};
	world_start(t->model, NULL, -1, &t->w);
}

/* A device that is out of reach is watched for a while: it must not be made worse. */
#define CUTS		   6
#define BOOTS_MAX	   64
#define BOOTS_OUT_OF_REACH 12

static void play_device(const struct device *d, int cut, struct trip *t)
{
	/* A cut in the last try of all leaves nothing but exhausted entries: see is_in_reach(). */
	bool up = false, in_reach = is_in_reach(d) && (cut < 0 || d->fate[ACTIVE] != DEAD);

	start_trip(d, cut, t);
	n_devices += cut < 0;
	n_cuts += cut >= 0;
	while (!up && t->w.boots < (in_reach ? BOOTS_MAX : BOOTS_OUT_OF_REACH))
		up = play_boot(t);
	n_wipes += t->wipes;
	if (t->wipes > t->model->config.reset_tries)
		fail_device(d, "too many wipes");
	if (!in_reach)
		return;
	if (has_healthy(d) && !up && !(d->stays && !will_mend(d)))
		fail_device(d, "a healthy rung was never reached");
	/* one that a power cut ended is begun once more, where reset was good */
	if (t->resets > t->model->config.reset_tries + t->cut_happened)
		fail_device(d, "too many resets");
	if (!up || d->shared)
		return;
	if (t->w.boots > most_boots)
		most_boots = t->w.boots;
	if (t->resets > most_resets)
		most_resets = t->resets;
}
