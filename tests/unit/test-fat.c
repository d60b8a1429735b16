// SPDX-License-Identifier: LGPL-2.1-or-later
/* Boot sectors, entries of the FAT, and the slots of names. Whole images:
 * tests/doors/test-volume.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fat.h"
#include "mutate.h"

#define MIB 1048576ull

/* As mkfs.vfat 4.2 makes them. */
struct shape {
	const char *name;
	unsigned int sector_size, cluster_sectors, reserved, root_entries, fat_sectors;
	uint32_t sectors;
	struct fat_layout want;
};

static const struct shape shapes[] = {
	{"fat12",
	 512,
	 4,
	 1,
	 512,
	 12,
	 16000,
	 {12, 512, 2048, 512, 25 * 512, 16384, 0, 57 * 512, 3985 + 2, false, 2, 12 * 512, 0}},
	{"fat16",
	 512,
	 4,
	 4,
	 512,
	 64,
	 65536,
	 {16, 512, 2048, 2048, 132 * 512, 16384, 0, 164 * 512, 16343 + 2, false, 2, 64 * 512, 0}},
	{"fat32",
	 512,
	 1,
	 32,
	 0,
	 600,
	 77824,
	 {32, 512, 512, 32 * 512, 0, 0, 2, 1232 * 512, 76592 + 2, false, 2, 600 * 512, 512}},
	{"fat16-4096",
	 4096,
	 1,
	 1,
	 512,
	 8,
	 16384,
	 {16, 4096, 4096, 4096, 17 * 4096, 16384, 0, 21 * 4096, 16363 + 2, false, 2, 8 * 4096, 0}},
	{"fat32-4096",
	 4096,
	 1,
	 32,
	 0,
	 75,
	 76800,
	 {32, 4096, 4096, 32 * 4096, 0, 0, 2, 182 * 4096, 76618 + 2, false, 2, 75 * 4096, 4096}},
};

static void make_boot(const struct shape *s, uint8_t boot[512])
{
	bool is_fat32 = s->root_entries == 0;

	memset(boot, 0, 512);
	put(boot + 11, 2, s->sector_size);
	boot[13] = (uint8_t)s->cluster_sectors;
	put(boot + 14, 2, s->reserved);
	boot[16] = 2;
	put(boot + 17, 2, s->root_entries);
	boot[21] = 0xf8;
	if (s->sectors < 65536 && !is_fat32)
		put(boot + 19, 2, s->sectors);
	else
		put(boot + 32, 4, s->sectors);
	put(boot + (is_fat32 ? 36 : 22), is_fat32 ? 4 : 2, s->fat_sectors);
	if (is_fat32)
		put(boot + 44, 4, 2);
	put(boot + 510, 2, 0xaa55);
}

static uint64_t size_of(const struct shape *s)
{
	return (uint64_t)s->sectors * s->sector_size;
}

static void check_layout(const struct fat_layout *got, const struct fat_layout *want)
{
	assert_int_equal(got->type, want->type);
	assert_int_equal(got->sector_size, want->sector_size);
	assert_int_equal(got->cluster_size, want->cluster_size);
	assert_int_equal(got->fat_at, want->fat_at);
	assert_int_equal(got->root_at, want->root_at);
	assert_int_equal(got->root_size, want->root_size);
	assert_int_equal(got->root_cluster, want->root_cluster);
	assert_int_equal(got->data_at, want->data_at);
	assert_int_equal(got->end_cluster, want->end_cluster);
	assert_int_equal(got->is_dirty, want->is_dirty);
	assert_int_equal(got->n_fats, want->n_fats);
	assert_int_equal(got->fat_size, want->fat_size);
	assert_int_equal(got->fsinfo_at, want->fsinfo_at);
}

static void test_boot(void **state)
{
	struct fat_layout l;
	uint8_t boot[512];

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		make_boot(s, boot);
		assert_int_equal(fat_parse_boot(boot, size_of(s), &l), 0);
		check_layout(&l, &s->want);
		/* The partition may be larger, but not smaller. */
		assert_int_equal(fat_parse_boot(boot, 1ull << 60, &l), 0);
		assert_int_equal(fat_parse_boot(boot, size_of(s) - 1, &l), -EUCLEAN);
		boot[s->want.type == 32 ? 65 : 37] = 1;
		assert_int_equal(fat_parse_boot(boot, size_of(s), &l), 0);
		assert_true(l.is_dirty);
	}
}

