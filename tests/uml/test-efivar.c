// SPDX-License-Identifier: LGPL-2.1-or-later
/* On ordinary files: user-mode Linux has no EFI. ext4 has the immutable flag, as efivarfs does. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/efivar.h"
#include "tap.h"

#define NAME	  "LoaderEntryOneShot"
#define FILE_NAME "/mnt/" NAME "-" EFIVAR_LOADER

static void test_read(int dirfd)
{
	uint8_t buf[4];
	size_t len = 99;

	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), 1, "efivar_read: absent");
	(void)put(FILE_NAME, "", 0);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), 1, "efivar_read: size 0");
	(void)put(FILE_NAME, "\6\0\0", 3);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), -EINVAL, "efivar_read: short");
	EQ((long long)len, 99, "efivar_read: the length is written only on success");
	(void)put(FILE_NAME, "\6\0\0\0", 4);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), 0, "efivar_read: no data");
	EQ((long long)len, 0, "efivar_read: no data");
	(void)put(FILE_NAME, "\6\0\0\0abcd", 8);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), 0, "efivar_read: fits");
	OK(len == 4 && memcmp(buf, "abcd", 4) == 0, "efivar_read: without attributes");
	(void)put(FILE_NAME, "\6\0\0\0abcde", 9);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), -E2BIG, "efivar_read: long");
	OK(len == 4 && memcmp(buf, "abcd", 4) == 0, "efivar_read: -E2BIG leaves the start");
}

static void test_retry(int dirfd)
{
	uint8_t buf[8];
	size_t len;

	(void)put(FILE_NAME, "\6\0\0\0abcd", 8);
	wrap_interrupt_reads(25);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 8, &len), 0, "efivar_read: 25 times EINTR");
	wrap_interrupt_reads(26);
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 8, &len), -EINTR, "efivar_read: 26 times");
	EQ(wrap_reads(), 26, "efivar_read: one try and 25 retries");
	wrap_interrupt_reads(0);
}

static void test_write(int dirfd)
{
	static const uint8_t big[5000];
	char long_name[300];
	uint8_t buf[16];
	size_t len = 0;
	struct stat st;

	(void)unlink(FILE_NAME);
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"abcd", 4), 0, "efivar_write");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"abcd", 4), 1,
	   "efivar_write: the same is not written again");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"xy", 2), 0,
	   "efivar_write: shorter");
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 16, &len), 0, "efivar_write: read back");
	OK(len == 2 && memcmp(buf, "xy", 2) == 0, "efivar_write: nothing of the old is left");
	(void)put(FILE_NAME, "\6\0\0\0xy", 6);
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"xy", 2), 0,
	   "efivar_write: other attributes are another content");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, big, 0), -EINVAL, "efivar_write: no data");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, big, sizeof(big)), -E2BIG, "efivar_write: big");
	OK(stat(FILE_NAME, &st) == 0 && st.st_size == 6, "efivar_write: a refusal changes nothing");
	memset(long_name, 'x', sizeof(long_name));
	long_name[299] = '\0';
	EQ(efivar_write(dirfd, long_name, EFIVAR_LOADER, big, 1), -ENAMETOOLONG, "efivar: name");
}

static bool set_immutable(void)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC), flags = FS_IMMUTABLE_FL, r;

	r = ioctl(fd, FS_IOC_SETFLAGS, &flags);
	(void)close(fd);
	return r == 0;
}

static void test_immutable(int dirfd)
{
	OK(set_immutable(), "setup");
	EQ(unlink(FILE_NAME), -1, "setup: immutable");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"new", 3), 0,
	   "efivar_write: immutable");
	OK(set_immutable(), "setup");
	EQ(efivar_delete(dirfd, NAME, EFIVAR_LOADER), 0, "efivar_delete: immutable");
	OK(!exists(FILE_NAME), "efivar_delete");
	EQ(efivar_delete(dirfd, NAME, EFIVAR_LOADER), 1, "efivar_delete: absent");
}

static void test_refused(int dirfd)
{
	uint8_t buf[4];
	size_t len;

	EQ(mount(NULL, "/mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(efivar_write(dirfd, NAME, EFIVAR_LOADER, (const uint8_t *)"new", 3), -EROFS,
	   "efivar_write: read-only");
	EQ(efivar_read(dirfd, NAME, EFIVAR_LOADER, buf, 4, &len), 1, "efivar_write: nothing made");
}

void test_efivar(void)
{
	int dirfd;

	EQ(mount("/dev/ubdd", "/mnt", "ext4", 0, NULL), 0, "setup: ext4");
	dirfd = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_read(dirfd);
	test_retry(dirfd);
	test_write(dirfd);
	test_immutable(dirfd);
	test_refused(dirfd);
	(void)close(dirfd);
	(void)umount("/mnt");
}
