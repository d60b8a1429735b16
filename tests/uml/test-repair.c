// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a power cut leaves, made by hand on the kernel's vfat, and what repair_store() makes of it:
 * then the kernel mounts it, the files are whole, and stay so when all that is free is written to.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fsck.h"
#include "history-store.h"
#include "repair.h"
#include "repairing.h"
#include "settling.h"
#include "tap.h"

#define FSCK "/usr/sbin/fsck.fat"

unsigned char *raw;
static unsigned char *pristine;

void transfer(bool is_write, unsigned char *buf)
{
	int fd = open(NODE, (is_write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	ssize_t n = is_write ? pwrite(fd, buf, PART_SIZE, 0) : pread(fd, buf, PART_SIZE, 0);

	(void)fsync(fd);
	(void)close(fd);
	if (n != PART_SIZE)
		OK(false, "setup: the partition");
}

void mount_there(void)
{
	EQ(mount(NODE, MNT, "vfat", 0, NULL), 0, "setup: mount");
}

/* The notes that it was checked in this boot. */
static void forget_check(void)
{
	DIR *dir = opendir("/run/bootassess");
	const struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (strstr(d->d_name, "checked-"))
			(void)unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		(void)closedir(dir);
}

void make(const char *const files[])
{
	forget_check();
	transfer(true, pristine);
	mount_there();
	for (const char *const *f = files; *f; f += 2) {
		char path[300], *slash;

		(void)snprintf(path, sizeof(path), MNT "/%s", f[0]);
		for (slash = strchr(path + 5, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			(void)mkdir(path, 0755);
			*slash = '/';
		}
		if (slash || !f[1])
			(void)mkdir(path, 0755);
		else
			EQ(put(path, f[1], strlen(f[1])), 0, "setup: a file");
	}
	EQ(umount(MNT), 0, "setup: umount");
}

struct wanted {
	const char *name;
	struct volume_entry found;
};

static int find_one(void *data, const struct volume_entry *e)
{
	struct wanted *w = data;

	if (strcmp(e->name, w->name) == 0)
		w->found = *e;
	return 0;
}

struct volume_entry find(const char *dir, const char *name)
{
	struct wanted w = {.name = name};
	struct volume v;

	EQ(volume_open(NODE, false, &v), 0, "setup: volume");
	EQ(volume_each(&v, dir, find_one, &w), 0, "setup: directory");
	volume_close(&v);
	OK(w.found.name[0], "setup: \"%s\"", name);
	return w.found;
}

unsigned char *find_slot(const struct volume_entry *e)
{
	char name[12];
	const char *dot = strchr(e->short_name, '.');

	(void)snprintf(name, sizeof(name), "%-8.*s%-3s", (int)(dot ? dot - e->short_name : 8),
		       e->short_name, dot ? dot + 1 : "");
	for (unsigned char *p = raw; p < raw + PART_SIZE; p += 32)
		if (memcmp(p, name, 11) == 0 && p[11] != 0x0f &&
		    (unsigned int)(p[26] | p[27] << 8) == e->cluster &&
		    (p[28] | p[29] << 8) == (int)e->size)
			return p;
	OK(false, "setup: the slot of \"%s\"", name);
	return raw + PART_SIZE - 32;
}

void cross_link(const char *dir, const char *name, const char *other)
{
	struct volume_entry e = find(dir, name), o = find(dir, other);
	unsigned char *slot, *from;

	transfer(false, raw);
	slot = find_slot(&e);
	from = find_slot(&o);
	memcpy(slot + 26, from + 26, 6);
	memcpy(slot + 20, from + 20, 2);
	tap_note("the slots lie %ld bytes apart", labs((long)(slot - from)));
	transfer(true, raw);
}

/* The clusters of a file become free in both FATs. */
static void free_chain(const char *dir, const char *name)
{
	struct volume_entry e = find(dir, name);
	unsigned int fat_sectors, n = (e.size + 511) / 512;

	transfer(false, raw);
	fat_sectors = raw[22] | raw[23] << 8;
	for (unsigned int copy = 0; copy < raw[16]; copy++)
		memset(raw + (raw[14] | raw[15] << 8) * 512u + copy * fat_sectors * 512u +
			       e.cluster * 2,
		       0, (size_t)n * 2);
	transfer(true, raw);
}

/* The second cluster of a file becomes one of another file. */
static void run_into(const char *dir, const char *name, const char *other)
{
	struct volume_entry e = find(dir, name), o = find(dir, other);
	unsigned int fat_sectors;

	transfer(false, raw);
	fat_sectors = raw[22] | raw[23] << 8;
	for (unsigned int copy = 0; copy < raw[16]; copy++) {
		unsigned char *entry = raw + (raw[14] | raw[15] << 8) * 512u +
				       copy * fat_sectors * 512u + e.cluster * 2;

		entry[0] = (unsigned char)o.cluster;
		entry[1] = (unsigned char)(o.cluster >> 8);
	}
	transfer(true, raw);
}

void set_dirty(void)
{
	transfer(false, raw);
	raw[37] |= 1;
	transfer(true, raw);
}

static int recover_nothing(struct machine *m, enum place place)
{
	(void)m, (void)place;
	return 0;
}

static void open_machine(void)
{
	EQ(machine_open(NULL, &device), 0, "setup: machine_open");
	machine_reach(&device);
}

int repair(bool is_companion)
{
	int r;

	open_machine();
	device.fsck_s = 20;
	device.recover = is_companion ? recover_nothing : NULL;
	r = repair_store(&device, PLACE_ESP);
	OK(device.store[PLACE_ESP].fd >= 0, "it is mounted again");
	return r;
}

/* The names of a directory, sorted, with a blank between them. */
static const char *list(const char *dir)
{
	static char text[1000];
	struct dirent **names;
	char path[300];
	int n;

	(void)snprintf(path, sizeof(path), MNT "/%s", dir);
	n = scandir(path, &names, NULL, alphasort);
	text[0] = '\0';
	for (int i = 0; i < n; i++)
		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				       text[0] ? " " : "", names[i]->d_name);
	return text;
}

static void fill_up(void)
{
	static char block[65536];
	int fd = open(MNT "/big", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	long long total = 0;
	ssize_t n;

	memset(block, 'B', sizeof(block));
	while ((n = write(fd, block, sizeof(block))) > 0)
		total += n;
	(void)fsync(fd);
	(void)close(fd);
	OK(total > 1 << 20, "a big file can be allocated");
}

bool reads(const char *path, const char *text)
{
	char name[300];

	(void)snprintf(name, sizeof(name), MNT "/%s", path);
	return file_is(name, text);
}

void check_end(const char *dir, const char *names, const char *path, const char *content,
	       bool must_be_clean)
{
	struct fsck found;

	EQ(fsck_run(&device, NODE, false, 20, &found), 0, "fsck.fat -n");
	OK(!found.has_shared, "no two files share clusters");
	if (found.has_errors)
		tap_note("fsck.fat -n: %s", found.first);
	OK(found.is_clean || !must_be_clean, "fsck.fat -n finds nothing");
	machine_close(&device);
	mount_there();
	EQ_STR(list(dir), names, "the names");
	fill_up();
	OK(reads(path, content), "\"%s\" is whole", path);
	OK(reads("kernel", KERNEL), "the kernel is whole");
	EQ(unlink(MNT "/big"), 0, "and the big file can go");
	OK(access(MNT, W_OK) == 0, "it is writable still");
	EQ(umount(MNT), 0, "umount");
}

const char *const twins[] = {"kernel",
			     KERNEL,
			     ENTRY_DIR "/aa+3-0.conf",
			     "efi /kernel\n",
			     ENTRY_DIR "/aa+2-1.conf",
			     "",
			     ENTRY_DIR "/other.conf",
			     "efi /kernel\n",
			     NULL};

static void test_pair(void)
{
	struct history h;

	tap_note("a rename that was cut, in one sector");
	make(twins);
	cross_link(ENTRY_DIR, "aa+2-1.conf", "aa+3-0.conf");
	EQ(repair(false), 0, "pair");
	EQ(history_store_read(&device, &h), 0, "pair: the history");
	EQ_STR(h.entry[0].event, HISTORY_REPAIR, "pair: it is remembered");
	EQ_STR(h.entry[0].text, "1 name taken away on the ESP", "pair: so");
	EQ(repair_store(&device, PLACE_ESP), 0, "pair: once");
	check_end(ENTRY_DIR, "aa+2-1.conf other.conf", ENTRY_DIR "/aa+2-1.conf", "efi /kernel\n",
		  true);
}

static void test_pair_far(void)
{
	static const char *const far[] = {"kernel",
					  KERNEL,
					  ENTRY_DIR "/aa+2-1.conf",
					  "",
					  ENTRY_DIR "/a-long-name-that-takes-many-slots-1.conf",
					  "x",
					  ENTRY_DIR "/a-long-name-that-takes-many-slots-2.conf",
					  "x",
					  ENTRY_DIR "/a-long-name-that-takes-many-slots-3.conf",
					  "x",
					  ENTRY_DIR "/a-long-name-that-takes-many-slots-4.conf",
					  "x",
					  ENTRY_DIR "/aa.conf",
					  "efi /kernel\n",
					  NULL};

	tap_note("in two sectors");
	make(far);
	cross_link(ENTRY_DIR, "aa+2-1.conf", "aa.conf");
	EQ(repair(false), 0, "far");
	check_end(ENTRY_DIR,
		  "a-long-name-that-takes-many-slots-1.conf "
		  "a-long-name-that-takes-many-slots-2.conf "
		  "a-long-name-that-takes-many-slots-3.conf "
		  "a-long-name-that-takes-many-slots-4.conf aa+2-1.conf",
		  ENTRY_DIR "/aa+2-1.conf", "efi /kernel\n", true);
}

static void test_empty_twin(void)
{
	tap_note("a name that was reserved");
	make(twins);
	EQ(repair(false), 0, "empty twin");
	check_end(ENTRY_DIR, "aa+3-0.conf other.conf", ENTRY_DIR "/aa+3-0.conf", "efi /kernel\n",
		  true);
}

static const char text_600[] =
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567";

const char *const temporary[] = {"kernel",
				 KERNEL,
				 "EFI/Linux/a.efi",
				 "MZ",
				 "loader/bootassess/record",
				 "the record\n",
				 "loader/bootassess/.bootassess-0",
				 text_600,
				 NULL};

/* Its clusters are free: who unlinked it would free those of the next file that gets them. */
static void test_free_clusters(void)
{
	tap_note("a temporary with free clusters");
	make(temporary);
	free_chain("loader/bootassess", ".bootassess-0");
	EQ(repair(false), 0, "free clusters");
	check_end("loader/bootassess", "record", "loader/bootassess/record", "the record\n", true);
}

static void test_shared_temporary(void)
{
	tap_note("a temporary that shares, and of a broken exchange the lost one");
	make(temporary);
	cross_link("loader/bootassess", ".bootassess-0", "record");
	EQ(repair(true), 0, "shared temporary");
	check_end("loader/bootassess", "record", "loader/bootassess/record", "the record\n", false);
}

static void test_whole_temporary(void)
{
	tap_note("a temporary with a chain of its own");
	make(temporary);
	EQ(repair(false), 0, "whole temporary: the initramfs leaves it");
	check_end("loader/bootassess", ".bootassess-0 record", "loader/bootassess/record",
		  "the record\n", true);
	EQ(repair(true), 0, "whole temporary: the companion removes it");
	check_end("loader/bootassess", "record", "loader/bootassess/record", "the record\n", true);
}

static void test_run_into(void)
{
	struct fsck found;

	tap_note("a temporary that runs into another file");
	make(temporary);
	run_into("loader/bootassess", ".bootassess-0", "record");
	EQ(repair(true), 0, "run into");
	EQ(fsck_run(&device, NODE, false, 20, &found), 0, "run into: fsck.fat");
	OK(found.has_shared, "run into: it sees that");
	EQ_STR(found.first, "two files share clusters", "run into: so");
	machine_close(&device);
	mount_there();
	EQ_STR(list("loader/bootassess"), ".bootassess-0 record", "run into: it stays");
	fill_up();
	OK(reads("loader/bootassess/record", "the record\n"), "run into: the other is whole");
	EQ(umount(MNT), 0, "setup");
}

static void test_directories(void)
{
	static const char *const files[] = {
		"kernel", KERNEL, "EFI/fedora/shim.efi", "shim\n", "EFI/.bootassess-0/shim.efi",
		"old\n",  NULL};

	tap_note("two directories of one chain");
	make(files);
	cross_link("EFI", ".bootassess-0", "fedora");
	EQ(repair(true), 0, "directories");
	check_end("EFI", "fedora", "EFI/fedora/shim.efi", "shim\n", true);
	make(files);
	EQ(repair(true), 0, "directories: one of its own stays");
	check_end("EFI", ".bootassess-0 fedora", "EFI/.bootassess-0/shim.efi", "old\n", true);
}

static void test_dirty(void)
{
	struct volume v;

	tap_note("the dirty bit");
	make(twins);
	cross_link(ENTRY_DIR, "aa+2-1.conf", "aa+3-0.conf");
	set_dirty();
	EQ(repair(false), 0, "dirty");
	machine_close(&device);
	EQ(volume_open(NODE, false, &v), 0, "dirty: volume");
	OK(!volume_is_dirty(&v), "dirty: the bit is gone");
	volume_close(&v);
	EQ(repair(false), 0, "dirty: again");
	check_end(ENTRY_DIR, "aa+2-1.conf other.conf", ENTRY_DIR "/aa+2-1.conf", "efi /kernel\n",
		  true);
	forget_check();
	EQ(rename(FSCK, FSCK ".away"), 0, "setup");
	set_dirty();
	EQ(repair(false), 0, "dirty: without fsck.fat");
	EQ(rename(FSCK ".away", FSCK), 0, "setup");
	check_end(ENTRY_DIR, "aa+2-1.conf other.conf", ENTRY_DIR "/aa+2-1.conf", "efi /kernel\n",
		  false);
}

static void test_copy(void)
{
	static const char *const files[] = {"kernel",
					    KERNEL,
					    ENTRY_DIR "/aa+3-0.conf",
					    "efi /kernel\n",
					    ENTRY_DIR "/aa+2-1.conf",
					    "efi /kernel\n",
					    ENTRY_DIR "/bb+3-0.conf",
					    "efi /kernel1\n",
					    ENTRY_DIR "/bb+2-1.conf",
					    "efi /kernel2\n",
					    NULL};

	tap_note("a count by copy that was cut, and two files that somebody meant");
	make(files);
	EQ(repair(false), 0, "copy");
	check_end(ENTRY_DIR, "aa+2-1.conf bb+2-1.conf bb+3-0.conf", ENTRY_DIR "/aa+2-1.conf",
		  "efi /kernel\n", true);
}

static void test_busy(void)
{
	struct repair_view view;

	tap_note("somebody else has it mounted");
	make(twins);
	cross_link(ENTRY_DIR, "aa+2-1.conf", "aa+3-0.conf");
	mount_there();
	EQ(repair(false), 0, "busy");
	EQ_STR(list(ENTRY_DIR), "aa+2-1.conf aa+3-0.conf other.conf", "busy: nothing is changed");
	EQ(repair_look(&device, PLACE_ESP, &view), 0, "busy: look");
	EQ(view.n_leftovers, 1, "busy: it is seen");
	machine_close(&device);
	EQ(umount(MNT), 0, "setup");
	EQ(repair(false), 0, "later");
	check_end(ENTRY_DIR, "aa+2-1.conf other.conf", ENTRY_DIR "/aa+2-1.conf", "efi /kernel\n",
		  true);
}

/* Each write fails once. */
static void test_errors(void)
{
	tap_note("write errors");
	for (int nth = 1; nth <= 6; nth++) {
		make(twins);
		cross_link(ENTRY_DIR, "aa+2-1.conf", "aa+3-0.conf");
		open_machine();
		wrap_start();
		wrap_fail_call(nth, EIO);
		EQ(repair_store(&device, PLACE_ESP), 0, "errors: goes on");
		wrap_start();
		wrap_fail_call(0, 0);
		OK(device.store[PLACE_ESP].fd >= 0, "errors: it is mounted again");
		machine_close(&device);
		EQ(repair(false), 0, "errors: the next run");
		check_end(ENTRY_DIR, "aa+2-1.conf other.conf", ENTRY_DIR "/aa+2-1.conf",
			  "efi /kernel\n", true);
	}
}

/* Sectors that were read from and written to the disk so far. */
static void read_disk(long long *reads, long long *writes)
{
	FILE *f = fopen("/sys/block/ubda/stat", "re");

	*reads = *writes = -1;
	if (f && fscanf(f, "%*u %*u %lld %*u %*u %*u %lld", reads, writes) != 2)
		*reads = -1;
	if (f)
		(void)fclose(f);
}

/* Nothing is written, and the file system stays mounted. */
static void test_nothing(void)
{
	static const char *const files[] = {
		"kernel", KERNEL, ENTRY_DIR "/aa+3-0.conf", "efi /a\n", ENTRY_DIR "/empty.conf",
		"",	  NULL};
	struct timespec start, stop;
	long long before[2], after[2];
	int fd;

	tap_note("nothing to do");
	make(files);
	open_machine();
	fd = open(ESP "/kernel", O_RDONLY | O_CLOEXEC);
	EQ(put("/proc/sys/vm/drop_caches", "3", 1), 0, "setup");
	read_disk(&before[0], &before[1]);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	EQ(repair_store(&device, PLACE_ESP), 0, "nothing");
	(void)clock_gettime(CLOCK_MONOTONIC, &stop);
	read_disk(&after[0], &after[1]);
	tap_note("nothing to do: %lld sectors read, %ld us", after[0] - before[0],
		 (stop.tv_sec - start.tv_sec) * 1000000 + (stop.tv_nsec - start.tv_nsec) / 1000);
	OK(after[0] - before[0] <= 600, "nothing: little is read");
	EQ(after[1] - before[1], 0, "nothing: nothing is written");
	transfer(false, raw);
	(void)close(fd);
	machine_close(&device);
	memcpy(pristine + PART_SIZE, raw, PART_SIZE);
	transfer(false, raw);
	OK(memcmp(pristine + PART_SIZE, raw, PART_SIZE) == 0, "nothing: no byte is changed");
}

void repair_prepare(void)
{
	pristine = malloc(2 * PART_SIZE);
	raw = malloc(PART_SIZE);
	play_firmware();
	transfer(false, pristine);
}

void test_repair(void)
{
	repair_prepare();
	test_pair();
	test_pair_far();
	test_empty_twin();
	test_free_clusters();
	test_shared_temporary();
	test_whole_temporary();
	test_run_into();
	test_directories();
	test_dirty();
	test_copy();
	test_busy();
	test_errors();
	test_nothing();
	test_repair_names();
}