/* where: the shape. */
static const struct mutation broken[] = {
	{.name = "no signature", .poke = {{510, 2, 0}}},
	{.name = "media", .poke = {{21, 1, 0xf1}}},
	{.name = "sector size 0", .poke = {{11, 2, 0}}},
	{.name = "sector size 256", .poke = {{11, 2, 256}}},
	{.name = "sector size 8192", .poke = {{11, 2, 8192}}},
	{.name = "sector size 1000", .poke = {{11, 2, 1000}}},
	{.name = "cluster of 0 sectors", .poke = {{13, 1, 0}}},
	{.name = "cluster of 3 sectors", .poke = {{13, 1, 3}}},
	{.name = "nothing reserved", .poke = {{14, 2, 0}}},
	{.name = "no FAT", .poke = {{16, 1, 0}}},
	{.name = "no root directory", .poke = {{17, 2, 0}}},
	{.name = "root directory of half a sector", .poke = {{17, 2, 8}}},
	{.name = "no FAT sectors", .poke = {{22, 2, 0}}},
	{.name = "FAT16 with too many clusters", .poke = {{19, 2, 0}, {32, 4, 600000}}},
	{.name = "no sectors", .poke = {{19, 2, 0}, {32, 4, 0}}},
	{.name = "no room for data", .poke = {{19, 2, 164}, {32, 4, 0}}},
	{.name = "not one cluster", .poke = {{19, 2, 167}, {32, 4, 0}}},
	{.name = "FATs that are too long", .poke = {{22, 2, 0xffff}}},
	{.name = "FAT32: a version", .poke = {{42, 2, 1}}, .where = 2},
	{.name = "FAT32: one FAT only is kept", .poke = {{40, 2, 0x81}}, .where = 2},
	{.name = "FAT32: root cluster 0", .poke = {{44, 4, 0}}, .where = 2},
	{.name = "FAT32: root cluster 1", .poke = {{44, 4, 1}}, .where = 2},
	{.name = "FAT32: root cluster behind the end", .poke = {{44, 4, 76594}}, .where = 2},
	{.name = "FAT32: a root directory", .poke = {{17, 2, 512}}, .where = 2},
	{.name = "FAT32: FATs that overflow", .poke = {{36, 4, 0xffffffff}}, .where = 2},
	{.name = "FAT32: no FAT sectors", .poke = {{36, 4, 0}}, .where = 2},
};

static void test_boot_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const struct shape *s = &shapes[broken[i].where ? broken[i].where : 1];
		uint8_t boot[512];
		struct fat_layout l;

		make_boot(s, boot);
		mutate(boot, &broken[i]);
		if (fat_parse_boot(boot, 1ull << 50, &l) != -EUCLEAN)
			fail_msg("%s", broken[i].name);
	}
}

/* The number of clusters tells 12 bits from 16, and what the FAT has no entry for is not there. */
static void test_boot_limits(void **state)
{
	struct shape s = {"", 512, 1, 1, 16, 12, 4084 + 26, {0}};
	struct fat_layout l;
	uint8_t boot[512];

	(void)state;
	make_boot(&s, boot);
	assert_int_equal(fat_parse_boot(boot, size_of(&s), &l), 0);
	assert_int_equal(l.type, 12);
	assert_int_equal(l.end_cluster, 4086);
	s.sectors++;
	make_boot(&s, boot);
	assert_int_equal(fat_parse_boot(boot, size_of(&s), &l), 0);
	assert_int_equal(l.type, 16);
	assert_int_equal(l.end_cluster, 12 * 256);
	s = (struct shape){"", 512, 1, 1, 16, 256, 65524 + 514, {0}};
	make_boot(&s, boot);
	assert_int_equal(fat_parse_boot(boot, size_of(&s), &l), 0);
	assert_int_equal(l.end_cluster, 65526);
	s.sectors++;
	make_boot(&s, boot);
	assert_int_equal(fat_parse_boot(boot, size_of(&s), &l), -EUCLEAN);
}

