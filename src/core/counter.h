/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The longest file name on FAT (255) and its terminator. */
#define NAME_SIZE 256

/* What marks an entry bad is `+0-9`: no tries left, and this DONE, which is above every Tries, so
 * that it is exhausted at once. */
#define COUNTER_BAD_DONE 9

/* The way back to a reset: `+1-8`. A rung that is exhausted, but is to be started once more, so
 * that its assess event resets the device: the loader starts the first of nothing but exhausted
 * entries, which may be one that dies before its initramfs, while this one is known to come so far.
 * One try is left for the loader to see; when it counts it, the result is `+0-9`, above every
 * Tries, so that this event finds the rung exhausted. In the boot that wrote it the rung counts as
 * exhausted too. No armed entry looks like it, for there LEFT and DONE together are at most 8. */
#define COUNTER_RETURN_DONE (COUNTER_BAD_DONE - 1)

/* The tries of an entry: `+LEFT-DONE` in front of its suffix (UAPI.1 "Boot counting"). */
struct counter {
	bool present;		 /* false: no counter, the entry is blessed */
	int left;		 /* 0..INT_MAX tries left */
	int done;		 /* 0..INT_MAX tries done; 0 where the name has no -DONE */
	unsigned int left_width; /* digits of LEFT in the name */
	unsigned int done_width; /* digits of DONE in the name; 0 where there is no -DONE */
};

/* Returned where a name has no counter. */
#define COUNTER_NONE 1

/* Reads the counter of a file name. The counter is what follows the last `+`: decimal LEFT,
 * optional `-` and decimal DONE, each at most INT_MAX, and then the last `.` of the name. Anything
 * else is part of the id (as in systemd-boot), so no name is an error.
 * 0, or COUNTER_NONE (then *ret has present = false). ret may be NULL. */
int counter_parse(const char *name, struct counter *ret);

/* Writes the name without its counter, spelt as it was. id: NAME_SIZE bytes.
 * 0, or -ENAMETOOLONG (id is then empty). */
int counter_strip(const char *name, char id[NAME_SIZE]);

/* Writes the id with the counter in front of its suffix (the last `.`), in the widths that the
 * counter declares; without a counter just the id. name: NAME_SIZE bytes.
 * 0, -ENAMETOOLONG, or -EINVAL for an id without a suffix (name is then empty). */
int counter_format(const char *id, const struct counter *c, char name[NAME_SIZE]);

/* The counter after `tries` more boots (1..): LEFT falls to 0 at the lowest, DONE rises. The widths
 * stay, and DONE stops at the largest number of its width (UAPI.1: a rename never changes the
 * length of a name); a counter without -DONE gets one of one digit. No counter stays none. */
struct counter counter_next(const struct counter *c, unsigned int tries);

/* The counter before the last try: what counter_next(, 1) makes *c of, in the same widths. 0, or
 * COUNTER_NONE where that cannot be told: no counter, no -DONE, no try done, DONE stands at the
 * largest number of its width, or LEFT would need another digit. *ret is then not written. */
int counter_previous(const struct counter *c, struct counter *ret);

/* True if both say the same, whatever the widths. */
bool counter_is_same(const struct counter *a, const struct counter *b);

/* True if both are counters, and b is what a becomes after so many more boots (1..), whatever the
 * widths. */
bool counter_is_next(const struct counter *a, unsigned int tries, const struct counter *b);

/* A counter +LEFT-DONE, each as wide as its number needs. */
struct counter counter_make(int left, int done);

/* `+0-9`, and `+1-8`: see COUNTER_BAD_DONE and COUNTER_RETURN_DONE. */
struct counter counter_bad(void);
struct counter counter_return(void);
bool counter_is_return(const struct counter *c);

/* True if both names have the same id, letter case of ASCII ignored (FAT ignores it too). */
bool counter_same_id(const char *a, const char *b);
