/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bless.h"
#include "decide.h"

/* A device as a model: its boot loader, its counters and its record, around the real decide(),
 * bless_plan() and choose_next(). `bootassess simulate` and `bootassess graph` play it, tests/model
 * proves on it what bootassess(7) promises. Pure: no clock and no luck; the same world and the same
 * fate end in the same world. */

/* What becomes of one boot. */
enum outcome {
	OUTCOME_HEALTHY, /* comes up, its checks pass: a system rung is blessed, a reset rung
			    resets, gives all system rungs their tries and restarts, recovery stays
			    up */
	OUTCOME_PANIC,	 /* dies before the initramfs: nothing of ours runs */
	OUTCOME_NO_ROOT, /* the root file system does not come: event emergency */
	OUTCOME_HANG,	 /* after the initramfs; a watchdog starts the machine again, no event */
	OUTCOME_FAIL,	 /* comes up, and a check fails: event fail */
	OUTCOMES,
};

/* The same, and what else goes wrong in this boot. Zero: nothing, and healthy. */
struct world_fate {
	enum outcome outcome;
	bool has_cut;
	unsigned int
		cut;	/* has_cut: the power goes after so many operations of this boot (0: before
			   the first one; the start itself is counted by the loader before) */
	bool uncounted; /* the loader starts it without counting */
	bool late;	/* OUTCOME_FAIL: only after its bless, a relapse */
	bool shut_down; /* OUTCOME_HEALTHY: somebody restarts it in good order before its bless, a
			   refund */
	bool kexec_refused; /* each kexec of this boot, when it is loaded */
	bool kexec_lost;    /* one hangs after the jump; a watchdog goes through the firmware */
	bool unwritable;    /* nothing on $BOOT and no variable can be changed by us in this boot */
	bool names_fixed;   /* the same for file names only: counters go into the variable */
	bool oneshot_lost;  /* the loader does not hear a one-shot that is set now */
	bool oneshot_fails; /* it cannot be set, which we see */
	bool wipe_refused;  /* OP_WIPE and OP_REQUEST are refused */
};

/* Told of each plan before it is carried out, and of the facts that it was made of. */
typedef void (*world_watch_fn)(void *data, const struct facts *f, const struct plan *p);

/* What does not change while it is played. */
struct world_device {
	struct config config;
	struct ladder ladder;	  /* ids, roles, missing, broken; counters are taken at the start */
	struct settings settings; /* what the loader goes by at the start */
	char pin[NAME_SIZE];	  /* the operator's; "" = none */
	bool counts;		  /* the loader gives an entry its next name before it starts it */
	bool clears_oneshot;	  /* and takes a one-shot away before; else our initramfs does,
				     if it comes so far */
	unsigned int unfit;	  /* set of enum method, as facts.unfit: what never works here */
	unsigned int against;	  /* set of enum against, as facts.against, without hops */
	bool unsure, blind;	  /* as in facts */
	uint32_t kernel;	  /* of all rungs, as facts.kernel; 0: another one than on record */
	world_watch_fn watch;	  /* NULL = nobody */
	void *watch_data;
};

/* What changes. Plain data; worlds that differ only in numbers that count up for ever (txn,
 * boot_id) have the same key. */
struct world {
	struct counter counter[RUNGS_MAX]; /* as we know them */
	struct counter name[RUNGS_MAX];	   /* as the loader reads them in the names */
	struct settings settings;
	struct record record;
	int oneshot; /* index in the ladder, -1 = none */
	int jump;    /* rung that a kexec starts now, -1 = the firmware starts the loader */
	uint8_t kexec_losses;	/* real ones, whatever the record says */
	uint32_t boots;		/* so far; the boot id is made of it */
	uint32_t failed_checks; /* set of rungs (bit i) whose check failed since the last bless */
	bool shared_recovery;	/* recovery was entered for a shared fault since then */
	bool record_damaged;	/* it cannot be read, until one is written; false at the start */
	uint16_t parked;	/* set of rungs whose twin was put aside */
};

/* How one boot ended. */
enum world_end {
	END_UP,	     /* it runs, for as long as it is well; a system rung is blessed */
	END_RESTART, /* through the firmware: by us, a watchdog, panic= */
	END_CUT,     /* the power went, and comes again */
	END_KEXEC,   /* world.jump starts now */
	END_OFF,     /* Hold=poweroff or halt */
	END_NOWHERE, /* the loader has nothing on the ladder that it could start */
	END_LOOP,    /* decide() never came to a plan that can be carried out: never seen */
};

/* One run of a program in it. */
struct world_run {
	enum event event; /* assess, emergency, fail, bless, shutdown; edit: what a reset arms */
	struct plan plan; /* the last one, which was carried out up to n_done */
	unsigned int n_done;
};
#define WORLD_RUNS_MAX 3

/* What happened in one boot, in the order of the members. */
struct world_boot {
	int rung; /* index in the ladder, -1 = nothing was started */
	enum via via;
	struct counter counter; /* of it, as the loader, or the charge, left it */
	bool counted;
	struct world_run run[WORLD_RUNS_MAX]; /* those behind n_runs are not written */
	unsigned int n_runs;
	unsigned int n_ops;   /* carried out in all, also of plans before the last ones: of what
				 fate.cut counts */
	bool has_changed;     /* something durable: a counter, the record, the loader's settings */
	bool has_reset;	      /* the device was reset: by the reset rung, or from the initramfs */
	unsigned long wait_s; /* waited before it ended, 0 = not */
	enum world_end end;
};

/* The world of d as it stands: counters of its ladder, record r (NULL: none), one-shot (-1: none).
 */
void world_start(const struct world_device *d, const struct record *r, int oneshot,
		 struct world *ret);

/* The rung that the next boot starts; -1 = none. */
int world_next(const struct world_device *d, const struct world *w);

/* Plays one boot to its end. ret may be NULL. */
void world_boot(const struct world_device *d, struct world *w, const struct world_fate *fate,
		struct world_boot *ret);

/* All that matters of a world, for a table of worlds that were seen: equal keys have equal futures,
 * but for how long a hold waits. Returns the length, at most WORLD_KEY_SIZE; some 40 bytes for four
 * rungs. */
#define WORLD_KEY_SIZE 420
unsigned int world_key(const struct world_device *d, const struct world *w,
		       uint8_t key[WORLD_KEY_SIZE]);

/* "healthy", "panic", "no-root", "hang", "fail". */
const char *outcome_name(enum outcome outcome);
/* The outcome of this name; OUTCOMES = there is none. */
enum outcome outcome_find(struct slice word);
