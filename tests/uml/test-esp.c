// SPDX-License-Identifier: LGPL-2.1-or-later
/* On the kernel's vfat (ubda1), and the same on tmpfs: what --root= works on. The content of the
 * image is checked once more by tests/uml/run, with mtools and fsck.fat. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/msdos_fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/esp.h"
#include "doors/mount.h"
#include "tap.h"

#define ENTRIES		"loader/entries"
#define BOOK		"loader/bootassess"
#define SYNC_ALL(name)	"fsync " name "; fsync entries; fsync loader; "
#define SYNC_BOOK(name) "fsync " name "; fsync bootassess; fsync loader; "

static int dirfd;

static void fill(const char *path, const char *text)
{
	EQ(put(path, text, strlen(text)), 0, path);
}

static bool holds(const char *path, const char *text)
{
	char buf[2048];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, buf, sizeof(buf), 0);

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

static void test_rename(void)
{
	wrap_start();
	EQ(esp_rename(dirfd, ENTRIES, "active+3-0.conf", "active+2-1.conf"), 0, "esp_rename");
	EQ_STR(wrap_trace(),
	       "rename-noreplace active+3-0.conf>active+2-1.conf; " SYNC_ALL("active+2-1.conf"),
	       "esp_rename: sequence");
	OK(!exists(ENTRIES "/active+3-0.conf") && holds(ENTRIES "/active+2-1.conf", "active\n"),
	   "esp_rename: result");
	fill(ENTRIES "/taken.conf", "taken\n");
	wrap_start();
	EQ(esp_rename(dirfd, ENTRIES, "active+2-1.conf", "taken.conf"), -EEXIST,
	   "esp_rename: the new name exists");
	OK(holds(ENTRIES "/taken.conf", "taken\n") && holds(ENTRIES "/active+2-1.conf", "active\n"),
	   "esp_rename: both are intact");
	EQ(esp_rename(dirfd, ENTRIES, "none.conf", "new.conf"), -ENOENT, "esp_rename: absent");
	EQ(esp_rename(dirfd, "loader/none", "a", "b"), -ENOENT, "esp_rename: no such directory");
	EQ(esp_rename(dirfd, "loader", "loader.conf", "loader.bak"), 0, "esp_rename: one level");
	wrap_start();
	EQ(esp_rename(dirfd, "loader", "loader.bak", "loader.conf"), 0, "esp_rename: one level");
	OK(strstr(wrap_trace(), "fsync loader.conf; fsync loader; fsync "),
	   "esp_rename: its parent");
}

static void test_reserved(void)
{
	static const char sequence[] = SYNC_ALL(
		"active.conf") "rename active+2-1.conf>active.conf; " SYNC_ALL("active.conf");

	wrap_start();
	EQ(esp_rename_reserved(dirfd, ENTRIES, "active+2-1.conf", "active.conf"), 0,
	   "esp_rename_reserved");
	EQ_STR(wrap_trace(), sequence, "esp_rename_reserved: sequence");
	OK(!exists(ENTRIES "/active+2-1.conf") && holds(ENTRIES "/active.conf", "active\n"),
	   "esp_rename_reserved: result");
	EQ(esp_rename_reserved(dirfd, ENTRIES, "active.conf", "taken.conf"), -EEXIST,
	   "esp_rename_reserved: a name with content");
	OK(holds(ENTRIES "/taken.conf", "taken\n") && holds(ENTRIES "/active.conf", "active\n"),
	   "esp_rename_reserved: both are intact");
	fill(ENTRIES "/active+3-0.conf", "");
	EQ(esp_rename_reserved(dirfd, ENTRIES, "active.conf", "active+3-0.conf"), 0,
	   "esp_rename_reserved: an empty leftover is taken over");
	OK(holds(ENTRIES "/active+3-0.conf", "active\n"), "esp_rename_reserved: result");
	wrap_start();
	EQ(esp_rename_reserved(dirfd, ENTRIES, "none.conf", "new.conf"), -ENOENT,
	   "esp_rename_reserved: absent");
	EQ_STR(wrap_trace(), "", "esp_rename_reserved: nothing was touched");
	OK(!exists(ENTRIES "/new.conf"), "esp_rename_reserved: no empty name is left");
}

static void test_rename_failures(void)
{
	for (int nth = 1; nth <= 3; nth++) {
		wrap_start();
		wrap_fail_sync(nth, EIO);
		EQ(esp_rename(dirfd, ENTRIES, "taken.conf", "moved.conf"), -EIO, "esp_rename: EIO");
		OK(rename(ENTRIES "/moved.conf", ENTRIES "/taken.conf") == 0, "it was renamed");
	}
	for (int nth = 1; nth <= 6; nth++) {
		wrap_start();
		wrap_fail_sync(nth, EIO);
		EQ(esp_rename_reserved(dirfd, ENTRIES, "taken.conf", "moved.conf"), -EIO,
		   "esp_rename_reserved: EIO");
		if (nth > 3) {
			OK(rename(ENTRIES "/moved.conf", ENTRIES "/taken.conf") == 0, "renamed");
			continue;
		}
		OK(holds(ENTRIES "/taken.conf", "taken\n"), "esp_rename_reserved: old is there");
		OK(!exists(ENTRIES "/moved.conf"), "esp_rename_reserved: empty name is removed");
	}
	wrap_start();
	wrap_fail_sync(-1, EINVAL);
	EQ(esp_rename(dirfd, ENTRIES, "taken.conf", "moved.conf"), 0, "fsync: EINVAL is no error");
	wrap_start();
	EQ(esp_rename(dirfd, ENTRIES, "moved.conf", "taken.conf"), 0, "esp_rename: back");
}

/* The directory that all lies in, as the trace calls it. */
static const char *root_name(void)
{
	static char path[PATH_MAX];
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* A directory is durable before it gets its name, as a file is. */
static void test_new_dir(void)
{
	char want[512];

	(void)snprintf(want, sizeof(want),
		       "mkdir .bootassess-0; fsync .bootassess-0; fsync loader; fsync %s; "
		       "rename-noreplace .bootassess-0>bootassess; fsync bootassess; fsync loader; "
		       "fsync %s; ",
		       root_name(), root_name());
	OK(strncmp(wrap_trace(), want, strlen(want)) == 0, "esp_write_file: a new directory");
	EQ_STR(wrap_trace() + strlen(want),
	       "pwrite .bootassess-0; " SYNC_BOOK(
		       ".bootassess-0") "rename .bootassess-0>record; " SYNC_BOOK("record"),
	       "esp_write_file: sequence of a new file");
}

static void test_sector_new(void)
{
	static char big[ESP_FILE_MAX + 1];
	char record[513];

	memset(record, 'r', sizeof(record) - 1);
	record[512] = '\0';
	memset(big, 'b', sizeof(big));
	wrap_start();
	EQ(esp_write_file(dirfd, BOOK, "record", record, 512), 0, "esp_write_file: new");
	test_new_dir();
	OK(holds(BOOK "/record", record), "esp_write_file: content");
	EQ(esp_write_file(dirfd, BOOK, "record", big, sizeof(big)), -EFBIG,
	   "esp_write_file: one byte too many");
	OK(holds(BOOK "/record", record), "esp_write_file: and nothing was written");
	EQ(put(BOOK "/big", big, sizeof(big)), 0, "setup");
	EQ(esp_write_file(dirfd, BOOK, "big", record, 512), -EFBIG,
	   "esp_write_file: over one that is too long");
	(void)unlink(BOOK "/big");
	EQ(esp_write_file(dirfd, "made/by/us", "f", "x", 1), 0, "esp_write_file: directories");
	OK(holds("made/by/us/f", "x"), "esp_write_file: content");
}

static void test_sector_again(void)
{
	struct stat before, after;
	char record[513];

	memset(record, 's', sizeof(record) - 1);
	record[512] = '\0';
	(void)stat(BOOK "/record", &before);
	wrap_start();
	EQ(esp_write_file(dirfd, BOOK, "record", record, 512), 0, "esp_write_file: in place");
	EQ_STR(wrap_trace(), "pwrite record; fdatasync record; ", "esp_write_file: one write");
	(void)stat(BOOK "/record", &after);
	OK(holds(BOOK "/record", record) && before.st_ino == after.st_ino, "the same file");
	wrap_start();
	wrap_fail_sync(1, EIO);
	EQ(esp_write_file(dirfd, BOOK, "record", record, 512), -EIO, "esp_write_file: EIO");

	fill(BOOK "/grow", "short");
	fill(BOOK "/.bootassess-0", "a leftover");
	wrap_start();
	EQ(esp_write_file(dirfd, BOOK, "grow", record, 512), 0, "esp_write_file: other size");
	EQ_STR(wrap_trace(),
	       "pwrite .bootassess-1; " SYNC_BOOK(
		       ".bootassess-1") "exchange .bootassess-1>grow; "
					"fsync grow; " SYNC_BOOK(
						".bootassess-1") "unlink .bootassess-1; fsync "
								 "bootassess; ",
	       "esp_write_file: exchange where the size changes");
	OK(holds(BOOK "/grow", record), "esp_write_file: content");
	OK(holds(BOOK "/.bootassess-0", "a leftover"), "esp_write_file: leftovers stay");
	fill(BOOK "/empty", "");
	EQ(esp_write_file(dirfd, BOOK, "empty", record, 512), 0, "esp_write_file: empty file");
	OK(holds(BOOK "/empty", record), "esp_write_file: content");
}

/* Several sectors, by an exchange even where the size stays; in pieces, if the kernel takes no more
 * at once. */
static void test_sectors(void)
{
	static const char sequence[] =
		"pwrite .bootassess-1; pwrite .bootassess-1; pwrite .bootassess-1; pwrite "
		".bootassess-1; " SYNC_BOOK(
			".bootassess-1") "exchange .bootassess-1>long; fsync "
					 "long; " SYNC_BOOK(".bootassess-1") "unlink "
									     ".bootassess"
									     "-1; fsync "
									     "bootassess; ";
	char text[1001];

	memset(text, 'm', sizeof(text) - 1);
	text[1000] = '\0';
	EQ(esp_write_file(dirfd, BOOK, "long", text, 1000), 0, "esp_write_file: 1000 bytes");
	OK(holds(BOOK "/long", text), "esp_write_file: content");
	memset(text, 'n', sizeof(text) - 1);
	wrap_start();
	wrap_limit_pwrite(300);
	EQ(esp_write_file(dirfd, BOOK, "long", text, 1000), 0, "esp_write_file: in pieces");
	wrap_limit_pwrite(0);
	EQ_STR(wrap_trace(), sequence, "esp_write_file: never in place above a sector");
	OK(holds(BOOK "/long", text), "esp_write_file: content");
	for (int nth = 1; nth <= 8; nth++) {
		char old[1001], name[40];

		memset(text, 'a' + nth, sizeof(text) - 1);
		memset(old, nth == 1 ? 'n' : 'a' + nth - 1, sizeof(old) - 1);
		old[1000] = '\0';
		wrap_start();
		wrap_fail_sync(nth, EIO);
		EQ(esp_write_file(dirfd, BOOK, "long", text, 1000), -EIO, "esp_write_file: EIO");
		wrap_start();
		OK(holds(BOOK "/long", nth > 3 ? text : old), "all of the old or of the new");
		for (int i = 1; nth > 3 && i < 3; i++) {
			(void)snprintf(name, sizeof(name), BOOK "/.bootassess-%d", i);
			(void)unlink(name);
		}
		EQ(esp_write_file(dirfd, BOOK, "long", text, 1000), 0, "and once more");
	}
}

static void test_sector_failures(void)
{
	for (int nth = 1; nth <= 6; nth++) {
		wrap_start();
		wrap_fail_sync(nth, EIO);
		EQ(esp_write_file(dirfd, BOOK, "broken", "x", 1), -EIO, "esp_write_file: EIO");
		OK(!exists(BOOK "/.bootassess-1"), "esp_write_file: no temporary is left");
		EQ(exists(BOOK "/broken"), nth > 3, "esp_write_file: the name only when complete");
		(void)unlink(BOOK "/broken");
	}
}

static void test_names(void)
{
	char old_name[256], new_name[256];

	memset(old_name, 'n', 240);
	memcpy(old_name + 240, "+3-0.conf", 10);
	memcpy(new_name, old_name, sizeof(old_name));
	memcpy(new_name + 240, "+2-1.conf", 10);
	EQ(esp_write_file(dirfd, ENTRIES, old_name, "long\n", 5), 0, "a name of 249 characters");
	EQ(esp_rename(dirfd, ENTRIES, old_name, new_name), 0, "esp_rename: long name");
	EQ(esp_rename_reserved(dirfd, ENTRIES, new_name, old_name), 0, "and back, reserved");
	old_name[255] = '\0';
	memset(old_name + 249, 'n', 6);
	EQ(esp_rename(dirfd, ENTRIES, new_name, old_name), -ENOENT, "esp_rename: absent long name");
}

static unsigned int attributes(const char *path)
{
	__u32 value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)ioctl(fd, FAT_IOCTL_GET_ATTRIBUTES, &value);
	(void)close(fd);
	return value;
}

