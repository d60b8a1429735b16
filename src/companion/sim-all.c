// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doors/log.h"
#include "doors/root.h"
#include "json.h"
#include "say.h"
#include "sim.h"

/* Of more rungs only those sets are played whose rungs follow each other on the ladder. */
#define ALL_RUNGS_MAX 7
/* More than there are cases. */
#define STUCK_MAX 1024
/* So many are shown to a person. */
#define STUCK_SHOWN 12

/* What was played: these rungs (bit i: index in the ladder) fail in this way. */
struct one {
	unsigned int rungs;
	enum outcome how;
};

/* The longest way to something; boots 0: none came to it. */
struct worst {
	unsigned int boots;
	uint64_t waited_s;
	struct one one;
};

struct all {
	const struct sim *s;
	unsigned int max_boots;
	unsigned int rungs;  /* system and recovery rungs that are there */
	unsigned int resets; /* the same of the role reset */
	unsigned int n;	     /* cases played */
	bool is_cut;	     /* not every set was */
	struct worst runs, recovery, reset;
	struct one *stuck; /* STUCK_MAX: in which no rung runs though one is healthy */
	unsigned int n_stuck, n_like;
	struct sim_result everything; /* no rung is healthy */
	int error;
};

static void free_all(struct all *a)
{
	free(a->stuck);
}

static void make_fates(struct one one, struct sim_fate *fate)
{
	for (unsigned int i = 0; i < RUNGS_MAX; i++)
		fate[i] = one.rungs & 1u << i ? (struct sim_fate){one.how, 1}
					      : (struct sim_fate){OUTCOME_HEALTHY, 0};
}

/* "active=panic,passive=panic", as --fail= takes it. */
static void text_one(const struct all *a, struct one one, struct text *t)
{
	const struct ladder *l = &a->s->device.ladder;
	bool is_first = true;

	for (unsigned int i = 0; i < l->n; i++) {
		if (!(one.rungs & 1u << i))
			continue;
		text_str(t, is_first ? "" : ",");
		text_printable(t, l->rung[i].id);
		say(t, "=", outcome_name(one.how));
		is_first = false;
	}
}

static void note_worst(struct worst *w, unsigned int boots, uint64_t waited_s, struct one one)
{
	if (boots > w->boots || (boots == w->boots && waited_s > w->waited_s))
		*w = (struct worst){boots, waited_s, one};
}

/* Of two cases the one with fewer rungs says enough. */
static bool is_told(const struct all *a, struct one one)
{
	for (unsigned int i = 0; i < a->n_stuck; i++)
		if (a->stuck[i].how == one.how && (a->stuck[i].rungs & ~one.rungs) == 0)
			return true;
	return false;
}

static void note_stuck(struct all *a, struct one one)
{
	if (is_told(a, one) || a->n_stuck == STUCK_MAX)
		a->n_like++;
	else
		a->stuck[a->n_stuck++] = one;
}

static void play(struct all *a, struct one one)
{
	bool is_everything = (one.rungs & a->rungs) == a->rungs;
	struct sim_fate fate[RUNGS_MAX];
	struct sim_result r;
	int e;

	make_fates(one, fate);
	e = sim_play(a->s, fate, a->max_boots, NULL, NULL, &r);
	a->error = e < 0 ? e : a->error;
	a->n++;
	if (r.recovery_boot > 0)
		note_worst(&a->recovery, r.recovery_boot, 0, one);
	if (r.reset_boot > 0)
		note_worst(&a->reset, r.reset_boot, 0, one);
	if (r.end == SIM_RUNS)
		note_worst(&a->runs, r.boots, r.waited_s, one);
	else if (!is_everything)
		note_stuck(a, one);
	if (is_everything && one.how == OUTCOME_NO_ROOT)
		a->everything = r;
}

/* Are the rungs of this set, which is one of `of`, neighbours? */
static bool is_run(unsigned int set, unsigned int of)
{
	bool has_begun = false, has_ended = false;

	for (unsigned int bit = 1; bit <= of; bit <<= 1) {
		if (!(of & bit))
			continue;
		if (has_ended && (set & bit))
			return false;
		has_begun |= (set & bit) != 0;
		has_ended |= has_begun && !(set & bit);
	}
	return true;
}

