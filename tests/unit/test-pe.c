// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
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

#define CHECK(what, condition)                                \
	do {                                                  \
		if (!(condition))                             \
			fail_msg("%s: %s", what, #condition); \
	} while (0)

#define HEADERS_SIZE 0x400
#define UKI_SIZE     0x8c00 /* all of it is used */
#define UKI_SECTIONS 13
#define ROW(n)	     (TABLE + (size_t)(n)*40)
#define TABLE_END    ROW(UKI_SECTIONS)

/* An image with the base profile and two more; profile 0 overrides .uname. */
static void make_profiles(uint8_t head[PE_HEAD_SIZE])
{
	memset(head, 0, PE_HEAD_SIZE);
	memcpy(head, "MZ", 2);
	put32(head + 0x3c, LFANEW);
	memcpy(head + LFANEW, "PE\0\0", 4);
	put16(head + COFF, PE_MACHINE_X86_64);
	put16(head + COFF + 16, OPTIONAL_LEN);
	put16(head + OPTIONAL, 0x20b);
	put32(head + OPTIONAL + 60, HEADERS_SIZE);
	put16(head + OPTIONAL + 68, 10);
	put32(head + OPTIONAL + 108, 16);
	add_section(head, ".text", 0x1000, 0x1000, 0x400);
	add_section(head, ".bss", 0x5000, 0, 0);
	add_section(head, ".osrel", 0x110, 0x200, 0x1400);
	add_section(head, ".cmdline", 0x12, 0x200, 0x1600);
	add_section(head, ".uname", 3, 0x200, 0x1800);
	add_section(head, ".linux", 0x1f00, 0x2000, 0x2000);
	add_section(head, ".initrd", 0x3f00, 0x4000, 0x4000);
	add_section(head, ".ucode", 0x100, 0x200, 0x8000);
	add_section(head, ".profile", 8, 0x200, 0x8200);
	add_section(head, ".uname", 5, 0x200, 0x8400);
	add_section(head, ".profile", 8, 0x200, 0x8600);
	add_section(head, ".cmdline", 0x10, 0x200, 0x8800);
	add_section(head, ".uname", 7, 0x200, 0x8a00);
}

static int parse(const uint8_t *head, size_t len, uint64_t file_size, struct pe_uki *ret,
		 struct fault *ret_fault)
{
	uint8_t *copy = copy_of(head, len);
	int r;

	r = pe_parse_uki(copy, len, file_size, ret, ret_fault);
	free(copy);
	return r;
}

static void assert_part(const struct pe_uki *uki, enum pe_part part, uint64_t offset, uint64_t size)
{
	assert_int_equal(uki->part[part].offset, offset);
	assert_int_equal(uki->part[part].size, size);
}

static void test_uki(void **state)
{
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault = {0};
	struct pe_uki uki;

	(void)state;
	make_profiles(head);
	assert_int_equal(parse(head, TABLE_END, UKI_SIZE, &uki, &fault), 0);
	assert_int_equal(uki.machine, PE_MACHINE_X86_64);
	assert_int_equal(uki.profiles, 2);
	assert_part(&uki, PE_LINUX, 0x2000, 0x1f00);
	assert_part(&uki, PE_INITRD, 0x4000, 0x3f00);
	assert_part(&uki, PE_UCODE, 0x8000, 0x100);
	assert_part(&uki, PE_CMDLINE, 0x1600, 0x12);
	assert_part(&uki, PE_OSREL, 0x1400, 0x110);
	assert_part(&uki, PE_UNAME, 0x8400, 5);
	assert_false(uki.has_devicetree);
	assert_true(corpus_has("pe", "profiles", head, TABLE_END));

	/* Only kernel and os-release must be there; an empty section overlaps nothing. */
	head[ROW(6) + 1] = head[ROW(7) + 1] = head[ROW(3) + 1] = 'x';
	put32(head + ROW(1) + 20, 0x2100);
	assert_int_equal(parse(head, TABLE_END, UKI_SIZE, &uki, &fault), 0);
	assert_part(&uki, PE_INITRD, 0, 0);
	assert_part(&uki, PE_CMDLINE, 0, 0);
	assert_null(fault.what);
}

/* As many as there may be, as .dtbauto makes them: the table ends behind the first 4096 bytes. The
 * contents need not come in the order of the table. */
static void test_many_sections(void **state)
{
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault;
	struct pe_uki uki;

	(void)state;
	make_profiles(head);
	put16(head + COFF + 2, 0);
	put32(head + OPTIONAL + 60, 0x1200);
	add_section(head, ".osrel", 0x200, 0x200, 0xd000);
	for (unsigned int i = 1; i < 95; i++)
		add_section(head, ".dtbauto", 0x200, 0x200, 0xd000 - i * 0x200);
	add_section(head, ".linux", 0x200, 0x200, 0x1200);
	assert_true(ROW(96) > 4096);
	assert_int_equal(parse(head, ROW(96), 0xd200, &uki, &fault), 0);
	assert_part(&uki, PE_LINUX, 0x1200, 0x200);
	assert_true(uki.has_devicetree);
	assert_true(corpus_has("pe", "96-sections", head, ROW(96)));
}

/* What the stub would install before it starts the kernel. */
static void test_devicetree(void **state)
{
	static const struct mutation vectors[] = {
		{"dtb", {{ROW(3), 8, 0x6274642e}}, .where = 1},
		{"dtbauto", {{ROW(3), 8, 0x6f7475616274642e}}, .where = 1},
		{"dtb-in-profile-0", {{ROW(9), 8, 0x6274642e}}, .where = 1},
		{"dtb-in-profile-1", {{ROW(11), 8, 0x6274642e}}, .where = 0},
		{"dtb-empty", {{ROW(3), 8, 0x6274642e}, {ROW(3) + 8, 4, 0}}, .where = 0},
		{"dtbo", {{ROW(3), 8, 0x6f6274642e}}, .where = 0},
	};
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct mutation *m = &vectors[i];
		struct pe_uki uki;

		make_profiles(head);
		mutate(head, m);
		CHECK(m->name, parse(head, TABLE_END, UKI_SIZE, &uki, &fault) == 0);
		CHECK(m->name, uki.has_devicetree == (m->where == 1));
		CHECK(m->name, corpus_has("pe", m->name, head, TABLE_END));
	}
}

