/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/volume.h"

/* What the tests of repair_store() have in common: an ESP that is damaged by hand. */

#define NODE	  "/dev/ubda1"
#define PART_SIZE (4 << 20)
#define MNT	  "/mnt"
#define ENTRY_DIR "loader/entries"
#define KERNEL	  "a kernel that nobody may touch\n"

/* Before all else: the partition as it is now is what make() begins with. */
void repair_prepare(void);

/* Reads the partition (to raw), or writes it. */
extern unsigned char *raw;
void transfer(bool is_write, unsigned char *buf);
void mount_there(void);

/* An ESP with these files, as pairs of path and content; without content: a directory. */
void make(const char *const files[]);
extern const char *const twins[], *const temporary[];

/* A name that must be there, and the 32 bytes of its short entry, in raw. */
struct volume_entry find(const char *dir, const char *name);
unsigned char *find_slot(const struct volume_entry *e);

/* Gives a name the first cluster and the size of another one. */
void cross_link(const char *dir, const char *name, const char *other);
void set_dirty(void);

int repair(bool is_companion);
bool reads(const char *path, const char *text);

/* What there is in the end, and that it is sound: names of a directory, and a file with its
 * content. must_be_clean: nothing at all is found by fsck.fat, lost clusters neither. */
void check_end(const char *dir, const char *names, const char *path, const char *content,
	       bool must_be_clean);

/* Of test-repair-names.c. */
void test_repair_names(void);
