/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check.h"
#include "machine.h"

/* What the checks of this boot leave for `bootassess fail` and the history: the note "check", whose
 * first line is the name of the required check that failed, and the second the last line of its
 * output, or, where there was none, how it ended. */

/* Leaves the note; failed NULL: this boot is healthy, and an earlier note is taken back. */
void check_note_write(const struct machine *m, const struct check *failed);

/* Reads the note: the name and the last line ("" = there is none). False if no required check has
 * failed in this boot. */
bool check_note_read(const struct machine *m, char name[NAME_SIZE], char line[CHECK_LINE_MAX]);

/* Says how long the checks may still take: until so many seconds from now, and a minute more. At
 * their end 0 is said: then the bless, or the fail, has that minute to begin. It is the boot
 * deadline that listens; a note that is over says nothing to it, so a run that was killed, or one
 * that hangs for ever, does not hold the deadline up for longer than its own limits. */
void check_note_busy(const struct machine *m, unsigned long seconds);

/* What was said, as power_awake_ms() counts, in seconds; 0 = nothing. */
unsigned long check_note_busy_until_s(const struct machine *m);
