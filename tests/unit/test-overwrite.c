// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bless-row.h"

#include "overwrite.h"

enum { UNSURE = 1 << 16 };

struct overwrite_row {
	const char *what, *ladder, *booted, *slot;
	unsigned int flags;
	const char *record, *pin, *want;
};

static void test_rows(void **state)
{
	static const char both[] = "active.conf passive.conf recovery+3-0.conf";
	static const struct overwrite_row rows[] = {
		{"the other one of two", both, "active.conf", "passive.conf", 0, "", "", "yes"},
		{"unknown", both, "", "passive.conf", 0, "", "", "unknown"},
		{"blind", both, "active.conf", "passive.conf", BLIND, "", "", "unknown"},
		{"unsure", both, "active.conf", "passive.conf", UNSURE, "", "", "unknown"},
		{"no such rung", both, "active.conf", "x.conf", 0, "", "", "unknown"},
		{"booted from elsewhere", both, "x.conf", "passive.conf", 0, "", "", "yes"},
		{"booted", both, "active.conf", "active.conf", 0, "", "active.conf", "booted"},
		{"booted and broken", "!active+1-2.conf passive.conf", "active.conf", "active.conf",
		 0, "", "", "booted"},
		{"pinned", both, "active.conf", "passive.conf", 0, "open passive.conf 0",
		 "Passive.conf", "pinned"},
		{"pinned and exhausted", "active.conf passive+0-4.conf", "active.conf",
		 "passive.conf", 0, "", "passive.conf", "pinned"},
		{"switching", both, "active.conf", "passive.conf", 0, "open passive.conf 0", "",
		 "switching"},
		{"switching, exhausted", "active.conf passive+0-4.conf", "active.conf",
		 "passive.conf", 0, "open passive.conf 0", "", "switching"},
		{"arrived", both, "active.conf", "passive.conf", 0, "arrived passive.conf 0", "",
		 "yes"},
		{"switching elsewhere", both, "active.conf", "passive.conf", 0,
		 "open recovery.conf 0", "", "yes"},
		{"missing", "active+2-1.conf -passive.conf", "active.conf", "passive.conf", 0, "",
		 "", "yes"},
		{"broken", "active+2-1.conf !passive.conf", "active.conf", "passive.conf", 0, "",
		 "", "yes"},
		{"exhausted", "active+2-1.conf passive+0-9.conf", "active.conf", "passive.conf", 0,
		 "", "", "yes"},
		{"the last good one", "active+2-1.conf passive.conf", "active.conf", "passive.conf",
		 0, "", "", "last-good"},
		{"recovery is no system", "active+2-1.conf passive.conf recovery.conf",
		 "active.conf", "passive.conf", 0, "", "", "last-good"},
		{"a broken one is not good", "active+2-1.conf passive.conf !third.conf",
		 "active.conf", "passive.conf", 0, "", "", "last-good"},
		{"armed ones do not replace it", "active+2-1.conf passive.conf third+3.conf",
		 "active.conf", "passive.conf", 0, "", "", "last-good"},
		{"another good one", "active+2-1.conf passive.conf third.conf", "active.conf",
		 "passive.conf", 0, "", "", "yes"},
		{"armed beside a good one", "active.conf passive+3.conf", "active.conf",
		 "passive.conf", 0, "", "", "yes"},
		{"the last armed one", "active+2-1.conf passive+3.conf", "active.conf",
		 "passive.conf", 0, "", "", "last-armed"},
		{"seen from recovery", "active+2-1.conf passive+3.conf recovery+2-1.conf",
		 "recovery.conf", "passive.conf", 0, "", "", "yes"},
		{"one and recovery", "active+0-4.conf passive+3.conf recovery+2-1.conf",
		 "recovery.conf", "passive.conf", 0, "", "", "last-armed"},
		{"another armed one", "active+2-1.conf passive+3.conf third+1.conf", "active.conf",
		 "passive.conf", 0, "", "", "yes"},
		{"an exhausted one is none", "active+2-1.conf passive+3.conf third+0.conf",
		 "active.conf", "passive.conf", 0, "", "", "last-armed"},
		{"recovery beside a good one", both, "active.conf", "recovery.conf", 0, "", "",
		 "yes"},
		{"recovery beside an armed one", "active+2-1.conf passive+3.conf recovery+3-0.conf",
		 "active.conf", "recovery.conf", 0, "", "", "last-good"},
		{"recovery without a counter", "active+2-1.conf recovery.conf", "active.conf",
		 "recovery.conf", 0, "", "", "last-good"},
		{"exhausted recovery", "active+2-1.conf recovery+0-4.conf", "active.conf",
		 "recovery.conf", 0, "", "", "yes"},
		{"reset", "active+2-1.conf reset+2-0.conf", "active.conf", "reset.conf", 0, "", "",
		 "last-good"},
		{"reset beside a good one", "active.conf reset+2-0.conf", "active.conf",
		 "reset.conf", 0, "", "", "yes"},
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		const struct overwrite_row *row = &rows[i];
		const char *got;
		struct config c;
		struct facts f;

		read_config(&c, "[Ladder]\nSystem=active passive third\nReset=reset\n");
		fill_facts(&f, &c,
			   &(struct row){.ladder = row->ladder,
					 .booted = row->booted,
					 .flags = row->flags,
					 .record = row->record,
					 .pin = row->pin});
		f.unsure = row->flags & UNSURE;
		got = overwrite_name(overwrite_check(&f, ladder_find(&f.ladder, row->slot)));
		if (strcmp(got, row->want) != 0)
			fail_msg("%s: got %s, want %s", row->what, got, row->want);
	}
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(overwrite_name(OVERWRITE_LAST_ARMED), "last-armed");
	for (int o = OVERWRITE_YES; o <= OVERWRITE_LAST_ARMED; o++)
		for (int other = OVERWRITE_YES; other < o; other++) {
			assert_string_not_equal(overwrite_name(o), overwrite_name(other));
			assert_string_not_equal(overwrite_sentence(o), overwrite_sentence(other));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("overwrite", tests, NULL, NULL);
}
