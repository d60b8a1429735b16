// SPDX-License-Identifier: LGPL-2.1-or-later
#include "esp-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "root.h"

#define TEMPORARY     ".bootassess-%d"
#define MAX_TEMPORARY 10

void esp_dir_close(struct esp_dir *d)
{
	closep(&d->fd);
	closep(&d->parent_fd);
}

/* Splits "loader/entries" into "loader" and "entries"; the parent of "loader" is ".". */
static int split(const char *dir, char parent[static PATH_MAX], const char **ret_last)
{
	const char *slash = strrchr(dir, '/');
	size_t len = slash ? (size_t)(slash - dir) : 1;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(parent, slash ? dir : ".", len);
	parent[len] = '\0';
	*ret_last = slash ? slash + 1 : dir;
	return 0;
}

static int open_both(int dirfd, const char *dir, struct esp_dir *ret)
{
	_cleanup_(closep) int parent_fd = -1;
	char parent[PATH_MAX];
	const char *last;
	int fd, r;

	r = split(dir, parent, &last);
	if (r < 0)
		return r;
	parent_fd = root_open_beneath(dirfd, parent, O_DIRECTORY);
	if (parent_fd < 0)
		return parent_fd;
	fd = root_open_beneath(parent_fd, last, O_DIRECTORY);
	if (fd < 0)
		return fd;
	*ret = (struct esp_dir){.fd = fd, .parent_fd = parent_fd};
	parent_fd = -1;
	return 0;
}

/* Its clusters are durable before its name shows: a directory whose cluster is still free in the
 * FAT cannot be read, and the next file would get that cluster. */
static int make_dir_as(const struct esp_dir *in, const char *temporary, const char *name)
{
	_cleanup_(closep) int fd = root_open_dir(in->fd, temporary);
	int r;

	if (fd < 0)
		return fd;
	r = esp_dir_commit(in, fd);
	if (r < 0)
		return r;
	if (renameat2(in->fd, temporary, in->fd, name, RENAME_NOREPLACE) < 0)
		return -errno;
	return esp_dir_commit(in, fd);
}

static int make_temporary_dir(const struct esp_dir *in, char ret_name[static NAME_MAX + 1])
{
	for (int i = 0; i < MAX_TEMPORARY; i++) {
		(void)snprintf(ret_name, NAME_MAX + 1, TEMPORARY, i);
		if (mkdirat(in->fd, ret_name, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return -errno;
}

static int make_dir(int dirfd, const char *dir)
{
	_cleanup_(esp_dir_close) struct esp_dir in = {-1, -1};
	char parent[PATH_MAX], temporary[NAME_MAX + 1];
	const char *last;
	int r;

	if (dir_exists(dirfd, dir))
		return 0;
	r = split(dir, parent, &last);
	if (r == 0)
		r = open_both(dirfd, parent, &in);
	if (r == 0)
		r = make_temporary_dir(&in, temporary);
	if (r < 0)
		return r;
	r = make_dir_as(&in, temporary, last);
	if (r < 0)
		(void)unlinkat(in.fd, temporary, AT_REMOVEDIR);
	return r;
}

static int make_dirs(int dirfd, const char *dir)
{
	char part[PATH_MAX];
	size_t len = strlen(dir);
	int r;

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, dir, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		r = make_dir(dirfd, part);
		if (r < 0)
			return r;
		part[i] = dir[i];
	}
	return 0;
}

int esp_dir_open(int dirfd, const char *dir, bool is_made, struct esp_dir *ret)
{
	int r = open_both(dirfd, dir, ret);

	if (r != -ENOENT || !is_made)
		return r;
	r = make_dirs(dirfd, dir);
	return r < 0 ? r : open_both(dirfd, dir, ret);
}

int esp_dir_open_file(const struct esp_dir *d, const char *name, int flags)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r;

	/* A FIFO would be waited for, for ever. */
	fd = openat(d->fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	r = fd;
	fd = -1;
	return r;
}

int esp_dir_flush(int fd)
{
	if (fsync(fd) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

int esp_dir_commit(const struct esp_dir *d, int file_fd)
{
	int r;

	r = esp_dir_flush(file_fd);
	if (r < 0)
		return r;
	r = esp_dir_flush(d->fd);
	if (r < 0)
		return r;
	return esp_dir_flush(d->parent_fd);
}

int esp_dir_reserve(const struct esp_dir *d, const char *name)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r;

	fd = esp_dir_open_file(d, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd == -EEXIST) {
		fd = esp_dir_open_file(d, name, O_RDWR);
		if (fd == -EISDIR || fd == -ELOOP || fd == -EINVAL || fd == -ENXIO)
			return -EEXIST;
	}
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0)
		return -EEXIST;
	r = fd;
	fd = -1;
	return r;
}

int esp_dir_make_temporary(const struct esp_dir *d, char ret_name[static NAME_MAX + 1])
{
	int fd = -EEXIST;

	for (int i = 0; fd == -EEXIST && i < MAX_TEMPORARY; i++) {
		(void)snprintf(ret_name, NAME_MAX + 1, TEMPORARY, i);
		fd = esp_dir_reserve(d, ret_name);
	}
	return fd;
}
