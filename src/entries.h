/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bls.h"
#include "facts.h"
#include "machine.h"

#define ENTRIES_PATH_SIZE (sizeof("loader/entries/") + NAME_SIZE)
#define ENTRIES_TEXT_SIZE 65536 /* the longest type #1 entry, and one */

/* Reads the boot entries of $BOOT that are on the ladder. booted_name: the file that the loader
 * says it gave to the booted entry, "" = not said. What cannot be read is logged; *ret_unsure is
 * then set. */
void entries_read(const struct machine *m, const char *booted_name, struct ladder *ret,
		  bool *ret_unsure);

/* The id of the only type #1 entry whose `linux`, `efi` or `uki` file is this path. 0, or 1 if
 * there is none, or more than one. */
int entries_find_by_image(const struct machine *m, const char *path, char id[NAME_SIZE]);

/* Where the file of an entry lies: "loader/entries/NAME", "EFI/Linux/NAME". */
void entries_path(unsigned int type, const char *name, char path[ENTRIES_PATH_SIZE]);

/* Reads a type #1 entry; the slices of *ret point into text. 0; -E2BIG if it is longer; negative
 * errno as of root_read() and bls_parse_entry(). */
int entries_read_type1(const struct machine *m, enum place place, const char *name,
		       char text[ENTRIES_TEXT_SIZE], struct bls_entry *ret);

/* Can this entry file boot, as entries_read() judges it? Nothing is logged. 0; negative errno: it
 * is broken, or cannot be read. */
int entries_check(const struct machine *m, enum place place, unsigned int type, const char *name);

/* Finds another file of the rung's id and type on either partition: the same id without counter,
 * letter case ignored. Also one that is empty or cannot boot. 1 and its id, name, place and type; 0
 * if there is none; negative errno if a folder cannot be read. */
int entries_find_twin(const struct machine *m, const struct rung *r, struct rung *ret);
