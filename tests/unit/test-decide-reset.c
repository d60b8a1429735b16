// SPDX-License-Identifier: LGPL-2.1-or-later
/* Row 9 with ResetMethod=wipe and systemd, and with Hold= (F32, F33). */
#include "decide-row.h"
#include "hold.h"
#include "reset.h"

#define WIPE	"[Reset]\nResetMethod=wipe\nResetWipe=data\n"
#define SYSTEMD "[Reset]\nResetMethod=systemd\n"
#define SPENT	"active+0-4.conf passive+0-4.conf recovery+0-4.conf"
#define HELD                                                                                 \
	"hold all-exhausted: record hold; arm active.conf +0-4 +3-0; arm passive.conf +0-4 " \
	"+3-0; arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"

static const struct row rows[] = {
	{"wipe", EVENT_ASSESS, SPENT, "active.conf", COUNTED, WIPE, "", 0,
	 "reset all-exhausted: record closed; arm active.conf +0-4 +1-8; wipe; arm active.conf "
	 "+0-4 "
	 "+3-0; arm passive.conf +0-4 +3-0; reboot"},
	{"systemd", EVENT_ASSESS, SPENT, "active.conf", COUNTED, SYSTEMD, "", 0,
	 "reset all-exhausted: record closed; arm active.conf +0-4 +1-8; request a factory reset; "
	 "arm active.conf +0-4 +3-0; arm passive.conf +0-4 +3-0; reboot"},
	{"recovery is not armed", EVENT_ASSESS, SPENT, "recovery.conf", COUNTED, WIPE, "", 0,
	 "reset all-exhausted: record closed; arm recovery.conf +0-4 +1-8; wipe; arm active.conf "
	 "+0-4 +3-0; arm passive.conf +0-4 +3-0; reboot"},
	{"before Hold=stay", EVENT_ASSESS, SPENT, "recovery.conf", COUNTED,
	 WIPE "[Ladder]\nHold=stay\n", "", 0,
	 "reset all-exhausted: record closed; arm recovery.conf +0-4 +1-8; wipe; arm active.conf "
	 "+0-4 +3-0; arm passive.conf +0-4 +3-0; reboot"},
	{"not configured", EVENT_ASSESS, SPENT, "active.conf", COUNTED, "[Reset]\nResetWipe=data\n",
	 "", 0, HELD},
	{"nothing to wipe", EVENT_ASSESS, SPENT, "active.conf", COUNTED,
	 "[Reset]\nResetMethod=wipe\n", "", 0, HELD},
	{"an entry could not be judged", EVENT_ASSESS, SPENT, "active.conf", COUNTED | IO_ERROR,
	 WIPE, "", 0, HELD},
	{"recovery first", EVENT_ASSESS, "active+0-4.conf passive+0-4.conf recovery+1-2.conf",
	 "active.conf", COUNTED, WIPE, "", 0,
	 "switch exhausted: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"the entry first", EVENT_ASSESS, "active+0-4.conf recovery+0-4.conf reset+1-1.conf",
	 "active.conf", COUNTED, WIPE "[Ladder]\nReset=reset\n", "", 0,
	 "switch exhausted: record open reset.conf firmware; oneshot reset.conf; reboot"},
	{"the entry is spent", EVENT_ASSESS, "active+0-4.conf recovery+0-4.conf reset+0-3.conf",
	 "active.conf", COUNTED, WIPE "[Ladder]\nReset=reset\n", "", 0,
	 "reset all-exhausted: record closed; arm active.conf +0-4 +1-8; wipe; arm active.conf "
	 "+0-4 "
	 "+3-0; reboot"},
	{"no slot to go to", EVENT_ASSESS, "!active.conf recovery+0-4.conf", "recovery.conf",
	 COUNTED, WIPE, "", 0,
	 "hold all-exhausted: record hold; arm recovery.conf +0-4 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"no recovery to be seen", EVENT_ASSESS, "active+0-4.conf -recovery.conf", "active.conf",
	 COUNTED, WIPE, "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-4 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"no recovery to be seen: systemd", EVENT_ASSESS, "active+0-4.conf -recovery.conf",
	 "active.conf", COUNTED, SYSTEMD, "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-4 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"a slot is not to be seen", EVENT_ASSESS,
	 "active+0-4.conf -passive.conf recovery+0-4.conf", "active.conf", COUNTED, WIPE, "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-4 +3-0; arm recovery.conf +0-4 +3-0; "
	 "wait 3600; record closed; reboot"},
	{"the entry is not there", EVENT_ASSESS, "active+0-4.conf recovery+0-4.conf -reset.conf",
	 "active.conf", COUNTED, WIPE "[Ladder]\nReset=reset\n", "", 0,
	 "reset all-exhausted: record closed; arm active.conf +0-4 +1-8; wipe; arm active.conf "
	 "+0-4 "
	 "+3-0; reboot"},
	{"a hook may bring one", EVENT_ASSESS, "!active.conf recovery+0-4.conf", "recovery.conf",
	 COUNTED, WIPE "ResetHook=/x\n", "", 0,
	 "reset all-exhausted: record closed; arm recovery.conf +0-4 +1-8; wipe; reboot"},
	{"the counter cannot be written", EVENT_ASSESS, SPENT, "active.conf", COUNTED | NO_COUNTER,
	 WIPE, "", 0,
	 "hold all-exhausted: record hold; arm passive.conf +0-4 +3-0; arm recovery.conf +0-4 "
	 "+3-0; "
	 "wait 3600; record closed; reboot"},
	{"a person", EVENT_ASSESS, SPENT, "active.conf", COUNTED | PERSON, WIPE, "", 0,
	 "proceed debug-shell: "},
	/* Any other event sends the machine back to an assess event. */
	{"emergency", EVENT_EMERGENCY, "active+0-3.conf recovery+0-4.conf", "active.conf", COUNTED,
	 WIPE, "", 0, "retry all-exhausted: arm active.conf +0-3 +1-8; reboot"},
	{"fail", EVENT_FAIL, "active+0-3.conf recovery+0-4.conf", "active.conf", COUNTED, WIPE, "",
	 0, "retry all-exhausted: arm active.conf +0-3 +1-8; reboot"},
	{"tries are left", EVENT_FAIL, "active+1-2.conf recovery+0-4.conf", "active.conf", COUNTED,
	 WIPE "[Switch]\nOnFailure=next\n", "", 0, "retry all-exhausted: reboot"},
	{"it comes back as exhausted", EVENT_ASSESS, "active+0-9.conf recovery+0-4.conf",
	 "active.conf", COUNTED, WIPE, "", 0,
	 "reset all-exhausted: record closed; arm active.conf +0-9 +1-8; wipe; arm active.conf "
	 "+0-9 "
	 "+3-0; reboot"},
	{"also if nobody counted it", EVENT_ASSESS, "active+1-8.conf recovery+0-4.conf",
	 "active.conf", 0, WIPE, "", 0,
	 "reset all-exhausted: count active.conf +1-8 +0-9; record closed; arm active.conf +1-8 "
	 "+1-8; wipe; arm active.conf +1-8 +3-0; reboot"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], "");
	run_row(&(struct row){"a pin", EVENT_ASSESS, SPENT, "active.conf", COUNTED, WIPE, "", 0,
			      "proceed pinned: "},
		"active.conf");
}

