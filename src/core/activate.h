/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"

/* How a rung is made the one that the boot loader starts next. */
enum activate_how {
	ACTIVATE_NONE,	  /* the loader cannot be told */
	ACTIVATE_ALREADY, /* it is the next one */
	ACTIVATE_PREFER,  /* by the setting that a bless would use: LoaderEntryPreferred, ... */
	ACTIVATE_ONESHOT, /* LoaderEntryOneShot: for one boot, whose bless does the rest */
};

struct activation {
	enum activate_how how;
	bool drops_oneshot; /* LoaderEntryOneShot would lead the next boot elsewhere */
	/* Index of a good rung, -1 = none: the loader's settings name it first. They leave the
	 * choice to the loader's own order so far, which a bless does not overrule: it only moves
	 * what names another rung. */
	int anchor;
	bool lasts; /* the bless of the target's boot makes (or finds) it the loader's choice */
};

/* Decides that for a rung (index) that is there and not broken. oneshot: what LoaderEntryOneShot
 * says, "" = not set. Pure. A rung with a counter is never named by a default, which the loader
 * boots also without tries left: `preferred` passes over such an entry; where the loader has only
 * the default, the rung is tried once, and its bless moves the default (core/bless.h). So is one
 * without tries left, and recovery and reset, whose bless moves nothing. Source: systemd boot.c
 * config_select_default_entry(). */
void activate_plan(const struct facts *f, const char *oneshot, int rung, struct activation *ret);

const char *activate_name(enum activate_how how);
