/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What must hold of each single plan of decide(), whatever the facts are. bootassess(7) "What is
 * proved" has the names. None of this looks into decide(): the rules are told in the words of the
 * plan. */
#include <stdlib.h>
#include <string.h>

#include "decide.h"
#include "leave.h"
#include "relapse.h"
#include "standing.h"

/* How much is played. Where each step takes ten times as long, a little, unless all is asked for:
 * what sanitizers and another machine may find is found in it. */
enum size { SIZE_LITTLE, SIZE_QUICK, SIZE_CHECK, SIZE_FULL };

static enum size model_size(void)
{
	if (getenv("MODEL_FULL"))
		return SIZE_FULL;
#if defined(__SANITIZE_ADDRESS__) || defined(__aarch64__)
	return SIZE_LITTLE;
#endif
	return getenv("MODEL_QUICK") ? SIZE_QUICK : SIZE_CHECK;
}

struct seen {
	const struct facts *f;
	const struct config *c;
	const struct plan *p;
	unsigned int types; /* set of the types of its operations */
};

static bool has(const struct seen *s, enum op_type type)
{
	return s->types & 1u << type;
}

/* The place of the first operation of this type; n_ops = there is none. */
static unsigned int place_of(const struct seen *s, enum op_type type)
{
	unsigned int i = 0;

	while (i < s->p->n_ops && s->p->op[i].type != type)
		i++;
	return i;
}

static bool is_counter_op(enum op_type type)
{
	return type == OP_COUNT || type == OP_ARM || type == OP_MARK || type == OP_CHARGE ||
	       type == OP_REFUND;
}

static bool is_end(enum op_type type)
{
	return type == OP_REBOOT || type == OP_POWEROFF || type == OP_HALT || type == OP_KEXEC;
}

/* The counter of a rung as the books of this plan leave it: what is counted, or taken back. */
static const struct counter *kept_counter(const struct seen *s, int i)
{
	const struct counter *c = &s->f->ladder.rung[i].counter;

	for (unsigned int k = 0; k < s->p->n_ops; k++) {
		const struct op *op = &s->p->op[k];

		if (op->rung == i && (op->type == OP_COUNT || op->type == OP_REFUND))
			c = &op->to;
	}
	return c;
}

/* Good or armed, and whole: another rung that would be started. */
static bool is_startable(const struct seen *s, int i)
{
	const struct rung *r = &s->f->ladder.rung[i];
	const struct counter *c = kept_counter(s, i);

	return i != s->f->booted.rung && !r->missing && !r->broken && (!c->present || c->left > 0);
}

static bool is_role(const struct seen *s, int i, enum role role)
{
	return i >= 0 && s->f->ladder.rung[i].role == role;
}

/* Each plan goes on, or ends the boot with its last operation and with no other. */
static bool holds_no_dead_end(const struct seen *s)
{
	const struct plan *p = s->p;
	bool is_over = p->n_ops > 0 && is_end(p->op[p->n_ops - 1].type);

	if (p->n_ops >= PLAN_OPS_MAX || is_over != (p->verdict != VERDICT_PROCEED))
		return false;
	for (unsigned int i = 0; i + 1 < p->n_ops; i++)
		if (is_end(p->op[i].type))
			return false;
	if ((p->verdict == VERDICT_SWITCH) != (p->target >= 0) &&
	    !(p->verdict == VERDICT_HOLD && is_role(s, p->target, ROLE_RECOVERY)))
		return false;
	return p->verdict != VERDICT_PROCEED || s->f->event == EVENT_ASSESS || s->f->disabled ||
	       s->f->person || p->reason == REASON_NO_LADDER;
}

/* A restart has changed something that lasts (the loader counted, a counter, the record), or waits:
 * else it would come to the same restart again at once. */
static bool holds_no_spin(const struct seen *s)
{
	if (s->p->verdict == VERDICT_PROCEED || has(s, OP_RECORD) || has(s, OP_WAIT))
		return true;
	for (unsigned int i = 0; i < s->p->n_ops; i++)
		if (is_counter_op(s->p->op[i].type))
			return true;
	return s->f->booted.counted || s->f->booted.counted_here;
}

/* Who may go on does so: a good rung, or one that has a try. It is left for a switch that was begun
 * elsewhere and never arrived, by a method that was not tried for it, and for nothing else. */
