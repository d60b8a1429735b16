// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "check-note.h"
#include "check.h"
#include "decide.h"
#include "doors/log.h"
#include "doors/service.h"
#include "explain.h"
#include "fail.h"
#include "history-store.h"
#include "past.h"
#include "relapse.h"
#include "restart.h"
#include "say.h"
#include "verb.h"

#define REASON_SIZE 400

/* Held by a fail for as long as it runs, also while it waits without the lock: a process that was
 * killed is not under way. */
#define UNDER_WAY_PATH "run/bootassess/fail"

/* What has failed in this boot: a health check, with its last line; or a unit. */
struct culprit {
	char check[NAME_SIZE]; /* or "unit NAME"; "" = none, or somebody had a reason of their own
				*/
	char line[CHECK_LINE_MAX];
	bool is_unit;
};

/* The unit whose OnFailure= started us (systemd.exec(5) "$MONITOR_UNIT"), or NULL. */
static const char *find_unit(void)
{
	const char *unit = getenv("MONITOR_UNIT");

	return unit && unit[0] ? unit : NULL;
}

/* What the generator gives an OnFailure= to: this one fails for something else, or for a file
 * system of the device, which a reset may mend. */
static bool is_target(const char *unit)
{
	return strcmp(unit, "boot-complete.target") == 0 || strcmp(unit, "local-fs.target") == 0;
}

static void find_culprit(const struct machine *m, const struct request *q, struct culprit *ret)
{
	const char *unit = find_unit();
	struct text t;

	ret->is_unit = false;
	if (!q->reason && check_note_read(m, ret->check, ret->line))
		return;
	memset(ret, 0, sizeof(*ret));
	if (q->reason || !unit || is_target(unit))
		return;
	text_init(&t, ret->check, sizeof(ret->check));
	say(&t, "unit ", unit);
	ret->is_unit = true;
}

/* A boot that failed after its bless, which so proves nothing. */
static bool is_relapse(const struct history_entry *bless, const char *boot_id, uint32_t uptime_s)
{
	return boot_id[0] && strcmp(bless->boot_id, boot_id) == 0 && uptime_s < RELAPSE_FORGET_S;
}

/* Somebody who asks for another rung says nothing about this one. */
static bool is_failure(const struct history_entry *e)
{
	return history_is_incident(e) && strcmp(e->event, event_name(EVENT_SWITCH)) != 0;
}

/* A bless of a system slot ends what belongs together. One of recovery proves nothing for them. */
static bool is_end(const struct machine *m, const struct facts *f, const struct history *h,
		   unsigned int i)
{
	const struct history_entry *e = &h->entry[i], *next = i > 0 ? e - 1 : NULL;

	return strcmp(e->event, event_name(EVENT_BLESS)) == 0 &&
	       strcmp(e->role, role_name(ROLE_SYSTEM)) == 0 &&
	       !is_relapse(e, f->boot_id, past_uptime_s(m)) &&
	       !(next && is_failure(next) && is_relapse(e, next->boot_id, next->uptime_s));
}

/* F11: what the history says of this check. Without a history each failure stands alone. So does
 * what failed before the last hold: the fault may be gone since, and a slot that is well again
 * would never have its turn while another one goes on failing. */
static void find_shared(const struct machine *m, const char *check, struct facts *f)
{
	unsigned int failed = 0;
	bool has_held = false;
	struct history h;

	if (!check[0])
		return;
	(void)history_store_read(m, &h);
	for (unsigned int i = 0; i < h.n && !is_end(m, f, &h, i); i++) {
		const struct history_entry *e = &h.entry[i];

		has_held |= strcmp(e->verdict, verdict_name(VERDICT_HOLD)) == 0;
		if (!has_held)
			failed |= check_shared_rung(f, check, e);
		f->shared_recovery |= strcmp(e->reason, reason_name(REASON_SHARED_FAULT)) == 0 &&
				      strcmp(e->verdict, verdict_name(VERDICT_SWITCH)) == 0;
	}
	f->shared_failed = failed != 0;
	f->shared_fault = check_is_fault_shared(f, failed);
}

/* Why, in somebody's words: the caller's, of a check, of the unit whose OnFailure= started us, or
 * what systemd says has failed. */
static void find_reason(const struct request *q, const struct culprit *c, char reason[REASON_SIZE])
{
	const char *unit = find_unit();
	char units[REASON_SIZE / 2];
	struct text t;

	text_init(&t, reason, REASON_SIZE);
	if (q->reason) {
		text_str(&t, q->reason);
	} else if (c->check[0] && !c->is_unit) {
		say(&t, "check \"", c->check, "\" failed", c->line[0] ? ": " : "", c->line);
	} else if (unit) {
		say(&t, "unit ", unit, " failed");
	} else if (!q->root) {
		service_failed_units(units, sizeof(units));
		if (units[0])
			text_str(&t, "failed units: ");
		text_str(&t, units);
	}
}

