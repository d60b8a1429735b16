/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "counter.h"

/* Tries files: empty files in loader/bootassess, whose names say the counters of entries that must
 * not be renamed: `active+2-1.efi` for `EFI/Linux/active.efi`. The firmware (Boot####) and GRUB
 * find an entry by its path, and would lose it. A name without a counter (`active.efi`) says that
 * the entry is good, which is needed only where its own name has a counter. */

enum tries_file {
	TRIES_FILE_OTHER,  /* it speaks of something else */
	TRIES_FILE_FOUND,  /* it is a tries file of this id */
	TRIES_FILE_BROKEN, /* it looks like one, but its counter cannot be read */
};

/* What a name in loader/bootassess has to do with an id (with its suffix), letter case of ASCII
 * ignored. ret is written with TRIES_FILE_FOUND only. */
enum tries_file tries_file_parse(const char *name, const char *id, struct counter *ret);

/* Of two tries files of one id, which a power cut left, this one speaks: more tries done, then
 * fewer left, then any counter rather than none. So a try that was taken stays taken, and a bless
 * is done again. True if a does; of two that say the same neither does. */
bool tries_file_wins(const struct counter *a, const struct counter *b);

/* Writes the name of the tries file that says this, "" if none is needed. own_name: of the entry's
 * file. 0, or negative errno as counter_format(). */
int tries_file_name(const char *id, const char *own_name, const struct counter *c,
		    char name[NAME_SIZE]);
