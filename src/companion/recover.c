// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check-list.h"
#include "check-run.h"
#include "counters.h"
#include "doors/journal.h"
#include "doors/log.h"
#include "doors/service.h"
#include "explain.h"
#include "history-store.h"
#include "json.h"
#include "past.h"
#include "recover-state.h"
#include "restart.h"
#include "say.h"
#include "switch.h"
#include "target.h"
#include "verb.h"

/*
 *	+--> look: what can boot -> run the hooks, one after the other
 *	|                              |                 |
 *	|                 one repaired (10)      none did, and no slot can boot
 *	|                 or a slot can boot     that could not before
 *	|                 that could not         |
 *	|                              |         |
 *	|     it cannot be entered     v         |
 *	|<---------------------- leave for it    |
 *	|                              |         |
 *	|                              v         |
 *	|                             end        |
 *	+--- RecoveryRepeatSec= -----------------+--> end, without it or by a signal
 *
 * After a fault that the system slots share they can boot, and nothing needs to be repaired: once
 * HoldDelaySec= has gone by since the start, the first one is tried again.
 *
 * The lock is not held while hooks run: they may use the other verbs.
 */

#define INPUT_SIZE 131072
#define WHY_SIZE   (2 * NAME_SIZE)
#define WARNING_S  60

enum outcome {
	OUTCOME_STAYED,
	OUTCOME_LEFT, /* a restart is under way */
	OUTCOME_STOPPED,
};

struct recovery {
	struct machine *m;
	const struct request *q;
	struct text *out;
	struct config config; /* as it was read: the verbs change it for themselves */
	struct recover_state state;
	struct checks hooks;
	struct check_run run;
	bool is_shared;		/* entered for a fault that the system slots share */
	uint64_t retry_ms;	/* then: when they are tried again, as run_now_ms() counts */
	char target[NAME_SIZE]; /* the id of the rung that is entered; "" = none */
};

static const struct check *find_repairer(const struct checks *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->check[i].result == CHECK_REPAIRED)
			return &l->check[i];
	return NULL;
}

/* Only there: a hook may do what a running application would not survive. Where the boot entries
 * cannot be read any more, which is something to repair, the initramfs has noted what runs. */
static bool is_refused(const struct machine *m, const struct facts *f)
{
	const char *role = "";
	char note[NAME_SIZE];

	if (f->booted.rung >= 0)
		role = role_name(f->ladder.rung[f->booted.rung].role);
	else if (machine_read_note(m, NOTE_ROLE, note))
		role = note;
	if (f->disabled)
		log_err("refused: bootassess=0 is on the kernel command line, or this is a crash "
			"kernel");
	else if (!role[0])
		log_err("refused: recovery hooks run in recovery only, and %s",
			f->booted.known ? "what runs is on no rung"
					: "which entry runs is not known");
	else if (strcmp(role, role_name(ROLE_RECOVERY)) != 0)
		log_err("refused: recovery hooks run in recovery only, and the role of what runs "
			"is \"%s\"",
			role);
	else
		return false;
	return true;
}

/* For the hooks, until the next look. Where there is no input they run all the same. */
static void make_input(struct recovery *r, const struct report *report, const struct history *h)
{
	static char buf[INPUT_SIZE];
	struct text t;

	closep(&r->run.input);
	text_init(&t, buf, sizeof(buf));
	recover_state_json(report, h, &t);
	if (t.full) {
		log_warning("the state is too long for the input of the hooks, which is empty");
		text_init(&t, buf, sizeof(buf));
	}
	r->run.input = run_make_input(buf, t.len);
	if (r->run.input < 0)
		log_warning("cannot make the input of the hooks: %s, it is empty",
			    strerror(-r->run.input));
}

/* Reads how the device stands, and lets $BOOT go again, for the hooks may want it. False if this is
 * no recovery; that is asked only once, since a hook may change the entries. */
static bool look(struct recovery *r, bool is_first)
{
	static struct report report;
	static struct history h;
	struct machine *m = r->m;
	int mounts = verb_keep_mounts(m);

	report_await(m, &report);
	(void)history_store_read(m, &h);
	verb_let_go(m, mounts);
	m->config = r->config;
	if (is_first && is_refused(m, &report.facts))
		return false;
	if (r->q->dry_run)
		return true;
	recover_state_begin(m, &report.facts, &r->state);
	recover_state_export(&report.facts, &h, r->state.round);
	make_input(r, &report, &h);
	return true;
}

