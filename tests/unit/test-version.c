// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "version.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static int compare(const char *a, const char *b)
{
	int r = version_compare((struct slice){a, strlen(a)}, (struct slice){b, strlen(b)});

	return (r > 0) - (r < 0);
}

static void check(const char *a, const char *b, int expected)
{
	if (compare(a, b) != expected || compare(b, a) != -expected)
		fail_msg("\"%s\" and \"%s\": %d, not %d", a, b, compare(a, b), expected);
}

/* From the oldest to the newest (systemd's test-string-util.c). */
static void test_chain(void **state)
{
	static const char *const chain[] = {
		"~1",	      "",	 "ab",	    "abb",	"abc",	   "0001",
		"002",	      "12",	 "122",	    "122.9",	"123~rc1", "123",
		"123-a",      "123-a.1", "123-a1",  "123-a1.1", "123-3",   "123-3.1",
		"123^patch1", "123^1",	 "123.a-1", "123.1-1",	"123a-1",  "124",
	};

	(void)state;
	for (size_t i = 0; i < N(chain); i++)
		for (size_t j = 0; j < N(chain); j++)
			check(chain[i], chain[j], (i > j) - (i < j));
}

static void test_pairs(void **state)
{
	static const struct {
		const char *older, *newer;
	} pairs[] = {
		{"123.45-67.88", "123.45-67.89"},
		{"123.45-67.89", "123.45-67.89a"},
		{"123.45-67.ab", "123.45-67.89"},
		{"123.45-67.9", "123.45-67.89"},
		{"123.45-67", "123.45-67.89"},
		{"123.45-66.89", "123.45-67.89"},
		{"123.45-9.99", "123.45-67.89"},
		{"123.42-99.99", "123.45-67.89"},
		{"123-99.99", "123.45-67.89"},
		{"123~rc1-99.99", "123.45-67.89"},
		{"123~rc1-99.99", "123-45.67.89"},
		{"123~rc1-99.99", "123~rc2-67.89"},
		{"123~rc1-99.99", "123^aa2-67.89"},
		{"123~rc1-99.99", "123aa2-67.89"},
		{"123-99.99", "123^aa2-67.89"},
		{"123-99.99", "123aa2-67.89"},
		{"123^45-67.89", "123.45-67.89"},
		{"123^aa1-99.99", "123^aa2-67.89"},
		{"123^aa2-67.89", "123aa2-67.89"},
		{"123.aa2-67.89", "123aa2-67.89"},
		{"123.aa2-67.89", "123.ab2-67.89"},
		{"123", "123."},
		{"12_3", "123"},
		{"12", "12_3"},
		{"12.3", "12_3"},
		{"123", "123.0"},
		{"123", "123_0"},
		{"123..0", "123.0"},
		{"~", ""},
		/* Examples of UAPI.10. */
		{"bar-123", "foo-123"},
		{"123", "123a"},
		{"123", "123.a"},
		{"123.a", "123.b"},
		{"123.a", "123a"},
		{"A", "a"},
		{"", "0"},
		{"0", "0."},
		{"0", "0.0"},
		{"1_", "1.2"},
		{"1.3.3", "1_2_3"},
		{"1+", "1.2"},
		{"1.3.3", "1+2+3"},
		/* UAPI.10's text has `0` older than this; systemd's code, which makes the menu, has
		 * not. */
		{"~", "0"},
		/* Too long for any integer. */
		{"99999999999999999999999999", "100000000000000000000000000"},
		{"6.1.0-9-amd64", "6.1.0-10-amd64"},
	};

	(void)state;
	for (size_t i = 0; i < N(pairs); i++)
		check(pairs[i].older, pairs[i].newer, -1);
}

static void test_equal(void **state)
{
	static const struct {
		const char *a, *b;
	} pairs[] = {
		{"", ""},
		{"123_aa2-67.89", "123aa+2-67.89"},
		{"0_", "0"},
		{"_0_", "0"},
		{"_0", "0"},
		{"0", "0___"},
		{"", "_"},
		{"_", ""},
		{"_", "_"},
		{"~", "~"},
		{"11", "11"},
		{"systemd-123", "systemd-123"},
		{"1_", "1"},
		{"_1", "1"},
		{"1+", "1"},
		{"+1", "1"},
		{"007", "7"},
		{"000", "0"},
		{"11\xce\xb1", "11\xce\xb2"},
	};

	(void)state;
	for (size_t i = 0; i < N(pairs); i++)
		check(pairs[i].a, pairs[i].b, 0);
	assert_int_equal(version_compare((struct slice){0}, (struct slice){0}), 0);
	assert_int_equal(version_compare((struct slice){0}, (struct slice){"_", 1}), 0);
}

/* Slices are no strings: what stands behind one does not count. */
static void test_bounds(void **state)
{
	(void)state;
	assert_int_equal(version_compare((struct slice){"123", 2}, (struct slice){"12", 2}), 0);
	assert_int_equal(version_compare((struct slice){"abc", 2}, (struct slice){"ab", 2}), 0);
	assert_int_equal(version_compare((struct slice){"1~", 1}, (struct slice){"1_", 2}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
