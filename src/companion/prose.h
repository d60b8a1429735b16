/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "report.h"

/* What a report says, as sentences for a person. */

/* "2 tries left, 1 done". A counter that is there. */
void prose_counter(const struct counter *c, struct text *t);

/* Who counted this boot; nothing where there is nothing to count or nobody can tell any more. */
void prose_counted(const struct report *r, struct text *t);

/* How the booted rung stands: "good", "on probation, ...", "blessed in this boot ...". */
void prose_standing(const struct report *r, struct text *t);

/* The rungs above the booted one, each with its state: why they do not run. Nothing for the first.
 */
void prose_above(const struct report *r, struct text *t);

/* What the assess event of this boot decided, and what that means. */
void prose_assessed(const struct report *r, struct text *t);

/* What a plan of the report does: "restart and try active.conf again". */
void prose_plan(const struct report *r, const struct plan *p, struct text *t);

/* How the last switch went; nothing without a record of one. */
void prose_record(const struct report *r, struct text *t);

/* "wipe, 1 of 2 used": the reset that has no entry; nothing with ResetMethod=entry. */
void prose_reset(const struct report *r, struct text *t);

/* What the loader starts next, and who says so. */
void prose_next_entry(const struct report *r, struct text *t);
void prose_next(const struct report *r, struct text *t);

/* Why there is no kexec from this boot, or "possible". */
void prose_kexec(const struct report *r, struct text *t);

/* What a person should look at. warn is called for each. */
typedef void (*prose_fn)(const char *sentence, struct text *t);
void prose_each_warning(const struct report *r, prose_fn warn, struct text *t);
