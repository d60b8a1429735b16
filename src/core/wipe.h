/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Which partitions of a disk ResetWipe= may name: pure, so that it can be tried with any disk and
 * any command line. What cannot be judged is refused. */

#define WIPE_PARTITIONS_MAX 128
#define WIPE_TEXT_SIZE	    112 /* the longest name of a partition: 36 UTF-16 units, and more */

/* Whose command line names a partition; else the number that the caller gave. */
#define WIPE_NOBODY  -2
#define WIPE_RUNNING -1

struct wipe_partition {
	unsigned int number;	       /* in the table, 1.. */
	char node[64];		       /* "/dev/vda3"; "" = the kernel does not show it */
	char label[WIPE_TEXT_SIZE];    /* PARTLABEL */
	char partuuid[40], type[40];   /* as text */
	uint64_t flags;		       /* GPT attributes */
	bool read_only;		       /* the device */
	char fs_uuid[WIPE_TEXT_SIZE];  /* of what is in it; "" = none, or not known */
	char fs_label[WIPE_TEXT_SIZE]; /* the same */
	bool is_container; /* it holds other devices: encrypted, LVM, RAID, a pool of disks */
	bool is_unclear;   /* what is in it could not be told */
	int named_by;	   /* whose command line says that it holds a system; filled in here */
};

struct wipe_table {
	struct wipe_partition part[WIPE_PARTITIONS_MAX];
	unsigned int n;
	bool is_cut; /* the disk has more */
	/* Filled in here, from the command lines. */
	bool has_hidden; /* a system lies in something that no partition of this disk shows */
	int hidden_by;
	bool has_unknown; /* a word says where a system lies in a way that is not understood */
	int unknown_by;
	char unknown[WIPE_TEXT_SIZE]; /* that word, cut where it is longer; or "no root=" */
	/* Of the command line that is being read. */
	bool has_root, has_hash; /* root= names one; roothash= */
};

/* Makes the table empty. */
void wipe_init(struct wipe_table *t);

/* A new partition, to be filled in; NULL if there is no room, which refuses every wipe. */
struct wipe_partition *wipe_add(struct wipe_table *t);

/* Marks every partition that a command line names as one of a system: root=, mount.usr=,
 * systemd.verity_*=, roothash=, usrhash=, and what rd.luks.* and cryptdevice= open; by PARTUUID,
 * PARTLABEL, UUID, LABEL or a path below /dev. by: whose it is, WIPE_RUNNING or 0.. . token, id:
 * SlotToken= and the id of the entry, which stands for it without its suffix; NULL = nothing is
 * replaced. Source: kernel-command-line(7), dracut.cmdline(7), bootparam(7). */
void wipe_protect(struct wipe_table *t, struct slice cmdline, int by, const char *token,
		  const char *id);

/* To be called at the end of each command line, which wipe_protect() may get in pieces. One that
 * does not say where its root is, or leaves it to the types of partitions (root=gpt-auto) on a disk
 * without a root or /usr partition by type, makes everything unknown: the initrd may know another
 * one, from its own fstab or /etc/cmdline.d. Source: systemd-gpt-auto-generator(8). */
void wipe_end_cmdline(struct wipe_table *t, int by);

/* Finds the partition that may be wiped under this name. Its index, or -1 with one phrase in why:
 * "is a root file system", "is there 2 times". by is written for -1: whose command line speaks
 * against it, or WIPE_NOBODY. */
int wipe_find(const struct wipe_table *t, struct slice label, struct text *why, int *ret_by);
