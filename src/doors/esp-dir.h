/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* A directory of $BOOT and the one that it is in: a commit needs both. Of the doors esp*.h alone;
 * words as there. */
struct esp_dir {
	int fd, parent_fd; /* -1 = closed */
};

/* Opens "loader/entries" ("." = the root), relative to dirfd, as root_open_beneath() does. is_made:
 * what is missing of it is made, each as ".bootassess-N", commit, rename, commit. 0 or negative
 * errno. */
int esp_dir_open(int dirfd, const char *dir, bool is_made, struct esp_dir *ret);
void esp_dir_close(struct esp_dir *d);

/* Opens a regular file of it, never by a symbolic link; a new one gets mode 0600. The fd or
 * negative errno; -EISDIR for a directory, -EINVAL for a FIFO or device (-ENXIO of one that is
 * written to).
 */
int esp_dir_open_file(const struct esp_dir *d, const char *name, int flags);

/* fsync(2), which some file systems of a test tree cannot do of a directory: then 0. */
int esp_dir_flush(int fd);

/* The order matters: first the file (its name and first cluster are one sector), then its directory
 * (the old name goes), then the parent (the list of a directory that was made since the mount). 0
 * or negative errno. */
int esp_dir_commit(const struct esp_dir *d, int file_fd);

/* Makes an empty file, or takes over one that is empty. The fd (for reading and writing), or
 * negative errno; -EEXIST: there is content, or it is no file. */
int esp_dir_reserve(const struct esp_dir *d, const char *name);

/* Makes ".bootassess-N", the first one that is free or empty: what a power cut left with content is
 * passed over, it may share its chain with a live file. The fd (for reading and writing) or
 * negative errno; -EEXIST: there are too many of them. */
int esp_dir_make_temporary(const struct esp_dir *d, char ret_name[static NAME_MAX + 1]);
