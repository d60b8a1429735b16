/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* May an updater write into a slot? */
enum overwrite {
	OVERWRITE_YES,
	OVERWRITE_UNKNOWN,    /* which entry runs, or what else there is, is not known */
	OVERWRITE_BOOTED,     /* it runs */
	OVERWRITE_PINNED,     /* the operator pinned it */
	OVERWRITE_SWITCHING,  /* a switch to it is under way: the record is open */
	OVERWRITE_LAST_GOOD,  /* no other system rung is good */
	OVERWRITE_LAST_ARMED, /* no system rung is good, and no other one but the booted has tries
				 left */
};

/* The first that applies, in this order: unknown, booted, pinned, switching, yes for one that
 * cannot boot anyway (missing, broken, exhausted), last-good, last-armed, yes. For a recovery or
 * reset rung that could boot: last-good unless a system rung is good, whatever its own state. rung:
 * index in the ladder. */
enum overwrite overwrite_check(const struct facts *f, int rung);

/* "yes", "unknown", "booted", ... and what to say to a person. */
const char *overwrite_name(enum overwrite o);
const char *overwrite_sentence(enum overwrite o);
