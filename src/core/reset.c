// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reset.h"
#include "hold.h"
#include "standing.h"

bool reset_is_configured(const struct config *c)
{
	if (c->reset_method == RESET_SYSTEMD)
		return true;
	return c->reset_method == RESET_WIPE && (c->reset_wipe[0] || c->reset_hook[0]);
}

/* What is not known may be better than it looks. An entry for which the ladder has no room was
 * never looked at. */
bool reset_is_all_known(const struct facts *f)
{
	return !f->blind && !f->unsure && !f->ladder.dropped && !f->record_damaged;
}

/* A directory block that vfat cannot read is passed over without an error: an entry in it looks
 * cleanly absent. Only where each pattern has found something is that ruled out, and no recovery
 * that has tries left is overlooked. */
static bool is_any_missing(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (f->ladder.rung[i].missing && f->ladder.rung[i].role != ROLE_RESET)
			return true;
	return false;
}

static bool can_any_boot(const struct facts *f, const struct plan *p)
{
	for (int i = 0; i < (int)f->ladder.n; i++)
		if (standing_is_bootable(f, p, i))
			return true;
	return false;
}

static bool is_booted_stuck(const struct facts *f)
{
	return f->counter_unwritable || standing_booted(f)->ambiguous;
}

/* There is somewhere to go afterwards: a wipe alone brings no boot entry back. */
static bool can_help(const struct facts *f, const struct config *c, const struct plan *p)
{
	if (c->reset_method == RESET_WIPE && c->reset_hook[0])
		return true;
	for (int i = 0; i < (int)f->ladder.n; i++)
		if (f->ladder.rung[i].role == ROLE_SYSTEM &&
		    (i == f->booted.rung || hold_is_rearmable(f, p, i)))
			return true;
	return false;
}

bool reset_is_due(const struct facts *f, const struct config *c, const struct plan *p)
{
	if (!reset_is_configured(c) || f->reset_refused || f->record_unwritable)
		return false;
	if (p->record.resets >= c->reset_tries || !reset_is_all_known(f) || can_any_boot(f, p))
		return false;
	return !is_any_missing(f) && !is_booted_stuck(f) && can_help(f, c, p);
}

static bool is_counted(const struct facts *f, const struct plan *p)
{
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == OP_COUNT)
			return true;
	return f->booted.counted || f->booted.counted_here;
}

/* COUNTER_RETURN_DONE tells it whole. */
static void plan_return(const struct facts *f, struct plan *p)
{
	plan_add(p, (struct op){.type = OP_ARM, .rung = f->booted.rung, .to = counter_return()});
}

/* Tries that are left (OnFailure=next) are used first: a reset is the last of all. So a rung that
 * has a way back already keeps it. */
static void send_back(const struct facts *f, struct plan *p)
{
	plan_verdict(p, VERDICT_RETRY, REASON_ALL_EXHAUSTED);
	p->method = METHOD_FIRMWARE;
	if (p->counter.left == 0)
		plan_return(f, p);
	else if (!is_counted(f, p)) /* nothing durable changes: a person may still break in */
		plan_add(p, (struct op){.type = OP_WAIT, .seconds = RESET_WAIT_S});
	plan_add(p, (struct op){.type = OP_REBOOT});
}

void reset_plan(const struct facts *f, const struct config *c, struct plan *p)
{
	bool is_wipe = c->reset_method == RESET_WIPE;

	if (f->event != EVENT_ASSESS) {
		send_back(f, p);
		return;
	}
	plan_verdict(p, VERDICT_RESET, REASON_ALL_EXHAUSTED);
	p->record.resets++;
	plan_add_record(p, RECORD_CLOSED);
	plan_return(f, p);
	plan_add(p, (struct op){.type = is_wipe ? OP_WIPE : OP_REQUEST});
	hold_rearm(f, c, p, ROLE_SYSTEM);
	plan_add(p, (struct op){.type = OP_REBOOT});
}
