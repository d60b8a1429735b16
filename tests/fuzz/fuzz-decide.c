// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whole observations: any ladder, counters, record and flags, for each of the planners. */
#include <errno.h>

#include "bless.h"
#include "decide.h"
#include "edit.h"
#include "explain.h"
#include "fuzz.h"
#include "planned.h"
#include "refund.h"
#include "reset.h"

#define TEXT_SIZE 65536

static void make_counter(struct input *in, struct counter *c)
{
	static const int numbers[] = {0, 1, 2, 3, 4, 8, 9, INT32_MAX};
	unsigned int how = take_byte(in);

	*c = counter_make(numbers[how & 7], numbers[how >> 3 & 7]);
	if (how & 64)
		c->done = (int)(c->done_width = 0);
	if (how & 128)
		*c = (struct counter){0};
}

static void make_ladder(struct input *in, const struct config *c, struct ladder *l)
{
	static const char *const names[] = {"active",	"passive",   "passive2", "active2",
					    "recovery", "recovery2", "reset",	 "passive3"};
	unsigned int flags;

	for (unsigned int i = take_below(in, 12); i > 0; i--) {
		struct rung r = {.type = 1};
		struct text t;

		text_init(&t, r.id, sizeof(r.id));
		text_str(&t, names[take_below(in, 8)]);
		text_str(&t, ".conf");
		if (ladder_match(c, r.id, &r.role, &r.pattern) != 0)
			continue;
		make_counter(in, &r.counter);
		(void)counter_format(r.id, &r.counter, r.name);
		flags = take_byte(in);
		r.broken = (flags & 7) == 1;
		r.place = flags & 8 ? PLACE_XBOOTLDR : PLACE_ESP;
		r.in_variable = (flags & 0x30) == 0x10;
		r.in_file = (flags & 0x30) == 0x20;
		r.next_taken = flags >> 6;
		ladder_offer(l, &r, "");
	}
	ladder_finish(l, c);
	l->dropped = l->dropped || take_below(in, 16) == 1;
}

static void make_record(struct input *in, const struct ladder *l, struct record *r)
{
	unsigned int flags = take_byte(in), more = take_byte(in);

	r->state = flags % (RECORD_CLOSED + 1);
	r->method = (uint8_t)("\0\1\2\4"[flags >> 3 & 3]);
	r->methods_used = more & 7;
	r->refunds = r->relapses = r->resets = more >> 4 & 9;
	r->rounds = take_byte(in);
	r->txn = take_byte(in);
	if (l->n > 0)
		memcpy(r->target, l->rung[take_below(in, l->n)].id, sizeof(r->target));
	if (flags & 64)
		memcpy(r->target, "gone.conf", sizeof("gone.conf"));
	make_counter(in, &r->target_counter);
	for (unsigned int i = 0; l->n > 0 && i < (flags >> 5 & 3); i++)
		record_add_tried(r, l->rung[take_below(in, l->n)].id);
	r->kexec_kernel = more >> 5 & 1;
	r->kexec_lost = more >> 6 & 1;
	r->kexec_losses = more >> 6 & 2;
	r->boot_id[0] = flags & 128 ? 'b' : 'a';
}

static void make_settings(struct input *in, struct settings *s)
{
	static const char *const values[] = {"",  "",	    "active*",	 "passive.conf",
					     "*", "@saved", "recovery*", "nothing"};
	unsigned int flags = take_byte(in);

	s->loader = (enum loader)(flags % (LOADER_NONE + 1));
	s->known = flags & 8;
	s->has_preferred = flags & 16;
	s->ids_have_counters = flags & 32;
	for (int i = 0; i < SETTINGS; i++) {
		const char *value = values[take_below(in, 8)];

		memcpy(s->value[i], value, strlen(value) + 1);
	}
	memcpy(s->saved, "passive.conf", sizeof("passive.conf"));
}

