// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "standing.h"

const struct rung *standing_booted(const struct facts *f)
{
	return f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
}

enum rung_state standing_state(const struct facts *f, const struct plan *p, int i)
{
	const struct rung *r = &f->ladder.rung[i];

	return ladder_state(r, i == f->booted.rung ? &p->counter : &r->counter);
}

bool standing_is_bootable(const struct facts *f, const struct plan *p, int i)
{
	enum rung_state state = standing_state(f, p, i);

	return i != f->booted.rung && (state == RUNG_GOOD || state == RUNG_ARMED);
}

enum record_state standing_record_state(const struct facts *f)
{
	switch (f->record.state) {
	case RECORD_OPEN:
		if (counter_same_id(f->record.target, f->booted.id))
			return RECORD_ARRIVED;
		return RECORD_OPEN;
	case RECORD_ARRIVED:
		return standing_is_of_this_boot(f) ? RECORD_ARRIVED : RECORD_CLOSED;
	case RECORD_HOLD:
		return RECORD_HOLD;
	default:
		return RECORD_CLOSED;
	}
}

bool standing_is_of_this_boot(const struct facts *f)
{
	return f->boot_id[0] && strcmp(f->record.boot_id, f->boot_id) == 0;
}
