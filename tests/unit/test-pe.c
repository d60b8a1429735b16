// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pe.h"

#define LFANEW	     0x80
#define COFF	     (LFANEW + 4)
#define OPTIONAL     (COFF + 20)
#define OPTIONAL_LEN 240
#define TABLE	     (OPTIONAL + OPTIONAL_LEN)
#define FILE_SIZE    0x10000

static void put16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value & 0xffff);
	put16(p + 2, value >> 16);
}

static void add_section(uint8_t *head, const char *name, uint32_t virtual_size, uint32_t raw_size,
			uint32_t raw_at)
{
	unsigned int n = head[COFF + 2];
	uint8_t *p = head + TABLE + (size_t)n * 40;

	memset(p, 0, 8);
	memcpy(p, name, strnlen(name, 8));
	put32(p + 8, virtual_size);
	put32(p + 16, raw_size);
	put32(p + 20, raw_at);
	put16(head + COFF + 2, n + 1);
}

/* A UKI with two profiles: the first .linux is the base profile's. */
static void make_uki(uint8_t head[PE_HEAD_SIZE])
{
	memset(head, 0, PE_HEAD_SIZE);
	memcpy(head, "MZ", 2);
	put32(head + 0x3c, LFANEW);
	memcpy(head + LFANEW, "PE\0\0", 4);
	put16(head + COFF + 16, OPTIONAL_LEN);
	put16(head + OPTIONAL, 0x20b);
	add_section(head, ".text", 0x1000, 0x1000, 0x400);
	add_section(head, ".bss", 0x5000, 0, 0);
	add_section(head, ".linux", 0x1f00, 0x2000, 0x2000);
	add_section(head, ".cmdline", 0x100, 0x200, 0x4000);
	add_section(head, ".linux", 0x10, 0x200, 0x4200);
	add_section(head, ".initrd", 0xbd00, 0xbc00, 0x4400);
}

/* Through a copy of just the bytes that are there, so that one byte too far is found. */
static int find(const uint8_t *head, size_t len, uint64_t file_size, const char *name,
		struct pe_section *ret, uint64_t *ret_where)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, head, len);
	r = pe_find_section(copy, len, file_size, name, ret, ret_where);
	free(copy);
	return r;
}

static void test_find(void **state)
{
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section s;

	(void)state;
	make_uki(head);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), 0);
	assert_int_equal(s.offset, 0x2000);
	assert_int_equal(s.size, 0x1f00);
	/* More in memory than in the file. */
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".initrd", &s, NULL), 0);
	assert_int_equal(s.offset, 0x4400);
	assert_int_equal(s.size, 0xbc00);
	/* A name of full length has no terminator. */
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".cmdline", &s, NULL), 0);
	assert_int_equal(s.offset, 0x4000);

	put16(head + OPTIONAL, 0x10b);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), 0);
}

static void test_no_section(void **state)
{
	static const char *const names[] = {".lin", ".linux2", ".cmdlin", ".cmdline2", "", "inux"};
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section s = {1, 2};
	uint64_t where = 3;

	(void)state;
	make_uki(head);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(find(head, sizeof(head), FILE_SIZE, names[i], &s, &where),
				 -ENOENT);
	put16(head + COFF + 2, 0);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, &where), -ENOENT);
	assert_true(s.offset == 1 && s.size == 2 && where == 3);
}

/* Cut anywhere in front of the end of the table, or of the last section. */
static void test_truncated(void **state)
{
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section s;
	size_t end = TABLE + 6 * 40;

	(void)state;
	make_uki(head);
	for (size_t len = 0; len < end; len++) {
		assert_int_equal(find(head, len, FILE_SIZE, ".linux", &s, NULL), -EINVAL);
		assert_int_equal(find(head, len, len, ".linux", &s, NULL), -EINVAL);
	}
	assert_int_equal(find(head, end, FILE_SIZE, ".linux", &s, NULL), 0);
	assert_int_equal(find(head, sizeof(head), end - 1, ".linux", &s, NULL), -EINVAL);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE - 1, ".linux", &s, NULL), -EINVAL);
	/* A .linux that is there is of no use without the .initrd behind it. */
	assert_int_equal(find(head, sizeof(head), 0x4400, ".linux", &s, NULL), -EINVAL);
}

