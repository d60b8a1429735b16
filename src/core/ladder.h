/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "counter.h"
#include "text.h"

/* Room for this many rungs of each role; of more entries the first in menu order are taken. */
#define RUNGS_SYSTEM_MAX   12
#define RUNGS_RECOVERY_MAX 2
#define RUNGS_RESET_MAX	   2
#define RUNGS_MAX	   (RUNGS_SYSTEM_MAX + RUNGS_RECOVERY_MAX + RUNGS_RESET_MAX)

enum role { ROLE_SYSTEM, ROLE_RECOVERY, ROLE_RESET };

/* Where an entry lies. $BOOT is XBOOTLDR if there is one, else the ESP (UAPI.1). */
enum place { PLACE_ESP, PLACE_XBOOTLDR, PLACES };

enum rung_state {
	RUNG_GOOD,	/* no counter: blessed */
	RUNG_ARMED,	/* tries left */
	RUNG_EXHAUSTED, /* no tries left */
	RUNG_MISSING,	/* no entry matches the glob */
	RUNG_BROKEN, /* the entry cannot boot: its kernel or initrd is missing, it is no UKI ... */
};

/* One step of the ladder, and at the same time one entry file found on the way to it. */
struct rung {
	enum role role;
	unsigned int pattern; /* which glob of its role it matched, 0.. in config order */
	char id[NAME_SIZE];   /* file name without counter; the glob where the rung is missing */
	char name[NAME_SIZE]; /* file name on the disk */
	enum place place;
	unsigned int type; /* 1: loader/entries/ID.conf, 2: EFI/Linux/ID.efi */
	struct counter counter;
	bool missing;
	bool broken;
	bool ambiguous;	      /* the ESP and XBOOTLDR hold it, nothing says which one counts */
	bool twin_plain;      /* there is a file without a counter beside the counted one */
	bool twin_counted;    /* there are two files with different counters */
	char twin[NAME_SIZE]; /* the other file, if there is one: the last one found */
	enum place twin_place;
	bool twin_broken; /* no other file of its id could boot: what a power cut left, say */
	bool in_file;	  /* the counter stands in a tries file: the loader finds the entry by its
			     path, and its name must not change */
	bool in_variable; /* the counter stands in the EFI variable: the name cannot be changed */
	unsigned int next_taken; /* so many next names of the counter exist as other files */
	char sort_key[64], machine_id[40], version[64]; /* cut where longer: they only sort */
};

struct ladder {
	struct rung rung[RUNGS_MAX]; /* system..., recovery..., reset... */
	unsigned int n;
	bool dropped; /* more entries matched than there is room for */
};

/* "loader/entries" or "EFI/Linux". */
const char *ladder_dir(unsigned int type);

/* Finds the role and glob of an id (with its suffix). 0, or 1 if it is on no rung. The first glob
 * that matches counts, roles in the order system, recovery, reset. */
int ladder_match(const struct config *c, const char *id, enum role *ret_role,
		 unsigned int *ret_pattern);

/* Adds an entry file, sorted: by role, glob, and the order of the boot loader's menu. A second file
 * of the same id is a twin: one rung remains, with the file that counts, which is the one called
 * booted_name (the loader says that it renamed it to this; "" = it said nothing), else a sane one
 * before a broken one, a counted one before a plain one, more tries left, fewer tries done
 * (systemd-boot's order), the ESP. */
void ladder_offer(struct ladder *l, const struct rung *entry, const char *booted_name);

/* Adds a missing rung for each glob that matched nothing. */
void ladder_finish(struct ladder *l, const struct config *c);

/* Index of the rung with this id, of a file before a glob that is missing, or -1. */
int ladder_find(const struct ladder *l, const char *id);

/* The same for what a person wrote: with or without the suffix. */
int ladder_find_word(const struct ladder *l, struct slice word);

/* State of a rung as a target, with this counter (usually its own). */
enum rung_state ladder_state(const struct rung *r, const struct counter *now);

/* The tries of a role, 1..8. */
unsigned int ladder_tries(const struct config *c, enum role role);

/* True if LEFT is 0 and the last legitimate try is over too: DONE is above the tries of the role.
 */
bool ladder_is_exhausted(const struct config *c, const struct rung *r, const struct counter *now);

/* Words for output. */
const char *role_name(enum role role);
const char *rung_state_name(enum rung_state state);
const char *place_name(enum place place);
