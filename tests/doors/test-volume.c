// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names changed on images that mkfs.vfat and mtools made, and looked at by mtools and fsck.fat. The
 * same on the kernel's vfat: tests/uml/test-volume.c. Without these tools it is skipped. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/volume.h"

#define ENTRIES "loader/entries"

static struct volume volume;

static int run(const char *command)
{
	return system(command);
}

static int enter(void **state)
{
	char *dir = strdup("/tmp/test-volume-XXXXXX");

	*state = dir;
	(void)setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
	return !dir || !mkdtemp(dir) || chdir(dir) < 0;
}

static int leave(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", (const char *)*state);
	free(*state);
	return chdir("/") < 0 || system(command) != 0;
}

/* options: of mkfs.vfat. files: of loader/entries, each holds its name. */
static void make_image(const char *options, const char *files)
{
	char command[2048];

	if (run("command -v mkfs.vfat mcopy mmd fsck.fat >/dev/null") != 0)
		skip();
	(void)snprintf(command, sizeof(command),
		       "set -e; rm -f image; mkfs.vfat -C %s >/dev/null; mmd -i image ::loader "
		       "::loader/entries; for f in %s; do echo $f >$f; mcopy -i image $f "
		       "::loader/entries/; rm $f; done; cp image before",
		       options, files);
	assert_int_equal(run(command), 0);
	assert_int_equal(volume_open("image", true, &volume), 0);
}

/* Where there is something next in one of the files: nearly all of a large image is a hole. */
static off_t next_data(int a, int b, off_t at)
{
	off_t x = lseek(a, at, SEEK_DATA), y = lseek(b, at, SEEK_DATA);

	if (x < 0 || y < 0)
		return x > y ? x : y;
	return x < y ? x : y;
}

/* Blocks of 512 bytes that differ from the image before, which becomes the same. */
static unsigned int changed_blocks(void)
{
	static uint8_t a[1 << 16], b[1 << 16];
	int before = open("before", O_RDWR | O_CLOEXEC), now = open("image", O_RDONLY | O_CLOEXEC);
	unsigned int n = 0;
	ssize_t len = 0;

	assert_true(before >= 0 && now >= 0);
	for (off_t at = 0; (at = next_data(now, before, at)) >= 0; at += len) {
		len = pread(now, b, sizeof(b), at);
		assert_true(len > 0);
		assert_int_equal(pread(before, a, sizeof(a), at), len);
		if (memcmp(a, b, (size_t)len) == 0)
			continue;
		for (ssize_t i = 0; i < len; i += 512)
			n += memcmp(a + i, b + i, 512) != 0;
		assert_int_equal(pwrite(before, b, (size_t)len, at), len);
	}
	(void)close(before);
	(void)close(now);
	return n;
}

/* By other eyes: this name, with this content, and nothing else; the file system is clean. */
static void check_names(const char *names)
{
	char command[2048];

	(void)snprintf(
		command, sizeof(command),
		"test \"$(mdir -b -i image ::loader/entries | sed 's#::/loader/entries/##' | "
		"sort | tr '\\n' ' ')\" = '%s' && fsck.fat -n image >fsck.log",
		names);
	if (run(command) != 0) {
		(void)run("mdir -b -i image ::loader/entries; cat fsck.log");
		fail_msg("not \"%s\"", names);
	}
}

static void check_content(const char *name, const char *content)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
		       "test \"$(mtype -i image ::loader/entries/%s)\" = '%s'", name, content);
	assert_int_equal(run(command), 0);
}

static void rename_to(const char *old_name, const char *new_name)
{
	assert_int_equal(volume_rename(&volume, ENTRIES, old_name, new_name), 0);
	assert_int_equal(changed_blocks(), 1);
	check_content(new_name, "active+3-0.conf");
}

