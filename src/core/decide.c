// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "decide.h"

/* The table is in ARCHITECTURE.md; the numbers of its rows stand in the comments. */

static void plan_op(struct plan *p, struct op op)
{
	if (p->n_ops < PLAN_OPS_MAX)
		p->op[p->n_ops++] = op;
}

static void plan_verdict(struct plan *p, enum verdict verdict, enum reason reason)
{
	p->verdict = verdict;
	p->reason = reason;
}

static const struct rung *booted_rung(const struct facts *f)
{
	return f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
}

/* The state that this boot leaves the rung in: the booted one counts as it does after this boot. */
static enum rung_state state_now(const struct facts *f, const struct plan *p, int i)
{
	const struct rung *r = &f->ladder.rung[i];

	return ladder_state(r, i == f->booted.rung ? &p->counter : &r->counter);
}

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

/* Was the record written in this boot? One without a boot id never was. */
static bool is_of_this_boot(const struct facts *f)
{
	return f->boot_id[0] && strcmp(f->record.boot_id, f->boot_id) == 0;
}

/* The record's switch never came to its end: another boot wrote it, and this is not its target. */
static bool is_lost(const struct facts *f)
{
	return f->record.state == RECORD_OPEN && !is_of_this_boot(f) &&
	       !counter_same_id(f->record.target, f->booted.id);
}

static void plan_record(struct plan *p, enum record_state state)
{
	plan_op(p, (struct op){.type = OP_RECORD, .record_state = state});
}

static void plan_restate(struct plan *p, enum record_state state)
{
	plan_op(p, (struct op){.type = OP_RESTATE, .record_state = state});
}

/* What an arrival, or a boot after one, says about the record. */
static void keep_books(const struct facts *f, struct plan *p)
{
	bool has_arrived = counter_same_id(f->record.target, f->booted.id);

	if (f->record_unwritable)
		return;
	if (f->record.state == RECORD_OPEN && has_arrived)
		plan_restate(p, RECORD_ARRIVED);
	else if (f->record.state == RECORD_ARRIVED && !f->kexeced && !is_of_this_boot(f))
		plan_restate(p, RECORD_CLOSED);
}

/* The second witness: a boot that nobody counted is counted here. */
static void count_boot(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *r = booted_rung(f);
	const struct counter *now = &r->counter;

	p->counter = *now;
	if (!now->present || f->booted.counted || f->booted.counted_here)
		return;
	if (ladder_is_exhausted(c, r, now) || r->ambiguous || f->counter_unwritable)
		return;
	p->counter = counter_next(now, 1 + r->next_taken);
	plan_op(p, (struct op){.type = OP_COUNT, .rung = f->booted.rung, .to = p->counter});
}

/* A restart; the loader chooses again. Where nothing durable changed, a person may still break in.
 */
static void plan_retry(struct plan *p, enum reason reason, unsigned long wait_s)
{
	plan_verdict(p, VERDICT_RETRY, reason);
	p->method = METHOD_FIRMWARE;
	if (wait_s > 0)
		plan_op(p, (struct op){.type = OP_WAIT, .seconds = wait_s});
	plan_op(p, (struct op){.type = OP_REBOOT});
}

/* Nothing can be changed by us: this boot goes on if it can, else the machine starts again. */
static void stay(const struct facts *f, struct plan *p, enum reason reason, unsigned long wait_s)
{
	if (f->event == EVENT_ASSESS)
		plan_verdict(p, VERDICT_PROCEED, reason);
	else
		plan_retry(p, reason, wait_s);
}

static bool is_bootable(const struct facts *f, const struct plan *p, int i)
{
	enum rung_state state = state_now(f, p, i);

	return i != f->booted.rung && (state == RUNG_GOOD || state == RUNG_ARMED);
}

/* Reset destroys data: it is no target while anything else may boot, or might if it could be read.
 */
static bool is_target(const struct facts *f, const struct plan *p, int i)
{
	if (!is_bootable(f, p, i))
		return false;
	if (f->ladder.rung[i].role != ROLE_RESET)
		return true;
	for (unsigned int k = 0; k < f->ladder.n; k++)
		if (f->ladder.rung[k].role != ROLE_RESET && is_bootable(f, p, (int)k))
			return false;
	return !f->unsure;
}

