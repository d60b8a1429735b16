/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "edit.h"
#include "verb.h"

/* Carries out an edit of a set of rungs (bit i: index i in the ladder), and says what was changed,
 * or why not. f: of EVENT_EDIT. */
enum status counters_change(struct machine *m, const struct request *q, struct facts *f,
			    enum edit edit, unsigned int rungs, struct text *out);

/* Gives a set of rungs, all of them there, their tries again, and says which. f is then as they are
 * on the disk; with --dry-run, as they would be. Nothing goes to the history: the caller leaves
 * this boot, and says why. What cannot be done is logged. */
void counters_rearm(struct machine *m, const struct request *q, struct facts *f,
		    unsigned int rungs);

/* Without those of several rungs that cannot be rearmed: nobody knows which of two files is meant.
 * That is logged. */
unsigned int counters_leave_out(const struct facts *f, unsigned int rungs);
