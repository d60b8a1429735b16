/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* How one rung is left for another. */

/* True if the counter of the booted rung shows that METHOD_ORDER was carried out to its end. */
bool leave_is_marked(const struct counter *c);

/* The first method for the target (index in the ladder) that can be used in this boot: kexec,
 * firmware, order. used: set of methods that are out of question. may_mark: the booted rung
 * deserves the mark that order gives it. METHOD_NONE if there is none. */
enum method leave_pick(const struct facts *f, const struct config *c, const struct plan *p,
		       int target, unsigned int used, bool may_mark);

/* Adds the record and the operations of a switch to the plan. used: methods that were tried for
 * this target before. method: one that leave_pick() gave. */
void leave_plan(const struct facts *f, const struct config *c, struct plan *p, int target,
		unsigned int used, enum method method);
