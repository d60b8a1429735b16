// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "block-sysfs.h"
#include "root.h"

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static bool has_attribute(int sysfs, const char *disk, const char *attribute)
{
	char path[300];
	int n = snprintf(path, sizeof(path), "%s/%s", disk, attribute);

	return n > 0 && (size_t)n < sizeof(path) && faccessat(sysfs, path, F_OK, 0) == 0;
}

/* A disk that is a member of something else as a whole (multipath, firmware RAID) shows a copy of
 * that other device's partition table, but cannot be mounted. */
static bool has_holders(int sysfs, const char *disk)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	char path[300];
	struct dirent *de;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/holders", disk);
	fd = root_open_dir(sysfs, path);
	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return false;
	}
	while ((de = readdir(dir)))
		if (de->d_name[0] != '.')
			return true;
	return false;
}

static bool is_attribute(int sysfs, const char *name, const char *attribute, const char *want)
{
	char path[300], line[64];
	int n = snprintf(path, sizeof(path), "%s/%s", name, attribute);

	return n > 0 && (size_t)n < sizeof(path) &&
	       root_read_line(sysfs, path, line, sizeof(line)) == 0 && strcmp(line, want) == 0;
}

/* Opening a floppy drive takes seconds, and an unused zram or loop device holds nothing. */
static bool is_pointless(int sysfs, const char *name)
{
	if (name[0] == '.' || strncmp(name, "zram", 4) == 0)
		return true;
	if (strncmp(name, "fd", 2) == 0 && name[2] >= '0' && name[2] <= '9')
		return true;
	return strncmp(name, "loop", 4) == 0 && !has_attribute(sysfs, name, "partition") &&
	       !has_attribute(sysfs, name, "loop/backing_file");
}

bool block_sysfs_may_have_table(int sysfs, const char *name)
{
	if (is_pointless(sysfs, name) || has_attribute(sysfs, name, "partition"))
		return false;
	/* The kernel makes no partitions of device mapper, and a read from it may block for ever.
	 */
	return !has_attribute(sysfs, name, "dm") && !has_holders(sysfs, name);
}

/* A read from a device that is suspended, or from a multipath without paths, blocks for ever. */
static bool is_readable_map(int sysfs, const char *name)
{
	char path[300], uuid[160];

	(void)snprintf(path, sizeof(path), "%s/dm/uuid", name);
	return is_attribute(sysfs, name, "dm/suspended", "0") &&
	       root_read_line(sysfs, path, uuid, sizeof(uuid)) == 0 &&
	       (strncmp(uuid, "LVM-", 4) == 0 || strncmp(uuid, "CRYPT-", 6) == 0);
}

/* The partitions of a disk are directories in it. */
static bool has_partitions(int sysfs, const char *disk)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *de;
	int fd = openat(sysfs, disk, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* it is a link */

	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return false;
	}
	while ((de = readdir(dir)))
		if (de->d_name[0] != '.' && has_attribute(fd, de->d_name, "partition"))
			return true;
	return false;
}

bool block_sysfs_may_have_files(int sysfs, const char *name, bool is_mapped)
{
	char disk[64];

	if (is_pointless(sysfs, name) || has_attribute(sysfs, name, "dm") != is_mapped)
		return false;
	if (is_mapped && !is_readable_map(sysfs, name))
		return false;
	if (is_attribute(sysfs, name, "size", "0") || has_holders(sysfs, name))
		return false;
	if (!has_attribute(sysfs, name, "partition"))
		return !has_partitions(sysfs, name);
	return block_sysfs_disk(sysfs, name, disk, sizeof(disk)) == 0 && !has_holders(sysfs, disk);
}

bool block_sysfs_partition(int sysfs, const char *disk, int number, char *ret, size_t size)
{
	const char *infix = "";
	int n;

	if (disk[0] && strchr("0123456789", disk[strlen(disk) - 1]))
		infix = "p";
	n = snprintf(ret, size, "%s%s%d", disk, infix, number);
	return n > 0 && (size_t)n < size && has_attribute(sysfs, disk, ret);
}

int block_sysfs_disk(int sysfs, const char *name, char *ret, size_t size)
{
	char target[512], *slash;
	ssize_t n;

	if (!has_attribute(sysfs, name, "partition"))
		return snprintf(ret, size, "%s", name) < (int)size ? 0 : -ENAMETOOLONG;
	n = readlinkat(sysfs, name, target, sizeof(target) - 1); /* .../block/vda/vda1 */
	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return -EINVAL;
	return snprintf(ret, size, "%s", slash + 1) < (int)size ? 0 : -ENAMETOOLONG;
}

int block_sysfs_node(const char *name, char *ret, size_t size)
{
	int n = snprintf(ret, size, "/dev/%s", name);

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	for (char *p = ret; (p = strchr(p, '!'));)
		*p = '/';
	return 0;
}

bool block_sysfs_is_read_only(int sysfs, const char *name)
{
	return !is_attribute(sysfs, name, "ro", "0");
}

int block_sysfs_each(block_sysfs_fn fn, void *data)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *de;
	int fd;

	fd = root_open_dir(AT_FDCWD, "/sys/class/block");
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	for (;;) {
		errno = 0;
		de = readdir(dir);
		if (!de)
			return -errno;
		if (de->d_name[0] != '.')
			fn(data, fd, de->d_name);
	}
}
