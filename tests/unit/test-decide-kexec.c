// SPDX-License-Identifier: LGPL-2.1-or-later
/* Everything about kexec in decide(): facts in short, plan in words. */
#include "decide-row.h"

static const struct row kexec_rows[] = {
	{"by kexec first", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf",
	 COUNTED | FIT, "", "", 0,
	 "switch exhausted: stage passive.conf; record open passive.conf kexec; "
	 "charge passive.conf +3 +2-1; kexec passive.conf"},
	{"nothing to charge", EVENT_ASSESS, "active+0-4.conf passive.conf", "active.conf",
	 COUNTED | FIT, "", "", 0,
	 "switch exhausted: stage passive.conf; record open passive.conf kexec; "
	 "kexec passive.conf"},
	{"recovery, from an emergency", EVENT_EMERGENCY,
	 "active+0-3.conf passive+0-9.conf recovery+3-0.conf", "active.conf", COUNTED | FIT, "", "",
	 0,
	 "switch failed: stage recovery.conf; record open recovery.conf kexec; "
	 "charge recovery.conf +3-0 +2-1; kexec recovery.conf"},
	{"not asked for", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf",
	 COUNTED | FIT, "[Switch]\nMethod=firmware\n", "", 0,
	 "switch exhausted: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"which file would be charged?", EVENT_ASSESS, "active+0-4.conf &passive+3.conf",
	 "active.conf", COUNTED | FIT, "", "", 0,
	 "switch exhausted: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"no record, no kexec", EVENT_ASSESS, "active+0-4.conf passive+3.conf", "active.conf",
	 COUNTED | FIT | NO_RECORD, "", "", 0, "proceed cannot-switch: "},
	{"a one-shot that somebody armed would come later", EVENT_ASSESS,
	 "active+0-4.conf passive.conf", "active.conf", COUNTED | FIT | ONESHOT, "", "", 0,
	 "switch exhausted: stage passive.conf; record open passive.conf kexec; "
	 "tidy LoaderEntryOneShot; kexec passive.conf"},
	/* the arrival */
	{"arrived by kexec", EVENT_ASSESS, "active+0-4.conf passive+2-1.conf", "passive.conf",
	 COUNTED | KEXECED | FIT, "", "open passive.conf 1", 0,
	 "proceed trying: mask systemd-bless-boot.service; record arrived passive.conf kexec"},
	{"what efibc.ko left is deleted", EVENT_ASSESS, "active+0-4.conf passive.conf",
	 "passive.conf", KEXECED | STALE, "", "arrived passive.conf 1", 0,
	 "proceed good: tidy LoaderEntryOneShot; mask systemd-bless-boot.service"},
	{"a kexec that is not ours", EVENT_ASSESS, "active+0-4.conf passive.conf", NULL,
	 KEXECED | UNKNOWN | STALE, "", "", 0,
	 "proceed unknown-entry: tidy LoaderEntryOneShot; mask systemd-bless-boot.service"},
	{"masked once", EVENT_EMERGENCY, "active+0-4.conf passive+2-1.conf", "passive.conf",
	 COUNTED | KEXECED | SAME_BOOT, "", "arrived passive.conf 1", 0, "retry failed: reboot"},
	{"disabled means nothing at all", EVENT_ASSESS, "active+0-4.conf passive.conf",
	 "passive.conf", KEXECED | STALE | DISABLED, "", "", 0, "proceed disabled: "},
	/* lost */
	{"lost: by the firmware, and the charge is given back", EVENT_ASSESS,
	 "active+0-5.conf passive+2-1.conf", "active.conf", COUNTED | FIT, "",
	 "open passive.conf 1", 0,
	 "switch kexec-lost: record open passive.conf kexec; refund passive.conf +2-1 +3-0; "
	 "record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"given back once", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf", "active.conf",
	 COUNTED | FIT | MARKED, "", "open passive.conf 1", 0,
	 "switch kexec-lost: record open passive.conf firmware; oneshot passive.conf; reboot"},
	{"no charge was made", EVENT_ASSESS, "active+0-5.conf passive+3-0.conf", "active.conf",
	 COUNTED | FIT, "", "open passive.conf 1", 0,
	 "switch kexec-lost: record open passive.conf kexec; record open passive.conf firmware; "
	 "oneshot passive.conf; reboot"},
	{"lost, and the loader chose the target by itself", EVENT_ASSESS,
	 "active+0-5.conf passive+1-2.conf", "passive.conf", COUNTED | FIT, "",
	 "open passive.conf 1", 0,
	 "proceed trying: record arrived passive.conf kexec; refund passive.conf +1-2 +2-1"},
	{"lost, no other way, and a slot that may go on", EVENT_ASSESS,
	 "active.conf passive+2-1.conf", "active.conf", FIT, "", "open passive.conf 1",
	 METHOD_FIRMWARE,
	 "proceed good: record open passive.conf kexec; refund passive.conf +2-1 +3-0; "
	 "record closed passive.conf kexec"},
	{"lost, and a person is there", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf",
	 "active.conf", COUNTED | FIT | PERSON, "", "open passive.conf 1", 0,
	 "proceed debug-shell: record open passive.conf kexec; refund passive.conf +2-1 +3-0"},
	{"lost, and a foreign entry was chosen", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf",
	 "debug.conf", FIT, "", "open passive.conf 1", 0,
	 "proceed foreign-entry: record open passive.conf kexec; refund passive.conf +2-1 +3-0"},
	{"lost, and somebody's kexec runs", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf", NULL,
	 KEXECED | UNKNOWN, "", "open passive.conf 1", 0,
	 "proceed unknown-entry: mask systemd-bless-boot.service; record open passive.conf kexec; "
	 "refund passive.conf +2-1 +3-0"},
	{"charged by a run that was killed", EVENT_EMERGENCY, "active+0-5.conf passive+2-1.conf",
	 "active.conf", COUNTED | FIT | SAME_BOOT, "", "open passive.conf 1", 0,
	 "switch failed: refund passive.conf +2-1 +3-0; stage passive.conf; "
	 "record open passive.conf kexec; charge passive.conf +2-1 +2-1; kexec passive.conf"},
	{"unfit for the next target too", EVENT_ASSESS, "active+0-5.conf recovery+3.conf",
	 "active.conf", COUNTED | FIT | MARKED, "", "closed passive.conf 1", 0,
	 "switch exhausted: record open recovery.conf firmware; oneshot recovery.conf; reboot"},
	{"fit for another kernel", EVENT_ASSESS, "active+0-5.conf recovery+3.conf", "active.conf",
	 COUNTED | FIT | MARKED | OTHER_KERNEL, "", "closed passive.conf 1", 0,
	 "switch exhausted: stage recovery.conf; record open recovery.conf kexec; "
	 "charge recovery.conf +3 +2-1; kexec recovery.conf"},
	{"an operator who switched the power off", EVENT_ASSESS, "active+0-5.conf passive+2-1.conf",
	 "active.conf", COUNTED | FIT, "", "arrived passive.conf 1", 0,
	 "switch exhausted: record closed passive.conf kexec; stage passive.conf; "
	 "record open passive.conf kexec; charge passive.conf +2-1 +1-2; kexec passive.conf"},
	/* refused in this boot */
	{"refused: the charge is taken back", EVENT_ASSESS, "active+0-4.conf passive+2-1.conf",
	 "active.conf", COUNTED | CHARGED, "", "", 0,
	 "switch exhausted: refund passive.conf +2-1 +3-0; record open passive.conf firmware; "
	 "oneshot passive.conf; reboot"},
	{"refused, and no other way", EVENT_ASSESS, "active+0-4.conf passive+2-1.conf",
	 "active.conf", COUNTED | CHARGED | NO_COUNTER, "", "", METHOD_FIRMWARE,
	 "proceed cannot-switch: refund passive.conf +2-1 +3-0; record closed"},
	{"refused, and it cannot be taken back", EVENT_ASSESS, "active+0-4.conf passive+2-1.conf",
	 "active.conf", COUNTED | STUCK, "", "", 0,
	 "switch exhausted: record open passive.conf firmware; oneshot passive.conf; reboot"},
};

