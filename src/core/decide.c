// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "decide.h"
#include "hold.h"
#include "leave.h"
#include "planned.h"
#include "relapse.h"
#include "reset.h"
#include "standing.h"

/* The table is in ARCHITECTURE.md; the numbers of its rows stand in the comments. */

static bool has_ladder(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (!f->ladder.rung[i].missing)
			return true;
	return false;
}

/* The booted entry's own file decides about everything; without it, or where the ESP and XBOOTLDR
 * show different ones, its counter is as good as unknown. */
static bool is_booted_readable(const struct rung *r)
{
	return !r->missing && !(r->ambiguous && (r->twin_plain || r->twin_counted));
}

/* The record's switch never came to its end: another boot wrote it, and this is not its target. */
static bool is_lost(const struct facts *f)
{
	return f->record.state == RECORD_OPEN && !standing_is_of_this_boot(f) &&
	       !counter_same_id(f->record.target, f->booted.id);
}

/* This boot is the one that the kexec on record was for. */
static bool is_kexec_arrival(const struct facts *f)
{
	return f->kexeced && counter_same_id(f->record.target, f->booted.id);
}

/* A kexec was begun, and this is not where it leads. */
static bool is_kexec_left(const struct facts *f)
{
	return f->record.state == RECORD_OPEN && f->record.method == METHOD_KEXEC &&
	       !is_kexec_arrival(f);
}

/* We left by kexec, and the next kernel that we know of came from the firmware. */
static bool is_kexec_lost(const struct facts *f)
{
	return is_kexec_left(f) && !standing_is_of_this_boot(f);
}

static void plan_restate(struct plan *p, enum record_state state)
{
	plan_add(p, (struct op){.type = OP_RESTATE, .record_state = state});
}

/* What an arrival, or a boot after one, says about the record. */
static void keep_books(const struct facts *f, struct plan *p)
{
	bool has_arrived = counter_same_id(f->record.target, f->booted.id);

	if (f->record_unwritable)
		return;
	if (f->record.state == RECORD_OPEN && has_arrived)
		plan_restate(p, RECORD_ARRIVED);
	else if (is_kexec_lost(f) && !f->record.kexec_lost)
		plan_restate(p, RECORD_OPEN);
	else if (f->record.state == RECORD_ARRIVED && !f->kexeced && !standing_is_of_this_boot(f))
		plan_restate(p, RECORD_CLOSED);
}

/* The charge of a kexec that came to nothing is taken back: by this run, or, as the record tells,
 * of one that was killed, or of an earlier boot. The latter only once: the record says from now on
 * that this kexec was lost. */
static bool find_refund(const struct facts *f, struct op *ret)
{
	bool is_old = is_kexec_left(f) && !f->record.kexec_lost && !f->record_unwritable;
	int target = f->charge.made ? f->charge.rung : ladder_find(&f->ladder, f->record.target);
	const struct counter *was;
	unsigned int since = 0;

	if (f->charge.stuck || target < 0 || !(f->charge.made || is_old))
		return false;
	if (f->ladder.rung[target].ambiguous) /* which of the two was charged? */
		return false;
	was = f->charge.made ? &f->charge.was : &f->record.target_counter;
	/* The loader has counted this boot as well. */
	if (!f->charge.made && !standing_is_of_this_boot(f) && target == f->booted.rung &&
	    f->booted.counted)
		since = 1;
	if (!counter_is_next(was, 1 + since, &f->ladder.rung[target].counter))
		return false;
	*ret = (struct op){.type = OP_REFUND,
			   .rung = target,
			   .to = since > 0 ? counter_next(was, since) : *was};
	return true;
}

/* The second witness: a boot that nobody counted is counted here. */
static void count_boot(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *r = standing_booted(f);
	const struct counter *now = &r->counter;

	p->counter = *now;
	if (f->reset_refused) /* COUNTER_RETURN_DONE: the try that it got is none in this boot */
		p->counter = counter_bad();
	if (!now->present || f->booted.counted || f->booted.counted_here)
		return;
	if (ladder_is_exhausted(c, r, now) || r->ambiguous || f->counter_unwritable)
		return;
	p->counter = counter_next(now, 1 + r->next_taken);
	plan_add(p, (struct op){.type = OP_COUNT, .rung = f->booted.rung, .to = p->counter});
}

/* A restart; the loader chooses again. A person may break in where nothing durable changed. */
static void plan_retry(struct plan *p, enum reason reason, unsigned long wait_s)
{
	plan_verdict(p, VERDICT_RETRY, reason);
	p->method = METHOD_FIRMWARE;
	if (wait_s > 0)
		plan_add(p, (struct op){.type = OP_WAIT, .seconds = wait_s});
	plan_add(p, (struct op){.type = OP_REBOOT});
}

