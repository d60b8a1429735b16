// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tries files: which names are some, which of two speaks, which name is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tries-file.h"

struct row {
	const char *name, *id;
	enum tries_file want;
	bool present;
	int left, done;
};

static const struct row rows[] = {
	{"active+2-1.conf", "active.conf", TRIES_FILE_FOUND, true, 2, 1},
	{"active+3.efi", "active.efi", TRIES_FILE_FOUND, true, 3, 0},
	{"active.efi", "active.efi", TRIES_FILE_FOUND, false, 0, 0},
	{"ACTIVE+0-9.CONF", "active.conf", TRIES_FILE_FOUND, true, 0, 9},
	{"a+b+1-1.conf", "a+b.conf", TRIES_FILE_FOUND, true, 1, 1},
	{"active+02-01.efi", "active.efi", TRIES_FILE_FOUND, true, 2, 1},
	{"active+2-1.efi", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"passive+2-1.conf", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"active2+2-1.conf", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"activ+2-1.conf", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"active+2-1", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"active+2-1.conf.off", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{".bootassess-0", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"record", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"", "active.conf", TRIES_FILE_OTHER, false, 0, 0},
	{"active+2-1", "active", TRIES_FILE_OTHER, false, 0, 0},
	{"active+x.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	{"active+.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	{"active+2-.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	{"active+2147483648.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	{"active+2-1+.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	/* one counter is taken off */
	{"active+1-1+2-1.conf", "active.conf", TRIES_FILE_BROKEN, false, 0, 0},
	{"active+1-1+2-1.conf", "active+1-1.conf", TRIES_FILE_FOUND, true, 2, 1},
	{"active+1-1.conf", "active+1-1.conf", TRIES_FILE_OTHER, false, 0, 0},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct counter c = {.left = 77};

		if (tries_file_parse(r->name, r->id, &c) != r->want)
			fail_msg("%s for %s", r->name, r->id);
		if (r->want != TRIES_FILE_FOUND) {
			assert_int_equal(c.left, 77);
			continue;
		}
		if (c.present != r->present || c.left != r->left || c.done != r->done)
			fail_msg("%s: %d %d-%d", r->name, c.present, c.left, c.done);
	}
}

/* Each speaks before those behind it. */
static const char *const order[] = {"a+0-9.efi", "a+1-8.efi", "a+0-3.efi", "a+1-2.efi", "a+2-1.efi",
				    "a+3-1.efi", "a+2-0.efi", "a+3-0.efi", "a.efi"};
#define N_ORDER (sizeof(order) / sizeof(order[0]))

static void test_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ORDER; i++)
		for (size_t k = 0; k < N_ORDER; k++) {
			struct counter a, b;

			(void)counter_parse(order[i], &a);
			(void)counter_parse(order[k], &b);
			if (tries_file_wins(&a, &b) != (i < k))
				fail_msg("%s and %s", order[i], order[k]);
		}
}

static void check_name(const char *id, const char *own, struct counter c, int want_r,
		       const char *want)
{
	char name[NAME_SIZE] = "x";

	assert_int_equal(tries_file_name(id, own, &c, name), want_r);
	assert_string_equal(name, want);
}

static void test_name(void **state)
{
	const struct counter none = {.present = false};
	char longest[NAME_SIZE];

	(void)state;
	check_name("active.efi", "active.efi", counter_make(2, 1), 0, "active+2-1.efi");
	check_name("active.efi", "active+3-0.efi", counter_make(2, 1), 0, "active+2-1.efi");
	check_name("active.efi", "active.efi", none, 0, "");
	check_name("active.efi", "", none, 0, "");
	check_name("active.efi", "active+3-0.efi", none, 0, "active.efi");
	check_name("active", "active", counter_make(1, 1), -EINVAL, "");
	memset(longest, 'a', sizeof(longest) - 1);
	memcpy(longest + sizeof(longest) - sizeof(".efi"), ".efi", sizeof(".efi"));
	check_name(longest, longest, counter_make(1, 1), -ENAMETOOLONG, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_wins),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests_name("tries-file", tests, NULL, NULL);
}
