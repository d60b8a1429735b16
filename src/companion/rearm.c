// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "counters.h"
#include "doors/log.h"
#include "target.h"

/* Which rungs are meant. False, and logged, if there is no such one. */
static bool find_rungs(const struct machine *m, const struct request *q, const struct facts *f,
		       unsigned int *ret, bool *ret_left_out)
{
	unsigned int rungs;
	int rung;

	*ret_left_out = false;
	if (!q->id || strcmp(q->id, "all") == 0) {
		rungs = edit_rungs(&f->ladder, ROLE_SYSTEM, false);
		if (q->id)
			rungs |= edit_rungs(&f->ladder, ROLE_RECOVERY, false) |
				 edit_rungs(&f->ladder, ROLE_RESET, false);
		*ret = counters_leave_out(f, rungs);
		*ret_left_out = *ret != rungs;
		return true;
	}
	rung = target_find(f, &m->config, q->id);
	if (rung >= 0)
		*ret = 1u << rung;
	return rung >= 0;
}

enum status rearm_run(struct machine *m, const struct request *q, struct text *out)
{
	enum status status;
	unsigned int rungs;
	bool left_out;
	struct facts f;

	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f) ||
	    !find_rungs(m, q, &f, &rungs, &left_out))
		return STATUS_REFUSED;
	status = counters_change(m, q, &f, EDIT_REARM, rungs, out);
	return left_out ? STATUS_REFUSED : status;
}
