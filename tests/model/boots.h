/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plays a small device to its end: a model of systemd-boot and of the fates of its entries around
 * the real decide(). After each boot the promises of bootassess(7) are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide.h"
#include "explain.h"

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

/* What it is doing. */
struct world {
	const struct device *d;
	struct config c;
	struct counter counter[N]; /* as we know them */
	struct counter name[N];	   /* as the loader sees them in file names */
	struct record record;
	int oneshot; /* -1 = none */
	int jump;    /* the rung that a kexec starts now; -1 = the firmware starts the loader */
	bool kexeced, was_refused;
	unsigned int lost; /* kexecs */
	bool pinned;
	unsigned int boots, resets;
	unsigned int wipes; /* that were begun, whatever came of them */
	bool is_mended;
	bool was_in_recovery;
	bool durable; /* something changed for good in this boot */
	bool waited;
	int boot_number; /* stands for the boot id */
	bool cut_happened;
	bool failed_check[N];	 /* since the last bless: what the history says */
	bool seen, was_recovery; /* a shared fault was, and recovery was entered for it */
	int cut;		 /* the power goes after so many more operations; below 0: never */
};

static const char *const ids[N] = {"active.conf", "passive.conf", "recovery.conf", "reset.conf"};
static unsigned int most_boots, most_resets, n_devices, n_decisions, n_cuts, n_kexecs, n_wipes;

/* What becomes of it now. */
static enum fate fate_of(const struct world *w, int rung)
{
	enum fate fate = w->d->fate[rung];

	return w->is_mended && rung <= PASSIVE && fate == NO_ROOT ? HEALTHY : fate;
}

/* systemd-boot before 260: one-shot, then the pin even if it is bad, then the first that is not
 * bad, then the first. */
static int loader_chooses(struct world *w)
{
	int first = -1, chosen = w->oneshot;

	w->oneshot = -1;
	if (chosen >= 0 && w->d->loader_oneshots)
		return chosen;
	if (w->pinned && w->d->fate[ACTIVE] != ABSENT)
		return ACTIVE;
	for (int i = 0; i < N; i++) {
		if (w->d->fate[i] == ABSENT)
			continue;
		if (first < 0)
			first = i;
		if (!w->name[i].present || w->name[i].left > 0)
			return i;
	}
	return first;
}

static void fill_facts(const struct world *w, int booted, enum event event, bool counted,
		       struct facts *f)
{
	static const enum role roles[N] = {ROLE_SYSTEM, ROLE_SYSTEM, ROLE_RECOVERY, ROLE_RESET};

	memset(f, 0, sizeof(*f));
	f->event = event;
	f->kexeced = w->kexeced;
	f->against = w->d->kexec == UNFIT ? AGAINST_SUPPORT : 0;
	if (w->kexeced)
		f->against |= AGAINST_HOPS;
	if (w->d->no_loader)
		f->unfit = METHOD_FIRMWARE | METHOD_ORDER;
	f->kernel = 1;
	f->record = w->record;
	(void)snprintf(f->boot_id, sizeof(f->boot_id), "%d", w->boot_number);
	for (int i = 0; i < N; i++) {
		struct rung *r = &f->ladder.rung[i];

		r->role = roles[i];
		r->missing = w->d->fate[i] == ABSENT;
		/* no pattern asks for it: like a Reset= entry that is not there */
		if (r->missing && w->d->wipe != NO_WIPE && !w->d->unseen)
			r->role = ROLE_RESET;
		r->counter = w->counter[i];
		memcpy(r->id, ids[i], strlen(ids[i]) + 1);
	}
	f->ladder.n = N;
	f->booted.known = true;
	f->booted.rung = booted;
	memcpy(f->booted.id, ids[booted], strlen(ids[booted]) + 1);
	f->booted.counted = counted;
	f->unsure = w->d->unsure;
	f->shared_fault = w->failed_check[ACTIVE] && w->failed_check[PASSIVE];
	f->shared_recovery = w->was_recovery;
}

/* As act() does it, and what act() notes when it cannot. Returns false if decide() must be asked
 * again. */
