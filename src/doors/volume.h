/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fat.h"

/* A FAT file system on its partition, without the kernel's file system: its directories and chains
 * are read, and names are changed or taken away by writing one sector. No cluster is ever freed
 * here, and none is allocated but by volume_make_room(). Paths: "loader/entries", relative to the
 * root, letter case ignored (ASCII). */
struct volume {
	int fd;
	bool is_alone;		 /* for writing, and nobody has it mounted */
	bool is_unsure;		 /* a write failed: the old or the new bytes may be there */
	unsigned int block_size; /* of the device: what it writes at once, 512..4096 */
	uint64_t size;		 /* of the partition, bytes */
	struct fat_layout layout;
	/* Its own: what was read last, of directories and of the FAT. */
	unsigned char *buffer;
	uint64_t window_at[2], window_len[2];
};

/* Nothing is open. */
#define VOLUME_INIT ((struct volume){.fd = -1})

/* Opens a partition ("/dev/vda1"), or an image in a file. alone: for writing, O_DIRECT, and for
 * nobody else (O_EXCL): -EBUSY if it is mounted anywhere, here too (not told of an image). Not
 * alone: for reading only, through the cache that the kernel's file system of this device uses too,
 * so that what a mount has written so far is seen. ret: volume_close() is due only after 0. 0;
 * -EUCLEAN if this is no FAT file system that we understand; -EROFS; other negative errno. */
int volume_open(const char *node, bool alone, struct volume *ret);
void volume_close(struct volume *v);

/* True if the dirty bit was set when it was opened: somebody has it mounted for writing, or a power
 * cut came while somebody had. Linux sets it for all three types, in BS_Reserved1 of the boot
 * sector; that is what fsck.fat looks at. */
bool volume_is_dirty(const struct volume *v);

/* The name cannot be changed by writing one sector. */
#define VOLUME_ELSEWHERE 1

/* Gives a file or directory another long name by writing one block of the device, in which its
 * slots lie: the short name, the time, the first cluster stay, only two states exist on the disk.
 * Then flushes, and reads it back. alone only (-EBADF). 0; VOLUME_ELSEWHERE if its slots lie in two
 * blocks, the new name needs more slots than there are (its own, and deleted ones just before them
 * in the same block), it has no long name, its short name is the old name in capitals (it would
 * remain a name of the file), or either is not plain (fat_is_plain_name()); -ENOENT; -EEXIST if any
 * other entry there has the new name, long or short; -EUCLEAN if the directory is not sane, or has
 * the old name twice; other negative errno: with is_unsure set, either name may be there, else
 * nothing was written. */
int volume_rename(struct volume *v, const char *dir, const char *old_name, const char *new_name);

/* Takes a name away, whatever characters it has: its slots become deleted ones (the short entry
 * first, where they lie in two blocks), flushed. Of two entries of the same name the first in the
 * order of the disk. Its clusters stay as they are: they may be a live file's as well; if they are
 * not, they are lost until a check of the file system gives them back. alone only. 0; negative
 * errno as above. */
int volume_forget(struct volume *v, const char *dir, const char *name);

/* The same for an entry that volume_each() told about (its slot): the right one of two that have
 * the same name. -ESTALE if another one is there now. */
struct volume_entry;
int volume_forget_entry(struct volume *v, const char *dir, const struct volume_entry *e);

/* Makes durable what others have written to the partition, fsck.fat say. 0 or negative errno. */
int volume_flush(struct volume *v);

struct volume_entry {
	char name[FAT_TEXT_SIZE];	 /* the long name as UTF-8, else the short one */
	char short_name[FAT_SHORT_SIZE]; /* "ACTIVE~1.CON" */
	uint32_t cluster;		 /* the first, 0 = none */
	uint32_t size;			 /* bytes */
	unsigned int slot;		 /* its short entry, counted from the start, 0.. */
	bool is_dir, is_read_only;
	bool is_whole; /* its long name, if it has one, matches its short one */
};

/* Told about each entry but "." and "..", the label and deleted ones. A negative return ends the
 * walk with that errno. It may read the volume, but not change it. */
typedef int (*volume_entry_fn)(void *data, const struct volume_entry *e);

/* Calls fn for each entry of a directory ("" = the root), in the order of the disk. 0; -ENOENT;
 * -ENOTDIR; -EUCLEAN if its chain is not sane (it has been told about some entries then); other
 * negative errno. */
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

/* What the FAT says of a cluster: the next one, FAT_END or FAT_BROKEN (core/fat.h). 0 or negative
 * errno (-EUCLEAN: there is no such cluster). */
int volume_next_cluster(struct volume *v, uint32_t cluster, uint32_t *ret);

/* What was read is read anew: somebody else has written, fsck.fat say. */
void volume_forget_cache(struct volume *v);

/* True (1) if a directory has not this many free slots (1..FAT_DIR_SLOTS) in a row, and
 * volume_make_room() could give it some. Deleted ones and those behind the end are free, as for
 * Linux, which takes the first row that is long enough, and grows the directory only if there is
 * none. 0; -ENOENT; -ENOTDIR; -EUCLEAN if its chain is not sane; other negative errno. */
int volume_lacks_room(struct volume *v, const char *dir, unsigned int n_slots);

/* Lets a directory grow until it has so many free slots in a row. Linux writes the link to the new
 * cluster, its end mark and its bytes in no order: a power cut between them, and the directory
 * cannot be read at all. Here each step is flushed, and read back, before the next one: zeroes into
 * a free cluster; one less in FSINFO; the end mark; the link; each in the last copy of the FAT
 * first, in the first one, which everybody reads, last. A cut leaves a lost cluster, a number in
 * FSINFO that is too small by one, or copies that differ, at most. alone only (-EBADF). 0: it has
 * them, where it had them before nothing was written; VOLUME_ELSEWHERE if it cannot grow: the root
 * of FAT12 and 16, a directory that is as long as can be, one whose last entry in a FAT12 lies in
 * two blocks; -ENOSPC if no cluster is free; negative errno as for volume_lacks_room(), or of a
 * write: a cut at that place, and is_unsure set, is what may be there. */
int volume_make_room(struct volume *v, const char *dir, unsigned int n_slots);
