// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/log.h"
#include "json.h"
#include "say.h"
#include "sim.h"

#define CELL_SIZE (NAME_SIZE + 24)

/* What one simulation prints. */
struct show {
	const struct sim *s;
	struct text *t;
	size_t width; /* of the column with entry and counter */
};

static void fill(struct text *t, size_t len, size_t width)
{
	for (; len < width; len++)
		text_char(t, ' ');
}

static void text_cell(struct text *t, const char *cell, size_t width)
{
	text_str(t, cell);
	fill(t, strlen(cell), width);
	text_str(t, "  ");
}

static void make_entry_cell(const char *id, const struct counter *c, char cell[CELL_SIZE])
{
	struct text t;

	text_init(&t, cell, CELL_SIZE);
	text_printable(&t, id);
	text_char(&t, ' ');
	sim_counter(c, &t);
}

/* How the boot was started. */
static const char *by_name(const struct sim_boot *b)
{
	if (b->boot->via == VIA_KEXEC)
		return "kexec";
	return b->before->oneshot >= 0 && b->before->oneshot == b->boot->rung ? "one-shot"
									      : "loader";
}

/* Its own end is of no matter where the assess event has left it. */
static bool comes_up(const struct world_boot *b)
{
	return b->n_runs == 0 || b->run[0].plan.verdict == VERDICT_PROCEED;
}

static void text_plan(const struct show *w, const struct plan *p, struct text *t)
{
	say(t, verdict_name(p->verdict), " (", reason_name(p->reason), ")");
	if (p->target < 0)
		return;
	text_str(t, " -> ");
	text_printable(t, w->s->device.ladder.rung[p->target].id);
	say(t, " by ", method_name(p->method));
}

/* The decision that counts: the last one, and with a bless the one before. */
static void text_decided(const struct show *w, const struct world_boot *b, struct text *t)
{
	unsigned int last = b->n_runs;
	/* What a bless, or the rearm of a reset, changes is no decision. */
	bool is_edit = last > 0 && b->run[last - 1].event >= EVENT_SWITCH;
	enum reason reason = is_edit ? b->run[last - 1].plan.reason : REASON_GOOD;

	if (last == 0) {
		text_char(t, '-');
		return;
	}
	if (!is_edit || last > 1)
		text_plan(w, &b->run[last - 1 - is_edit].plan, t);
	if (reason == REASON_BLESSED || reason == REASON_REARMED)
		say(t, "; ", reason_name(reason));
	if (b->has_reset)
		text_str(t, "; the device is reset");
	if (b->wait_s == 0)
		return;
	text_str(t, ", waits ");
	sim_span(b->wait_s, t);
}

static void text_boot(void *data, const struct sim_boot *b)
{
	const struct ladder *l;
	char cell[CELL_SIZE];
	struct show *w = data;
	struct text *t = w->t;

	l = &w->s->device.ladder;
	fill(t, b->number < 10 ? 1 : b->number < 100 ? 2 : b->number < 1000 ? 3 : 4, 4);
	text_uint(t, b->number, 0);
	text_str(t, "  ");
	if (b->boot->rung < 0) {
		text_str(t, "-\n");
		return;
	}
	make_entry_cell(l->rung[b->boot->rung].id, &b->boot->counter, cell);
	text_cell(t, cell, w->width);
	text_cell(t, by_name(b), strlen("one-shot"));
	text_cell(t, comes_up(b->boot) ? outcome_name(b->fate->outcome) : "-", strlen("healthy"));
	text_decided(w, b->boot, t);
	text_char(t, '\n');
}

/* The column is as wide as the longest entry that is there. */
static size_t find_width(const struct sim *s)
{
	size_t width = strlen("entry"), len;

	for (unsigned int i = 0; i < s->device.ladder.n; i++) {
		len = strlen(s->device.ladder.rung[i].id) + strlen(" +2-1");
		if (!s->device.ladder.rung[i].missing && len > width)
			width = len;
	}
	return width;
}

static void text_head(const struct show *w)
{
	const struct ladder *l = &w->s->device.ladder;
	char cell[CELL_SIZE], buf[RUNGS_MAX * (CELL_SIZE + 16)];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (unsigned int i = 0, n = 0; i < l->n; i++) {
		if (l->rung[i].missing)
			continue;
		make_entry_cell(l->rung[i].id, &w->s->world.counter[i], cell);
		say(&t, n++ > 0 ? ", " : "", cell, l->rung[i].broken ? " (broken)" : "");
	}
	text_str(w->t, "as it stands: ");
	text_wrap(w->t, buf, strlen("as it stands: "));
	text_str(w->t, "\nboot  ");
	text_cell(w->t, "entry", w->width);
	text_cell(w->t, "started", strlen("one-shot"));
	text_cell(w->t, "then", strlen("healthy"));
	text_str(w->t, "decided\n");
}

static void json_counter(struct text *t, const struct counter *c)
{
	char buf[32];
	struct text word;

	text_init(&word, buf, sizeof(buf));
	sim_counter(c, &word);
	json_string(t, "counter", c->present ? buf : NULL);
}

static const char *id_of(const struct sim *s, int rung)
{
	return rung < 0 ? NULL : s->device.ladder.rung[rung].id;
}

static void json_rung(const struct sim *s, int rung, struct text *t)
{
	const struct rung *r = rung < 0 ? NULL : &s->device.ladder.rung[rung];

	json_string(t, "entry", r ? r->id : NULL);
	json_string(t, "role", r ? role_name(r->role) : NULL);
}

