// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a bless does besides the counters: the record, and the loader's settings. */
#include "bless-row.h"

static void test_record(void **state)
{
	static const struct row rows[] = {
		{.what = "closed",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "closed passive.conf 0",
		 .want = "good:"},
		{.what = "arrived",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "arrived active.conf 0",
		 .want = "good:"},
		{.what = "open, for this",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "open active.conf 0",
		 .want = "good: record closed active.conf kexec rounds 0 txn 7"},
		{.what = "open, for this, from this boot",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = SAME_BOOT,
		 .record = "open active.conf 0",
		 .want = "good: record closed active.conf kexec rounds 0 txn 7"},
		{.what = "open, lost",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "open passive.conf 2",
		 .want = "good: record closed passive.conf kexec rounds 0 txn 7"},
		{.what = "a switch is on its way",
		 .ladder = "active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .flags = SAME_BOOT,
		 .record = "open passive.conf 2",
		 .want = "blessed: bless active.conf +2-1 -"},
		{.what = "rounds",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "closed - 2",
		 .want = "good: record closed rounds 0 txn 8"},
		{.what = "rounds of a hold",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "hold - 2",
		 .want = "good: record closed rounds 0 txn 7"},
		{.what = "rounds of an arrival",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .record = "arrived active.conf 2",
		 .want = "good: record closed active.conf kexec rounds 0 txn 7"},
		{.what = "a kexec's record is its proof",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = KEXECED,
		 .record = "open active.conf 0",
		 .want = "good: record arrived active.conf kexec rounds 0 txn 7"},
		{.what = "and stays that",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = KEXECED | SAME_BOOT,
		 .record = "arrived active.conf 2",
		 .want = "good: record arrived active.conf kexec rounds 0 txn 8"},
		{.what = "unwritable",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = NO_RECORD,
		 .record = "open active.conf 2",
		 .want = "good:"},
		{.what = "recovery closes its own",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .record = "open recovery.conf 2",
		 .want = "budget: record closed recovery.conf kexec"},
		{.what = "and by kexec",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .flags = KEXECED,
		 .record = "open recovery.conf 2",
		 .want = "budget: record arrived recovery.conf kexec"},
		{.what = "recovery and another's",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .record = "open active.conf 2",
		 .want = "budget:"},
		{.what = "recovery and the rounds",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .record = "closed - 2",
		 .want = "budget:"},
		{.what = "recovery, unwritable",
		 .ladder = "active.conf recovery+1-2.conf",
		 .booted = "recovery.conf",
		 .flags = NO_RECORD,
		 .record = "open recovery.conf 0",
		 .want = "budget:"},
	};

	(void)state;
	run_rows(rows, N(rows));
}

/* What stands in the record besides state, rounds and number is kept. */
static void test_record_is_kept(void **state)
{
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	read_config(&c, "");
	fill_facts(&f, &c,
		   &(struct row){.ladder = GOOD,
				 .booted = "active.conf",
				 .record = "open passive.conf 2"});
	f.record.kexec_lost = true;
	f.record.kexec_kernel = 5;
	f.boot_id[0] = f.record.boot_id[0] = '\0';
	bless_plan(&f, &c, &p);
	assert_int_equal(p.n_ops, 1);
	assert_true(p.record.kexec_lost);
	assert_int_equal(p.record.kexec_losses, 1);
	assert_int_equal(p.record.kexec_kernel, 5);
	assert_string_equal(p.record.target, "passive.conf");
}

