/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"
#include "verb.h"

/* What happened, each with a MESSAGE_ID and an entry in src/bootassess.catalog. */
enum announcement {
	ANNOUNCE_BLESSED,   /* a slot was blessed or re-armed, or its bless found nothing to do */
	ANNOUNCE_REFUSED,   /* it was not blessed, or an edit was refused */
	ANNOUNCE_FAILED,    /* a boot was given up */
	ANNOUNCE_EDITED,    /* counters were changed by a person or a program: mark, rearm */
	ANNOUNCE_PINNED,    /* pin, unpin */
	ANNOUNCE_ACTIVATED, /* a slot was made the next one */
	ANNOUNCE_REFUNDED,  /* the try of a boot was given back */
	ANNOUNCE_SWITCHED,  /* a switch was asked for */
};

/* Says a line, on standard error and in the journal, there with the fields BOOTASSESS_SLOT (the
 * booted entry, or of an edit the rung), BOOTASSESS_VERDICT, BOOTASSESS_REASON,
 * BOOTASSESS_TRIES_LEFT (left out without a counter), BOOTASSESS_TARGET, BOOTASSESS_TEXT (text,
 * NULL = none). Nothing goes to the journal with --dry-run; with --root= it is the one below DIR.
 * slot: index in the ladder, -1 = the booted entry. */
void announce(const struct machine *m, const struct request *q, enum announcement what,
	      const struct facts *f, const struct plan *p, int slot, const char *line,
	      const char *text);
