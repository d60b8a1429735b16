/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "ladder.h"

/* Which entry file of a mirror (MirrorESP=) becomes which one of the booted ESP. */

#define MIRRORS_MAX	   4
#define MIRROR_ENTRIES_MAX 64

/* While the files that an entry names are changed one after the other, it has this further suffix:
 * no loader takes it for an entry. */
#define MIRROR_OFF ".mirror"

struct mirror_entry {
	unsigned int type; /* as ladder_dir() */
	bool is_off;
	enum role role;
	unsigned int pattern; /* as struct rung */
	char name[NAME_SIZE], id[NAME_SIZE];
};

struct mirror_list {
	struct mirror_entry entry[MIRROR_ENTRIES_MAX];
	unsigned int n;
};

/* Adds a file of ladder_dir(type) if it is an entry on the ladder, sorted; type 1 comes first. 0; 1
 * if it is none, or foreign; -E2BIG if there are too many. */
int mirror_add(struct mirror_list *l, const struct config *c, unsigned int type, const char *name);

/* The entry file of this name, letter case of ASCII ignored, or NULL. */
const struct mirror_entry *mirror_find(const struct mirror_list *l, unsigned int type,
				       const char *name);

/* The file of the mirror that becomes this one of the booted ESP: the one of its name, else one of
 * its id and type whose own name the booted ESP has not. NULL if there is none. */
const struct mirror_entry *mirror_counterpart(const struct mirror_list *mirror,
					      const struct mirror_list *booted,
					      const struct mirror_entry *e);

/* True if the booted ESP has an entry of this id and type. */
bool mirror_has_id(const struct mirror_list *booted, const struct mirror_entry *e);

/* True if a person means this entry by the word: its id, with or without the suffix, letter case of
 * ASCII ignored. */
bool mirror_is_meant(const struct mirror_entry *e, const char *word);

/* True if each pattern of System= and Recovery= has an entry. Where one has none, it may be there
 * all the same: vfat passes over a block of a directory that it cannot read. */
bool mirror_is_complete(const struct mirror_list *booted, const struct config *c);

/* True if two times of last change (ns) are the same on FAT, which keeps 2 s. */
bool mirror_is_same_time(int64_t a_ns, int64_t b_ns);

/* The number-th PARTUUID (0..) of MirrorESP=, lower case. 0; 1 if there is none; -EINVAL: this word
 * is none, and ret_word is it as it stands. */
int mirror_partuuid(const struct config *c, unsigned int number, char ret[NAME_SIZE]);
