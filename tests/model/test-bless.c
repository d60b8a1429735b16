// SPDX-License-Identifier: LGPL-2.1-or-later
/* Blesses every small device: each combination of counters, booted entry, kexec, twins, settings of
 * the loader, record and trouble goes through the real bless_plan(). What it plans is carried out,
 * whole and cut short after each operation, and planned again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bless.h"
#include "explain.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

#define THIS_BOOT  "this"
#define OTHER_BOOT "other"

enum { FIRST, SECOND, THIRD, RECOVERY, RESET, RUNGS, UNKNOWN = RUNGS };

static const char *const ids[RUNGS] = {"first.conf", "second.conf", "third.conf", "recovery.conf",
				       "reset.conf"};
static const enum role roles[RUNGS] = {ROLE_SYSTEM, ROLE_SYSTEM, ROLE_SYSTEM, ROLE_RECOVERY,
				       ROLE_RESET};

enum start { GOOD, FULL, USED, LAST_TRY, EXHAUSTED, ABSENT, STARTS };

/* System rungs are not full to begin with, recovery and reset not at their last try. */
static const enum start system_starts[] = {GOOD, USED, LAST_TRY, EXHAUSTED, ABSENT};
static const enum start budget_starts[] = {GOOD, FULL, USED, EXHAUSTED, ABSENT};

/* What the loader goes by. %: the booted id with a counter. */
struct setup {
	bool unknown, has_preferred, ids_have_counters, pinned;
	const char *value[SETTINGS];
};

static const struct setup setups[] = {
	{.unknown = true, .value = {"first.conf", "", "first.conf", "%"}},
	{.value = {""}},
	{.value = {"", "", "", "first.conf"}},
	{.value = {"", "", "", "%"}},
	{.value = {"", "", "second.conf", "%"}},
	{.value = {"", "", "*", "first.conf"}},
	{.value = {"", "", "", "@saved"}},
	{.has_preferred = true, .value = {"", "", "second.conf", ""}},
	{.has_preferred = true, .value = {"FIRST*", "", "", "third.conf"}},
	{.has_preferred = true, .value = {"", "re*", "", "%"}},
	{.has_preferred = true, .value = {"@saved", "third.conf", "first.conf", "first.conf"}},
	{.ids_have_counters = true, .value = {"", "", "first+*", "second*"}},
	{.ids_have_counters = true, .value = {"", "", "", "%"}},
	{.pinned = true, .value = {"", "", "first.conf", "%"}},
};

enum target { OURS, THEIRS, NOBODY };

static const struct {
	enum record_state state;
	enum target target;
	bool this_boot, unwritable;
	uint8_t rounds;
} records[] = {
	{RECORD_NONE, NOBODY, false, false, 0},	  {RECORD_OPEN, OURS, false, false, 0},
	{RECORD_OPEN, OURS, true, false, 1},	  {RECORD_OPEN, THEIRS, false, false, 0},
	{RECORD_OPEN, THEIRS, true, false, 2},	  {RECORD_OPEN, THEIRS, false, true, 2},
	{RECORD_ARRIVED, OURS, true, false, 0},	  {RECORD_ARRIVED, OURS, true, false, 2},
	{RECORD_ARRIVED, OURS, false, false, 1},  {RECORD_CLOSED, THEIRS, false, false, 0},
	{RECORD_CLOSED, NOBODY, false, false, 3}, {RECORD_HOLD, NOBODY, false, false, 3},
};

enum trouble {
	NO_TROUBLE,
	IS_DISABLED,
	IS_BLIND,
	HAS_FAILED,
	IS_AMBIGUOUS,
	IS_UNPROVED,
	IS_RENAMED,
	TROUBLES,
};

/* What is enumerated. */
struct device {
	enum start start[RUNGS];
	int booted;
	bool kexeced, twin;
	const struct setup *setup;
	unsigned int record;
	enum trouble trouble;
};

/* What the operations of a bless change. */
struct world {
	struct counter counter[RUNGS];
	bool twin, renamed_by_us, oneshot;
	char value[SETTINGS][NAME_SIZE];
	struct record record;
};