static bool play_op(struct world *w, struct facts *f, const struct plan *p, const struct op *op)
{
	switch (op->type) {
	case OP_RECORD:
	case OP_RESTATE:
		f->record_unwritable = w->d->read_only;
		if (f->record_unwritable)
			return false;
		w->record = op->type == OP_RECORD ? p->record : f->record;
		if (op->type == OP_RECORD || w->record.state != op->record_state)
			memcpy(w->record.boot_id, f->boot_id, sizeof(f->boot_id));
		w->record.kexec_lost = p->record.kexec_lost;
		w->record.kexec_losses = p->record.kexec_losses;
		if (op->type == OP_RECORD && op->record_state == RECORD_OPEN &&
		    p->record.method == METHOD_KEXEC)
			w->record.kexec_lost = false;
		f->record.txn = w->record.txn;
		f->record.resets = w->record.resets;
		f->opened = op->type == OP_RECORD && op->record_state == RECORD_OPEN;
		w->record.state = (uint8_t)op->record_state;
		w->durable = true;
		return true;
	case OP_COUNT:
	case OP_ARM:
	case OP_MARK:
	case OP_CHARGE:
	case OP_REFUND:
		if (w->d->read_only) {
			f->counter_unwritable = true;
			return false;
		}
		f->charge.made = op->type == OP_CHARGE;
		f->charge.rung = op->rung;
		f->charge.was = f->ladder.rung[op->rung].counter;
		w->counter[op->rung] = f->ladder.rung[op->rung].counter = op->to;
		if (!w->d->frozen)
			w->name[op->rung] = op->to;
		f->booted.counted_here |= op->type == OP_COUNT;
		w->durable = true;
		return true;
	case OP_KEXEC:
		n_kexecs++;
		if (w->d->kexec == REFUSED || (w->d->kexec == REFUSED_ONCE && !w->was_refused)) {
			w->was_refused = true;
			f->against |= AGAINST_LOAD;
			return false;
		}
		if (w->d->kexec == WORKS || w->d->kexec == REFUSED_ONCE)
			w->jump = op->rung;
		w->lost += w->d->kexec == LOST || w->d->fate[op->rung] == DEAD;
		return true;
	case OP_ONESHOT:
		if (w->d->oneshot_fails || w->d->read_only) {
			f->unfit |= METHOD_FIRMWARE;
			return false;
		}
		w->oneshot = op->rung;
		return true;
	case OP_UNPIN:
		w->pinned = false;
		return true;
	case OP_WIPE:
		w->wipes++;
		n_wipes++;
		f->reset_refused = w->d->wipe == WIPE_REFUSED;
		w->is_mended |= w->d->wipe == WIPE_MENDS;
		return !f->reset_refused;
	case OP_WAIT:
		w->waited = true;
		return true;
	default:
		return true;
	}
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
static const struct counter *target_counter(const struct world *w, const struct plan *p)
{
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == OP_REFUND && p->op[i].rung == p->target)
			return &p->op[i].to;
	return &w->counter[p->target];
}

/* A shared fault ends in recovery, once, or in a hold; or, where nothing can be remembered, in a
 * boot. The data is not wiped for it, whatever recovery does. */
static void check_shared(const struct world *w, const struct facts *f, const struct plan *p)
{
	bool is_recovery = p->verdict == VERDICT_SWITCH && p->target == RECOVERY;

	if (w->seen && w->boots <= SHARED_BOOTS && !w->cut_happened && p->target == RESET)
		fail_device(w->d, "a reset for a shared fault");
	if (p->reason != REASON_SHARED_FAULT)
		return;
	assert_true(f->shared_fault && f->event == EVENT_FAIL);
	if (p->verdict != VERDICT_HOLD && !(is_recovery && !w->was_recovery) &&
	    !(p->verdict == VERDICT_RETRY && f->record_unwritable))
		fail_device(w->d, "a shared fault without a hold");
}

