/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "plan.h"
#include "text.h"

/* What stands in the way of a bless or an edit that was refused, for a person: the files by name
 * and partition, and what to do. */
void obstacle_text(const struct machine *m, const struct facts *f, const struct plan *p,
		   struct text *t);