/* A counter from its first boot to its bless, and armed again: into the slot that it gave up. */
static void play_counter(const char *options)
{
	static const char *const names[] = {"active+3-0.conf", "active+2-1.conf", "active+1-2.conf",
					    "active+0-3.conf", "active.conf",	  "active+3-0.conf",
					    "active+0-9.conf", "active.conf"};
	char expected[128];

	make_image(options, "active+3-0.conf passive.conf");
	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
		rename_to(names[i - 1], names[i]);
		(void)snprintf(expected, sizeof(expected), "%s passive.conf ", names[i]);
		check_names(expected);
	}
	assert_int_equal(volume_forget(&volume, ENTRIES, "active.conf"), 0);
	assert_int_equal(run("mdir -b -i image ::loader/entries | grep -q active"), 1 << 8);
	volume_close(&volume);
}

static void test_fat12(void **state)
{
	(void)state;
	play_counter("-F 12 image 2048");
	play_counter("-F 12 -s 1 image 1440");
}

static void test_fat16(void **state)
{
	(void)state;
	play_counter("-F 16 -s 1 image 4096");
	play_counter("-F 16 -S 4096 image 65536");
}

static void test_fat32(void **state)
{
	(void)state;
	play_counter("-F 32 -s 1 image 40000");
	play_counter("-F 32 -S 4096 -s 1 image 300000");
}

/* Changes the image itself: n bytes, so far from the first place where
 * some bytes are. */
