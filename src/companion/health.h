/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "history.h"
#include "machine.h"

/* How the file systems of $BOOT are: what status and metrics tell of them. */
struct health {
	struct health_store {
		bool is_there;
		bool is_looked_at;	  /* the next two hold */
		bool is_dirty;		  /* a power cut came while somebody wrote */
		bool has_dirty_bit;	  /* nobody else has it mounted: is_dirty says something */
		unsigned int n_leftovers; /* names that a power cut left */
		bool has_free;
		uint64_t free;	 /* bytes for new files */
		uint64_t update; /* bytes that the largest slot on it takes: what an update needs
				    beside the old version; 0 = no slot is on it */
		bool is_checked; /* by fsck.fat -n; the next two hold */
		bool is_clean;
		char complaint[120]; /* the first thing that it says */
	} store[PLACES];
	struct history_entry last_repair; /* without an event: none is remembered */
};

/* Reads all that but what fsck.fat says. Quick: the boot sector and some directories. Of a
 * directory of --root= only leftovers and update are known. h: what the history has. */
void health_read(const struct machine *m, const struct facts *f, const struct history *h,
		 struct health *ret);

/* Asks fsck.fat -n as well, at most 20 s for each file system. That is no part of every status: it
 * reads all tables of the file system. What keeps it from that is logged. */
void health_check(const struct machine *m, struct health *h);

/* "312 MiB free, an update needs 148 MiB" of one store, for a person; nothing where nothing is
 * known. */
void health_text(const struct health_store *s, struct text *t);

/* Both as members of a JSON object. */
void health_json(const struct health *h, struct text *t);

/* What a person should look at. warn is called for each. */
void health_each_warning(const struct health *h, void (*warn)(const char *sentence, struct text *t),
			 struct text *t);
