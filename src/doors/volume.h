/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "fat.h"

/* A FAT file system on its partition, without the kernel's file system: its directories and chains
 * are read, and names are changed or taken away by writing one sector. No cluster is ever allocated
 * or freed here. Paths: "loader/entries", relative to the root, letter case ignored (ASCII). */
struct volume {
	int fd;
	bool is_alone;		 /* for writing, and nobody has it mounted */
	unsigned int block_size; /* of the device: what it writes at once, 512..4096 */
	struct fat_layout layout;
};

/* Opens a partition ("/dev/vda1"). alone: for writing, O_DIRECT, and for nobody else (O_EXCL):
 * -EBUSY if it is mounted anywhere, here too. Not alone: for reading only, through the cache that
 * the kernel's file system of this device uses too, so that what a mount has written so far is
 * seen. 0; -EUCLEAN if this is no FAT file system that we understand; -EROFS; other negative errno.
 */
int volume_open(const char *node, bool alone, struct volume *ret);
void volume_close(struct volume *v);

/* True if the dirty bit is set: somebody has it mounted for writing, or a power cut came while
 * somebody had. (FAT12 has none: false.) Source: FAT specification, FAT[1] and BS_Reserved1 as
 * Linux uses it. */
bool volume_is_dirty(const struct volume *v);

/* The name cannot be changed by writing one sector. */
#define VOLUME_ELSEWHERE 1

/* Gives a file another long name by writing one sector of its directory: the short name, the time,
 * the first cluster stay, only two states exist on the disk. Then flushes. alone only. 0;
 * VOLUME_ELSEWHERE if its slots lie in two sectors, the new name needs more slots than there are
 * (its own, and deleted ones just before them in the same sector), it has no long name, or either
 * is not plain ASCII of [A-Za-z0-9+-_.@~^]; -ENOENT; -EEXIST if any entry there has the new name,
 * long or short; -EUCLEAN if the directory is not sane; other negative errno: after -EIO either
 * name may be there. */
int volume_rename(struct volume *v, const char *dir, const char *old_name, const char *new_name);

/* Takes a name away: its slots become deleted ones (the short entry first, where they lie in two
 * sectors), flushed. Its clusters stay as they are: they may be a live file's as well; if they are
 * not, they are lost until a check of the file system gives them back. alone only. 0; negative
 * errno as above. */
int volume_forget(struct volume *v, const char *dir, const char *name);

struct volume_entry {
	char name[NAME_SIZE * 3]; /* the long name as UTF-8, else the short one */
	uint32_t cluster;	  /* the first, 0 = none */
	uint32_t size;		  /* bytes */
	bool is_dir, is_read_only;
	bool is_whole; /* its long name, if it has one, matches its short one */
};

/* Told about each entry but "." and "..", the label and deleted ones. A negative return ends the
 * walk with that errno. */
typedef int (*volume_entry_fn)(void *data, const struct volume_entry *e);

/* Calls fn for each entry of a directory ("" = the root), in the order of the disk. 0; -ENOENT;
 * -EUCLEAN if its chain is not sane; other negative errno. */
int volume_each(struct volume *v, const char *dir, volume_entry_fn fn, void *data);

/* How the clusters of a file agree with its size. */
enum volume_chain {
	CHAIN_WHOLE,
	CHAIN_SHORT,  /* it ends before its size does; also a size without a cluster */
	CHAIN_LONG,   /* it goes on behind its size; also a cluster without a size */
	CHAIN_BROKEN, /* a free, bad or impossible cluster, or a loop */
};

/* Follows the chain of a file (of a directory: SHORT and LONG cannot be). enum volume_chain, or
 * negative errno. */
int volume_check_chain(struct volume *v, const struct volume_entry *e);
