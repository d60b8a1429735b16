// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "act.h"
#include "decide.h"
#include "doors/efivar.h"
#include "doors/kexec.h"
#include "doors/log.h"
#include "doors/service.h"
#include "handover.h"
#include "loader.h"
#include "planned.h"
#include "reboot.h"
#include "report.h"
#include "restart.h"
#include "target.h"
#include "verb.h"

/* A planned restart past the firmware, in three steps:
 *
 *   bootassess-reboot.service is stopped   --prepare: what boots next is charged and loaded
 *   services end, file systems unmounted   systemd does that, as in every restart
 *   system-shutdown/bootassess-shutdown    reboot_hook(): jump
 *
 * To systemd it is a restart all the way. So what fails here, whenever it does, ends as one that
 * goes through the firmware, and the watchdog is the one of RebootWatchdogSec=. */

/* Notes. The id that is loaded, and the one that LoaderEntryOneShot named before; empty = none. And
 * that the restart is to go through the firmware. */
#define NOTE_LOADED   "loaded"
#define NOTE_ONESHOT  "loaded-oneshot"
#define NOTE_FIRMWARE "firmware"

#define WHY_SIZE (4 * NAME_SIZE)

static bool read_note(const struct machine *m, const char *note, char text[NAME_SIZE])
{
	return machine_read_note(m, note, text);
}

static void clear_note(const struct machine *m, const char *note)
{
	if (machine_has_note(m, note))
		machine_set_note(m, note, "");
}

/* systemd is restarting the machine already; what is loaded waits for reboot_hook(). */
static int leave_to_shutdown(enum leave how)
{
	return how == LEAVE_KEXEC ? 0 : -EOPNOTSUPP;
}

static void begin_prepare(struct machine *m, const struct request *q)
{
	m->leave = leave_to_shutdown;
	if (m->config.esp_timeout_s > VERB_WAIT_MAX_S)
		m->config.esp_timeout_s = VERB_WAIT_MAX_S;
	if (!q->root && (m->config.methods & METHOD_KEXEC))
		m->stops_watchdog = service_stops_watchdog_at_reboot();
}

/* A loader that cannot be asked does again what it has done. */
static int find_target(const struct machine *m, const struct report *r)
{
	if (r->next.rung >= 0 || r->next.foreign[0])
		return r->next.rung;
	return m->loader->kind == LOADER_NONE && !r->facts.kexeced ? r->facts.booted.rung : -1;
}

/* A capsule, or its set-up screen: a kexec would go past it, and it would come at another time.
 * Source: UEFI 2.10 section 8.5.4 "OsIndications". */
