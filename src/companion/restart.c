// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "act.h"
#include "doors/journal.h"
#include "doors/log.h"
#include "doors/power.h"
#include "doors/service.h"
#include "explain.h"
#include "restart.h"

/* A note: systemctl(1), or reboot(8), has taken our restart. Holds the uptime of that, in seconds.
 */
#define NOTE_LEAVING "leaving"

static int leave(enum leave how, enum service_manner manner)
{
	static const enum service_end ends[] = {[LEAVE_REBOOT] = SERVICE_REBOOT,
						[LEAVE_KEXEC] = SERVICE_KEXEC,
						[LEAVE_POWEROFF] = SERVICE_POWEROFF,
						[LEAVE_HALT] = SERVICE_HALT};

	/* Else the restart that we ask for would end us before we have its answer. */
	service_hold_signals();
	return service_end(ends[how], manner);
}

static int leave_by_init(enum leave how)
{
	return leave(how, SERVICE_BY_INIT);
}

static int ask_systemd(enum leave how)
{
	return leave(how, SERVICE_ASK);
}

/* What kills the services may harm them. An orderly end that somebody else has begun goes first,
 * unless it had its time. */
static int insist(enum leave how, bool had_its_time)
{
	int r = leave(how, SERVICE_INSIST);

	if (r != -ECANCELED || how == LEAVE_KEXEC)
		return r;
	if (!had_its_time && service_is_stopping()) {
		log_notice("the system is going down already, it is left to that");
		return 0;
	}
	log_err("systemctl refuses to restart the machine; forcing it: the services are killed");
	return leave(how, SERVICE_FORCE);
}

static int insist_at_first(enum leave how)
{
	return insist(how, false);
}

static int insist_again(enum leave how)
{
	return insist(how, true);
}

static void choose_leave(struct machine *m, enum resolve resolve, bool is_systemd)
{
	if (!is_systemd)
		m->leave = leave_by_init;
	else if (resolve == RESTART_ASK)
		m->leave = ask_systemd;
	else if (machine_has_note(m, NOTE_LEAVING) && !restart_is_under_way(m))
		m->leave = insist_again;
	else
		m->leave = insist_at_first;
}

void restart_prepare(struct machine *m, const struct request *q, enum resolve resolve)
{
	bool is_systemd = service_is_systemd(m->root.fd);

	choose_leave(m, resolve, is_systemd);
	if (q->methods != 0)
		m->config.methods = q->methods;
	/* It asks the service manager, who may not answer: only where it matters. */
	if (!q->root && (m->config.methods & METHOD_KEXEC))
		m->stops_watchdog = service_stops_watchdog();
	if (is_systemd || !(m->config.methods & METHOD_KEXEC))
		return;
	log_notice("systemd is not running, which a kexec needs to end the services: no kexec");
	m->config.methods &= ~(unsigned long)METHOD_KEXEC;
}

/* announce() has said it elsewhere. */
static void tell_kernel(const char *line)
{
	log_setup(LOG_TARGET_KMSG_ONLY, LOG_DOOR_INFO);
	log_notice("%s", line);
	log_setup(journal_is_stderr() ? LOG_TARGET_PREFIXED : LOG_TARGET_STDERR, LOG_DOOR_INFO);
}

void restart_tell(const struct machine *m, const struct request *q, enum announcement what,
		  const struct facts *f, const struct plan *p, const char *text, struct text *out)
{
	char line[6 * NAME_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	explain_line(f, p, &t);
	if (text[0]) {
		text_str(&t, "; reason: ");
		text_str(&t, text);
	}
	announce(m, q, what, f, p, -1, line, text[0] ? text : NULL);
	if (!q->root && !q->dry_run)
		tell_kernel(line);
	verb_show(f, p, q, out);
}

static void note_leaving(const struct machine *m)
{
	char line[NAME_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_uint(&t, (unsigned long)(power_uptime_ms() / 1000), 0);
	text_char(&t, '\n');
	machine_set_note(m, NOTE_LEAVING, line);
}

int restart_act(struct machine *m, struct facts *f, const struct plan *p)
{
	int r;

	/* Between a kernel that is loaded and the restart that takes it nothing may end us. */
	if (p->method == METHOD_KEXEC)
		service_hold_signals();
	r = act(m, f, p);
	if (r == 0 && p->verdict != VERDICT_PROCEED)
		note_leaving(m);
	return r;
}

bool restart_is_under_way(const struct machine *m)
{
	unsigned long now_s = (unsigned long)(power_uptime_ms() / 1000), since_s;
	char line[NAME_SIZE];

	return machine_read_note(m, NOTE_LEAVING, line) &&
	       slice_uint((struct slice){line, strlen(line)}, now_s, &since_s) == 0 &&
	       now_s - since_s < RESTART_PATIENCE_S;
}
