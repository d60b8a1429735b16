/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ladder.h"
#include "record.h"

/* Why decide() is asked. */
enum event {
	EVENT_ASSESS,	 /* before the root file system is mounted */
	EVENT_EMERGENCY, /* something on the way to it failed */
	EVENT_DEADLINE,	 /* it did not come in time */
	EVENT_FAIL,	 /* late userspace says that this boot is no good */
};

/* How the booted entry is known. */
enum via { VIA_UNKNOWN, VIA_LOADER, VIA_KEXEC };

/* All that decide() knows. Plain data, no pointers; zero is a legal value of everything and means
 * "unknown" or "no". */
struct facts {
	enum event event;
	bool disabled; /* bootassess=0, or a crash kernel */
	bool person;   /* rd.break or rd.shell: somebody is at the machine */
	bool blind;    /* boot entries must exist, but could not be read */
	bool unsure;   /* some entry could not be judged: reset is no target now */
	bool kexeced;  /* this kernel was started by kexec */

	struct ladder ladder;

	struct {
		bool known;
		enum via via;
		char id[NAME_SIZE]; /* without counter */
		int rung;	    /* index in the ladder, -1 = on no rung */
		bool counted;	    /* somebody else counted this boot */
		bool counted_here;  /* we did, earlier in this boot */
	} booted;

	char pin[NAME_SIZE]; /* id that the operator pinned; "" = none */
	struct record record;
	char boot_id[37];

	/* What cannot be done in this boot: known beforehand, or found out by act(). */
	unsigned int unfit;	 /* set of enum method */
	bool record_unwritable;	 /* neither on $BOOT nor in a variable */
	bool counter_unwritable; /* the same for the booted entry's counter */
};

const char *event_name(enum event event);
const char *via_name(enum via via);
