/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Content of a file in memory of our own, which nobody else can change or cut while it is read. */
struct map {
	int fd; /* of a memory file; -1 = none */
	const uint8_t *data;
	size_t len;
};

#define MAP_INIT         \
	{                \
		.fd = -1 \
	}

/* Copies a part of a file into memory. 0; -ENODATA if the file ends before; -EFBIG above
 * MAP_SIZE_MAX; other negative errno. */
#define MAP_SIZE_MAX (1ull << 30)
int map_copy(int fd, uint64_t offset, uint64_t size, struct map *ret);

/* Feeds what begins at `from` of a map to a program as its standard input, and takes what it prints
 * as a new map; its errors are dropped. argv[0] is looked for in PATH. 0: it ended, *ret_status is
 * its status (-1: a signal); -ENOENT: there is no such program; -ETIMEDOUT: it did not end in time,
 * and was killed; other negative errno. A program that prints more than MAP_SIZE_MAX fails to
 * write. *ret must be ended, also where the status is not 0. */
int map_filter(const struct map *map, size_t from, char *const argv[], int timeout_ms,
	       struct map *ret, int *ret_status);

/* Gives the memory back. */
void map_end(struct map *map);