/* Every exhausted system rung gets its tries again. */
static void give_tries(const struct recovery *r, struct facts *f)
{
	unsigned int rungs = 0;

	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *rung = &f->ladder.rung[i];
		enum rung_state state = ladder_state(rung, &rung->counter);

		if (rung->role != ROLE_SYSTEM)
			continue;
		if (state == RUNG_EXHAUSTED)
			rungs |= 1u << i;
		else if (state == RUNG_MISSING)
			log_warning("\"%s\" is left out: no boot entry matches", rung->id);
		else if (state == RUNG_BROKEN)
			log_warning(
				"\"%s\" is left out: its entry, its kernel or its initrd is not "
				"whole",
				rung->id);
	}
	counters_rearm(r->m, r->q, f, rungs);
}

/* The first system rung that can boot; is_repaired false: that could not when the hooks began. -1
 * if there is none. */
static int find_target(const struct recovery *r, const struct facts *f, bool is_repaired)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *rung = &f->ladder.rung[i];

		if (rung->role == ROLE_SYSTEM && target_can_boot(f, (int)i) &&
		    (is_repaired || !recover_state_could(&r->state, rung)))
			return (int)i;
	}
	return -1;
}

/* Who may not be thrown out of recovery now, or who ends it anyway. True if that was said. */
static bool must_stay(const struct recovery *r, const struct facts *f)
{
	if (f->pin[0] && counter_same_id(f->pin, f->booted.id))
		log_notice("\"%s\" is pinned, so it is not left: see bootassess unpin", f->pin);
	else if (!r->q->root && !r->q->dry_run &&
		 (restart_is_under_way(r->m) || service_is_stopping()))
		log_notice("the machine is going down already");
	else
		return false;
	return true;
}

/* Why recovery is to be left, and for what. */
enum cause {
	CAUSE_SEEN, /* a system slot can boot that could not */
	CAUSE_HOOK, /* one has repaired the device */
	CAUSE_TIME, /* all slots had the same fault, which may be over */
};

static void warn_no_target(enum cause cause, const char *hook)
{
	if (cause == CAUSE_HOOK)
		log_warning("recovery hook \"%s\" has repaired the device, but no system slot can "
			    "boot: recovery stays up",
			    hook);
	else if (cause == CAUSE_TIME)
		log_warning("no system slot can boot: recovery stays up");
}

/* hook: the name of the one that has repaired the device. */
static enum outcome enter(struct recovery *r, struct facts *f, enum cause cause, const char *hook)
{
	static char scratch[EXPLAIN_SIZE];
	struct text t, unseen;
	char why[WHY_SIZE];
	int target;

	text_init(&unseen, scratch, sizeof(scratch));
	if (cause == CAUSE_HOOK)
		give_tries(r, f);
	f->event = EVENT_SWITCH;
	target = find_target(r, f, cause != CAUSE_SEEN);
	if (target < 0)
		warn_no_target(cause, hook);
	if (target < 0 || must_stay(r, f))
		return OUTCOME_STAYED;
	text_init(&t, why, sizeof(why));
	if (cause == CAUSE_HOOK)
		say(&t, "recovery hook \"", hook, "\" repaired it");
	else if (cause == CAUSE_TIME)
		say(&t, "the fault that all system slots had may be over");
	else
		say(&t, "\"", f->ladder.rung[target].id, "\" can boot again");
	if (switch_to(r->m, r->q, f, target, why, r->q->json ? &unseen : r->out) != STATUS_DONE)
		return OUTCOME_STAYED;
	memcpy(r->target, f->ladder.rung[target].id, sizeof(r->target));
	return OUTCOME_LEFT;
}

/* Looks what has become of the ladder, and leaves if that is called for. */
static enum outcome leave(struct recovery *r, enum cause cause, const char *hook)
{
	struct machine *m = r->m;
	enum outcome outcome = OUTCOME_STAYED;
	int mounts = verb_keep_mounts(m);
	struct facts f;

