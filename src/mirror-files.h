/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "mirror.h"

/* The files of a mirror: part of mirror.c. */
struct mirror_job {
	const struct machine *booted, *mirror; /* whose ESP is the mirror */
	const char *removed;		       /* as struct mirror_ask */
	int from, to;  /* root directories of the booted ESP and of the mirror */
	bool is_write; /* else it is looked at only */
	bool is_thorough;
	unsigned int n_replaced; /* files whose old content is gone */
	struct mirror_diff *diff;
};

/* Notes that DIR/NAME differs. */
void mirror_differ(struct mirror_job *j, const char *dir, const char *name);

/* The same for an entry that the mirror keeps, and for the one that failed (the first). */
void mirror_keep(struct mirror_job *j, const char *dir, const char *name);
void mirror_fail(struct mirror_job *j, const char *dir, const char *name);

/* Copies a file that is another one: by size, time and (is_thorough) content. name: on the
 * booted ESP; to: on the mirror. These all: 0, also if nothing is to be done; negative errno. */
int mirror_copy_file(struct mirror_job *j, const char *dir, const char *name, const char *to);

/* The same for a small file, by content. Where the booted ESP has none, it is removed if
 * may_remove, else left. */
int mirror_copy_or_remove(struct mirror_job *j, const char *dir, const char *name, bool may_remove);

/* Copies the files that a type #1 entry of the booted ESP names, one that is whole. */
int mirror_copy_named(struct mirror_job *j, const char *name);

/* What there is to be written: n_over files that are on the mirror with another content; and the
 * bytes that are in use at most meanwhile, beyond what is now. */
struct mirror_need {
	unsigned int n_over;
	uint64_t cluster; /* bytes, as of esp_room() */
	int64_t used, peak;
};

/* Adds one file, or those that a type #1 entry names. */
int mirror_need_file(struct mirror_job *j, const char *dir, const char *name, const char *to,
		     struct mirror_need *need);
int mirror_need_named(struct mirror_job *j, const char *name, struct mirror_need *need);

/* Copies the text of a type #1 entry; files that the mirror's text of before named go, unless the
 * booted ESP has them, or another entry of the mirror names them. */
int mirror_copy_entry(struct mirror_job *j, const char *name, const char *to);

/* Removes an entry of the mirror, and its files as above. */
int mirror_remove_entry(struct mirror_job *j, unsigned int type, const char *name);
