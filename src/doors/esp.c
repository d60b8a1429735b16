// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp.h"
#include "root.h"

#define SECTOR_SIZE   512u
#define MAX_TEMPORARY 10

/* A directory and the one that it is in: a commit needs both. */
struct place {
	int fd;
	int parent_fd;
};

static void place_close(struct place *place)
{
	closep(&place->fd);
	closep(&place->parent_fd);
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

static int place_open(int dirfd, const char *dir, struct place *ret)
{
	_cleanup_(closep) int parent_fd = -1;
	char parent[PATH_MAX];
	const char *last;
	int fd, r;

	r = split(dir, parent, &last);
	if (r < 0)
		return r;
	parent_fd = root_open_dir(dirfd, parent);
	if (parent_fd < 0)
		return parent_fd;
	fd = root_open_dir(parent_fd, last);
	if (fd < 0)
		return fd;
	*ret = (struct place){.fd = fd, .parent_fd = parent_fd};
	parent_fd = -1;
	return 0;
}

/* Some file systems of a test tree cannot flush a directory. */
static int flush(int fd)
{
	if (fsync(fd) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

/* The order matters: first the file (its name and first cluster are one sector), then its directory
 * (the old name goes), then the parent (the list of a directory that was made since the mount). */
static int commit(int file_fd, const struct place *place)
{
	int r;

	r = flush(file_fd);
	if (r < 0)
		return r;
	r = flush(place->fd);
	if (r < 0)
		return r;
	return flush(place->parent_fd);
}

static int rename_in(const struct place *place, const char *old_name, const char *new_name,
		     unsigned int flags)
{
	if (renameat2(place->fd, old_name, place->fd, new_name, flags) < 0)
		return -errno;
	return 0;
}

static int open_file(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

	return fd < 0 ? -errno : fd;
}

/* Makes an empty file, or takes over one that is empty. The fd, or -EEXIST: there is content. */
static int reserve(const struct place *place, const char *name)
{
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r;

	fd = open_file(place->fd, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd == -EEXIST) {
		fd = open_file(place->fd, name, O_RDWR);
		if (fd == -EISDIR || fd == -ELOOP)
			return -EEXIST;
	}
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > 0)
		return -EEXIST;
	r = fd;
	fd = -1;
	return r;
}

int esp_rename(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(place_close) struct place place = {-1, -1};
	_cleanup_(closep) int file_fd = -1;
	int r;

	r = place_open(dirfd, dir, &place);
	if (r < 0)
		return r;
	file_fd = open_file(place.fd, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	r = rename_in(&place, old_name, new_name, RENAME_NOREPLACE);
	if (r < 0)
		return r;
	return commit(file_fd, &place);
}

int esp_rename_reserved(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(place_close) struct place place = {-1, -1};
	_cleanup_(closep) int file_fd = -1, new_fd = -1;
	int r;

	r = place_open(dirfd, dir, &place);
	if (r < 0)
		return r;
	file_fd = open_file(place.fd, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	new_fd = reserve(&place, new_name);
	if (new_fd < 0)
		return new_fd;
	r = commit(new_fd, &place);
	if (r == 0)
		r = rename_in(&place, old_name, new_name, 0);
	if (r < 0) {
		(void)unlinkat(place.fd, new_name, 0);
		return r;
	}
	return commit(file_fd, &place);
}

static int write_at(int fd, off_t at, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int write_at_start(int fd, const char *data, size_t len)
{
	return write_at(fd, 0, data, len);
}

/* Leftovers of a power cut are passed over, not removed: they may share a chain with a live file.
 */
static int make_temporary(const struct place *place, char ret_name[static NAME_MAX + 1])
{
	int fd = -EEXIST;

	for (int i = 0; fd == -EEXIST && i < MAX_TEMPORARY; i++) {
		(void)snprintf(ret_name, NAME_MAX + 1, ".bootassess-%d", i);
		fd = reserve(place, ret_name);
	}
	return fd;
}

/* After an exchange: both chains have a name until both are flushed. */
static int drop_exchanged(const struct place *place, int fd, int old_fd, const char *temporary)
{
	int r;

	r = flush(fd);
	if (r < 0)
		return r;
	r = commit(old_fd, place);
	if (r < 0)
		return r;
	if (unlinkat(place->fd, temporary, 0) < 0)
		return -errno;
	return flush(place->fd);
}

/* old_fd: the file that is replaced, or -1 if there is none or it is empty: then a plain rename
 * frees no chain. */
static int write_by_temporary(const struct place *place, const char *name, int old_fd,
			      const void *data, size_t len)
{
	_cleanup_(closep) int fd = -1;
	char temporary[NAME_MAX + 1];
	int r;

	fd = make_temporary(place, temporary);
	if (fd < 0)
		return fd;
	r = write_at_start(fd, data, len);
	if (r == 0)
		r = commit(fd, place);
	if (r == 0)
		r = rename_in(place, temporary, name, old_fd < 0 ? 0 : RENAME_EXCHANGE);
	if (r < 0) {
		(void)unlinkat(place->fd, temporary, 0);
		return r;
	}
	if (old_fd < 0)
		return commit(fd, place);
	return drop_exchanged(place, fd, old_fd, temporary);
}

int esp_rename_over(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(place_close) struct place place = {-1, -1};
	_cleanup_(closep) int file_fd = -1, lost_fd = -1;
	int r;

	r = place_open(dirfd, dir, &place);
	if (r < 0)
		return r;
	file_fd = open_file(place.fd, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	lost_fd = open_file(place.fd, new_name, O_RDONLY);
	if (lost_fd < 0)
		return lost_fd;
	r = rename_in(&place, old_name, new_name, RENAME_EXCHANGE);
	return r < 0 ? r : drop_exchanged(&place, file_fd, lost_fd, old_name);
}

static int make_dir(int dirfd, const char *dir)
{
	_cleanup_(place_close) struct place place = {-1, -1};
	int r;

	if (mkdirat(dirfd, dir, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	r = place_open(dirfd, dir, &place);
	if (r < 0)
		return r;
	r = flush(place.fd);
	if (r < 0)
		return r;
	return flush(place.parent_fd);
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

int esp_write_file(int dirfd, const char *dir, const char *name, const void *data, size_t len)
{
	_cleanup_(place_close) struct place place = {-1, -1};
	_cleanup_(closep) int fd = -1;
	struct stat st = {0};
	int r;

	if (len > ESP_FILE_MAX)
		return -EFBIG;
	r = make_dirs(dirfd, dir);
	if (r == 0)
		r = place_open(dirfd, dir, &place);
	if (r < 0)
		return r;
	fd = open_file(place.fd, name, O_RDWR);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	if (fd >= 0 && fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > (off_t)ESP_FILE_MAX)
		return -EFBIG;
	/* More than a sector, or another size, which changes the directory entry: no longer one
	 * write. */
	if (fd < 0 || len > SECTOR_SIZE || st.st_size != (off_t)len)
		return write_by_temporary(&place, name, st.st_size > 0 ? fd : -1, data, len);
	r = write_at_start(fd, data, len);
	if (r < 0)
		return r;
	if (fdatasync(fd) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

int esp_write_sector_at(int dirfd, const char *dir, const char *name, unsigned int index,
			const void *sector)
{
	off_t at = (off_t)index * (off_t)SECTOR_SIZE;
	_cleanup_(closep) int dir_fd = -1, fd = -1;
	struct stat st;
	int r;

	dir_fd = root_open_dir(dirfd, dir);
	if (dir_fd < 0)
		return dir_fd;
	fd = open_file(dir_fd, name, O_RDWR);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* A file that grows gets clusters, and its directory entry changes: no longer one write. */
	if (!S_ISREG(st.st_mode) || st.st_size < at + (off_t)SECTOR_SIZE)
		return -ERANGE;
	r = write_at(fd, at, sector, SECTOR_SIZE);
	if (r < 0)
		return r;
	if (fdatasync(fd) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}
