/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "report.h"

/* The rungs of a report, as status and list show them. */

/* How a word is shown to a person: in colour, where the terminal takes it. */
enum paint { PAINT_BOLD, PAINT_GOOD, PAINT_WAIT, PAINT_BAD };
void rungs_paint(struct text *t, enum paint paint, const char *word, bool colour);

/* An aligned table with a head line, a line a rung; `*` is the booted one. Each line begins with
 * indent. with_file: also where its file lies. */
void rungs_table(const struct report *r, const char *indent, bool with_file, bool colour,
		 struct text *t);

/* One rung (index) as a JSON object, an element or (key not NULL) a member; bootassess(8) describes
 * it. */
void rungs_json(const struct report *r, unsigned int i, const char *key, struct text *t);

/* The array of all of them. */
void rungs_json_all(const struct report *r, const char *key, struct text *t);

/* "loader/entries/active+2-1.conf on the ESP". */
void rungs_file(const struct rung *rung, struct text *t);
