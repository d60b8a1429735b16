// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of ARCHITECTURE.md, row by row: facts in short, plan in words. */
#include "decide-row.h"

static const struct row rows[] = {
	/* row 1 */
	{"disabled", EVENT_ASSESS, "active+0-9.conf passive.conf", "active.conf", DISABLED, "", "",
	 0, "proceed disabled: "},
	{"disabled, emergency", EVENT_EMERGENCY, "active+0-9.conf passive.conf", "active.conf",
	 DISABLED, "", "", 0, "proceed disabled: "},
	{"no ladder", EVENT_ASSESS, "-active -passive -recovery", NULL, 0, "", "", 0,
	 "proceed no-ladder: "},
	{"no ladder, emergency", EVENT_EMERGENCY, "-active -passive -recovery", NULL, 0, "", "", 0,
	 "proceed no-ladder: "},
	/* row 2 */
	{"unknown", EVENT_ASSESS, "active+0-9.conf passive.conf", NULL, UNKNOWN, "", "", 0,
	 "proceed unknown-entry: "},
	{"unknown, emergency", EVENT_EMERGENCY, "active+0-9.conf passive.conf", NULL, UNKNOWN, "",
	 "", 0, "retry unknown-entry: wait 60; reboot"},
	{"blind", EVENT_ASSESS, "", "active.conf", BLIND, "", "", 0, "proceed unknown-entry: "},
	{"blind, deadline", EVENT_DEADLINE, "", "active.conf", BLIND, "", "", 0,
	 "retry unknown-entry: wait 60; reboot"},
	{"booted file is gone", EVENT_ASSESS, "-active passive.conf", "active", 0, "", "", 0,
	 "proceed unknown-entry: "},
	/* row 3 */
	{"foreign", EVENT_ASSESS, "active+0-9.conf passive.conf", "debug.conf", 0, "", "", 0,
	 "proceed foreign-entry: "},
	{"foreign, emergency", EVENT_EMERGENCY, "active+0-9.conf passive.conf", "debug.conf", 0, "",
	 "", 0, "retry foreign-entry: wait 60; reboot"},
	/* row 4: see test_pin */
	/* row 5 */
	{"one-shot ignored", EVENT_ASSESS, "active+0-5.conf passive+3.conf recovery+3.conf",
	 "active.conf", COUNTED, "", "open passive.conf 2", 0,
	 "switch not-reached: record open passive.conf order; unpin; mark active.conf +0-5 +0-9; "
	 "reboot"},
	{"a target without counter gets one before the order is left to the loader", EVENT_ASSESS,
	 "active+0-5.conf passive.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open passive.conf 2", 0,
	 "switch not-reached: record open passive.conf order; arm passive.conf - +3-0; unpin; "
	 "mark active.conf +0-5 +0-9; reboot"},
	{"all methods used: next target", EVENT_ASSESS,
	 "active+0-9.conf passive+3.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open passive.conf 6", 0,
	 "switch not-reached: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"all methods and targets used", EVENT_ASSESS,
	 "active+0-9.conf passive+3.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open recovery.conf 6 passive.conf", 0,
	 "proceed cannot-switch: record closed recovery.conf firmware"},
	{"the same in an emergency", EVENT_EMERGENCY,
	 "active+0-9.conf passive+3.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open recovery.conf 6 passive.conf", 0,
	 "retry cannot-switch: wait 3600; record closed; reboot"},
	{"the target did start and died: again, while it has tries", EVENT_ASSESS,
	 "active+0-5.conf passive+2-1.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open passive.conf 2", 0,
	 "switch not-reached: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"the target did start and is spent", EVENT_ASSESS,
	 "active+0-5.conf passive+0-3.conf recovery+3.conf", "active.conf", COUNTED, "",
	 "open passive.conf 2", 0,
	 "switch not-reached: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"a good slot does not overrule the loader", EVENT_ASSESS,
	 "active.conf passive+3.conf recovery+3.conf", "active.conf", 0, "", "open passive.conf 2",
	 0, "proceed good: record closed passive.conf firmware"},
	{"a good slot tries the next method", EVENT_ASSESS, "active.conf passive+3.conf",
	 "active.conf", 0, "", "open passive.conf 1", 0,
	 "switch kexec-lost: record open passive.conf kexec; record open passive.conf firmware; "
	 "oneshot passive.conf; reboot"},
	{"not lost in the boot that wrote it", EVENT_EMERGENCY, "active+0-4.conf passive+3.conf",
	 "active.conf", COUNTED | SAME_BOOT, "", "open passive.conf 2", 0,
	 "switch failed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"a reset that did its work is not resumed", EVENT_ASSESS,
	 "active+2-1.conf passive+0-9.conf reset+1-1.conf", "active.conf", COUNTED,
	 "[Ladder]\nReset=reset\n", "open reset.conf 2", 0,
	 "proceed trying: record closed reset.conf firmware"},
	{"a good slot is not left for one that died", EVENT_ASSESS, "active.conf passive+2-1.conf",
	 "active.conf", 0, "", "open passive.conf 2", 0,
	 "proceed good: record closed passive.conf firmware"},
	{"order that was cut short is repeated", EVENT_ASSESS,
	 "active+0-5.conf passive.conf reset.conf", "active.conf", COUNTED,
	 "[Ladder]\nReset=reset\n", "open passive.conf 4", METHOD_FIRMWARE,
	 "switch not-reached: record open passive.conf order; arm passive.conf - +3-0; unpin; "
	 "mark active.conf +0-5 +0-9; reboot"},
	{"reset waits while a rung is left that was tried in vain", EVENT_ASSESS,
	 "active+0-9.conf passive+3.conf reset.conf", "active.conf", COUNTED,
	 "[Ladder]\nReset=reset\n", "open passive.conf 6", 0,
	 "proceed cannot-switch: record closed passive.conf firmware"},
	{"without a boot id every record is an old one", EVENT_ASSESS,
	 "active+0-9.conf passive+3.conf", "active.conf", COUNTED | NO_BOOT_ID, "",
	 "open passive.conf 6", 0, "proceed cannot-switch: record closed passive.conf firmware"},
	{"order does not rename what lies on both partitions", EVENT_ASSESS,
	 "active+0-9.conf &passive.conf", "active.conf", COUNTED, "", "", METHOD_FIRMWARE,
	 "proceed cannot-switch: "},
	/* the record's books */
	{"arrived", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf", "passive.conf", COUNTED, "",
	 "open passive.conf 2", 0, "proceed trying: record arrived passive.conf firmware"},
	{"closed by the next boot", EVENT_ASSESS, "active+0-5.conf passive+1-2.conf",
	 "passive.conf", COUNTED, "", "arrived passive.conf 2", 0,
	 "proceed trying: record closed passive.conf firmware"},
	{"not closed after a kexec", EVENT_ASSESS, "active+0-5.conf passive+1-2.conf",
	 "passive.conf", COUNTED | KEXECED, "", "arrived passive.conf 1", 0,
	 "proceed trying: mask systemd-bless-boot.service"},
	/* rows 6 and 7 */
	{"good", EVENT_ASSESS, "active.conf passive.conf", "active.conf", 0, "", "", 0,
	 "proceed good: "},
	{"trying", EVENT_ASSESS, "active+2-1.conf passive.conf", "active.conf", COUNTED, "", "", 0,
	 "proceed trying: "},
	{"last try", EVENT_ASSESS, "active+0-3.conf passive.conf", "active.conf", COUNTED, "", "",
	 0, "proceed last-try: "},
	{"nobody counted", EVENT_ASSESS, "active+3.conf passive.conf", "active.conf", 0, "", "", 0,
	 "proceed trying: count active.conf +3 +2-1"},
	{"nobody counted, but this run did before", EVENT_ASSESS, "active+2-1.conf passive.conf",
	 "active.conf", HERE, "", "", 0, "proceed trying: "},
	{"nobody can count", EVENT_ASSESS, "active+3.conf passive.conf", "active.conf", NO_COUNTER,
	 "", "", 0, "proceed trying: "},
	{"the width stays", EVENT_ASSESS, "active+10-00.conf", "active.conf", 0, "", "", 0,
	 "proceed trying: count active.conf +10-00 +09-01"},
	{"never climbs", EVENT_ASSESS, "active+3.conf passive.conf", "passive.conf", 0, "", "", 0,
	 "proceed good: "},
	/* row 8 */
	{"exhausted", EVENT_ASSESS, "active+0-4.conf passive+3.conf recovery+3.conf", "active.conf",
	 COUNTED, "", "", 0,
	 "switch exhausted: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"exhausted by our own count", EVENT_ASSESS, "active+0-3.conf passive.conf", "active.conf",
	 0, "", "", 0,
	 "switch exhausted: count active.conf +0-3 +0-4; record open passive.conf firmware; "
	 "oneshot "
	 "passive.conf; reboot"},
	{"an exhausted entry is not counted on", EVENT_ASSESS, "active+0-4.conf passive.conf",
	 "active.conf", 0, "", "", 0,
	 "switch exhausted: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"exhausted and broken ones are passed over", EVENT_ASSESS,
	 "active+0-4.conf !passive+3.conf third+0-1.conf recovery+3.conf", "active.conf", COUNTED,
	 "[Ladder]\nSystem=active passive third\n", "", 0,
	 "switch exhausted: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"back to the first", EVENT_ASSESS, "active.conf passive+0-4.conf recovery+3.conf",
	 "passive.conf", COUNTED, "", "", 0,
	 "switch exhausted: record open active.conf firmware; oneshot active.conf; reboot"},
	{"recovery to reset", EVENT_ASSESS,
	 "active+0-4.conf passive+0-4.conf recovery+0-4.conf reset.conf", "recovery.conf", COUNTED,
	 "[Ladder]\nReset=reset\n", "", 0,
	 "switch exhausted: record open reset.conf firmware; oneshot reset.conf; reboot"},
	{"no reset after an I/O error", EVENT_ASSESS,
	 "active+0-4.conf !passive+3.conf recovery+0-4.conf reset.conf", "recovery.conf",
	 COUNTED | IO_ERROR, "[Ladder]\nReset=reset\n", "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-4 +3-0; arm recovery.conf +0-4 +3-0; "
	 "wait 3600; record closed; reboot"},
	{"no one-shot: by order", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf",
	 COUNTED, "", "", METHOD_FIRMWARE,
	 "switch exhausted: record open passive.conf order; unpin; mark active.conf +0-4 +0-9; "
	 "reboot"},
	{"no way at all", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf", COUNTED,
	 "", "", METHOD_FIRMWARE | METHOD_ORDER, "proceed cannot-switch: "},
	{"no record, no switch", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf",
	 COUNTED | NO_RECORD, "", "", 0, "proceed cannot-switch: "},
	{"by order needs a mark that lasts", EVENT_ASSESS, "active+0-4.conf passive+3.conf",
	 "active.conf", COUNTED | NO_COUNTER, "", "", METHOD_FIRMWARE, "proceed cannot-switch: "},
	/* row 9 */
	{"hold", EVENT_ASSESS, "active+0-4.conf passive+0-9.conf recovery+0-4.conf", "active.conf",
	 COUNTED, "", "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-4 +3-0; arm passive.conf +0-9 +3-0; "
	 "arm recovery.conf +0-4 +3-0; wait 3600; record closed; reboot"},
	{"a hold that the power ended", EVENT_ASSESS, "active+0-5.conf passive+0-9.conf",
	 "active.conf", COUNTED, "", "hold - 0", 0,
	 "hold all-exhausted: arm active.conf +0-5 +3-0; arm passive.conf +0-9 +3-0; record "
	 "closed; "
	 "reboot"},
	{"hold=poweroff", EVENT_ASSESS, "active+0-5.conf", "active.conf", COUNTED,
	 "[Ladder]\nHold=poweroff\n", "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-5 +3-0; poweroff"},
	{"hold=halt", EVENT_ASSESS, "active+0-5.conf", "active.conf", COUNTED,
	 "[Ladder]\nHold=halt\n", "", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-5 +3-0; halt"},
	{"hold=stay in recovery", EVENT_ASSESS, "active+0-5.conf recovery+0-9.conf",
	 "recovery.conf", COUNTED, "[Ladder]\nHold=stay\n", "", 0, "proceed hold-stay: "},
	{"hold=stay elsewhere", EVENT_ASSESS, "active+0-5.conf recovery+0-9.conf", "active.conf",
	 COUNTED, "[Ladder]\nHold=stay\n", "", 0,
	 "hold all-exhausted: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"hold=stay, recovery not reached", EVENT_ASSESS, "active+0-5.conf recovery+0-9.conf",
	 "active.conf", COUNTED, "[Ladder]\nHold=stay\n", "open recovery.conf 2", 0,
	 "hold all-exhausted: record hold; arm active.conf +0-5 +3-0; arm recovery.conf +0-9 +3-0; "
	 "wait 3600; record closed; reboot"},
	/* the failure events */
	{"good slot fails", EVENT_EMERGENCY, "active.conf passive.conf", "active.conf", 0, "", "",
	 0, "retry good: arm active.conf - +2-1; reboot"},
	{"good slot fails and cannot be armed", EVENT_EMERGENCY, "active.conf passive.conf",
	 "active.conf", NO_COUNTER, "", "", 0, "retry good: wait 60; reboot"},
	{"counted slot fails", EVENT_EMERGENCY, "active+2-1.conf passive.conf", "active.conf",
	 COUNTED, "", "", 0, "retry failed: reboot"},
	{"uncounted slot fails before assess ran", EVENT_DEADLINE, "active+2-1.conf passive.conf",
	 "active.conf", 0, "", "", 0, "retry failed: count active.conf +2-1 +1-2; reboot"},
	{"slot that cannot be counted fails", EVENT_DEADLINE, "active+2-1.conf passive.conf",
	 "active.conf", NO_COUNTER, "", "", 0, "retry failed: wait 60; reboot"},
	{"OnFailure=next", EVENT_DEADLINE, "active+2-1.conf passive.conf", "active.conf", COUNTED,
	 "[Switch]\nOnFailure=next\n", "", 0,
	 "switch failed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"last try fails", EVENT_FAIL, "active+0-3.conf passive.conf", "active.conf", COUNTED, "",
	 "", 0, "switch failed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"hold-stay fails", EVENT_EMERGENCY, "active+0-5.conf recovery+0-9.conf", "recovery.conf",
	 COUNTED, "[Ladder]\nHold=stay\n", "", 0, "retry hold-stay: wait 3600; reboot"},
	/* a person */
	{"debug shell", EVENT_ASSESS, "active+0-3.conf passive.conf", "active.conf", PERSON, "", "",
	 0, "proceed debug-shell: count active.conf +0-3 +0-4"},
	{"debug shell, the books are kept", EVENT_EMERGENCY, "active+0-9.conf passive+0-3.conf",
	 "passive.conf", PERSON, "", "open passive.conf 2", 0,
	 "proceed debug-shell: record arrived passive.conf firmware; count passive.conf +0-3 +0-4"},
	{"a hold without the booted rung", EVENT_ASSESS, "active+0-4.conf passive+0-9.conf",
	 "active.conf", COUNTED | NO_COUNTER, "", "", 0,
	 "hold all-exhausted: record hold; arm passive.conf +0-9 +3-0; wait 3600; record closed; "
	 "reboot"},
	{"debug shell, emergency", EVENT_EMERGENCY, "active+0-3.conf passive.conf", "active.conf",
	 COUNTED | PERSON, "", "", 0, "proceed debug-shell: "},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], "");
}