static void make_booted(struct input *in, struct facts *f)
{
	unsigned int flags = take_byte(in);

	f->booted.known = flags & 1;
	f->booted.rung = f->ladder.n > 0 ? (int)take_below(in, f->ladder.n + 1) - 1 : -1;
	if (!f->booted.known)
		f->booted.rung = -1;
	if (f->booted.known && f->booted.rung < 0)
		memcpy(f->booted.id, "foreign.conf", sizeof("foreign.conf"));
	if (f->booted.rung >= 0)
		memcpy(f->booted.id, f->ladder.rung[f->booted.rung].id, sizeof(f->booted.id));
	f->booted.via = f->booted.known ? flags & 2 ? VIA_KEXEC : VIA_LOADER : VIA_UNKNOWN;
	f->kexeced = f->booted.via == VIA_KEXEC;
	f->booted.counted = flags & 4;
	f->booted.counted_here = flags & 8;
	f->booted.unproved = (flags & 0x30) == 0x10;
	f->booted.renamed = (flags & 0x30) == 0x20;
	if (flags & 64)
		memcpy(f->pin, f->booted.id, sizeof(f->pin));
}

static void make_charge(struct input *in, struct facts *f)
{
	unsigned int flags = take_byte(in);

	if ((flags & 3) != 1 || f->ladder.n == 0)
		return;
	f->charge.made = true;
	f->charge.stuck = flags & 4;
	f->charge.rung = (int)take_below(in, f->ladder.n);
	make_counter(in, &f->charge.was);
}

static void make_facts(struct input *in, const struct config *c, struct facts *f)
{
	unsigned int flags = take_byte(in), rare = take_byte(in), late = take_byte(in);

	memset(f, 0, sizeof(*f));
	f->event = (enum event)(flags & 7);
	f->locked = flags & 8;
	f->oneshot = flags & 16;
	f->stale_oneshot = (flags & 48) == 48;
	f->kernel = flags >> 6 & 1;
	f->opened = flags & 128;
	f->disabled = (rare & 0x0f) == 1;
	f->person = (rare & 0x0f) == 2;
	f->blind = (rare & 0x0f) == 3;
	f->unsure = (rare & 0x0f) == 4;
	f->record_damaged = (rare & 0x0f) == 5;
	f->reset_refused = (rare & 0x0f) == 6;
	f->record_unwritable = (rare & 0x70) == 0x10;
	f->counter_unwritable = (rare & 0x70) == 0x20;
	f->shared_fault = late & 1;
	f->shared_recovery = (late & 3) == 3;
	f->failed = (late & 12) == 4;
	f->blessed = (late & 12) == 8;
	f->lasted = late & 16;
	f->leaving = (late & 0x60) == 0x20;
	f->incomplete = (late & 0x60) == 0x40;
	f->against = take_byte(in) | (unsigned int)take_byte(in) << 8;
	f->against &= (1u << AGAINST_BITS) - 1;
	if (rare & 128)
		f->against = 0;
	f->unfit = take_below(in, 8) & (METHOD_FIRMWARE | METHOD_ORDER);
	make_ladder(in, c, &f->ladder);
	make_booted(in, f);
	make_record(in, &f->ladder, &f->record);
	make_settings(in, &f->settings);
	make_charge(in, f);
	f->boot_id[0] = 'a';
	if ((late & 128) && f->ladder.n > 0)
		memcpy(f->activated, f->ladder.rung[0].id, sizeof(f->activated));
}

static void make_config(struct input *in, struct config *c)
{
	unsigned int flags = take_byte(in);
	static const char reset[] = "reset";

	config_defaults(c);
	if (flags & 1)
		memcpy(c->reset, reset, sizeof(reset));
	if (flags & 2)
		memcpy(c->system, "active* passive*", sizeof("active* passive*"));
	c->tries = 1 + (flags >> 2 & 7);
	c->recovery_tries = c->reset_tries = 1 + (flags >> 5);
	flags = take_byte(in);
	c->hold = flags & 3;
	c->on_failure = flags >> 2 & 1;
	c->count_good = flags & 8;
	c->refund_reboots = flags >> 4 & 3;
	c->reset_method = (flags >> 6) % 3;
	memcpy(c->reset_wipe, "data", flags & 1 ? sizeof("data") : 0);
	flags = take_byte(in);
	c->methods = 1 + (flags & 3) % 3;
	c->max_hops = flags >> 2 & 1;
	c->shared_fault = flags >> 3 & 1;
	memcpy(c->reset_hook, "/hook", flags & 16 ? sizeof("/hook") : 0);
}

/* --- what must hold of each plan --- */

static bool is_target(const struct facts *f, int i)
{
	const struct rung *r = &f->ladder.rung[i];

	return i >= 0 && i < (int)f->ladder.n && !r->missing && !r->broken;
}

