// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "refund.h"
#include "standing.h"

/* A switch that was begun in this boot leads elsewhere: this is no end that somebody else planned.
 */
static bool is_switch_begun(const struct facts *f)
{
	return f->record.state == RECORD_OPEN && standing_is_of_this_boot(f) &&
	       !counter_same_id(f->record.target, f->booted.id);
}

/* This boot came to nothing, or to its bless, or ends because we said so. */
static bool is_over(const struct facts *f)
{
	return f->blessed || f->failed || f->leaving || is_switch_begun(f);
}

/* Is there one file, and one system rung, that the try was taken from? Other files of its id may
 * have the name before. */
static bool is_sure(const struct facts *f)
{
	const struct rung *r = standing_booted(f);

	return !f->disabled && !f->blind && f->booted.known && r && r->role == ROLE_SYSTEM &&
	       !r->missing && !r->ambiguous && !r->twin[0] && !f->booted.renamed;
}

static bool is_due(const struct facts *f, const struct config *c, struct counter *ret)
{
	const struct rung *r = standing_booted(f);

	if (!is_sure(f) || is_over(f) || !(f->booted.counted || f->booted.counted_here))
		return false;
	/* Without tries a boot is not counted, but for the last one. */
	if (ladder_is_exhausted(c, r, &r->counter) || counter_previous(&r->counter, ret) != 0)
		return false;
	/* Nobody knows what a record counted that cannot be read; only a bless begins a new one. */
	return f->record.refunds < c->refund_reboots && f->record.refunds < RECORD_COUNT_MAX &&
	       !f->record_damaged && !f->record_unwritable && !f->counter_unwritable;
}

static void start_plan(const struct facts *f, struct plan *p)
{
	memset(p, 0, sizeof(*p));
	p->verdict = VERDICT_PROCEED;
	p->reason = REASON_REFUSED;
	p->target = -1;
	p->against = f->against;
	p->record = f->record;
	if (standing_booted(f))
		p->counter = standing_booted(f)->counter;
}

static void plan_counter(const struct facts *f, const struct counter *to, struct plan *p)
{
	p->reason = REASON_REFUNDED;
	plan_add(p, (struct op){.type = OP_REFUND, .rung = f->booted.rung, .to = *to});
}

void refund_plan(const struct facts *f, const struct config *c, struct plan *p)
{
	struct counter before;

	start_plan(f, p);
	if (!is_due(f, c, &before))
		return;
	p->record.refunds++;
	p->record.txn++; /* only its number tells that it is the newer one */
	plan_add_record(p, standing_record_state(f));
	plan_counter(f, &before, p);
}

void refund_plan_resume(const struct facts *f, const struct counter *slept, struct plan *p)
{
	const struct rung *r = standing_booted(f);

	start_plan(f, p);
	if (f->disabled || f->blind || !f->booted.known || !r || r->missing || r->ambiguous ||
	    r->twin[0] || f->failed || f->leaving || is_switch_begun(f))
		return;
	if (counter_is_next(slept, 1, &r->counter))
		plan_counter(f, slept, p);
}
