// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which partitions ResetWipe= may name. The disk of most rows:
 *   1 esp, 2 root_a, 3 root_b, 4 data (encrypted), 5 cache, 6 twin, 7 twin */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gpt.h"
#include "wipe.h"

#define TYPE_ESP   "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define TYPE_LINUX "0fc63daf-8483-4772-8e79-3d69d8477de4"
#define TYPE_ROOT  "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"
#define TYPE_USR   "8484680c-9521-48c6-9c11-b0720656f69e"
#define TYPE_VAR   "4d21b016-b534-45c2-a9fb-5c16e091fd2d"
#define HASH	   "2222222222224222822222222222222233333333333343338333333333333333"

static const struct wipe_partition disk[] = {
	{.number = 1,
	 .node = "/dev/vda1",
	 .label = "esp",
	 .type = TYPE_ESP,
	 .fs_uuid = "ABCD-1234"},
	{.number = 2,
	 .node = "/dev/vda2",
	 .label = "root_a",
	 .type = TYPE_LINUX,
	 .partuuid = "22222222-2222-4222-8222-222222222222",
	 .fs_uuid = "aaaaaaaa-2222-4222-8222-222222222222",
	 .fs_label = "ROOT-A"},
	{.number = 3,
	 .node = "/dev/vda3",
	 .label = "root_b",
	 .type = TYPE_LINUX,
	 .partuuid = "33333333-3333-4333-8333-333333333333",
	 .fs_uuid = "aaaaaaaa-3333-4333-8333-333333333333",
	 .fs_label = "ROOT-B"},
	{.number = 4,
	 .node = "/dev/vda4",
	 .label = "data",
	 .type = TYPE_LINUX,
	 .partuuid = "44444444-4444-4444-8444-444444444444",
	 .fs_uuid = "aaaaaaaa-4444-4444-8444-444444444444",
	 .is_container = true},
	{.number = 5,
	 .node = "/dev/vda5",
	 .label = "cache",
	 .type = TYPE_LINUX,
	 .fs_label = "cache",
	 .fs_uuid = "aaaaaaaa-5555-4555-8555-555555555555"},
	{.number = 6, .node = "/dev/vda6", .label = "twin", .type = TYPE_LINUX},
	{.number = 7, .node = "/dev/vda7", .label = "twin", .type = TYPE_LINUX},
};
#define N_DISK (sizeof(disk) / sizeof(disk[0]))

static void fill(struct wipe_table *t)
{
	wipe_init(t);
	for (size_t i = 0; i < N_DISK; i++) {
		struct wipe_partition *p = wipe_add(t);

		assert_non_null(p);
		*p = disk[i];
		p->named_by = WIPE_NOBODY;
	}
}

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

/* "4" for the number of what is found, else why not. */
static void ask(const struct wipe_table *t, const char *label, char got[256])
{
	struct text why;
	int by, i;

	text_init(&why, got, 256);
	i = wipe_find(t, slice_of(label), &why, &by);
	if (i >= 0)
		text_uint(&why, t->part[i].number, 0);
}

struct row {
	const char *cmdline, *label, *want;
};

