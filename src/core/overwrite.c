// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overwrite.h"

static enum rung_state state_of(const struct facts *f, int i)
{
	return ladder_state(&f->ladder.rung[i], &f->ladder.rung[i].counter);
}

/* Is there a system rung in this state, besides these two? */
static bool has_other(const struct facts *f, enum rung_state state, int one, int two)
{
	for (int i = 0; i < (int)f->ladder.n; i++)
		if (i != one && i != two && f->ladder.rung[i].role == ROLE_SYSTEM &&
		    state_of(f, i) == state)
			return true;
	return false;
}

/* Of a rung that could boot: would what is left still bring the device up? */
static enum overwrite check_bootable(const struct facts *f, int rung)
{
	if (has_other(f, RUNG_GOOD, rung, -1))
		return OVERWRITE_YES;
	if (f->ladder.rung[rung].role != ROLE_SYSTEM || state_of(f, rung) == RUNG_GOOD)
		return OVERWRITE_LAST_GOOD;
	return has_other(f, RUNG_ARMED, rung, f->booted.rung) ? OVERWRITE_YES
							      : OVERWRITE_LAST_ARMED;
}

enum overwrite overwrite_check(const struct facts *f, int rung)
{
	enum rung_state state;
	const char *id;

	if (rung < 0 || rung >= (int)f->ladder.n || f->blind || f->unsure || !f->booted.known)
		return OVERWRITE_UNKNOWN;
	id = f->ladder.rung[rung].id;
	if (rung == f->booted.rung)
		return OVERWRITE_BOOTED;
	if (f->pin[0] && counter_same_id(f->pin, id))
		return OVERWRITE_PINNED;
	if (f->record.state == RECORD_OPEN && counter_same_id(f->record.target, id))
		return OVERWRITE_SWITCHING;
	state = state_of(f, rung);
	if (state != RUNG_GOOD && state != RUNG_ARMED)
		return OVERWRITE_YES;
	return check_bootable(f, rung);
}

const char *overwrite_name(enum overwrite o)
{
	static const char *const names[] = {"yes",	 "unknown",   "booted",	   "pinned",
					    "switching", "last-good", "last-armed"};

	return names[o];
}

const char *overwrite_sentence(enum overwrite o)
{
	static const char *const sentences[] = {
		[OVERWRITE_YES] = "it may be written",
		[OVERWRITE_UNKNOWN] =
			"which entry runs, or what other entries there are, is not known",
		[OVERWRITE_BOOTED] = "it runs",
		[OVERWRITE_PINNED] = "the operator pinned it",
		[OVERWRITE_SWITCHING] = "a switch to it is under way",
		[OVERWRITE_LAST_GOOD] = "no other system slot is good",
		[OVERWRITE_LAST_ARMED] =
			"no system slot is good, and no other one but the booted has tries left",
	};

	return sentences[o];
}