static bool needs_rung(enum op_type type)
{
	switch (type) {
	case OP_RECORD:
	case OP_RESTATE:
	case OP_TIDY:
	case OP_MASK:
	case OP_UNPIN:
	case OP_WIPE:
	case OP_REQUEST:
	case OP_WAIT:
	case OP_REBOOT:
	case OP_POWEROFF:
	case OP_HALT:
		return false;
	default:
		return true;
	}
}

static void check_op(const struct facts *f, const struct plan *p, unsigned int i)
{
	const struct op *op = &p->op[i];
	bool leaves = op->type == OP_REBOOT || op->type == OP_POWEROFF || op->type == OP_HALT ||
		      op->type == OP_KEXEC;

	must(op->type <= OP_HALT);
	if (needs_rung(op->type))
		must(op->rung >= 0 && op->rung < (int)f->ladder.n &&
		     !f->ladder.rung[op->rung].missing);
	must(op->to.left >= 0 && op->to.done >= 0);
	must(!leaves || i + 1 == p->n_ops);
	must(op->type != OP_WAIT || (op->seconds >= 1 && op->seconds <= 86400));
	if (op->type == OP_KEXEC || op->type == OP_ONESHOT || op->type == OP_STAGE)
		must(is_target(f, op->rung));
}

/* Nothing that destroys data while anything is not known. */
static void check_reset(const struct facts *f, const struct config *c, const struct plan *p)
{
	bool is_unknown = f->unsure || f->blind || f->record_damaged || f->ladder.dropped ||
			  f->disabled || f->person || !f->booted.known;
	bool resets = p->verdict == VERDICT_RESET;

	for (unsigned int i = 0; i < p->n_ops; i++)
		resets |= p->op[i].type == OP_WIPE || p->op[i].type == OP_REQUEST;
	must(!resets || (!is_unknown && !f->reset_refused && !f->record_unwritable));
	must(!resets || (f->event == EVENT_ASSESS && c->reset_method != RESET_ENTRY));
	must(!resets || f->record.resets < c->reset_tries);
	/* A reset entry that somebody asks for by hand is his own wish. */
	if (p->target >= 0 && p->verdict == VERDICT_SWITCH && f->event <= EVENT_FAIL &&
	    f->ladder.rung[p->target].role == ROLE_RESET && p->target != f->booted.rung)
		must(!f->unsure && !f->blind && !f->disabled && !f->person);
}