/* Nothing can be changed by us: this boot goes on if it can, else the machine starts again. */
static void stay(const struct facts *f, struct plan *p, enum reason reason, unsigned long wait_s)
{
	if (f->event == EVENT_ASSESS)
		plan_verdict(p, VERDICT_PROCEED, reason);
	else
		plan_retry(p, reason, wait_s);
}

/* Reset destroys data: it is no target while anything else may boot, or might if it could be read,
 * nor before the next bless where that was ruled out. */
static bool is_target(const struct facts *f, const struct plan *p, int i)
{
	if (!standing_is_bootable(f, p, i))
		return false;
	if (f->ladder.rung[i].role != ROLE_RESET)
		return true;
	for (unsigned int k = 0; k < f->ladder.n; k++)
		if (f->ladder.rung[k].role != ROLE_RESET && standing_is_bootable(f, p, (int)k))
			return false;
	return p->record.resets < RECORD_COUNT_MAX && reset_is_all_known(f);
}

/* The loader did start the target since the record was written: its counter moved. */
static bool was_started(const struct facts *f, int target)
{
	const struct counter *then = &f->record.target_counter;
	const struct counter *now = &f->ladder.rung[target].counter;

	return then->present && now->present &&
	       (now->left != then->left || now->done != then->done);
}

/* The next boot must not take the record of a switch that was refused here for a lost one. */
static void close_refused(const struct facts *f, struct plan *p)
{
	if (f->opened && !f->record_unwritable)
		plan_add_record(p, RECORD_CLOSED);
}

/* After the wait the next boot begins anew with all methods and targets: what did not work once,
 * for a one-shot that was not heard, say, may work then. */
static void cannot_switch(const struct facts *f, const struct config *c, struct plan *p)
{
	close_refused(f, p);
	p->target = -1;
	if (f->event == EVENT_ASSESS) {
		plan_verdict(p, VERDICT_PROCEED, REASON_CANNOT_SWITCH);
		/* Who hangs after this asks nobody: the next boot has to begin anew by itself. */
		if (is_lost(f) && !f->opened && !f->record_unwritable)
			plan_restate(p, RECORD_CLOSED);
		return;
	}
	plan_verdict(p, VERDICT_RETRY, REASON_CANNOT_SWITCH);
	p->method = METHOD_FIRMWARE;
	plan_add(p, (struct op){.type = OP_WAIT, .seconds = c->hold_delay_s});
	if (is_lost(f) && !f->record_unwritable)
		plan_add_record(p, RECORD_CLOSED);
	plan_add(p, (struct op){.type = OP_REBOOT});
}

/* Row 9. */
static void nothing_left(const struct facts *f, const struct config *c, struct plan *p)
{
	if (reset_is_due(f, c, p))
		reset_plan(f, c, p);
	else if (c->hold == HOLD_STAY && standing_booted(f)->role == ROLE_RECOVERY)
		stay(f, p, REASON_HOLD_STAY, c->hold_delay_s);
	else if (f->record_unwritable)
		cannot_switch(f, c, p);
	else
		hold_plan(f, c, p, REASON_ALL_EXHAUSTED);
}

/* Row 8: to the first rung that may boot and was not given up, by the first method that works. */
static void leave(const struct facts *f, const struct config *c, struct plan *p, enum reason reason)
{
	bool any = false, full = p->record.n_tried == RECORD_TRIED_MAX;

	p->record.relapses = 0;
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		enum method method;

		if (!is_target(f, p, (int)i))
			continue;
		any = true;
		if (full || record_has_tried(&p->record, f->ladder.rung[i].id))
			continue;
		method = leave_pick(f, c, p, (int)i, 0, true);
		if (method == METHOD_NONE)
			continue;
		plan_verdict(p, VERDICT_SWITCH, reason);
		leave_plan(f, c, p, (int)i, 0, method);
		return;
	}
	if (any)
		cannot_switch(f, c, p);
	else
		nothing_left(f, c, p);
}

/* The methods that were tried in vain for the record's target. A target that the loader did start,
 * and that died, is tried again the same way while it has tries, each costs one; but not by a rung
 * that may go on itself. Order that was cut short is repeated. */
static unsigned int methods_used(const struct facts *f, const struct plan *p, int target,
				 bool must_leave)
{
	unsigned int used = f->record.methods_used;

	if (must_leave && was_started(f, target))
		return 0;
	return leave_is_marked(&p->counter) ? used : used & ~(unsigned int)METHOD_ORDER;
}

