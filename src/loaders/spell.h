/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "counter.h"

/* How the loader spells the ids of entries: LoaderEntries has its own list. Up to systemd 252 (and
 * in releases up to 257 that were not corrected) an id holds the counter; since 258 it is in lower
 * case. */

/* Writes the id as the list has it, perhaps with a counter; as it stands where the list does not
 * have it or there is none. efivars: directory fd, or -1. 0 or -ENOMEM. */
int spell_find_id(int efivars, const char *id, char spelt[NAME_SIZE]);

/* True if an id of the list holds a counter. */
bool spell_has_counters(int efivars);

/* A pattern for the id with any counter, or none: "active.conf" gives `active[+.]*conf`. It also
 * takes what has a further part in its name (active.old.conf). 0 or -ENAMETOOLONG. */
int spell_pattern(const char *id, char pattern[NAME_SIZE]);
