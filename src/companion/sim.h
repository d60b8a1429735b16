/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "verb.h"
#include "world.h"

/* The device as a world that can be played: what simulate and graph have in common. */

struct sim {
	struct world_device device;
	struct world world; /* as the device stands: its next start is the first boot */
	unsigned int
		against;   /* what speaks against a kexec, without --kexec; set of enum against */
	bool has_kexec;	   /* Method= has it, or --kexec was given */
	uint32_t no_panic; /* set of rungs (bit i) without panic= on their command line */
	bool is_grub;	   /* it counts the starts of its default itself, which is not played */
};

/* Reads the device as it stands, and makes the world of it. Changes nothing, takes no lock, waits
 * for no disk; bootassess=0 on the command line is not heard. q: --kexec, --no-kexec. False if
 * there is nothing to play: no rung has an entry, or they cannot be read; that is logged. */
bool sim_read(struct machine *m, const struct request *q, struct sim *ret);

/* What becomes of a rung: `how` from its boot number `from` on (1..), healthy before. Zero: it is
 * healthy. */
struct sim_fate {
	enum outcome how;
	unsigned int from;
};

/* Reads `--fail=`: ID[=HOW][@N], separated by commas; an ID without suffix will do, and "all" is
 * each rung. words: NULL = nothing. fate: RUNGS_MAX of them, zero. False if it is not understood:
 * that is logged. */
bool sim_parse_fail(const struct sim *s, const char *words, struct sim_fate *fate);

/* Boots that are played at most: --boots=. */
#define SIM_BOOTS_DEFAULT 200
#define SIM_BOOTS_MAX	  1000

/* Where a device comes to. */
enum sim_end {
	SIM_RUNS,    /* a rung runs */
	SIM_LOOP,    /* it goes round for ever */
	SIM_OFF,     /* Hold=poweroff, halt: somebody must switch it on */
	SIM_NOWHERE, /* the boot loader has nothing on the ladder to start */
	SIM_LIMIT,   /* not known: it was played for so many boots only */
};

struct sim_result {
	enum sim_end end;
	int rung;	    /* SIM_RUNS: that one, -1 else */
	bool is_blessed;    /* SIM_RUNS: in its last boot, or before: it has no counter */
	int next;	    /* SIM_RUNS: what the next start leads to, -1 = not known */
	unsigned int boots; /* played */
	unsigned int loop_from, loop_to; /* SIM_LOOP: these boots (1..) come again and again */
	int loop_rung;			 /* SIM_LOOP: all these boots are of this rung; -1 else */
	bool is_loop_silent;		 /* nothing of ours runs in any of them */
	bool is_loop_held;    /* there is a hold among them; holds become longer, up to a day */
	bool is_loop_shared;  /* a fault that all share was seen in one of them */
	bool is_loop_cut_off; /* in one of them no other rung could be entered */
	struct choice loop_choice;		/* what the loader would start without a one-shot */
	struct counter loop_counter;		/* loop_rung: its own, as the loader sees it */
	unsigned int recovery_boot, reset_boot; /* the first one of recovery, and the first in which
						   the device is reset; 0 = none */
	unsigned int holds, resets;
	uint64_t waited_s;
};

/* Told about each boot, in order: its number (1..), the world before it, what was asked for, what
 * it was. */
struct sim_boot {
	unsigned int number;
	const struct world *before;
	const struct world_fate *fate;
	const struct world_boot *boot;
};
typedef void (*sim_fn)(void *data, const struct sim_boot *b);

/* Plays it to its end, at most max_boots (1..SIM_BOOTS_MAX). fate: RUNGS_MAX of them. fn may be
 * NULL. 0; -ENOMEM. */
int sim_play(const struct sim *s, const struct sim_fate *fate, unsigned int max_boots, sim_fn fn,
	     void *data, struct sim_result *ret);

/* "+2-1", or "good" without a counter. */
void sim_counter(const struct counter *c, struct text *t);

/* "1 h", "1 d 20 min", "45 s". */
void sim_span(uint64_t seconds, struct text *t);

/* Room for a sentence of those below. */
#define SIM_SENTENCE_SIZE (RUNGS_MAX * (NAME_SIZE + 2) + 512)

/* Where it came to, as a sentence: "passive.conf runs, blessed, after 4 boots". */
void sim_result_text(const struct sim *s, const struct sim_result *r, struct text *t);
const char *sim_end_name(enum sim_end end);

/* What a person can mend before the device is shipped; warn is called for each. */
typedef void (*sim_warn_fn)(const char *sentence, struct text *t);
void sim_each_weakness(const struct sim *s, sim_warn_fn warn, struct text *t);

/* What the play takes for granted, and is not so on this device. */
void sim_each_note(const struct sim *s, const struct sim_fate *fate, sim_warn_fn warn,
		   struct text *t);

/* `--all`. */
enum status sim_all(const struct sim *s, const struct request *q, struct text *out);