static bool holds_healthy_stays(const struct seen *s)
{
	const struct facts *f = s->f;
	const struct rung *r = standing_booted(f);
	const struct counter *c;

	if (f->event != EVENT_ASSESS || !f->booted.known || !r || f->reset_refused)
		return true;
	c = kept_counter(s, f->booted.rung);
	if (c->present && c->left == 0 && c->done > (int)ladder_tries(s->c, r->role))
		return true;
	if (s->p->verdict == VERDICT_PROCEED)
		return s->p->reason != REASON_CANNOT_SWITCH;
	return s->p->verdict == VERDICT_SWITCH && f->record.state == RECORD_OPEN &&
	       !(f->record.methods_used & s->p->method) &&
	       counter_same_id(f->record.target, f->ladder.rung[s->p->target].id) &&
	       !standing_is_of_this_boot(f) && !is_role(s, s->p->target, ROLE_RESET);
}

/* A target could boot: there, whole, good or armed, and not the booted one. Hold=stay enters
 * recovery as it is, when no other rung can boot. */
static bool holds_exhausted_last(const struct seen *s)
{
	const struct plan *p = s->p;

	if (p->verdict == VERDICT_SWITCH)
		return is_startable(s, p->target);
	if (p->verdict != VERDICT_HOLD || p->reason == REASON_SHARED_FAULT)
		return true;
	for (int i = 0; i < (int)s->f->ladder.n; i++)
		if (s->f->ladder.rung[i].role != ROLE_RESET && is_startable(s, i))
			return false;
	return true;
}

/* The first of them, but for those that were tried in vain; what cannot be reached is passed over.
 */
static bool holds_in_order(const struct seen *s)
{
	const struct facts *f = s->f;
	const struct plan *p = s->p;
	bool is_first = p->reason == REASON_EXHAUSTED || p->reason == REASON_FAILED ||
			p->reason == REASON_RELAPSED;

	if (p->verdict != VERDICT_SWITCH || !is_first || (f->unfit & METHOD_FIRMWARE) ||
	    !(s->c->methods & METHOD_FIRMWARE))
		return true;
	for (int i = 0; i < p->target; i++)
		if (f->ladder.rung[i].role != ROLE_RESET && is_startable(s, i) &&
		    !record_has_tried(&p->record, f->ladder.rung[i].id))
			return false;
	return true;
}

static bool is_reset(const struct seen *s)
{
	return has(s, OP_WIPE) || has(s, OP_REQUEST) ||
	       (s->p->verdict == VERDICT_SWITCH && is_role(s, s->p->target, ROLE_RESET));
}

static bool is_any_missing(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (f->ladder.rung[i].missing && f->ladder.rung[i].role != ROLE_RESET)
			return true;
	return false;
}

/* What is not known never leads to a reset, by an entry or without one. A system slot or recovery
 * whose entry is not seen may be there: nothing is wiped then. */
static bool holds_unknown_keeps_data(const struct seen *s)
{
	const struct facts *f = s->f;

	if (s->p->verdict == VERDICT_RESET && is_any_missing(f))
		return false;
	return !is_reset(s) || !(f->blind || f->unsure || f->record_damaged || f->ladder.dropped ||
				 !f->booted.known || f->booted.rung < 0);
}

/* A reset is the last of all: no other rung may boot, tried in vain or not. */
static bool holds_reset_last(const struct seen *s)
{
	if (!is_reset(s))
		return true;
	for (int i = 0; i < (int)s->f->ladder.n; i++)
		if (s->f->ladder.rung[i].role != ROLE_RESET && is_startable(s, i))
			return false;
	return s->p->reason != REASON_SHARED_FAULT;
}

/* The check that failed had failed on another system rung before. */
static bool is_shared_seen(const struct seen *s)
{
	return s->f->event == EVENT_FAIL && (s->f->shared_fault || s->f->shared_failed) &&
	       s->c->shared_fault == SHARED_FAULT_HOLD &&
	       is_role(s, s->f->booted.rung, ROLE_SYSTEM) &&
	       s->p->record.resets == RECORD_COUNT_MAX;
}

/* Resets without an entry: at an assess event, counted before they begin, never above ResetTries=.
 * The way back is written before too. */