/* Row 5: the switch that never arrived goes on by its next method. False if its target is spent:
 * then the rows below decide, and leave() goes past the target. */
static bool resume_switch(const struct facts *f, const struct config *c, struct plan *p,
			  bool must_leave)
{
	int target = ladder_find(&f->ladder, f->record.target);
	bool is_reset = target >= 0 && f->ladder.rung[target].role == ROLE_RESET;
	enum method method = METHOD_NONE;
	unsigned int used = 0;

	/* A reset that is not needed any more, or not yet, is not resumed. */
	if (is_reset && (!must_leave || !is_target(f, p, target)))
		return false;
	if (target >= 0 && is_target(f, p, target)) {
		used = methods_used(f, p, target, must_leave);
		method = leave_pick(f, c, p, target, used, must_leave);
	}
	if (method == METHOD_NONE) {
		record_add_tried(&p->record, f->record.target);
		return false;
	}
	plan_verdict(p, VERDICT_SWITCH,
		     f->record.method == METHOD_KEXEC ? REASON_KEXEC_LOST : REASON_NOT_REACHED);
	leave_plan(f, c, p, target, used, method);
	return true;
}

/* Rows 6 to 9 of the assess event. */
static void decide_assess(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct counter *now = &p->counter;

	if (!now->present)
		plan_verdict(p, VERDICT_PROCEED, REASON_GOOD);
	else if (now->left > 0)
		plan_verdict(p, VERDICT_PROCEED, REASON_TRYING);
	else if (!ladder_is_exhausted(c, standing_booted(f), now))
		plan_verdict(p, VERDICT_PROCEED, REASON_LAST_TRY);
	else
		leave(f, c, p, is_lost(f) ? REASON_NOT_REACHED : REASON_EXHAUSTED);
}

/* This failure costs a try, and the rung is started again. */
static bool has_try(const struct config *c, const struct counter *now)
{
	return now->left > 0 && c->on_failure == ON_FAILURE_RETRY;
}

/* The try that has failed is the first of all. */
static void plan_second_try(const struct facts *f, const struct config *c, struct plan *p)
{
	int left = (int)ladder_tries(c, standing_booted(f)->role) - 1;

	plan_add(p,
		 (struct op){.type = OP_ARM, .rung = f->booted.rung, .to = counter_make(left, 1)});
}

/* Emergency, deadline, fail: this boot came to nothing. */
static void decide_failure(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *r = standing_booted(f);
	const struct counter *now = &p->counter;
	bool stuck = f->counter_unwritable || r->ambiguous;

	if (relapse_is_final(f, c, p)) {
		relapse_mark(f, p);
		leave(f, c, p, REASON_RELAPSED);
	} else if (!now->present) {
		relapse_note(f, p);
		if (!stuck)
			plan_second_try(f, c, p);
		plan_retry(p, REASON_GOOD, stuck ? DECIDE_WAIT_S : 0);
	} else if (has_try(c, now)) {
		bool counted = f->booted.counted || f->booted.counted_here || !stuck;

		/* One that its bless has armed: the next bless must see what came after it. */
		if (relapse_note(f, p) && !stuck && now->done == 0)
			plan_second_try(f, c, p);
		plan_retry(p, REASON_FAILED, counted ? 0 : DECIDE_WAIT_S);
	} else {
		leave(f, c, p, REASON_FAILED);
	}
}

/* Would decide_failure(), or a switch that was lost, leave the booted rung? */
static bool must_give_up(const struct facts *f, const struct config *c, const struct plan *p)
{
	const struct counter *now = &p->counter;

	return relapse_is_final(f, c, p) || (now->present && (is_lost(f) || !has_try(c, now)));
}

/* The check that has failed on another system rung before makes us leave this one too: it may be
 * what they share that is broken, which no reset would mend. */
static bool may_be_shared(const struct facts *f, const struct config *c, const struct plan *p)
{
	return f->event == EVENT_FAIL && (f->shared_fault || f->shared_failed) &&
	       standing_booted(f)->role == ROLE_SYSTEM && c->shared_fault == SHARED_FAULT_HOLD &&
	       must_give_up(f, c, p);
}

/* The first recovery rung that may boot, and the method that leads there; the booted rung does not
 * deserve the mark of order. -1 if there is none. */
static int find_recovery(const struct facts *f, const struct config *c, const struct plan *p,
			 enum method *ret)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->role != ROLE_RECOVERY || !standing_is_bootable(f, p, (int)i) ||
		    record_has_tried(&p->record, r->id) || p->record.n_tried == RECORD_TRIED_MAX)
			continue;
		*ret = leave_pick(f, c, p, (int)i, 0, false);
		if (*ret != METHOD_NONE)
			return (int)i;
	}
	return -1;
}

