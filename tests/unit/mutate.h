/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sound image with some bytes changed, or cut, and the fault that is expected then. */
struct mutation {
	const char *name; /* what is wrong; a file of this name is in the fuzz corpus */
	struct {
		size_t at, n; /* n: 0..8 bytes */
		uint64_t value;
	} poke[3];
	uint64_t where;	    /* expected */
	uint64_t len, size; /* of the head and of the file; 0 = as they are */
};

static inline void put(uint8_t *p, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static inline void mutate(uint8_t *head, const struct mutation *m)
{
	for (size_t i = 0; i < sizeof(m->poke) / sizeof(m->poke[0]); i++)
		put(head + m->poke[i].at, m->poke[i].n, m->poke[i].value);
}

/* A copy of just the bytes that are there, so that one byte too far is found. */
static inline uint8_t *copy_of(const uint8_t *head, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert(copy);
	memcpy(copy, head, len);
	return copy;
}

/* Reads up to size bytes of a file of the fuzz corpus; tests run in the top folder. */
static inline size_t corpus_read(const char *name, uint8_t *buf, size_t size)
{
	char path[256];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name);
	f = fopen(path, "r");
	if (!f)
		return 0;
	len = fread(buf, 1, size, f);
	fclose(f);
	return len;
}

/* True if the fuzz corpus holds just these bytes under this name. With UPDATE_CORPUS=1 in the
 * environment it is written instead. */
static inline bool corpus_has(const char *folder, const char *name, const uint8_t *head, size_t len)
{
	uint8_t buf[8192 + 1];
	char path[256];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", folder, name);
	if (!getenv("UPDATE_CORPUS"))
		return corpus_read(path + strlen("tests/fuzz/corpus/"), buf, sizeof(buf)) == len &&
		       memcmp(buf, head, len) == 0;
	f = fopen(path, "w");
	ok = f && fwrite(head, 1, len, f) == len;
	return f && fclose(f) == 0 && ok;
}
