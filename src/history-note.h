/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "machine.h"

/* Remembers a decision in the history, with uptime, time if a clock can be trusted, and boot id. p
 * NULL: a change by a person that no plan tells. check: name of the health check that failed, text:
 * in somebody's words; NULL = none. A failure is logged, ignoring: only SharedFault= reads the
 * history. With --root=DIR uptime is DIR/proc/uptime, and there is no time. */
void history_note(struct machine *m, const struct facts *f, const struct plan *p, const char *check,
		  const char *text);

/* Remembers a bless that was carried out; only where something has happened since the last one, so
 * that it marks where that ended. A device that nothing ever happened to has no history. */
void history_note_bless(struct machine *m, const struct facts *f, const struct plan *p);

/* Remembers what repair_store() did, in one phrase. That is no incident. */
void history_note_repair(struct machine *m, const char *text);
