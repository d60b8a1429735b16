/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ladder.h"
#include "machine.h"

/* Told about a command line, perhaps in pieces: of the rung (index in the ladder), or of the
 * running kernel (-1). cmdline.s is NULL at the end of each. */
typedef void (*slots_fn)(void *data, int rung, struct slice cmdline);

/* Calls fn for the command line of the running kernel, and for all that an entry of the ladder may
 * get: its options, and those of a UKI behind it. 0; or negative errno where one cannot be told,
 * with a phrase in why that names the file: it cannot be read, is no UKI although it should be one,
 * has profiles, or add-ons bring options of their own. A rung without an entry has none; an
 * entry without options has an empty one. */
int slots_each_cmdline(const struct machine *m, const struct ladder *l, slots_fn fn, void *data,
		       struct text *why);
