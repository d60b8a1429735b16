/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "edit.h"
#include "verb.h"

/* Carries out an edit of a set of rungs (bit i: index i in the ladder), and says what was changed,
 * or why not. f: of EVENT_EDIT. */
enum status counters_change(struct machine *m, const struct request *q, struct facts *f,
			    enum edit edit, unsigned int rungs, struct text *out);
