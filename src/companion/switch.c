// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "act.h"
#include "decide.h"
#include "doors/log.h"
#include "explain.h"
#include "restart.h"
#include "switch.h"
#include "target.h"
#include "verb.h"

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

/* What the attempt before has changed; what cannot be taken back is noted and left. */
static void take_back(struct machine *m, struct facts *f, int target, struct plan *p)
{
	for (int i = 0; i < RESTART_ROUNDS_MAX && act(m, f, p) == ACT_AGAIN; i++)
		decide_switch(f, &m->config, target, p);
}

enum status switch_to(struct machine *m, const struct request *q, struct facts *f, int target,
		      const char *why, struct text *out)
{
	int r = ACT_AGAIN;
	struct plan p;

	m->why = why;
	for (int i = 0; i < RESTART_ROUNDS_MAX && r == ACT_AGAIN; i++) {
		decide_switch(f, &m->config, target, &p);
		if (p.verdict != VERDICT_SWITCH) {
			if (i > 0)
				take_back(m, f, target, &p);
			return refuse(m, f, &p, target, q->json, out);
		}
		restart_tell(m, q, ANNOUNCE_SWITCHED, f, &p, why ? why : "", out);
		if (q->dry_run)
			return STATUS_DONE;
		r = restart_act(m, f, &p);
	}
	m->why = NULL;
	if (r < 0)
		log_err("cannot restart the machine: %s; its next restart leads to %s",
			strerror(-r), f->ladder.rung[p.target].id);
	return r == 0 ? STATUS_DONE : STATUS_REFUSED;
}

enum status switch_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	int target;

	restart_prepare(m, q, RESTART_ASK);
	if (!verb_begin(m, q, EVENT_SWITCH, &f))
		return STATUS_REFUSED;
	target = target_find(&f, &m->config, q->id);
	if (q->id && target < 0)
		return STATUS_REFUSED;
	return switch_to(m, q, &f, target, NULL, out);
}
