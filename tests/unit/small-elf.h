/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A program of one page that needs /lib64/ld.so and three libraries. */
#include "mutate.h"

#define LEN	  0x300
#define LOAD	  64
#define DYNAMIC	  (LOAD + 56)
#define INTERP	  (DYNAMIC + 56)
#define TAGS	  0x100
#define STRINGS	  0x200
#define ADDRESS	  0x10000
#define LIBRARIES 3

static const char strings[] = "\0libc.so.6\0libblkid.so.1\0libmount.so.1\0/lib64/ld.so";
static const unsigned int name_at[LIBRARIES] = {1, 11, 25};
#define INTERP_AT 39

static inline void put_segment(uint8_t *at, uint64_t type, uint64_t offset, uint64_t size)
{
	put(at, 4, type);
	put(at + 8, 8, offset);
	put(at + 16, 8, ADDRESS + offset);
	put(at + 32, 8, size);
}

static inline void make_elf(uint8_t data[LEN])
{
	uint8_t *tag = data + TAGS;

	memset(data, 0, LEN);
	memcpy(data, "\177ELF\2\1\1", 7);
	put(data + 32, 8, LOAD);
	put(data + 54, 2, 56);
	put(data + 56, 2, 3);
	put_segment(data + LOAD, 1, 0, LEN);
	put_segment(data + DYNAMIC, 2, TAGS, 16 * (LIBRARIES + 2));
	put_segment(data + INTERP, 3, STRINGS + INTERP_AT, 14);
	memcpy(data + STRINGS, strings, sizeof(strings));
	for (int i = 0; i < LIBRARIES; i++, tag += 16) {
		put(tag, 8, 1);
		put(tag + 8, 8, name_at[i]);
	}
	put(tag, 8, 5);
	put(tag + 8, 8, ADDRESS + STRINGS);
}