	restart_prepare(m, r->q, RESTART_ASK);
	if (verb_begin(m, r->q, EVENT_EDIT, &f) && verb_can_edit(&f))
		outcome = enter(r, &f, cause, hook);
	closep(&m->lock);
	verb_let_go(m, mounts);
	m->config = r->config;
	return outcome;
}

static enum outcome run_round(struct recovery *r)
{
	const struct check *repairer;

	check_list_find(r->m, CHECK_RECOVERY, CHECK_RECOVERY, &r->hooks);
	if (!check_list_any(&r->hooks))
		return OUTCOME_STAYED;
	log_info("running the recovery hooks, round %lu", r->state.round);
	check_run_kind(&r->run, CHECK_RECOVERY);
	if (r->run.is_stopped)
		return OUTCOME_STOPPED;
	repairer = find_repairer(&r->hooks);
	return repairer ? leave(r, CAUSE_HOOK, repairer->name) : leave(r, CAUSE_SEEN, NULL);
}

/* For the journal, and for a person at the console. */
static void tell(const struct recovery *r, unsigned long seconds)
{
	static const char format[] = "recovery was entered for a fault that all system slots had; "
				     "in %lu s the first one that can boot is tried again; "
				     "\"systemctl stop bootassess-recovery\" ends that";

	log_warning(format, seconds);
	if (r->q->root)
		return;
	log_setup(LOG_TARGET_KMSG_ONLY, LOG_DOOR_INFO);
	log_warning(format, seconds);
	log_setup(journal_is_stderr() ? LOG_TARGET_PREFIXED : LOG_TARGET_STDERR, LOG_DOOR_INFO);
}

static unsigned long seconds_until(uint64_t until_ms)
{
	uint64_t now_ms = run_now_ms();

	return until_ms > now_ms ? (unsigned long)((until_ms - now_ms + 999) / 1000) : 0;
}

/* As the history has it, and long before the first look: without hooks there may be nothing to do.
 */
static void find_shared(struct recovery *r)
{
	static struct history h;
	struct machine *m = r->m;
	uint64_t up_s = past_uptime_s(m), delay_s = r->config.hold_delay_s;
	int mounts = verb_keep_mounts(m);

	machine_reach(m);
	(void)history_store_read(m, &h);
	verb_let_go(m, mounts);
	m->config = r->config;
	r->is_shared = recover_state_is_shared(&h);
	r->retry_ms = run_now_ms() + (delay_s > up_s ? delay_s - up_s : 0) * 1000;
}

/* Until the system slots are tried again, and that. If it comes to nothing, they are again later.
 */
static enum outcome await_retry(struct recovery *r)
{
	unsigned long seconds = seconds_until(r->retry_ms), delay_s = r->config.hold_delay_s;

	if (seconds > WARNING_S)
		check_run_pause(&r->run, seconds - WARNING_S);
	if (!r->run.is_stopped && seconds > 0)
		tell(r, seconds_until(r->retry_ms));
	check_run_pause(&r->run, seconds_until(r->retry_ms));
	if (r->run.is_stopped)
		return OUTCOME_STOPPED;
	r->retry_ms = run_now_ms() + (delay_s > WARNING_S ? delay_s : WARNING_S) * 1000ull;
	return leave(r, CAUSE_TIME, NULL);
}

/* Between two rounds. repeat_s 0: there is no other round. */
static enum outcome await_round(struct recovery *r, unsigned long repeat_s)
{
	uint64_t again_ms = repeat_s > 0 ? run_now_ms() + repeat_s * 1000ull : UINT64_MAX;
	enum outcome outcome = OUTCOME_STAYED;

	while (outcome == OUTCOME_STAYED && r->is_shared && r->retry_ms <= again_ms)
		outcome = await_retry(r);
	if (outcome != OUTCOME_STAYED)
		return outcome;
	check_run_pause(&r->run, seconds_until(again_ms));
	return r->run.is_stopped ? OUTCOME_STOPPED : OUTCOME_STAYED;
}

static void say_round(const struct recovery *r, unsigned long repeat_s)
{
	if (!check_list_any(&r->hooks))
		return;
	if (repeat_s == 0)
		log_notice("recovery stays up, and its hooks do not run again");
	else
		log_notice("recovery stays up, and its hooks run again in %lu s; \"systemctl stop "
			   "bootassess-recovery\" ends that",
			   repeat_s);
}

