// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "leave.h"
#include "relapse.h"
#include "standing.h"

/* One that was given up in this boot before has been counted. */
static bool is_relapse(const struct facts *f)
{
	const struct rung *r = standing_booted(f);

	return f->event != EVENT_ASSESS && f->blessed && !f->failed && r &&
	       r->role == ROLE_SYSTEM && !f->record_unwritable;
}

/* With this one. */
static unsigned int count(const struct facts *f)
{
	unsigned int before = f->lasted ? 0 : f->record.relapses;

	return before < RECORD_COUNT_MAX ? before + 1 : RECORD_COUNT_MAX;
}

/* OnFailure=next leaves at once. A rung that its bless has given all tries again would be come back
 * to from the next one, and so on. */
static bool is_left_at_once(const struct facts *f, const struct config *c, const struct plan *p)
{
	return c->on_failure == ON_FAILURE_NEXT && p->counter.present && !f->lasted;
}

bool relapse_is_final(const struct facts *f, const struct config *c, const struct plan *p)
{
	if (!is_relapse(f))
		return false;
	return count(f) >= ladder_tries(c, ROLE_SYSTEM) || is_left_at_once(f, c, p);
}

void relapse_mark(const struct facts *f, struct plan *p)
{
	struct counter bad = counter_bad();

	p->record.relapses = 0;
	if (f->counter_unwritable || standing_booted(f)->ambiguous || leave_is_marked(&p->counter))
		return;
	plan_add(p, (struct op){.type = OP_MARK, .rung = f->booted.rung, .to = bad});
	p->counter = bad;
}

/* What the record says of a switch stays: this boot may be its end, or its beginning. One that was
 * lost is nobody's any more, for this boot was good. */
static enum record_state state_after(const struct facts *f)
{
	enum record_state state = standing_record_state(f);

	return state == RECORD_OPEN && !standing_is_of_this_boot(f) ? RECORD_CLOSED : state;
}

bool relapse_note(const struct facts *f, struct plan *p)
{
	struct record *r = &p->record;

	if (!is_relapse(f))
		return false;
	r->method = f->record.method;
	r->methods_used = f->record.methods_used;
	r->target_counter = f->record.target_counter;
	r->kexec_cmdline = f->record.kexec_cmdline;
	memcpy(r->target, f->record.target, sizeof(r->target));
	r->relapses = (uint8_t)count(f);
	plan_add_record(p, state_after(f));
	return true;
}