static bool holds_resets_bounded(const struct seen *s)
{
	const struct facts *f = s->f;
	enum op_type what = s->c->reset_method == RESET_WIPE ? OP_WIPE : OP_REQUEST;
	bool resets = has(s, OP_WIPE) || has(s, OP_REQUEST);

	if (resets != (s->p->verdict == VERDICT_RESET))
		return false;
	if (!resets)
		return !has(s, OP_RECORD) || s->p->record.resets == f->record.resets ||
		       f->record_damaged || is_shared_seen(s);
	return has(s, what) && f->event == EVENT_ASSESS && !f->reset_refused &&
	       s->p->record.resets == f->record.resets + 1 &&
	       s->p->record.resets <= s->c->reset_tries &&
	       place_of(s, OP_RECORD) < place_of(s, what) &&
	       place_of(s, OP_ARM) < place_of(s, what) && !has(s, OP_ONESHOT);
}

/* What the record has to remember is not begun before it is written. */
static bool holds_record_first(const struct seen *s)
{
	static const enum op_type later[] = {OP_CHARGE, OP_KEXEC, OP_ONESHOT, OP_UNPIN};
	const struct plan *p = s->p;
	unsigned int at = place_of(s, OP_RECORD);

	for (unsigned int i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (place_of(s, later[i]) < at)
			return false;
	if (p->verdict != VERDICT_SWITCH)
		return true;
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == OP_RECORD && p->op[i].record_state == RECORD_OPEN)
			return counter_same_id(p->record.target, s->f->ladder.rung[p->target].id);
	return false;
}

/* A kexec only where nothing speaks against it, to one file, staged before anything lasting is
 * written, charged by one step, and with no one-shot that would take a later boot elsewhere. */
static bool holds_one_kexec(const struct seen *s)
{
	const struct facts *f = s->f;
	const struct counter *now;
	unsigned int charge = place_of(s, OP_CHARGE);

	if (has(s, OP_KEXEC) != (s->p->method == METHOD_KEXEC))
		return false;
	if (!has(s, OP_KEXEC))
		return charge == s->p->n_ops;
	now = kept_counter(s, s->p->target);
	if (f->against || f->ladder.rung[s->p->target].ambiguous || has(s, OP_ONESHOT) ||
	    (s->p->record.kexec_lost && s->p->record.kexec_kernel == f->kernel &&
	     f->record.kexec_kernel == f->kernel) ||
	    s->p->record.kexec_losses >= RECORD_LOSSES_MAX || (f->oneshot && !has(s, OP_TIDY)))
		return false;
	if (place_of(s, OP_STAGE) > place_of(s, OP_RECORD))
		return false;
	return now->present == (charge < s->p->n_ops) &&
	       (!now->present || counter_is_next(now, 1, &s->p->op[charge].to));
}

/* A boot is counted once, by one step (or past names that others have taken). */
static bool holds_counted_once(const struct seen *s)
{
	const struct facts *f = s->f;
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->p->n_ops; i++) {
		const struct op *op = &s->p->op[i];
		const struct rung *r = &f->ladder.rung[op->rung];

		if (op->type != OP_COUNT)
			continue;
		if (++n > 1 || op->rung != f->booted.rung || f->booted.counted ||
		    f->booted.counted_here || !r->counter.present)
			return false;
	}
	return true;
}

/* The operator's choice is not left, reset or held. */
static bool holds_pinned_stays(const struct seen *s)
{
	const struct facts *f = s->f;
	bool is_pinned = f->booted.known && f->booted.rung >= 0 && f->pin[0] &&
			 counter_same_id(f->pin, f->booted.id);

	return !is_pinned || s->p->verdict == VERDICT_PROCEED || s->p->verdict == VERDICT_RETRY;
}

/* bootassess=0 and a crash kernel: nothing is done. A person: nothing but the books is. */
static bool holds_hands_off(const struct seen *s)
{
	if (s->f->disabled)
		return s->p->verdict == VERDICT_PROCEED && s->p->n_ops == 0;
	if (!s->f->person)
		return true;
	if (has(s, OP_RECORD) && !s->f->opened) /* a switch of this very boot is closed again */
		return false;
	return s->p->verdict == VERDICT_PROCEED && !has(s, OP_ARM) && !has(s, OP_MARK) &&
	       !has(s, OP_CHARGE) && !has(s, OP_ONESHOT) && !has(s, OP_UNPIN) && !has(s, OP_WIPE) &&
	       !has(s, OP_WAIT);
}

