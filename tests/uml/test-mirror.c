// SPDX-License-Identifier: LGPL-2.1-or-later
/* A mirror of the ESP on the kernel's vfat, on a disk of its own: every failure on the way, and the
 * next run; nothing is written where nothing differs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mirror.h"
#include "settling.h"
#include "tap.h"

#define PARTUUID "dddddddd-0001-4000-8000-00000000000d"
#define MIRROR	 "/run/bootassess/mirror"
#define TRIES	 200

static const char *const before[] = {ESP ENTRIES "active+2-1.conf",
				     "linux /EFI/a.linux\ninitrd /EFI/a.initrd\n",
				     ESP ENTRIES "passive.conf",
				     "linux /EFI/p.linux\ninitrd /EFI/p.initrd\n",
				     ESP ENTRIES "recovery+1-2.conf",
				     "efi /EFI/r\n",
				     CONF,
				     "timeout 3\n",
				     ESP "/EFI/a.linux",
				     "kernel a",
				     ESP "/EFI/a.initrd",
				     "initrd a",
				     ESP "/EFI/p.linux",
				     "kernel p",
				     ESP "/EFI/p.initrd",
				     "initrd p",
				     ESP "/EFI/r",
				     "r",
				     NULL};

/* Another version of passive, and one entry less of a pattern that has another. */
static const char *const after[] = {ESP ENTRIES "active.conf",
				    "linux /EFI/a.linux\ninitrd /EFI/a.initrd\n",
				    ESP ENTRIES "passive+3-0.conf",
				    "linux /EFI/p.linux\ninitrd /EFI/p.initrd\noptions new\n",
				    ESP ENTRIES "recovery.conf",
				    "efi /EFI/r2\n",
				    CONF,
				    "timeout 4\n",
				    ESP "/EFI/a.linux",
				    "kernel a",
				    ESP "/EFI/a.initrd",
				    "initrd a",
				    ESP "/EFI/p.linux",
				    "another kernel p",
				    ESP "/EFI/p.initrd",
				    "another initrd p",
				    ESP "/EFI/r2",
				    "r2",
				    NULL};

static struct mirror mirror;
static struct mirror_diff diff;
static const struct mirror_ask ask;

/* Written requests of the mirror's disk since the machine started. */
static long n_writes(void)
{
	FILE *f = fopen("/sys/block/ubdb/stat", "re");
	long n = -1;

	if (f && fscanf(f, "%*d %*d %*d %*d %ld", &n) != 1)
		n = -1;
	if (f)
		(void)fclose(f);
	return n;
}

static void begin(const char *const files[])
{
	lay_out(files);
	start(EVENT_EDIT);
	EQ(mirror_open(&device, PARTUUID, &mirror), 0, "mirror_open");
}

static void finish(void)
{
	mirror_close(&mirror);
	end();
}

static void check_same(const char *name)
{
	EQ(mirror_look(&device, &mirror, &ask, &diff), 0, name);
	if (diff.n > 0)
		tap_note("differs: %s", diff.what);
	EQ(diff.n, 0, name);
}

static void test_first(void)
{
	long n;

	begin(before);
	EQ(mirror_sync(&device, &mirror, &ask, &diff), 0, "first");
	check_same("first: the same");
	OK(file_is(MIRROR ENTRIES "active+2-1.conf", before[1]), "first: an entry");
	OK(file_is(MIRROR "/EFI/p.initrd", "initrd p"), "first: a file");
	finish();
	sync();
	n = n_writes();
	start(EVENT_EDIT);
	EQ(mirror_open(&device, PARTUUID, &mirror), 0, "again: mirror_open");
	check_same("again: the same after a new mount");
	finish();
	OK(n >= 0 && n_writes() == n, "again: nothing is written");
	EQ(mirror_open(&device, "eeeeeeee-0001-4000-8000-00000000000d", &mirror), -ENODEV,
	   "no such partition");
}

