/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "plan.h"

/* An operation failed in a way that another plan must answer: the facts now say so. */
#define ACT_AGAIN 1

/* Carries out a plan, operation by operation, each durable before the next. Keeps f's ladder as it
 * is on the disk. What fails is logged; what cannot be done at all is noted in f (unfit,
 * record_unwritable, counter_unwritable, reset_refused), so that decide() finds another plan: there
 * are only so many of these notes that the caller may loop. Returns 0 when the plan was carried
 * out; a restart does not return, but with --root=, where the machine is left alone, it does. */
int act(struct machine *m, struct facts *f, const struct plan *p);

/* Logs one operation. before: the facts that the plan was made from. */
void act_tell(const struct facts *before, const struct plan *p, const struct op *op);