static struct facts facts; /* of the device, in the world that it is in */
static struct config config;
static const struct device *device;
static unsigned long n_devices, n_plans, n_prefer, n_correct, n_reasons[REASON_EDITED + 1];

static bool is_system(void)
{
	return device->booted < RECOVERY;
}

static void fail_device(const char *what, const struct plan *p)
{
	static char buf[EXPLAIN_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	explain_text(&facts, p, &t);
	fail_msg("%s: kexeced %d, twin %d, CountGood %d, setup %zu, record %u, trouble %d\n%s",
		 what, device->kexeced, device->twin, config.count_good,
		 (size_t)(device->setup - setups), device->record, (int)device->trouble, buf);
}

static void check(bool ok, const char *what, const struct plan *p)
{
	if (!ok)
		fail_device(what, p);
}

static struct counter full_counter(int i)
{
	return counter_make((int)ladder_tries(&config, roles[i]), 0);
}

static struct counter start_counter(int i)
{
	int tries = (int)ladder_tries(&config, roles[i]);

	switch (device->start[i]) {
	case FULL:
		return counter_make(tries, 0);
	case USED:
		return counter_make(tries - 1, 1);
	case LAST_TRY:
		return counter_make(0, tries);
	case EXHAUSTED:
		return counter_make(0, tries + 1);
	default:
		return (struct counter){0};
	}
}

static void copy_name(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
}

static void fill_record(struct record *r)
{
	int target = records[device->record].target == OURS ? device->booted
							    : (device->booted + 1) % RUNGS;

	r->state = (uint8_t)records[device->record].state;
	r->rounds = records[device->record].rounds;
	r->method = METHOD_KEXEC;
	r->txn = 7;
	copy_name(r->boot_id, records[device->record].this_boot ? THIS_BOOT : OTHER_BOOT);
	if (records[device->record].target != NOBODY && target < RUNGS)
		copy_name(r->target, ids[target]);
}

static void begin(struct world *w)
{
	struct counter three = counter_make(3, 0);

	memset(w, 0, sizeof(*w));
	for (int i = 0; i < RUNGS; i++)
		w->counter[i] = start_counter(i);
	w->twin = device->twin;
	for (int i = 0; i < SETTINGS; i++) {
		const char *value = device->setup->value[i];

		if (value && strcmp(value, "%") == 0 && device->booted < RUNGS)
			(void)counter_format(ids[device->booted], &three, w->value[i]);
		else if (value)
			copy_name(w->value[i], value);
	}
	fill_record(&w->record);
}

/* What no operation changes. */
static void fill_device(void)
{
	for (int i = 0; i < RUNGS; i++) {
		struct rung *r = &facts.ladder.rung[i];

		r->missing = device->start[i] == ABSENT;
		r->ambiguous = device->trouble == IS_AMBIGUOUS && i == device->booted;
		r->twin[0] = '\0';
	}
	facts.disabled = device->trouble == IS_DISABLED;
	facts.blind = device->trouble == IS_BLIND;
	facts.failed = device->trouble == HAS_FAILED;
	facts.kexeced = device->kexeced;
	facts.booted.known = device->booted != UNKNOWN;
	facts.booted.rung = facts.booted.known ? device->booted : -1;
	copy_name(facts.booted.id, facts.booted.known ? ids[device->booted] : "");
	copy_name(facts.pin, device->setup->pinned ? ids[FIRST] : "");
	facts.record_unwritable = records[device->record].unwritable;
	facts.settings.known = !device->setup->unknown;
	facts.settings.has_preferred = device->setup->has_preferred;
	facts.settings.ids_have_counters = device->setup->ids_have_counters;
}

static void fill_world(const struct world *w)
{
	for (int i = 0; i < RUNGS; i++)
		facts.ladder.rung[i].counter = w->counter[i];
	if (device->booted < RUNGS)
		copy_name(facts.ladder.rung[device->booted].twin, w->twin ? "twin.conf" : "");
	for (int i = 0; i < SETTINGS; i++)
		copy_name(facts.settings.value[i], w->value[i]);
	facts.record = w->record;
	facts.oneshot = w->oneshot;
	facts.booted.unproved = device->trouble == IS_UNPROVED && w->twin;
	facts.booted.renamed = device->trouble == IS_RENAMED && !w->renamed_by_us;
}

static void plan(const struct world *w, struct plan *p)
{
	fill_world(w);
	bless_plan(&facts, &config, p);
	n_plans++;
}

/* As the loader's door writes it. */
static void play_prefer(struct world *w)
{
	char *value = w->value[device->setup->has_preferred ? SETTING_PREFERRED_VARIABLE
							    : SETTING_DEFAULT_VARIABLE];
	const char *id = ids[device->booted];

	if (device->setup->ids_have_counters)
		(void)snprintf(value, NAME_SIZE, "%.*s*.conf", (int)strcspn(id, "."), id);
	else
		copy_name(value, id);
}

static void play_op(struct world *w, const struct plan *p, const struct op *op)
{
	switch (op->type) {
	case OP_PARK:
		w->twin = false;
		break;
	case OP_BLESS:
	case OP_ARM:
		w->counter[op->rung] = op->to;
		w->renamed_by_us |= op->rung == device->booted;
		break;
	case OP_CORRECT:
		copy_name(w->value[SETTING_DEFAULT_FILE], ids[op->rung]);
		n_correct++;
		break;
	case OP_PREFER:
		play_prefer(w);
		n_prefer++;
		break;
	case OP_ONESHOT:
		check(device->kexeced && !device->setup->has_preferred, "a one-shot", p);
		w->oneshot = true;
		break;
	case OP_RECORD:
	case OP_RESTATE:
		if (op->type == OP_RECORD)
			w->record = p->record;
		w->record.state = (uint8_t)op->record_state;
		copy_name(w->record.boot_id, THIS_BOOT);
		break;
	default:
		fail_device("an operation that is no part of a bless", p);
	}
}

static void play(struct world *w, const struct plan *p, unsigned int n_ops)
{
	for (unsigned int i = 0; i < n_ops; i++)
		play_op(w, p, &p->op[i]);
}

static bool is_same_world(const struct world *a, const struct world *b)
{
	for (int i = 0; i < RUNGS; i++)
		if (!counter_is_same(&a->counter[i], &b->counter[i]))
			return false;
	for (int i = 0; i < SETTINGS; i++)
		if (strcmp(a->value[i], b->value[i]) != 0)
			return false;
	return a->twin == b->twin && a->oneshot == b->oneshot &&
	       a->record.state == b->record.state && a->record.rounds == b->record.rounds &&
	       a->record.txn == b->record.txn && strcmp(a->record.target, b->record.target) == 0 &&
	       strcmp(a->record.boot_id, b->record.boot_id) == 0;
}

/* Reasons without any operation. */
static bool is_left_alone(void)
{
	return device->booted == UNKNOWN || device->start[device->booted] == ABSENT ||
	       (device->trouble > NO_TROUBLE && device->trouble < IS_UNPROVED);
}

/* The file that would be renamed may be another one than the one that was booted. */
static bool is_doubtful(const struct world *w)
{
	if (!is_system())
		return false;
	if (device->trouble == IS_RENAMED)
		return w->counter[device->booted].present || w->twin;
	return device->trouble == IS_UNPROVED && w->twin;
}

static void check_order(const struct plan *p)
{
	static const int ranks[] = {
		[OP_PARK] = 1,	  [OP_BLESS] = 2,  [OP_CORRECT] = 3, [OP_PREFER] = 4,
		[OP_ONESHOT] = 4, [OP_RECORD] = 5, [OP_RESTATE] = 5};
	int last = 0;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		const struct op *op = &p->op[i];
		int rank =
			op->type == OP_ARM ? (op->rung == device->booted ? 2 : 6) : ranks[op->type];

		check(rank > last || (rank == 6 && last == 6), "the order of operations", p);
		last = rank;
	}
}

