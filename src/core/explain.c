// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "explain.h"
#include "json.h"

static void text_counter(struct text *t, const struct counter *c)
{
	if (!c->present) {
		text_char(t, '-');
		return;
	}
	text_char(t, '+');
	text_uint(t, (unsigned long)c->left, c->left_width);
	if (c->done_width > 0) {
		text_char(t, '-');
		text_uint(t, (unsigned long)c->done, c->done_width);
	}
}

static void text_counted_id(struct text *t, const char *id, const struct counter *c)
{
	text_printable(t, id);
	if (c->present) {
		text_char(t, ' ');
		text_counter(t, c);
	}
}

static void text_against(struct text *t, unsigned int against)
{
	for (unsigned int i = 0; i < AGAINST_BITS; i++) {
		if (!(against & 1u << i))
			continue;
		text_char(t, ' ');
		text_str(t, against_name(1u << i));
	}
}

/* The rung that it is about, where that is not the booted one, which the line names already. */
static void text_obstacle(const struct facts *f, const struct plan *p, struct text *t)
{
	text_str(t, "; ");
	text_str(t, obstacle_name(p->obstacle));
	if (p->target < 0 || (f->booted.known && p->target == f->booted.rung))
		return;
	text_char(t, ' ');
	text_printable(t, f->ladder.rung[p->target].id);
}

void explain_line(const struct facts *f, const struct plan *p, struct text *t)
{
	text_str(t, event_name(f->event));
	text_str(t, ": ");
	text_str(t, verdict_name(p->verdict));
	text_str(t, " (");
	text_str(t, reason_name(p->reason));
	text_char(t, ')');
	if (f->booted.known) {
		text_str(t, ": ");
		text_counted_id(t, f->booted.id, &p->counter);
		if (f->booted.via == VIA_KEXEC)
			text_str(t, " via kexec");
	}
	if (p->obstacle != OBSTACLE_NONE) {
		text_obstacle(f, p, t);
		return;
	}
	if (p->target < 0)
		return;
	text_str(t, " -> ");
	text_printable(t, f->ladder.rung[p->target].id);
	text_str(t, " by ");
	text_str(t, method_name(p->method));
	if (p->method != METHOD_KEXEC && p->against != 0) {
		text_str(t, "; no kexec:");
		text_against(t, p->against);
	}
}

static void text_record(const struct facts *f, const struct plan *p, const struct op *op,
			struct text *t)
{
	const struct record *r = op->type == OP_RECORD ? &p->record : &f->record;

	text_str(t, "record ");
	text_str(t, record_state_name(op->record_state));
	if (!r->target[0])
		return;
	text_char(t, ' ');
	text_printable(t, r->target);
	text_char(t, ' ');
	text_str(t, method_name(r->method));
}

static const char *op_name(enum op_type type)
{
	static const char *const names[] = {
		[OP_RECORD] = "record",
		[OP_RESTATE] = "record",
		[OP_COUNT] = "count",
		[OP_ARM] = "arm",
		[OP_MARK] = "mark",
		[OP_CHARGE] = "charge",
		[OP_KEXEC] = "kexec",
		[OP_ONESHOT] = "oneshot",
		[OP_UNPIN] = "unpin",
		[OP_PARK] = "park",
		[OP_BLESS] = "bless",
		[OP_CORRECT] = "correct",
		[OP_PREFER] = "prefer",
		[OP_STAGE] = "stage",
		[OP_REFUND] = "refund",
		[OP_TIDY] = "tidy LoaderEntryOneShot",
		[OP_MASK] = "mask systemd-bless-boot.service",
		[OP_WIPE] = "wipe",
		[OP_REQUEST] = "request a factory reset",
		[OP_WAIT] = "wait",
		[OP_REBOOT] = "reboot",
		[OP_POWEROFF] = "poweroff",
		[OP_HALT] = "halt",
	};

	return names[type];
}

void explain_op(const struct facts *f, const struct plan *p, const struct op *op, struct text *t)
{
	const struct rung *r = &f->ladder.rung[op->rung];

	if (op->type == OP_RECORD || op->type == OP_RESTATE) {
		text_record(f, p, op, t);
		return;
	}
	text_str(t, op_name(op->type));
	switch (op->type) {
	case OP_COUNT:
	case OP_ARM:
	case OP_MARK:
	case OP_CHARGE:
	case OP_REFUND:
	case OP_BLESS:
		text_char(t, ' ');
		text_printable(t, r->id);
		text_char(t, ' ');
		text_counter(t, &r->counter);
		text_char(t, ' ');
		text_counter(t, &op->to);
		break;
	case OP_STAGE:
	case OP_KEXEC:
	case OP_ONESHOT:
	case OP_PARK:
	case OP_CORRECT:
	case OP_PREFER:
		text_char(t, ' ');
		text_printable(t, r->id);
		break;
	case OP_WAIT:
		text_char(t, ' ');
		text_uint(t, op->seconds, 0);
		break;
	default:
		break;
	}
}

