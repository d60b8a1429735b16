/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"
#include "machine.h"
#include "stage.h"

/* A file to be written. */
struct install_file {
	const char *path; /* as the caller calls it, for messages */
	int fd;		  /* -1 = none */
	uint64_t size;
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
	bool force;	     /* also the running or the last good slot, an unsigned file */
	bool dry_run;	     /* everything is checked, nothing is written */
	/* Told how far it is: bytes written of those that will be. NULL = nobody. */
	void (*progress)(void *data, uint64_t done, uint64_t total);
	void *data;
};

/* What it cost. */
struct install_cost {
	uint64_t changed; /* bytes of files that are new or differ */
	uint64_t written; /* bytes of files that were written for that */
	bool in_place;	  /* there was no room for the old version beside the new one */
};

/* Writes what is new into the slot, and arms its counter (+Tries-0), so that a power cut at any
 * moment leaves it with the old content or the new one, whole, and never the new content without a
 * counter; or, where there is no room for both, disabled meanwhile. f: of EVENT_EDIT; changes with
 * what is done. 0: done, or all was so already; negative errno with one phrase in why (size bytes)
 * that names file and offset: nothing was changed, or repair_store() and the next install finish
 * it. */
int install_slot(struct machine *m, struct facts *f, const struct install *what,
		 struct install_cost *ret, char *why, size_t size);

/* Takes a slot away: its entry first, then the files that only it named. Same results. */
int install_remove(struct machine *m, struct facts *f, int rung, bool force, char *why,
		   size_t size);