static void test_settings(void **state)
{
	static const char spent[] = "active+0-4.conf passive+2-1.conf recovery+3-0.conf";
	static const char blessed[] = "blessed: bless passive.conf +2-1 -";
	static const char preferred[] = "blessed: bless passive.conf +2-1 -; prefer passive.conf";
	static const struct row rows[] = {
		{.what = "a default that names another",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .conf = "active.conf",
		 .want = preferred},
		{.what = "a variable",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .variable = "active*",
		 .want = preferred},
		{.what = "the same with preferred",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = FEATURE,
		 .variable = "active*",
		 .want = preferred},
		{.what = "preferred passes over a bad one",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = FEATURE,
		 .preferred = "active.conf",
		 .want = blessed},
		{.what = "preferred that is not heard",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .preferred = "active.conf",
		 .want = "good:"},
		{.what = "preferred of a good one",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .flags = FEATURE,
		 .preferred = "active.conf",
		 .want = "good: prefer passive.conf"},
		{.what = "order is nobody's choice",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .want = "good:"},
		{.what = "a pattern for both",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .conf = "*.conf",
		 .want = "good:"},
		{.what = "a pattern that matches nothing",
		 .ladder = GOOD,
		 .booted = "passive.conf",
		 .conf = "x.conf",
		 .want = "good:"},
		{.what = "itself",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .conf = "passive.conf",
		 .want = blessed},
		{.what = "the operator's pin",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .conf = "active.conf",
		 .pin = "active.conf",
		 .want = blessed},
		{.what = "another loader",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = OTHER_LOADER,
		 .conf = "active.conf",
		 .want = blessed},
		{.what = "after a kexec the loader tries it once",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .conf = "active.conf",
		 .want = "rearmed: arm passive.conf +2-1 +3-0; oneshot passive.conf"},
		{.what = "preferred is no trap",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = KEXECED | FEATURE,
		 .conf = "active.conf",
		 .want = "rearmed: arm passive.conf +2-1 +3-0; prefer passive.conf"},
		{.what = "a slot that the loader has booted before",
		 .ladder = "active+0-4.conf" FULL,
		 .booted = "passive.conf",
		 .flags = KEXECED,
		 .conf = "active.conf",
		 .want = "good: prefer passive.conf"},
		{.what = "there is a one-shot already",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = KEXECED | ONESHOT,
		 .conf = "active.conf",
		 .want = "rearmed: arm passive.conf +2-1 +3-0"},
		{.what = "no one-shot can be set",
		 .ladder = spent,
		 .booted = "passive.conf",
		 .flags = KEXECED | NO_FIRMWARE,
		 .conf = "active.conf",
		 .want = "rearmed: arm passive.conf +2-1 +3-0"},
		{.what = "a counted name",
		 .ladder = "active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .conf = "active+3.conf",
		 .want = "blessed: bless active.conf +2-1 -; correct active.conf"},
		{.what = "a counted name in other letters",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .conf = "ACTIVE+3-0.CONF",
		 .want = "good: correct active.conf"},
		{.what = "even with a pin",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .conf = "active+3.conf",
		 .pin = "active.conf",
		 .want = "good: correct active.conf"},
		{.what = "a counted name of another",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .conf = "passive+3.conf",
		 .want = "good:"},
		{.what = "corrected, but overruled",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .variable = "passive.conf",
		 .conf = "active+3.conf",
		 .want = "good: correct active.conf; prefer active.conf"},
		{.what = "corrected, and that is enough",
		 .ladder = "active.conf passive.conf",
		 .booted = "passive.conf",
		 .conf = "passive+3.conf",
		 .want = "good: correct passive.conf"},
		{.what = "another loader's file is not ours",
		 .ladder = GOOD,
		 .booted = "active.conf",
		 .flags = OTHER_LOADER,
		 .conf = "active+3.conf",
		 .want = "good:"},
		{.what = "what looks like a counter in an id",
		 .ladder = "a+1+2-0.conf",
		 .booted = "a+1.conf",
		 .config = "[Ladder]\nSystem=a*\nRecovery=\n",
		 .conf = "a+1.conf",
		 .want = "blessed: bless a+1.conf +2-0 -"},
		{.what = "and its counter",
		 .ladder = "a+1.conf",
		 .booted = "a.conf",
		 .config = "[Ladder]\nSystem=a*\nRecovery=\n",
		 .conf = "a+1+2.conf",
		 .want = "blessed: bless a.conf +1 -"},
		{.what = "a pattern for the name that goes, up to 252",
		 .ladder = "active+2-1.conf" FULL,
		 .booted = "active.conf",
		 .flags = OLD_IDS,
		 .variable = "active+*",
		 .conf = "passive.conf",
		 .want = "blessed: bless active.conf +2-1 -; prefer active.conf"},
		{.what = "the refill is taken into account",
		 .ladder = "active.conf recovery+0-3.conf",
		 .booted = "active.conf",
		 .flags = FEATURE,
		 .preferred = "recovery.conf",
		 .want = "good: prefer active.conf; arm recovery.conf +0-3 +3-0"},
		{.what = "a parked twin is not chosen",
		 .ladder = "active+2-1.conf active+3.conf passive.conf recovery+3-0.conf",
		 .booted = "active.conf",
		 .flags = OLD_IDS,
		 .variable = "active+*",
		 .conf = "passive.conf",
		 .want = "blessed: park active.conf; bless active.conf +3 -; "
			 "prefer active.conf"},
		{.what = "all of it",
		 .ladder = "active+2-1.conf active.conf passive.conf recovery+1-2.conf",
		 .booted = "active.conf",
		 .record = "open passive.conf 1",
		 .variable = "passive.conf",
		 .conf = "active+3.conf",
		 .want = "blessed: park active.conf; bless active.conf +2-1 -; "
			 "correct active.conf; prefer active.conf; "
			 "record closed passive.conf kexec rounds 0 txn 7; "
			 "arm recovery.conf +1-2 +3-0"},
	};

	(void)state;
	run_rows(rows, N(rows));
}

