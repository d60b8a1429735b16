/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check.h"
#include "machine.h"

/* The programs of this machine, checks and hooks: which there are. */

/* Finds those of the kinds first to last. What is odd is logged; a directory of required checks
 * that cannot be read becomes one more of them, "unreadable", which cannot be started. */
void check_list_find(const struct machine *m, enum check_kind first, enum check_kind last,
		     struct checks *ret);

/* True if one of them is there to be run. */
bool check_list_any(const struct checks *l);

/* Appends one program and what came of it, as an element of a JSON array. */
void check_list_json(const struct check *c, struct text *t);

/* Appends a table: kind, name, directory. none: what is said where there is no program. */
void check_list_text(const struct checks *l, const char *none, struct text *t);