/* The loader did start the target since the record was written: its counter moved. */
static bool was_started(const struct facts *f, int target)
{
	const struct counter *then = &f->record.target_counter;
	const struct counter *now = &f->ladder.rung[target].counter;

	return then->present && now->present &&
	       (now->left != then->left || now->done != then->done);
}

/* What order does is done, as far as the booted rung shows it. */
static bool is_marked(const struct counter *c)
{
	return c->present && c->left == 0 && c->done >= COUNTER_BAD_DONE;
}

/* Order overrules the loader by two names: the booted rung is marked bad, and a target without a
 * counter gets one. */
static bool can_order(const struct facts *f, int target)
{
	const struct rung *t = &f->ladder.rung[target];

	return !f->counter_unwritable && !booted_rung(f)->ambiguous &&
	       (t->counter.present || !t->ambiguous);
}

/* The first way to the target that is not in `used`. may_mark: the booted rung deserves it. */
static enum method pick_method(const struct facts *f, const struct config *c, int target,
			       unsigned int used, bool may_mark)
{
	unsigned int left = (c->methods | METHOD_ORDER) & ~used & ~f->unfit;

	if (f->record_unwritable)
		return METHOD_NONE;
	if (left & METHOD_KEXEC)
		return METHOD_KEXEC;
	if (left & METHOD_FIRMWARE)
		return METHOD_FIRMWARE;
	if ((left & METHOD_ORDER) && may_mark && can_order(f, target))
		return METHOD_ORDER;
	return METHOD_NONE;
}

static void plan_kexec(const struct facts *f, struct plan *p)
{
	const struct counter *now = &f->ladder.rung[p->target].counter;

	if (now->present)
		plan_op(p, (struct op){.type = OP_CHARGE,
				       .rung = p->target,
				       .to = counter_next(now, 1)});
	plan_op(p, (struct op){.type = OP_KEXEC, .rung = p->target});
}

/* The loader's default is taken away and the booted rung goes last, so that the loader takes the
 * first entry that is left in its own order. A default that named the target would boot it for ever
 * if it is dead; so would a target without a counter: it gets one. */
static void plan_order(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *target = &f->ladder.rung[p->target];

	if (!target->counter.present)
		plan_op(p, (struct op){.type = OP_ARM,
				       .rung = p->target,
				       .to = counter_make((int)ladder_tries(c, target->role), 0)});
	plan_op(p, (struct op){.type = OP_UNPIN});
	/* Last, because it shows that all of this was done. */
	if (!is_marked(&p->counter))
		plan_op(p, (struct op){.type = OP_MARK,
				       .rung = f->booted.rung,
				       .to = counter_make(0, COUNTER_BAD_DONE)});
	plan_op(p, (struct op){.type = OP_REBOOT});
}

/* The record and the operations of a switch. used: methods that were tried for this target before.
 */
static void plan_switch(const struct facts *f, const struct config *c, struct plan *p, int target,
			unsigned int used, enum method method)
{
	struct record *r = &p->record;

	p->target = target;
	p->method = method;
	r->method = (uint8_t)method;
	r->methods_used = (uint8_t)(used | method);
	r->target_counter = f->ladder.rung[target].counter;
	memcpy(r->target, f->ladder.rung[target].id, sizeof(r->target));
	plan_record(p, RECORD_OPEN);
	if (method == METHOD_KEXEC) {
		plan_kexec(f, p);
	} else if (method == METHOD_FIRMWARE) {
		plan_op(p, (struct op){.type = OP_ONESHOT, .rung = target});
		plan_op(p, (struct op){.type = OP_REBOOT});
	} else {
		plan_order(f, c, p);
	}
}

static void cannot_switch(const struct facts *f, const struct config *c, struct plan *p)
{
	p->target = -1;
	stay(f, p, REASON_CANNOT_SWITCH, c->hold_delay_s);
}

