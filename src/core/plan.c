// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan.h"

const char *event_name(enum event event)
{
	static const char *const names[] = {"assess", "emergency", "deadline", "fail"};

	return names[event];
}

const char *via_name(enum via via)
{
	static const char *const names[] = {"unknown", "loader", "kexec"};

	return names[via];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"proceed", "retry", "switch", "hold"};

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
