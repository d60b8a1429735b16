/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"

enum verdict {
	VERDICT_PROCEED, /* this boot may go on */
	VERDICT_RETRY,	 /* restart; the loader chooses again */
	VERDICT_SWITCH,	 /* leave for another rung */
	VERDICT_HOLD,	 /* no rung is left */
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
	REASON_REFUSED,	  /* EVENT_SWITCH: it cannot be done */
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
	OP_TIDY,    /* delete LoaderEntryOneShot: what efibc.ko left at a kexec, or what a kexec
		     would leave behind */
	OP_MASK,    /* systemd-bless-boot.service would bless the entry of another boot */
	OP_UNPIN,   /* the loader's default no longer overrules its own order */
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

/* TIDY, MASK, RESTATE, REFUND, COUNT, RECORD, an ARM for each rung, WAIT, RECORD, and the leave. */
#define PLAN_OPS_MAX (RUNGS_MAX + 10)

struct plan {
	enum verdict verdict;
	enum reason reason;
	int target; /* rung, -1 = none */
	enum method method;
	unsigned int against;	/* facts.against, and what the record says: why it is no kexec */
	struct counter counter; /* of the booted entry, as it stands after this boot was counted */
	struct record record;	/* for OP_RECORD */
	struct op op[PLAN_OPS_MAX];
	unsigned int n_ops;
};

/* Appends an operation. What does not fit is left out, which PLAN_OPS_MAX rules out. */
void plan_add(struct plan *p, struct op op);
void plan_add_record(struct plan *p, enum record_state state);

/* Words for output. */
const char *verdict_name(enum verdict verdict);
const char *reason_name(enum reason reason);
const char *method_name(enum method method);
const char *record_state_name(enum record_state state);