/* What the rows have no letter for. */
static void check_facts(void (*change)(struct facts *f), bool want)
{
	const struct row row = {"", EVENT_ASSESS, SPENT, "active.conf", COUNTED, WIPE, "", 0, ""};
	struct config c;
	struct facts f;
	struct plan p;

	config_defaults(&c);
	config_parse(&c, row.config, strlen(row.config), NULL, NULL);
	fill_facts(&f, &c, &row);
	change(&f);
	decide(&f, &c, &p);
	assert_int_equal(p.verdict, want ? VERDICT_RESET : VERDICT_HOLD);
	if (want)
		assert_int_equal(p.record.resets, f.record.resets + 1);
}

static void begun_once(struct facts *f)
{
	f->record.resets = 1;
}

static void begun_twice(struct facts *f)
{
	f->record.resets = 2;
}

static void damaged(struct facts *f)
{
	f->record_damaged = true;
}

static void refused(struct facts *f)
{
	f->reset_refused = true;
	f->ladder.rung[0].counter = counter_make(1, 8);
}

static void dropped(struct facts *f)
{
	f->ladder.dropped = true;
}

static void test_facts(void **state)
{
	(void)state;
	check_facts(begun_once, true);
	check_facts(begun_twice, false);
	check_facts(damaged, false);
	check_facts(refused, false);
	check_facts(dropped, false);
}

/* Asked without decide(): another rung that can boot is enough. */
static void test_alone(void **state)
{
	const struct row row = {"",
				EVENT_ASSESS,
				"active+0-4.conf passive+0-4.conf",
				"active.conf",
				COUNTED,
				WIPE,
				"",
				0,
				""};
	struct config c;
	struct facts f;
	struct plan p = {.target = -1};

	(void)state;
	config_defaults(&c);
	config_parse(&c, row.config, strlen(row.config), NULL, NULL);
	fill_facts(&f, &c, &row);
	p.counter = f.ladder.rung[0].counter;
	assert_true(reset_is_due(&f, &c, &p));
	f.ladder.rung[1].counter = counter_make(1, 0);
	assert_false(reset_is_due(&f, &c, &p));
	f.ladder.rung[1].counter = counter_make(0, 4);
	f.record_unwritable = true;
	assert_false(reset_is_due(&f, &c, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
