// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan.h"

void plan_add(struct plan *p, struct op op)
{
	if (p->n_ops < PLAN_OPS_MAX)
		p->op[p->n_ops++] = op;
}

void plan_verdict(struct plan *p, enum verdict verdict, enum reason reason)
{
	p->verdict = verdict;
	p->reason = reason;
}

void plan_add_record(struct plan *p, enum record_state state)
{
	plan_add(p, (struct op){.type = OP_RECORD, .record_state = state});
}

const char *event_name(enum event event)
{
	static const char *const names[] = {"assess", "emergency", "deadline", "fail",
					    "switch", "bless",	   "edit",     "shutdown"};

	return names[event];
}

const char *via_name(enum via via)
{
	static const char *const names[] = {"unknown", "loader", "kexec"};

	return names[via];
}

const char *against_name(enum against one)
{
	switch (one) {
	case AGAINST_SUPPORT:
		return "support";
	case AGAINST_HOPS:
		return "hops";
	case AGAINST_LOST:
		return "lost";
	case AGAINST_DISABLED:
		return "disabled";
	case AGAINST_LOCKDOWN:
		return "lockdown";
	case AGAINST_SECURE_BOOT:
		return "secure-boot";
	case AGAINST_WATCHDOG:
		return "watchdog";
	case AGAINST_IMAGE:
		return "image";
	case AGAINST_SIGNATURE:
		return "signature";
	case AGAINST_MEMORY:
		return "memory";
	default:
		return "load";
	}
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"proceed", "retry", "switch", "hold", "reset"};

	return names[verdict];
}

const char *reason_name(enum reason reason)
{
	static const char *const names[] = {
		[REASON_DISABLED] = "disabled",
		[REASON_NO_LADDER] = "no-ladder",
		[REASON_UNKNOWN_ENTRY] = "unknown-entry",
		[REASON_FOREIGN_ENTRY] = "foreign-entry",
		[REASON_PINNED] = "pinned",
		[REASON_KEXEC_LOST] = "kexec-lost",
		[REASON_NOT_REACHED] = "not-reached",
		[REASON_GOOD] = "good",
		[REASON_TRYING] = "trying",
		[REASON_LAST_TRY] = "last-try",
		[REASON_EXHAUSTED] = "exhausted",
		[REASON_FAILED] = "failed",
		[REASON_HOLD_STAY] = "hold-stay",
		[REASON_ALL_EXHAUSTED] = "all-exhausted",
		[REASON_CANNOT_SWITCH] = "cannot-switch",
		[REASON_DEBUG_SHELL] = "debug-shell",
		[REASON_REQUESTED] = "requested",
		[REASON_REFUSED] = "refused",
		[REASON_BLESSED] = "blessed",
		[REASON_REARMED] = "rearmed",
		[REASON_BUDGET] = "budget",
		[REASON_EDITED] = "edited",
		[REASON_SHARED_FAULT] = "shared-fault",
		[REASON_RELAPSED] = "relapsed",
		[REASON_REFUNDED] = "refunded",
	};

	return names[reason];
}

const char *method_name(enum method method)
{
	switch (method) {
	case METHOD_KEXEC:
		return "kexec";
	case METHOD_FIRMWARE:
		return "firmware";
	case METHOD_ORDER:
		return "order";
	default:
		return "none";
	}
}

const char *record_state_name(enum record_state state)
{
	static const char *const names[] = {"none", "open", "hold", "arrived", "closed"};

	return names[state];
}

const char *obstacle_name(enum obstacle obstacle)
{
	static const char *const names[] = {"",		 "failed",   "missing",
					    "ambiguous", "unproved", "renamed"};

	return names[obstacle];
}
