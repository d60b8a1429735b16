// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "act.h"
#include "decide.h"
#include "doors/log.h"
#include "doors/service.h"
#include "explain.h"
#include "observe.h"
#include "target.h"
#include "verb.h"

/* Each act() that is not the last one leaves one more note in the facts. */
#define ROUNDS_MAX 8

static int leave_by_systemd(bool kexec)
{
	return service_restart(kexec, true);
}

static int leave_by_init(bool kexec)
{
	return service_restart(kexec, false);
}

/* How the machine is restarted, and what that and --method= leave of Method=. */
static void choose_methods(struct machine *m, const struct request *q)
{
	bool is_systemd = service_is_systemd(m->root.fd);

	m->leave = is_systemd ? leave_by_systemd : leave_by_init;
	if (q->methods != 0)
		m->config.methods = q->methods;
	if (is_systemd || !(m->config.methods & METHOD_KEXEC))
		return;
	log_notice("systemd is not running, which a kexec needs to end the services: no kexec");
	m->config.methods &= ~(unsigned long)METHOD_KEXEC;
}

static enum status refuse(const struct machine *m, const struct facts *f, const struct plan *p,
			  int target, bool json, struct text *out)
{
	char why[4 * NAME_SIZE];
	struct text t;

	text_init(&t, why, sizeof(why));
	target_refusal(f, p, target, m->config.methods, &t);
	log_err("refused: %s", why);
	text_init(out, out->buf, out->size);
	if (json)
		explain_json(f, p, out);
	return STATUS_REFUSED;
}

/* The decision goes to the kernel log too: there it is found after the restart. */
static void tell(const struct facts *f, const struct plan *p, const struct request *q,
		 struct text *out)
{
	bool is_real = !q->root && !q->dry_run;
	char line[4 * NAME_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	explain_line(f, p, &t);
	log_notice("%s", line);
	if (is_real) {
		log_setup(LOG_TARGET_KMSG, LOG_DOOR_INFO);
		log_notice("%s", line);
		log_setup(LOG_TARGET_STDERR, LOG_DOOR_INFO);
	}
	text_init(out, out->buf, out->size);
	if (q->json)
		explain_json(f, p, out);
	else if (!is_real)
		explain_text(f, p, out);
}

/* What the attempt before has changed; what cannot be taken back is noted and left. */
static void take_back(struct machine *m, struct facts *f, int target, struct plan *p)
{
	for (int i = 0; i < ROUNDS_MAX && act(m, f, p) == ACT_AGAIN; i++)
		decide_switch(f, &m->config, target, p);
}

enum status switch_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	struct plan p;
	int target, r = ACT_AGAIN;

	choose_methods(m, q);
	if (!q->dry_run && !verb_lock(m))
		return STATUS_REFUSED;
	machine_reach(m);
	observe(m, EVENT_SWITCH, &f);
	target = target_find(&f, &m->config, q->id);
	if (q->id && target < 0)
		return STATUS_REFUSED;
	for (int i = 0; i < ROUNDS_MAX && r == ACT_AGAIN; i++) {
		decide_switch(&f, &m->config, target, &p);
		if (p.verdict != VERDICT_SWITCH) {
			if (i > 0)
				take_back(m, &f, target, &p);
			return refuse(m, &f, &p, target, q->json, out);
		}
		tell(&f, &p, q, out);
		if (q->dry_run)
			return STATUS_DONE;
		service_hold_signals();
		r = act(m, &f, &p);
	}
	if (r < 0)
		log_err("cannot restart the machine: %s; its next restart leads to %s",
			strerror(-r), f.ladder.rung[p.target].id);
	return r == 0 ? STATUS_DONE : STATUS_REFUSED;
}
