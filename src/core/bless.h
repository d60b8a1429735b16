/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* What a bless of this boot does. Pure. f->event is EVENT_BLESS; the verdict is always proceed. The
 * operations, in this order, each of them idempotent and only where something is to be changed:
 *
 *   park     other files of the booted id, so that one remains
 *   bless    the counter is dropped; or, as arm: after a kexec, and with CountGood=, +Tries-0
 *   correct  a default in loader.conf that names a counted file of this id
 *   prefer   where a setting of the loader selects another rung, and not this one; never against
 *            the operator's pin, nor what `activate` chose in this boot. After a kexec of a counted
 * rung, where the loader has no `preferred`: oneshot, so that the next boot proves it, whose bless
 * prefers it record   closed, rounds, refunds and resets 0: if it is open, from another boot or for
 * this rung, or counts one of these. Its relapses (core/relapse.h) too, if this boot is the first
 * since the one that was blessed before: no counter, or DONE at most 1 arm      recovery and reset:
 * RecoveryTries, ResetTries, also where there is no counter. Those that cannot be renamed
 * (ambiguous, the name is taken by a twin that could boot) or are missing are left out; park comes
 * first where a twin cannot boot
 *
 * A boot of recovery or reset gives no tries back (REASON_BUDGET): only its open record is closed.
 * REASON_GOOD: the entry itself has no counter to drop, all the rest as above. REASON_REFUSED:
 * p->obstacle says why, and there are no operations. */
void bless_plan(const struct facts *f, const struct config *c, struct plan *p);