static void test_pin(void **state)
{
	static const struct row pinned = {"row 4: pinned",
					  EVENT_ASSESS,
					  "active+0-9.conf passive.conf",
					  "active.conf",
					  0,
					  "",
					  "",
					  0,
					  "proceed pinned: "};
	static const struct row pinned_fails = {"row 4: pinned, emergency",
						EVENT_EMERGENCY,
						"active+0-9.conf passive.conf",
						"active.conf",
						0,
						"",
						"",
						0,
						"retry pinned: wait 60; reboot"};
	static const struct row other = {"row 4: another one is pinned",
					 EVENT_ASSESS,
					 "active+0-9.conf passive.conf",
					 "active.conf",
					 COUNTED,
					 "",
					 "",
					 0,
					 "switch exhausted: record open passive.conf firmware; "
					 "oneshot passive.conf; reboot"};

	(void)state;
	run_row(&pinned, "ACTIVE.conf");
	run_row(&pinned_fails, "active.conf");
	run_row(&other, "passive.conf");
}

/* A hold waits twice as long each time, a day at most. */
static void test_hold_doubles(void **state)
{
	static const unsigned long want[] = {3600, 7200, 14400, 28800, 57600, 86400, 86400};
	static const struct row row = {
		"hold", EVENT_ASSESS, "active+0-9.conf", "active.conf", COUNTED, "", "", 0, ""};
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	fill_facts(&f, &c, &row);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		f.record.rounds = (uint8_t)i;
		decide(&f, &c, &p);
		assert_int_equal(p.op[2].type, OP_WAIT);
		assert_int_equal(p.op[2].seconds, want[i]);
		assert_int_equal(p.record.rounds, i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_hold_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