/* A name that cannot be changed and says +0 is passed over by preferred, whatever is set. */
static void test_frozen_name(void **state)
{
	struct config c;
	struct facts f;
	struct plan p;
	char got[2048];

	(void)state;
	read_config(&c, "");
	fill_facts(&f, &c,
		   &(struct row){.ladder = "active+0-3.conf" FULL,
				 .booted = "active.conf",
				 .flags = FEATURE,
				 .variable = "passive.conf"});
	f.ladder.rung[0].in_variable = true;
	bless_plan(&f, &c, &p); /* it may work this time */
	plan_words(&f, &p, got);
	assert_string_equal(got, "blessed: bless active.conf +0-3 -; prefer active.conf");
	f.ladder.rung[0].counter = (struct counter){0};
	bless_plan(&f, &c, &p);
	plan_words(&f, &p, got);
	assert_string_equal(got, "good:");
	f.settings.has_preferred = false;
	bless_plan(&f, &c, &p);
	plan_words(&f, &p, got);
	assert_string_equal(got, "good: prefer active.conf");
}

/* Of what the record counts, a bless ends all; but the relapses only if this boot is the first one
 * since the bless before: a failure in between has left a counter, or counted it on. */
static void test_counts(void **state)
{
	static const struct {
		unsigned int flags;
		const char *ladder, *booted;
		uint8_t refunds, relapses, resets;
		const char *want;
		int left; /* refunds, relapses, resets as one number */
	} rows[] = {
		{0, GOOD, "active.conf", 2, 1, 0,
		 "good: record closed active.conf kexec rounds 0 txn 8", 0},
		{0, GOOD, "active.conf", 0, 1, 1,
		 "good: record closed active.conf kexec rounds 0 txn 8", 0},
		{0, GOOD, "active.conf", 0, 2, 0,
		 "good: record closed active.conf kexec rounds 0 txn 8", 0},
		{0, GOOD, "active.conf", 0, 0, 0, "good:", 0},
		{0, "active+2-1.conf", "active.conf", 0, 2, 0,
		 "blessed: bless active.conf +2-1 -; record closed active.conf kexec rounds 0 txn "
		 "8",
		 0},
		{0, "active+1-2.conf", "active.conf", 0, 2, 0, "blessed: bless active.conf +1-2 -",
		 20},
		{0, "active+1-2.conf", "active.conf", 1, 2, 0,
		 "blessed: bless active.conf +1-2 -; record closed active.conf kexec rounds 0 txn "
		 "8",
		 20},
		{NO_RECORD, GOOD, "active.conf", 3, 2, 1, "good:", 321},
		{0, "active+0-3.conf recovery+3-0.conf", "recovery.conf", 1, 1, 1, "budget:", 111},
	};
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	read_config(&c, "");
	/* One that cannot be read is replaced. */
	fill_facts(&f, &c, &(struct row){.ladder = GOOD, .booted = "active.conf"});
	f.record_damaged = true;
	bless_plan(&f, &c, &p);
	plan_words(&f, &p, got);
	assert_string_equal(got, "good: record closed rounds 0 txn 1");
	/* Half of it was done in this boot before, and the counter is gone. */
	f.record_damaged = false;
	f.blessed = true;
	f.record.relapses = 2;
	bless_plan(&f, &c, &p);
	plan_words(&f, &p, got);
	assert_string_equal(got, "good:");
	for (size_t i = 0; i < N(rows); i++) {
		fill_facts(&f, &c,
			   &(struct row){.ladder = rows[i].ladder,
					 .booted = rows[i].booted,
					 .flags = rows[i].flags,
					 .record = "closed active.conf 0"});
		f.record.refunds = rows[i].refunds;
		f.record.relapses = rows[i].relapses;
		f.record.resets = rows[i].resets;
		bless_plan(&f, &c, &p);
		plan_words(&f, &p, got);
		assert_string_equal(got, rows[i].want);
		assert_int_equal(p.record.refunds * 100 + p.record.relapses * 10 + p.record.resets,
				 rows[i].left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),	    cmocka_unit_test(test_record_is_kept),
		cmocka_unit_test(test_counts),	    cmocka_unit_test(test_settings),
		cmocka_unit_test(test_frozen_name),
	};

	return cmocka_run_group_tests_name("bless-settings", tests, NULL, NULL);
}