static const struct row rows[] = {
	{"", "data", "4"},
	{"", "cache", "5"},
	{"", "esp", "is an EFI system partition"},
	{"", "twin", "is there more than once"},
	{"", "Data", "is not there"},
	{"", "dat", "is not there"},
	{"", "data2", "is not there"},
	{"quiet data cache=data", "data", "4"},
	/* by each name */
	{"root=PARTLABEL=cache", "cache", "holds a system"},
	{"root=PARTLABEL=CACHE", "cache", "5"},
	{"root=LABEL=cache", "cache", "holds a system"},
	{"root=\"LABEL=cache\"", "cache", "holds a system"},
	{"\"root=LABEL=cache\"", "cache", "holds a system"},
	{"root=LABEL=\"cache\"", "cache", "holds a system"},
	{"root=UUID=AAAAAAAA-5555-4555-8555-555555555555", "cache", "holds a system"},
	{"root=PARTUUID=44444444-4444-4444-8444-444444444444", "data", "holds a system"},
	{"root=/dev/vda5", "cache", "holds a system"},
	{"root=/dev/sdb5", "cache", "holds a system"},
	{"root=/dev/nvme0n1p5", "cache", "holds a system"},
	{"root=/dev/vda2", "cache", "5"},
	{"root=/dev/vda2", "root_a", "holds a system"},
	{"root=/dev/disk/by-partlabel/cache", "cache", "holds a system"},
	{"root=/dev/disk/by-label/cache", "cache", "holds a system"},
	{"root=/dev/disk/by-uuid/aaaaaaaa-5555-4555-8555-555555555555", "cache", "holds a system"},
	{"root=/dev/disk/by-partuuid/44444444-4444-4444-8444-444444444444", "data",
	 "holds a system"},
	{"root=block:/dev/vda5", "cache", "holds a system"},
	{"root=live:LABEL=cache", "cache", "holds a system"},
	{"ro root=/dev/vda2 root=/dev/vda5", "root_a", "holds a system"},
	/* by each key */
	{"mount.usr=PARTLABEL=cache", "cache", "holds a system"},
	{"systemd.verity_root_data=PARTLABEL=cache", "cache", "holds a system"},
	{"systemd.verity-root-hash=PARTLABEL=cache", "cache", "holds a system"},
	{"systemd.verity_usr_data=/dev/vda5", "cache", "holds a system"},
	{"rd.luks.uuid=aaaaaaaa-4444-4444-8444-444444444444", "data", "holds a system"},
	{"rd.luks.uuid=luks-aaaaaaaa-4444", "data", "holds a system"},
	{"rd.luks.name=aaaaaaaa-4444-4444-8444-444444444444=x", "data", "holds a system"},
	{"rd.luks.partuuid=44444444-4444-4444-8444-444444444444", "data", "holds a system"},
	{"cryptdevice=UUID=aaaaaaaa-4444-4444-8444-444444444444:x", "data", "holds a system"},
	{"roothash=" HASH, "root_a", "holds a system"},
	{"roothash=" HASH, "root_b", "holds a system"},
	{"usrhash=" HASH, "root_b", "holds a system"},
	{"roothash=" HASH, "data", "4"},
	{"roothash=2222", "data", "may hold a system"},
	/* of no partition of this disk */
	{"root=PARTLABEL=system", "data", "4"},
	{"root=PARTUUID=99999999-4444-4444-8444-444444444444", "data", "4"},
	{"root=nfs:10.0.0.1:/x", "data", "4"},
	{"root=gpt-auto", "data", "4"},
	{"root=tmpfs", "data", "4"},
	{"root=/dev/gpt-auto-root", "data", "4"},
	{"root=", "data", "4"},
	/* it may be inside of something */
	{"root=UUID=99999999-4444-4444-8444-444444444444", "data", "may hold a system inside"},
	{"root=UUID=99999999-4444-4444-8444-444444444444", "cache", "5"},
	{"root=LABEL=system", "data", "may hold a system inside"},
	{"root=/dev/mapper/vg-root", "data", "may hold a system inside"},
	{"root=/dev/vg/root", "data", "may hold a system inside"},
	{"root=/dev/md0", "data", "may hold a system inside"},
	{"root=/dev/dm-0", "data", "may hold a system inside"},
	{"root=/dev/mapper/vg-root", "cache", "5"},
	{"rd.luks.uuid=99999999", "data", "may hold a system inside"},
	{"root=/dev/mapper/luks-aaaaaaaa-3333-4333-8333-333333333333", "data", "4"},
	{"root=/dev/mapper/luks-aaaaaaaa-4444-4444-8444-444444444444", "data", "holds a system"},
	{"root=/dev/mapper/r rd.luks.name=aaaaaaaa-3333-4333-8333-333333333333=r", "data", "4"},
	{"root=/dev/mapper/r rd.luks.name=aaaaaaaa-3333-4333-8333-333333333333=s", "data",
	 "may hold a system inside"},
	{"root=/dev/mapper/r cryptdevice=PARTLABEL=root_b:r:discard", "data", "4"},
	{"root=/dev/mapper/root roothash=" HASH, "data", "4"},
	{"root=/dev/mapper/system roothash=" HASH, "data", "may hold a system inside"},
	/* not understood */
	{"root=/dev/disk/by-id/virtio-1", "cache", "may hold a system"},
	{"root=/dev/disk/by-path/pci-0", "cache", "may hold a system"},
	{"root=/dev/disk/by-label/a\\x20b", "cache", "may hold a system"},
	{"root=PARTUUID=1/PARTNROFF=1", "cache", "may hold a system"},
	{"root=801", "cache", "may hold a system"},
	{"root=8:1", "cache", "may hold a system"},
	{"root=fstab", "cache", "may hold a system"},
	{"root=dissect", "cache", "may hold a system"},
	{"root=off", "cache", "may hold a system"},
	{"root=/dev/root", "cache", "may hold a system"},
	{"root=LABEL=", "cache", "may hold a system"},
	{"root=magic:x", "cache", "may hold a system"},
	{"dm-mod.create=\"root,,,ro,0 1 linear /dev/vda5 0\"", "data", "may hold a system"},
	{"md=0,/dev/vda5", "cache", "may hold a system"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wipe_table t;
		char got[256];

		fill(&t);
		wipe_protect(&t, slice_of(rows[i].cmdline), 0, NULL, NULL);
		ask(&t, rows[i].label, got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("\"%s\", %s: got \"%s\", want \"%s\"", rows[i].cmdline,
				 rows[i].label, got, rows[i].want);
	}
}

/* A UKI may hold anything between quotes. What stands in front of a terminator still protects. */
static void test_terminator(void **state)
{
	static const char with[][256] = {
		"root=\"PARTLABEL=cache\0x\"",
		"root=PARTLABEL=\"cache\0\"",
		"root=\"UUID=aaaaaaaa-5555-4555-8555-555555555555\0\0\0x\"",
		"rd.luks.uuid=\"aaaaaaaa-5555-4555-8555-555555555555\0\0\0x\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		struct wipe_table t;
		char got[256];

		fill(&t);
		wipe_protect(&t, (struct slice){with[i], sizeof(with[i])}, 0, NULL, NULL);
		ask(&t, "cache", got);
		if (strcmp(got, "holds a system") != 0)
			fail_msg("%s: got \"%s\"", with[i], got);
	}
}

/* Whole command lines: is what is not named proved to be elsewhere? */
static const struct row whole[] = {
	{"", "data", "may hold a system"},
	{"quiet", "data", "may hold a system"},
	{"root=", "data", "may hold a system"},
	{"root=gpt-auto", "data", "may hold a system"},
	{"root=gpt-auto-force", "data", "may hold a system"},
	{"root=/dev/gpt-auto-root", "data", "may hold a system"},
	{"root=fstab", "data", "may hold a system"},
	{"root=dissect", "data", "may hold a system"},
	{"root=PARTLABEL=root_a root=", "data", "may hold a system"},
	{"root=PARTLABEL=root_a root=gpt-auto", "data", "may hold a system"},
	{"mount.usr=PARTLABEL=root_a", "data", "may hold a system"},
	{"usrhash=" HASH, "data", "may hold a system"},
	{"rd.luks.uuid=aaaaaaaa-3333-4333-8333-333333333333", "data", "may hold a system"},
	{"root=PARTLABEL=root_a", "data", "4"},
	{"root= root=PARTLABEL=root_a", "data", "4"},
	{"root=PARTLABEL=elsewhere", "data", "4"},
	{"root=/dev/vda2", "data", "4"},
	{"root=tmpfs", "data", "4"},
	{"root=nfs:10.0.0.1:/x", "data", "4"},
	{"roothash=" HASH, "data", "4"},
};

/* On a disk with a partition of that type as well. */
static const struct row typed[] = {
	{"", "data", "4"},
	{"root=", "data", "4"},
	{"root=gpt-auto", "data", "4"},
	{"root=/dev/gpt-auto-root", "data", "4"},
	{"root=gpt-auto", "cache", "is a root file system"},
	{"root=fstab", "data", "may hold a system"},
	{"root=dissect", "data", "may hold a system"},
	{"root=LABEL=system", "data", "may hold a system inside"},
};

static void ask_whole(const struct row *row, const char *type)
{
	struct wipe_table t;
	char got[256];

	fill(&t);
	memcpy(t.part[4].type, type, strlen(type) + 1);
	wipe_protect(&t, slice_of(row->cmdline), 0, NULL, NULL);
	wipe_end_cmdline(&t, 0);
	ask(&t, row->label, got);
	if (strcmp(got, row->want) != 0)
		fail_msg("\"%s\", %s, %s: got \"%s\", want \"%s\"", row->cmdline, row->label, type,
			 got, row->want);
}

static void test_whole(void **state)
{
	struct wipe_table t;
	char got[256];

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		ask_whole(&whole[i], TYPE_LINUX);
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		ask_whole(&typed[i], TYPE_ROOT);
	ask_whole(&(struct row){"", "data", "may hold a system"}, TYPE_VAR);
	ask_whole(&(struct row){"", "data", "4"}, TYPE_USR);
	/* each stands for itself, in how many pieces it may come */
	fill(&t);
	wipe_protect(&t, slice_of("root=PARTLABEL=root_a"), 0, NULL, NULL);
	wipe_protect(&t, slice_of("quiet"), 0, NULL, NULL);
	wipe_end_cmdline(&t, 0);
	ask(&t, "data", got);
	assert_string_equal(got, "4");
	wipe_protect(&t, slice_of("quiet"), 1, NULL, NULL);
	wipe_end_cmdline(&t, 1);
	ask(&t, "data", got);
	assert_string_equal(got, "may hold a system");
	assert_int_equal(t.unknown_by, 1);
}

static void test_token(void **state)
{
	struct wipe_table t;
	char got[256];

	(void)state;
	fill(&t);
	wipe_protect(&t, slice_of("root=PARTLABEL=@@"), 0, "@@", "cache.conf");
	ask(&t, "cache", got);
	assert_string_equal(got, "holds a system");
	ask(&t, "data", got);
	assert_string_equal(got, "4");
	fill(&t);
	wipe_protect(&t, slice_of("root=PARTLABEL=@@"), 0, "", "cache.conf");
	ask(&t, "cache", got);
	assert_string_equal(got, "5");
}

static void test_whose(void **state)
{
	struct wipe_table t;
	struct text why;
	char buf[64];
	int by;

	(void)state;
	fill(&t);
	wipe_protect(&t, slice_of("root=LABEL=cache"), 3, NULL, NULL);
	wipe_protect(&t, slice_of("root=LABEL=cache"), WIPE_RUNNING, NULL, NULL);
	wipe_protect(&t, slice_of("root=801"), 5, NULL, NULL);
	text_init(&why, buf, sizeof(buf));
	assert_int_equal(wipe_find(&t, slice_of("cache"), &why, &by), -1);
	assert_int_equal(by, 3);
	assert_int_equal(wipe_find(&t, slice_of("data"), &why, &by), -1);
	assert_int_equal(by, 5);
	assert_string_equal(t.unknown, "801");
	assert_int_equal(wipe_find(&t, slice_of("esp"), &why, &by), -1);
	assert_int_equal(by, WIPE_NOBODY);
}

/* What speaks against a partition itself. */
static void test_faults(void **state)
{
	struct wipe_table t;
	char got[256];

	(void)state;
	fill(&t);
	t.part[3].flags = GPT_REQUIRED;
	ask(&t, "data", got);
	assert_string_equal(got, "is marked as required by the platform");
	t.part[3].flags = GPT_LEGACY_BOOT;
	ask(&t, "data", got);
	assert_string_equal(got, "is marked as bootable");
	t.part[3].flags = GPT_READ_ONLY;
	ask(&t, "data", got);
	assert_string_equal(got, "is read-only");
	t.part[3].flags = 0;
	t.part[3].read_only = true;
	ask(&t, "data", got);
	assert_string_equal(got, "is read-only");
	t.part[3].read_only = false;
	t.part[3].node[0] = '\0';
	ask(&t, "data", got);
	assert_string_equal(got, "is not shown by the kernel");
	memcpy(t.part[4].type, TYPE_ROOT, sizeof(TYPE_ROOT));
	ask(&t, "cache", got);
	assert_string_equal(got, "is a root file system");
	fill(&t);
	t.part[4].is_unclear = true;
	wipe_protect(&t, slice_of("root=UUID=99"), 0, NULL, NULL);
	ask(&t, "cache", got);
	assert_string_equal(got, "may hold a system inside");
	fill(&t);
	t.is_cut = true;
	ask(&t, "cache", got);
	assert_string_equal(got, "is on a disk with too many partitions");
}

static void test_full(void **state)
{
	struct wipe_table t;
	char got[256];

	(void)state;
	fill(&t);
	while (wipe_add(&t))
		;
	assert_int_equal(t.n, WIPE_PARTITIONS_MAX);
	ask(&t, "cache", got);
	assert_string_equal(got, "is on a disk with too many partitions");
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(gpt_type_name("21686148-6449-6e6f-744e-656564454649"),
			    "a partition of a boot loader");
	assert_string_equal(gpt_type_name("bc13c2ff-59e6-4262-a352-b275fd6f7172"),
			    "an extended boot partition (XBOOTLDR)");
	assert_string_equal(gpt_type_name("B921B045-1DF0-41C3-AF44-4C6F280D3FAE"),
			    "a root file system");
	assert_string_equal(gpt_type_name("8484680c-9521-48c6-9c11-b0720656f69e"),
			    "a /usr file system");
	assert_string_equal(gpt_type_name("77ff5f63-e7b6-4633-acf4-1565b864c0e6"), "verity data");
	assert_string_equal(gpt_type_name("41092b05-9fc8-4523-994f-2def0408b176"),
			    "a verity signature");
	assert_null(gpt_type_name(TYPE_LINUX));
	assert_null(gpt_type_name("4d21b016-b534-45c2-a9fb-5c16e091fd2d")); /* /var */
	assert_null(gpt_type_name(""));
}

/* Whatever a command line is made of: one that names the partition by its label as the last word
 * protects it, and what protects it is never undone by another. */
static void test_random(void **state)
{
	static const char *const pieces[] = {
		"root=",	 "PARTLABEL=", "cache",	     "UUID=", "LABEL=",
		"/dev/",	 "mapper/",    "\"",	     " ",     " ",
		"rd.luks.uuid=", "luks-",      "=",	     "vda5",  "aaaaaaaa-5555",
		"roothash=",	 HASH,	       "\n",	     "\t",    "disk/by-",
		"label/",	 "@@",	       "mount.usr=", ":",     "\\x20",
		"\xff",
	};
	unsigned int n_refused = 0;

	(void)state;
	srand(1);
	for (unsigned int n = 0; n < 200000; n++) {
		char line[1024] = "", got[256];
		struct wipe_table t;
		bool was_refused;

		for (int i = rand() % 12; i > 0; i--)
			strcat(line, pieces[(size_t)rand() % (sizeof(pieces) / sizeof(*pieces))]);
		fill(&t);
		wipe_protect(&t, slice_of(line), 0, "@@", "cache.conf");
		ask(&t, "cache", got);
		was_refused = strcmp(got, "5") != 0;
		n_refused += was_refused;
		wipe_protect(&t, slice_of("quiet ro"), 1, NULL, NULL);
		ask(&t, "cache", got);
		assert_int_equal(was_refused, strcmp(got, "5") != 0);
		wipe_protect(&t, slice_of("root=PARTLABEL=cache"), 1, NULL, NULL);
		ask(&t, "cache", got);
		assert_string_not_equal(got, "5");
		ask(&t, "esp", got);
		assert_string_equal(got, "is an EFI system partition");
	}
	assert_in_range(n_refused, 1000, 199000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	   cmocka_unit_test(test_token),
		cmocka_unit_test(test_whose),	   cmocka_unit_test(test_faults),
		cmocka_unit_test(test_full),	   cmocka_unit_test(test_types),
		cmocka_unit_test(test_random),	   cmocka_unit_test(test_whole),
		cmocka_unit_test(test_terminator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
