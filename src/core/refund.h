/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* A machine that is shut down in good order before its bless gives the try of this boot back: a
 * planned restart is no failure (F5). Neither is a resume from hibernation (F6). */

/* Plans the former (EVENT_SHUTDOWN): the record with its number first, then the counter
 * (OP_REFUND), reason refunded; reason refused where nothing is given back: the booted entry is
 * unknown, no system rung, not one single file, has no counter or none that shows what it was
 * before, or no tries even for this boot; this boot was not counted or was blessed, failed or is
 * left by us; RefundReboots= in a row were given, the record cannot be read, or it or the counter
 * cannot be written. Carried
 * out by settle(). The operations: at most two. */
void refund_plan(const struct facts *f, const struct config *c, struct plan *p);

/* Plans the latter (EVENT_SHUTDOWN, after a sleep): the booted entry gets back the one step that
 * was counted since its counter was `slept` (not NULL). Not limited, and not recorded: this boot
 * goes on. Reason refunded, or refused: it is not exactly one step, the entry is not known or not
 * one single file, or this boot is given up or left. */
void refund_plan_resume(const struct facts *f, const struct counter *slept, struct plan *p);