static void test_kexec(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kexec_rows) / sizeof(kexec_rows[0]); i++)
		run_row(&kexec_rows[i], "");
}

/* The record of a kexec says which kernel left, and how many were lost. */
static void test_kexec_record(void **state)
{
	static const struct row row = {"kexec",
				       EVENT_ASSESS,
				       "active+0-4.conf passive+3.conf",
				       "active.conf",
				       COUNTED | FIT,
				       "",
				       "",
				       0,
				       ""};
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	fill_facts(&f, &c, &row);
	f.record.kexec_lost = true;
	f.record.kexec_kernel = 2;
	decide(&f, &c, &p);
	assert_int_equal(p.method, METHOD_KEXEC);
	assert_int_equal(p.record.kexec_kernel, 1);
	assert_true(p.record.kexec_lost); /* until act() writes the open record */
	f.against = AGAINST_HOPS;
	decide(&f, &c, &p);
	assert_int_equal(p.record.kexec_kernel, 2);
	assert_true(p.record.kexec_lost);
	assert_int_equal(p.against, AGAINST_HOPS);
	f.kernel = 2;
	decide(&f, &c, &p);
	assert_int_equal(p.against, AGAINST_HOPS | AGAINST_LOST);
	f.kernel = 3;
	decide(&f, &c, &p);
	assert_int_equal(p.against, AGAINST_HOPS);
	f.record.kexec_losses = RECORD_LOSSES_MAX; /* then no kernel may */
	decide(&f, &c, &p);
	assert_int_equal(p.against, AGAINST_HOPS | AGAINST_LOST);
}

