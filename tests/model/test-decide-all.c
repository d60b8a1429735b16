// SPDX-License-Identifier: LGPL-2.1-or-later
/* decide(), one step, for every kind of facts. What decide() looks at is cut into dimensions (the
 * table in all-facts.h), and there are two passes:
 *
 * - Full: ladders of at most four rungs (all in `make soak-model`; else those of three and four in
 *   part), every combination of the dimensions that the rows 5 to 9 weigh against each other.
 *   decide() treats the rungs of one role alike: it compares none of them with another one but by
 *   their order, and asks of each "may it boot", "is it the record's target", "was it tried in
 *   vain". A third and fourth system rung adds nothing to that but more of the same; they have
 *   their turn in the other pass.
 * - Mixed: ladders of up to six rungs, all dimensions, combined by a fixed sequence of numbers that
 *   is long enough to draw each combination of any three values of any three dimensions: that is
 *   counted, and must be all. Counted as drawn: what is drawn of a fourth rung means nothing on a
 *   ladder of two. The longest condition of decide.c that is not a chain of early ends asks for few
 *   more than three things at once, and the full pass has those.
 *
 * Each plan is held against the rules in plan-rules.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "all-facts.h"
#include "explain.h"

static unsigned long n_decisions;
static bool was_reason[REASON_REFUNDED + 1][VERDICT_RESET + 1];

/* The fixed sequence: a linear congruence, its upper bits. */
static uint32_t sequence;

static uint32_t draw(uint32_t below)
{
	sequence = sequence * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(sequence >> 8) * below) >> 24);
}

static void fail_case(const char *rule, const struct plan *p)
{
	char line[4096];
	struct text t;

	print_message("%s:", rule);
	for (int d = 0; d < DIMS; d++)
		if (v[d] || d <= D_BOOTED)
			print_message(" %s=%u", dims[d].name, v[d]);
	text_init(&t, line, sizeof(line));
	for (unsigned int i = 0; i < p->n_ops; i++) {
		text_str(&t, i ? "; " : "");
		explain_op(&f, p, &p->op[i], &t);
	}
	print_message("\nplan: %s, %s, target %d, method %d, record %s: %s\n",
		      verdict_name(p->verdict), reason_name(p->reason), p->target, (int)p->method,
		      record_state_name(f.record.state), line);
	fail_msg("invariant %s is broken", rule);
}

/* decide() twice, once in a while: the same facts make the same plan. */
static void check_pure(const struct plan *p)
{
	static struct plan again;
	static struct facts before;
	static char line[EXPLAIN_SIZE], line_again[EXPLAIN_SIZE];
	char sector[RECORD_SIZE], sector_again[RECORD_SIZE];
	struct text one, two;

	text_init(&one, line, sizeof(line));
	text_init(&two, line_again, sizeof(line_again));
	memcpy(&before, &f, sizeof(f));
	decide(&f, &c, &again);
	explain_text(&f, p, &one);
	explain_text(&f, &again, &two);
	record_encode(&p->record, sector);
	record_encode(&again.record, sector_again);
	if (memcmp(&before, &f, sizeof(f)) != 0 || again.n_ops != p->n_ops || one.len != two.len ||
	    memcmp(line, line_again, one.len) != 0 ||
	    memcmp(sector, sector_again, sizeof(sector)) != 0)
		fail_case("same-plan", p);
}

static void check_case(void)
{
	static struct plan p;
	const char *rule;

	fill_facts();
	decide(&f, &c, &p);
	was_reason[p.reason][p.verdict] = true;
	rule = broken_rule(&f, &c, &p);
	if (rule)
		fail_case(rule, &p);
	if (n_decisions++ % 512 == 0)
		check_pure(&p);
}

/* The dimensions of the full pass. Values are taken from 0, so these are the first ones of each. */
static const struct {
	uint8_t dim, n;
} full[] = {
	{D_EVENT, 4},  {D_WITNESS, 4},	  {D_RECORD, 4},  {D_MOVED, 2},
	{D_METHOD, 3}, {D_ON_FAILURE, 2}, {D_HOLD, 2},	  {D_USED, 2},
	{D_SHARED, 2}, {D_BLESSED, 2},	  {D_AGAINST, 2}, {D_RESET_METHOD, 2},
};
#define N_FULL (sizeof(full) / sizeof(full[0]))

