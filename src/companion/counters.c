// SPDX-License-Identifier: LGPL-2.1-or-later
#include "counters.h"
#include "announce.h"
#include "doors/log.h"
#include "explain.h"
#include "history-note.h"
#include "obstacle.h"
#include "settle.h"

#define LINE_SIZE (8 * NAME_SIZE)

static enum status refuse(const struct machine *m, const struct request *q, const struct facts *f,
			  const struct plan *p)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_str(&t, "edit: refused: ");
	obstacle_text(m, f, p, &t);
	announce(m, q, ANNOUNCE_REFUSED, f, p, p->target, line, NULL);
	return STATUS_REFUSED;
}

/* One counter that was changed, or with --dry-run would be. */
static void say_one(const struct machine *m, const struct request *q, const struct facts *before,
		    const struct facts *f, const struct plan *p, const struct op *op)
{
	const struct counter *now = &f->ladder.rung[op->rung].counter;
	char line[LINE_SIZE];
	struct text t;

	if (op->type != OP_BLESS && op->type != OP_MARK && op->type != OP_ARM)
		return;
	if (!q->dry_run && !counter_is_same(now, &op->to))
		return; /* it failed, and that was said */
	text_init(&t, line, sizeof(line));
	text_str(&t, "edit: ");
	explain_op(before, p, op, &t);
	announce(m, q, ANNOUNCE_EDITED, f, p, op->rung, line, NULL);
}

static enum status carry_out(struct machine *m, const struct request *q, struct facts *f,
			     const struct plan *p, bool is_remembered)
{
	const struct facts before = *f;
	int r = 0;

	if (!q->dry_run) {
		r = settle(m, f, p);
		if (r == 0 && is_remembered)
			history_note(m, &before, p, NULL, NULL);
	}
	for (unsigned int i = 0; i < p->n_ops; i++)
		say_one(m, q, &before, f, p, &p->op[i]);
	if (r == 0 && !f->incomplete)
		return STATUS_DONE;
	log_err("edit: not all of it could be written; what is not named above is as it was");
	return STATUS_REFUSED;
}

enum status counters_change(struct machine *m, const struct request *q, struct facts *f,
			    enum edit edit, unsigned int rungs, struct text *out)
{
	struct plan p;

	edit_plan(f, &m->config, edit, rungs, &p);
	verb_show(f, &p, q, out);
	if (p.reason == REASON_REFUSED)
		return refuse(m, q, f, &p);
	if (p.n_ops > 0)
		return carry_out(m, q, f, &p, true);
	log_notice("edit: nothing to do: it is so already");
	return STATUS_DONE;
}

void counters_rearm(struct machine *m, const struct request *q, struct facts *f, unsigned int rungs)
{
	struct plan p;

	edit_plan(f, &m->config, EDIT_REARM, counters_leave_out(f, rungs), &p);
	(void)carry_out(m, q, f, &p, false);
	for (unsigned int i = 0; q->dry_run && i < p.n_ops; i++)
		if (p.op[i].type == OP_ARM)
			f->ladder.rung[p.op[i].rung].counter = p.op[i].to;
}

unsigned int counters_leave_out(const struct facts *f, unsigned int rungs)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (!(rungs & 1u << i) || edit_obstacle(f, EDIT_REARM, i) == OBSTACLE_NONE)
			continue;
		log_warning(
			"\"%s\" is left out: \"%s\" on %s and \"%s\" on %s are one id, and which "
			"of them is meant is not known; remove one",
			r->id, r->name, place_name(r->place), r->twin, place_name(r->twin_place));
		rungs &= ~(1u << i);
	}
	return rungs;
}
