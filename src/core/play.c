// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stddef.h>
#include <string.h>

#include "check.h"
#include "edit.h"
#include "play.h"
#include "refund.h"

/* decide() is asked again so often at most: each time it learns of one thing that cannot be done.
 */
#define AGAIN_MAX 8

/* What became of an operation. */
enum step {
	STEP_DONE,
	STEP_AGAIN, /* it cannot be done, which is noted in the facts */
	STEP_STOP,  /* the same, and nothing follows */
};

static bool is_parked(const struct world *w, unsigned int i)
{
	return w->parked & 1u << i;
}

/* --- what the programs see --- */

static void fill_booted(struct play *p)
{
	struct facts *f = &p->f;
	const struct rung *r = &f->ladder.rung[p->b->rung];

	f->booted.known = true;
	f->booted.via = p->b->via;
	f->booted.rung = p->b->rung;
	memcpy(f->booted.id, r->id, sizeof(f->booted.id));
	f->booted.unproved = r->twin[0] && !r->twin_broken && !p->b->counted;
	if (!r->counter.present)
		return;
	f->booted.counted = p->b->counted;
	f->booted.counted_here = p->counted_here;
}

static void fill_rung(struct play *p, unsigned int i)
{
	struct rung *r = &p->f.ladder.rung[i];

	if (p->b->n_runs == 1) /* of this boot; that is most of what a run costs */
		*r = p->d->ladder.rung[i];
	r->counter = p->w->counter[i];
	r->in_variable = !counter_is_same(&r->counter, &p->w->name[i]);
	r->next_taken = 0;
	if (r->in_variable)
		(void)counter_format(r->id, &p->w->name[i], r->name);
	if (!is_parked(p->w, i))
		return;
	r->twin[0] = '\0';
	r->twin_plain = r->twin_counted = r->ambiguous = false;
}

static void fill_against(struct play *p)
{
	const struct config *c = &p->d->config;

	p->f.against = p->d->against;
	if (p->kexeced || c->max_hops == 0)
		p->f.against |= AGAINST_HOPS;
	p->f.unfit = p->d->unfit;
	/* What a record says of kernels is only ever compared. */
	p->f.kernel = p->d->kernel > 0 ? p->d->kernel : 1;
}

/* Every loader is to take a one-shot away itself: what is still there is left over. */
static void fill_oneshot(struct play *p)
{
	p->f.oneshot = p->w->oneshot >= 0;
	p->f.stale_oneshot = p->f.oneshot && !p->kexeced && p->f.event < EVENT_FAIL;
}

/* A check that fails is always the same one. */
static void fill_shared(struct play *p)
{
	const struct ladder *l = &p->f.ladder;
	unsigned int failed = 0;

	p->f.shared_recovery = p->w->shared_recovery;
	if (p->f.event != EVENT_FAIL || l->rung[p->b->rung].role != ROLE_SYSTEM)
		return;
	for (unsigned int i = 0; i < l->n; i++)
		if ((int)i != p->b->rung && l->rung[i].role == ROLE_SYSTEM)
			failed |= p->w->failed_checks & 1u << i;
	p->f.shared_failed = failed != 0;
	p->f.shared_fault = check_is_fault_shared(&p->f, failed);
}

/* As observe() and past_read() do it. Rungs behind the last one stay unwritten: that takes time. */
static void fill_facts(struct play *p, enum event event)
{
	struct facts *f = &p->f;
	struct text t;

	memset(f, 0, offsetof(struct facts, ladder));
	memset(&f->booted, 0, sizeof(*f) - offsetof(struct facts, booted));
	f->event = event;
	f->blind = p->d->blind;
	f->unsure = p->d->unsure;
	f->kexeced = p->kexeced;
	f->record = p->w->record;
	f->record_damaged = p->w->record_damaged;
	memcpy(f->pin, p->d->pin, sizeof(f->pin));
	text_init(&t, f->boot_id, sizeof(f->boot_id));
	text_uint(&t, p->w->boots, 1);
	f->ladder.n = p->d->ladder.n;
	f->ladder.dropped = p->d->ladder.dropped;
	for (unsigned int i = 0; i < f->ladder.n; i++)
		fill_rung(p, i);
	fill_booted(p);
	fill_against(p);
	fill_oneshot(p);
	if (event >= EVENT_FAIL)
		f->settings = p->w->settings;
	fill_shared(p);
	f->blessed = p->blessed;
}