/* Values of the target that differ. */
static bool is_idle_record(void)
{
	bool has_target = v[D_RECORD] == REC_OPEN || v[D_RECORD] == REC_ARRIVED;

	return !has_target && (v[D_TARGET] || v[D_MOVED] || v[D_METHOD] || v[D_USED]);
}

/* Blessed and shared faults are of later events; nobody is counted by a kexec without a record. */
static bool is_idle_event(void)
{
	return (v[D_BLESSED] && v[D_EVENT] == 0) || (v[D_SHARED] && v[D_EVENT] != EVENT_FAIL);
}

/* All of one ladder, booted rung and states: every `stride`th. */
static void play_full(unsigned int n_rungs, unsigned int stride)
{
	unsigned long all = n_rungs, k = 0;

	for (unsigned int i = 0; i < N_FULL; i++)
		all *= full[i].n;
	for (k = n_decisions % stride; k < all; k += stride) {
		unsigned long rest = k / n_rungs;

		v[D_TARGET] = (uint8_t)(k % n_rungs);
		for (unsigned int i = 0; i < N_FULL; i++, rest /= full[i - 1].n)
			v[full[i].dim] = (uint8_t)(rest % full[i].n);
		if (!is_idle_record() && !is_idle_event())
			check_case();
	}
}

/* Each rung in each state; the booted one has some more of them. */
static void play_states(unsigned int i, unsigned int n_rungs, unsigned int stride)
{
	static const uint8_t booted[] = {R_GOOD, R_FRESH, R_LAST, R_SPENT, R_BAD, R_RETURN};
	static const uint8_t other[] = {R_GOOD, R_FRESH, R_SPENT, R_MISSING};
	bool is_booted = i == v[D_BOOTED];

	if (i == n_rungs) {
		play_full(n_rungs, stride);
		return;
	}
	for (unsigned int k = 0; k < (is_booted ? sizeof(booted) : sizeof(other)); k++) {
		v[D_RUNG + i] = is_booted ? booted[k] : other[k];
		play_states(i + 1, n_rungs, stride);
	}
}