/* Without a record nothing is switched, held or reset. */
static bool holds_nothing_forgotten(const struct seen *s)
{
	if (!s->f->record_unwritable)
		return true;
	return (s->p->verdict == VERDICT_PROCEED || s->p->verdict == VERDICT_RETRY) &&
	       !has(s, OP_RECORD) && !has(s, OP_RESTATE);
}

/* Of two files of one name none is touched, nor the name that cannot be changed. */
static bool holds_two_files_untouched(const struct seen *s)
{
	const struct facts *f = s->f;

	for (unsigned int i = 0; i < s->p->n_ops; i++) {
		const struct op *op = &s->p->op[i];

		if (!is_counter_op(op->type))
			continue;
		if (f->ladder.rung[op->rung].ambiguous || f->ladder.rung[op->rung].missing)
			return false;
		if (f->counter_unwritable && op->rung == f->booted.rung && op->type != OP_REFUND)
			return false;
	}
	return true;
}

/* The counter of the rung of this operation, as those before it leave it. */
static const struct counter *counter_before(const struct seen *s, unsigned int at)
{
	int rung = s->p->op[at].rung;

	while (at-- > 0)
		if (is_counter_op(s->p->op[at].type) && s->p->op[at].rung == rung)
			return &s->p->op[at].to;
	return &s->f->ladder.rung[rung].counter;
}

/* Nobody gets more tries than before, but by a hold, a reset and a shared fault (which give all of
 * them), the way back to a reset, a good rung's first failure, order's target without a counter,
 * and a charge that is taken back. Reset gets none from a hold. */
static bool may_gain(const struct seen *s, const struct op *op, const struct counter *now)
{
	const struct plan *p = s->p;
	const struct rung *r = &s->f->ladder.rung[op->rung];
	int tries = (int)ladder_tries(s->c, r->role);
	bool is_booted = op->rung == s->f->booted.rung;

	if (op->type == OP_REFUND)
		return true;
	if (counter_is_return(&op->to))
		return is_booted && (p->verdict == VERDICT_RESET || p->verdict == VERDICT_RETRY);
	if (is_booted && op->to.left == tries - 1 && op->to.done == 1) /* is forgiven once */
		return p->verdict == VERDICT_RETRY && p->counter.done == 0;
	if (op->to.left != tries || op->to.done != 0)
		return false;
	if (p->method == METHOD_ORDER && op->rung == p->target)
		return !now->present;
	return r->role != ROLE_RESET &&
	       (p->verdict == VERDICT_HOLD || p->verdict == VERDICT_RESET ||
		p->reason == REASON_SHARED_FAULT) &&
	       (now->left == 0 || counter_is_return(now) || (is_booted && s->f->reset_refused));
}

static bool holds_tries_bounded(const struct seen *s)
{
	for (unsigned int i = 0; i < s->p->n_ops; i++) {
		const struct op *op = &s->p->op[i];
		const struct counter *now = counter_before(s, i);
		bool gains = is_counter_op(op->type) && op->type != OP_MARK &&
			     (!now->present || op->to.left > now->left);

		if (is_counter_op(op->type) && (!op->to.present || op->to.left < 0))
			return false;
		if (gains && !may_gain(s, op, now))
			return false;
	}
	return true;
}

/* Only who deserves it is marked bad: it was left by order, or failed after its bless. */
static bool holds_mark_deserved(const struct seen *s)
{
	const struct plan *p = s->p;
	unsigned int at = place_of(s, OP_MARK);

	if (p->method == METHOD_ORDER &&
	    !(p->counter.present &&
	      (s->f->event != EVENT_ASSESS ||
	       (p->counter.left == 0 &&
		p->counter.done > (int)ladder_tries(s->c, standing_booted(s->f)->role)))))
		return false;
	if (at == p->n_ops)
		return true;
	return p->op[at].rung == s->f->booted.rung &&
	       (p->method == METHOD_ORDER ||
		(s->f->blessed && !s->f->failed && s->f->event != EVENT_ASSESS));
}

/* A hold gives the tries first and waits then; it ends in a wait, in recovery (Hold=stay), or
 * switched off, or it is the second half of one that was cut short. */