static void text_rung(const struct facts *f, const struct rung *r, bool is_booted, struct text *t)
{
	text_str(t, is_booted ? "  * " : "    ");
	text_str(t, role_name(r->role));
	text_char(t, ' ');
	text_counted_id(t, r->id, &r->counter);
	text_str(t, ": ");
	text_str(t, rung_state_name(ladder_state(r, &r->counter)));
	if (!r->missing) {
		text_str(t, ", on ");
		text_str(t, place_name(r->place));
	}
	if (r->in_variable)
		text_str(t, ", counted in an EFI variable");
	if (r->in_file && r->counter.present)
		text_str(t, ", counted in a tries file");
	if (r->ambiguous)
		text_str(t, ", also on the other partition");
	if (r->twin_plain)
		text_str(t, ", with a twin that has no counter");
	if (r->twin_counted)
		text_str(t, ", with a twin that has another counter");
	if (is_booted && f->booted.counted)
		text_str(t, ", this boot was counted");
	text_char(t, '\n');
}

void explain_text(const struct facts *f, const struct plan *p, struct text *t)
{
	explain_line(f, p, t);
	text_str(t, "\nladder:\n");
	for (unsigned int i = 0; i < f->ladder.n; i++)
		text_rung(f, &f->ladder.rung[i], (int)i == f->booted.rung, t);
	if (f->ladder.n == 0)
		text_str(t, "    (no rung)\n");
	text_str(t, "operations:\n");
	for (unsigned int i = 0; i < p->n_ops; i++) {
		text_str(t, "    ");
		explain_op(f, p, &p->op[i], t);
		text_char(t, '\n');
	}
	if (p->n_ops == 0)
		text_str(t, "    (none)\n");
}

static void json_counter(struct text *t, const struct counter *c)
{
	static const char *const keys[] = {"left", "done"};
	const int values[] = {c->left, c->done};

	for (int i = 0; i < 2; i++) {
		if (c->present)
			json_number(t, keys[i], (uint64_t)values[i]);
		else
			json_string(t, keys[i], NULL);
	}
}

static void json_booted(const struct facts *f, const struct plan *p, struct text *t)
{
	json_key(t, "booted");
	if (!f->booted.known) {
		text_str(t, "null");
		return;
	}
	text_char(t, '{');
	json_string(t, "id", f->booted.id);
	json_string(t, "role",
		    f->booted.rung < 0 ? NULL : role_name(f->ladder.rung[f->booted.rung].role));
	json_counter(t, &p->counter);
	json_string(t, "via", via_name(f->booted.via));
	json_bool(t, "counted", f->booted.counted);
	text_char(t, '}');
}

static void json_target(const struct facts *f, const struct plan *p, struct text *t)
{
	json_key(t, "target");
	if (p->target < 0) {
		text_str(t, "null");
		return;
	}
	text_char(t, '{');
	json_string(t, "id", f->ladder.rung[p->target].id);
	json_string(t, "role", role_name(f->ladder.rung[p->target].role));
	text_char(t, '}');
}

static void json_operations(const struct facts *f, const struct plan *p, struct text *t)
{
	char buf[3 * NAME_SIZE];
	struct text line;

	json_key(t, "operations");
	text_char(t, '[');
	for (unsigned int i = 0; i < p->n_ops; i++) {
		text_init(&line, buf, sizeof(buf));
		explain_op(f, p, &p->op[i], &line);
		json_element(t, buf);
	}
	text_char(t, ']');
}

static void json_against(const struct plan *p, struct text *t)
{
	json_key(t, "against_kexec");
	text_char(t, '[');
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		if (p->against & 1u << i)
			json_element(t, against_name(1u << i));
	text_char(t, ']');
}

static void json_ladder(const struct facts *f, struct text *t)
{
	json_key(t, "ladder");
	text_char(t, '[');
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		text_str(t, i > 0 ? ",{" : "{");
		json_string(t, "id", r->id);
		json_string(t, "role", role_name(r->role));
		json_string(t, "state", rung_state_name(ladder_state(r, &r->counter)));
		json_counter(t, &r->counter);
		text_char(t, '}');
	}
	text_char(t, ']');
}

void explain_json(const struct facts *f, const struct plan *p, struct text *t)
{
	text_char(t, '{');
	json_string(t, "event", event_name(f->event));
	json_string(t, "verdict", verdict_name(p->verdict));
	json_string(t, "reason", reason_name(p->reason));
	if (f->event == EVENT_BLESS || f->event == EVENT_EDIT)
		json_string(t, "obstacle", p->obstacle ? obstacle_name(p->obstacle) : NULL);
	json_booted(f, p, t);
	json_target(f, p, t);
	json_string(t, "method", method_name(p->method));
	json_against(p, t);
	json_operations(f, p, t);
	json_ladder(f, t);
	text_str(t, "}\n");
}
