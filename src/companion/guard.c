// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "check-note.h"
#include "doors/log.h"
#include "doors/notice.h"
#include "doors/power.h"
#include "doors/process.h"
#include "doors/service.h"
#include "fail.h"
#include "verb.h"

/*
 *	asleep --- the boot has come to its bless ---------------> end
 *	   |
 *	   | deadline, and no check can run any more within its limits
 *	   v
 *	give the boot up, in a child --- the boot may go on -----> end
 *	   |                  |
 *	   | done             | refused, or hangs, and waits not on purpose
 *	   v                  v
 *	GRACE_S for      at most CHILD_S, then the rest is skipped
 *	the restart --- systemd-shutdown has begun ---------------> end
 *	   |                  |
 *	   +--------+---------+
 *	            v
 *	   sync, in a child, SYNC_MS -> reboot(2), in a child, REBOOT_MS -> sysrq
 *
 * A child hangs where the disk or PID 1 does. This process itself asks neither for anything: its
 * memory is locked, what it needs is open, and it starts no program.
 */

#define NOTES	  "run/bootassess"
#define WARNING_S 60
#define STEP_MS	  1000
#ifndef GRACE_S	      /* the tests do not wait so long */
#define GRACE_S	  180 /* systemctl(1) has taken the restart; a service has 90 s to end */
#define CHILD_S	  60  /* beyond the waits for the lock and for the disk */
#define SYNC_MS	  10000
#define REBOOT_MS 30000
#endif

struct guard {
	int notes; /* inotify */
	int reset;
};

static bool is_over(const struct machine *m)
{
	return machine_has_note(m, NOTE_BLESSING) || machine_has_note(m, "blessed");
}

/* What runs, as the initramfs noted it; without that, by the loader's word. Recovery and reset have
 * a deadline of their own: it must not end a repair. */
static bool is_system(const struct machine *m)
{
	_cleanup_(closep) int efivars = -1;
	struct sdboot loader;
	unsigned int pattern;
	char role[NAME_SIZE];
	enum role found;

	if (machine_read_note(m, NOTE_ROLE, role))
		return strcmp(role, role_name(ROLE_SYSTEM)) == 0;
	efivars = root_open_dir(m->root.fd, "sys/firmware/efi/efivars");
	sdboot_read(efivars, &loader);
	return !loader.selected[0] ||
	       ladder_match(&m->config, loader.selected, &found, &pattern) != 0 ||
	       found == ROLE_SYSTEM;
}

static unsigned long find_deadline(const struct machine *m)
{
	/* Who asked for rescue.target waits for no bless, and works there. */
	if (m->cmdline.disabled || m->is_crash_kernel || m->cmdline.rescue)
		return 0;
	return is_system(m) ? m->config.boot_deadline_s : m->config.recovery_deadline_s;
}

/* Checks that run have limits of their own: what they may still find out is not cut short. */
static uint64_t find_limit_ms(const struct machine *m, unsigned long deadline_s)
{
	unsigned long busy_until_s = check_note_busy_until_s(m);

	return (uint64_t)(busy_until_s > deadline_s ? busy_until_s : deadline_s) * 1000;
}

/* Until so long before the deadline. True if the boot came to its bless before. */
static bool wait_until(const struct machine *m, const struct guard *g, unsigned long deadline_s,
		       unsigned long before_s)
{
	const uint64_t before_ms = (uint64_t)before_s * 1000;
	uint64_t until_ms;
	int fd = g->notes;

	while (!is_over(m)) {
		until_ms = find_limit_ms(m, deadline_s);
		until_ms = until_ms > before_ms ? until_ms - before_ms : 0;
		if (power_awake_ms() >= until_ms)
			return is_over(m);
		if (notice_wait(fd, until_ms) < 0)
			fd = -1; /* only for the time; the notes are looked at once more then */
	}
	return true;
}

static bool sleep_through(const struct machine *m, const struct guard *g, unsigned long deadline_s)
{
	if (wait_until(m, g, deadline_s, WARNING_S))
		return true;
	log_warning("deadline: this boot has not come to its bless, and is given up in %u s; "
		    "\"systemctl stop bootassess-guard\" keeps it",
		    WARNING_S);
	return wait_until(m, g, deadline_s, 0);
}

/* What a child has come to. */
enum outcome {
	OUTCOME_PROCEED = STATUS_DONE,	  /* the boot may go on */
	OUTCOME_REFUSED = STATUS_REFUSED, /* nobody restarts the machine */
	OUTCOME_TAKEN = 10,		  /* somebody does */
};