static bool holds_hold_waits(const struct seen *s)
{
	const struct plan *p = s->p;
	enum op_type last = p->n_ops > 0 ? p->op[p->n_ops - 1].type : OP_WAIT;

	if (p->verdict != VERDICT_HOLD)
		return true;
	if (p->target >= 0)
		return s->c->hold == HOLD_STAY && has(s, OP_RECORD);
	for (unsigned int i = place_of(s, OP_WAIT); i < p->n_ops; i++)
		if (is_counter_op(p->op[i].type))
			return false;
	if (s->f->record.state == RECORD_HOLD && !standing_is_of_this_boot(s->f))
		return has(s, OP_RECORD);
	return has(s, OP_RECORD) && (has(s, OP_WAIT) || last == OP_POWEROFF || last == OP_HALT);
}

/* A fault that the system rungs share ends in recovery, once, or in a hold. Where two of them had
 * it, none is reset before the next bless, by this boot or a later one. */
static bool holds_shared_holds(const struct seen *s)
{
	const struct plan *p = s->p;
	bool may_be = s->f->event == EVENT_FAIL && s->f->shared_failed &&
		      s->c->shared_fault == SHARED_FAULT_HOLD &&
		      is_role(s, s->f->booted.rung, ROLE_SYSTEM);
	bool leaves = p->verdict == VERDICT_SWITCH || p->verdict == VERDICT_HOLD;

	if (is_reset(s) && (may_be || s->f->record.resets == RECORD_COUNT_MAX))
		return false;
	/* A good one is left only for a switch that was under way before. */
	if (may_be && p->counter.present && leaves && p->record.resets != RECORD_COUNT_MAX)
		return false;
	if (p->reason != REASON_SHARED_FAULT)
		return true;
	if (s->f->event != EVENT_FAIL || !s->f->shared_fault)
		return false;
	if (has(s, OP_RECORD) && p->record.resets != RECORD_COUNT_MAX)
		return false;
	if (p->verdict == VERDICT_SWITCH)
		return is_role(s, p->target, ROLE_RECOVERY) && !s->f->shared_recovery;
	return p->verdict == VERDICT_HOLD || has(s, OP_WAIT);
}

/* A failure of a counted boot that has a try left starts the same rung again; OnFailure=next does
 * not. */
static bool holds_retry_first(const struct seen *s)
{
	const struct facts *f = s->f;
	const struct counter *c = &s->p->counter;
	bool may = f->event != EVENT_ASSESS && f->booted.known && standing_booted(f) &&
		   (!c->present || (c->left > 0 && s->c->on_failure == ON_FAILURE_RETRY));

	if (!may || s->p->verdict != VERDICT_SWITCH)
		return true;
	if (f->record.state == RECORD_OPEN && !standing_is_of_this_boot(f))
		return true;
	return f->blessed && !f->failed && is_role(s, f->booted.rung, ROLE_SYSTEM) &&
	       (s->p->reason == REASON_RELAPSED || s->p->reason == REASON_SHARED_FAULT);
}

struct rule {
	const char *name;
	bool (*holds)(const struct seen *s);
};

static const struct rule rules[] = {
	{"no-dead-end", holds_no_dead_end},
	{"no-spin", holds_no_spin},
	{"healthy-stays", holds_healthy_stays},
	{"exhausted-last", holds_exhausted_last},
	{"in-order", holds_in_order},
	{"retry-first", holds_retry_first},
	{"unknown-keeps-data", holds_unknown_keeps_data},
	{"reset-last", holds_reset_last},
	{"resets-bounded", holds_resets_bounded},
	{"record-first", holds_record_first},
	{"one-kexec", holds_one_kexec},
	{"counted-once", holds_counted_once},
	{"pinned-stays", holds_pinned_stays},
	{"hands-off", holds_hands_off},
	{"nothing-forgotten", holds_nothing_forgotten},
	{"two-files-untouched", holds_two_files_untouched},
	{"tries-bounded", holds_tries_bounded},
	{"mark-deserved", holds_mark_deserved},
	{"hold-waits", holds_hold_waits},
	{"shared-holds", holds_shared_holds},
};
#define N_RULES (sizeof(rules) / sizeof(rules[0]))

/* The name of the first rule that this plan breaks, or NULL. */
static const char *broken_rule(const struct facts *f, const struct config *c, const struct plan *p)
{
	struct seen s = {.f = f, .c = c, .p = p};

	for (unsigned int i = 0; i < p->n_ops && i < PLAN_OPS_MAX; i++)
		s.types |= 1u << p->op[i].type;
	for (unsigned int i = 0; i < N_RULES; i++)
		if (!rules[i].holds(&s))
			return rules[i].name;
	return NULL;
}