/* --- what they do: act() and settle() --- */

static bool is_settled(const struct play *p)
{
	return p->f.event >= EVENT_BLESS;
}

static enum step play_record(struct play *p, const struct plan *plan, const struct op *op)
{
	struct facts *f = &p->f;
	struct record r = op->type == OP_RECORD ? plan->record : f->record;

	if (p->fate->unwritable) {
		f->record_unwritable = true;
		return is_settled(p) ? STEP_DONE : STEP_AGAIN;
	}
	/* One that only learns that its kexec was lost stays the record of that boot. */
	if (op->type == OP_RECORD || r.state != op->record_state)
		memcpy(r.boot_id, f->boot_id, sizeof(r.boot_id));
	r.kexec_lost = plan->record.kexec_lost;
	r.kexec_losses = plan->record.kexec_losses;
	if (op->type == OP_RECORD && op->record_state == RECORD_OPEN && r.method == METHOD_KEXEC)
		r.kexec_lost = false;
	r.state = (uint8_t)op->record_state;
	p->w->record = r;
	p->w->record_damaged = false;
	f->record.txn = r.txn;
	f->record.resets = r.resets;
	f->opened = op->type == OP_RECORD && r.state == RECORD_OPEN;
	p->b->has_changed = true;
	return STEP_DONE;
}

/* What act() and settle() note when a counter can be written nowhere. */
static enum step refuse_counter(struct play *p, const struct plan *plan, const struct op *op)
{
	struct facts *f = &p->f;

	if (is_settled(p))
		return f->event == EVENT_BLESS && op->rung != f->booted.rung ? STEP_DONE
									     : STEP_STOP;
	if (op->type == OP_ARM && (plan->verdict == VERDICT_HOLD ||
				   (plan->verdict == VERDICT_RESET && !counter_is_return(&op->to))))
		return STEP_DONE;
	if (op->type == OP_REFUND)
		f->charge.stuck = true;
	else if (op->type == OP_CHARGE)
		f->against |= AGAINST_LOAD;
	else if (op->rung != f->booted.rung)
		f->unfit |= plan->method;
	else
		f->counter_unwritable = true;
	return STEP_AGAIN;
}

static enum step play_counter(struct play *p, const struct plan *plan, const struct op *op)
{
	const struct counter none = {.present = false};
	const struct counter *to = op->type == OP_BLESS ? &none : &op->to;
	struct facts *f = &p->f;

	if (p->fate->unwritable)
		return refuse_counter(p, plan, op);
	if (!is_settled(p)) {
		f->charge.made = op->type == OP_CHARGE;
		f->charge.rung = op->rung;
		f->charge.was = f->ladder.rung[op->rung].counter;
	}
	p->w->counter[op->rung] = f->ladder.rung[op->rung].counter = *to;
	if (!p->fate->names_fixed)
		p->w->name[op->rung] = *to;
	if (op->rung == f->booted.rung)
		f->booted.counted_here = p->counted_here = true;
	p->b->has_changed = true;
	return STEP_DONE;
}

static void set_oneshot(struct play *p, int rung)
{
	p->w->oneshot = p->fate->oneshot_lost ? -1 : rung;
	p->f.oneshot = true;
}

static bool can_set_oneshot(const struct play *p)
{
	return !p->fate->unwritable && !p->fate->oneshot_fails;
}