static unsigned int count_bits(unsigned int set)
{
	return (unsigned int)__builtin_popcount(set);
}

/* Small sets first, so that the smallest of those that are stuck is told. */
static void play_sets(struct all *a, unsigned int size)
{
	for (unsigned int set = a->rungs & -a->rungs; set != 0; set = (set - a->rungs) & a->rungs) {
		if (count_bits(set) != size)
			continue;
		if (a->is_cut && !is_run(set, a->rungs))
			continue;
		for (enum outcome how = OUTCOME_PANIC; how < OUTCOMES; how++)
			play(a, (struct one){set, how});
	}
}

static void play_all(struct all *a)
{
	const struct ladder *l = &a->s->device.ladder;
	unsigned int n, broken = 0;

	for (unsigned int i = 0; i < l->n; i++) {
		if (l->rung[i].missing)
			continue;
		if (l->rung[i].broken) /* it fails in every case */
			broken |= 1u << i;
		else
			*(l->rung[i].role == ROLE_RESET ? &a->resets : &a->rungs) |= 1u << i;
	}
	if (a->rungs == 0)
		a->rungs = broken;
	n = count_bits(a->rungs);
	a->is_cut = n > ALL_RUNGS_MAX;
	for (unsigned int size = 1; size <= n; size++)
		play_sets(a, size);
	for (enum outcome how = OUTCOME_PANIC; how < OUTCOMES && a->resets != 0; how++)
		play(a, (struct one){a->rungs | a->resets, how});
}

static void text_number(unsigned int n, const char *one, const char *many, struct text *t)
{
	text_uint(t, n, 0);
	say(t, " ", n == 1 ? one : many);
}

static void text_worst(const struct all *a, const char *what, const struct worst *w, struct text *t)
{
	say(t, "  ", what, ": ");
	if (w->boots == 0) {
		text_str(t, "never\n");
		return;
	}
	text_number(w->boots, "boot", "boots", t);
	if (w->waited_s > 0) {
		text_str(t, ", waits ");
		sim_span(w->waited_s, t);
	}
	text_str(t, "\n      --fail=");
	text_one(a, w->one, t);
	text_char(t, '\n');
}

/* Played once more: the sentence says why. */
static void sentence_of(const struct all *a, struct one one, char *buf, size_t size)
{
	struct sim_fate fate[RUNGS_MAX];
	struct sim_result r;
	struct text t;

	text_init(&t, buf, size);
	make_fates(one, fate);
	if (sim_play(a->s, fate, a->max_boots, NULL, NULL, &r) == 0)
		sim_result_text(a->s, &r, &t);
}

static void text_stuck(const struct all *a, struct text *t)
{
	char buf[SIM_SENTENCE_SIZE];

	if (a->n_stuck == 0)
		return;
	text_str(t, "\nno rung runs, though one is healthy:\n");
	for (unsigned int i = 0; i < a->n_stuck && i < STUCK_SHOWN; i++) {
		text_str(t, "  --fail=");
		text_one(a, a->stuck[i], t);
		sentence_of(a, a->stuck[i], buf, sizeof(buf));
		text_str(t, "\n      ");
		text_wrap(t, buf, strlen("      "));
	}
	if (a->n_stuck > STUCK_SHOWN || a->n_like > 0) {
		text_str(t, "  and ");
		text_uint(t, a->n_like + (a->n_stuck > STUCK_SHOWN ? a->n_stuck - STUCK_SHOWN : 0),
			  0);
		text_str(t, " more, most of which hold one of these\n");
	}
}

static void text_weakness(const char *sentence, struct text *t)
{
	text_str(t, "  - ");
	text_wrap(t, sentence, strlen("  - "));
}

static void text_weaknesses(const struct all *a, struct text *t)
{
	size_t before = t->len, after;

	text_str(t, "\nto look at:\n");
	after = t->len;
	sim_each_weakness(a->s, text_weakness, t);
	if (t->len > after)
		return;
	t->len = before; /* there is none */
	t->buf[before] = '\0';
}

