/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* How the rungs and the record stand in this boot. */

/* The booted rung, or NULL: it is on none, or unknown. */
const struct rung *standing_booted(const struct facts *f);

/* The state that this boot leaves the rung (index) in: the booted one counts as it does after this
 * boot, which is p->counter. */
enum rung_state standing_state(const struct facts *f, const struct plan *p, int i);

/* True if this is another rung (index) than the booted one, and good or armed. */
bool standing_is_bootable(const struct facts *f, const struct plan *p, int i);

/* True if the record was written in this boot. One without a boot id never was. */
bool standing_is_of_this_boot(const struct facts *f);

/* The state in which this boot may write the record anew without making it say something else of a
 * switch or a hold: a switch that led here has arrived, one that is open stays so, one that had
 * arrived before this boot is over. No record becomes a closed one. */
enum record_state standing_record_state(const struct facts *f);
