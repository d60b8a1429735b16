/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* Every write to a FAT file system of $BOOT. dirfd: its mount, writable. dir: "loader/entries",
 * "EFI/Linux", "loader/bootassess". "commit(file)" = fsync(file), fsync(its directory), fsync(the
 * directory's parent), in this order: on vfat only fsync flushes the disk, and the file's own fsync
 * writes name and first cluster together. See ARCHITECTURE.md "Writing to the ESP". */

/* Counts: renames old to new, which must not exist (-EEXIST), then commits. The new name is never
 * reserved beforehand: an empty leftover under the loader's own next name would stop systemd-boot
 * from counting for ever. 0 or negative errno; after -EIO of a commit the rename may or may not
 * survive a power cut. */
int esp_rename(int dirfd, const char *dir, const char *old_name, const char *new_name);

/* Counts, where esp_rename() would have a crash state without a good name (its directory slots in
 * several sectors): copies the file to a temporary name, commits, renames that to the new name,
 * which must not exist (-EEXIST), commits, unlinks the old one, commits. Two names of one content
 * for a moment, never an empty one, never a shared chain. 0; -EFBIG: it has more than ESP_FILE_MAX
 * bytes; other negative errno (-ENOSPC): before the rename nothing is changed, after it both names
 * may be there. */
int esp_rename_by_copy(int dirfd, const char *dir, const char *old_name, const char *new_name);

/* Marks, arms, blesses: creates the new name empty (an empty leftover of an earlier try is taken
 * over; a non-empty file is -EEXIST), commits, renames over it, commits. No crash state without a
 * good name. Only for names that are not the loader's next one. 0 or negative errno; on an error
 * before the rename the empty name is removed again. */
int esp_rename_reserved(int dirfd, const char *dir, const char *old_name, const char *new_name);

/* Renames old over new, which exists and is given up: exchange, both flushed, what is called old
 * now is unlinked. A plain rename over a file frees its chain in one epoch with the new name. 0 or
 * negative errno (-EINVAL where the kernel cannot exchange, vfat before Linux 6.0). */
int esp_rename_over(int dirfd, const char *dir, const char *old_name, const char *new_name);

/* A file that is longer is not written. */
#define ESP_FILE_MAX 16384

/* Writes a small file. One of at most a sector (512 bytes) that has this size already: in place,
 * one pwrite and fdatasync. One that does not exist or is empty: directories as needed, temporary
 * name
 * ".bootassess-N", commit, rename, commit. Any other (its directory entry or its chain changes
 * too): temporary, commit, exchange, both flushed, the old one unlinked. A temporary with content
 * that a power cut left is passed over, never removed: it may share its chain with a live file. 0
 * or negative errno, always -EIO once the new content has the name (-EFBIG for a longer len, or an
 * existing file longer than ESP_FILE_MAX; -EINVAL for the exchange where the kernel cannot do it,
 * vfat before Linux 6.0). */
int esp_write_file(int dirfd, const char *dir, const char *name, const void *data, size_t len);

/* Writes one sector (512 bytes) of a file that has it already: the index-th, 0.. One pwrite in
 * place and fdatasync. That is one request of one sector to the disk, which a power cut leaves as
 * it was or as it is meant; no cluster, no chain and no directory entry changes with it (but for
 * the time of the last change, which the kernel may write later, in a sector that stays the same
 * otherwise). 0, or negative errno; -ERANGE if the file is too short or no regular one: nothing is
 * written then, never is a file made longer here. */
int esp_write_sector_at(int dirfd, const char *dir, const char *name, unsigned int index,
			const void *sector);