/* An entry of the mirror is either off, or whole: what it names is of one version. */
static bool is_whole(void)
{
	bool is_old = file_is(MIRROR "/EFI/p.linux", "kernel p");
	bool is_old_initrd = file_is(MIRROR "/EFI/p.initrd", "initrd p");
	bool is_off = exists(MIRROR ENTRIES "passive+3-0.conf.mirror");

	return is_off || is_old == is_old_initrd;
}

static void fail_at(int nth, int *ret)
{
	begin(before);
	EQ(mirror_sync(&device, &mirror, &ask, &diff), 0, "failing: before");
	finish();
	begin(after);
	wrap_start();
	wrap_fail_call(nth, EIO);
	*ret = mirror_sync(&device, &mirror, &ask, &diff);
	wrap_fail_call(0, 0);
	OK(is_whole(), "failing call %d: each entry is whole, or off", nth);
	finish();
	start(EVENT_EDIT);
	EQ(mirror_open(&device, PARTUUID, &mirror), 0, "failing: mirror_open");
	EQ(mirror_sync(&device, &mirror, &ask, &diff), 0, "failing: the next run");
	check_same("failing: the next run makes it the same");
	OK(file_is(MIRROR ENTRIES "passive+3-0.conf", after[3]) &&
		   file_is(MIRROR "/EFI/p.linux", "another kernel p"),
	   "failing: and it has all of it");
	/* What only the text of before named is not known any more, once that was written over. */
	OK(*ret != 0 || !exists(MIRROR "/EFI/r"), "without a failure: nothing of before stays");
	finish();
}

/* All but three clusters. */
static void fill_disk(const char *path)
{
	static const char zeros[512];
	struct statvfs vfs = {0};
	int fd;

	EQ(mount(NULL, MIRROR, NULL, MS_REMOUNT, NULL), 0, "no room: remount");
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	OK(fd >= 0 && fstatvfs(fd, &vfs) == 0, "no room: a file");
	for (unsigned long n = vfs.f_bavail * vfs.f_bsize / sizeof(zeros); n > 3; n--)
		if (write(fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros))
			break;
	(void)close(fd);
	sync();
}

/* What does not fit stays as it was, and the rest follows. */
static void test_no_room(void)
{
	begin(before);
	EQ(mirror_sync(&device, &mirror, &ask, &diff), 0, "no room: before");
	fill_disk(MIRROR "/fill");
	finish();
	begin(after);
	EQ(mirror_sync(&device, &mirror, &ask, &diff), -ENOSPC, "no room");
	OK(file_is(MIRROR ENTRIES "passive.conf", before[3]), "no room: the old entry");
	OK(file_is(MIRROR "/EFI/p.linux", "kernel p"), "no room: its kernel");
	OK(exists(MIRROR ENTRIES "active.conf"), "no room: what needs none follows");
	OK(file_is(MIRROR "/loader/loader.conf", "timeout 4\n"), "no room: what fits follows");
	OK(strcmp(diff.failed, "loader/entries/passive+3-0.conf") == 0, "no room: %s", diff.failed);
	EQ(mount(NULL, MIRROR, NULL, MS_REMOUNT, NULL), 0, "no room: remount again");
	EQ(rename(MIRROR "/fill", MIRROR ENTRIES ".bootassess-7"), 0, "no room: a temporary");
	sync();
	finish();
	begin(after);
	EQ(mirror_sync(&device, &mirror, &ask, &diff), 0, "no room: temporaries of ours go");
	OK(!exists(MIRROR ENTRIES ".bootassess-7"), "no room: it is gone");
	check_same("no room: at last");
	finish();
}

void test_mirror(void)
{
	int r = -1, nth = 1, n_failed = 0;

	play_firmware();
	test_first();
	test_no_room();
	for (; nth < TRIES && (r != 0 || n_failed == 0); nth += nth < 10 ? 1 : 5) {
		fail_at(nth, &r);
		n_failed += r != 0;
	}
	tap_note("mirror: %d calls failed", n_failed);
	OK(n_failed > 10, "failing: calls were made to fail");
}
