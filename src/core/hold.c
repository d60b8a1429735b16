// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hold.h"
#include "leave.h"
#include "standing.h"

bool hold_is_rearmable(const struct facts *f, const struct plan *p, int i)
{
	bool is_stuck =
		f->ladder.rung[i].ambiguous || (f->counter_unwritable && i == f->booted.rung);

	return !is_stuck && standing_state(f, p, i) == RUNG_EXHAUSTED;
}

void hold_rearm(const struct facts *f, const struct config *c, struct plan *p, enum role last)
{
	for (int i = 0; i < (int)f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->role == ROLE_RESET || r->role > last || !hold_is_rearmable(f, p, i))
			continue;
		plan_add(p, (struct op){.type = OP_ARM,
					.rung = i,
					.to = counter_make((int)ladder_tries(c, r->role), 0)});
	}
}

static unsigned long hold_delay(const struct config *c, unsigned int rounds)
{
	unsigned long delay_s = c->hold_delay_s;

	for (; rounds > 0 && delay_s < HOLD_DELAY_MAX_S; rounds--)
		delay_s *= 2;
	return delay_s < HOLD_DELAY_MAX_S ? delay_s : HOLD_DELAY_MAX_S;
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
		method = leave_pick(f, c, p, (int)i, used, false);
		if (method == METHOD_NONE)
			continue;
		leave_plan(f, c, p, (int)i, used, method);
		return true;
	}
	return false;
}

static void plan_hold_end(struct plan *p, unsigned long wait_s)
{
	if (wait_s > 0)
		plan_add(p, (struct op){.type = OP_WAIT, .seconds = wait_s});
	plan_add_record(p, RECORD_CLOSED);
	plan_add(p, (struct op){.type = OP_REBOOT});
}

void hold_plan(const struct facts *f, const struct config *c, struct plan *p, enum reason reason)
{
	bool has_waited;

	plan_verdict(p, VERDICT_HOLD, reason);
	if (c->hold == HOLD_STAY && hold_in_recovery(f, c, p))
		return;
	/* Armed first, then waited: if the power goes meanwhile, the next boot finds rungs to try,
	 * also where the first of all dies before its initramfs. */
	has_waited = f->record.state == RECORD_HOLD && !standing_is_of_this_boot(f);
	if (!has_waited && p->record.rounds < UINT8_MAX)
		p->record.rounds++;
	if (!has_waited)
		plan_add_record(p, RECORD_HOLD);
	hold_rearm(f, c, p, ROLE_RECOVERY);
	if (!has_waited && c->hold == HOLD_POWEROFF)
		plan_add(p, (struct op){.type = OP_POWEROFF});
	else if (!has_waited && c->hold == HOLD_HALT)
		plan_add(p, (struct op){.type = OP_HALT});
	else
		plan_hold_end(p, has_waited ? 0 : hold_delay(c, f->record.rounds));
}
