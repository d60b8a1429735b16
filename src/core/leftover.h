/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"

/* What begins so is a temporary of ours, a file or a directory. */
#define LEFTOVER_PREFIX ".bootassess-"

/* What is to be done with a name that a power cut may have left. */
enum leftover {
	LEFTOVER_KEEP,
	LEFTOVER_FORGET, /* the name goes, its clusters stay as they are */
	LEFTOVER_UNLINK, /* a temporary file whose chain is sound, and whose first cluster no other
			    name in its directory has */
	LEFTOVER_TELL,	 /* it stays: not ours to mend, or nobody can know how */
};

/* Why. */
enum leftover_cause {
	LEFTOVER_NONE,
	LEFTOVER_TEMPORARY, /* nobody needs it */
	LEFTOVER_SHARED,    /* it has its first cluster together with `other` */
	LEFTOVER_EMPTY,	    /* 0 bytes, and `other` has its id and is whole */
	LEFTOVER_BROKEN,    /* its chain is not sound; for an entry: and `other` is whole */
	LEFTOVER_COUNTED,   /* `other` is the same file after one more boot, if its content is */
};

/* A name in a directory, as the disk has it. */
struct leftover_entry {
	char name[NAME_SIZE]; /* "" = too long to be ours, only its cluster counts */
	uint32_t cluster;     /* the first, 0 = none */
	uint32_t size;
	bool is_dir;
	bool is_broken; /* its chain ends before its size, or is none */

	enum leftover verdict; /* the answer, KEEP and NONE beforehand */
	enum leftover_cause cause;
	unsigned int other; /* index, where the cause names one */
};

/* True if the name is a temporary of ours. */
bool leftover_is_temporary(const char *name);

/* True if leftover_judge() asks whether the chain of this one (index) is broken: of a temporary
 * file, and of a file whose id another one has too. To look at a chain costs reads, and this saves
 * those of the large files. Every entry's name, cluster, size and is_dir are filled in. */
bool leftover_needs_chain(const struct leftover_entry *e, unsigned int n, unsigned int i);

/* Judges each entry of one directory. has_entries: it is one of boot entries (loader/entries,
 * EFI/Linux), where a name without counter and without ".off" behind it is an id; elsewhere only
 * temporaries are judged. Never is the last usable file of an id given up.
 *
 * Two names that share their first cluster are a rename that was cut. The name stays that claims
 * least: one that is put aside (".off") before a counted one, fewer tries left before more, more
 * done before fewer, no counter last. So a try that was taken stays taken, and a bless is done
 * again. LEFTOVER_COUNTED (verdict FORGET) is for the caller to check: only files of the same
 * content are meant. */
void leftover_judge(struct leftover_entry *e, unsigned int n, bool has_entries);