static void show_text(const struct all *a, struct text *t)
{
	char buf[SIM_SENTENCE_SIZE];
	struct text sentence;

	text_str(t, "played ");
	text_number(a->n, "case: ", "cases: ", t);
	text_str(t, a->is_cut ? "neighbours on the ladder (not every set: it has too many rungs) "
			      : "each set of rungs ");
	text_str(t, "that fail\nby panic, no-root, hang and fail\n\nlongest way to\n");
	text_worst(a, "a rung that runs", &a->runs, t);
	text_worst(a, "recovery", &a->recovery, t);
	text_worst(a, "a reset", &a->reset, t);
	text_str(t, "when every rung fails\n  ");
	text_init(&sentence, buf, sizeof(buf));
	sim_result_text(a->s, &a->everything, &sentence);
	text_wrap(t, buf, strlen("  "));
	text_stuck(a, t);
	text_weaknesses(a, t);
}

static void json_worst(const struct all *a, const char *key, const struct worst *w, struct text *t)
{
	char buf[RUNGS_MAX * (NAME_SIZE + 8)];
	struct text one;

	if (w->boots == 0) {
		json_string(t, key, NULL);
		return;
	}
	text_init(&one, buf, sizeof(buf));
	text_one(a, w->one, &one);
	json_open(t, key, '{');
	json_number(t, "boots", w->boots);
	json_number(t, "waitSeconds", w->waited_s);
	json_string(t, "fail", buf);
	text_char(t, '}');
}

static void json_stuck(const struct all *a, struct text *t)
{
	char fail[RUNGS_MAX * (NAME_SIZE + 8)], sentence[SIM_SENTENCE_SIZE];
	struct text one;

	json_open(t, "stuck", '[');
	for (unsigned int i = 0; i < a->n_stuck; i++) {
		text_init(&one, fail, sizeof(fail));
		text_one(a, a->stuck[i], &one);
		sentence_of(a, a->stuck[i], sentence, sizeof(sentence));
		json_open(t, NULL, '{');
		json_string(t, "fail", fail);
		json_string(t, "text", sentence);
		text_char(t, '}');
	}
	text_char(t, ']');
}

static void json_weakness(const char *sentence, struct text *t)
{
	json_element(t, sentence);
}

static void show_json(const struct all *a, struct text *t)
{
	char sentence[SIM_SENTENCE_SIZE];
	struct text words;

	text_init(&words, sentence, sizeof(sentence));
	sim_result_text(a->s, &a->everything, &words);
	json_open(t, NULL, '{');
	json_number(t, "cases", a->n);
	json_bool(t, "isEverySet", !a->is_cut);
	json_worst(a, "toRun", &a->runs, t);
	json_worst(a, "toRecovery", &a->recovery, t);
	json_worst(a, "toReset", &a->reset, t);
	json_string(t, "everything", sentence);
	json_stuck(a, t);
	json_open(t, "weaknesses", '[');
	sim_each_weakness(a->s, json_weakness, t);
	text_str(t, "]}\n");
}

enum status sim_all(const struct sim *s, const struct request *q, struct text *out)
{
	_cleanup_(free_all) struct all a = {.s = s};

	a.max_boots = q->boots > 0 ? q->boots : SIM_BOOTS_DEFAULT;
	a.stuck = calloc(STUCK_MAX, sizeof(*a.stuck));
	if (!a.stuck)
		a.error = -ENOMEM;
	else
		play_all(&a);
	if (a.error < 0) {
		log_err("%s", strerror(-a.error));
		return STATUS_REFUSED;
	}
	if (q->json)
		show_json(&a, out);
	else
		show_text(&a, out);
	if (out->full) {
		text_init(out, out->buf, out->size);
		log_err("too much to print: this ladder has too many cases that end nowhere");
		return STATUS_REFUSED;
	}
	return a.n_stuck == 0 ? STATUS_DONE : STATUS_REFUSED;
}