/* Only on vfat. */
static void test_vfat(void)
{
	__u32 value = ATTR_RO | ATTR_ARCH;
	int fd;

	fill(ENTRIES "/ro+3-0.conf", "ro\n");
	fd = open(ENTRIES "/ro+3-0.conf", O_RDONLY | O_CLOEXEC);
	EQ(ioctl(fd, FAT_IOCTL_SET_ATTRIBUTES, &value), 0, "setup: read-only attribute");
	(void)close(fd);
	EQ(esp_rename(dirfd, ENTRIES, "ro+3-0.conf", "ro+2-1.conf"), 0,
	   "esp_rename: read-only file");
	EQ(esp_rename_reserved(dirfd, ENTRIES, "ro+2-1.conf", "ro.conf"), 0, "and reserved");
	OK(attributes(ENTRIES "/ro.conf") & ATTR_RO, "the attribute is kept");
	EQ(esp_rename(dirfd, ENTRIES, "ro.conf", "TAKEN.CONF"), -EEXIST,
	   "esp_rename: the new name exists in another case");
	EQ(esp_rename(dirfd, ENTRIES, "ro.conf", "bad?.conf"), -EINVAL,
	   "a name that FAT cannot have");
}

static void test_all(void)
{
	test_rename();
	test_reserved();
	test_rename_failures();
	test_sector_new();
	test_sector_again();
	test_sectors();
	test_sector_failures();
	test_names();
}

static void test_tmpfs(void)
{
	tap_note("esp on tmpfs");
	(void)mkdir("/run/tree", 0755);
	(void)mkdir("/run/tree/loader", 0755);
	(void)mkdir("/run/tree/loader/entries", 0755);
	dirfd = open("/run/tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0 || fchdir(dirfd) < 0)
		return;
	fill("loader/entries/active+3-0.conf", "active\n");
	fill("loader/loader.conf", "timeout 0\n");
	test_all();
	(void)close(dirfd);
}

void test_esp(void)
{
	bool shared = false;
	test_tmpfs();
	tap_note("esp on vfat");
	EQ(mount_unshare(), 0, "setup");
	EQ(mount_fat("/dev/ubda1", "/mnt"), 0, "setup");
	EQ(mount_make_writable("/mnt", &shared), 0, "setup");
	dirfd = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EQ(fchdir(dirfd), 0, "setup");
	test_all();
	test_vfat();
	EQ(chdir("/"), 0, "setup");
	EQ(mount_release("/mnt"), -EBUSY, "mount_release: while a file is open");
	(void)close(dirfd);
	EQ(mount_make_read_only("/mnt", shared), 0, "done: read-only");
	EQ(mount_release("/mnt"), 0, "done: released");
}