/* Each is the image with profiles, with one fault. */
static const struct mutation bad_ukis[] = {
	{"bad-empty-file", .len = UINT64_MAX},
	{"bad-cut-in-dos-header", .len = 0x3f},
	{"bad-no-mz", {{0, 2, 0x4d5a}}, .where = 0},
	{"bad-elf", {{0, 4, 0x464c457f}}, .where = 0},
	{"bad-pe-header-outside", {{0x3c, 4, 0x9000}}, .where = 0x3c},
	{"bad-pe-header-wraps", {{0x3c, 4, 0xfffffffc}}, .where = 0x3c},
	{"bad-ne-signature", {{LFANEW, 2, 0x454e}}, .where = 0x3c},
	{"bad-cut-in-coff-header", .len = COFF + 10, .where = 0x3c},
	{"bad-no-optional-header", {{COFF + 16, 2, 0}}, .where = OPTIONAL},
	{"bad-rom-image", {{OPTIONAL, 2, 0x107}}, .where = OPTIONAL},
	{"bad-pe32", {{OPTIONAL, 2, 0x10b}}, .where = OPTIONAL},
	{"bad-optional-header-short", {{COFF + 16, 2, 80}}, .where = COFF + 16},
	{"bad-optional-header-outside", {{COFF + 16, 2, 0xffff}}, .where = COFF + 2},
	{"bad-97-sections", {{COFF + 2, 2, 97}}, .where = COFF + 2},
	{"bad-65535-sections", {{COFF + 2, 2, 0xffff}}, .where = COFF + 2},
	{"bad-table-cut", .len = TABLE_END - 1, .where = COFF + 2},
	{"bad-17-directories", {{OPTIONAL + 108, 4, 17}}, .where = OPTIONAL + 108},
	{"bad-directories-wrap", {{OPTIONAL + 108, 4, 0x20000000}}, .where = OPTIONAL + 108},
	{"bad-efi-driver", {{OPTIONAL + 68, 2, 11}}, .where = OPTIONAL + 68},
	{"bad-windows-program", {{OPTIONAL + 68, 2, 2}}, .where = OPTIONAL + 68},
	{"bad-headers-size-0", {{OPTIONAL + 60, 4, 0}}, .where = OPTIONAL + 60},
	{"bad-headers-end-in-table", {{OPTIONAL + 60, 4, TABLE_END - 1}}, .where = OPTIONAL + 60},
	{"bad-headers-beyond-file", {{OPTIONAL + 60, 4, UKI_SIZE + 1}}, .where = OPTIONAL + 60},
	{"bad-linux-at-0", {{ROW(5) + 20, 4, 0}}, .where = ROW(5)},
	{"bad-text-in-headers", {{ROW(0) + 20, 4, HEADERS_SIZE - 1}}, .where = ROW(0)},
	{"bad-linux-outside", {{ROW(5) + 20, 4, UKI_SIZE}}, .where = ROW(5)},
	{"bad-linux-outside-2g", {{ROW(5) + 20, 4, 0x80000000}}, .where = ROW(5)},
	{"bad-linux-end-wraps", {{ROW(5) + 16, 4, 0xfffff000}}, .where = ROW(5)},
	{"bad-text-outside", {{ROW(0) + 16, 4, UKI_SIZE}}, .where = ROW(0)},
	{"bad-file-cut-by-one", .size = UKI_SIZE - 1, .where = ROW(12)},
	{"bad-file-cut-in-half", .size = UKI_SIZE / 2, .where = ROW(6)},
	{"bad-file-cut-in-linux", .size = 0x3000, .where = ROW(5)},
	{"bad-linux-overlaps-initrd", {{ROW(6) + 20, 4, 0x3eff}}, .where = ROW(6)},
	{"bad-linux-is-initrd", {{ROW(6) + 20, 4, 0x2000}}, .where = ROW(6)},
	{"bad-ucode-within-initrd", {{ROW(7) + 20, 4, 0x5000}}, .where = ROW(7)},
	{"bad-text-over-osrel",
	 {{ROW(0) + 8, 4, 0x1001}, {ROW(0) + 16, 4, 0x1001}},
	 .where = ROW(2)},
	{"bad-profile-over-linux", {{ROW(11) + 20, 4, 0x2100}}, .where = ROW(11)},
	{"bad-linux-twice", {{ROW(7), 8, 0x78756e696c2e}}, .where = ROW(7)},
	{"bad-initrd-twice", {{ROW(7), 8, 0x647274696e692e}}, .where = ROW(7)},
	{"bad-osrel-twice", {{ROW(7), 8, 0x6c6572736f2e}}, .where = ROW(7)},
	{"bad-uname-twice-in-profile", {{ROW(10), 8, 0x656d616e752e}}, .where = ROW(10)},
	{"bad-linux-empty-in-memory", {{ROW(5) + 8, 4, 0}}, .where = TABLE},
	{"bad-linux-empty-in-file", {{ROW(5) + 16, 4, 0}}, .where = TABLE},
	{"bad-linux-in-profile-1-only",
	 {{ROW(5), 8, 0x792e}, {ROW(12), 8, 0x78756e696c2e}},
	 .where = TABLE},
	{"bad-osrel-missing", {{ROW(2), 8, 0x792e}}, .where = TABLE},
	{"bad-osrel-empty", {{ROW(2) + 8, 4, 0}}, .where = TABLE},
};

