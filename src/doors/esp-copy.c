// SPDX-License-Identifier: LGPL-2.1-or-later
#include "esp-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "dir.h"
#include "esp-dir.h"
#include "root.h"

#define BLOCK_SIZE  (256u * 1024)
#define ALIGN_BYTES 4096 /* of buffers for O_DIRECT: no disk asks for more */

static void freep(void *p)
{
	free(*(void **)p);
}

/* Two blocks, aligned. NULL without memory. */
static char *make_buffer(void)
{
	void *p;

	return posix_memalign(&p, ALIGN_BYTES, 2 * BLOCK_SIZE) == 0 ? p : NULL;
}

static int write_all(int fd, uint64_t at, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)(at + done));

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

/* So many bytes as a block has, fewer at the end. */
static size_t block_at(const struct esp_source *src, uint64_t at)
{
	return src->size - at < BLOCK_SIZE ? (size_t)(src->size - at) : BLOCK_SIZE;
}

/* Of the source. -ESTALE: it is shorter than it was. */
static int read_source(const struct esp_source *src, uint64_t at, char *buf, size_t len)
{
	ssize_t n = dir_read_at(src->fd, src->offset + at, buf, len);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -ESTALE;
}

/* The kernel begins to write each block at once, while the next one is read: fsync(2) finds little
 * to do. */
static int write_content(int fd, const struct esp_source *src, char *buf)
{
	size_t len;
	int r;

	(void)posix_fadvise(src->fd, (off_t)src->offset, (off_t)src->size, POSIX_FADV_SEQUENTIAL);
	for (uint64_t at = 0; at < src->size; at += len) {
		len = block_at(src, at);
		r = read_source(src, at, buf, len);
		if (r == 0)
			r = write_all(fd, at, buf, len);
		if (r < 0)
			return r;
		(void)sync_file_range(fd, (off_t)at, (off_t)len, SYNC_FILE_RANGE_WRITE);
		if (src->progress)
			src->progress(src->data, len);
	}
	return 0;
}

/* All clusters beforehand. The size stays: what is beyond it is not filled with zeros first. */
static int take_room(int fd, uint64_t size)
{
	if (size == 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) == 0)
		return 0;
	return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -errno;
}

/* Opens a file so that it is read from the disk. tmpfs may not be able to. */
static int open_past_cache(const struct esp_dir *d, const char *name)
{
	int fd = esp_dir_open_file(d, name, O_RDONLY | O_DIRECT);

	if (fd != -EINVAL)
		return fd;
	fd = esp_dir_open_file(d, name, O_RDONLY);
	if (fd >= 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return fd;
}

/* After the commit. Reads whole blocks: O_DIRECT takes no other length; the end of the file cuts
 * the last one. -EBADMSG: not what was written. */
static int compare_content(const struct esp_dir *d, const char *name, const struct esp_source *src,
			   char *buf)
{
	_cleanup_(closep) int fd = open_past_cache(d, name);
	struct stat st;
	size_t len;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((uint64_t)st.st_size != src->size)
		return -EBADMSG;
	for (uint64_t at = 0; at < src->size; at += len) {
		ssize_t n = dir_read_at(fd, at, buf, BLOCK_SIZE);

		len = block_at(src, at);
		if (n < 0)
			return (int)n;
		r = read_source(src, at, buf + BLOCK_SIZE, len);
		if (r < 0)
			return r;
		if ((size_t)n != len || memcmp(buf, buf + BLOCK_SIZE, len) != 0)
			return -EBADMSG;
	}
	return 0;
}

static int set_time(int fd, const struct esp_source *src)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

	if (!src->mtime)
		return 0;
	times[1] = *src->mtime;
	return futimens(fd, times) < 0 ? -errno : 0;
}

/* fd: the file name of d. Its content becomes that of the source, durable and looked at. */
static int fill(const struct esp_dir *d, const char *name, int fd, const struct esp_source *src)
{
	_cleanup_(freep) char *buf = make_buffer();
	int r;

	if (!buf)
		return -ENOMEM;
	r = take_room(fd, src->size);
	if (r == 0)
		r = write_content(fd, src, buf);
	if (r == 0 && ftruncate(fd, (off_t)src->size) < 0)
		r = -errno;
	if (r == 0)
		r = set_time(fd, src);
	if (r == 0)
		r = esp_dir_commit(d, fd);
	return r < 0 ? r : compare_content(d, name, src, buf);
}

/* The fd of a temporary that is durable and has the content; none is left on an error. */
static int make_filled(const struct esp_dir *d, const struct esp_source *src,
		       char temporary[static NAME_MAX + 1])
{
	int fd = esp_dir_make_temporary(d, temporary), r;

	if (fd < 0)
		return fd;
	r = fill(d, temporary, fd, src);
	if (r == 0)
		return fd;
	closep(&fd);
	(void)unlinkat(d->fd, temporary, 0);
	return r;
}