static void test_next(void **state)
{
	const struct fat_layout l12 = {.type = 12, .end_cluster = 0xff0, .fat_at = 512};
	const struct fat_layout l16 = {.type = 16, .end_cluster = 0xfff0, .fat_at = 512};
	const struct fat_layout l32 = {.type = 32, .end_cluster = 100000, .fat_at = 512};
	const uint8_t packed[] = {0x34, 0x52, 0x06, 0xf7, 0xff, 0xff};

	(void)state;
	assert_int_equal(fat_entry_at(&l12, 2), 512 + 3);
	assert_int_equal(fat_entry_at(&l12, 3), 512 + 4);
	assert_int_equal(fat_next(&l12, 2, packed), 0x234);
	assert_int_equal(fat_next(&l12, 3, packed + 1), 0x065);
	assert_int_equal(fat_next(&l12, 4, packed + 3), FAT_BROKEN); /* bad */
	assert_int_equal(fat_next(&l12, 5, packed + 4), FAT_END);
	assert_int_equal(fat_next(&l12, 4, (const uint8_t[]){0xf8, 0xff}), FAT_END);
	assert_int_equal(fat_next(&l12, 4, (const uint8_t[]){0xf0, 0xff}), FAT_BROKEN);
	assert_int_equal(fat_entry_at(&l16, 3), 512 + 6);
	assert_int_equal(fat_next(&l16, 3, (const uint8_t[]){0x34, 0x12}), 0x1234);
	assert_int_equal(fat_next(&l16, 3, (const uint8_t[]){0xf7, 0xff}), FAT_BROKEN);
	assert_int_equal(fat_next(&l16, 3, (const uint8_t[]){0xf8, 0xff}), FAT_END);
	assert_int_equal(fat_next(&l16, 3, (const uint8_t[]){0, 0}), FAT_BROKEN);
	assert_int_equal(fat_next(&l16, 3, (const uint8_t[]){1, 0}), FAT_BROKEN);
	assert_int_equal(fat_entry_at(&l32, 3), 512 + 12);
	assert_int_equal(fat_next(&l32, 3, (const uint8_t[]){0x9f, 0x86, 0x01, 0xf0}), 99999);
	assert_int_equal(fat_next(&l32, 3, (const uint8_t[]){0xa0, 0x86, 0x01, 0}), FAT_BROKEN);
	assert_int_equal(fat_next(&l32, 3, (const uint8_t[]){0xf8, 0xff, 0xff, 0x0f}), FAT_END);
	assert_int_equal(fat_next(&l32, 3, (const uint8_t[]){0xf7, 0xff, 0xff, 0x0f}), FAT_BROKEN);
}

static void check_put(unsigned int type, uint32_t cluster, uint32_t next, const char *before,
		      const char *after)
{
	const struct fat_layout l = {.type = type, .end_cluster = 0xff0};
	uint8_t entry[4];

	memcpy(entry, before, 4);
	fat_put_next(&l, cluster, entry, next);
	assert_memory_equal(entry, after, 4);
	assert_int_equal(fat_next(&l, cluster, entry), next);
	assert_false(fat_is_free(&l, cluster, entry));
}

/* The bits that belong to somebody else stay. */
static void test_put_next(void **state)
{
	const struct fat_layout l12 = {.type = 12}, l32 = {.type = 32};

	(void)state;
	check_put(12, 2, 0x123, "\x00\xf0\xaa\xbb", "\x23\xf1\xaa\xbb");
	check_put(12, 3, 0x123, "\x0a\x00\xaa\xbb", "\x3a\x12\xaa\xbb");
	check_put(12, 3, FAT_END, "\x0a\x00\xaa\xbb", "\xfa\xff\xaa\xbb");
	check_put(12, 2, FAT_END, "\x00\xa0\xaa\xbb", "\xff\xaf\xaa\xbb");
	check_put(16, 3, 0x123, "\xff\xff\xaa\xbb", "\x23\x01\xaa\xbb");
	check_put(16, 3, FAT_END, "\0\0\xaa\xbb", "\xff\xff\xaa\xbb");
	check_put(32, 3, 0x123, "\xff\xff\xff\xaf", "\x23\x01\x00\xa0");
	check_put(32, 3, FAT_END, "\0\0\0\xa0", "\xff\xff\xff\xaf");
	assert_true(fat_is_free(&l12, 2, (const uint8_t *)"\x00\xf0"));
	assert_false(fat_is_free(&l12, 3, (const uint8_t *)"\x00\xf0"));
	assert_true(fat_is_free(&l12, 3, (const uint8_t *)"\x0f\x00"));
	assert_true(fat_is_free(&l32, 3, (const uint8_t *)"\0\0\0\xf0"));
	assert_false(fat_is_free(&l32, 3, (const uint8_t *)"\0\0\0\x01"));
	assert_false(fat_is_free(&l32, 3, (const uint8_t *)"\0\0\x01\0"));
}

