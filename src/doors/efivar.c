// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "efivar.h"
#include "root.h"

#define ATTRIBUTES_SIZE 4u
#define READ_FLAGS	(O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)
/* What we write is a few names; one write(2) needs it in one piece. */
#define WRITE_MAX 4096u

#define RETRIES		 25u
#define RETRIES_AT_ONCE	 20u
#define RETRY_DELAY_MSEC 50

/* The file name in efivarfs. */
struct efivar_name {
	char text[NAME_MAX + 1];
};

static int make_name(const char *name, const char *guid, struct efivar_name *ret)
{
	int n = snprintf(ret->text, sizeof(ret->text), "%s-%s", name, guid);

	return n < 0 || (size_t)n >= sizeof(ret->text) ? -ENAMETOOLONG : 0;
}

/* After a failed call: true if it was the kernel's rate limit and another try is due. */
static bool may_retry(unsigned int *n_retries)
{
	const struct timespec delay = {.tv_nsec = RETRY_DELAY_MSEC * 1000L * 1000L};

	if (errno != EINTR || *n_retries >= RETRIES)
		return false;
	if (*n_retries >= RETRIES_AT_ONCE)
		(void)nanosleep(&delay, NULL);
	(*n_retries)++;
	return true;
}

static ssize_t read_retry(int fd, void *buf, size_t size)
{
	unsigned int n_retries = 0;
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && may_retry(&n_retries));
	return n < 0 ? -errno : n;
}

static ssize_t write_retry(int fd, const void *buf, size_t size)
{
	unsigned int n_retries = 0;
	ssize_t n;

	do
		n = write(fd, buf, size);
	while (n < 0 && may_retry(&n_retries));
	return n < 0 ? -errno : n;
}

/* Opens what is there. 0 with *ret_fd and the size of the data; 1 if the variable is absent. */
static int open_existing(int dirfd, const struct efivar_name *name, int *ret_fd, size_t *ret_size)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;

	fd = openat(dirfd, name->text, READ_FLAGS);
	if (fd < 0)
		return errno == ENOENT ? 1 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size == 0)
		return 1;
	if (st.st_size < (off_t)ATTRIBUTES_SIZE)
		return -EINVAL;
	*ret_size = (size_t)st.st_size - ATTRIBUTES_SIZE;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int efivar_read(int dirfd, const char *name, const char *guid, uint8_t *buf, size_t size,
		size_t *ret_len)
{
	_cleanup_(closep) int fd = -1;
	uint8_t attributes[ATTRIBUTES_SIZE];
	struct efivar_name file;
	size_t there;
	ssize_t n;
	int r;

	r = make_name(name, guid, &file);
	if (r < 0)
		return r;
	r = open_existing(dirfd, &file, &fd, &there);
	if (r != 0)
		return r;
	n = read_retry(fd, attributes, sizeof(attributes));
	if (n < 0)
		return (int)n;
	if (n == 0) /* deleted meanwhile */
		return 1;
	if (n < (ssize_t)sizeof(attributes))
		return -EINVAL;
	n = there == 0 ? 0 : read_retry(fd, buf, there < size ? there : size);
	if (n < 0)
		return (int)n;
	*ret_len = (size_t)n;
	return there > size ? -E2BIG : 0;
}

bool efivar_is_unread(int r)
{
	return r < 0 && r != -EINVAL && r != -E2BIG;
}

/* efivarfs makes every file immutable, so that `rm -rf` does not brick the machine. File systems
 * without such flags (a test's tmpfs) have nothing to take off. */
static int clear_immutable(int fd)
{
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return errno == ENOTTY || errno == EOPNOTSUPP ? 0 : -errno;
	if (!(flags & FS_IMMUTABLE_FL))
		return 0;
	flags &= ~FS_IMMUTABLE_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		return -errno;
	return 0;
}

static bool is_same(int fd, const uint8_t *raw, size_t len)
{
	uint8_t there[WRITE_MAX];

	return read_retry(fd, there, len) == (ssize_t)len && memcmp(there, raw, len) == 0;
}

/* An efivarfs file takes the size of the last write; a plain file (a test) may be left longer. */
static int cut_to(int fd, size_t len)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > (off_t)len && ftruncate(fd, (off_t)len) < 0)
		return -errno;
	return 0;
}

static int write_raw(int dirfd, const struct efivar_name *file, const uint8_t *raw, size_t len)
{
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	fd = openat(dirfd, file->text,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd < 0)
		return -errno;
	n = write_retry(fd, raw, len);
	if (n < 0)
		return (int)n;
	if ((size_t)n != len)
		return -EIO;
	return cut_to(fd, len);
}

int efivar_write(int dirfd, const char *name, const char *guid, const uint8_t *data, size_t len)
{
	_cleanup_(closep) int old_fd = -1;
	uint8_t raw[WRITE_MAX] = {EFIVAR_ATTRIBUTES};
	struct efivar_name file;
	size_t there;
	int r, is_absent;

	if (len == 0)
		return -EINVAL; /* the firmware would delete it */
	if (len > sizeof(raw) - ATTRIBUTES_SIZE)
		return -E2BIG;
	memcpy(raw + ATTRIBUTES_SIZE, data, len);
	r = make_name(name, guid, &file);
	if (r < 0)
		return r;
	is_absent = open_existing(dirfd, &file, &old_fd, &there);
	if (is_absent < 0 && is_absent != -EINVAL)
		return is_absent;
	if (is_absent == 0) {
		if (there == len && is_same(old_fd, raw, ATTRIBUTES_SIZE + len))
			return 1;
		r = clear_immutable(old_fd);
		if (r < 0)
			return r;
	}
	r = write_raw(dirfd, &file, raw, ATTRIBUTES_SIZE + len);
	/* A refused new variable leaves an empty file. */
	if (r < 0 && is_absent == 1)
		(void)unlinkat(dirfd, file.text, 0);
	return r;
}

int efivar_delete(int dirfd, const char *name, const char *guid)
{
	_cleanup_(closep) int fd = -1;
	struct efivar_name file;
	int r;

	r = make_name(name, guid, &file);
	if (r < 0)
		return r;
	fd = openat(dirfd, file.text, READ_FLAGS);
	if (fd < 0)
		return errno == ENOENT ? 1 : -errno;
	r = clear_immutable(fd);
	if (r < 0)
		return r;
	if (unlinkat(dirfd, file.text, 0) < 0)
		return errno == ENOENT ? 1 : -errno;
	return 0;
}

int efivar_room(int dirfd, uint64_t *ret)
{
	struct statfs st;

	if (fstatfs(dirfd, &st) < 0)
		return -errno;
	if (st.f_type != EFIVARFS_MAGIC || st.f_blocks == 0)
		return -EOPNOTSUPP;
	*ret = (uint64_t)st.f_bavail * (uint64_t)st.f_bsize;
	return 0;
}