/* Gives every exhausted system and recovery rung its tries again. */
static void plan_rearm(const struct facts *f, const struct config *c, struct plan *p)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		bool is_stuck = r->ambiguous || (f->counter_unwritable && (int)i == f->booted.rung);

		if (r->role == ROLE_RESET || is_stuck || state_now(f, p, (int)i) != RUNG_EXHAUSTED)
			continue;
		plan_op(p, (struct op){.type = OP_ARM,
				       .rung = (int)i,
				       .to = counter_make((int)ladder_tries(c, r->role), 0)});
	}
}

static unsigned long hold_delay(const struct config *c, unsigned int rounds)
{
	unsigned long delay_s = c->hold_delay_s;

	for (; rounds > 0 && delay_s < DECIDE_HOLD_MAX_S; rounds--)
		delay_s *= 2;
	return delay_s < DECIDE_HOLD_MAX_S ? delay_s : DECIDE_HOLD_MAX_S;
}

/* Hold=stay: recovery is entered, exhausted or not. False if there is no way to it. */
static bool hold_in_recovery(const struct facts *f, const struct config *c, struct plan *p)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		bool again =
			f->record.state == RECORD_OPEN && counter_same_id(f->record.target, r->id);
		unsigned int used = again ? f->record.methods_used : 0;
		enum method method;

		if (r->role != ROLE_RECOVERY || r->missing || r->broken)
			continue;
		method = pick_method(f, c, (int)i, used, false);
		if (method == METHOD_NONE)
			continue;
		plan_switch(f, c, p, (int)i, used, method);
		return true;
	}
	return false;
}

static void plan_hold_end(struct plan *p, unsigned long wait_s)
{
	if (wait_s > 0)
		plan_op(p, (struct op){.type = OP_WAIT, .seconds = wait_s});
	plan_record(p, RECORD_CLOSED);
	plan_op(p, (struct op){.type = OP_REBOOT});
}

/* Row 9. */
static void nothing_left(const struct facts *f, const struct config *c, struct plan *p)
{
	bool has_waited;

	if (c->hold == HOLD_STAY && booted_rung(f)->role == ROLE_RECOVERY) {
		stay(f, p, REASON_HOLD_STAY, c->hold_delay_s);
		return;
	}
	if (f->record_unwritable) {
		cannot_switch(f, c, p);
		return;
	}
	plan_verdict(p, VERDICT_HOLD, REASON_ALL_EXHAUSTED);
	if (c->hold == HOLD_STAY && hold_in_recovery(f, c, p))
		return;
	/* Armed first, then waited: if the power goes meanwhile, the next boot finds rungs to try,
	 * also where the first of all dies before its initramfs. */
	has_waited = f->record.state == RECORD_HOLD && !is_of_this_boot(f);
	if (!has_waited && p->record.rounds < UINT8_MAX)
		p->record.rounds++;
	if (!has_waited)
		plan_record(p, RECORD_HOLD);
	plan_rearm(f, c, p);
	if (!has_waited && c->hold == HOLD_POWEROFF)
		plan_op(p, (struct op){.type = OP_POWEROFF});
	else if (!has_waited && c->hold == HOLD_HALT)
		plan_op(p, (struct op){.type = OP_HALT});
	else
		plan_hold_end(p, has_waited ? 0 : hold_delay(c, f->record.rounds));
}

/* Row 8: to the first rung that may boot and was not given up, by the first method that works. */
static void leave(const struct facts *f, const struct config *c, struct plan *p, enum reason reason)
{
	bool any = false, full = p->record.n_tried == RECORD_TRIED_MAX;

	for (unsigned int i = 0; i < f->ladder.n; i++) {
		enum method method;

		if (!is_target(f, p, (int)i))
			continue;
		any = true;
		if (full || record_has_tried(&p->record, f->ladder.rung[i].id))
			continue;
		method = pick_method(f, c, (int)i, 0, true);
		if (method == METHOD_NONE)
			continue;
		plan_verdict(p, VERDICT_SWITCH, reason);
		plan_switch(f, c, p, (int)i, 0, method);
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
	return is_marked(&p->counter) ? used : used & ~(unsigned int)METHOD_ORDER;
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
		method = pick_method(f, c, target, used, must_leave);
	}
	if (method == METHOD_NONE) {
		record_add_tried(&p->record, f->record.target);
		return false;
	}
	plan_verdict(p, VERDICT_SWITCH,
		     f->record.method == METHOD_KEXEC ? REASON_KEXEC_LOST : REASON_NOT_REACHED);
	plan_switch(f, c, p, target, used, method);
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
	else if (!ladder_is_exhausted(c, booted_rung(f), now))
		plan_verdict(p, VERDICT_PROCEED, REASON_LAST_TRY);
	else
		leave(f, c, p, is_lost(f) ? REASON_NOT_REACHED : REASON_EXHAUSTED);
}

