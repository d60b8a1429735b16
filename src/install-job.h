/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/esp-copy.h"
#include "doors/esp.h"
#include "entries.h"
#include "install.h"
#include "update.h"

/* Of src/install*.c: one install on its way. */

#define JOB_PATH_SIZE 320 /* of a file that an entry names */
#define JOB_FILES     (1 + BLS_INITRDS_MAX)

struct job_file {
	const struct install_file *from;
	char path[JOB_PATH_SIZE]; /* where it goes, "bootassess/passive/linux.1" */
	char old[JOB_PATH_SIZE];  /* what it replaces; "" = nothing */
	uint64_t old_size;
	bool is_same; /* what it replaces has the same content: path is old */
	bool is_own;  /* no other entry names what it replaces */
};

struct job {
	struct machine *m;
	struct facts *f;
	const struct install *what;
	struct install_cost *cost;
	struct text why;
	int rung;	  /* in the ladder, -1 = there is no entry */
	struct rung r;	  /* a copy; name "" = there is no entry */
	bool is_armed;	  /* for a switch that did not come; the next run takes it back */
	bool is_disabled; /* a power cut left it so: name ends in .off */
	bool is_file;	  /* its counter belongs into a tries file: carrier.h */
	unsigned int tries;
	struct job_file file[JOB_FILES];
	unsigned int n_files;
	/* type #1 */
	char old_text[ENTRIES_TEXT_SIZE];
	size_t old_len;
	bool is_begun;	      /* there was no text, or none that can be read: it is a new one */
	struct bls_entry old; /* its slices point into old_text */
	char text_buf[ESP_FILE_MAX + 1];
	struct text text;
	bool has_new_text;
	char off[NAME_SIZE];	   /* the disabled file that the new one comes beside; "" = none */
	char temporary[NAME_SIZE]; /* type #2: first the new file, then the old one; "" = none */
	uint64_t done;		   /* bytes written */
};

/* One phrase out of pieces. Returns r. */
#define job_refuse(j, r, ...) job_refuse_all((j), (r), (const char *const[]){__VA_ARGS__, NULL})
int job_refuse_all(struct job *j, int r, const char *const *pieces);

/* Makes "EFI/x/y" of a path as an entry spells it. 0, or -EINVAL: `..`, empty, too long. */
int job_clean_path(struct slice path, char buf[JOB_PATH_SIZE]);

/* Its directory, "." for the root, and its name, which points into path. */
const char *job_split_path(const char *path, char dir[JOB_PATH_SIZE]);

/* install-check.c: what is to be written is sane. 0 or negative errno, refused. */
int job_check_sources(struct job *j);

/* install-files.c */

/* True if the file has this content. */
bool job_is_same(int dirfd, const char *path, const struct install_file *from);

/* True if an entry on this partition names the file, whatever the name of the entry; also if that
 * cannot be told. but: the file name of an entry that does not count, "" = all count. */
bool job_is_named(const struct machine *m, enum place place, const char *path, const char *but);

/* update_number of a file's content. 0 or negative errno. */
int job_number(int fd, uint64_t size, uint32_t *ret);
/* Of a text. */
uint32_t job_text_number(const char *text, size_t len);

/* Removes the garbage: these paths, and all in the slot's own folder, as far as no entry names
 * them; then that folder, if it is empty. 0 or negative errno. */
int job_sweep(const struct machine *m, enum place place, const char *id, const struct slice *path,
	      unsigned int n);

/* "bootassess/passive" of "passive.conf". */
void job_own_dir(const char *id, char dir[JOB_PATH_SIZE]);

/* install.c: composes j->text of the paths of j->file. 0 or negative errno, refused. */
int job_write_text(struct job *j);

/* 0 if the slot may be written over, or --force says so; else refused. */
int job_check_overwrite(struct job *j);

/* 0 unless another slot of this partition is disabled, half written: then it is refused. */
int job_check_other(struct job *j);

/* Reads the entry of type #1 that is there (a new one gets a beginning) into j->old. */
int job_read_entry(struct job *j);

/* install-order.c: the key sort-key of a new entry, so that the loader's menu has it right behind
 * the rung before it. Nothing where that one has none: entries without come last. */
void job_add_sort_key(const struct job *j, struct text *t);

/* install-journal.c: writable store. 0 or negative errno. */
int journal_update(const struct machine *m, enum place place, const struct update *u);
int journal_read(const struct machine *m, enum place place, char sector[SECTOR_SIZE],
		 struct update *ret);

/* What this partition's journal says is disabled: the id, and its file, NAME.off. 1, or 0 if there
 * is nothing so; a journal that cannot be read says nothing. */
int journal_find_disabled(const struct machine *m, enum place place, char id[NAME_SIZE],
			  char name[NAME_SIZE]);

/* Finds out whether its counter belongs into a tries file. A slot that is disabled by its name
 * without OFF. */
void job_find_carrier(struct job *j);

/* install-write.c: carries it out. 0 or negative errno, refused. */
int job_carry_out(struct job *j);

/* True if there is a counter in the name or in a tries file, not in an EFI variable: that speaks of
 * the name alone. */
bool job_has_counter(const struct job *j);

/* Refuses where the kernel cannot exchange two files of the partition: nothing is written then. */
int job_try_exchange(struct job *j);

/* Gives the entry all its tries, unless it has them. */
int job_arm(struct job *j);

/* install-tree.c: --tree=, all of it. 0 or negative errno, refused. */
int job_install_tree(struct job *j);
