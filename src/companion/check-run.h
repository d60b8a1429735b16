/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check.h"
#include "doors/run.h"
#include "machine.h"

/* One run of the checks. */
struct check_run {
	const struct machine *m; /* its configuration has the limits */
	const char *prefix;	 /* in front of each path: "" or the DIR of --root= */
	struct checks *checks;
	int input;	      /* what each program reads, of run_make_input(); -1 = nothing */
	int stop_fd;	      /* of run_hold_signals(); -1 = none */
	bool is_stopped;      /* a signal came: nothing more is started */
	bool is_journal;      /* standard error goes to the journal already */
	bool is_late;	      /* a line could not be given to the journal just now */
	unsigned long n_lost; /* lines that the journal did not take */
	/* the programs of one kind */
	bool is_over; /* a required one has failed, or a hook has repaired: no other is begun */
	struct check_slot {
		struct check *check; /* NULL = free */
		uint64_t again_ms;   /* it is not under way, and due then */
	} slot[RUNS_MAX];
	struct run run[RUNS_MAX];
	unsigned int next; /* index of the first check that was not begun */
};

/* Runs all checks of a kind in their order, Parallel= at the same time, each until it has passed or
 * CheckRetries= are used up, and takes note of the results in x->checks. After a required check has
 * failed no other is begun. Hooks (green, red, recovery) run once each, one after the other; after
 * CHECK_REPAIRED none. What they say is told line by line. */
void check_run_kind(struct check_run *x, enum check_kind kind);

/* Makes the environment of this process one for programs of others: a PATH where there is none, and
 * not our own socket of systemd, nor our journal. */
void check_run_environment(void);

/* Waits, unless a signal comes. */
void check_run_pause(struct check_run *x, unsigned long seconds);
