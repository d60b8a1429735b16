// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "elf.h"

#define HEADER_SIZE  64
#define SEGMENT_SIZE 56
#define SEGMENTS_MAX 64
#define ENTRY_SIZE   16
#define ENTRIES_MAX  4096
#define PT_LOAD	     1
#define PT_DYNAMIC   2
#define PT_INTERP    3
#define DT_NULL	     0
#define DT_NEEDED    1
#define DT_STRTAB    5

struct elf {
	const uint8_t *data;
	size_t len;
	uint64_t table; /* of the segments */
	unsigned int n_segments;
};

/* Where a segment lies in the file, and in memory. */
struct segment {
	uint32_t type;
	uint64_t offset, address, size;
};

static int open_elf(const uint8_t *data, size_t len, struct elf *ret)
{
	static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* little endian */};

	if (len < HEADER_SIZE || memcmp(data, magic, sizeof(magic)) != 0)
		return -EINVAL;
	*ret = (struct elf){data, len, read_u64(data + 32), read_u16(data + 56)};
	if (read_u16(data + 54) != SEGMENT_SIZE || ret->n_segments > SEGMENTS_MAX)
		return -EINVAL;
	if (ret->table > len || (uint64_t)ret->n_segments * SEGMENT_SIZE > len - ret->table)
		return -EINVAL;
	return 0;
}

/* False if it does not lie within the file. */
static bool read_segment(const struct elf *e, unsigned int i, struct segment *ret)
{
	const uint8_t *p = e->data + e->table + (size_t)i * SEGMENT_SIZE;

	*ret = (struct segment){read_u32(p), read_u64(p + 8), read_u64(p + 16), read_u64(p + 32)};
	return ret->offset <= e->len && ret->size <= e->len - ret->offset;
}

/* The first of a type. 0, 1 if there is none, or -EINVAL. */
static int find_segment(const struct elf *e, uint32_t type, struct segment *ret)
{
	for (unsigned int i = 0; i < e->n_segments; i++) {
		bool is_within = read_segment(e, i, ret);

		if (ret->type == type)
			return is_within ? 0 : -EINVAL;
	}
	return 1;
}

/* Where an address of the running program lies in the file. */
static int find_address(const struct elf *e, uint64_t address, struct segment *ret)
{
	for (unsigned int i = 0; i < e->n_segments; i++)
		if (read_segment(e, i, ret) && ret->type == PT_LOAD && address >= ret->address &&
		    address - ret->address < ret->size) {
			uint64_t skip = address - ret->address;

			ret->offset += skip;
			ret->size -= skip;
			return 0;
		}
	return -EINVAL;
}

static int read_string(const struct elf *e, const struct segment *in, uint64_t at,
		       struct slice *ret)
{
	const char *s;
	size_t len;

	if (at >= in->size)
		return -EINVAL;
	s = (const char *)e->data + in->offset + at;
	len = strnlen(s, (size_t)(in->size - at));
	if (len == in->size - at || len == 0)
		return -EINVAL;
	*ret = (struct slice){s, len};
	return 0;
}

/* The value of the n-th entry with this tag. 0 or 1. */
static int find_entry(const struct elf *e, const struct segment *dynamic, uint64_t tag,
		      unsigned int n, uint64_t *ret)
{
	const uint8_t *p = e->data + dynamic->offset;

	for (uint64_t i = 0; i < dynamic->size / ENTRY_SIZE && i < ENTRIES_MAX; i++) {
		uint64_t found = read_u64(p + i * ENTRY_SIZE);

		if (found == DT_NULL)
			return 1;
		if (found == tag && n-- == 0) {
			*ret = read_u64(p + i * ENTRY_SIZE + 8);
			return 0;
		}
	}
	return 1;
}

static int find_library(const struct elf *e, unsigned int n, struct slice *ret)
{
	struct segment dynamic, strings;
	uint64_t name, table;
	int r = find_segment(e, PT_DYNAMIC, &dynamic);

	if (r == 0)
		r = find_entry(e, &dynamic, DT_NEEDED, n, &name);
	if (r != 0)
		return r;
	if (find_entry(e, &dynamic, DT_STRTAB, 0, &table) != 0 ||
	    find_address(e, table, &strings) < 0)
		return -EINVAL;
	return read_string(e, &strings, name, ret);
}

int elf_needs(const uint8_t *data, size_t len, unsigned int n, struct slice *ret)
{
	struct segment interpreter;
	struct elf e;
	int r = open_elf(data, len, &e);

	if (r < 0)
		return r;
	r = find_segment(&e, PT_INTERP, &interpreter);
	if (r < 0)
		return r;
	if (r == 0 && n == 0)
		return read_string(&e, &interpreter, 0, ret);
	return find_library(&e, r == 0 ? n - 1 : n, ret);
}
