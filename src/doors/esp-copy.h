/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <time.h>

/* Writes of whole files to a FAT file system of $BOOT, beside those of esp.h; words as there. */

/* Where the content comes from, and who is told how far it is. */
struct esp_source {
	int fd;
	uint64_t offset, size;
	const struct timespec *mtime;		      /* the copy gets this time; NULL = now */
	void (*progress)(void *data, uint64_t bytes); /* so many more are written; NULL = nobody */
	void *data;
};

/* A new file: directories as needed, temporary ".bootassess-N" of its whole size beforehand, so
 * that -ENOSPC comes before anything else is changed, content, read back from the disk (past the
 * page cache) and compared, commit, rename without replacing, commit. 0; -EEXIST; -ENOSPC; -EBADMSG
 * if the disk does not hold what was written; other negative errno, -EIO where
 * the name is there and the disk did not confirm it. The temporary is removed again on an error. */
int esp_copy_new(int dirfd, const char *dir, const char *name, const struct esp_source *src);

/* The first half of it: the temporary alone (its name in temporary, NAME_MAX + 1 bytes), durable
 * and compared. */
int esp_copy_temporary(int dirfd, const char *dir, const struct esp_source *src, char *temporary);

/* The second half over a file that is there: exchanges the two names, both flushed. 0 or negative
 * errno, always -EIO once they are exchanged; -EINVAL where the kernel cannot exchange, vfat before
 * Linux 6.0. */
int esp_exchange(int dirfd, const char *dir, const char *temporary, const char *name);

/* Tries that on two empty files in this directory, which are removed again. 0; -EINVAL as above;
 * other negative errno. */
int esp_try_exchange(int dirfd, const char *dir);

/* Both: a new content for a file that is there. RENAME_EXCHANGE instead of the rename, both
 * flushed; the old content is then called temporary (NAME_MAX + 1 bytes), for the caller to
 * esp_unlink() when he needs it no more. */
int esp_copy_over(int dirfd, const char *dir, const char *name, const struct esp_source *src,
		  char *temporary);

/* The same over the content of a file that nothing boots meanwhile (its entry has another name): a
 * power cut leaves anything in it. All clusters are taken first: after -ENOSPC the content is as it
 * was. 0; -EBADMSG; other negative errno. */
int esp_copy_in_place(int dirfd, const char *dir, const char *name, const struct esp_source *src);

/* Removes a file whose chain is known to be sound, and flushes the directory. 0, also if there is
 * none; negative errno. */
int esp_unlink(int dirfd, const char *dir, const char *name);

/* What is free on the file system, and the bytes of a cluster. 0 or negative errno. */
int esp_room(int dirfd, uint64_t *ret_free, uint64_t *ret_cluster);

/* Removes a directory if it is empty, and flushes its parent. 0, also if there is none; -ENOTEMPTY;
 * other negative errno. */
int esp_remove_dir(int dirfd, const char *dir);