static void test_wrong(void **state)
{
	static const struct {
		size_t at;
		uint8_t bytes[4];
		size_t n;
		uint64_t where;
	} vectors[] = {
		{0, {'Z', 'M'}, 2, 0},
		{0x3c, {0xff, 0xff, 0xff, 0xff}, 4, 0x3c},
		{0x3c, {0xfb, 0xff, 0xff, 0xff}, 4, 0x3c},
		{0x3c, {0x00, 0x10, 0x00, 0x00}, 4, 0x3c},
		{0x3c, {0x84, 0x00, 0x00, 0x00}, 4, 0x3c},
		{LFANEW, {'N', 'E'}, 2, 0x3c},
		{LFANEW + 2, {1}, 1, 0x3c},
		{COFF + 16, {0, 0}, 2, OPTIONAL},
		{COFF + 16, {1, 0}, 2, OPTIONAL},
		{COFF + 16, {0xff, 0xff}, 2, COFF + 2},
		{OPTIONAL, {0x0c, 0x02}, 2, OPTIONAL},
		{COFF + 2, {97, 0}, 2, COFF + 2},
		{COFF + 2, {0xff, 0xff}, 2, COFF + 2},
		/* Sections that lie, or end, outside of the file, also by a sum above 2^32. */
		{TABLE + 2 * 40 + 20, {0x00, 0x00, 0x02, 0x00}, 4, TABLE + 2 * 40},
		{TABLE + 2 * 40 + 16, {0xff, 0xff, 0xff, 0xff}, 4, TABLE + 2 * 40},
		{TABLE + 2 * 40 + 20, {0x00, 0xf0, 0xff, 0xff}, 4, TABLE + 2 * 40},
		{TABLE + 5 * 40 + 16, {0x01, 0xbc, 0x00, 0x00}, 4, TABLE + 5 * 40},
	};
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section s = {1, 2};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint64_t where = 4711;

		make_uki(head);
		memcpy(head + vectors[i].at, vectors[i].bytes, vectors[i].n);
		assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, &where),
				 -EINVAL);
		assert_int_equal(where, vectors[i].where);
	}
	assert_true(s.offset == 1 && s.size == 2);
}

/* The table fits into the head, but no loader takes so many; or the file is shorter than the head
 * that we were given. */
static void test_limits(void **state)
{
	const size_t coff = 0x40 + 4, optional = coff + 20;
	uint8_t head[PE_HEAD_SIZE] = "MZ";
	struct pe_section s;

	(void)state;
	put32(head + 0x3c, 0x40);
	memcpy(head + 0x40, "PE\0\0", 4);
	put16(head + coff + 16, 2);
	put16(head + optional, 0x20b);
	put16(head + coff + 2, 96);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), -ENOENT);
	put16(head + coff + 2, 97);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), -EINVAL);
	put16(head + coff + 2, 0);
	assert_int_equal(find(head, sizeof(head), optional + 2, ".linux", &s, NULL), -ENOENT);
	assert_int_equal(find(head, sizeof(head), optional + 1, ".linux", &s, NULL), -EINVAL);
}

/* What the caller read beyond PE_HEAD_SIZE is not looked at. */
static void test_large_head(void **state)
{
	uint8_t head[PE_HEAD_SIZE + 64] = {0};
	struct pe_section s;

	(void)state;
	make_uki(head);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), 0);
	put16(head + COFF + 16, PE_HEAD_SIZE - OPTIONAL - 6 * 40);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), -ENOENT);
	put16(head + COFF + 16, PE_HEAD_SIZE - OPTIONAL - 6 * 40 + 1);
	assert_int_equal(find(head, sizeof(head), FILE_SIZE, ".linux", &s, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),	   cmocka_unit_test(test_no_section),
		cmocka_unit_test(test_truncated),  cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_large_head), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