/* In the child. */
static enum outcome give_up(struct machine *m, const struct request *q, unsigned long deadline_s,
			    struct text *out)
{
	enum verdict verdict = VERDICT_RETRY;
	struct request fail = *q;
	enum status status;
	char reason[64];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	text_str(&t, "not blessed ");
	text_uint(&t, deadline_s, 0);
	text_str(&t, " s after the start");
	fail.reason = reason;
	/* It needs a service manager that works, and its answers. */
	m->config.methods &= ~(unsigned long)METHOD_KEXEC;
	status = fail_boot(m, &fail, EVENT_DEADLINE, &verdict, out);
	if (verdict == VERDICT_PROCEED)
		return OUTCOME_PROCEED;
	return status == STATUS_DONE ? OUTCOME_TAKEN : OUTCOME_REFUSED;
}

/* Waits for the child, and for the end of the machine. True if there is nothing more to do: the
 * boot may go on after all, or systemd-shutdown has begun, which waits for us, too. */
static bool await_restart(const struct machine *m, pid_t child)
{
	uint64_t limit_s = CHILD_S + 2 * m->config.esp_timeout_s;
	uint64_t since_ms = power_awake_ms();
	int outcome = OUTCOME_REFUSED, r = child < 0 ? (int)child : -EAGAIN;

	while (power_awake_ms() - since_ms < limit_s * 1000) {
		if (r == -EAGAIN) {
			r = process_wait(child, STEP_MS, &outcome);
			if (r == 0 && outcome == OUTCOME_PROCEED)
				return true;
			if (r != -EAGAIN) {
				since_ms = power_awake_ms();
				limit_s = outcome == OUTCOME_TAKEN ? GRACE_S : 1;
			}
		} else {
			(void)notice_wait(-1, power_awake_ms() + STEP_MS);
		}
		if (service_is_at_end(m->root.fd))
			return true;
		/* On purpose: a hold, or the wait before a restart. */
		if (machine_is_waiting(m))
			since_ms = power_awake_ms();
	}
	return false;
}

/* Each step may hang: the first two where a disk does. */
static enum status force(const struct guard *g)
{
	int status, r;
	pid_t child;

	log_err("deadline: the machine has not restarted, doing it by force");
	child = process_fork();
	if (child == 0) {
		power_sync();
		return STATUS_DONE;
	}
	(void)process_wait(child, SYNC_MS, &status);
	child = process_fork();
	if (child == 0) {
		log_err("deadline: cannot restart the machine: %s", strerror(-power_reboot()));
		return STATUS_REFUSED;
	}
	(void)process_wait(child, REBOOT_MS, &status);
	r = power_reset(g->reset);
	log_err("deadline: cannot reset the machine: %s", strerror(-r));
	return STATUS_REFUSED;
}

static enum status strike(struct machine *m, const struct request *q, const struct guard *g,
			  unsigned long deadline_s, struct text *out)
{
	pid_t child;

	/* A service manager that hangs in the restart must not take this process with it. */
	process_hold_term();
	child = process_fork();
	if (child == 0)
		return (enum status)give_up(m, q, deadline_s, out);
	return await_restart(m, child) ? STATUS_DONE : force(g);
}

static enum status keep_watch(struct machine *m, const struct request *q, unsigned long deadline_s,
			      struct text *out)
{
	struct guard g = {.notes = -1, .reset = -1};
	enum status status = STATUS_DONE;
	int r;

	/* Not the journal: who waits for it to take a line may wait for ever. */
	log_setup(LOG_TARGET_KMSG, LOG_DOOR_INFO);
	r = process_lock_memory();
	if (r < 0)
		log_warning("cannot lock the memory: %s, ignoring", strerror(-r));
	(void)root_mkdirs(m->root.fd, NOTES);
	g.notes = notice_open(m->root.fd, NOTES);
	if (g.notes < 0)
		log_warning("cannot watch \"/%s\": %s, looking there only at the deadline", NOTES,
			    strerror(-g.notes));
	g.reset = power_open_reset(m->root.fd);
	if (!sleep_through(m, &g, deadline_s))
		status = strike(m, q, &g, deadline_s, out);
	closep(&g.notes);
	closep(&g.reset);
	return status;
}

enum status guard_run(struct machine *m, const struct request *q, struct text *out)
{
	unsigned long deadline_s = find_deadline(m);

	if (deadline_s == 0) {
		log_notice("guard: this boot has no deadline");
		return STATUS_DONE;
	}
	if (!q->root && !q->dry_run)
		return keep_watch(m, q, deadline_s, out);
	if (is_over(m)) {
		log_notice("guard: this boot has come to its bless");
		return STATUS_DONE;
	}
	if (find_limit_ms(m, 0) > power_awake_ms()) {
		log_notice("guard: the health checks are not at their end, they are waited for");
		return STATUS_DONE;
	}
	(void)give_up(m, q, deadline_s, out);
	return STATUS_DONE;
}
