// SPDX-License-Identifier: LGPL-2.1-or-later
/* A planned restart past the firmware: struct row, with the target in `config`. */
#include "decide-row.h"
#include "planned.h"

static const struct row rows[] = {
	{"the booted slot again", EVENT_SHUTDOWN, "active.conf passive.conf", "active.conf", FIT,
	 "active.conf", "", 0,
	 "switch requested: stage active.conf; record open active.conf kexec; kexec active.conf"},
	{"it has tries, and nobody else counts that start", EVENT_SHUTDOWN,
	 "active+3-0.conf passive.conf", "active.conf", FIT, "active.conf", "", 0,
	 "switch requested: stage active.conf; record open active.conf kexec; "
	 "charge active.conf +3-0 +2-1; kexec active.conf"},
	{"the slot that an updater armed", EVENT_SHUTDOWN, "active.conf passive+3.conf",
	 "active.conf", FIT | ONESHOT, "passive.conf", "", 0,
	 "switch requested: stage passive.conf; record open passive.conf kexec; "
	 "charge passive.conf +3 +2-1; tidy LoaderEntryOneShot; kexec passive.conf"},
	{"also from an entry that is not known", EVENT_SHUTDOWN, "active.conf passive.conf", NULL,
	 FIT | UNKNOWN, "active.conf", "", 0,
	 "switch requested: stage active.conf; record open active.conf kexec; kexec active.conf"},
	{"never by another method", EVENT_SHUTDOWN, "active+0-4.conf passive.conf", "active.conf",
	 0, "passive.conf", "", 0, "proceed refused: "},
	{"not asked for", EVENT_SHUTDOWN, "active.conf", "active.conf", FIT | ONLY_FIRMWARE,
	 "active.conf", "", 0, "proceed refused: "},
	{"without tries", EVENT_SHUTDOWN, "active+0-4.conf passive.conf", "active.conf",
	 FIT | COUNTED, "active.conf", "", 0, "proceed refused: "},
	{"broken", EVENT_SHUTDOWN, "active.conf !passive.conf", "active.conf", FIT, "passive.conf",
	 "", 0, "proceed refused: "},
	{"which file would be charged?", EVENT_SHUTDOWN, "&active.conf", "active.conf", FIT,
	 "active.conf", "", 0, "proceed refused: "},
	{"not known", EVENT_SHUTDOWN, "active.conf", "active.conf", FIT, "", "", 0,
	 "proceed refused: "},
	{"nothing at all when disabled", EVENT_SHUTDOWN, "active.conf", "active.conf",
	 FIT | DISABLED, "active.conf", "open passive.conf 1", 0, "proceed refused: "},
	{"blind", EVENT_SHUTDOWN, "active.conf", "active.conf", FIT | BLIND, "active.conf", "", 0,
	 "proceed refused: "},
	{"no record", EVENT_SHUTDOWN, "active.conf", "active.conf", FIT | NO_RECORD, "active.conf",
	 "", 0, "proceed refused: "},
	{"a switch is under way", EVENT_SHUTDOWN, "active.conf passive.conf", "active.conf",
	 FIT | SAME_BOOT, "active.conf", "open passive.conf 2", 0, "proceed refused: "},
	{"a hold is", EVENT_SHUTDOWN, "active.conf passive.conf", "active.conf", FIT, "active.conf",
	 "hold - 0", 0, "proceed refused: "},
	{"a restart that did not come is taken back", EVENT_SHUTDOWN, "active+2-1.conf",
	 "active.conf", FIT | COUNTED | SAME_BOOT, "", "open active.conf 1", 0,
	 "proceed refused: record arrived active.conf kexec; refund active.conf +2-1 +3-0"},
	{"refused by the kernel", EVENT_SHUTDOWN, "active.conf passive+2-1.conf", "active.conf",
	 CHARGED, "passive.conf", "", 0,
	 "proceed refused: refund passive.conf +2-1 +3-0; record closed"},
};

static int find(const struct facts *f, const char *id)
{
	return id[0] ? ladder_find(&f->ladder, id) : -1;
}

static void test_planned(void **state)
{
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		config_defaults(&c);
		fill_facts(&f, &c, &rows[i]);
		if (rows[i].flags & ONLY_FIRMWARE)
			c.methods = METHOD_FIRMWARE;
		decide_reboot(&f, &c, find(&f, rows[i].config), &p);
		plan_words(&f, &p, got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", rows[i].what, got, rows[i].want);
	}
}

/* What was given up, or left, or cannot be remembered, is not started again from here. */
static void test_obstacles(void **state)
{
	struct config c;
	struct facts f, clean;

	(void)state;
	config_defaults(&c);
	fill_facts(&clean, &c, &rows[0]);
	assert_null(planned_obstacle(&clean, 0));
	f = clean;
	f.failed = true;
	assert_non_null(planned_obstacle(&f, 0));
	f = clean;
	f.leaving = true;
	assert_non_null(planned_obstacle(&f, 0));
	f = clean;
	f.record_damaged = true;
	assert_non_null(planned_obstacle(&f, 0));
	f = clean;
	f.ladder.rung[0].role = ROLE_RESET; /* it destroys data */
	assert_non_null(planned_obstacle(&f, 0));
}

/* A restart of the same slot ends no relapse; leaving it for another one does. */
static void test_relapses(void **state)
{
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	config_defaults(&c);
	fill_facts(&f, &c, &rows[0]);
	f.record.relapses = 2;
	decide_reboot(&f, &c, 0, &p);
	assert_int_equal(p.record.relapses, 2);
	decide_reboot(&f, &c, 1, &p);
	assert_int_equal(p.record.relapses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_planned),
		cmocka_unit_test(test_obstacles),
		cmocka_unit_test(test_relapses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