static void json_run(const struct show *w, enum event event, const struct plan *p)
{
	json_open(w->t, NULL, '{');
	json_string(w->t, "event", event_name(event));
	json_string(w->t, "verdict", verdict_name(p->verdict));
	json_string(w->t, "reason", reason_name(p->reason));
	json_string(w->t, "target", id_of(w->s, p->target));
	json_string(w->t, "method", method_name(p->method));
	text_char(w->t, '}');
}

static void json_boot(void *data, const struct sim_boot *b)
{
	const struct world_boot *boot = b->boot;
	struct show *w = data;
	struct text *t = w->t;

	json_open(t, NULL, '{');
	json_number(t, "boot", b->number);
	json_rung(w->s, boot->rung, t);
	json_counter(t, &boot->counter);
	json_string(t, "startedBy", by_name(b));
	json_string(t, "outcome", comes_up(boot) ? outcome_name(b->fate->outcome) : NULL);
	json_open(t, "decisions", '[');
	for (unsigned int i = 0; i < boot->n_runs; i++)
		json_run(w, boot->run[i].event, &boot->run[i].plan);
	text_char(t, ']');
	json_bool(t, "isReset", boot->has_reset);
	json_number(t, "waitSeconds", boot->wait_s);
	text_char(t, '}');
}

static void json_loop(const struct sim_result *r, struct text *t)
{
	static const char *const keys[] = {"loopFrom", "loopTo"};
	const unsigned int values[] = {r->loop_from, r->loop_to};

	for (int i = 0; i < 2; i++) {
		if (r->end == SIM_LOOP)
			json_number(t, keys[i], values[i]);
		else
			json_string(t, keys[i], NULL);
	}
}

static void json_result(const struct sim *s, const struct sim_result *r, struct text *t)
{
	char buf[SIM_SENTENCE_SIZE];
	struct text sentence;

	text_init(&sentence, buf, sizeof(buf));
	sim_result_text(s, r, &sentence);
	json_open(t, "end", '{');
	json_string(t, "end", sim_end_name(r->end));
	json_string(t, "entry", id_of(s, r->rung));
	json_bool(t, "isBlessed", r->is_blessed);
	json_string(t, "next", id_of(s, r->next));
	json_loop(r, t);
	json_number(t, "boots", r->boots);
	json_number(t, "holds", r->holds);
	json_number(t, "resets", r->resets);
	json_number(t, "waitSeconds", r->waited_s);
	json_string(t, "text", buf);
	text_char(t, '}');
}

static void json_ladder(const struct sim *s, struct text *t)
{
	json_open(t, "ladder", '[');
	for (unsigned int i = 0; i < s->device.ladder.n; i++) {
		json_open(t, NULL, '{');
		json_rung(s, (int)i, t);
		json_counter(t, &s->world.counter[i]);
		json_bool(t, "isMissing", s->device.ladder.rung[i].missing);
		json_bool(t, "isBroken", s->device.ladder.rung[i].broken);
		text_char(t, '}');
	}
	text_char(t, ']');
}

static void json_note(const char *sentence, struct text *t)
{
	json_element(t, sentence);
}

static int show_json(struct show *w, const struct sim_fate *fate, unsigned int max_boots,
		     struct sim_result *r)
{
	int e;

	json_open(w->t, NULL, '{');
	json_ladder(w->s, w->t);
	json_open(w->t, "boots", '[');
	e = sim_play(w->s, fate, max_boots, json_boot, w, r);
	text_char(w->t, ']');
	json_result(w->s, r, w->t);
	json_open(w->t, "notes", '[');
	sim_each_note(w->s, fate, json_note, w->t);
	text_str(w->t, "]}\n");
	return e;
}

static void text_note(const char *sentence, struct text *t)
{
	text_str(t, "note: ");
	text_wrap(t, sentence, strlen("note: "));
}

static int show_text(struct show *w, const struct sim_fate *fate, unsigned int max_boots,
		     struct sim_result *r)
{
	char buf[SIM_SENTENCE_SIZE];
	struct text sentence;
	int e;

	text_head(w);
	e = sim_play(w->s, fate, max_boots, text_boot, w, r);
	text_char(w->t, '\n');
	text_init(&sentence, buf, sizeof(buf));
	sim_result_text(w->s, r, &sentence);
	text_wrap(w->t, buf, 0);
	sim_each_note(w->s, fate, text_note, w->t);
	return e;
}

static enum status simulate(const struct sim *s, const struct sim_fate *fate,
			    const struct request *q, struct text *out)
{
	unsigned int max_boots = q->boots > 0 ? q->boots : SIM_BOOTS_DEFAULT;
	struct show w = {.s = s, .t = out, .width = find_width(s)};
	struct sim_result r;
	int e;

	e = q->json ? show_json(&w, fate, max_boots, &r) : show_text(&w, fate, max_boots, &r);
	if (e < 0 || out->full) {
		text_init(out, out->buf, out->size);
		log_err("%s", e < 0 ? strerror(-e) : "too much to print: give fewer --boots=");
		return STATUS_REFUSED;
	}
	return r.end == SIM_RUNS ? STATUS_DONE : STATUS_REFUSED;
}

enum status simulate_run(struct machine *m, const struct request *q, struct text *out)
{
	struct sim_fate fate[RUNGS_MAX] = {0};
	struct sim s;

	if (q->all && q->fail) {
		log_err("--all plays every --fail=: give one of them");
		return STATUS_USAGE;
	}
	if (!sim_read(m, q, &s) || !sim_parse_fail(&s, q->fail, fate))
		return STATUS_REFUSED;
	return q->all ? sim_all(&s, q, out) : simulate(&s, fate, q, out);
}
