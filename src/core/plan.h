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
};

enum op_type {
	OP_RECORD,  /* write plan.record, in this state */
	OP_RESTATE, /* write the record as it was read, in this state */
	OP_COUNT,   /* give `rung` the counter `to`: a boot that nobody counted */
	OP_ARM,	    /* give `rung` the counter `to`: it gets tries */
	OP_MARK,    /* give `rung` the counter `to`: it is bad */
	OP_CHARGE,  /* give `rung` the counter `to`: it is about to be kexec'd */
	OP_KEXEC,   /* load `rung` and jump */
	OP_ONESHOT, /* the loader boots `rung` once */
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

/* RECORD, a COUNT, an ARM for each rung, RECORD, and the leave. */
#define PLAN_OPS_MAX (RUNGS_MAX + 8)

struct plan {
	enum verdict verdict;
	enum reason reason;
	int target; /* rung, -1 = none */
	enum method method;
	struct counter counter; /* of the booted entry, as it stands after this boot was counted */
	struct record record;	/* for OP_RECORD */
	struct op op[PLAN_OPS_MAX];
	unsigned int n_ops;
};

const char *verdict_name(enum verdict verdict);
const char *reason_name(enum reason reason);
const char *method_name(enum method method);
const char *record_state_name(enum record_state state);
