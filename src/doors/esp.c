// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp-dir.h"
#include "esp.h"
#include "root.h"

#define SECTOR_SIZE 512u

static int rename_in(const struct esp_dir *place, const char *old_name, const char *new_name,
		     unsigned int flags)
{
	if (renameat2(place->fd, old_name, place->fd, new_name, flags) < 0)
		return -errno;
	return 0;
}

int esp_rename(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int file_fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &place);
	if (r < 0)
		return r;
	file_fd = esp_dir_open_file(&place, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	r = rename_in(&place, old_name, new_name, RENAME_NOREPLACE);
	if (r < 0)
		return r;
	return esp_dir_commit(&place, file_fd);
}

/* Only while the name is the file that was reserved: where a rename was done and says that it was
 * not, it is the entry. */
static void drop_reserved(const struct esp_dir *place, int new_fd, const char *new_name)
{
	struct stat reserved, there;

	if (fstat(new_fd, &reserved) == 0 &&
	    fstatat(place->fd, new_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    reserved.st_ino == there.st_ino && there.st_size == 0)
		(void)unlinkat(place->fd, new_name, 0);
}

int esp_rename_reserved(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int file_fd = -1, new_fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &place);
	if (r < 0)
		return r;
	file_fd = esp_dir_open_file(&place, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	new_fd = esp_dir_reserve(&place, new_name);
	if (new_fd < 0)
		return new_fd;
	r = esp_dir_commit(&place, new_fd);
	if (r == 0)
		r = rename_in(&place, old_name, new_name, 0);
	if (r < 0) {
		drop_reserved(&place, new_fd, new_name);
		return r;
	}
	return esp_dir_commit(&place, file_fd);
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

/* After an exchange: both chains have a name until both are flushed. */
static int drop_exchanged(const struct esp_dir *place, int fd, int old_fd, const char *temporary)
{
	int r;

	r = esp_dir_flush(fd);
	if (r < 0)
		return r;
	r = esp_dir_commit(place, old_fd);
	if (r < 0)
		return r;
	if (unlinkat(place->fd, temporary, 0) < 0)
		return -errno;
	return esp_dir_flush(place->fd);
}

/* old_fd: the file that is replaced, or -1 if there is none or it is empty: then a plain rename
 * frees no chain. */
static int write_by_temporary(const struct esp_dir *place, const char *name, int old_fd,
			      const void *data, size_t len)
{
	_cleanup_(closep) int fd = -1;
	char temporary[NAME_MAX + 1];
	int r;

	fd = esp_dir_make_temporary(place, temporary);
	if (fd < 0)
		return fd;
	r = write_at_start(fd, data, len);
	if (r == 0)
		r = esp_dir_commit(place, fd);
	if (r == 0)
		r = rename_in(place, temporary, name, old_fd < 0 ? 0 : RENAME_EXCHANGE);
	if (r < 0) {
		(void)unlinkat(place->fd, temporary, 0);
		return r;
	}
	/* From here on the new content is there: no error that says that nothing was changed. */
	if (old_fd < 0)
		r = esp_dir_commit(place, fd);
	else
		r = drop_exchanged(place, fd, old_fd, temporary);
	return r < 0 ? -EIO : 0;
}

int esp_rename_over(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int file_fd = -1, lost_fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &place);
	if (r < 0)
		return r;
	file_fd = esp_dir_open_file(&place, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	lost_fd = esp_dir_open_file(&place, new_name, O_RDONLY);
	if (lost_fd < 0)
		return lost_fd;
	r = rename_in(&place, old_name, new_name, RENAME_EXCHANGE);
	return r < 0 ? r : drop_exchanged(&place, file_fd, lost_fd, old_name);
}

/* What FAT calls read-only stays so. */
static int copy_small(int from_fd, int to_fd)
{
	char buf[ESP_FILE_MAX + 1];
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(from_fd, &st) < 0)
		return -errno;
	n = root_read_up_to(from_fd, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	if (n == (ssize_t)sizeof(buf) || !S_ISREG(st.st_mode))
		return -EFBIG;
	r = write_at_start(to_fd, buf, (size_t)n);
	if (r == 0 && !(st.st_mode & S_IWUSR))
		(void)fchmod(to_fd, st.st_mode & 0777);
	return r;
}

int esp_rename_by_copy(int dirfd, const char *dir, const char *old_name, const char *new_name)
{
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int file_fd = -1, fd = -1;
	char temporary[NAME_MAX + 1];
	int r;

	r = esp_dir_open(dirfd, dir, false, &place);
	if (r < 0)
		return r;
	file_fd = esp_dir_open_file(&place, old_name, O_RDONLY);
	if (file_fd < 0)
		return file_fd;
	fd = esp_dir_make_temporary(&place, temporary);
	if (fd < 0)
		return fd;
	r = copy_small(file_fd, fd);
	if (r == 0)
		r = esp_dir_commit(&place, fd);
	if (r == 0)
		r = rename_in(&place, temporary, new_name, RENAME_NOREPLACE);
	if (r < 0) {
		(void)unlinkat(place.fd, temporary, 0);
		return r;
	}
	r = esp_dir_commit(&place, fd);
	if (r < 0)
		return r;
	if (unlinkat(place.fd, old_name, 0) < 0)
		return -errno;
	return esp_dir_commit(&place, fd);
}

int esp_write_file(int dirfd, const char *dir, const char *name, const void *data, size_t len)
{
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int fd = -1;
	struct stat st = {0};
	int r;

	if (len > ESP_FILE_MAX)
		return -EFBIG;
	r = esp_dir_open(dirfd, dir, true, &place);
	if (r < 0)
		return r;
	fd = esp_dir_open_file(&place, name, O_RDWR);
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
	_cleanup_(esp_dir_close) struct esp_dir place = {-1, -1};
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r;

	r = esp_dir_open(dirfd, dir, false, &place);
	if (r < 0)
		return r;
	fd = esp_dir_open_file(&place, name, O_RDWR);
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
