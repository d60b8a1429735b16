/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What /sys/class/block tells without opening a device. Shared by the parts of this door; nobody
 * else needs it. sysfs: its fd; name, disk: as they are called there ("vda1", "cciss!c0d0"). */

typedef void (*block_sysfs_fn)(void *data, int sysfs, const char *name);

/* Calls fn for each block device, partitions too. 0 or negative errno. */
int block_sysfs_each(block_sysfs_fn fn, void *data);

/* True for a whole disk that may have a partition table: not one that something else holds. A
 * floppy drive, zram, device mapper, or a loop device without a file are not opened. */
bool block_sysfs_may_have_table(int sysfs, const char *name);

/* True for what may hold a file system itself: a partition, a disk without partitions, an array.
 * is_mapped: only logical volumes and opened encryption, that are active; without it: only the
 * others. Not what is empty, held by something else, or part of a disk that is. */
bool block_sysfs_may_have_files(int sysfs, const char *name, bool is_mapped);

/* "sda" + 1 -> "sda1", "mmcblk0" + 1 -> "mmcblk0p1". False if the kernel does not show it (device
 * mapper has no such nodes; or not yet there). */
bool block_sysfs_partition(int sysfs, const char *disk, int number, char *ret, size_t size);

/* The disk that a partition is on; itself for anything else. 0; -ENAMETOOLONG; negative errno. */
int block_sysfs_disk(int sysfs, const char *name, char *ret, size_t size);

/* "/dev/sda1". /sys has `!` where /dev has a directory: cciss!c0d0. 0 or -ENAMETOOLONG. */
int block_sysfs_node(const char *name, char *ret, size_t size);

/* True if it is write-protected, or that cannot be told. */
bool block_sysfs_is_read_only(int sysfs, const char *name);