/* A wipe is the last of all, of an assess event, and counted before it starts. */
static void check_wipe(const struct world *w, const struct facts *f, const struct plan *p)
{
	bool is_counted = false, is_planned = false;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		is_counted |=
			p->op[i].type == OP_RECORD && p->record.resets == w->record.resets + 1;
		if (p->op[i].type != OP_WIPE)
			continue;
		is_planned = true;
		if (!is_counted)
			fail_device(w->d, "a wipe that nobody counted");
	}
	assert_int_equal(is_planned, p->verdict == VERDICT_RESET);
	if (!is_planned)
		return;
	if (f->reset_refused)
		fail_device(w->d, "a wipe again in the same boot");
	if (f->event != EVENT_ASSESS || f->unsure || f->person || w->d->wipe == NO_WIPE)
		fail_device(w->d, "a wipe in the wrong place");
	for (int i = 0; i < N; i++)
		if (!f->ladder.rung[i].missing && i != f->booted.rung &&
		    (!w->counter[i].present || w->counter[i].left > 0))
			fail_device(w->d, "a wipe, although another rung is left");
	if (w->d->fate[RECOVERY] == NO_ROOT && w->d->start[RECOVERY] == ARMED &&
	    !w->was_in_recovery)
		fail_device(w->d, "a wipe before recovery");
}

static void check_plan(const struct world *w, const struct facts *f, const struct plan *p)
{
	enum op_type last = p->n_ops > 0 ? p->op[p->n_ops - 1].type : OP_WAIT;
	bool leaves =
		last == OP_REBOOT || last == OP_POWEROFF || last == OP_HALT || last == OP_KEXEC;

	const struct counter *target;

	check_shared(w, f, p);
	check_wipe(w, f, p);
	assert_true(p->n_ops < PLAN_OPS_MAX);
	assert_int_equal(leaves, p->verdict != VERDICT_PROCEED);
	/* one kexec for each boot of the firmware, and none after one that was lost */
	if (p->method == METHOD_KEXEC && (w->kexeced || w->lost > (w->cut_happened ? 1 : 0)))
		fail_device(w->d, "a kexec too many");
	if (p->target < 0 || p->verdict != VERDICT_SWITCH)
		return;
	target = target_counter(w, p);
	/* an exhausted rung is never chosen while another can boot, nor a missing one */
	assert_false(f->ladder.rung[p->target].missing);
	assert_int_not_equal(p->target, f->booted.rung);
	assert_true(!target->present || target->left > 0);
	/* reset only when nothing else is left */
	for (int i = 0; p->target == RESET && i < RESET; i++)
		if (!f->ladder.rung[i].missing && i != f->booted.rung &&
		    (!w->counter[i].present || w->counter[i].left > 0))
			fail_device(w->d, "reset, although another rung is left");
}

/* One run of bootassess-initrd. */
static enum verdict play_run(struct world *w, int booted, enum event event, bool counted,
			     bool *counted_here)
{
	struct facts f;
	struct plan p;
	unsigned int i;

	fill_facts(w, booted, event, counted, &f);
	f.booted.counted_here = *counted_here;
	for (int again = 0; again < 8; again++) {
		decide(&f, &w->c, &p);
		n_decisions++;
		check_plan(w, &f, &p);
		for (i = 0; i < p.n_ops && play_op(w, &f, &p, &p.op[i]); i++)
			if (w->cut-- == 0) {
				w->durable = true; /* it is nobody's restart */
				w->jump = -1;
				w->cut_happened = true;
				return VERDICT_RETRY;
			}
		*counted_here = f.booted.counted_here;
		if (i < p.n_ops)
			continue;
		w->seen |= p.reason == REASON_SHARED_FAULT;
		w->was_recovery |= p.reason == REASON_SHARED_FAULT && p.target == RECOVERY;
		return p.verdict;
	}
	fail_msg("decide() never came to a plan that can be carried out");
	return VERDICT_PROCEED;
}

static bool does_loader_count(const struct device *d)
{
	return d->loader_counts && !d->frozen && !d->read_only;
}

/* It came up, but its network did not. True if that is no matter. */
static bool play_check(struct world *w, int booted, bool counted, bool *counted_here)
{
	if (!w->d->shared || w->boots > SHARED_BOOTS || booted == RESET)
		return true;
	if (booted == RECOVERY) /* it cannot help, and starts the machine again */
		return false;
	w->failed_check[booted] = true;
	assert_int_not_equal(play_run(w, booted, EVENT_FAIL, counted, counted_here),
			     VERDICT_PROCEED);
	if (!w->durable && !w->waited)
		fail_device(w->d, "a restart changed nothing");
	return false;
}

