/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"

enum verdict {
	VERDICT_PROCEED, /* this boot may go on */
	VERDICT_RETRY,	 /* restart; the loader chooses again */
	VERDICT_SWITCH,	 /* leave for another rung */
	VERDICT_HOLD,	 /* no rung is left */
	VERDICT_RESET,	 /* the same, and ResetMethod= resets the device from here */
};

enum reason {
	REASON_DISABLED,
	REASON_NO_LADDER,
	REASON_UNKNOWN_ENTRY,
	REASON_FOREIGN_ENTRY,
	REASON_PINNED,
	REASON_KEXEC_LOST,
	REASON_NOT_REACHED,
	REASON_GOOD,
	REASON_TRYING,
	REASON_LAST_TRY,
	REASON_EXHAUSTED,
	REASON_FAILED,
	REASON_HOLD_STAY,
	REASON_ALL_EXHAUSTED,
	REASON_CANNOT_SWITCH,
	REASON_DEBUG_SHELL,
	REASON_REQUESTED, /* EVENT_SWITCH */
	REASON_REFUSED,	  /* EVENT_SWITCH, EVENT_BLESS, EVENT_EDIT: it cannot be done */
	/* EVENT_BLESS, besides disabled, no-ladder, unknown-entry, foreign-entry and good */
	REASON_BLESSED, /* its counter is dropped */
	REASON_REARMED, /* it runs, and has yet to prove that the loader can boot it; CountGood= */
	REASON_BUDGET,	/* recovery or reset: its own good boot gives no tries back */
	REASON_EDITED,	/* EVENT_EDIT */
	REASON_SHARED_FAULT, /* EVENT_FAIL: a check fails on several system rungs, so it is not them
			      */
	REASON_RELAPSED,     /* EVENT_FAIL: it fails after its bless, again and again */
	REASON_REFUNDED,     /* EVENT_SHUTDOWN: the try of this boot is given back */
};

/* What stands in the way of a bless or an edit; the verb names the files. */
enum obstacle {
	OBSTACLE_NONE,
	OBSTACLE_FAILED,    /* this boot was given up already */
	OBSTACLE_MISSING,   /* the file is not there */
	OBSTACLE_AMBIGUOUS, /* ESP and XBOOTLDR hold the same name */
	OBSTACLE_UNPROVED,  /* two files of one id, and nothing says which was booted */
	OBSTACLE_RENAMED,   /* somebody renamed the file since the loader started it */
};

enum op_type {
	OP_RECORD,  /* write plan.record, in this state */
	OP_RESTATE, /* write the record as it was read, in this state */
	OP_COUNT,   /* give `rung` the counter `to`: a boot that nobody counted */
	OP_ARM,	    /* give `rung` the counter `to`: it gets tries */
	OP_MARK,    /* give `rung` the counter `to`: it is bad */
	OP_STAGE,   /* check the image of `rung` and copy it into memory */
	OP_CHARGE,  /* give `rung` the counter `to`: it is about to be kexec'd */
	OP_REFUND,  /* give `rung` the counter `to`: the charge of a kexec that came to nothing */
	OP_KEXEC,   /* load what was staged, and jump */
	OP_ONESHOT, /* the loader boots `rung` once */
	OP_TIDY,    /* delete the one-shot: what efibc.ko left at a kexec, or what a kexec
		     would leave behind */
	OP_MASK,    /* systemd-bless-boot.service would bless the entry of another boot */
	OP_UNPIN,   /* the loader's default no longer overrules its own order */
	OP_PARK,    /* every other file of the id of `rung` gets the further suffix .off */
	OP_BLESS,   /* `rung` loses its counter */
	OP_CORRECT, /* a default in loader.conf that names a counted file of `rung` names its id */
	OP_PREFER,  /* the loader's settings select `rung` */
	OP_WIPE,    /* ResetWipe= and ResetHook=, the partitions checked first */
	OP_REQUEST, /* systemd is asked for a factory reset: ResetMethod=systemd */
	OP_WAIT,    /* wait `seconds` */
	OP_REBOOT,
	OP_POWEROFF,
	OP_HALT,
};

struct op {
	enum op_type type;
	int rung;
	struct counter to;
	unsigned long seconds;
	enum record_state record_state; /* OP_RECORD, OP_RESTATE */
};

/* The longest: TIDY, MASK, RESTATE, REFUND, COUNT, RECORD, an ARM for each rung, WAIT, RECORD, and
 * the leave; or, in an edit, PARK and one more for each rung. */
#define PLAN_OPS_MAX (2 * RUNGS_MAX + 10)

struct plan {
	enum verdict verdict;
	enum reason reason;
	int target; /* rung, -1 = none */
	enum method method;
	enum obstacle
		obstacle;     /* REASON_REFUSED of EVENT_BLESS and EVENT_EDIT; target is its rung */
	unsigned int against; /* facts.against, and what the record says: why it is no kexec */
	struct counter counter; /* of the booted entry, as it stands after this boot was counted */
	struct record record;	/* for OP_RECORD */
	struct op op[PLAN_OPS_MAX];
	unsigned int n_ops;
};

/* Appends an operation. What does not fit is left out, which PLAN_OPS_MAX rules out. */
void plan_add(struct plan *p, struct op op);
void plan_verdict(struct plan *p, enum verdict verdict, enum reason reason);
void plan_add_record(struct plan *p, enum record_state state);

/* Words for output. */
const char *verdict_name(enum verdict verdict);
const char *reason_name(enum reason reason);
const char *method_name(enum method method);
const char *obstacle_name(enum obstacle obstacle); /* "", "failed", "missing", ... */
const char *record_state_name(enum record_state state);
