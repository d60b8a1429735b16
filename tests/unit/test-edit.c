// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bless-row.h"

#include "edit.h"

enum { A = 1, P = 2, R = 4, X = 8 }; /* active, passive, recovery, reset */

struct edit_row {
	const char *what, *ladder;
	enum edit edit;
	unsigned int rungs;
	unsigned int flags; /* UNPROVED; active.conf is booted */
	const char *want;
};

static void test_rows(void **state)
{
	static const char all[] = "active+2-1.conf passive.conf recovery+1-2.conf reset+0-9.conf";
	static const struct edit_row rows[] = {
		{"good", all, EDIT_GOOD, A, 0, "edited: bless active.conf +2-1 -"},
		{"good already", all, EDIT_GOOD, P, 0, "good:"},
		{"recovery keeps a budget", all, EDIT_GOOD, R, 0,
		 "edited: arm recovery.conf +1-2 +3-0"},
		{"reset too", all, EDIT_GOOD, X, 0, "edited: arm reset.conf +0-9 +2-0"},
		{"a budget for what has none", "recovery.conf", EDIT_GOOD, 1, 0,
		 "edited: arm recovery.conf - +3-0"},
		{"bad", all, EDIT_BAD, A, 0, "edited: mark active.conf +2-1 +0-9"},
		{"bad, a good one", all, EDIT_BAD, P, 0, "edited: mark passive.conf - +0-9"},
		{"bad already", all, EDIT_BAD, X, 0, "good:"},
		{"bad, and counted on by the loader", "active+0-12.conf", EDIT_BAD, 1, 0, "good:"},
		{"exhausted is not yet bad", "active+0-4.conf", EDIT_BAD, 1, 0,
		 "edited: mark active.conf +0-4 +0-9"},
		{"rearm", all, EDIT_REARM, A, 0, "edited: arm active.conf +2-1 +3-0"},
		{"rearm a good one", all, EDIT_REARM, P, 0, "edited: arm passive.conf - +3-0"},
		{"rearm a bad one", all, EDIT_REARM, X, 0, "edited: arm reset.conf +0-9 +2-0"},
		{"rearmed already", "active+3-0.conf", EDIT_REARM, 1, 0, "good:"},
		{"several", all, EDIT_REARM, A | R, 0,
		 "edited: arm active.conf +2-1 +3-0; arm recovery.conf +1-2 +3-0"},
		{"none", all, EDIT_REARM, 0, 0, "good:"},
		{"beyond the ladder", all, EDIT_REARM, 16, 0, "good:"},
		{"broken", "!active+2-1.conf", EDIT_BAD, 1, 0,
		 "edited: mark active.conf +2-1 +0-9"},
		{"twin", "active+2-1.conf active.conf", EDIT_BAD, 1, 0,
		 "edited: park active.conf; mark active.conf +2-1 +0-9"},
		{"a twin is never right", "active+3-0.conf active.conf", EDIT_REARM, 1, 0,
		 "edited: park active.conf"},
		{"twins of another: which is meant?", "active.conf passive+2-1.conf passive.conf",
		 EDIT_GOOD, P, 0, "refused unproved passive.conf:"},
		{"rearm neither", "active.conf passive+0-9.conf passive.conf", EDIT_REARM, P, 0,
		 "refused unproved passive.conf:"},
		{"bad are both", "active.conf passive+2-1.conf passive.conf", EDIT_BAD, P, 0,
		 "edited: park passive.conf; mark passive.conf +2-1 +0-9"},
		{"a leftover of another", "active.conf passive+2-1.conf !passive.conf", EDIT_GOOD,
		 P, UNPROVED, "edited: park passive.conf; bless passive.conf +2-1 -"},
		{"a leftover of the booted one", "active+2-1.conf !active.conf", EDIT_GOOD, A,
		 UNPROVED, "edited: park active.conf; bless active.conf +2-1 -"},
		{"unproved twins of the booted one", "active+2-1.conf active.conf passive.conf",
		 EDIT_GOOD, A | P, UNPROVED, "refused unproved active.conf:"},
		{"no twin is left", "active+2-1.conf", EDIT_GOOD, A, UNPROVED,
		 "edited: bless active.conf +2-1 -"},
		{"missing", "active+2-1.conf -passive.conf", EDIT_REARM, A | P, 0,
		 "refused missing passive.conf:"},
		{"the missing one is not asked for", "active+2-1.conf -passive.conf", EDIT_REARM, A,
		 0, "edited: arm active.conf +2-1 +3-0"},
		{"ambiguous", "active+2-1.conf &passive+1.conf", EDIT_REARM, A | P, 0,
		 "refused ambiguous passive.conf:"},
		{"the first obstacle", "-active.conf &passive.conf", EDIT_BAD, A | P, 0,
		 "refused missing active.conf:"},
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		const struct edit_row *row = &rows[i];
		char got[2048];
		struct config c;
		struct facts f;
		struct plan p;

		read_config(&c, "[Ladder]\nReset=reset\n");
		fill_facts(&f, &c,
			   &(struct row){.ladder = row->ladder,
					 .booted = "active.conf",
					 .flags = row->flags});
		f.event = EVENT_EDIT;
		edit_plan(&f, &c, row->edit, row->rungs, &p);
		plan_words(&f, &p, got);
		assert_int_equal(p.verdict, VERDICT_PROCEED);
		if (strcmp(got, row->want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
	}
}

/* Who says something of the rung that runs ends the count of its relapses. */
static void test_relapses(void **state)
{
	static const struct {
		enum edit edit;
		unsigned int rungs, flags;
		const char *record, *want;
	} rows[] = {
		{EDIT_GOOD, A, 0, "closed - 0", "edited: record closed rounds 0 txn 8"},
		{EDIT_REARM, A | P, 0, "arrived active.conf 2",
		 "edited: arm active.conf - +3-0; record closed active.conf kexec rounds 2 txn 8"},
		{EDIT_REARM, A, SAME_BOOT, "arrived active.conf 0",
		 "edited: arm active.conf - +3-0; record arrived active.conf kexec rounds 0 txn 8"},
		{EDIT_BAD, A, SAME_BOOT, "open passive.conf 0",
		 "edited: mark active.conf - +0-9; record open passive.conf kexec rounds 0 txn 8"},
		{EDIT_BAD, A, 0, "hold - 3",
		 "edited: mark active.conf - +0-9; record hold rounds 3 txn 8"},
		{EDIT_BAD, A, NO_RECORD, "closed - 0", "edited: mark active.conf - +0-9"},
		{EDIT_BAD, P, 0, "closed - 0", "edited: mark passive.conf +3-0 +0-9"},
		{EDIT_BAD, 0, 0, "closed - 0", "good:"},
	};
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	read_config(&c, "");
	for (size_t i = 0; i < N(rows); i++) {
		fill_facts(&f, &c,
			   &(struct row){.ladder = "active.conf passive+3-0.conf",
					 .booted = "active.conf",
					 .record = rows[i].record,
					 .flags = rows[i].flags});
		f.event = EVENT_EDIT;
		f.record.relapses = 2;
		f.record.refunds = 1;
		edit_plan(&f, &c, rows[i].edit, rows[i].rungs, &p);
		plan_words(&f, &p, got);
		assert_string_equal(got, rows[i].want);
		assert_int_equal(p.record.relapses, strstr(got, "record") ? 0 : 2);
		assert_int_equal(p.record.refunds, 1);
	}
}

/* Each rung of the longest ladder with a twin, each to be changed. */
static void test_longest(void **state)
{
	struct facts f = {.event = EVENT_EDIT, .booted.rung = -1};
	struct config c;
	struct plan p;

	(void)state;
	config_defaults(&c);
	f.ladder.n = RUNGS_MAX;
	for (unsigned int i = 0; i < RUNGS_MAX; i++)
		copy_name(f.ladder.rung[i].twin, "x.conf");
	edit_plan(&f, &c, EDIT_BAD, (1u << RUNGS_MAX) - 1, &p);
	assert_int_equal(p.n_ops, 2 * RUNGS_MAX);
	assert_int_equal(p.op[p.n_ops - 1].type, OP_MARK);
	assert_int_equal(p.op[p.n_ops - 1].rung, RUNGS_MAX - 1);
}

static void test_rungs(void **state)
{
	struct ladder l;
	struct config c;

	(void)state;
	read_config(&c, "[Ladder]\nReset=reset\n");
	fill_ladder(&l, &c, "active+2-1.conf passive.conf recovery+1-2.conf", "");
	assert_int_equal(edit_rungs(&l, ROLE_SYSTEM, false), A);
	assert_int_equal(edit_rungs(&l, ROLE_SYSTEM, true), A | P);
	assert_int_equal(edit_rungs(&l, ROLE_RECOVERY, false), R);
	assert_int_equal(edit_rungs(&l, ROLE_RESET, true), 0);
	fill_ladder(&l, &c, "-active.conf passive+0-9.conf recovery.conf reset.conf", "");
	assert_int_equal(edit_rungs(&l, ROLE_SYSTEM, true), P);
	assert_int_equal(edit_rungs(&l, ROLE_RECOVERY, false), 0);
	assert_int_equal(edit_rungs(&l, ROLE_RECOVERY, true), R);
	assert_int_equal(edit_rungs(&l, ROLE_RESET, true), X);
}

static void test_explain(void **state)
{
	struct config c;
	struct facts f;
	struct plan p;
	struct text t;
	char line[512];

	(void)state;
	read_config(&c, "");
	fill_facts(
		&f, &c,
		&(struct row){.ladder = "active+2-1.conf -passive.conf", .booted = "active.conf"});
	f.event = EVENT_EDIT;
	edit_plan(&f, &c, EDIT_BAD, P, &p);
	text_init(&t, line, sizeof(line));
	explain_line(&f, &p, &t);
	assert_string_equal(line,
			    "edit: proceed (refused): active.conf +2-1; missing passive.conf");
	edit_plan(&f, &c, EDIT_BAD, A, &p);
	text_init(&t, line, sizeof(line));
	explain_line(&f, &p, &t);
	assert_string_equal(line, "edit: proceed (edited): active.conf +2-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	 cmocka_unit_test(test_longest),
		cmocka_unit_test(test_relapses), cmocka_unit_test(test_rungs),
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