static void check_text(const struct facts *f, const struct plan *p)
{
	static char buf[TEXT_SIZE], pretty[TEXT_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	explain_line(f, p, &t);
	must(!t.full && t.len > 0);
	text_init(&t, pretty, sizeof(pretty));
	explain_text(f, p, &t);
	must(!t.full && strncmp(pretty, buf, strlen(buf)) == 0);
	text_init(&t, buf, sizeof(buf));
	explain_json(f, p, &t);
	must(!t.full && buf[0] == '{' && strcmp(buf + t.len - 2, "}\n") == 0);
}

static void check_plan(const struct facts *f, const struct config *c, const struct plan *p)
{
	must(p->n_ops <= PLAN_OPS_MAX && p->verdict <= VERDICT_RESET);
	must(p->reason <= REASON_REFUNDED && p->obstacle <= OBSTACLE_RENAMED);
	must(p->target >= -1 && p->target < (int)f->ladder.n);
	for (unsigned int i = 0; i < p->n_ops; i++)
		check_op(f, p, i);
	must(p->verdict != VERDICT_SWITCH || is_target(f, p->target));
	check_reset(f, c, p);
	check_text(f, p);
}

static bool is_quiet(const struct record *r)
{
	return r->state == RECORD_NONE || r->state == RECORD_CLOSED;
}

/* What decide() promises besides. */
static void check_decision(const struct facts *f, const struct plan *p)
{
	const struct rung *r = &f->ladder.rung[f->booted.rung < 0 ? 0 : f->booted.rung];

	if (f->disabled || f->person)
		must(p->verdict == VERDICT_PROCEED);
	/* A reset is refused only after it was begun, and never for a rung that is good. */
	if (f->event == EVENT_ASSESS && f->booted.rung >= 0 && !r->missing && !r->counter.present &&
	    is_quiet(&f->record) && !f->reset_refused)
		must(p->verdict == VERDICT_PROCEED);
	if (p->verdict == VERDICT_SWITCH) {
		const struct rung *t = &f->ladder.rung[p->target];

		must(p->method != METHOD_NONE && ladder_state(t, &t->counter) != RUNG_EXHAUSTED);
		must(p->method != METHOD_KEXEC || f->against == 0);
	}
}

/* The same facts, the same plan, whatever was in it before. */
static void ask(const struct facts *f, const struct config *c)
{
	static char first[TEXT_SIZE], second[TEXT_SIZE];
	struct plan p, again;
	struct text t;

	memset(&p, 0xaa, sizeof(p));
	memset(&again, 0x55, sizeof(again));
	decide(f, c, &p);
	decide(f, c, &again);
	check_plan(f, c, &p);
	check_decision(f, &p);
	text_init(&t, first, sizeof(first));
	explain_text(f, &p, &t);
	text_init(&t, second, sizeof(second));
	explain_text(f, &again, &t);
	must(strcmp(first, second) == 0);
}

static bool is_edit(enum op_type type)
{
	return type == OP_PARK || type == OP_BLESS || type == OP_MARK || type == OP_ARM;
}

static void check_bless(struct facts *f, const struct config *c)
{
	struct plan p;

	f->event = EVENT_BLESS;
	bless_plan(f, c, &p);
	check_plan(f, c, &p);
	must(p.verdict == VERDICT_PROCEED);
	must((p.reason == REASON_REFUSED) == (p.obstacle != OBSTACLE_NONE));
	must(p.reason != REASON_REFUSED || p.n_ops == 0);
	for (unsigned int i = 0; i < p.n_ops; i++)
		must((is_edit(p.op[i].type) && p.op[i].type != OP_MARK) ||
		     p.op[i].type == OP_CORRECT || p.op[i].type == OP_PREFER ||
		     p.op[i].type == OP_ONESHOT || p.op[i].type == OP_RECORD ||
		     p.op[i].type == OP_RESTATE);
}

static void check_edit(struct facts *f, const struct config *c, enum edit edit, unsigned int rungs)
{
	struct plan p;

	f->event = EVENT_EDIT;
	rungs &= (1u << f->ladder.n) - 1;
	edit_plan(f, c, edit, rungs, &p);
	check_plan(f, c, &p);
	must(p.verdict == VERDICT_PROCEED && (p.reason != REASON_REFUSED || p.n_ops == 0));
	/* The record, where what is said of the booted rung ends the count of its relapses. */
	for (unsigned int i = 0; i < p.n_ops; i++)
		must(rungs >> p.op[i].rung & 1 &&
		     (is_edit(p.op[i].type) ||
		      (p.op[i].type == OP_RECORD && i + 1 == p.n_ops && f->record.relapses > 0)));
}

static void check_refund(struct facts *f, const struct config *c, const struct counter *slept)
{
	struct plan p;

	f->event = EVENT_SHUTDOWN;
	refund_plan(f, c, &p);
	check_plan(f, c, &p);
	must(p.verdict == VERDICT_PROCEED && p.n_ops <= 2);
	refund_plan_resume(f, slept, &p);
	must(p.verdict == VERDICT_PROCEED && p.n_ops <= 1);
}

static void check_leave(struct facts *f, const struct config *c, int target)
{
	struct plan p;

	f->event = EVENT_SWITCH;
	decide_switch(f, c, target, &p);
	check_plan(f, c, &p);
	must(p.verdict == VERDICT_SWITCH || p.verdict == VERDICT_PROCEED);
	f->event = EVENT_SHUTDOWN;
	decide_reboot(f, c, target, &p);
	check_plan(f, c, &p);
	must(p.verdict == VERDICT_SWITCH ? p.method == METHOD_KEXEC : p.verdict == VERDICT_PROCEED);
	must(p.verdict == VERDICT_PROCEED || !planned_obstacle(f, target));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	static struct config c;
	static struct facts f;
	struct counter slept;

	make_config(&in, &c);
	make_facts(&in, &c, &f);
	make_counter(&in, &slept);
	if (f.event <= EVENT_FAIL)
		ask(&f, &c);
	check_bless(&f, &c);
	check_refund(&f, &c, &slept);
	check_leave(&f, &c, (int)take_below(&in, f.ladder.n + 1) - 1);
	for (enum edit edit = EDIT_GOOD; edit <= EDIT_REARM; edit++)
		check_edit(&f, &c, edit, take_byte(&in) | (unsigned int)take_byte(&in) << 8);
	return 0;
}
