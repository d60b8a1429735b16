// SPDX-License-Identifier: LGPL-2.1-or-later
#include "planned.h"

const char *planned_obstacle(const struct facts *f, int target)
{
	const struct record *r = &f->record;

	if (f->disabled)
		return "bootassess=0 is on the kernel command line, or this is a crash kernel";
	if (f->blind)
		return "the boot entries cannot be read";
	if (f->failed || f->leaving)
		return "this boot was given up, or is left for another entry already";
	if (f->record_damaged)
		return "the record of the last switch cannot be read";
	if (r->state == RECORD_HOLD ||
	    (r->state == RECORD_OPEN &&
	     (target < 0 || !counter_same_id(r->target, f->ladder.rung[target].id))))
		return "a switch is under way, which the next boot goes on with";
	if (target < 0)
		return "which entry is started next is not known";
	if (f->ladder.rung[target].role == ROLE_RESET)
		return "the next entry resets the device";
	return NULL;
}