static void test_fsinfo(void **state)
{
	const struct shape *s = &shapes[2];
	uint8_t sector[512] = {0}, boot[512];
	struct fat_layout l;

	(void)state;
	put(sector + 488, 4, 0x10000);
	assert_false(fat_count_taken(sector)); /* no signature */
	put(sector, 4, 0x41615252);
	put(sector + 484, 4, 0x61417272);
	assert_true(fat_count_taken(sector));
	assert_memory_equal(sector + 488, "\xff\xff\0\0", 4);
	put(sector + 488, 4, 0);
	assert_false(fat_count_taken(sector));
	put(sector + 488, 4, 0xffffffff); /* not known */
	assert_false(fat_count_taken(sector));
	make_boot(s, boot);
	put(boot + 48, 2, 5);
	assert_int_equal(fat_parse_boot(boot, size_of(s), &l), 0);
	assert_int_equal(l.fsinfo_at, 5 * 512);
	put(boot + 48, 2, 32);
	assert_int_equal(fat_parse_boot(boot, size_of(s), &l), 0);
	assert_int_equal(l.fsinfo_at, 0);
}

/* "active+3-0.conf" as Linux writes it, and its alias. */
static const uint8_t by_linux[] = {
	0x42, 'n',  0,	  'f',	0,    0,    0,	  0xff, 0xff, 0xff, 0xff, 0x0f, 0,   0xb,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0,
	0xff, 0xff, 0xff, 0xff, 0x01, 'a',  0,	  'c',	0,    't',  0,	  'i',	0,   'v',
	0,    0x0f, 0,	  0xb,	'e',  0,    '+',  0,	'3',  0,    '-',  0,	'0', 0,
	'.',  0,    0,	  0,	'c',  0,    'o',  0,	'A',  'C',  'T',  'I',	'V', 'E',
	'~',  '1',  'C',  'O',	'N',  0x20, 0,	  0,	0,    0,    0,	  0,	0,   0,
	0x34, 0x12, 0,	  0,	0,    0,    3,	  0,	7,    0,    0,	  0,
};

/* Reads slots to the first entry; its index, or -1. */
static int scan(struct fat_scan *s, const uint8_t *slots, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (fat_scan_slot(s, slots + (size_t)i * FAT_SLOT_SIZE) == FAT_SLOT_ENTRY)
			return (int)i;
	return -1;
}

static void check_name(const uint8_t *slots, unsigned int n, const char *want)
{
	struct fat_scan s = {0};
	char name[FAT_TEXT_SIZE];
	int i = scan(&s, slots, n);

	assert_true(i >= 0);
	fat_scan_name(&s, slots + (size_t)i * FAT_SLOT_SIZE, name);
	assert_string_equal(name, want);
}

static void test_scan(void **state)
{
	const uint8_t *entry = by_linux + 64;
	struct fat_layout l = {.type = 16};
	struct fat_scan s = {0};
	char name[FAT_TEXT_SIZE];

	(void)state;
	assert_int_equal(fat_scan_slot(&s, by_linux), FAT_SLOT_LONG);
	assert_int_equal(fat_scan_slot(&s, by_linux + 32), FAT_SLOT_LONG);
	assert_int_equal(fat_scan_slot(&s, entry), FAT_SLOT_ENTRY);
	assert_true(s.is_whole && s.n_long == 2 && s.n_free == 0);
	fat_scan_name(&s, entry, name);
	assert_string_equal(name, "active+3-0.conf");
	fat_short_name(entry, name);
	assert_string_equal(name, "ACTIVE~1.CON");
	assert_int_equal(fat_slot_cluster(&l, entry), 3);
	l.type = 32;
	assert_int_equal(fat_slot_cluster(&l, entry), 0x12340003);
	assert_int_equal(fat_slot_size(entry), 7);
	assert_false(fat_slot_is_dir(entry) || fat_slot_is_read_only(entry) ||
		     fat_slot_is_dot(entry));
	/* And then anew. */
	assert_int_equal(fat_scan_slot(&s, entry), FAT_SLOT_ENTRY);
	assert_true(s.is_whole && s.n_long == 0);
	assert_int_equal(fat_scan_slot(&s, (const uint8_t[32]){0}), FAT_SLOT_END);
}