/* A person who asks: struct row, with the target in `config`. */
static void test_switch(void **state)
{
	static const struct row asked[] = {
		{"the next rung", EVENT_SWITCH, "active.conf passive+3-0.conf", "active.conf", FIT,
		 "", "", 0,
		 "switch requested: stage passive.conf; record open passive.conf kexec; "
		 "charge passive.conf +3-0 +2-1; kexec passive.conf"},
		{"up again", EVENT_SWITCH, "active.conf passive+3-0.conf", "passive.conf", COUNTED,
		 "active.conf", "", 0,
		 "switch requested: record open active.conf firmware; oneshot active.conf; "
		 "reboot"},
		{"booted already", EVENT_SWITCH, "active.conf passive.conf", "active.conf", FIT,
		 "active.conf", "", 0, "proceed refused: "},
		{"exhausted", EVENT_SWITCH, "active.conf passive+0-4.conf", "active.conf", FIT,
		 "passive.conf", "", 0, "proceed refused: "},
		{"nothing below", EVENT_SWITCH, "active.conf passive.conf", "passive.conf", FIT, "",
		 "", 0, "proceed refused: "},
		{"never by order", EVENT_SWITCH, "active+0-4.conf passive.conf", "active.conf",
		 COUNTED, "passive.conf", "", METHOD_FIRMWARE, "proceed refused: "},
		{"which entry runs is unknown", EVENT_SWITCH, "active.conf passive.conf", NULL,
		 UNKNOWN | FIT, "passive.conf", "", 0,
		 "switch requested: stage passive.conf; record open passive.conf kexec; "
		 "kexec passive.conf"},
		{"not by kexec: never in this switch", EVENT_SWITCH, "active.conf passive.conf",
		 "active.conf", FIT | ONLY_FIRMWARE, "passive.conf", "", 0,
		 "switch requested: record open passive.conf firmware; oneshot passive.conf; "
		 "reboot"},
		{"refused by the kernel, and no other way", EVENT_SWITCH,
		 "active.conf passive+2-1.conf", "active.conf", CHARGED, "passive.conf", "",
		 METHOD_FIRMWARE, "proceed refused: refund passive.conf +2-1 +3-0; record closed"},
		{"refused by the kernel", EVENT_SWITCH, "active.conf passive+2-1.conf",
		 "active.conf", CHARGED, "passive.conf", "", 0,
		 "switch requested: refund passive.conf +2-1 +3-0; record open passive.conf "
		 "firmware; oneshot passive.conf; reboot"},
	};
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		fill_facts(&f, &c, &asked[i]);
		c.methods = METHOD_KEXEC | METHOD_FIRMWARE;
		if (asked[i].flags & ONLY_FIRMWARE)
			c.methods = METHOD_FIRMWARE;
		decide_switch(&f, &c,
			      asked[i].config[0] ? ladder_find(&f.ladder, asked[i].config) : -1,
			      &p);
		plan_words(&f, &p, got);
		if (strcmp(got, asked[i].want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", asked[i].what, got, asked[i].want);
		if (asked[i].flags & ONLY_FIRMWARE)
			assert_int_equal(p.record.methods_used, METHOD_KEXEC | METHOD_FIRMWARE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_kexec_record),
		cmocka_unit_test(test_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
