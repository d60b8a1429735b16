// SPDX-License-Identifier: LGPL-2.1-or-later
/* F11: a check that fails on one system rung after the other. It is what they share that is broken,
 * and the ladder is not burnt down for it. */
#include "decide-row.h"

#define LADDER	   "active+0-4.conf passive+0-3.conf recovery+3.conf"
#define RESET_TOO  LADDER " reset.conf"
#define WITH_RESET "[Ladder]\nReset=reset\n"

static const struct row rows[] = {
	{"to recovery once, and the system rungs get their tries again", EVENT_FAIL, RESET_TOO,
	 "passive.conf", COUNTED | SHARED, WITH_RESET, "", 0,
	 "switch shared-fault: arm active.conf +0-4 +3-0; arm passive.conf +0-3 +3-0; record open "
	 "recovery.conf firmware; "
	 "oneshot recovery.conf; reboot"},
	{"to the recovery that may boot; the other one gets no tries for that", EVENT_FAIL,
	 "active+0-4.conf passive+0-3.conf recovery+0-4.conf rescue+3.conf", "passive.conf",
	 COUNTED | SHARED, "[Ladder]\nRecovery=recovery rescue\n", "", 0,
	 "switch shared-fault: arm active.conf +0-4 +3-0; arm passive.conf +0-3 +3-0; record open "
	 "rescue.conf firmware; "
	 "oneshot rescue.conf; reboot"},
	{"the same by kexec", EVENT_FAIL, "active+2-1.conf passive+0-3.conf recovery+3.conf",
	 "passive.conf", COUNTED | SHARED | FIT, "", "", 0,
	 "switch shared-fault: arm passive.conf +0-3 +3-0; stage recovery.conf; record open "
	 "recovery.conf kexec; charge recovery.conf +3 +2-1; kexec recovery.conf"},
	{"then hold, and never to reset", EVENT_FAIL,
	 "active+0-4.conf passive+0-3.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "closed recovery.conf 2", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm "
	 "passive.conf +0-3 +3-0; arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"},
	{"a recovery that may boot is not entered twice", EVENT_FAIL, RESET_TOO, "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm passive.conf +0-3 +3-0; "
	 "wait 3600; record closed; "
	 "reboot"},
	{"hold, if recovery cannot boot", EVENT_FAIL,
	 "active+2-1.conf passive+0-3.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | SHARED, WITH_RESET, "", 0,
	 "hold shared-fault: record hold; arm passive.conf +0-3 +3-0; arm recovery.conf +0-4 +3-0; "
	 "wait 3600; record closed; reboot"},
	{"hold, if there is no recovery", EVENT_FAIL, "active+2-1.conf passive+0-3.conf",
	 "passive.conf", COUNTED | SHARED, "", "", 0,
	 "hold shared-fault: record hold; arm passive.conf +0-3 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"hold, if no method is left: the rung does not deserve the mark of order", EVENT_FAIL,
	 "active+2-1.conf passive+0-3.conf recovery+3.conf", "passive.conf", COUNTED | SHARED, "",
	 "", METHOD_FIRMWARE,
	 "hold shared-fault: record hold; arm passive.conf +0-3 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"one that has tries is tried again first", EVENT_FAIL,
	 "active+0-4.conf passive+1-2.conf recovery+3.conf reset.conf", "passive.conf",
	 COUNTED | SHARED, WITH_RESET, "", 0, "retry failed: reboot"},
	{"but not with OnFailure=next", EVENT_FAIL,
	 "active+0-4.conf passive+1-2.conf recovery+3.conf", "passive.conf", COUNTED | SHARED,
	 "[Switch]\nOnFailure=next\n", "", 0,
	 "switch shared-fault: arm active.conf +0-4 +3-0; record open recovery.conf firmware; "
	 "oneshot recovery.conf; reboot"},
	{"a good one is armed, and tried again", EVENT_FAIL,
	 "active+0-4.conf passive.conf recovery+3.conf", "passive.conf", SHARED, "", "", 0,
	 "retry good: arm passive.conf - +2-1; reboot"},
	{"a lost switch to reset is not resumed", EVENT_FAIL,
	 "active+0-4.conf passive+0-4.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "open reset.conf 2", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm passive.conf "
	 "+0-4 +3-0; arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"},
	{"a hold that the power cut short does not wait again", EVENT_FAIL, RESET_TOO,
	 "passive.conf", COUNTED | RECOVERED, WITH_RESET, "hold - 0", 0,
	 "hold shared-fault: arm active.conf +0-4 +3-0; arm passive.conf +0-3 +3-0; record closed; "
	 "reboot"},
	{"nothing can be remembered: as slow as a hold", EVENT_FAIL, RESET_TOO, "passive.conf",
	 COUNTED | SHARED | NO_RECORD, WITH_RESET, "", 0, "retry shared-fault: wait 3600; reboot"},
	{"Hold=poweroff", EVENT_FAIL, LADDER, "passive.conf", COUNTED | RECOVERED,
	 "[Ladder]\nHold=poweroff\n", "", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm passive.conf +0-3 +3-0; "
	 "poweroff"},
	{"SharedFault=continue", EVENT_FAIL, LADDER, "passive.conf", COUNTED | SHARED,
	 "[Check]\nSharedFault=continue\n", "", 0,
	 "switch failed: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"not for recovery", EVENT_FAIL, "active+0-4.conf passive+0-4.conf recovery+1-2.conf",
	 "recovery.conf", COUNTED | SHARED, "", "", 0, "retry failed: reboot"},
	{"not for other events", EVENT_EMERGENCY, LADDER, "passive.conf", COUNTED | SHARED, "", "",
	 0, "switch failed: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"a person is not restarted away", EVENT_FAIL, LADDER, "passive.conf",
	 COUNTED | SHARED | PERSON, "", "", 0, "proceed debug-shell: "},
	{"a boot that nobody counted is counted first", EVENT_FAIL,
	 "active+0-4.conf passive+1-2.conf recovery+3.conf", "passive.conf", SHARED,
	 "[Switch]\nOnFailure=next\n", "", 0,
	 "switch shared-fault: count passive.conf +1-2 +0-3; arm active.conf +0-4 +3-0; arm "
	 "passive.conf +1-2 +3-0; record open recovery.conf firmware; oneshot recovery.conf; "
	 "reboot"},
	{"one that counts to its last try is tried once more", EVENT_FAIL,
	 "active+0-4.conf passive+2-1.conf recovery+3.conf", "passive.conf", SHARED, "", "", 0,
	 "retry failed: count passive.conf +2-1 +1-2; reboot"},
};