/* Is another run about to restart this machine, or waiting for it? *ret_fd: what says that we are,
 * to be closed at the end. */
static bool is_under_way(const struct machine *m, int *ret_fd)
{
	*ret_fd = root_lock(m->root.fd, UNDER_WAY_PATH, 0);
	if (machine_is_holding(m))
		log_notice("fail: a hold is under way already");
	else if (*ret_fd == -EAGAIN || restart_is_under_way(m))
		log_notice("fail: a restart is under way already");
	else
		return false;
	return true;
}

/* The boot is given up from here on, whatever comes of it: nothing blesses it any more. */
static void set_note(const struct machine *m, const struct facts *f, const struct plan *p)
{
	static char text[EXPLAIN_SIZE];
	struct text t;

	if (p->verdict == VERDICT_PROCEED)
		return;
	text_init(&t, text, sizeof(text));
	explain_text(f, p, &t);
	machine_set_note(m, event_name(EVENT_FAIL), text); /* a deadline is one too */
}

/* What the caller may not take for a restart. */
static enum status say_end(const struct facts *f, const struct plan *p, int r)
{
	bool is_blind = p->reason == REASON_NO_LADDER && verb_is_blind(f);

	if (r == 0 && p->verdict != VERDICT_PROCEED)
		return STATUS_DONE;
	if (r == 0) {
		log_line(is_blind ? LOG_DOOR_ERR : LOG_DOOR_NOTICE,
			 "fail: the machine is not restarted%s",
			 is_blind ? ": the boot entries cannot be read" : "");
		return is_blind ? STATUS_REFUSED : STATUS_DONE;
	}
	log_err("fail: cannot restart the machine%s%s; run bootassess fail again, or restart it by "
		"hand",
		r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
	return STATUS_REFUSED;
}

static enum status give_up(struct machine *m, const struct request *q, struct facts *f,
			   enum verdict *ret_verdict, struct text *out)
{
	char reason[REASON_SIZE];
	struct culprit culprit;
	int r = ACT_AGAIN;
	struct plan p;

	find_culprit(m, q, &culprit);
	find_shared(m, culprit.check, f);
	find_reason(q, &culprit, reason);
	m->failed_check = culprit.check;
	m->why = culprit.check[0] ? culprit.line : reason;
	for (int i = 0; i < RESTART_ROUNDS_MAX && r == ACT_AGAIN; i++) {
		decide(f, &m->config, &p);
		*ret_verdict = p.verdict;
		restart_tell(m, q, ANNOUNCE_FAILED, f, &p, reason, out);
		if (q->dry_run)
			return STATUS_DONE;
		set_note(m, f, &p);
		r = restart_act(m, f, &p);
	}
	m->failed_check = m->why = NULL;
	return say_end(f, &p, r);
}

/* Whoever has the lock hangs, as may the disk; or /run is broken. This boot ends all the same, but
 * nothing is written or remembered: the loader has counted it, or counts nothing if it was good.
 * The guard has a way of its own. */
static enum status restart_unlocked(struct machine *m, enum event event)
{
	int r;

	if (event != EVENT_FAIL || m->cmdline.disabled || m->is_crash_kernel || m->cmdline.person)
		return STATUS_REFUSED;
	if (machine_is_holding(m) || restart_is_under_way(m)) {
		log_notice("fail: a hold or a restart is under way already");
		return STATUS_DONE;
	}
	log_err("fail: without the lock nothing can be decided: the machine is only restarted");
	machine_set_note(m, event_name(EVENT_FAIL), "fail: retry, without the lock\n");
	r = m->root.is_test ? 0 : m->leave(LEAVE_REBOOT);
	if (r < 0)
		log_err("fail: cannot restart the machine: %s", strerror(-r));
	return STATUS_REFUSED; /* what was to be done is not done */
}

enum status fail_boot(struct machine *m, const struct request *q, enum event event,
		      enum verdict *ret_verdict, struct text *out)
{
	_cleanup_(closep) int fd = -1;
	struct facts f;

	*ret_verdict = VERDICT_RETRY;
	restart_prepare(m, q, RESTART_INSIST);
	if (!q->dry_run && !verb_lock(m))
		return restart_unlocked(m, event);
	if (!q->dry_run && is_under_way(m, &fd))
		return STATUS_DONE;
	if (!verb_begin(m, q, event, &f))
		return STATUS_REFUSED;
	return give_up(m, q, &f, ret_verdict, out);
}

enum status fail_run(struct machine *m, const struct request *q, struct text *out)
{
	enum verdict verdict;

	/* A unit that fails while it is stopped must not turn a shutdown into a restart. The
	 * guard does not ask: its answer may never come. */
	if (!q->dry_run && !q->root && service_is_stopping()) {
		log_notice("fail: the machine is going down already, nothing is given up");
		return STATUS_DONE;
	}
	return fail_boot(m, q, EVENT_FAIL, &verdict, out);
}
