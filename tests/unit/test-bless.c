// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of bless_plan(), row by row: reasons, counters, and the words for them. */
#include "bless-row.h"

static void test_counter(void **state)
{
	static const struct row rows[] = {
		{.what = "counted",
		 .ladder = "active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .want = "blessed: bless active.conf +2-1 -"},
		{.what = "last try",
		 .ladder = "active+0-3.conf" FULL,
		 .booted = "active.conf",
		 .want = "blessed: bless active.conf +0-3 -"},
		{.what = "leading zeros",
		 .ladder = "active+09-01.conf" FULL,
		 .booted = "active.conf",
		 .want = "blessed: bless active.conf +09-01 -"},
		{.what = "nothing to do", .ladder = GOOD, .booted = "active.conf", .want = "good:"},
		{.what = "broken, but it runs",
		 .ladder = "!active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .want = "blessed: bless active.conf +2-1 -"},
		{.what = "kexec",
		 .ladder = "active.conf passive+2-1.conf recovery+3-0.conf",
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .want = "rearmed: arm passive.conf +2-1 +3-0"},
		{.what = "kexec, Tries",
		 .ladder = "active.conf passive+2-1.conf recovery+3-0.conf",
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .config = "[Ladder]\nTries=5\n",
		 .want = "rearmed: arm passive.conf +2-1 +5-0"},
		{.what = "kexec, full already",
		 .ladder = "active.conf passive+3-0.conf recovery+3-0.conf",
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .want = "rearmed:"},
		{.what = "kexec, full already, no -DONE",
		 .ladder = "active.conf passive+3.conf recovery+3.conf",
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .want = "rearmed:"},
		{.what = "kexec to a good one",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .want = "good:"},
		{.what = "CountGood",
		 .ladder = "active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .config = "[Ladder]\nCountGood=yes\n",
		 .want = "rearmed: arm active.conf +2-1 +3-0"},
		{.what = "CountGood without counter",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .config = "[Ladder]\nCountGood=yes\n",
		 .want = "rearmed: arm active.conf - +3-0"},
		{.what = "CountGood, kexec",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = KEXECED,
		 .config = "[Ladder]\nCountGood=yes\n",
		 .want = "rearmed: arm active.conf - +3-0"},
		{.what = "twin",
		 .ladder = "active+2-1.conf active.conf" FULL,
		 .booted = "active.conf",
		 .want = "blessed: park active.conf; bless active.conf +2-1 -"},
		{.what = "twin of another",
		 .ladder = "active.conf passive+3.conf passive.conf "
			   "recovery+3-0.conf",
		 .booted = "active.conf",
		 .want = "good:"},
	};

	(void)state;
	run_rows(rows, N(rows));
}

static void test_refill(void **state)
{
	static const char reset[] = "[Ladder]\nReset=reset\nRecoveryTries=4\n";
	static const struct row rows[] = {
		{.what = "used",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "active.conf",
		 .want = "good: arm recovery.conf +1-2 +3-0"},
		{.what = "exhausted",
		 .ladder = "active+2-1.conf recovery+0-4.conf",
		 .booted = "active.conf",
		 .want = "blessed: bless active.conf +2-1 -; arm recovery.conf +0-4 +3-0"},
		{.what = "without counter",
		 .ladder = "active.conf recovery.conf",
		 .booted = "active.conf",
		 .want = "good: arm recovery.conf - +3-0"},
		{.what = "more than it may",
		 .ladder = "active.conf recovery+9-0.conf",
		 .booted = "active.conf",
		 .want = "good: arm recovery.conf +9-0 +3-0"},
		{.what = "a leftover in the way",
		 .ladder = "active.conf recovery+1-2.conf !recovery+3-0.conf",
		 .booted = "active.conf",
		 .want = "good: park recovery.conf; arm recovery.conf +1-2 +3-0"},
		{.what = "a twin beside it",
		 .ladder = "active.conf recovery+1-2.conf recovery.conf",
		 .booted = "active.conf",
		 .want = "good: arm recovery.conf +1-2 +3-0"},
		{.what = "broken",
		 .ladder = "active.conf !recovery+1-2.conf",
		 .booted = "active.conf",
		 .want = "good: arm recovery.conf +1-2 +3-0"},
		{.what = "missing",
		 .ladder = "active.conf -recovery.conf",
		 .booted = "active.conf",
		 .want = "good:"},
		{.what = "ambiguous",
		 .ladder = "active.conf &recovery+1-2.conf",
		 .booted = "active.conf",
		 .want = "good:"},
		{.what = "reset too",
		 .ladder = "active.conf recovery+4-0.conf reset+1-1.conf",
		 .booted = "active.conf",
		 .config = reset,
		 .want = "good: arm reset.conf +1-1 +2-0"},
		{.what = "after a kexec too",
		 .ladder = "active+1-2.conf recovery+3-1.conf",
		 .booted = "active.conf",
		 .flags = KEXECED,
		 .want = "rearmed: arm active.conf +1-2 +3-0; arm recovery.conf +3-1 +3-0"},
		{.what = "no other system rung",
		 .ladder = "active.conf passive+0-3.conf recovery+3-0.conf",
		 .booted = "active.conf",
		 .want = "good:"},
		{.what = "recovery runs",
		 .ladder = "active+0-3.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .want = "budget:"},
		{.what = "recovery runs, CountGood and kexec",
		 .ladder = "active+0-3.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .flags = KEXECED,
		 .config = "[Ladder]\nCountGood=yes\n",
		 .want = "budget:"},
		{.what = "reset runs",
		 .ladder = "active+0-3.conf reset+1-1.conf",
		 .booted = "reset.conf",
		 .config = reset,
		 .want = "budget:"},
	};

	(void)state;
	run_rows(rows, N(rows));
}

static void test_refused(void **state)
{
	static const char counted[] = "active+2-1.conf passive.conf recovery+1-2.conf";
	static const struct row rows[] = {
		{.what = "disabled",
		 .ladder = counted,
		 .booted = "active.conf",
		 .flags = DISABLED | BLIND | FAILED,
		 .want = "disabled:"},
		{.what = "no ladder",
		 .ladder = "-active.conf",
		 .booted = "active.conf",
		 .flags = FAILED,
		 .want = "no-ladder:"},
		{.what = "empty ladder", .ladder = "", .booted = "", .want = "no-ladder:"},
		{.what = "blind",
		 .ladder = "-active.conf",
		 .booted = "active.conf",
		 .flags = BLIND,
		 .want = "unknown-entry:"},
		{.what = "unknown",
		 .ladder = counted,
		 .booted = "",
		 .flags = FAILED,
		 .want = "unknown-entry:"},
		{.what = "foreign",
		 .ladder = counted,
		 .booted = "x.conf",
		 .flags = FAILED,
		 .want = "foreign-entry:"},
		{.what = "failed",
		 .ladder = "-active.conf passive.conf",
		 .booted = "active.conf",
		 .flags = FAILED,
		 .want = "refused failed active.conf:"},
		{.what = "failed recovery",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .flags = FAILED,
		 .want = "refused failed recovery.conf:"},
		{.what = "missing",
		 .ladder = "-active.conf passive.conf recovery+1-2.conf",
		 .booted = "active.conf",
		 .want = "refused missing active.conf:"},
		{.what = "missing recovery",
		 .ladder = "active.conf -recovery.conf",
		 .booted = "recovery.conf",
		 .want = "refused missing recovery.conf:"},
		{.what = "ambiguous",
		 .ladder = "&active+2-1.conf passive.conf",
		 .booted = "active.conf",
		 .flags = UNPROVED,
		 .want = "refused ambiguous active.conf:"},
		{.what = "ambiguous recovery",
		 .ladder = "active.conf &recovery+2-1.conf",
		 .booted = "recovery.conf",
		 .want = "refused ambiguous recovery.conf:"},
		{.what = "unproved",
		 .ladder = "active+2-1.conf active.conf passive.conf",
		 .booted = "active.conf",
		 .flags = UNPROVED | RENAMED,
		 .want = "refused unproved active.conf:"},
		{.what = "renamed",
		 .ladder = counted,
		 .booted = "active.conf",
		 .flags = RENAMED,
		 .want = "refused renamed active.conf:"},
		{.what = "blessed meanwhile",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = RENAMED | UNPROVED,
		 .want = "good:"},
		{.what = "no doubt matters to the budget",
		 .ladder = "active.conf recovery+2-1.conf recovery.conf",
		 .booted = "recovery.conf",
		 .flags = RENAMED | UNPROVED,
		 .want = "budget:"},
	};

	(void)state;
	run_rows(rows, N(rows));
}

static void explain(const struct row *row, char line[512], char json[4096])
{
	struct config c;
	struct facts f;
	struct plan p;
	struct text t;

	read_config(&c, "");
	fill_facts(&f, &c, row);
	bless_plan(&f, &c, &p);
	text_init(&t, line, 512);
	explain_line(&f, &p, &t);
	text_init(&t, json, 4096);
	explain_json(&f, &p, &t);
}

static void test_explain(void **state)
{
	char line[512], json[4096];

	(void)state;
	explain(&(struct row){.ladder = "active+2-1.conf active.conf passive.conf",
			      .booted = "active.conf",
			      .flags = UNPROVED},
		line, json);
	assert_string_equal(line, "bless: proceed (refused): active.conf +2-1; unproved");
	assert_non_null(strstr(json, "\"reason\":\"refused\",\"obstacle\":\"unproved\","));
	assert_non_null(strstr(json, "\"target\":{\"id\":\"active.conf\",\"role\":\"system\"}"));
	explain(&(struct row){.ladder = "active+2-1.conf" FULL,
			      .booted = "active.conf",
			      .flags = KEXECED},
		line, json);
	assert_string_equal(line, "bless: proceed (rearmed): active.conf +2-1 via kexec");
	assert_non_null(strstr(json, "\"obstacle\":null,"));
	assert_non_null(strstr(json, "\"target\":null"));
	assert_non_null(strstr(json, "\"operations\":[\"arm active.conf +2-1 +3-0\"]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter),
		cmocka_unit_test(test_refill),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests_name("bless", tests, NULL, NULL);
}