/* To recovery once, which may mend it, else hold: never further down the ladder. The system rungs
 * get their tries again in both cases, so that no later boot sees a reason to go there. */
static void decide_shared(const struct facts *f, const struct config *c, struct plan *p)
{
	enum method method = METHOD_NONE;
	int target = f->shared_recovery ? -1 : find_recovery(f, c, p, &method);

	p->record.relapses = 0;
	if (target >= 0) {
		plan_verdict(p, VERDICT_SWITCH, REASON_SHARED_FAULT);
		hold_rearm(f, c, p, ROLE_SYSTEM);
		leave_plan(f, c, p, target, 0, method);
	} else if (f->record_unwritable) {
		stay(f, p, REASON_SHARED_FAULT, c->hold_delay_s);
	} else {
		hold_plan(f, c, p, REASON_SHARED_FAULT);
	}
}

/* The record that the next operation writes starts from what the one on the disk says. */
static void start_record(const struct facts *f, struct plan *p)
{
	struct record *r = &p->record;

	r->txn = f->record.txn + 1;
	r->rounds = f->record.rounds;
	r->refunds = f->record.refunds;
	r->relapses = f->record.relapses;
	/* Where nobody knows how many there were, there is none before the next bless. */
	r->resets = f->record_damaged ? RECORD_COUNT_MAX : f->record.resets;
	memcpy(r->boot_id, f->boot_id, sizeof(r->boot_id));
	if (is_lost(f)) { /* a new attempt goes on where that one ended */
		r->n_tried = f->record.n_tried;
		memcpy(r->tried, f->record.tried, sizeof(r->tried));
	}
	r->kexec_kernel = f->record.kexec_kernel;
	r->kexec_lost = f->record.kexec_lost || is_kexec_lost(f);
	r->kexec_losses = f->record.kexec_losses;
	if (r->kexec_lost && !f->record.kexec_lost && r->kexec_losses < RECORD_LOSSES_MAX)
		r->kexec_losses++;
	p->against = f->against;
	if ((r->kexec_lost && r->kexec_kernel == f->kernel) || r->kexec_losses == RECORD_LOSSES_MAX)
		p->against |= AGAINST_LOST;
}

/* What a kexec, ours or not, leaves behind that would mislead others. */
static void tidy_up(const struct facts *f, struct plan *p)
{
	if (f->stale_oneshot)
		plan_add(p, (struct op){.type = OP_TIDY});
	if (f->kexeced && f->event == EVENT_ASSESS)
		plan_add(p, (struct op){.type = OP_MASK});
}

/* From row 5 on: the booted entry is on a rung. */
static void decide_rung(const struct facts *f, const struct config *c, struct plan *p)
{
	bool must_leave;

	count_boot(f, c, p);
	must_leave =
		p->counter.present && (f->event != EVENT_ASSESS ||
				       ladder_is_exhausted(c, standing_booted(f), &p->counter));
	if (may_be_shared(f, c, p)) {
		p->record.resets = RECORD_COUNT_MAX; /* no reset before the next bless */
		if (f->shared_fault) {
			decide_shared(f, c, p);
			return;
		}
	}
	if (is_lost(f)) {
		if (resume_switch(f, c, p, must_leave))
			return;
		/* This rung may go on: nobody waits for that switch any more. */
		if (!must_leave && !f->record_unwritable)
			plan_restate(p, RECORD_CLOSED);
	}
	if (f->event == EVENT_ASSESS)
		decide_assess(f, c, p);
	else
		decide_failure(f, c, p);
}

static bool is_bookkeeping(enum op_type type)
{
	return type == OP_TIDY || type == OP_MASK || type == OP_RESTATE || type == OP_REFUND ||
	       type == OP_COUNT;
}

/* A person at the machine is not rebooted away: only the books and the counter are kept. */
static void respect_person(struct plan *p)
{
	unsigned int kept = 0;

	while (kept < p->n_ops && is_bookkeeping(p->op[kept].type))
		kept++;
	p->n_ops = kept;
	p->target = -1;
	p->method = METHOD_NONE;
	plan_verdict(p, VERDICT_PROCEED, REASON_DEBUG_SHELL);
}

/* From row 4 on: with the counters as the refund leaves them. */
static void decide_booted(const struct facts *f, const struct config *c, struct plan *p)
{
	if (f->pin[0] && counter_same_id(f->pin, f->booted.id)) {
		p->counter = standing_booted(f)->counter;
		stay(f, p, REASON_PINNED, DECIDE_WAIT_S); /* row 4 */
	} else {
		decide_rung(f, c, p);
	}
}

