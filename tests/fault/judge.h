/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "counter.h"
#include "snap.h"

/* What a boot loader would find: by other eyes than the program's. */

/* One file that is an entry. */
struct entry {
	const struct snap_item *item;
	char id[NAME_SIZE];
	bool in_variable;
	struct counter counter; /* also the one that the EFI variable holds instead of the name */
	bool is_whole;		/* all that it names is there, and not empty */
	uint64_t number;	/* of its text and of all that it names, wherever that lies */
};

#define ENTRIES_MAX 32

struct entries {
	struct entry entry[ENTRIES_MAX];
	unsigned int n;
};

void entries_find(const struct snap *s, struct entries *ret);

/* What a run without a fault begins with and ends with: each entry may be in one of the two
 * versions, or on the way from one counter to the other. */
struct judge {
	struct snap before, after;
	struct entries was, is;
	bool is_gone; /* the disk: all rungs may have got their tries again in a hold */
};

/* Is this still a device that boots, that has lost no good entry and no try? tries: so many were
 * counted by boots since. what: room for one sentence if not. */
bool judge_device(const struct judge *j, const struct snap *now, int tries, char what[512]);

/* Of all that counts at the end: entries, their counters and content, settings. What only remembers
 * (history, record, journal) is not in it. */
uint64_t judge_end(const struct snap *s);