static enum outcome run_rounds(struct recovery *r)
{
	if (r->is_shared)
		tell(r, seconds_until(r->retry_ms));
	for (;;) {
		enum outcome outcome = run_round(r);
		unsigned long repeat_s =
			check_list_any(&r->hooks) ? r->config.recovery_repeat_s : 0;

		if (outcome != OUTCOME_STAYED)
			return outcome;
		say_round(r, repeat_s);
		if (repeat_s == 0 && !r->is_shared)
			return outcome;
		outcome = await_round(r, repeat_s);
		if (outcome != OUTCOME_STAYED)
			return outcome;
		(void)look(r, false);
	}
}

/* verdict NULL: they were only listed. */
static void json_hooks(const struct recovery *r, const char *verdict, struct text *t)
{
	const struct check *repairer = find_repairer(&r->hooks);

	text_init(t, t->buf, t->size);
	json_open(t, NULL, '{');
	json_string(t, "verdict", verdict);
	json_string(t, "hook", repairer ? repairer->name : NULL);
	json_string(t, "target", r->target[0] ? r->target : NULL);
	json_number(t, "round", r->state.round);
	json_open(t, "hooks", '[');
	for (unsigned int i = 0; i < r->hooks.n; i++)
		check_list_json(&r->hooks.check[i], t);
	text_str(t, "]}\n");
}

static void show_end(const struct recovery *r, enum outcome outcome)
{
	static const char *const verdicts[] = {[OUTCOME_STAYED] = "stayed",
					       [OUTCOME_LEFT] = "left",
					       [OUTCOME_STOPPED] = "stopped"};

	if (r->q->json)
		json_hooks(r, verdicts[outcome], r->out);
}

static enum status run_hooks(struct recovery *r)
{
	enum outcome outcome;

	recover_state_read(r->m, &r->state);
	r->run.is_journal = journal_is_stderr();
	r->run.stop_fd = run_hold_signals();
	if (r->run.stop_fd < 0)
		log_warning("cannot watch for signals: %s, ignoring", strerror(-r->run.stop_fd));
	check_run_environment();
	if (!look(r, true))
		return STATUS_REFUSED;
	outcome = run_rounds(r);
	closep(&r->run.stop_fd);
	closep(&r->run.input);
	if (outcome == OUTCOME_STOPPED)
		log_notice("stopped: no recovery hook runs any more");
	if (r->run.n_lost > 0)
		log_warning("the journal did not take %lu lines of output", r->run.n_lost);
	show_end(r, outcome);
	return STATUS_DONE;
}

/* What would come of a hook that repairs. */
static enum status show_repair(struct recovery *r)
{
	if (!look(r, true))
		return STATUS_REFUSED;
	log_notice("no hook is run; if one said that it repaired the device (exit status %d):",
		   CHECK_STATUS_REPAIRED);
	show_end(r, leave(r, CAUSE_HOOK, "NAME"));
	return STATUS_DONE;
}

static enum status list_hooks(const struct recovery *r)
{
	if (r->q->json)
		json_hooks(r, NULL, r->out);
	else
		check_list_text(&r->hooks, "There are no recovery hooks.\n", r->out);
	return STATUS_DONE;
}

enum status recover_run(struct machine *m, const struct request *q, struct text *out)
{
	static struct recovery r;
	char prefix[PATH_MAX] = "";

	r = (struct recovery){.m = m, .q = q, .out = out, .config = m->config};
	r.run = (struct check_run){.m = m, .prefix = prefix, .checks = &r.hooks, .input = -1};
	check_list_find(m, CHECK_RECOVERY, CHECK_RECOVERY, &r.hooks);
	if (q->list)
		return list_hooks(&r);
	if (q->dry_run)
		return show_repair(&r);
	if (q->root && !q->run) {
		log_err("refused: with --root= hooks are only listed (--list), not run");
		return STATUS_REFUSED;
	}
	if (q->root && !realpath(q->root, prefix)) {
		log_err("cannot find \"%s\": %s", q->root, strerror(errno));
		return STATUS_REFUSED;
	}
	find_shared(&r);
	if (!check_list_any(&r.hooks) && !r.is_shared) {
		/* The unit runs in each recovery. */
		if (!journal_is_stderr())
			log_notice("there are no recovery hooks");
		return STATUS_DONE;
	}
	return run_hooks(&r);
}