static int rename_temporary(const struct esp_dir *d, const char *temporary, const char *name,
			    unsigned int flags)
{
	int r;

	if (renameat2(d->fd, temporary, d->fd, name, flags) == 0)
		return 0;
	r = -errno;
	(void)unlinkat(d->fd, temporary, 0);
	return r;
}

int esp_copy_new(int dirfd, const char *dir, const char *name, const struct esp_source *src)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1;
	char temporary[NAME_MAX + 1];
	int r;

	r = esp_dir_open(dirfd, dir, true, &d);
	if (r < 0)
		return r;
	if (root_exists(d.fd, name))
		return -EEXIST;
	fd = make_filled(&d, src, temporary);
	if (fd < 0)
		return fd;
	r = rename_temporary(&d, temporary, name, RENAME_NOREPLACE);
	if (r < 0)
		return r;
	return esp_dir_commit(&d, fd) < 0 ? -EIO : 0;
}

int esp_copy_temporary(int dirfd, const char *dir, const struct esp_source *src, char *temporary)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, true, &d);
	if (r < 0)
		return r;
	fd = make_filled(&d, src, temporary);
	return fd < 0 ? fd : 0;
}

int esp_exchange(int dirfd, const char *dir, const char *temporary, const char *name)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1, old_fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &d);
	if (r < 0)
		return r;
	fd = esp_dir_open_file(&d, temporary, O_RDONLY);
	if (fd < 0)
		return fd;
	old_fd = esp_dir_open_file(&d, name, O_RDONLY);
	if (old_fd < 0)
		return old_fd;
	r = rename_temporary(&d, temporary, name, RENAME_EXCHANGE);
	if (r < 0)
		return r;
	/* From here on the new content is there: no error that says that nothing was changed. */
	r = esp_dir_flush(fd);
	if (r == 0)
		r = esp_dir_commit(&d, old_fd);
	return r < 0 ? -EIO : 0;
}

/* Beside the first one, which is empty too, esp_dir_make_temporary() would take that again. */
#define PROBE ".bootassess-9"

int esp_try_exchange(int dirfd, const char *dir)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1, other_fd = -1;
	char temporary[NAME_MAX + 1];
	int r;

	r = esp_dir_open(dirfd, dir, true, &d);
	if (r < 0)
		return r;
	fd = esp_dir_make_temporary(&d, temporary);
	if (fd < 0)
		return fd;
	other_fd = strcmp(temporary, PROBE) == 0 ? -EEXIST : esp_dir_reserve(&d, PROBE);
	r = other_fd;
	if (r >= 0)
		r = renameat2(d.fd, temporary, d.fd, PROBE, RENAME_EXCHANGE) < 0 ? -errno : 0;
	if (other_fd >= 0)
		(void)unlinkat(d.fd, PROBE, 0);
	(void)unlinkat(d.fd, temporary, 0);
	return r;
}

int esp_copy_over(int dirfd, const char *dir, const char *name, const struct esp_source *src,
		  char *temporary)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	int r;

	r = esp_dir_open(dirfd, dir, false, &d);
	if (r < 0)
		return r;
	if (!root_exists(d.fd, name))
		return -ENOENT;
	r = esp_copy_temporary(dirfd, dir, src, temporary);
	return r < 0 ? r : esp_exchange(dirfd, dir, temporary, name);
}

int esp_copy_in_place(int dirfd, const char *dir, const char *name, const struct esp_source *src)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &d);
	if (r < 0)
		return r;
	fd = esp_dir_open_file(&d, name, O_RDWR);
	return fd < 0 ? fd : fill(&d, name, fd, src);
}

/* The file stays open until the directory is on the disk: only then its clusters become free. So
 * there is no moment in which a name has a chain that is free. */
int esp_unlink(int dirfd, const char *dir, const char *name)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	_cleanup_(closep) int fd = -1;
	int r;

	r = esp_dir_open(dirfd, dir, false, &d);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	fd = esp_dir_open_file(&d, name, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (unlinkat(d.fd, name, 0) < 0)
		return -errno;
	r = esp_dir_flush(d.fd);
	closep(&fd);
	return r < 0 ? r : esp_dir_flush(d.fd);
}

int esp_room(int dirfd, uint64_t *ret_free, uint64_t *ret_cluster)
{
	struct statvfs st;

	if (fstatvfs(dirfd, &st) < 0)
		return -errno;
	*ret_free = (uint64_t)st.f_bavail * st.f_frsize;
	*ret_cluster = st.f_frsize;
	return 0;
}

int esp_remove_dir(int dirfd, const char *dir)
{
	_cleanup_(esp_dir_close) struct esp_dir d = {-1, -1};
	const char *slash = strrchr(dir, '/');
	int r;

	r = esp_dir_open(dirfd, dir, false, &d);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (unlinkat(d.parent_fd, slash ? slash + 1 : dir, AT_REMOVEDIR) < 0)
		return -errno;
	r = esp_dir_flush(d.parent_fd);
	closep(&d.fd);
	return r < 0 ? r : esp_dir_flush(d.parent_fd);
}