static bool is_firmware_wanted(const struct machine *m)
{
	uint8_t data[8];
	size_t len;

	if (m->efivars < 0 ||
	    efivar_read(m->efivars, "OsIndications", EFIVAR_GLOBAL, data, sizeof(data), &len) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (data[i])
			return true;
	return false;
}

static void say_refused(const struct machine *m, const struct report *r, const struct plan *p,
			int target)
{
	const char *obstacle = planned_obstacle(&r->facts, target);
	char why[WHY_SIZE];
	struct facts f;
	struct text t;

	text_init(&t, why, sizeof(why));
	if (r->next.foreign[0]) {
		text_printable(&t, r->next.foreign);
		text_str(&t, " is started next, which is on no rung of the ladder");
	} else if (obstacle) {
		text_str(&t, obstacle);
	} else {
		f = r->facts;
		f.booted.rung = -1; /* that it is booted is no obstacle here */
		target_refusal(&f, p, target, m->config.methods & METHOD_KEXEC, &t);
		if (!(m->config.methods & METHOD_KEXEC))
			text_str(&t, "; Method= has no kexec");
	}
	log_notice("reboot: through the firmware: %s", why);
}

/* What an attempt has changed: that there is no target asks for nothing new. */
static void take_back(struct machine *m, struct facts *f)
{
	int r = ACT_AGAIN;
	struct plan p;

	for (int i = 0; i < RESTART_ROUNDS_MAX && r == ACT_AGAIN; i++) {
		decide_reboot(f, &m->config, -1, &p);
		r = act(m, f, &p);
	}
}

/* A kexec takes the one-shot away, because it would take a later boot elsewhere. */
static void set_oneshot_again(struct machine *m, const struct facts *f, const char *id)
{
	int rung = id[0] ? ladder_find(&f->ladder, id) : -1;
	int e = rung < 0 ? 0 : loader_set_oneshot(m, &f->ladder.rung[rung]);

	if (e < 0)
		log_err("cannot set %s to \"%s\" again: %s", m->loader->oneshot, id, strerror(-e));
}

static void note_loaded(struct machine *m, const struct report *r, int target)
{
	const char *id = r->facts.ladder.rung[target].id;

	if (r->next.is_oneshot)
		machine_set_note(m, NOTE_ONESHOT, r->oneshot);
	machine_set_note(m, NOTE_LOADED, id);
	log_notice("reboot: \"%s\" is loaded, and starts without the firmware", id);
}

static enum status load(struct machine *m, const struct request *q, struct report *r, int target,
			struct text *out)
{
	struct facts *f = &r->facts;
	bool has_begun = false;
	int e = ACT_AGAIN;
	struct plan p;

	for (int i = 0; i < RESTART_ROUNDS_MAX && e == ACT_AGAIN; i++) {
		decide_reboot(f, &m->config, target, &p);
		if (p.verdict != VERDICT_SWITCH)
			break;
		verb_show(f, &p, q, out);
		if (q->dry_run)
			return STATUS_DONE;
		has_begun = true;
		e = restart_act(m, f, &p);
	}
	if (e == 0) {
		note_loaded(m, r, target);
		return STATUS_DONE;
	}
	if (!has_begun)
		verb_show(f, &p, q, out);
	say_refused(m, r, &p, target);
	if (has_begun) {
		take_back(m, f);
		if (r->next.is_oneshot && !f->oneshot)
			set_oneshot_again(m, f, r->oneshot);
	}
	return STATUS_REFUSED;
}

static enum status prepare(struct machine *m, const struct request *q, struct text *out)
{
	struct report r = {.m = m};
	char text[NAME_SIZE];

	if (!q->dry_run && !q->root && !service_is_rebooting()) {
		log_info("reboot: the machine is not restarting, nothing is loaded");
		return STATUS_DONE;
	}
	if (read_note(m, NOTE_FIRMWARE, text)) {
		log_notice("reboot: through the firmware, as asked for");
		clear_note(m, NOTE_FIRMWARE);
		return STATUS_DONE;
	}
	begin_prepare(m, q);
	if (!verb_begin(m, q, EVENT_SHUTDOWN, &r.facts))
		return STATUS_REFUSED;
	if (is_firmware_wanted(m)) {
		log_notice("reboot: through the firmware: OsIndications asks it for something");
		return STATUS_REFUSED;
	}
	report_find_next(m, &r);
	return load(m, q, &r, find_target(m, &r), out);
}

/* The restart that it was loaded for has not come: a later one must not start it unasked. */
static enum status cancel(struct machine *m, const struct request *q)
{
	char loaded[NAME_SIZE], oneshot[NAME_SIZE];
	struct facts f;

	if (!read_note(m, NOTE_LOADED, loaded))
		return STATUS_DONE;
	if (q->dry_run) {
		log_notice("reboot: \"%s\" would be unloaded", loaded);
		return STATUS_DONE;
	}
	m->leave = leave_to_shutdown;
	if (!verb_begin(m, q, EVENT_SHUTDOWN, &f))
		return STATUS_REFUSED;
	if (!m->root.is_test)
		handover_unload(m);
	clear_note(m, NOTE_LOADED);
	f.opened = f.record.state == RECORD_OPEN && counter_same_id(f.record.target, loaded);
	take_back(m, &f);
	if (read_note(m, NOTE_ONESHOT, oneshot))
		set_oneshot_again(m, &f, oneshot);
	clear_note(m, NOTE_ONESHOT);
	log_notice("reboot: \"%s\" is unloaded, because the restart did not come", loaded);
	return STATUS_DONE;
}

static enum status restart(struct machine *m, const struct request *q)
{
	bool is_systemd = service_is_systemd(m->root.fd);
	int r;

	if (q->firmware)
		machine_set_note(m, NOTE_FIRMWARE, "yes");
	else
		clear_note(m, NOTE_FIRMWARE);
	if (q->root) {
		log_notice("reboot: this would restart the machine");
		return STATUS_DONE;
	}
	r = service_end(SERVICE_REBOOT, is_systemd ? SERVICE_ASK : SERVICE_BY_INIT);
	if (r == 0)
		return STATUS_DONE;
	clear_note(m, NOTE_FIRMWARE);
	log_err("cannot restart the machine: %s", strerror(-r));
	return STATUS_REFUSED;
}

enum status reboot_run(struct machine *m, const struct request *q, struct text *out)
{
	if (q->cancel)
		return cancel(m, q);
	if (q->prepare || (q->dry_run && !q->firmware))
		return prepare(m, q, out);
	if (!q->dry_run)
		return restart(m, q);
	log_notice("reboot: through the firmware, as asked for");
	return STATUS_DONE;
}

static int jump(const struct machine *m)
{
	char id[NAME_SIZE], loaded[8];
	int r;

	if (!read_note(m, NOTE_LOADED, id) ||
	    root_read_line(m->root.fd, "sys/kernel/kexec_loaded", loaded, sizeof(loaded)) < 0 ||
	    strcmp(loaded, "1") != 0)
		return 0;
	log_notice("reboot: starting \"%s\" by kexec", id);
	if (m->root.is_test)
		return 0;
	r = kexec_jump();
	log_err("reboot: the kernel refuses to start \"%s\": %s; through the firmware", id,
		strerror(-r));
	return 1;
}

int reboot_hook(int argc, char **argv)
{
	static const char option[] = "--root=";
	const char *dir = NULL;
	struct machine m;
	int r;

	if (argc < 2 || strcmp(argv[1], "reboot") != 0)
		return 0;
	if (argc > 2 && strncmp(argv[2], option, sizeof(option) - 1) == 0)
		dir = argv[2] + sizeof(option) - 1;
	/* What is wrong with the configuration has been said. */
	log_setup(LOG_TARGET_KMSG_ONLY, LOG_DOOR_ERR);
	r = machine_open(dir, &m);
	log_setup(dir ? LOG_TARGET_STDERR : LOG_TARGET_KMSG_ONLY, LOG_DOOR_INFO);
	if (r < 0)
		return 0;
	r = jump(&m);
	machine_close(&m);
	return r;
}
