/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One phrase about what is wrong with a boot entry: "ENTRY: FILE: offset N: ...". All that is
 * pointed to is the caller's. */
struct reason {
	const char *entry;
	const char *
		file; /* that the entry names, or a word for what was done; "" = the entry itself */
	const char *part; /* which copy of it; NULL = the file */
	char *buf;	  /* the phrase, cut where it does not fit */
	size_t size;
};

/* Where an errno means something special. A table ends with {0, NULL}. */
struct reason_error {
	int error; /* positive */
	const char *phrase;
};

/* The phrase for a constant. Returns r. */
int reason_set(const struct reason *w, int r, const char *what);

/* The same, with an offset in the file. */
int reason_set_at(const struct reason *w, int r, uint64_t offset, const char *what);

/* What the negative errno r means: as the table has it, else strerror(3). */
const char *reason_errno(int r, const struct reason_error *table);
