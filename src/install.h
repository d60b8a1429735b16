/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bls.h"
#include "facts.h"
#include "machine.h"

/* A file to be written. */
struct install_file {
	const char *path; /* as the caller calls it, for messages; NULL = none */
	int fd;
	uint64_t size;
	struct timespec mtime;
};

/* What an update brings for a slot: one UKI, or a kernel with initrds and options, or a tree. */
struct install {
	const char *id; /* with its suffix: "passive.conf", "passive.efi" */
	struct install_file uki;
	struct install_file linux_file;
	struct install_file initrd[BLS_INITRDS_MAX];
	unsigned int n_initrd;
	const char *options; /* NULL = those of the entry that is there */
	const char *tree;    /* directory, NULL = none */
	bool is_copy;	     /* keys of the old entry that are not of what is copied go too */
	bool force;	     /* also the running or the last good slot, an unsigned file */
	bool dry_run;	     /* everything is checked, nothing is written */
	/* Told how far it is: bytes written of those that will be. NULL = nobody. */
	void (*progress)(void *data, uint64_t done, uint64_t total);
	void *data;
};

/* What it cost. */
struct install_cost {
	uint64_t changed;     /* bytes of files that are new or differ */
	uint64_t written;     /* bytes of files that were written for that */
	uint64_t needed;      /* bytes of room for that, whole clusters */
	uint64_t free;	      /* bytes that were free */
	bool in_place;	      /* there was no room for the old version beside the new one */
	bool is_begun;	      /* something was written, or tried to be, also if it failed then */
	bool is_new;	      /* there was no entry of this id */
	bool is_unsigned;     /* the kernel, or the UKI, carries no signature */
	char name[NAME_SIZE]; /* of the entry's file now */
};

/* Writes what is new into the slot, and arms its counter (+Tries-0), so that a power cut at any
 * moment leaves it with the old content or the new one, whole, and never the new content without a
 * counter; or, where there is no room for both, disabled meanwhile. Where nothing differs, nothing
 * is written, and the counter stays (but with force). f: of EVENT_EDIT; changes with what is done.
 * 0: done, or all was so already; negative errno with one phrase in why (size bytes) that names the
 * file: nothing was changed, or install_recover() and the next install finish it. */
int install_slot(struct machine *m, struct facts *f, const struct install *what,
		 struct install_cost *ret, char *why, size_t size);

/* Takes a slot away: its entry first, then the files that only it named. dry_run: says only
 * whether it may. Same results. */
int install_remove(struct machine *m, struct facts *f, int rung, bool force, bool dry_run,
		   char *why, size_t size);

/* The same of a slot that a power cut left disabled while it was written over in place, and that
 * therefore is no entry; word: its id, with or without suffix. 1 = done, its id is in id; 0 if
 * there is none of this name. */
int install_remove_disabled(struct machine *m, const char *word, bool dry_run, char id[NAME_SIZE],
			    char *why, size_t size);

/* Finishes, or takes back, what a power cut left of an install or a remove on this partition, by
 * its journal (core/update.h). The store is writable. What was done is logged. 0, also where there
 * is nothing; negative errno, logged: the next one tries again. A journal that cannot be read is
 * logged, and taken for one that is done. */
int install_recover(struct machine *m, enum place place);
