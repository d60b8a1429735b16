// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "root.h"

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* types: set of 1 << DT_REG and so on. */
static int is_of_type(int fd, const struct dirent *entry, unsigned int types)
{
	struct stat st;

	if (is_dot(entry->d_name))
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return types >> entry->d_type & 1;
	if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return types >> IFTODT(st.st_mode) & 1;
}

static int each_of_type(int dirfd, const char *path, unsigned int types, dir_fn fn, void *data)
{
	_cleanup_(closedirp) DIR *d = NULL;
	const struct dirent *entry;
	int fd, r;

	fd = root_open_beneath(dirfd, path, O_DIRECTORY);
	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return r;
	}
	for (errno = 0; (entry = readdir(d)); errno = 0) {
		r = is_of_type(fd, entry, types);
		if (r > 0)
			r = fn(data, entry->d_name);
		if (r < 0)
			return r;
	}
	return -errno;
}

int dir_each_file(int dirfd, const char *path, dir_fn fn, void *data)
{
	return each_of_type(dirfd, path, 1u << DT_REG, fn, data);
}

int dir_each_file_or_link(int dirfd, const char *path, dir_fn fn, void *data)
{
	return each_of_type(dirfd, path, 1u << DT_REG | 1u << DT_LNK, fn, data);
}

int dir_each_folder(int dirfd, const char *path, dir_fn fn, void *data)
{
	return each_of_type(dirfd, path, 1u << DT_DIR, fn, data);
}

int dir_read(int dirfd, const char *path, char *buf, size_t size, size_t *ret_len)
{
	_cleanup_(closep) int fd = root_open_beneath(dirfd, path, 0);

	return fd < 0 ? fd : root_read_fd(fd, buf, size, ret_len);
}

int dir_read_line(int dirfd, const char *path, char *buf, size_t size)
{
	_cleanup_(closep) int at = -1;
	const char *last;

	at = root_open_parent(dirfd, path, &last);
	return at < 0 ? at : root_read_line(at, last, buf, size);
}

bool dir_exists(int dirfd, const char *path)
{
	_cleanup_(closep) int at = -1;
	const char *last;

	at = root_open_parent(dirfd, path, &last);
	return at >= 0 && root_exists(at, last);
}

/* Makes a relative path with plain slashes of one from a boot entry. */
static int clean_path(const char *path, char buf[PATH_MAX])
{
	size_t len = 0;

	while (*path == '/' || *path == '\\')
		path++;
	for (; *path; path++) {
		if (len + 1 == PATH_MAX)
			return -ENAMETOOLONG;
		buf[len++] = *path == '\\' ? '/' : *path;
	}
	buf[len] = '\0';
	return 0;
}

/* To the directory that holds the last part of a path from a boot entry. Returns it (a new fd), and
 * where in buf the last part begins. What is no directory holds no file. */
static int walk_path(int dirfd, const char *path, char buf[PATH_MAX], const char **ret_last)
{
	int r = clean_path(path, buf);

	if (r == 0)
		r = root_open_parent(dirfd, buf, ret_last);
	return r == -ENOTDIR ? -ENOENT : r;
}

int dir_file_size(int dirfd, const char *path, uint64_t *ret_size)
{
	_cleanup_(closep) int at = -1;
	char buf[PATH_MAX];
	const char *last;
	struct stat st;

	at = walk_path(dirfd, path, buf, &last);
	if (at < 0)
		return at;
	if (fstatat(at, last, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -ENOENT;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

int dir_open_file(int dirfd, const char *path)
{
	_cleanup_(closep) int at = -1, fd = -1;
	char buf[PATH_MAX];
	const char *last;
	struct stat st;
	int r;

	at = walk_path(dirfd, path, buf, &last);
	if (at < 0)
		return at;
	/* A pipe without a writer would make us wait. */
	fd = openat(at, last, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	r = fd;
	fd = -1;
	return r;
}

int dir_file_mark(int fd, struct dir_mark *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	ret->size = (uint64_t)st.st_size;
	ret->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return 0;
}

ssize_t dir_read_at(int fd, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)buf + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