static void poke(const void *where, size_t len, int offset, const void *bytes, size_t n)
{
	static uint8_t image[2 * 1048576];
	FILE *f = fopen("image", "r+");
	size_t size, at = 0;

	assert_non_null(f);
	size = fread(image, 1, sizeof(image), f);
	while (at + len < size && memcmp(image + at, where, len) != 0)
		at++;
	assert_true(at + len < size);
	assert_int_equal(fseek(f, (long)at + offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	(void)fclose(f);
	volume_close(&volume);
	assert_int_equal(volume_open("image", true, &volume), 0);
}

static int rename_is(const char *old_name, const char *new_name)
{
	return volume_rename(&volume, ENTRIES, old_name, new_name);
}

static void test_refused(void **state)
{
	(void)state;
	make_image("-F 12 -s 1 image 1440", "active+3-0.conf passive.conf third+3-0.conf PLAIN");
	assert_int_equal(rename_is("passive.conf", "Active+3-0.CONF"), -EEXIST);
	assert_int_equal(rename_is("passive.conf", "active~1.con"), -EEXIST);
	assert_int_equal(rename_is("active+3-0.conf", "passive.conf"), -EEXIST);
	assert_int_equal(rename_is("active+3-0.conf", "plain"), -EEXIST);
	assert_int_equal(rename_is("none.conf", "other.conf"), -ENOENT);
	assert_int_equal(rename_is("PLAIN", "other"), VOLUME_ELSEWHERE);
	assert_int_equal(rename_is("passive.conf", "a b"), VOLUME_ELSEWHERE);
	/* The slots before it are of another file. */
	assert_int_equal(rename_is("passive.conf", "passive+3-0.conf"), VOLUME_ELSEWHERE);
	assert_int_equal(changed_blocks(), 0);
	/* Its own name, by its alias, and in another case. */
	assert_int_equal(rename_is("passive.conf", "passiv~1.con"), 0);
	assert_int_equal(rename_is("passiv~1.con", "passive.conf"), VOLUME_ELSEWHERE);
	assert_int_equal(rename_is("active+3-0.conf", "ACTIVE+3-0.conf"), 0);
	check_names("ACTIVE+3-0.conf PLAIN passiv~1.con third+3-0.conf ");
	volume_close(&volume);
}

static void test_twice(void **state)
{
	(void)state;
	/* Nobody knows which one counts. */
	make_image("-F 12 -s 1 image 1440", "ONE TWO");
	poke("TWO        ", 11, 0, "ONE", 3);
	assert_int_equal(rename_is("one", "three"), -EUCLEAN);
	assert_int_equal(changed_blocks(), 1); /* ours */
	volume_close(&volume);
}

/* Entries that cross a sector, and two clusters that do not follow each other. */
static void test_crossing(void **state)
{
	(void)state;
	make_image("-F 12 -s 4 image 1440", "a.conf b.conf c.conf d.conf e.conf f.conf g.conf "
					    "straddle.conf");
	/* 2 + 7 * 2 slots: it begins a sector. */
	assert_int_equal(rename_is("straddle.conf", "straddlE.conf"), 0);
	assert_int_equal(rename_is("g.conf", "h.conf"), 0);
	volume_close(&volume);
	make_image("-F 12 -s 4 image 1440", "a.conf b.conf c.conf d.conf e.conf f.conf PLAIN "
					    "straddle.conf");
	assert_int_equal(rename_is("straddle.conf", "straddlE.conf"), VOLUME_ELSEWHERE);
	assert_int_equal(changed_blocks(), 0);
	assert_int_equal(volume_forget(&volume, ENTRIES, "STRADDLE.conf"), 0);
	assert_int_equal(changed_blocks(), 2);
	check_content("PLAIN", "PLAIN");
	volume_close(&volume);
}

static int count_entry(void *data, const struct volume_entry *e)
{
	(void)e;
	++*(unsigned int *)data;
	return 0;
}

struct chains {
	int kind[8];
	unsigned int n;
};

static int note_chain(void *data, const struct volume_entry *e)
{
	struct chains *c = data;

	c->kind[c->n++] = volume_check_chain(&volume, e);
	return 0;
}

/* The bytes of a FAT12 with 512-byte clusters: the FAT begins at 512. Cluster 2 is loader, 3 is
 * loader/entries, 4 and 5 the files. */
static void test_chains(void **state)
{
	const uint8_t to_itself[] = {0x05, 0x50, 0x00}, back[] = {0xff, 0x3f, 0x00};
	struct chains c = {.n = 0};
	unsigned int n = 0;

	(void)state;
	make_image("-F 12 -s 1 -a image 1500", "one two three four");
	assert_int_equal(volume_each(&volume, ENTRIES, note_chain, &c), 0);
	assert_int_equal(c.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c.kind[i], CHAIN_WHOLE);
	/* Longer, and not, and a circle. */
	poke("ONE        ", 11, 28, "\x01\x02", 2);
	poke("TWO        ", 11, 28, "\0", 1);
	poke("THREE      ", 11, 26, "\x70\x02", 2);
	poke("FOUR       ", 11, 26, "\0\0", 2);
	c.n = 0;
	assert_int_equal(volume_each(&volume, ENTRIES, note_chain, &c), 0);
	assert_int_equal(c.kind[0], CHAIN_SHORT);
	assert_int_equal(c.kind[1], CHAIN_LONG);
	assert_int_equal(c.kind[2], CHAIN_BROKEN);
	assert_int_equal(c.kind[3], CHAIN_SHORT);
	poke("\xf8\xff\xff", 3, 6, to_itself, 3); /* clusters 4 and 5 */
	c.n = 0;
	assert_int_equal(volume_each(&volume, ENTRIES, note_chain, &c), 0);
	assert_int_equal(c.kind[0], CHAIN_BROKEN);
	/* The directory itself goes on with itself; Linux comes there, behind its end too. */
	poke("\xf8\xff\xff", 3, 3, back, 3);
	assert_int_equal(volume_each(&volume, ENTRIES, count_entry, &n), -EUCLEAN);
	volume_close(&volume);
}

/* A directory without an end: a circle, a free cluster. */
static void test_endless(void **state)
{
	const uint8_t circle[] = {0xff, 0x3f, 0x00}, nothing[] = {0xff, 0x0f, 0x00};
	unsigned int n = 0;

	(void)state;
	/* Sixteen slots, to the last one. */
	make_image("-F 12 -s 1 -a image 1500", "A B C D E F G H I J K L M N");
	assert_int_equal(volume_each(&volume, ENTRIES, count_entry, &n), 0);
	assert_int_equal(n, 14);
	poke("\xf8\xff\xff", 3, 3, circle, 3);
	assert_int_equal(volume_each(&volume, ENTRIES, count_entry, &n), -EUCLEAN);
	assert_int_equal(rename_is("a", "b"), -EUCLEAN);
	poke("\xf8\xff\xff", 3, 3, nothing, 3);
	assert_int_equal(volume_each(&volume, ENTRIES, count_entry, &n), -EUCLEAN);
	volume_close(&volume);
}

/* So many free clusters: as the first FAT says, and FSINFO of FAT32. */
static void check_free(const char *want)
{
	char command[256];

	(void)snprintf(command, sizeof(command),
		       "test \"$(minfo -i image :: | sed -n 's/^free clusters=//p')\" = \"%s\"",
		       want);
	if (volume.layout.type == 32)
		assert_int_equal(run(command), 0);
}

/* Fills loader/entries, whose cluster has this many slots, to the last one but `left`. */
static void make_full(const char *options, unsigned int slots, unsigned int left)
{
	char files[1024] = "";
	size_t len = 0;

	for (unsigned int i = 2; i + left < slots; i++)
		len += (size_t)snprintf(files + len, sizeof(files) - len, "F%u ", i);
	make_image(options, files);
	volume_close(&volume);
	assert_int_equal(volume_open("image", true, &volume), 0);
}

static void check_grown(const char *options, unsigned int slots)
{
	const char *names = "mdir -b -i image ::loader/entries | sort";
	char command[256];

	make_full(options, slots, 3);
	assert_int_equal(volume_lacks_room(&volume, ENTRIES, 3), 0);
	assert_int_equal(volume_lacks_room(&volume, ENTRIES, 4), 1);
	assert_int_equal(volume_make_room(&volume, ENTRIES, 3), 0);
	assert_int_equal(changed_blocks(), 0);
	(void)snprintf(command, sizeof(command), "%s >names", names);
	assert_int_equal(run(command), 0);
	assert_int_equal(volume_make_room(&volume, ENTRIES, 24), 0);
	assert_int_equal(volume_lacks_room(&volume, ENTRIES, 24), 0);
	assert_int_equal(volume_lacks_room(&volume, ENTRIES, slots == 16 ? 36 : slots + 4), 1);
	assert_false(volume.is_unsure);
	(void)snprintf(command, sizeof(command), "%s | cmp - names && fsck.fat -n image >fsck.log",
		       names);
	if (run(command) != 0) {
		(void)run("cat fsck.log");
		fail_msg("not as it was: %s", options);
	}
	/* It is new names that the new slots take. */
	assert_int_equal(run("echo long >a-name-that-needs-three-slots.conf; mcopy -i image "
			     "a-name-that-needs-three-slots.conf ::loader/entries/ && "
			     "fsck.fat -n image >/dev/null"),
			 0);
	volume_close(&volume);
}

static void test_grow(void **state)
{
	(void)state;
	check_grown("-F 12 -s 1 image 1440", 16);
	check_grown("-F 12 -s 8 image 2880", 128);
	check_grown("-F 16 -s 1 image 4096", 16);
	check_grown("-F 16 -s 1 -f 1 image 4096", 16);
	check_grown("-F 32 -s 1 image 40000", 16);
	check_grown("-F 32 -s 1 -f 1 image 40000", 16);
	check_grown("-F 32 -S 4096 -s 1 image 300000", 128);
}

static void test_grow_refused(void **state)
{
	(void)state;
	make_full("-F 16 -s 1 image 4096", 16, 0);
	assert_int_equal(volume_make_room(&volume, "", 600), VOLUME_ELSEWHERE);
	assert_int_equal(volume_lacks_room(&volume, "", 600), 0);
	assert_int_equal(volume_lacks_room(&volume, "", 24), 0);
	assert_int_equal(volume_make_room(&volume, "none", 24), -ENOENT);
	assert_int_equal(volume_lacks_room(&volume, "none", 24), -ENOENT);
	assert_int_equal(changed_blocks(), 0);
	volume_close(&volume);
	assert_int_equal(volume_open("image", false, &volume), 0);
	assert_int_equal(volume_lacks_room(&volume, ENTRIES, 24), 1);
	assert_int_equal(volume_make_room(&volume, ENTRIES, 24), -EBADF);
	volume_close(&volume);
	/* Full. */
	make_full("-F 12 -s 1 image 200", 16, 0);
	(void)run("head -c 300000 /dev/zero >big; mcopy -i image big ::big 2>/dev/null; "
		  "head -c 512 /dev/zero >small; for i in $(seq 400); do mcopy -i image small "
		  "::small$i 2>/dev/null || break; done; cp image before");
	volume_forget_cache(&volume);
	assert_int_equal(volume_make_room(&volume, ENTRIES, 24), -ENOSPC);
	assert_int_equal(changed_blocks(), 0);
	volume_close(&volume);
}

/* The root of FAT32 is a directory like others. The upper bits of its entries stay. */
static void test_grow_root(void **state)
{
	(void)state;
	make_full("-F 32 -s 1 image 40000", 16, 0);
	poke("RRaA", 4, 488, "\xff\xff\xff\xff", 4); /* FSINFO does not know */
	volume_close(&volume);
	assert_int_equal(volume_open("image", true, &volume), 0);
	assert_int_equal(volume_lacks_room(&volume, "", 24), 1);
	assert_int_equal(volume_make_room(&volume, "", 24), 0);
	check_free("");
	assert_int_equal(run("mdir -b -i image ::loader | grep -q entries"), 0);
	volume_close(&volume);
}

static int note_a(void *data, const struct volume_entry *e)
{
	if (strcmp(e->name, "A") == 0)
		*(struct volume_entry *)data = *e;
	return 0;
}

/* The directory is cluster 341: its entry begins at 511. */
static void test_grow_crossing(void **state)
{
	struct volume_entry e;

	(void)state;
	make_image("-F 12 -s 1 image 1440", "A");
	assert_int_equal(run("head -c 172032 /dev/zero >big; : >empty; mcopy -i image big ::big; "
			     "mmd -i image ::A ::B; for i in A B C D E F G H I J K L M N; do mcopy "
			     "-i image empty ::A/$i; mcopy -i image empty ::B/$i; done; cp image "
			     "before"),
			 0);
	volume_close(&volume);
	assert_int_equal(volume_open("image", true, &volume), 0);
	assert_int_equal(volume_each(&volume, "", note_a, &e), 0);
	assert_int_equal(e.cluster, 341);
	assert_int_equal(volume_lacks_room(&volume, "A", 24), 0);
	assert_int_equal(volume_make_room(&volume, "A", 24), VOLUME_ELSEWHERE);
	assert_int_equal(changed_blocks(), 0);
	assert_int_equal(volume_lacks_room(&volume, "B", 24), 1);
	assert_int_equal(volume_make_room(&volume, "B", 24), 0);
	assert_int_equal(run("fsck.fat -n image >/dev/null"), 0);
	volume_close(&volume);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fat12),	  cmocka_unit_test(test_fat16),
		cmocka_unit_test(test_fat32),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_twice),	  cmocka_unit_test(test_crossing),
		cmocka_unit_test(test_chains),	  cmocka_unit_test(test_endless),
		cmocka_unit_test(test_grow),	  cmocka_unit_test(test_grow_refused),
		cmocka_unit_test(test_grow_root), cmocka_unit_test(test_grow_crossing),
	};

	return cmocka_run_group_tests_name("volume", tests, enter, leave);
}
