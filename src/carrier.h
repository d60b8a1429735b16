/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Where the counter of an entry is kept: in the name of its file; for boot loaders that find an
 * entry by its path, in a tries file (core/tries-file.h); or, where neither can be written, in the
 * EFI variable BootAssessTries (core/tries.h), which is heard first. */

/* True if it is a tries file: the loader does not take entries as it finds them
 * (loader_ops.finds_by_name). With Loader=none the name is what counts where it has a counter. */
bool carrier_is_file(const struct machine *m, const struct rung *r);

/* Which file system the counter of an entry is on, and "rename" or "write the tries file of": for
 * messages. */
enum place carrier_place(const struct machine *m, const struct rung *r);
const char *carrier_verb(const struct machine *m, const struct rung *r);

/* Logs what is now in a tries file. */
void carrier_log_file(const struct rung *r, const struct counter *to);

/* It must be done through the mount. */
#define CARRIER_MOUNTED 1

/* Gives the entry's file another name by writing one sector (doors/volume.h), where the store is a
 * partition that nobody else has mounted. The store's fd is another one afterwards. 0;
 * CARRIER_MOUNTED: nothing was changed; negative errno: either name may be there. */
int carrier_move(struct machine *m, const struct rung *r, const char *new_name);

/* Makes the counter of an entry durable, c without one: it is good. Writes the name that its file
 * has then to new_name (NAME_SIZE bytes): its old one where it has a tries file. By one sector if
 * that can be, else through the mount. is_reserved: esp_rename_reserved() then; else, for the
 * loader's own next name, esp_rename_by_copy(), and esp_rename() for UKIs and where there is no
 * room; see doors/esp.h for which is for what. What says it already stays as it is. A line in the
 * EFI variable stays, for the caller to carrier_set_variable(); beside a tries file it says the
 * same before that is written. r keeps name and counter; r->name may be "" where there is a tries
 * file: an entry that is to come. 0 or negative errno; new_name is then filled in or empty. */
int carrier_set(struct machine *m, const struct rung *r, const struct counter *to, bool is_reserved,
		char new_name[NAME_SIZE]);

/* The same while r->place is writable, and only through the mount, for who has it so already. */
int carrier_set_mounted(struct machine *m, const struct rung *r, const struct counter *to,
			char new_name[NAME_SIZE]);

/* Fills in counter and in_file of an entry by its name and its tries file; not by the variable. 0
 * or negative errno, then by the name alone. */
int carrier_read(const struct machine *m, struct rung *r);

/* Of an entry that is gone: removes its tries files and its line in the variable. 0 or negative
 * errno, of the files alone. */
int carrier_forget(struct machine *m, const struct rung *r);

/* Writes, or with c NULL removes, the counter of an entry in the variable; c without a counter says
 * that it is blessed. 0 or positive: done; negative errno (-ENOENT: no EFI variables). */
int carrier_set_variable(const struct machine *m, const struct rung *r, const struct counter *c);

/* Notes in the facts what the counter of a rung is from now on, with its in_variable set before.
 * Whatever the booted entry's counter says from now on, it says it of this boot too: later runs in
 * this boot are told. */
void carrier_note(const struct machine *m, struct facts *f, int rung, const struct counter *to);
