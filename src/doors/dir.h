/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What lies on $BOOT, and other people's folders: nothing here follows a symbolic link or `..`, in
 * any part of a path. */

/* Called for each regular file of a directory. A negative return ends the walk with that errno. */
typedef int (*dir_fn)(void *data, const char *name);

/* Calls fn for each regular file of a directory (path relative to dirfd), in the order of the disk.
 * Symbolic links, directories and special files are passed over. 0; -ENOENT without the directory;
 * other negative errno, also what fn returned. */
int dir_each_file(int dirfd, const char *path, dir_fn fn, void *data);

/* The same for regular files and symbolic links. */
int dir_each_file_or_link(int dirfd, const char *path, dir_fn fn, void *data);

/* The same for the directories in it, but `.` and `..`. */
int dir_each_folder(int dirfd, const char *path, dir_fn fn, void *data);

/* Read a whole small file as root_read() and root_read_line() do; path relative to dirfd, without
 * leading slash. Their results, and those of root_open_parent(). */
int dir_read(int dirfd, const char *path, char *buf, size_t size, size_t *ret_len);
int dir_read_line(int dirfd, const char *path, char *buf, size_t size);

/* True if there is something of this name; a symbolic link at the end is something. */
bool dir_exists(int dirfd, const char *path);

/* Size of a regular file. path: as it stands in a boot entry, `/` or `\` between its parts,
 * relative to dirfd although it begins with one. 0; -ENOENT if there is no such file; -ELOOP if a
 * part of the path is a symbolic link, which is not followed; -EINVAL for a path with `..` or an
 * empty one; other negative errno. */
int dir_file_size(int dirfd, const char *path, uint64_t *ret_size);

/* Opens a regular file for reading; path as for dir_file_size(). Returns the fd, or its
 * errors. */
int dir_open_file(int dirfd, const char *path);

/* What tells that an open file is still the same: a writer changes one of them. FAT keeps the time
 * to 2 s. */
struct dir_mark {
	uint64_t size;
	int64_t mtime_ns;
};
int dir_file_mark(int fd, struct dir_mark *ret); /* 0 or negative errno */

/* Reads len bytes at offset, fewer only at the end of the file; retries on EINTR. Returns how many,
 * or negative errno. */
ssize_t dir_read_at(int fd, uint64_t offset, void *buf, size_t len);
