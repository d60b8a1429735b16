// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names that a power cut left half, and directories: see test-repair.c. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "repair.h"
#include "repairing.h"
#include "settling.h"
#include "tap.h"

/* The slots of its long name never came to the disk (0), or were deleted (0xe5). */
static void lose_long_name(const char *dir, const char *name, unsigned char byte)
{
	struct volume_entry e = find(dir, name);
	unsigned char *slot;

	transfer(false, raw);
	for (slot = find_slot(&e) - 32; slot > raw && slot[11] == 0x0f; slot -= 32)
		if (byte)
			slot[0] = byte;
		else
			memset(slot, 0, 32);
	transfer(true, raw);
}

/* The first cluster of a directory is as it was before. */
static void spoil_cluster(const char *dir, const char *name, unsigned int from)
{
	struct volume_entry e = find(dir, name);
	struct volume v;

	EQ(volume_open(NODE, false, &v), 0, "setup: volume");
	transfer(false, raw);
	memset(raw + fat_cluster_at(&v.layout, e.cluster) + from, 'x', 512 - from);
	volume_close(&v);
	transfer(true, raw);
}

static void free_dir(const char *dir, const char *name)
{
	struct volume_entry e = find(dir, name);
	unsigned int fat_sectors;

	transfer(false, raw);
	fat_sectors = raw[22] | raw[23] << 8;
	for (unsigned int copy = 0; copy < raw[16]; copy++)
		memset(raw + (raw[14] | raw[15] << 8) * 512u + copy * fat_sectors * 512u +
			       e.cluster * 2,
		       0, 2);
	transfer(true, raw);
}

static void test_short(void)
{
	struct repair_view view;

	tap_note("only the short name of an entry reached the disk");
	for (int i = 0; i < 2; i++) {
		make(twins); /* the empty one */
		lose_long_name(ENTRY_DIR, "aa+2-1.conf", i ? 0xe5 : 0);
		EQ(repair(false), 0, "short and empty");
		check_end(ENTRY_DIR, "aa+3-0.conf other.conf", ENTRY_DIR "/aa+3-0.conf",
			  "efi /kernel\n", true);
	}
	make(twins);
	cross_link(ENTRY_DIR, "aa+2-1.conf", "aa+3-0.conf");
	lose_long_name(ENTRY_DIR, "aa+2-1.conf", 0xe5);
	EQ(repair(false), 0, "short, shared: the long name stays");
	check_end(ENTRY_DIR, "aa+3-0.conf other.conf", ENTRY_DIR "/aa+3-0.conf", "efi /kernel\n",
		  true);
	make(twins);
	lose_long_name(ENTRY_DIR, "aa+3-0.conf", 0xe5);
	EQ(repair(false), 0, "short, and whole");
	EQ(repair_look(&device, PLACE_ESP, &view), 0, "short, and whole: look");
	EQ(view.n_leftovers, 1, "short, and whole: it is told");
	check_end(ENTRY_DIR, "AA_3-0~1.CON aa+2-1.conf other.conf", ENTRY_DIR "/AA_3-0~1.CON",
		  "efi /kernel\n", false);
}

static void test_short_copy(void)
{
	static const char *const files[] = {"kernel",
					    KERNEL,
					    ENTRY_DIR "/active+3-0.conf",
					    "efi /kernel1\n",
					    ENTRY_DIR "/active.conf.off",
					    "efi /kernel2\n",
					    ENTRY_DIR "/active+2-1.conf",
					    "efi /kernel1\n",
					    NULL};

	tap_note("the old one of a count by copy, half deleted; and one that nobody has");
	make(files);
	lose_long_name(ENTRY_DIR, "active+3-0.conf", 0xe5);
	EQ(repair(false), 0, "short copy");
	check_end(ENTRY_DIR, "active+2-1.conf active.conf.off", ENTRY_DIR "/active+2-1.conf",
		  "efi /kernel1\n", false);
	make(files);
	lose_long_name(ENTRY_DIR, "active.conf.off", 0xe5);
	EQ(repair(false), 0, "short, of another content");
	check_end(ENTRY_DIR, "ACTIVE~1.OFF active+2-1.conf", ENTRY_DIR "/ACTIVE~1.OFF",
		  "efi /kernel2\n", false);
}