static void play_ladder(unsigned int n_system, unsigned int recovery, unsigned int reset,
			unsigned int stride)
{
	unsigned int n = n_system + recovery + reset;

	memset(v, 0, sizeof(v));
	v[D_SYSTEM] = (uint8_t)(n_system - 1);
	v[D_RECOVERY] = (uint8_t)recovery;
	v[D_RESET] = (uint8_t)reset;
	for (unsigned int booted = 0; booted < n; booted++) {
		v[D_BOOTED] = (uint8_t)booted;
		play_states(0, n, stride);
	}
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start_facts(void)
{
	static const char *const ids[RUNGS] = {"s0", "s1", "s2", "s3", "s4", "s5"};

	memset(&f, 0, sizeof(f));
	config_defaults(&c);
	f.kernel = 1;
	f.boot_id[0] = '2';
	for (unsigned int i = 0; i < RUNGS; i++)
		set_id(f.ladder.rung[i].id, ids[i]);
	n_decisions = 0;
}

/* One case of so many: no number of values or rungs divides these. `make soak` has all. */
static unsigned int stride_of(unsigned int n_rungs)
{
	static const unsigned int strides[][3] = {
		[SIZE_LITTLE] = {211, 1009, 10007},
		[SIZE_QUICK] = {11, 41, 331},
		[SIZE_CHECK] = {1, 5, 31},
		[SIZE_FULL] = {1, 1, 1},
	};

	return strides[model_size()][n_rungs > 3 ? 2 : n_rungs > 2];
}

static void test_small_ladders(void **state)
{
	double start = seconds();

	(void)state;
	start_facts();
	for (unsigned int bits = 0; bits < 8; bits++) {
		unsigned int recovery = !!(bits & 2), reset = !!(bits & 4);
		unsigned int n_system = 1 + (bits & 1), n = n_system + recovery + reset;

		play_ladder(n_system, recovery, reset, stride_of(n));
	}
	print_message("decide() on small ladders: %lu decisions, %u rules, %.1f s\n", n_decisions,
		      (unsigned int)N_RULES, seconds() - start);
}

/* Combinations of three values of three dimensions, as drawn. */
#define VALUES_MAX 192

static uint8_t triples[VALUES_MAX][VALUES_MAX][VALUES_MAX / 8];
static unsigned int first_value[DIMS];

static void note_triples(void)
{
	for (int a = 0; a < DIMS; a++)
		for (int b = 0; b < a; b++) {
			uint8_t *row = triples[first_value[a] + v[a]][first_value[b] + v[b]];

			for (int d = 0; d < b; d++) {
				unsigned int at = first_value[d] + v[d];

				row[at / 8] |= (uint8_t)(1u << at % 8);
			}
		}
}

static void count_triples(unsigned long *ret_seen, unsigned long *ret_all)
{
	*ret_seen = *ret_all = 0;
	for (int a = 0; a < DIMS; a++)
		for (int b = 0; b < a; b++)
			for (int d = 0; d < b; d++)
				*ret_all += (unsigned long)dims[a].n * dims[b].n * dims[d].n;
	for (const uint8_t *p = triples[0][0]; p < triples[0][0] + sizeof(triples); p++)
		*ret_seen += (unsigned long)__builtin_popcount(*p);
}

#define TRACKED 60000ul

static void test_mixed_ladders(void **state)
{
	static const unsigned long sizes[] = {20000, 100000, 3000000, 20000000};
	unsigned long n = sizes[model_size()];
	unsigned long n_seen, n_all;
	double start = seconds();

	(void)state;
	start_facts();
	for (int d = 0; d + 1 < DIMS; d++)
		first_value[d + 1] = first_value[d] + dims[d].n;
	assert_in_range(first_value[DIMS - 1] + dims[DIMS - 1].n, 1, VALUES_MAX);
	while (n_decisions < n) {
		for (int d = 0; d < DIMS; d++) {
			uint32_t k = draw((uint32_t)(dims[d].n - 1 + dims[d].rare));

			v[d] = k < dims[d].n ? (uint8_t)k : 0;
		}
		check_case();
		if (n_decisions <= TRACKED)
			note_triples();
	}
	count_triples(&n_seen, &n_all);
	print_message(
		"decide() on mixed ladders: %lu decisions, %d dimensions, %lu of %lu triples of "
		"values drawn, %.1f s\n",
		n_decisions, DIMS, n_seen, n_all, seconds() - start);
	if (model_size() > SIZE_LITTLE)
		assert_int_equal(n_seen, n_all);
}

/* Each pair of reason and verdict that ARCHITECTURE.md's table has was decided. */
static void test_every_row(void **state)
{
	static const struct {
		enum reason reason;
		unsigned int verdicts; /* set */
	} table[] = {
		{REASON_DISABLED, 1 << VERDICT_PROCEED},
		{REASON_NO_LADDER, 1 << VERDICT_PROCEED},
		{REASON_UNKNOWN_ENTRY, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_FOREIGN_ENTRY, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_PINNED, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_KEXEC_LOST, 1 << VERDICT_SWITCH},
		{REASON_NOT_REACHED, 1 << VERDICT_SWITCH},
		{REASON_GOOD, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_TRYING, 1 << VERDICT_PROCEED},
		{REASON_LAST_TRY, 1 << VERDICT_PROCEED},
		{REASON_EXHAUSTED, 1 << VERDICT_SWITCH},
		{REASON_FAILED, 1 << VERDICT_RETRY | 1 << VERDICT_SWITCH},
		{REASON_HOLD_STAY, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_ALL_EXHAUSTED, 1 << VERDICT_HOLD | 1 << VERDICT_RESET | 1 << VERDICT_RETRY},
		{REASON_CANNOT_SWITCH, 1 << VERDICT_PROCEED | 1 << VERDICT_RETRY},
		{REASON_DEBUG_SHELL, 1 << VERDICT_PROCEED},
		{REASON_SHARED_FAULT, 1 << VERDICT_HOLD | 1 << VERDICT_SWITCH | 1 << VERDICT_RETRY},
		{REASON_RELAPSED, 1 << VERDICT_SWITCH},
	};
	unsigned int n = 0;

	(void)state;
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (int k = VERDICT_PROCEED; k <= VERDICT_RESET; k++) {
			bool is_planned = table[i].verdicts & 1u << k;

			if (was_reason[table[i].reason][k] != is_planned)
				fail_msg("invariant every-row is broken: %s %s: %s",
					 reason_name(table[i].reason),
					 verdict_name((enum verdict)k),
					 is_planned ? "never decided"
						    : "decided, and not in the "
						      "table");
			n += is_planned;
		}
	print_message("decide(): %u pairs of reason and verdict, each decided\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_small_ladders),
					   cmocka_unit_test(test_mixed_ladders),
					   cmocka_unit_test(test_every_row)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