static void run_relapse(const struct row *row, unsigned int before, unsigned int after)
{
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	config_defaults(&c);
	fill_facts(&f, &c, row);
	f.blessed = true;
	f.record.relapses = (uint8_t)before;
	decide(&f, &c, &p);
	plan_words(&f, &p, got);
	if (strcmp(got, row->want) != 0)
		fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
	assert_int_equal(p.record.relapses, after);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], "");
}

/* Which resets a failure leaves to the boots before the next bless. */
static unsigned int resets_after(const char *ladder, bool shared_failed, const char *config)
{
	const struct row row = {"resets",     EVENT_FAIL, ladder, "passive.conf", COUNTED, config,
				"closed - 0", 0,	  ""};
	struct config c;
	struct facts f;
	struct plan p;

	config_defaults(&c);
	(void)config_parse(&c, config, strlen(config), NULL, NULL);
	fill_facts(&f, &c, &row);
	f.shared_failed = shared_failed;
	f.record.resets = 1;
	decide(&f, &c, &p);
	return p.record.resets;
}

/* One slot has yet to try, and dies unseen, say: what came before must not be forgotten. */
static void test_resets(void **state)
{
	static const char left[] = "active+0-4.conf passive+0-3.conf recovery+3.conf";
	static const char tries[] = "active+0-4.conf passive+1-2.conf recovery+3.conf";

	(void)state;
	assert_int_equal(resets_after(left, true, ""), RECORD_COUNT_MAX);
	assert_int_equal(resets_after(left, false, ""), 1);
	assert_int_equal(resets_after(tries, true, ""), 1);
	assert_int_equal(resets_after(left, true, "[Check]\nSharedFault=continue\n"), 1);
}

/* Nor does the entry of Reset= have its turn then. */
static void test_reset_entry(void **state)
{
	static const struct row row = {"reset is ruled out",
				       EVENT_ASSESS,
				       "active+0-4.conf recovery+0-4.conf reset.conf",
				       "active.conf",
				       COUNTED,
				       WITH_RESET,
				       "closed - 0",
				       0,
				       ""};
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	(void)config_parse(&c, WITH_RESET, strlen(WITH_RESET), NULL, NULL);
	fill_facts(&f, &c, &row);
	decide(&f, &c, &p);
	assert_int_equal(p.verdict, VERDICT_SWITCH);
	f.record.resets = RECORD_COUNT_MAX;
	decide(&f, &c, &p);
	assert_int_equal(p.verdict, VERDICT_HOLD);
}

/* After its bless, again and again: it is no rung that would be marked for that. */
static void test_relapses(void **state)
{
	static const struct row tried = {
		"before the last one",
		EVENT_FAIL,
		"active+0-9.conf passive.conf recovery+3.conf",
		"passive.conf",
		SHARED,
		"",
		"closed - 0",
		0,
		"retry good: record closed; arm passive.conf - +2-1; reboot"};
	static const struct row last = {
		"the last one",
		EVENT_FAIL,
		"active+0-9.conf passive.conf recovery+3.conf",
		"passive.conf",
		SHARED,
		"",
		"closed - 0",
		0,
		"switch shared-fault: arm active.conf +0-9 +3-0; record "
		"open recovery.conf firmware; oneshot recovery.conf; reboot"};
	static const struct row again = {"recovery was entered for it",
					 EVENT_FAIL,
					 "active+0-9.conf passive.conf recovery+3.conf",
					 "passive.conf",
					 RECOVERED,
					 "",
					 "closed - 0",
					 0,
					 "hold shared-fault: record hold; arm active.conf +0-9 "
					 "+3-0; wait 3600; record closed; reboot"};

	(void)state;
	run_relapse(&tried, 1, 2);
	run_relapse(&last, 2, 0);
	run_relapse(&again, 2, 0);
}

static void test_pin(void **state)
{
	static const struct row row = {"pinned",
				       EVENT_FAIL,
				       LADDER,
				       "passive.conf",
				       COUNTED | SHARED,
				       "",
				       "",
				       0,
				       "retry pinned: wait 60; reboot"};

	(void)state;
	run_row(&row, "passive.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_resets),
		cmocka_unit_test(test_reset_entry), cmocka_unit_test(test_relapses),
		cmocka_unit_test(test_pin)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