/* Plans the refund, and changes a copy of the facts to how it leaves them. */
static void plan_refund(const struct facts *f, const struct op *op, struct plan *p,
			struct facts *ret)
{
	plan_add(p, *op);
	*ret = *f;
	ret->ladder.rung[op->rung].counter = op->to;
}

/* What is kept in every boot, whatever it is: the record, and the charge of a kexec. Returns the
 * facts as that leaves them. */
static const struct facts *keep_all(const struct facts *f, struct plan *p, struct facts *after)
{
	struct op op;

	keep_books(f, p);
	if (!find_refund(f, &op))
		return f;
	plan_refund(f, &op, p, after);
	return after;
}

/* Rows 2 to 9. */
static void decide_enabled(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *booted = standing_booted(f);
	struct facts after;

	tidy_up(f, p);
	if (f->blind) {
		stay(f, p, REASON_UNKNOWN_ENTRY, DECIDE_WAIT_S); /* row 2 */
	} else {
		f = keep_all(f, p, &after);
		if (!f->booted.known || (booted && !is_booted_readable(booted)))
			stay(f, p, REASON_UNKNOWN_ENTRY, DECIDE_WAIT_S); /* row 2 */
		else if (!booted)
			stay(f, p, REASON_FOREIGN_ENTRY, DECIDE_WAIT_S); /* row 3 */
		else
			decide_booted(f, c, p);
	}
	if (f->person && p->verdict != VERDICT_PROCEED)
		respect_person(p);
}

static void start_plan(const struct facts *f, struct plan *p)
{
	memset(p, 0, sizeof(*p));
	p->target = -1;
	start_record(f, p);
}

void decide(const struct facts *f, const struct config *c, struct plan *p)
{
	start_plan(f, p);
	if (f->disabled)
		plan_verdict(p, VERDICT_PROCEED, REASON_DISABLED); /* row 1 */
	else if (!f->blind && !has_ladder(f))
		plan_verdict(p, VERDICT_PROCEED, REASON_NO_LADDER); /* row 1 */
	else
		decide_enabled(f, c, p);
}

/* The rung after the booted one, in the order of the ladder. */
static int next_rung(const struct facts *f, const struct plan *p)
{
	for (int i = f->booted.rung + 1; i < (int)f->ladder.n; i++)
		if (is_target(f, p, i))
			return i;
	return -1;
}

void decide_switch(const struct facts *f, const struct config *c, int target, struct plan *p)
{
	/* What the caller took out of Method= is not for the boots after this one either. */
	unsigned int used = (METHOD_KEXEC | METHOD_FIRMWARE) & ~(unsigned int)c->methods;
	enum method method;
	struct facts after;

	start_plan(f, p);
	f = keep_all(f, p, &after);
	if (standing_booted(f))
		p->counter = standing_booted(f)->counter;
	if (target < 0)
		target = next_rung(f, p);
	plan_verdict(p, VERDICT_PROCEED, REASON_REFUSED);
	method = METHOD_NONE;
	if (!f->disabled && target >= 0 && standing_is_bootable(f, p, target))
		method = leave_pick(f, c, p, target, used | METHOD_ORDER, false);
	if (method == METHOD_NONE) {
		close_refused(f, p);
		return;
	}
	plan_verdict(p, VERDICT_SWITCH, REASON_REQUESTED);
	leave_plan(f, c, p, target, used, method);
}

/* Also the booted one: the machine only starts again. */
static bool can_start(const struct facts *f, int target)
{
	enum rung_state state =
		ladder_state(&f->ladder.rung[target], &f->ladder.rung[target].counter);

	return state == RUNG_GOOD || state == RUNG_ARMED;
}

void decide_reboot(const struct facts *f, const struct config *c, int target, struct plan *p)
{
	const unsigned int others = METHOD_FIRMWARE | METHOD_ORDER;
	struct facts after;

	start_plan(f, p);
	if (!f->disabled)
		f = keep_all(f, p, &after);
	if (standing_booted(f))
		p->counter = standing_booted(f)->counter;
	plan_verdict(p, VERDICT_PROCEED, REASON_REFUSED);
	if (planned_obstacle(f, target) || !can_start(f, target) ||
	    leave_pick(f, c, p, target, others, false) != METHOD_KEXEC) {
		close_refused(f, p);
		return;
	}
	plan_verdict(p, VERDICT_SWITCH, REASON_REQUESTED);
	leave_plan(f, c, p, target, 0, METHOD_KEXEC);
}
