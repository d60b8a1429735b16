/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "counter.h"

/* The content of the EFI variable BootAssessTries: counters of entries whose own names cannot be
 * changed (a read-only ESP). A line is the file's name as it stands on the disk, a blank, and the
 * name that it would have: `active+3.conf active+1-2.conf`; a second name without a counter says
 * that the entry is blessed. A line speaks only while the file still has the first name: when
 * somebody renames it after all, the new name is the truth. */
#define TRIES_SIZE 1024

/* Looks up the line of a file name. 0, or 1 if there is none. Lines that are not two valid entry
 * names with one id are skipped. */
int tries_get(const char *text, size_t len, const char *name, struct counter *ret);

/* Writes the text with all lines of this file's id replaced by one, or (c NULL) removed; lines that
 * are not valid are dropped. Returns the new length (no terminator counted), -ENOSPC where it and a
 * terminator do not fit into size, -EINVAL if name is no valid entry name, -ENAMETOOLONG if id and
 * counter make no file name. out is written only by the first two. in and out must not overlap. */
int tries_set(const char *in, size_t len, const char *name, const struct counter *c, char *out,
	      size_t size);