/* Each breaks the long name, so that the short one counts, or nothing is taken from before. */
static void test_scan_broken(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{64, 'B'},  {13, 0xa}, {45, 0xa}, {0, 0x43},  {0, 0x41},  {0, 0x02},
		{32, 0x02}, {0, 0x40}, {0, 0x55}, {32, 0xe5}, {11, 0x20},
	};
	char name[FAT_TEXT_SIZE];
	uint8_t slots[96];

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct fat_scan s = {0};

		memcpy(slots, by_linux, sizeof(slots));
		slots[changes[i].at] = changes[i].value;
		for (size_t j = 0; j < 3; j++)
			(void)fat_scan_slot(&s, slots + j * 32);
		fat_scan_name(&s, slots + 64, name);
		/* A deleted slot in between hides that there were parts. */
		if (s.n_long != 0 || s.n_free > 1 || name[5] != 'E' ||
		    (s.is_whole && changes[i].value != 0xe5 && changes[i].at != 32))
			fail_msg("change %zu: \"%s\", %u", i, name, s.n_long);
	}
}

static void test_free_slots(void **state)
{
	uint8_t slots[32 * 40] = {0};
	struct fat_scan s = {0};

	(void)state;
	for (size_t i = 0; i < 30; i++)
		slots[i * 32] = 0xe5;
	memcpy(slots + 30 * 32, by_linux, 96);
	assert_int_equal(scan(&s, slots, 40), 32);
	assert_int_equal(s.n_free, FAT_LONG_SLOTS);
	assert_int_equal(s.n_long, 2);
	/* Not what lies before something else: an entry, a label, a part that belongs to nothing.
	 */
	for (size_t i = 0; i < 3; i++) {
		s = (struct fat_scan){0};
		memcpy(slots + 27 * 32, i == 2 ? by_linux : by_linux + 64, 32);
		slots[27 * 32 + 11] = i == 0 ? 0x20 : i == 1 ? 0x08 : 0x0f;
		for (size_t j = 0; j < 33; j++)
			(void)fat_scan_slot(&s, slots + j * 32);
		assert_int_equal(s.n_free, 2);
	}
	s = (struct fat_scan){0};
	memcpy(slots + 29 * 32, by_linux, 32);
	for (size_t j = 0; j < 33; j++)
		(void)fat_scan_slot(&s, slots + j * 32);
	assert_int_equal(s.n_free, 0);
	assert_true(s.is_whole && s.n_long == 2);
}

static void test_put(void **state)
{
	uint8_t slots[96];

	(void)state;
	memcpy(slots, by_linux, sizeof(slots));
	assert_int_equal(fat_put_long_name(slots, 2, "active+2-1.conf"), 0);
	check_name(slots, 3, "active+2-1.conf");
	assert_memory_equal(slots + 64, by_linux + 64, 32);
	assert_int_equal(fat_put_long_name(slots, 2, "active+3-0.conf"), 0);
	assert_memory_equal(slots, by_linux, sizeof(slots));
	/* Shorter: what is too much is at the front, and the first one left is marked. */
	assert_int_equal(fat_put_long_name(slots, 2, "active.conf"), 0);
	assert_int_equal(slots[0], 0xe5);
	assert_memory_equal(slots + 1, by_linux + 1, 31);
	assert_int_equal(slots[32], 0x41);
	check_name(slots, 3, "active.conf");
	/* And longer again. */
	assert_int_equal(fat_put_long_name(slots, 2, "active+3-0.conf"), 0);
	assert_memory_equal(slots, by_linux, sizeof(slots));
	assert_int_equal(fat_put_long_name(slots + 32, 1, "active+3-0.conf"), -ENOSPC);
	assert_memory_equal(slots, by_linux, sizeof(slots));
}

static unsigned int count_units(const uint8_t *slot, uint8_t low, uint8_t high)
{
	static const unsigned int at[] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	unsigned int n = 0;

	for (size_t i = 0; i < 13; i++)
		n += slot[at[i]] == low && slot[at[i] + 1] == high;
	return n;
}