static void check_counters(const struct world *was, const struct world *now, const struct plan *p)
{
	for (int i = 0; i < RUNGS; i++) {
		struct counter want = was->counter[i], full = full_counter(i);

		if (is_system() && i >= RECOVERY && device->start[i] != ABSENT)
			want = full;
		if (is_system() && i == device->booted) {
			bool armed = config.count_good || (device->kexeced && want.present);

			want = armed ? full : (struct counter){0};
		}
		check(counter_is_same(&now->counter[i], &want), "a counter", p);
	}
}

/* What the loader does next: the blessed rung, unless nobody chose another one by name. */
static void check_settings(const struct world *now, const struct plan *p)
{
	struct choice next;

	fill_world(now);
	next = choose_next(&facts.ladder, &facts.settings);
	for (unsigned int i = 0; i < p->n_ops; i++)
		check(p->op[i].type != OP_PREFER || next.rung == device->booted,
		      "what the loader chooses after prefer", p);
	if (!facts.settings.known || facts.pin[0] || !is_system())
		return;
	check(next.rung == device->booted || next.by == SETTING_ORDER || now->oneshot ||
		      choose_matches(&facts.settings, next.by, &facts.ladder.rung[device->booted]),
	      "a setting that sends the loader past the blessed rung", p);
}

