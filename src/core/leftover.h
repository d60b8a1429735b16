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
	LEFTOVER_UNLINK, /* a temporary file, or empty directory, whose chain is sound, and whose
			    first cluster no other name in its directory has */
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
	LEFTOVER_NAMELESS,  /* only the short name of an entry is there */
	LEFTOVER_COPIED,    /* the same, and `other` may have its content */
};

/* A name in a directory, as the disk has it. */
struct leftover_entry {
	char name[NAME_SIZE]; /* "" = too long to be ours, only its cluster counts */
	uint32_t cluster;     /* the first, 0 = none */
	uint32_t size;
	unsigned int slot; /* the caller's */
	bool is_dir;
	bool is_short;	 /* it has no long name that is valid */
	bool is_our_dir; /* a directory that nobody but us makes */
	bool is_empty;	 /* a directory with nothing in it */
	bool is_broken;	 /* its chain ends before its size, or is none; a directory: it cannot be
			    read either */

	enum leftover verdict; /* the answer, KEEP and NONE beforehand */
	enum leftover_cause cause;
	unsigned int other; /* index, where the cause names one */
};

/* True if it is a temporary of ours, also if only its short name is there ("BOOTAS~1": FAT has two
 * names of a file, in up to 21 slots, and a power cut may leave the last one alone). */
bool leftover_is_temporary(const struct leftover_entry *e);

/* True if leftover_judge() asks whether this one (index) is broken, or empty: of what is temporary,
 * of our directories, of a file whose id another one has too, or that has lost its long name. To
 * look at a chain costs reads, and this saves those of the large files. The rest of each entry is
 * filled in. */
bool leftover_needs_chain(const struct leftover_entry *e, unsigned int n, unsigned int i);

/* True if entry k may be the whole file that entry i, with only a short name, is a copy of: as
 * long, and named so that the short name may have been made of its name. The caller compares. */
bool leftover_may_be_copy(const struct leftover_entry *e, unsigned int i, unsigned int k);

/* Judges each entry of one directory. has_entries: it is one of boot entries (loader/entries,
 * EFI/Linux), where a name without counter and without ".off" behind it is an id; elsewhere only
 * temporaries and our directories are judged. Never is the last usable file of an id given up.
 *
 * Two names that share their first cluster are a rename that was cut. The name stays that claims
 * least: one that is put aside (".off", ".mirror") before a counted one, fewer tries left before
 * more, more done before fewer, no counter last. So a try that was taken stays taken, and a bless
 * is done again; of the last try it could not be, so there the plain name stays (+0-9 is a mark).
 * LEFTOVER_COUNTED (verdict FORGET) is for the caller to check: only files of the same content are
 * meant.
 *
 * An entry that has only a short name with a number ("ACTIVE~1.CON") was cut while its slots were
 * written or deleted. Without content, or with the chain of another name, it is nothing. Whole, it
 * is one of two copies: LEFTOVER_COPIED (verdict FORGET) is for the caller to check as well; where
 * no entry has its content, it stays and somebody must look (TELL). */
void leftover_judge(struct leftover_entry *e, unsigned int n, bool has_entries);

/* Besides, in loader/bootassess: an empty file with only a short name is a tries file
 * (core/tries-file.h) that was cut, and says nothing. */
void leftover_judge_tries(struct leftover_entry *e, unsigned int n);
