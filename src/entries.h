/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Reads the boot entries of $BOOT that are on the ladder. booted_name: the file that the loader
 * says it gave to the booted entry, "" = not said. What cannot be read is logged; *ret_unsure is
 * then set. */
void entries_read(const struct machine *m, const char *booted_name, struct ladder *ret,
		  bool *ret_unsure);

/* The id of the only type #1 entry whose `linux`, `efi` or `uki` file is this path. 0, or 1 if
 * there is none, or more than one. */
int entries_find_by_image(const struct machine *m, const char *path, char id[NAME_SIZE]);