static void check_record(const struct world *was, const struct world *now, const struct plan *p)
{
	bool ours = records[device->record].target == OURS;
	bool on_its_way =
		was->record.state == RECORD_OPEN && !ours && records[device->record].this_boot;
	bool kept = facts.record_unwritable || on_its_way || (!is_system() && !ours);

	if (kept) {
		check(memcmp(&was->record, &now->record, sizeof(was->record)) == 0,
		      "a record that is not to be changed", p);
		return;
	}
	check(now->record.state != RECORD_OPEN, "an open record", p);
	check(!is_system() || now->record.rounds == 0, "the rounds", p);
	check(is_system() || now->record.rounds == was->record.rounds, "the rounds of a budget", p);
	/* The newer of two records is known by number, then by state. */
	check(memcmp(&was->record, &now->record, sizeof(was->record)) == 0 ||
		      now->record.txn > was->record.txn || now->record.state > was->record.state,
	      "a record that looks no newer", p);
}

static void check_budget(const struct plan *p)
{
	check(p->reason == REASON_BUDGET, "the reason of recovery and reset", p);
	for (unsigned int i = 0; i < p->n_ops; i++)
		check(p->op[i].type == OP_RESTATE, "recovery and reset change the record only", p);
}

/* The power goes after each of the operations: the next bless does the rest. */
static void check_cuts(const struct world *was, const struct world *end, const struct plan *p)
{
	for (unsigned int cut = 0; cut <= p->n_ops; cut++) {
		struct world now = *was;
		struct plan rest;

		play(&now, p, cut);
		plan(&now, &rest);
		check(cut < p->n_ops || rest.n_ops == 0, "a bless after a bless", &rest);
		play(&now, &rest, rest.n_ops);
		check(is_same_world(&now, end), "a power cut", &rest);
	}
}

static void bless_device(void)
{
	struct world was, now;
	struct plan p;

	begin(&was);
	fill_device();
	plan(&was, &p);
	n_devices++;
	n_reasons[p.reason]++;
	check(p.verdict == VERDICT_PROCEED, "the verdict", &p);
	check((p.obstacle != OBSTACLE_NONE) == (p.reason == REASON_REFUSED), "the obstacle", &p);
	if (is_left_alone() || is_doubtful(&was)) {
		check(p.n_ops == 0, "operations where there must be none", &p);
		return;
	}
	now = was;
	play(&now, &p, p.n_ops);
	if (!is_system())
		check_budget(&p);
	check(now.twin == (!is_system() && was.twin), "the twin", &p);
	check_order(&p);
	check_counters(&was, &now, &p);
	check_settings(&now, &p);
	fill_world(&was);
	check_record(&was, &now, &p);
	check_cuts(&was, &now, &p);
}