static enum step play_oneshot(struct play *p, const struct op *op)
{
	if (can_set_oneshot(p)) {
		set_oneshot(p, op->rung);
		return STEP_DONE;
	}
	p->f.oneshot = false;
	p->f.unfit |= METHOD_FIRMWARE;
	return is_settled(p) ? STEP_DONE : STEP_AGAIN;
}

/* The loader's settings. */
static enum step play_setting(struct play *p, const struct op *op)
{
	const char *id = op->type == OP_UNPIN ? "*" : p->f.ladder.rung[op->rung].id;
	struct settings *s = &p->w->settings;
	enum setting by = SETTING_DEFAULT_VARIABLE;

	if (p->fate->unwritable && op->type == OP_UNPIN) {
		p->f.unfit |= METHOD_ORDER;
		return STEP_AGAIN;
	}
	if (p->fate->unwritable)
		return STEP_DONE;
	if (op->type == OP_CORRECT)
		by = SETTING_DEFAULT_FILE;
	else if (op->type == OP_PREFER && s->has_preferred)
		by = SETTING_PREFERRED_VARIABLE;
	memcpy(s->value[by], id, strlen(id) + 1);
	p->f.settings = *s;
	p->b->has_changed = true;
	return STEP_DONE;
}

static enum step play_kexec(struct play *p, const struct op *op)
{
	if (p->fate->kexec_refused) {
		p->f.against |= AGAINST_LOAD;
		return STEP_AGAIN;
	}
	p->is_over = true;
	p->b->end = p->fate->kexec_lost ? END_RESTART : END_KEXEC;
	if (!p->fate->kexec_lost)
		p->w->jump = op->rung;
	else if (p->w->kexec_losses < PLAY_LOSSES_MAX)
		p->w->kexec_losses++;
	return STEP_DONE;
}

static enum step play_wipe(struct play *p)
{
	p->f.reset_refused = p->fate->wipe_refused;
	p->b->has_reset |= !p->f.reset_refused;
	return p->f.reset_refused ? STEP_AGAIN : STEP_DONE;
}

static enum step play_leave(struct play *p, enum op_type type)
{
	p->is_over = true;
	p->b->end = type == OP_REBOOT ? END_RESTART : END_OFF;
	return STEP_DONE;
}

static enum step play_tidy(struct play *p)
{
	p->f.oneshot = p->f.stale_oneshot = false;
	if (!p->fate->unwritable)
		p->w->oneshot = -1;
	return STEP_DONE;
}

static enum step play_op(struct play *p, const struct plan *plan, const struct op *op)
{
	switch (op->type) {
	case OP_RECORD:
	case OP_RESTATE:
		return play_record(p, plan, op);
	case OP_COUNT:
	case OP_ARM:
	case OP_MARK:
	case OP_CHARGE:
	case OP_REFUND:
	case OP_BLESS:
		return play_counter(p, plan, op);
	case OP_KEXEC:
		return play_kexec(p, op);
	case OP_ONESHOT:
		return play_oneshot(p, op);
	case OP_TIDY:
		return play_tidy(p);
	case OP_UNPIN:
	case OP_CORRECT:
	case OP_PREFER:
		return play_setting(p, op);
	case OP_PARK:
		if (!p->fate->unwritable && !p->fate->names_fixed)
			p->w->parked |= (uint16_t)(1u << op->rung);
		return STEP_DONE;
	case OP_WIPE:
	case OP_REQUEST:
		return play_wipe(p);
	case OP_WAIT:
		p->b->wait_s += op->seconds;
		return STEP_DONE;
	case OP_REBOOT:
	case OP_POWEROFF:
	case OP_HALT:
		return play_leave(p, op->type);
	default: /* OP_STAGE, OP_MASK: nothing that stays */
		return STEP_DONE;
	}
}

static bool is_end(enum op_type type)
{
	return type == OP_WIPE || type == OP_REQUEST || type == OP_WAIT || type == OP_KEXEC ||
	       type == OP_REBOOT || type == OP_POWEROFF || type == OP_HALT;
}

