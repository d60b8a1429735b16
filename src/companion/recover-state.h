/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "report.h"

/* What the recovery hooks are told, and what is kept from one run of them to the next. */

/* Of this boot; in the note "recover", so that a run that was killed goes on where it was. */
struct recover_state {
	unsigned long round; /* the runs in this boot, with the one that is under way: 1.. */
	bool is_known;	     /* could is filled in */
	char could[RUNGS_SYSTEM_MAX * NAME_SIZE]; /* ids of the system rungs that could boot when
						     the first run began, a line each */
};

/* Reads the note: nothing there, or nothing that is understood, is the state before the first run.
 */
void recover_state_read(const struct machine *m, struct recover_state *ret);

/* A run begins: counts it, takes note of what can boot if nobody has yet and the boot entries can
 * be read, and writes the note. */
void recover_state_begin(const struct machine *m, const struct facts *f, struct recover_state *s);

/* True if this rung could boot when the first run began, or if that is not known. */
bool recover_state_could(const struct recover_state *s, const struct rung *r);

/* True if recovery was entered for a fault that the system slots share, and what happened in it
 * since changes nothing of that. */
bool recover_state_is_shared(const struct history *h);

/* Sets the environment of the hooks in this process: BOOTASSESS_BOOTED and so on, see
 * bootassess(8). */
void recover_state_export(const struct facts *f, const struct history *h, unsigned long round);

/* Appends what they read: {"status":{...},"history":[...]}. */
void recover_state_json(const struct report *r, const struct history *h, struct text *t);
