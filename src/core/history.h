/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"
#include "sector.h"

/* How the device got where it is: loader/bootassess/history on $BOOT, a ring of sectors. It may be
 * lost: then a health check that fails is taken for a fault of this slot alone; nothing else is
 * decided by it. */
#define HISTORY_SLOTS 32
#define HISTORY_SIZE  (HISTORY_SLOTS * SECTOR_SIZE)

/* So many entries after a bless stay until the next one: they tell how it began. A device that goes
 * round its ladder writes about ten in each round. */
#define HISTORY_KEPT 8

#define HISTORY_WORD  16 /* a word of ours and its terminator */
#define HISTORY_ID    81
#define HISTORY_CHECK 65
#define HISTORY_TEXT  121

/* The event of an entry that remembers what a power cut left, and that it was mended. */
#define HISTORY_REPAIR "repair"

/* One thing that happened. Words stay words: another slot may hold a later version that knows more
 * of them. All strings are printable ASCII, "" where there is none. */
struct history_entry {
	uint32_t seq; /* counts up, and from the highest number to 0; no clock orders anything */
	char event[HISTORY_WORD]; /* event_name() */
	char verdict[HISTORY_WORD];
	char reason[HISTORY_WORD];
	char booted[HISTORY_ID]; /* id of the booted entry, by history_set_name(); "" = not known */
	char role[HISTORY_WORD]; /* of the booted entry; "" = on no rung */
	struct counter counter;	 /* of the booted entry, after this boot was counted */
	char via[HISTORY_WORD];
	char target[HISTORY_ID];
	char method[HISTORY_WORD];
	char check[HISTORY_CHECK]; /* the health check that failed, or "unit NAME", by
				      history_set_name() */
	char text[HISTORY_TEXT];   /* in somebody's words */
	uint32_t uptime_s;	   /* of the kernel that wrote it */
	uint32_t time_s;	   /* Unix time; 0 = not known */
	char boot_id[37];
	char version[HISTORY_WORD]; /* of the program that wrote it */
};

struct history {
	struct history_entry entry[HISTORY_SLOTS]; /* newest first */
	unsigned int n;				   /* 0..HISTORY_SLOTS */
	unsigned int bad; /* sectors that hold something else; empty ones do not count */
};

/* Copies a string as it may stand in an entry: cut to size, anything but printable ASCII as `?`.
 * s may be NULL. */
void history_set(char *field, size_t size, const char *s);

/* The same for a name that is compared later (of an entry, of a check). One that cannot stand there
 * as it is keeps its beginning, `~` and record_hash() of all of it as eight hex digits: so two are
 * alike there only if they are alike, letter case apart. size: 10.. */
void history_set_name(char *field, size_t size, const char *name);

/* True if a decision is to be remembered: this boot is left, or a kexec was found lost. A boot that
 * merely goes on is not, nor a planned restart. */
bool history_is_due(const struct facts *f, const struct plan *p);

/* True if this plan is the one that finds that a kexec never arrived. */
bool history_is_kexec_lost(const struct facts *f, const struct plan *p);

/* False for what is nothing to worry about: a bless, what a person changed, a repair. */
bool history_is_incident(const struct history_entry *e);

/* The name of the unit that failed, if it was none of the health checks; else NULL. */
const char *history_unit(const struct history_entry *e);

/* Builds an entry from a decision, without seq, times and version. p NULL: a person changed
 * something that no plan tells. check, text: NULL or "" = none; where text is none, an edit tells
 * its operations. */
void history_describe(const struct facts *f, const struct plan *p, const char *check,
		      const char *text, struct history_entry *ret);

/* Writes one entry as a sector that begins with the line "bootassess history 1". Text is cut to
 * what fits, after it the target: in the worst case 34 characters of that remain. Nothing else is
 * ever cut here. */
void history_encode(const struct history_entry *e, char sector[SECTOR_SIZE]);

/* Reads one sector. 0, or -EINVAL if it is no valid entry of this version (length, first line, CRC,
 * a value out of range, no seq or no event). Unknown keys are skipped. *ret is written only on 0.
 */
int history_decode(const char *sector, size_t len, struct history_entry *ret);

/* Reads what there is of the ring: len 0..; what lies behind HISTORY_SIZE is not looked at. A bad
 * sector (also one in a slot that its seq does not lead to, or the last piece of one) is passed
 * over. */
void history_read(const char *data, size_t len, struct history *ret);

/* Puts the entries in order, newest first. The newest is the one that no other follows within half
 * of all numbers, so that the order survives the step from the highest number to 0. */
void history_order(struct history *h);

/* The number of the next entry; 1 where there is none yet. Its slot is the rest modulo
 * HISTORY_SLOTS. Numbers are passed over whose slots hold what is to stay (HISTORY_KEPT). */
uint32_t history_next_seq(const struct history *h);

/* True if something happened between entry k and the one after it that is not there any more. k:
 * index, 1..n-1; the one after it is k - 1. A number that was passed over is no such thing. */
bool history_has_gap(const struct history *h, unsigned int k);
