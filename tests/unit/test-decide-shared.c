// SPDX-License-Identifier: LGPL-2.1-or-later
/* F11: a check that fails on one system rung after the other. It is what they share that is broken,
 * and the ladder is not burnt down for it. */
#include "decide-row.h"

#define LADDER	   "active+0-4.conf passive+1-2.conf recovery+3.conf"
#define RESET_TOO  LADDER " reset.conf"
#define WITH_RESET "[Ladder]\nReset=reset\n"

static const struct row rows[] = {
	{"to recovery once, and the system rungs get their tries again", EVENT_FAIL, RESET_TOO,
	 "passive.conf", COUNTED | SHARED, WITH_RESET, "", 0,
	 "switch shared-fault: arm active.conf +0-4 +3-0; record open recovery.conf firmware; "
	 "oneshot recovery.conf; reboot"},
	{"to the recovery that may boot; the other one gets no tries for that", EVENT_FAIL,
	 "active+0-4.conf passive+1-2.conf recovery+0-4.conf rescue+3.conf", "passive.conf",
	 COUNTED | SHARED, "[Ladder]\nRecovery=recovery rescue\n", "", 0,
	 "switch shared-fault: arm active.conf +0-4 +3-0; record open rescue.conf firmware; "
	 "oneshot rescue.conf; reboot"},
	{"the same by kexec", EVENT_FAIL, "active+2-1.conf passive+1-2.conf recovery+3.conf",
	 "passive.conf", COUNTED | SHARED | FIT, "", "", 0,
	 "switch shared-fault: stage recovery.conf; record open recovery.conf kexec; charge "
	 "recovery.conf +3 +2-1; kexec recovery.conf"},
	{"then hold, and never to reset", EVENT_FAIL,
	 "active+0-4.conf passive+0-3.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "closed recovery.conf 2", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm "
	 "passive.conf +0-3 +3-0; arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"},
	{"a recovery that may boot is not entered twice", EVENT_FAIL, RESET_TOO, "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"hold, if recovery cannot boot", EVENT_FAIL,
	 "active+2-1.conf passive+1-2.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | SHARED, WITH_RESET, "", 0,
	 "hold shared-fault: record hold; arm recovery.conf +0-4 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"hold, if there is no recovery", EVENT_FAIL, "active+2-1.conf passive+1-2.conf",
	 "passive.conf", COUNTED | SHARED, "", "", 0,
	 "hold shared-fault: record hold; wait 3600; record closed; reboot"},
	{"hold, if no method is left: the rung does not deserve the mark of order", EVENT_FAIL,
	 "active+2-1.conf passive+0-3.conf recovery+3.conf", "passive.conf", COUNTED | SHARED, "",
	 "", METHOD_FIRMWARE,
	 "hold shared-fault: record hold; arm passive.conf +0-3 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"a good rung keeps its name", EVENT_FAIL, "active.conf passive.conf recovery+3.conf",
	 "passive.conf", SHARED, "", "", 0,
	 "switch shared-fault: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"a lost switch to reset is not resumed", EVENT_FAIL,
	 "active+0-4.conf passive+0-4.conf recovery+0-4.conf reset.conf", "passive.conf",
	 COUNTED | RECOVERED, WITH_RESET, "open reset.conf 2", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; arm passive.conf "
	 "+0-4 +3-0; arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"},
	{"a hold that the power cut short does not wait again", EVENT_FAIL, RESET_TOO,
	 "passive.conf", COUNTED | RECOVERED, WITH_RESET, "hold - 0", 0,
	 "hold shared-fault: arm active.conf +0-4 +3-0; record closed; reboot"},
	{"nothing can be remembered: as slow as a hold", EVENT_FAIL, RESET_TOO, "passive.conf",
	 COUNTED | SHARED | NO_RECORD, WITH_RESET, "", 0, "retry shared-fault: wait 3600; reboot"},
	{"Hold=poweroff", EVENT_FAIL, LADDER, "passive.conf", COUNTED | RECOVERED,
	 "[Ladder]\nHold=poweroff\n", "", 0,
	 "hold shared-fault: record hold; arm active.conf +0-4 +3-0; poweroff"},
	{"SharedFault=continue", EVENT_FAIL, LADDER, "passive.conf", COUNTED | SHARED,
	 "[Check]\nSharedFault=continue\n", "", 0, "retry failed: reboot"},
	{"not for recovery", EVENT_FAIL, "active+0-4.conf passive+0-4.conf recovery+1-2.conf",
	 "recovery.conf", COUNTED | SHARED, "", "", 0, "retry failed: reboot"},
	{"not for other events", EVENT_EMERGENCY, LADDER, "passive.conf", COUNTED | SHARED, "", "",
	 0, "retry failed: reboot"},
	{"a person is not restarted away", EVENT_FAIL, LADDER, "passive.conf",
	 COUNTED | SHARED | PERSON, "", "", 0, "proceed debug-shell: "},
	{"a boot that nobody counted is counted first", EVENT_FAIL,
	 "active+0-4.conf passive+1-2.conf recovery+3.conf", "passive.conf", SHARED, "", "", 0,
	 "switch shared-fault: count passive.conf +1-2 +0-3; arm active.conf +0-4 +3-0; arm "
	 "passive.conf +1-2 +3-0; record open recovery.conf firmware; oneshot recovery.conf; "
	 "reboot"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], "");
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_pin)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
