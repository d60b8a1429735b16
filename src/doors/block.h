/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A partition that may hold boot entries. */
struct block_partition {
	char node[64];	   /* device node, "/dev/vda1" */
	char disk[32];	   /* name of the whole disk, "vda" */
	char partuuid[37]; /* lower case; "" = it is no partition */
	char type[16]; /* of the file system, as the kernel calls it, "ext4"; "" = not looked at */
};

enum block_verdict {
	BLOCK_FOUND,
	BLOCK_NONE,	 /* nothing like it there (yet) */
	BLOCK_AMBIGUOUS, /* several, and nothing that says which */
};

/* Looks at every whole disk of /sys/class/block once, by libblkid and without udev, for GPT
 * partitions of the types ESP and XBOOTLDR. partuuid (any case; "" = not known) names the ESP;
 * without one the only ESP is taken; two with the same PARTUUID (a cloned disk) are ambiguous.
 * XBOOTLDR is looked for on the ESP's disk only; ret_xbootldr->node is "" where there is none, or
 * more than one: then ret_xbootldr->disk is not. Disks that cannot be opened or read (no medium,
 * EIO) are passed over, and so are those that another device holds as a whole (multipath, firmware
 * RAID: they cannot be mounted) and partitions that the kernel does not show; zram, device mapper,
 * loop without a backing file, and floppy drives are not opened. Returns enum block_verdict, or
 * negative errno if /sys could not be read. *ret_esp and *ret_xbootldr are written for BLOCK_FOUND
 * only. *ret_n_esps: how many were seen. Source: UAPI.3 Discoverable Partitions. */
int block_find_esp(const char *partuuid, struct block_partition *ret_esp,
		   struct block_partition *ret_xbootldr, unsigned int *ret_n_esps);

/* True for what block_find_filesystem() understands. */
bool block_is_filesystem_name(const char *name);

/* Looks once for the file system "UUID=...", "LABEL=...", "PARTUUID=..." or "PARTLABEL=..." (a
 * plain UUID is one too), by libblkid and without udev: in partitions, disks without partitions,
 * arrays of md, and, if nothing else has it, in active logical volumes and opened encryption. Not
 * in a member of an array or of anything else, nor in a partition of one: metadata 1.0 of md lies
 * at the end, so a member looks like the file system itself. Tags are found in any letter case,
 * UUIDs too; labels are exact. Devices that cannot be read, or that hold more than one thing, are
 * passed over. BLOCK_AMBIGUOUS: two have it (a copy; btrfs over several devices). Returns enum
 * block_verdict; -EINVAL: no such name; other negative errno: /sys cannot be read. *ret is written
 * for BLOCK_FOUND only; ret->disk is the device itself where it is no partition. */
int block_find_filesystem(const char *name, struct block_partition *ret);

#define BLOCK_TEXT_SIZE 112

/* A partition of a GPT, and what is in it. */
struct block_entry {
	unsigned int number;	     /* 1.. */
	char node[64];		     /* "" = the kernel does not show it */
	char label[BLOCK_TEXT_SIZE]; /* its name, UTF-8; "" = none */
	char partuuid[40], type[40]; /* as text, lower case */
	uint64_t flags;		     /* attributes */
	bool read_only;		     /* the device */
	/* Of the file system, or whatever it is; "" = none */
	char fs_uuid[BLOCK_TEXT_SIZE], fs_label[BLOCK_TEXT_SIZE];
	bool is_container; /* encrypted, or a member of a volume group, array or pool */
	bool is_unclear; /* it cannot be read, more than one thing is in it, or a name is longer */
};

typedef void (*block_entry_fn)(void *data, const struct block_entry *e);

/* Calls fn for each partition of a disk ("vda"), in the order of its table. 0; -EPROTOTYPE if it
 * has no GPT; other negative errno. Source: UEFI 2.10 section 5.3. */
int block_read_gpt(const char *disk, block_entry_fn fn, void *data);

/* Opens a partition ("/dev/vda3") of this disk for writing, for nobody else. Returns the fd; -EBUSY
 * if it is mounted, used as swap, or part of another device; -EROFS if it is read-only; -ESTALE if
 * the node is not that partition; other negative errno. */
int block_open_alone(const char *disk, const char *node);

/* Erases every signature by which libblkid knows a file system, an array, a volume or a partition
 * table, in all places, as `wipefs -a` does, then writes that out and looks again. The data stays.
 * 0; -EIO if something is still there; other negative errno. Source: wipefs(8). */
int block_wipe(int fd);

/* Waits for kernel uevents of block devices. Opens the socket: fd or negative errno. Open it before
 * the first look, so that nothing is missed between. */
int block_watch(void);

/* Waits until something happened to a block device (0), or timeout_ms are over (1), negative errno.
 * Everything that is queued is drained; events of other subsystems do not end the wait. */
int block_wait(int watch_fd, int timeout_ms);
