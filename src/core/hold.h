/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* The longest wait of a hold: a day. */
#define HOLD_DELAY_MAX_S 86400

/* Plans the end of the ladder, as Hold= says: every exhausted system and recovery rung gets its
 * tries again, then the machine waits, longer each time, and starts again. The record must be
 * writable. */
void hold_plan(const struct facts *f, const struct config *c, struct plan *p, enum reason reason);

/* True if the rung (index) is exhausted in this boot, and its counter can be written. */
bool hold_is_rearmable(const struct facts *f, const struct plan *p, int i);

/* Gives every exhausted rung its tries again, roles up to `last` (a reset never gets any here). */
void hold_rearm(const struct facts *f, const struct config *c, struct plan *p, enum role last);
