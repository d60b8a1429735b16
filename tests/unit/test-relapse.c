// SPDX-License-Identifier: LGPL-2.1-or-later
/* F30: a good slot that rots. It is blessed, fails later in the same boot, is armed, started and
 * blessed again: so these failures are counted, which no bless sets back. */
#include "decide-row.h"

#include "relapse.h"

enum { BLESSED = 1, FAILED = 2, LASTED = 4 };

#define GOOD "active.conf passive.conf recovery+3.conf"
#define LEAVE \
	"mark active.conf - +0-9; record open passive.conf firmware; oneshot passive.conf; reboot"

static const struct relapse_row {
	struct row row;
	unsigned int past;
	unsigned int relapses; /* in the record */
	int want_relapses;     /* in the record that is written, -1 = none is */
} rows[] = {
	{{"the first one is counted, before the counter", EVENT_FAIL, GOOD, "active.conf", 0, "",
	  "", 0, "retry good: record closed; arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"the second", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0", 0,
	  "retry good: record closed; arm active.conf - +2-1; reboot"},
	 BLESSED,
	 1,
	 2},
	{{"the third is one too many", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0", 0,
	  "switch relapsed: " LEAVE},
	 BLESSED,
	 2,
	 0},
	{{"and more, after another Tries=", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0", 0,
	  "switch relapsed: " LEAVE},
	 BLESSED,
	 9,
	 0},
	{{"Tries=1", EVENT_FAIL, GOOD, "active.conf", 0, "[Ladder]\nTries=1\n", "", 0,
	  "switch relapsed: " LEAVE},
	 BLESSED,
	 0,
	 0},
	{{"Tries=8", EVENT_FAIL, GOOD, "active.conf", 0, "[Ladder]\nTries=8\n", "closed - 0", 0,
	  "retry good: record closed; arm active.conf - +7-1; reboot"},
	 BLESSED,
	 6,
	 7},
	{{"not blessed in this boot", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0", 0,
	  "retry good: arm active.conf - +2-1; reboot"},
	 0,
	 2,
	 -1},
	{{"counted before in this boot", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0", 0,
	  "retry good: arm active.conf - +2-1; reboot"},
	 BLESSED | FAILED,
	 2,
	 -1},
	{{"the boot had lasted: a new count", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0",
	  0, "retry good: record closed; arm active.conf - +2-1; reboot"},
	 BLESSED | LASTED,
	 2,
	 1},
	{{"after a kexec, or with CountGood=yes, the bless leaves a counter", EVENT_FAIL,
	  "active+3-0.conf passive.conf", "active.conf", COUNTED, "[Ladder]\nCountGood=yes\n",
	  "closed - 0", 0, "retry failed: record closed; arm active.conf +3-0 +2-1; reboot"},
	 BLESSED,
	 1,
	 2},
	{{"the same, one too many", EVENT_FAIL, "active+3-0.conf passive.conf", "active.conf",
	  COUNTED, "", "closed - 0", 0,
	  "switch relapsed: mark active.conf +3-0 +0-9; record open passive.conf firmware; "
	  "oneshot passive.conf; reboot"},
	 BLESSED,
	 2,
	 0},
	{{"the bless could not be written: no tries left all the same", EVENT_FAIL,
	  "active+0-3.conf passive.conf", "active.conf", COUNTED, "", "closed - 0", 0,
	  "switch failed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	 BLESSED,
	 1,
	 0},
	{{"OnFailure=next leaves at once, and does not come back", EVENT_FAIL,
	  "active+3-0.conf passive.conf", "active.conf", COUNTED, "[Switch]\nOnFailure=next\n",
	  "closed - 0", 0,
	  "switch relapsed: mark active.conf +3-0 +0-9; record open passive.conf firmware; "
	  "oneshot passive.conf; reboot"},
	 BLESSED,
	 0,
	 0},
	{{"the same after a boot that had lasted", EVENT_FAIL, "active+3-0.conf passive.conf",
	  "active.conf", COUNTED, "[Switch]\nOnFailure=next\n", "closed - 0", 0,
	  "switch failed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	 BLESSED | LASTED,
	 0,
	 0},
	{{"a good one is tried again all the same", EVENT_FAIL, GOOD, "active.conf", 0,
	  "[Switch]\nOnFailure=next\n", "closed - 0", 0,
	  "retry good: record closed; arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"recovery has a budget", EVENT_FAIL, "active+0-4.conf recovery+2-1.conf", "recovery.conf",
	  COUNTED, "", "closed - 0", 0, "retry failed: reboot"},
	 BLESSED,
	 2,
	 -1},
	{{"nothing can be remembered", EVENT_FAIL, GOOD, "active.conf", NO_RECORD, "", "closed - 0",
	  0, "retry good: arm active.conf - +2-1; reboot"},
	 BLESSED,
	 2,
	 -1},
	{{"a mark that cannot be written is left out", EVENT_FAIL, GOOD, "active.conf", NO_COUNTER,
	  "", "closed - 0", 0,
	  "switch relapsed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	 BLESSED,
	 2,
	 0},
	{{"a mark that is there already", EVENT_FAIL, "active+0-9.conf passive.conf", "active.conf",
	  COUNTED, "", "closed - 0", 0,
	  "switch relapsed: record open passive.conf firmware; oneshot passive.conf; reboot"},
	 BLESSED,
	 2,
	 0},
	{{"by kexec", EVENT_FAIL, GOOD, "active.conf", FIT, "", "closed - 0", 0,
	  "switch relapsed: mark active.conf - +0-9; stage passive.conf; record open "
	  "passive.conf kexec; kexec passive.conf"},
	 BLESSED,
	 2,
	 0},
	{{"no other rung: hold", EVENT_FAIL, "active.conf passive+0-9.conf", "active.conf", 0, "",
	  "closed - 0", 0,
	  "hold all-exhausted: mark active.conf - +0-9; record hold; arm active.conf - +3-0; arm "
	  "passive.conf +0-9 +3-0; wait 3600; record closed; reboot"},
	 BLESSED,
	 2,
	 0},
	{{"a hold ends the count, whatever led there", EVENT_EMERGENCY,
	  "active+0-3.conf passive+0-9.conf", "active.conf", COUNTED, "", "closed - 0", 0,
	  "hold all-exhausted: record hold; arm active.conf +0-3 +3-0; arm passive.conf +0-9 "
	  "+3-0; wait 3600; record closed; reboot"},
	 0,
	 2,
	 0},
	{{"no way to another rung", EVENT_FAIL, GOOD, "active.conf", 0, "", "closed - 0",
	  METHOD_FIRMWARE | METHOD_ORDER,
	  "retry cannot-switch: mark active.conf - +0-9; wait 3600; reboot"},
	 BLESSED,
	 2,
	 -1},
	{{"a pin keeps it", EVENT_FAIL, GOOD, "passive.conf", UNKNOWN, "", "closed - 0", 0,
	  "retry unknown-entry: wait 60; reboot"},
	 BLESSED,
	 2,
	 -1},
	/* What the record says of a switch must not be misread by the next boot. */
	{{"this boot is where a switch led", EVENT_FAIL, GOOD, "active.conf", KEXECED | SAME_BOOT,
	  "", "arrived active.conf 1", 0,
	  "retry good: record arrived active.conf kexec; arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"the same, and assess did not run", EVENT_FAIL, GOOD, "active.conf", 0, "",
	  "open active.conf 2", 0,
	  "retry good: record arrived active.conf firmware; record arrived active.conf firmware; "
	  "arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"a switch that arrived in an earlier boot", EVENT_FAIL, GOOD, "active.conf", 0, "",
	  "arrived passive.conf 2", 0,
	  "retry good: record closed passive.conf firmware; record closed passive.conf firmware; "
	  "arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"a switch of this boot that is on its way", EVENT_FAIL, GOOD, "active.conf", SAME_BOOT,
	  "", "open passive.conf 2", 0,
	  "retry good: record open passive.conf firmware; arm active.conf - +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
	{{"a switch that was lost", EVENT_FAIL, "active+3-0.conf passive+0-9.conf recovery.conf",
	  "active.conf", COUNTED, "", "open passive.conf 2", 0,
	  "retry failed: record closed passive.conf firmware; arm active.conf +3-0 +2-1; reboot"},
	 BLESSED,
	 0,
	 1},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i].row;
		bool is_written = false;
		char got[2048];
		struct config c;
		struct facts f;
		struct plan p;

		config_defaults(&c);
		config_parse(&c, row->config, strlen(row->config), NULL, NULL);
		fill_facts(&f, &c, row);
		f.blessed = rows[i].past & BLESSED;
		f.failed = rows[i].past & FAILED;
		f.lasted = rows[i].past & LASTED;
		f.record.relapses = (uint8_t)rows[i].relapses;
		f.record.refunds = 2;
		decide(&f, &c, &p);
		plan_words(&f, &p, got);
		if (strcmp(got, row->want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
		for (unsigned int k = 0; k < p.n_ops; k++)
			is_written |= p.op[k].type == OP_RECORD;
		if (is_written != (rows[i].want_relapses >= 0) ||
		    (is_written && p.record.relapses != rows[i].want_relapses))
			fail_msg("%s: relapses %d", row->what, p.record.relapses);
		assert_int_equal(p.record.refunds, 2);
	}
}

static void test_pin(void **state)
{
	static const struct row pinned = {"pinned",
					  EVENT_FAIL,
					  GOOD,
					  "active.conf",
					  0,
					  "",
					  "",
					  0,
					  "retry pinned: wait 60; reboot"};
	struct config c;
	struct facts f;
	struct plan p;
	char got[2048];

	(void)state;
	config_defaults(&c);
	fill_facts(&f, &c, &pinned);
	memcpy(f.pin, "active.conf", 12);
	f.blessed = true;
	f.record.relapses = 2;
	decide(&f, &c, &p);
	plan_words(&f, &p, got);
	assert_string_equal(got, pinned.want);
}

/* A new attempt of a switch, which is none of the relapse, keeps its numbers; and no number runs
 * over. */
static void test_record(void **state)
{
	static const struct row row = {"kept",
				       EVENT_FAIL,
				       GOOD,
				       "active.conf",
				       SAME_BOOT,
				       "[Ladder]\nTries=8\n",
				       "arrived active.conf 1",
				       0,
				       ""};
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	c.tries = 100; /* no configuration says this */
	fill_facts(&f, &c, &row);
	f.blessed = true;
	f.record.relapses = RECORD_COUNT_MAX;
	f.record.rounds = 4;
	f.record.resets = 1;
	f.record.kexec_kernel = 5;
	f.record.kexec_cmdline = 6;
	decide(&f, &c, &p);
	assert_int_equal(p.record.relapses, RECORD_COUNT_MAX);
	assert_int_equal(p.record.txn, f.record.txn + 1);
	assert_int_equal(p.record.rounds, 4);
	assert_int_equal(p.record.resets, 1);
	assert_int_equal(p.record.kexec_kernel, 5);
	assert_int_equal(p.record.kexec_cmdline, 6);
	assert_int_equal(p.record.methods_used, METHOD_KEXEC);
	assert_string_equal(p.record.target, "active.conf");
}

/* Whoever leaves the rung starts a new count. */
static void test_switch(void **state)
{
	static const struct row row = {
		"a person switches", EVENT_SWITCH, GOOD, "active.conf", 0, "", "closed - 0", 0, ""};
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	fill_facts(&f, &c, &row);
	f.blessed = true;
	f.record.relapses = 2;
	decide_switch(&f, &c, -1, &p);
	assert_int_equal(p.verdict, VERDICT_SWITCH);
	assert_int_equal(p.record.relapses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_switch),
	};

	return cmocka_run_group_tests_name("relapse", tests, NULL, NULL);
}
