// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "edit.h"
#include "leave.h"
#include "standing.h"

static bool is_chosen(const struct facts *f, unsigned int rungs, unsigned int i)
{
	return i < f->ladder.n && (rungs & 1u << i);
}

/* Of two files that could boot, which one is meant? Of the booted rung the loader may have said it;
 * bad are both. */
static bool is_doubtful(const struct facts *f, enum edit edit, unsigned int i)
{
	const struct rung *r = &f->ladder.rung[i];

	if (!r->twin[0] || r->twin_broken)
		return false;
	return (int)i == f->booted.rung ? f->booted.unproved : edit != EDIT_BAD;
}

enum obstacle edit_obstacle(const struct facts *f, enum edit edit, unsigned int i)
{
	const struct rung *r = &f->ladder.rung[i];

	if (r->missing)
		return OBSTACLE_MISSING;
	if (r->ambiguous)
		return OBSTACLE_AMBIGUOUS;
	return is_doubtful(f, edit, i) ? OBSTACLE_UNPROVED : OBSTACLE_NONE;
}

static bool is_refused(const struct facts *f, enum edit edit, unsigned int rungs, struct plan *p)
{
	for (unsigned int i = 0; i < RUNGS_MAX && p->obstacle == OBSTACLE_NONE; i++) {
		if (!is_chosen(f, rungs, i))
			continue;
		p->obstacle = edit_obstacle(f, edit, i);
		p->target = p->obstacle != OBSTACLE_NONE ? (int)i : -1;
	}
	return p->obstacle != OBSTACLE_NONE;
}

static struct op edit_op(const struct rung *r, const struct config *c, enum edit edit, int i)
{
	struct op op = {.type = OP_ARM, .rung = i};

	if (edit == EDIT_BAD) {
		op.type = OP_MARK;
		op.to = counter_bad();
	} else if (edit == EDIT_GOOD && r->role == ROLE_SYSTEM) {
		op.type = OP_BLESS;
	} else {
		op.to = counter_make((int)ladder_tries(c, r->role), 0);
	}
	return op;
}

/* A loader that went on counting a bad entry left it as bad as it was. */
static bool is_so_already(const struct rung *r, const struct op *op)
{
	return counter_is_same(&r->counter, &op->to) ||
	       (op->type == OP_MARK && leave_is_marked(&r->counter));
}

/* What a person says of the rung that runs ends the count of its relapses. */
static void plan_forget(const struct facts *f, unsigned int rungs, struct plan *p)
{
	if (f->booted.rung < 0 || !is_chosen(f, rungs, (unsigned int)f->booted.rung) ||
	    f->record.relapses == 0 || f->record_unwritable)
		return;
	p->record.relapses = 0;
	p->record.txn++;
	plan_add(p, (struct op){.type = OP_RECORD,
				.rung = f->booted.rung,
				.record_state = standing_record_state(f)});
}

void edit_plan(const struct facts *f, const struct config *c, enum edit edit, unsigned int rungs,
	       struct plan *p)
{
	memset(p, 0, sizeof(*p));
	p->verdict = VERDICT_PROCEED;
	p->reason = REASON_REFUSED;
	p->target = -1;
	p->against = f->against;
	p->record = f->record;
	if (f->booted.rung >= 0)
		p->counter = f->ladder.rung[f->booted.rung].counter;
	if (is_refused(f, edit, rungs, p))
		return;
	for (unsigned int i = 0; i < RUNGS_MAX; i++) {
		const struct rung *r = &f->ladder.rung[i];
		struct op op;

		if (!is_chosen(f, rungs, i))
			continue;
		op = edit_op(r, c, edit, (int)i);
		/* A twin says something else than what is asked for, whatever the first file says.
		 */
		if (r->twin[0])
			plan_add(p, (struct op){.type = OP_PARK, .rung = (int)i});
		if (!is_so_already(r, &op))
			plan_add(p, op);
	}
	plan_forget(f, rungs, p);
	p->reason = p->n_ops > 0 ? REASON_EDITED : REASON_GOOD;
}

unsigned int edit_rungs(const struct ladder *l, enum role role, bool with_good)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < l->n; i++) {
		const struct rung *r = &l->rung[i];

		if (r->role == role && !r->missing && (r->counter.present || with_good))
			set |= 1u << i;
	}
	return set;
}