static void test_bad_ukis(void **state)
{
	uint8_t head[PE_HEAD_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_ukis) / sizeof(bad_ukis[0]); i++) {
		const struct mutation *m = &bad_ukis[i];
		size_t len = m->len == UINT64_MAX ? 0 : m->len ? m->len : TABLE_END;
		struct fault fault = {.where = 4711};
		struct pe_uki uki = {.profiles = 99};

		make_profiles(head);
		mutate(head, m);
		CHECK(m->name,
		      parse(head, len, m->size ? m->size : UKI_SIZE, &uki, &fault) == -EINVAL);
		CHECK(m->name, fault.where == m->where && fault.what);
		CHECK(m->name, uki.profiles == 99);
		/* The head of a file that was cut behind it is sound. */
		CHECK(m->name, m->size > 0 || corpus_has("pe", m->name, head, len));
	}
}

static void test_no_uki(void **state)
{
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault = {0};
	struct pe_uki uki;

	(void)state;
	make_profiles(head);
	head[ROW(5) + 1] = 'x';
	assert_int_equal(parse(head, TABLE_END, UKI_SIZE, &uki, &fault), -ENOENT);
	/* Whatever the rest is like. */
	put16(head + OPTIONAL, 0x10b);
	assert_int_equal(parse(head, TABLE_END, 0x1000, &uki, &fault), -ENOENT);
	assert_null(fault.what);
}