static void setup(void)
{
	memset(&facts, 0, sizeof(facts));
	facts.event = EVENT_BLESS;
	copy_name(facts.boot_id, THIS_BOOT);
	copy_name(facts.settings.saved, ids[SECOND]);
	facts.ladder.n = RUNGS;
	for (int i = 0; i < RUNGS; i++) {
		struct rung *r = &facts.ladder.rung[i];

		r->role = roles[i];
		copy_name(r->id, ids[i]);
		r->sort_key[0] = (char)('a' + i);
	}
	config_defaults(&config);
	n_devices = n_plans = n_prefer = n_correct = 0;
	memset(n_reasons, 0, sizeof(n_reasons));
}

/* Who was booted, and how. */
static void bless_boots(struct device *d)
{
	device = d;
	for (d->booted = FIRST; d->booted <= UNKNOWN; d->booted++)
		for (unsigned int i = 0; i < 8; i++) {
			d->kexeced = i & 1;
			d->twin = i & 2;
			config.count_good = i & 4;
			bless_device();
		}
}

/* `make check-fast` (MODEL_QUICK=1) takes one of so many: no number of starts. */
static unsigned int stride(void)
{
	return getenv("MODEL_QUICK") ? 7 : 1;
}

/* Every ladder; settings and record take turns. */
static void test_ladders(void **state)
{
	struct device d = {0};
	unsigned int turn = 0;

	(void)state;
	setup();
	for (unsigned int i = 0; i < 5 * 5 * 5 * 5 * 5; i += stride(), turn++) {
		d.start[FIRST] = system_starts[i % 5];
		d.start[SECOND] = system_starts[i / 5 % 5];
		d.start[THIRD] = system_starts[i / 25 % 5];
		d.start[RECOVERY] = budget_starts[i / 125 % 5];
		d.start[RESET] = budget_starts[i / 625 % 5];
		d.setup = &setups[turn % N(setups)];
		d.record = turn / N(setups) % N(records);
		bless_boots(&d);
	}
	printf("ladders: %lu devices, %lu plans, %lu prefer, %lu correct\n", n_devices, n_plans,
	       n_prefer, n_correct);
}

/* Every setting, record and trouble, with the ladders of two slots and a few budgets. */
static void test_settings(void **state)
{
	static const enum start budgets[][2] = {
		{FULL, ABSENT}, {EXHAUSTED, USED}, {GOOD, EXHAUSTED}};
	struct device d = {0};

	(void)state;
	setup();
	d.start[THIRD] = USED;
	for (unsigned int i = 0; i < 5 * 5 * N(budgets); i++) {
		d.start[FIRST] = system_starts[i % 5];
		d.start[SECOND] = system_starts[i / 5 % 5];
		d.start[RECOVERY] = budgets[i / 25][0];
		d.start[RESET] = budgets[i / 25][1];
		/* with each ladder others of them */
		for (size_t k = i % stride(); k < N(setups) * N(records); k += stride()) {
			d.setup = &setups[k % N(setups)];
			d.record = k / N(setups);
			bless_boots(&d);
		}
	}
	printf("settings: %lu devices, %lu plans, %lu prefer, %lu correct\n", n_devices, n_plans,
	       n_prefer, n_correct);
}

static void test_troubles(void **state)
{
	struct device d = {.start = {USED, GOOD, EXHAUSTED, USED, FULL}};

	(void)state;
	setup();
	for (d.trouble = NO_TROUBLE; d.trouble < TROUBLES; d.trouble++)
		for (d.record = 0; d.record < N(records); d.record++)
			for (d.setup = setups; d.setup < setups + N(setups); d.setup++)
				bless_boots(&d);
	assert_true(n_reasons[REASON_DISABLED] > 0 && n_reasons[REASON_UNKNOWN_ENTRY] > 0 &&
		    n_reasons[REASON_REFUSED] > 0 && n_reasons[REASON_BUDGET] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ladders),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_troubles),
	};

	return cmocka_run_group_tests_name("bless", tests, NULL, NULL);
}