static void test_short_temporary(void)
{
	tap_note("only the short name of a temporary reached the disk");
	make(temporary);
	lose_long_name("loader/bootassess", ".bootassess-0", 0);
	EQ(repair(true), 0, "short temporary");
	check_end("loader/bootassess", "record", "loader/bootassess/record", "the record\n", true);
}

static void test_our_directory(void)
{
	static const char *const files[] = {
		"kernel", KERNEL, "loader/loader.conf", "timeout 0\n", "loader/bootassess",
		NULL,	  NULL};
	static const char *const slots[] = {
		"kernel", KERNEL, "bootassess/active/a", "1\n", "bootassess/passive", NULL, NULL};
	static const char *const rescued[] = {
		"kernel", KERNEL, "FSCK0000.REC", "mine\n", ".bootassess-0", NULL, NULL};
	static const char *const in_root[] = {"kernel", KERNEL, ".bootassess-0", NULL, NULL};

	tap_note("a directory of ours that did not reach the disk");
	make(files);
	spoil_cluster("loader", "bootassess", 0);
	EQ(repair(true), 0, "our directory, without its dots");
	check_end("loader", "loader.conf", "loader/loader.conf", "timeout 0\n", false);
	make(files);
	free_dir("loader", "bootassess");
	EQ(repair(true), 0, "our directory, of a free cluster");
	check_end("loader", "loader.conf", "loader/loader.conf", "timeout 0\n", false);
	make(slots);
	spoil_cluster("bootassess", "passive", 0);
	EQ(repair(true), 0, "the directory of a slot");
	check_end("bootassess", "active", "bootassess/active/a", "1\n", false);
	tap_note("a temporary directory: empty, and with garbage in it");
	make(in_root);
	EQ(repair(true), 0, "temporary directory: the companion removes it");
	check_end("", "kernel", "kernel", KERNEL, true);
	make(in_root);
	spoil_cluster("", ".bootassess-0", 64);
	EQ(repair(true), 0, "temporary directory with garbage");
	check_end("", ".bootassess-0 kernel", "kernel", KERNEL, false);
	make(in_root);
	spoil_cluster("", ".bootassess-0", 0);
	EQ(repair(true), 0, "temporary directory without its dots");
	check_end("", "kernel", "kernel", KERNEL, true);
	make(rescued);
	spoil_cluster("", ".bootassess-0", 0);
	EQ(repair(true), 0, "somebody rescued something before");
	check_end("", "FSCK0000.REC FSCK0001.REC kernel", "FSCK0000.REC", "mine\n", true);
}

/* Not ours to mend, and fsck.fat -a would leave one of them empty. */
static void test_foreign(void)
{
	static const char *const files[] = {
		"kernel", KERNEL, "EFI/fedora/shim.efi", "shim\n", "EFI/btmp", NULL, NULL};

	tap_note("two directories of somebody else share clusters, and the dirty bit is set");
	make(files);
	cross_link("EFI", "btmp", "fedora");
	set_dirty();
	EQ(repair(true), 0, "foreign");
	machine_close(&device);
	mount_there();
	OK(reads("EFI/fedora/shim.efi", "shim\n"), "foreign: both are as they were");
	OK(reads("EFI/btmp/shim.efi", "shim\n"), "foreign: the other one too");
	EQ(umount(MNT), 0, "setup");
}

static void test_deep(void)
{
	static const char *const files[] = {"kernel",
					    KERNEL,
					    "EFI/fedora/sub/grub.efi",
					    "grub\n",
					    "EFI/fedora/sub/.bootassess-0",
					    "old\n",
					    NULL};

	tap_note("a temporary deep below EFI");
	make(files);
	cross_link("EFI/fedora/sub", ".bootassess-0", "grub.efi");
	set_dirty();
	EQ(repair(false), 0, "deep");
	check_end("EFI/fedora/sub", "grub.efi", "EFI/fedora/sub/grub.efi", "grub\n", false);
}

void test_repair_names(void)
{
	test_short();
	test_short_copy();
	test_short_temporary();
	test_our_directory();
	test_foreign();
	test_deep();
}
