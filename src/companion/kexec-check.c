// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "decide.h"
#include "doors/log.h"
#include "doors/service.h"
#include "doors/watchdog.h"
#include "fitness.h"
#include "observe.h"
#include "record-store.h"
#include "show.h"
#include "target.h"
#include "verb.h"

/* Checks the image, and what only it can tell. */
static void check_image(const struct machine *m, const struct facts *f, uint32_t txn,
			struct show *s)
{
	s->available = fitness_memory(m);
	if (stage_check(m, s->rung, txn, f->locked, &s->stage, s->why, sizeof(s->why)) < 0) {
		s->against |= AGAINST_IMAGE;
		return;
	}
	s->is_whole = true;
	s->against |= fitness_image(f, &s->stage, s->available);
}

static enum status refuse(const struct facts *f, const struct plan *p, int target,
			  const struct request *q, struct text *out)
{
	char why[4 * NAME_SIZE];
	struct text t;

	text_init(&t, why, sizeof(why));
	target_refusal(f, p, target, 0, &t);
	if (q->json)
		show_refusal_json(why, out);
	else
		log_err("refused: %s", why);
	return STATUS_REFUSED;
}

static enum status check(const struct machine *m, const struct request *q, const struct facts *f,
			 bool is_configured, struct text *out)
{
	struct show s = {.stage = STAGE_INIT, .locked = f->locked};
	int target = target_find(f, &m->config, q->id);
	struct plan p;

	if (q->id && target < 0)
		return STATUS_REFUSED;
	decide_switch(f, &m->config, target, &p);
	if (target < 0 || !target_can_boot(f, target))
		return refuse(f, &p, target, q, out);
	s.rung = &f->ladder.rung[target];
	s.against = p.against;
	s.is_configured = is_configured;
	s.outlives = watchdog_outlives_kexec(m->root.fd, m->stops_watchdog);
	check_image(m, f, p.record.txn, &s);
	if (q->json)
		show_json(&s, out);
	else
		show_text(&s, out);
	stage_close(&s.stage);
	return show_is_possible(&s) ? STATUS_DONE : STATUS_REFUSED;
}

/* A machine that lost a kexec may do it again. */
static enum status forget(struct machine *m, const struct facts *f)
{
	struct record r = f->record;
	int e;

	if (!r.kexec_lost && r.kexec_losses == 0) {
		log_notice("no kexec of this machine was lost: there is nothing to forget");
		return STATUS_DONE;
	}
	r.kexec_lost = false;
	r.kexec_losses = 0;
	/* An open one would be found lost again. */
	if (r.state == RECORD_OPEN && r.method == METHOD_KEXEC)
		r.state = RECORD_CLOSED;
	e = record_store_write(m, &r);
	if (e < 0) {
		log_err("cannot write the record: %s", strerror(-e));
		return STATUS_REFUSED;
	}
	log_notice("forgotten: this machine may kexec again");
	return STATUS_DONE;
}

enum status kexec_check_run(struct machine *m, const struct request *q, struct text *out)
{
	bool is_configured = m->config.methods & METHOD_KEXEC;
	struct facts f;

	if (q->forget && !verb_lock(m))
		return STATUS_REFUSED;
	if (!q->root)
		m->stops_watchdog = service_stops_watchdog();
	m->config.methods = METHOD_KEXEC; /* else nothing is read about it */
	m->config.esp_timeout_s = q->forget ? VERB_WAIT_MAX_S : 0;
	machine_reach(m);
	observe(m, EVENT_SWITCH, &f);
	return q->forget ? forget(m, &f) : check(m, q, &f, is_configured, out);
}