static void test_put_lengths(void **state)
{
	uint8_t slots[(FAT_LONG_SLOTS + 1) * FAT_SLOT_SIZE];
	char name[FAT_NAME_MAX + 1];

	(void)state;
	for (unsigned int len = 1; len <= FAT_NAME_MAX; len++) {
		unsigned int n = (len + 12) / 13, rest = n * 13 - len;
		const uint8_t *first = slots + (size_t)(FAT_LONG_SLOTS - n) * 32;

		for (unsigned int i = 0; i < len; i++)
			name[i] = (char)('a' + (i * 7 + len) % 26);
		name[len] = '\0';
		assert_true(fat_is_plain_name(name));
		assert_int_equal(fat_long_slots(name), n);
		memset(slots, 0xcc, sizeof(slots));
		memcpy(slots + (size_t)FAT_LONG_SLOTS * 32, by_linux + 64, 32);
		assert_int_equal(fat_put_long_name(slots, FAT_LONG_SLOTS, name), 0);
		check_name(slots, FAT_LONG_SLOTS + 1, name);
		/* One NUL where there is room for one, then 0xffff. */
		assert_int_equal(count_units(first, 0, 0), rest > 0);
		assert_int_equal(count_units(first, 0xff, 0xff), rest > 0 ? rest - 1 : 0);
		assert_int_equal(first[0], n | 0x40);
	}
}

static void check_short(const char *eleven, uint8_t flags, const char *want)
{
	char name[FAT_SHORT_SIZE];
	uint8_t slot[32] = {0};

	memcpy(slot, eleven, 11);
	slot[12] = flags;
	fat_short_name(slot, name);
	assert_string_equal(name, want);
}

static void test_short(void **state)
{
	uint8_t dot[32] = ".          ";

	(void)state;
	check_short("ACTIVE  EFI", 0, "ACTIVE.EFI");
	check_short("ACTIVE  EFI", 0x08, "active.EFI");
	check_short("ACTIVE  EFI", 0x10, "ACTIVE.efi");
	check_short("ACTIVE  EFI", 0x18, "active.efi");
	check_short("LOADER     ", 0x18, "loader");
	check_short("ABCDEFGHIJK", 0, "ABCDEFGH.IJK");
	check_short("A B     C  ", 0, "A B.C");
	check_short("\x05\x80\x1b     TXT", 0x08, "???.TXT");
	assert_true(fat_slot_is_dot(dot));
	dot[1] = '.';
	assert_true(fat_slot_is_dot(dot));
	dot[2] = 'a';
	assert_false(fat_slot_is_dot(dot));
}

/* Others than ASCII are only read: a pair, halves of one, two and three bytes of UTF-8. */
static void test_utf8(void **state)
{
	static const uint16_t units[] = {0xe4, 0x20ac, 0xd83d, 0xde00, 0xde00, 0xd83d, 0x61};
	uint8_t slots[96];

	(void)state;
	memcpy(slots, by_linux, sizeof(slots));
	for (unsigned int i = 0; i < 5; i++)
		put(slots + 33 + (size_t)i * 2, 2, units[i]);
	for (unsigned int i = 5; i < 7; i++)
		put(slots + 46 + (size_t)(i - 5) * 2, 2, units[i]);
	check_name(slots, 3,
		   "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd"
		   "a3-0.conf");
}

static void test_plain(void **state)
{
	char name[258];

	(void)state;
	assert_true(fat_is_plain_name("active+3-0.conf"));
	assert_true(fat_is_plain_name("A_b.c@d~e^f"));
	assert_true(fat_is_plain_name(".hidden"));
	assert_false(fat_is_plain_name(""));
	assert_false(fat_is_plain_name("."));
	assert_false(fat_is_plain_name("end."));
	assert_false(fat_is_plain_name("a b"));
	assert_false(fat_is_plain_name("a/b"));
	assert_false(fat_is_plain_name("\xc3\xa4.conf"));
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	assert_true(fat_is_plain_name(name));
	name[255] = 'n';
	name[256] = '\0';
	assert_false(fat_is_plain_name(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),	    cmocka_unit_test(test_boot_broken),
		cmocka_unit_test(test_boot_limits), cmocka_unit_test(test_next),
		cmocka_unit_test(test_put_next),    cmocka_unit_test(test_fsinfo),
		cmocka_unit_test(test_scan),	    cmocka_unit_test(test_scan_broken),
		cmocka_unit_test(test_free_slots),  cmocka_unit_test(test_put),
		cmocka_unit_test(test_put_lengths), cmocka_unit_test(test_short),
		cmocka_unit_test(test_utf8),	    cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests_name("fat", tests, NULL, NULL);
}
