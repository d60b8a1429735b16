/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "health.h"
#include "history.h"
#include "loaders/sdboot-info.h"
#include "mirrors.h"
#include "plan.h"
#include "verb.h"

#define REPORT_TITLE_SIZE 128

/* Everything that status, list and metrics tell, read once. */
struct report {
	const struct machine *m;
	struct facts facts;	  /* of EVENT_FAIL, settings included */
	struct plan if_failed;	  /* what decide() says to them: what happens if this boot fails */
	bool has_tries;		  /* that is another try of the booted entry, or of a good one */
	struct plan if_exhausted; /* then: what happens when its tries are used up */
	struct {
		int rung;	/* what the loader starts next; -1 = not known, or foreign */
		const char *by; /* the setting that says so, where it is known */
		char foreign[NAME_SIZE]; /* the entry, if it is on no rung; "" = none */
		bool is_oneshot;
		bool can_move; /* by is a setting that a bless changes */
	} next;
	struct sdboot_info loader;
	bool is_oneshot_stale;	  /* it names nothing */
	char oneshot[NAME_SIZE];  /* what the loader starts next, once; "" = nothing is set */
	bool is_kexec_configured; /* Method= has kexec */
	bool is_blessed;	  /* in this boot, by us */
	char assessed[NAME_SIZE]; /* first line of what the assess event of this boot said, "" = it
				     did not run */
	struct {
		struct history_entry last; /* history_is_incident(); without an event: none */
		bool is_open;		   /* there was no bless after it */
		uint32_t seq;		   /* of the newest entry, whatever it is; 0 = none */
	} history;
	struct mirrors mirrors;
	struct health health;
	char title[RUNGS_MAX][REPORT_TITLE_SIZE]; /* of a type #1 entry, "" = it has none */
};

/* Reaches the machine and reads all that; waits for no disk. Changes nothing, takes no lock. With
 * bootassess=0 the ladder is read all the same: a person asks. */
void report_read(struct machine *m, struct report *ret);

/* The same, but waits for the disk as EspTimeoutSec= says. */
void report_await(struct machine *m, struct report *ret);

/* Fills in oneshot and next only; needs the facts with their settings, and a machine that was
 * reached. */
void report_find_next(const struct machine *m, struct report *r);

/* STATUS_REFUSED if nothing could be read of what must be there, else STATUS_DONE. */
enum status report_status(const struct report *r);

/* The id of what the loader starts next, on a rung or not; NULL = not known. */
const char *report_next_id(const struct report *r);

/* The booted rung, NULL = it is on none, or not known. */
const struct rung *report_booted(const struct report *r);

/* True if the operator pinned this rung. */
bool report_is_pinned(const struct report *r, const struct rung *rung);
