/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Where the counter of an entry is kept: in the name of its file, or, where no file can be renamed,
 * in the EFI variable BootAssessTries (core/tries.h). */

/* It must be done through the mount. */
#define CARRIER_MOUNTED 1

/* Gives the entry's file another name by writing one sector (doors/volume.h), where the store is a
 * partition that nobody else has mounted. The store's fd is another one afterwards. 0;
 * CARRIER_MOUNTED: nothing was changed; negative errno: either name may be there. */
int carrier_move(struct machine *m, const struct rung *r, const char *new_name);

/* Gives the entry's file the name that shows the counter, and writes that name to new_name
 * (NAME_SIZE bytes): by carrier_move() if that can be, else through the mount. is_reserved:
 * esp_rename_reserved() then; else, for the loader's own next name, esp_rename_by_copy(), and
 * esp_rename() for UKIs and where there is no room; see doors/esp.h for which is for what. A file
 * that has the name already stays as it is. r keeps the old name. 0 or negative errno; new_name is
 * then filled in or empty. */
int carrier_rename(struct machine *m, const struct rung *r, const struct counter *to,
		   bool is_reserved, char new_name[NAME_SIZE]);

/* Writes, or with c NULL removes, the counter of an entry in the variable; c without a counter says
 * that it is blessed. 0 or positive: done; negative errno (-ENOENT: no EFI variables). */
int carrier_set_variable(const struct machine *m, const struct rung *r, const struct counter *c);

/* Notes in the facts what the counter of a rung is from now on. Whatever the booted entry's counter
 * says from now on, it says it of this boot too: later runs in this boot are told. */
void carrier_note(const struct machine *m, struct facts *f, int rung, const struct counter *to);
