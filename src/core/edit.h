/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* What a person may do to the counter of a rung. */
enum edit {
	EDIT_GOOD,  /* no counter; recovery and reset get their tries: their budget stays bounded */
	EDIT_BAD,   /* +0-9: exhausted at once */
	EDIT_REARM, /* its tries again, +Tries-0 */
};

/* The plan for a set of rungs (bit i: index i in the ladder): for each that is to be changed park,
 * where there are other files of its id, then bless, mark or arm. Verdict proceed; reason edited,
 * or good where nothing is to be changed, or refused: p->obstacle and p->target say why and which
 * rung (missing, ambiguous), and there are no operations at all. Refused too,
 * as unproved: two files of one id that could both boot, unless it is the booted one and the loader
 * said which; EDIT_BAD of another rung than the booted one means both. Disabled and blind machines
 * are the caller's to refuse. */
void edit_plan(const struct facts *f, const struct config *c, enum edit edit, unsigned int rungs,
	       struct plan *p);

/* What stands in the way of this edit of one rung: OBSTACLE_NONE, or as above. */
enum obstacle edit_obstacle(const struct facts *f, enum edit edit, unsigned int i);

/* The set of all rungs of a role that are there; with_good: also those without a counter. */
unsigned int edit_rungs(const struct ladder *l, enum role role, bool with_good);