/* Emergency, deadline, fail: this boot came to nothing. */
static void decide_failure(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *r = booted_rung(f);
	const struct counter *now = &p->counter;
	bool stuck = f->counter_unwritable || r->ambiguous;

	if (!now->present) {
		int left = (int)ladder_tries(c, r->role) - 1;

		if (!stuck)
			plan_op(p, (struct op){.type = OP_ARM,
					       .rung = f->booted.rung,
					       .to = counter_make(left, 1)});
		plan_retry(p, REASON_GOOD, stuck ? DECIDE_WAIT_S : 0);
	} else if (now->left > 0 && c->on_failure == ON_FAILURE_RETRY) {
		bool counted = f->booted.counted || f->booted.counted_here || !stuck;

		plan_retry(p, REASON_FAILED, counted ? 0 : DECIDE_WAIT_S);
	} else {
		leave(f, c, p, REASON_FAILED);
	}
}

/* From row 5 on: the booted entry is on a rung. */
static void decide_rung(const struct facts *f, const struct config *c, struct plan *p)
{
	bool must_leave;

	count_boot(f, c, p);
	must_leave = p->counter.present && (f->event != EVENT_ASSESS ||
					    ladder_is_exhausted(c, booted_rung(f), &p->counter));
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

/* A person at the machine is not rebooted away: only the books and the counter are kept. */
static void respect_person(struct plan *p)
{
	unsigned int kept = 0;

	while (kept < p->n_ops && (p->op[kept].type == OP_COUNT || p->op[kept].type == OP_RESTATE))
		kept++;
	p->n_ops = kept;
	p->target = -1;
	p->method = METHOD_NONE;
	plan_verdict(p, VERDICT_PROCEED, REASON_DEBUG_SHELL);
}

void decide(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *booted = booted_rung(f);

	memset(p, 0, sizeof(*p));
	p->target = -1;
	p->record.txn = f->record.txn + 1;
	p->record.rounds = f->record.rounds;
	memcpy(p->record.boot_id, f->boot_id, sizeof(p->record.boot_id));
	if (is_lost(f)) { /* a new attempt goes on where that one ended */
		p->record.n_tried = f->record.n_tried;
		memcpy(p->record.tried, f->record.tried, sizeof(p->record.tried));
	}

	if (f->disabled) {
		plan_verdict(p, VERDICT_PROCEED, REASON_DISABLED); /* row 1 */
		return;
	}
	if (!f->blind && !has_ladder(f)) {
		plan_verdict(p, VERDICT_PROCEED, REASON_NO_LADDER); /* row 1 */
		return;
	}
	if (f->blind || !f->booted.known || (booted && !is_booted_readable(booted))) {
		stay(f, p, REASON_UNKNOWN_ENTRY, DECIDE_WAIT_S); /* row 2 */
	} else if (!booted) {
		stay(f, p, REASON_FOREIGN_ENTRY, DECIDE_WAIT_S); /* row 3 */
	} else {
		keep_books(f, p);
		if (f->pin[0] && counter_same_id(f->pin, f->booted.id)) {
			p->counter = booted->counter;
			stay(f, p, REASON_PINNED, DECIDE_WAIT_S); /* row 4 */
		} else {
			decide_rung(f, c, p);
		}
	}
	if (f->person && p->verdict != VERDICT_PROCEED)
		respect_person(p);
}