/* What the history says later: it is written before this boot is left, and not by a plan that goes
 * on. */
static void note_history(struct play *p, const struct plan *plan)
{
	if (plan->verdict == VERDICT_PROCEED || p->fate->unwritable)
		return;
	if (p->f.event == EVENT_FAIL)
		p->w->failed_checks |= 1u << p->b->rung;
	if (plan->verdict == VERDICT_HOLD) /* each round of the ladder is judged anew */
		p->w->failed_checks = 0;
	if (plan->reason == REASON_SHARED_FAULT && plan->verdict == VERDICT_SWITCH)
		p->w->shared_recovery = true;
}

/* act(): a loader without an order of its own would not come back to what it did not choose. */
static void keep_for_retry(struct play *p, const struct plan *plan)
{
	const struct facts *f = &p->f;
	const struct rung *r = &f->ladder.rung[p->b->rung];
	enum loader kind = p->w->settings.loader;

	if (plan->verdict != VERDICT_RETRY || f->counter_unwritable ||
	    ladder_state(r, &r->counter) > RUNG_ARMED ||
	    !(kind == LOADER_FIRMWARE || kind == LOADER_GRUB) || (f->unfit & METHOD_FIRMWARE))
		return;
	if ((f->oneshot && !f->stale_oneshot) || !can_set_oneshot(p) ||
	    choose_next(&f->ladder, &p->w->settings).rung == p->b->rung)
		return;
	set_oneshot(p, p->b->rung);
}

/* Carries out the plan of a run. False if decide() is to be asked again. */
static bool play_plan(struct play *p, struct world_run *run)
{
	const struct plan *plan = &run->plan;
	bool has_ended = false;

	for (run->n_done = 0; run->n_done < plan->n_ops && !p->is_over; run->n_done++) {
		const struct op *op = &plan->op[run->n_done];
		enum step step;

		if (p->fate->has_cut && p->b->n_ops == p->fate->cut) {
			p->b->end = END_CUT;
			p->b->has_changed = p->is_over = true;
			return true;
		}
		if (is_end(op->type) && !has_ended) {
			has_ended = true;
			note_history(p, plan);
			keep_for_retry(p, plan);
		}
		step = play_op(p, plan, op);
		if (step != STEP_DONE)
			return step == STEP_STOP;
		p->b->n_ops++;
	}
	return true;
}

/* The rungs that `bootassess rearm` gives their tries again. */
static unsigned int find_rearmable(const struct facts *f)
{
	unsigned int rungs = edit_rungs(&f->ladder, ROLE_SYSTEM, false);

	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (edit_obstacle(f, EDIT_REARM, i) != OBSTACLE_NONE)
			rungs &= ~(1u << i);
	return rungs;
}

static void make_plan(const struct play *p, struct plan *ret)
{
	const struct config *c = &p->d->config;

	if (p->f.event == EVENT_BLESS)
		bless_plan(&p->f, c, ret);
	else if (p->f.event == EVENT_SHUTDOWN)
		refund_plan(&p->f, c, ret);
	else if (p->f.event == EVENT_EDIT)
		edit_plan(&p->f, c, EDIT_REARM, find_rearmable(&p->f), ret);
	else
		decide(&p->f, c, ret);
}

bool play_run(struct play *p, enum event event)
{
	struct world_run *run = &p->b->run[p->b->n_runs++];

	run->event = event;
	fill_facts(p, event);
	for (int again = 0; again < AGAIN_MAX; again++) {
		make_plan(p, &run->plan);
		if (p->d->watch)
			p->d->watch(p->d->watch_data, &p->f, &run->plan);
		if (play_plan(p, run))
			return !p->is_over && run->plan.verdict == VERDICT_PROCEED;
	}
	p->is_over = true; /* END_LOOP */
	return false;
}
