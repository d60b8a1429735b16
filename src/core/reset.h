/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* Seconds that a restart on the way to it waits where nothing durable changed: DECIDE_WAIT_S. */
#define RESET_WAIT_S 60

/* The reset without an entry of its own (ResetMethod=wipe, systemd): done by the initramfs, before
 * a root file system is mounted. It is no rung. */

/* True if ResetMethod= is one of these, and resets more than nothing. */
bool reset_is_configured(const struct config *c);

/* True if every entry could be judged, each has its place on the ladder, and the record could be
 * read: without that no data is reset, neither by an entry nor without one. */
bool reset_is_all_known(const struct facts *f);

/* True if it is the next thing to do: it is configured, no other rung can boot, all is
 * known (above), no pattern of System= and Recovery= is without an entry, fewer than
 * ResetTries= were begun since the last bless of a system rung, the record can be written, and
 * nothing has refused it in this boot; the counter of the booted rung can be written; and a system
 * rung can be given its tries again, or a hook may bring one back. */
bool reset_is_due(const struct facts *f, const struct config *c, const struct plan *p);

/* Plans it. In an assess event: the record counts it, then wipe or request, then every exhausted
 * system rung gets its tries, then restart (VERDICT_RESET). In any other event, where file systems
 * may be mounted: the machine starts again (VERDICT_RETRY). Before either, a booted rung without
 * tries gets one, +1-8: after a power cut, or if no other comes as far as its initramfs, the loader
 * starts this one once more, and its assess event finds it exhausted. */
void reset_plan(const struct facts *f, const struct config *c, struct plan *p);
