/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "trace.h"

/* Which faults a system call can have. */
#define POINTS_MAX 16

/* The faults of one call; all of them, or those that matter most. Returns how many. */
int points_of(const struct call *c, bool is_all, struct fault ret[POINTS_MAX]);

/* Is what it does seen after the program has ended? Then a kill comes in front of it. */
bool points_is_change(const struct call *c);