/* The tables that ukify and objcopy make from the stubs of systemd 252 and 257, as they are. */
static void test_real_ukis(void **state)
{
	static const struct {
		const char *name;
		uint64_t size;
		uint16_t machine;
		unsigned int profiles;
		struct pe_section part[PE_PARTS];
	} vectors[] = {
		{"pe/real-252-x64-ukify",
		 0x106e000,
		 PE_MACHINE_X86_64,
		 0,
		 {{0x11a00, 0xd7e7c0},
		  {0xd90200, 0x2dc89e},
		  {0x106cc00, 0x1389},
		  {0x11600, 0x12},
		  {0x11400, 0x10b},
		  {0x11800, 3}}},
		{"pe/real-252-aa64-ukify",
		 0x1cea000,
		 PE_MACHINE_ARM64,
		 0,
		 {{0x12800, 0x19f97c0},
		  {0x1a0c000, 0x2dc89e},
		  {0x1ce8a00, 0x1389},
		  {0x12400, 0x12},
		  {0x12200, 0x10b},
		  {0x12600, 3}}},
		{"pe/real-257-x64-ukify",
		 0xe1f400,
		 PE_MACHINE_X86_64,
		 0,
		 {{0x16e00, 0xb2a7c0},
		  {0xb41600, 0x2dc89e},
		  {0xe1e000, 0x1389},
		  {0x16a00, 0x12},
		  {0x16800, 0x10b},
		  {0x16c00, 3}}},
		{"pe/real-257-aa64-ukify",
		 0x206b800,
		 PE_MACHINE_ARM64,
		 0,
		 {{0x18200, 0x1d757c0},
		  {0x1d8da00, 0x2dc89e},
		  {0x206a400, 0x1389},
		  {0x17e00, 0x12},
		  {0x17c00, 0x10b},
		  {0x18000, 3}}},
		{"pe/real-252-x64-objcopy",
		 0xe1bb61,
		 PE_MACHINE_X86_64,
		 0,
		 {{0x2ee200, 0xb2a7c0},
		  {0x11800, 0x2dc89e},
		  {0, 0},
		  {0xfe00, 0x10b},
		  {0x400, 0x10b},
		  {0, 0}}},
		{"pe/real-257-x64-objcopy",
		 0xe1dc00,
		 PE_MACHINE_X86_64,
		 0,
		 {{0x2dd200, 0xb2a7c0},
		  {0x800, 0x2dc89e},
		  {0, 0},
		  {0x600, 0x10b},
		  {0x400, 0x10b},
		  {0, 0}}},
		{"pe/real-257-x64-profiles",
		 0xe1ea00,
		 PE_MACHINE_X86_64,
		 3,
		 {{0x16e00, 0xb2a7c0},
		  {0xb41600, 0x2dc89e},
		  {0, 0},
		  {0x16a00, 4},
		  {0x16800, 0x10b},
		  {0x16c00, 0x1a}}},
	};
	uint8_t head[PE_HEAD_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const char *name = vectors[i].name;
		size_t len = corpus_read(name, head, sizeof(head));
		struct fault fault;
		struct pe_uki uki;

		CHECK(name, parse(head, len, vectors[i].size, &uki, &fault) == 0);
		CHECK(name, uki.machine == vectors[i].machine);
		CHECK(name, uki.profiles == vectors[i].profiles);
		CHECK(name, memcmp(uki.part, vectors[i].part, sizeof(uki.part)) == 0);
		CHECK(name, parse(head, len, vectors[i].size / 2, &uki, &fault) == -EINVAL);
		CHECK(name, parse(head, len - 1, vectors[i].size, &uki, &fault) == -EINVAL);
	}
}

static void test_signed(void **state)
{
	static const struct mutation vectors[] = {
		{"empty table", {{0, 0, 0}}, .where = 0},
		{"table", {{OPTIONAL + 144, 8, 0x10000008000}}, .where = 1},
		{"up to the end", {{OPTIONAL + 144, 8, 0xc0000008000}}, .where = 1},
		{"beyond the end", {{OPTIONAL + 144, 8, 0xc0100008000}}, .where = 0},
		{"end wraps", {{OPTIONAL + 144, 8, 0xffffffff00000002}}, .where = 0},
		{"4 directories",
		 {{OPTIONAL + 144, 8, 0x10000008000}, {OPTIONAL + 108, 4, 4}},
		 .where = 0},
		{"5 directories",
		 {{OPTIONAL + 144, 8, 0x10000008000}, {OPTIONAL + 108, 4, 5}},
		 .where = 1},
		{"no room for the fifth",
		 {{OPTIONAL + 144, 8, 0x10000008000}, {COFF + 16, 2, 151}},
		 .where = 0},
		{"PE32", {{OPTIONAL + 144, 8, 0x10000008000}, {OPTIONAL, 2, 0x10b}}, .where = 0},
		{"no PE file", {{OPTIONAL + 144, 8, 0x10000008000}, {0, 1, 0}}, .where = 0},
	};
	uint8_t head[PE_HEAD_SIZE], *copy;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		make_profiles(head);
		mutate(head, &vectors[i]);
		copy = copy_of(head, TABLE_END);
		CHECK(vectors[i].name,
		      pe_is_signed(copy, TABLE_END, UKI_SIZE) == (vectors[i].where == 1));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uki),	   cmocka_unit_test(test_many_sections),
		cmocka_unit_test(test_devicetree), cmocka_unit_test(test_bad_ukis),
		cmocka_unit_test(test_no_uki),	   cmocka_unit_test(test_real_ukis),
		cmocka_unit_test(test_signed),	   cmocka_unit_test(test_find),
		cmocka_unit_test(test_no_section), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_wrong),	   cmocka_unit_test(test_large_head),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("pe", tests, NULL, NULL);
}
