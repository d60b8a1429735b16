/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is on a file system, and whether a state of it is one that a power cut may leave. */

struct item {
	char path[320];	 /* "loader/entries/active+3-0.conf" */
	char group[320]; /* the same without a counter: what counts as one file */
	uint64_t size, hash;
	bool is_unreadable;
};

struct snapshot {
	struct item *item;
	size_t n, room;
	unsigned int n_temporary; /* names of ours that are not among the items */
};

/* Reads everything below dir but temporaries (".bootassess-"). False if a directory cannot be read.
 */
bool snapshot_take(const char *dir, struct snapshot *ret);
void snapshot_free(struct snapshot *s);
const struct item *snapshot_find(const struct snapshot *s, const char *path);

/* A state between before and after: each content that both have is there under a name of its group;
 * where a group's content changes, the old or the new one is there; nothing else is. An empty file
 * may stand beside. slot: a group that may be away, or disabled (".off") with any content; NULL =
 * none. True, or a phrase in why. */
bool judge_between(const struct snapshot *before, const struct snapshot *after,
		   const struct snapshot *now, const char *slot, char *why, size_t size);

/* No file below dir (NULL: it does not matter) is old where another one is new. */
bool judge_together(const struct snapshot *before, const struct snapshot *after,
		    const struct snapshot *now, const char *dir, char *why, size_t size);

/* No file below dir (NULL: it does not matter) has new content while a name of this group has no
 * counter: the loader would not count it. */
bool judge_guarded(const struct snapshot *before, const struct snapshot *now, const char *dir,
		   const char *group, char *why, size_t size);

/* The same names with the same content; is_loose: an empty file may stand beside. */
bool judge_equal(const struct snapshot *after, const struct snapshot *now, bool is_loose, char *why,
		 size_t size);
