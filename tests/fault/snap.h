/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A tree of small files, in memory. The items are sorted by their paths, a directory comes before
 * what is in it. */
enum snap_kind { SNAP_DIR, SNAP_FILE, SNAP_LINK };

struct snap_item {
	char *path; /* relative to the tree */
	char *data; /* of a file, or the target of a link; ours */
	size_t len;
	enum snap_kind kind;
};

struct snap {
	struct snap_item *item;
	size_t n, room;
};

/* Reads all below a directory. Ends the program on an error: there is no test without it. What is
 * returned is the caller's, see snap_free(). */
void snap_take(const char *dir, struct snap *ret);
void snap_free(struct snap *s);

/* Makes the directory the same as the snapshot; `now` is what is there. Only what differs is
 * written. */
void snap_restore(const char *dir, const struct snap *want, const struct snap *now);

/* NULL if there is none. */
const struct snap_item *snap_find(const struct snap *s, const char *path);
bool snap_is_same(const struct snap_item *a, const struct snap_item *b);

/* Of paths and content of what starts with a prefix, without what `skip` says. */
uint64_t snap_number(const struct snap *s, const char *prefix, bool (*skip)(const char *path));
/* FNV-1a, to go on with; SNAP_HASH begins. */
#define SNAP_HASH 0xcbf29ce484222325ull
uint64_t snap_hash(uint64_t hash, const void *data, size_t len);
