// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "leave.h"

bool leave_is_marked(const struct counter *c)
{
	return c->present && c->left == 0 && c->done >= COUNTER_BAD_DONE;
}

/* Order overrules the loader by two names: the booted rung is marked bad, and a target without a
 * counter gets one. */
static bool can_order(const struct facts *f, int target)
{
	const struct rung *t = &f->ladder.rung[target];

	return !f->counter_unwritable && !f->ladder.rung[f->booted.rung].ambiguous &&
	       (t->counter.present || !t->ambiguous);
}

/* A kexec charges the target, so there must be one file to charge. */
static bool can_kexec(const struct facts *f, const struct plan *p, int target)
{
	return p->against == 0 && !f->ladder.rung[target].ambiguous;
}

enum method leave_pick(const struct facts *f, const struct config *c, const struct plan *p,
		       int target, unsigned int used, bool may_mark)
{
	unsigned int left = (c->methods | METHOD_ORDER) & ~used & ~f->unfit;

	if (f->record_unwritable)
		return METHOD_NONE;
	if ((left & METHOD_KEXEC) && can_kexec(f, p, target))
		return METHOD_KEXEC;
	if (left & METHOD_FIRMWARE)
		return METHOD_FIRMWARE;
	if ((left & METHOD_ORDER) && may_mark && can_order(f, target))
		return METHOD_ORDER;
	return METHOD_NONE;
}

/* The loader counts what it starts; a kexec goes past it, so the charge is ours. */
static void plan_kexec(const struct facts *f, struct plan *p)
{
	const struct counter *now = &f->ladder.rung[p->target].counter;

	p->record.kexec_kernel = f->kernel;
	plan_add(p, (struct op){.type = OP_STAGE, .rung = p->target});
	plan_add_record(p, RECORD_OPEN);
	if (now->present)
		plan_add(p, (struct op){.type = OP_CHARGE,
					.rung = p->target,
					.to = counter_next(now, 1)});
	if (f->oneshot) /* it would send the boot after the next one elsewhere */
		plan_add(p, (struct op){.type = OP_TIDY});
	plan_add(p, (struct op){.type = OP_KEXEC, .rung = p->target});
}

/* The loader's default is taken away and the booted rung goes last, so that the loader takes the
 * first entry that is left in its own order. A default that named the target would boot it for ever
 * if it is dead; so would a target without a counter: it gets one. */
static void plan_order(const struct facts *f, const struct config *c, struct plan *p)
{
	const struct rung *target = &f->ladder.rung[p->target];

	if (!target->counter.present)
		plan_add(p, (struct op){.type = OP_ARM,
					.rung = p->target,
					.to = counter_make((int)ladder_tries(c, target->role), 0)});
	plan_add(p, (struct op){.type = OP_UNPIN});
	/* Last, because it shows that all of this was done. */
	if (!leave_is_marked(&p->counter))
		plan_add(p,
			 (struct op){.type = OP_MARK, .rung = f->booted.rung, .to = counter_bad()});
	plan_add(p, (struct op){.type = OP_REBOOT});
}

void leave_plan(const struct facts *f, const struct config *c, struct plan *p, int target,
		unsigned int used, enum method method)
{
	struct record *r = &p->record;

	p->target = target;
	p->method = method;
	if (target != f->booted.rung) /* a restart of the same one has not left it */
		r->relapses = 0;
	r->method = (uint8_t)method;
	r->methods_used = (uint8_t)(used | method);
	r->target_counter = f->ladder.rung[target].counter;
	memcpy(r->target, f->ladder.rung[target].id, sizeof(r->target));
	if (method == METHOD_KEXEC) {
		plan_kexec(f, p);
		return;
	}
	plan_add_record(p, RECORD_OPEN);
	if (method == METHOD_FIRMWARE) {
		plan_add(p, (struct op){.type = OP_ONESHOT, .rung = target});
		plan_add(p, (struct op){.type = OP_REBOOT});
	} else {
		plan_order(f, c, p);
	}
}
