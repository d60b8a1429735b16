/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* Seconds that a restart waits where nothing durable has changed in this boot: a loop that a person
 * can still break into. */
#define DECIDE_WAIT_S 60

/* The decision. Pure: same facts, same plan. Fills in the whole plan; cannot fail. ARCHITECTURE.md
 * has the table that this implements. */
void decide(const struct facts *f, const struct config *c, struct plan *p);

/* The plan for a person who asks for another rung. target: index in the ladder, below 0: the next
 * target after the booted rung. Only kexec and firmware are used, in this order, as c->methods
 * says. Verdict switch, reason requested; or proceed, reason refused, without operations that
 * leave: the target is the booted rung, missing, broken or exhausted, or no method is left. */
void decide_switch(const struct facts *f, const struct config *c, int target, struct plan *p);

/* The plan of a planned restart (EVENT_SHUTDOWN) past the firmware. target: index in the ladder of
 * the entry that the loader would start next, also the booted one; below 0: not known. Kexec only:
 * verdict switch, reason requested; or proceed, reason refused (planned_obstacle() may say why):
 * what was done before is taken back, and the restart goes through the firmware. */
void decide_reboot(const struct facts *f, const struct config *c, int target, struct plan *p);