/* One boot. True if the device is up, or stays for ever where it is. */
static bool play_boot(struct world *w)
{
	int booted = w->jump >= 0 ? w->jump : loader_chooses(w);
	bool counted = false, counted_here = false;
	enum verdict v;

	w->boots++;
	w->boot_number++;
	w->was_in_recovery |= booted == RECOVERY;
	w->durable = w->waited = false;
	w->kexeced = w->jump >= 0;
	w->jump = -1;
	if (w->kexeced)
		counted = !counter_is_same(&w->counter[booted], &w->record.target_counter);
	else if (w->name[booted].present && does_loader_count(w->d)) {
		w->counter[booted] = w->name[booted] = counter_next(&w->name[booted], 1);
		counted = w->durable = true;
	}
	if (fate_of(w, booted) == DEAD)
		return false;
	v = play_run(w, booted, EVENT_ASSESS, counted, &counted_here);
	/* Resetting begins after the initramfs: only what may go on destroys anything. */
	w->resets += booted == RESET && v == VERDICT_PROCEED;
	if (v == VERDICT_PROCEED && fate_of(w, booted) == HEALTHY)
		return play_check(w, booted, counted, &counted_here);
	if (v == VERDICT_PROCEED && fate_of(w, booted) == HANGS)
		return false;
	if (v == VERDICT_PROCEED)
		v = play_run(w, booted, EVENT_EMERGENCY, counted, &counted_here);
	assert_int_not_equal(v, VERDICT_PROCEED); /* an emergency is never just watched */
	/* a restart without a change that lasts, and without a wait, would be a loop */
	if (!w->durable && !w->waited)
		fail_device(w->d, "a restart changed nothing");
	return false;
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

static void start_world(const struct device *d, int cut, struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->d = d;
	w->cut = cut;
	w->oneshot = w->jump = -1;
	w->pinned = d->pinned;
	config_defaults(&w->c);
	memcpy(w->c.reset, "reset", sizeof("reset"));
	w->c.on_failure = d->on_failure;
	w->c.hold = d->stays ? HOLD_STAY : HOLD_RETRY;
	if (d->wipe != NO_WIPE) {
		w->c.reset_method = RESET_WIPE;
		memcpy(w->c.reset_wipe, "data", sizeof("data"));
	}
	w->c.tries = d->shared ? 1 : 3; /* so that all of them may be used up when it shows */
	for (int i = 0; i < N; i++) {
		int tries = i == RESET ? 2 : d->shared && i != RECOVERY ? 1 : 3;

		if (d->start[i] == ARMED)
			w->counter[i] = counter_make(tries, 0);
		else if (d->start[i] == SPENT)
			w->counter[i] = counter_make(0, tries + 1);
		w->name[i] = w->counter[i];
	}
}

/* A device that is out of reach is watched for a while: it must not be made worse. */
#define CUTS		   6
#define BOOTS_MAX	   64
#define BOOTS_OUT_OF_REACH 12

static void play_device(const struct device *d, int cut, struct world *w)
{
	/* A cut in the last try of all leaves nothing but exhausted entries: see is_in_reach(). */
	bool up = false, in_reach = is_in_reach(d) && (cut < 0 || d->fate[ACTIVE] != DEAD);

	start_world(d, cut, w);
	n_devices += cut < 0;
	n_cuts += cut >= 0;
	while (!up && w->boots < (in_reach ? BOOTS_MAX : BOOTS_OUT_OF_REACH))
		up = play_boot(w);
	if (w->wipes > w->c.reset_tries)
		fail_device(d, "too many wipes");
	if (!in_reach)
		return;
	if (has_healthy(d) && !up && !(d->stays && !will_mend(d)))
		fail_device(d, "a healthy rung was never reached");
	if (w->resets > w->c.reset_tries)
		fail_device(d, "too many resets");
	if (!up || d->shared)
		return;
	if (w->boots > most_boots)
		most_boots = w->boots;
	if (w->resets > most_resets)
		most_resets = w->resets;
}
