/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "counter.h"
#include "sector.h"

/* The journal of install, copy and remove: loader/bootassess/update, one sector of text, on the
 * partition of the slot. It says what a power cut left half done. */
#define UPDATE_FILE  "update"
#define UPDATE_PATHS 8

enum update_step {
	UPDATE_DONE,   /* nothing is under way */
	UPDATE_COPY,   /* new files come beside the old ones; the entry is switched in one step */
	UPDATE_PLACE,  /* there was no room for both: the entry is disabled, its files are written
			  over */
	UPDATE_TREE,   /* the files of a folder are replaced, one by one */
	UPDATE_REMOVE, /* the entry is taken away, then the files that only it named */
};

struct update {
	enum update_step step;
	char id[NAME_SIZE];   /* of the slot: "passive.conf" */
	unsigned int type;    /* of its entry, 1 or 2 */
	uint32_t number;      /* update_sum of the new entry file */
	struct counter was;   /* its counter beforehand */
	struct counter tries; /* the one that it gets, unless somebody has counted meanwhile */
	/* Files that are garbage if no entry names them any more, "EFI/x/y"; those in the slot's
	 * own folder need not be told. They point into the text that was decoded, or are the
	 * caller's. */
	struct slice path[UPDATE_PATHS];
	unsigned int n_paths;
};

/* Writes the sector. Paths for which there is no room, or that are not printable ASCII, are left
 * out: their files stay. -EINVAL if the id is not printable ASCII or has no room. */
int update_encode(const struct update *u, char sector[SECTOR_SIZE]);

/* Reads it; the paths point into sector. 0, or -EINVAL. A key that is not known is passed over. */
int update_decode(const char *sector, size_t len, struct update *ret);

/* A number of a file's content: its size, and all of it in one or more pieces. */
struct update_sum {
	uint32_t crc;
};
void update_sum_start(struct update_sum *s, uint64_t size);
void update_sum_add(struct update_sum *s, const void *data, size_t len);
uint32_t update_sum_end(const struct update_sum *s);
