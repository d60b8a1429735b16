/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"

/* Why a planned restart into this rung (index in the ladder, below 0: not known) must go through
 * the firmware, whatever the methods: one phrase, a constant; NULL = nothing is in the way. */
const char *planned_obstacle(const struct facts *f, int target);
