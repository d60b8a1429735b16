/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"
#include "text.h"

/* Enough for explain_json() and explain_text() of a full ladder. */
#define EXPLAIN_SIZE 32768

/* One line: "assess: switch (exhausted): active.conf +0-4 -> passive.conf by firmware". */
void explain_line(const struct facts *f, const struct plan *p, struct text *t);

/* One operation, as in --json: "count active.conf +3 +2-1". Counters are those before the plan
 * began. */
void explain_op(const struct facts *f, const struct plan *p, const struct op *op, struct text *t);

/* The whole decision for a person: the line, the ladder, the operations. */
void explain_text(const struct facts *f, const struct plan *p, struct text *t);

/* The whole decision as one JSON object and a newline; bootassess-initrd(8) describes it. */
void explain_json(const struct facts *f, const struct plan *p, struct text *t);
