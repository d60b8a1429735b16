/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a FAT file system: what a boot sector, an entry of the FAT and the slots of a
 * directory say, and how the slots of a name are changed. Pure: the caller reads and writes.
 * Source: Microsoft FAT specification 1.03; where it leaves a choice, as Linux fs/fat does it. */

#define FAT_SLOT_SIZE  32
#define FAT_LONG_SLOTS 20    /* the most that one long name has: 13 characters each */
#define FAT_NAME_MAX   255   /* UTF-16 units */
#define FAT_DIR_SLOTS  65536 /* the most that a directory has */
#define FAT_TEXT_SIZE  766   /* of the longest name as UTF-8, terminated */
#define FAT_SHORT_SIZE 13    /* "ACTIVE~1.CON", terminated */

/* Where everything lies in a FAT file system. Offsets are bytes from the start of the partition. */
struct fat_layout {
	unsigned int type;	  /* 12, 16, 32: bits of an entry of the FAT */
	unsigned int sector_size; /* bytes, 512..4096, a power of two */
	uint32_t cluster_size;	  /* bytes, a power of two */
	uint64_t fat_at;	  /* the first FAT */
	uint64_t root_at;	  /* root directory of FAT12 and 16 */
	uint32_t root_size;	  /* its bytes; 0 for FAT32 */
	uint32_t root_cluster;	  /* of FAT32; else 0 */
	uint64_t data_at;	  /* cluster 2 */
	uint32_t end_cluster;	  /* clusters are 2..end_cluster-1 */
	bool is_dirty;		  /* somebody had it mounted for writing, and never unmounted it */
	unsigned int n_fats; /* copies of the FAT, one behind the other; the first one counts */
	uint64_t fat_size;   /* bytes of each */
	uint64_t fsinfo_at;  /* FSINFO of FAT32; 0 = none */
};

/* Reads the boot sector. boot: its first 512 bytes; size: of the partition, bytes. 0; -EUCLEAN if
 * this is no FAT file system, or one that lies in any point. */
int fat_parse_boot(const uint8_t boot[512], uint64_t size, struct fat_layout *ret);

/* True if there is such a cluster. */
bool fat_has_cluster(const struct fat_layout *l, uint32_t cluster);

/* Where a cluster begins. It must be one that there is. */
uint64_t fat_cluster_at(const struct fat_layout *l, uint32_t cluster);

/* Where the entry of a cluster lies in the FAT: 2 bytes, or 4 for FAT32. */
uint64_t fat_entry_at(const struct fat_layout *l, uint32_t cluster);

/* What the entry (2 bytes, or 4) of this cluster says: the next cluster, FAT_END, or FAT_BROKEN: it
 * is free, marked bad, reserved, or there is no such cluster. */
#define FAT_END	   UINT32_MAX
#define FAT_BROKEN 0
uint32_t fat_next(const struct fat_layout *l, uint32_t cluster, const uint8_t *entry);

/* True if this entry says that its cluster is free. There must be such a cluster. */
bool fat_is_free(const struct fat_layout *l, uint32_t cluster, const uint8_t *entry);

/* Makes the entry (as above) say that this cluster follows, or FAT_END. What else is in these bytes
 * stays: half of another entry of FAT12, the upper four bits of FAT32. */
void fat_put_next(const struct fat_layout *l, uint32_t cluster, uint8_t *entry, uint32_t next);

/* Takes one from the number of free clusters in a sector of FSINFO. False: it is none, or does not
 * tell the number, and nothing is changed. */
bool fat_count_taken(uint8_t fsinfo[512]);

/* What a slot of a directory is. */
enum fat_slot {
	FAT_SLOT_END,	/* nothing follows */
	FAT_SLOT_FREE,	/* deleted */
	FAT_SLOT_LONG,	/* a part of a long name */
	FAT_SLOT_LABEL, /* of the volume */
	FAT_SLOT_ENTRY, /* a file or directory: what was read since the last one belongs to it */
};

/* Reads a directory slot by slot. To begin: all zero. */
struct fat_scan {
	uint16_t unit[FAT_LONG_SLOTS * 13];
	unsigned int n_free; /* deleted slots just before the first one, at most FAT_LONG_SLOTS */
	unsigned int n_long; /* slots of its long name, 0 = it has none that is valid */
	bool is_whole;	     /* its long name matches its short one, or there is none at all */
	/* Its own. */
	unsigned int next; /* the part that must come now; 0 = the short entry */
	uint8_t checksum;
	bool is_orphaned; /* parts came that belong to nothing */
	bool is_over;	  /* the next slot begins anew */
};

/* True if this slot may be taken, deleted or never used: so Linux sees it, behind the end too. */
bool fat_slot_is_free(const uint8_t slot[FAT_SLOT_SIZE]);

/* Takes the next slot. FAT_SLOT_ENTRY: n_free, n_long and is_whole hold for this entry until the
 * next call. */
enum fat_slot fat_scan_slot(struct fat_scan *s, const uint8_t slot[FAT_SLOT_SIZE]);

/* The name of an entry as UTF-8: the long one, else the short one. slot: the short entry. */
void fat_scan_name(const struct fat_scan *s, const uint8_t *slot, char name[FAT_TEXT_SIZE]);

/* The short name, in the case that its flags tell; bytes outside of ASCII become `?`. */
void fat_short_name(const uint8_t *slot, char name[FAT_SHORT_SIZE]);

/* Fields of a short entry. */
uint32_t fat_slot_cluster(const struct fat_layout *l, const uint8_t *slot);
uint32_t fat_slot_size(const uint8_t *slot);
bool fat_slot_is_dir(const uint8_t *slot);
bool fat_slot_is_read_only(const uint8_t *slot);
bool fat_slot_is_dot(const uint8_t *slot); /* "." or ".." */

/* True if a file may get this name here, and has it already for all that write it: 1..255 of
 * [A-Za-z0-9+-_.@~^], no `.` at the end. Such names are the same bytes in every code page. */
bool fat_is_plain_name(const char *name);

/* The slots that a long name of plain ASCII needs. */
unsigned int fat_long_slots(const char *name);

/* Writes a long name (plain, see above) into the slots of an entry. slots: n_slots (1..20) slots
 * that the new name may have, then the short entry, which is only read. What the name does not need
 * is at the front, and becomes deleted. 0, or -ENOSPC: it needs more, and nothing is written. */
int fat_put_long_name(uint8_t *slots, unsigned int n_slots, const char *name);
