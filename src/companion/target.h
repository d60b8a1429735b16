/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"
#include "text.h"

/* The rung that a person means by its id, with or without suffix; id NULL: the next one that could
 * be switched to if every method were there. Its index, or -1: an id that is on no rung is logged,
 * with the rungs that there are. */
int target_find(const struct facts *f, const struct config *c, const char *id);

/* True if this rung (index) is another one than the booted one, and good or armed. */
bool target_can_boot(const struct facts *f, int target);

/* Why decide_switch() refused to go to this target (index, or -1: there is none): one phrase.
 * methods: those that were allowed, set of enum method. */
void target_refusal(const struct facts *f, const struct plan *p, int target, unsigned long methods,
		    struct text *t);
