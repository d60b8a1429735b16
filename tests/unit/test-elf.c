// SPDX-License-Identifier: LGPL-2.1-or-later
/* A program of one page, and what is wrong with it where a field has another value. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf.h"
#include "small-elf.h"

static void is_need(const uint8_t *data, unsigned int n, const char *want)
{
	struct slice s;

	assert_int_equal(elf_needs(data, LEN, n, &s), 0);
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.s, want, s.len);
}

static void test_needs(void **state)
{
	uint8_t data[LEN];
	struct slice s;

	(void)state;
	make_elf(data);
	is_need(data, 0, "/lib64/ld.so");
	is_need(data, 1, "libc.so.6");
	is_need(data, 3, "libmount.so.1");
	assert_int_equal(elf_needs(data, LEN, 4, &s), 1);
	/* A library has no interpreter. */
	put(data + INTERP, 4, 4);
	is_need(data, 0, "libc.so.6");
	/* A static program needs nothing. */
	put(data + DYNAMIC, 4, 4);
	assert_int_equal(elf_needs(data, LEN, 0, &s), 1);
}

/* where: 0 = what elf_needs() says of the interpreter, n of the library. */
static const struct mutation faults[] = {
	{"magic", {{0, 1, 0}}, 0, 0, 0},
	{"32 bit", {{4, 1, 1}}, 0, 0, 0},
	{"other size of segments", {{54, 2, 32}}, 0, 0, 0},
	{"too many segments", {{56, 2, 65}}, 0, 0, 0},
	{"segments behind the end", {{32, 8, LEN + 1}}, 0, 0, 0},
	{"last segment behind the end", {{32, 8, LEN - 100}}, 0, 0, 0},
	{"interpreter behind the end", {{INTERP + 8, 8, LEN + 1}}, 0, 0, 0},
	{"interpreter over the end", {{INTERP + 32, 8, LEN}}, 0, 0, 0},
	{"interpreter without an end", {{INTERP + 32, 8, 5}}, 0, 0, 0},
	{"interpreter of no length", {{INTERP + 32, 8, 0}}, 0, 0, 0},
	{"interpreter without a name", {{STRINGS + INTERP_AT, 1, 0}}, 0, 0, 0},
	{"dynamic segment over the end", {{DYNAMIC + 32, 8, LEN}}, 1, 0, 0},
	{"no table of strings", {{TAGS + 48, 8, 6}}, 1, 0, 0},
	{"table of strings in no segment", {{TAGS + 56, 8, 5}}, 1, 0, 0},
	{"table of strings behind its segment", {{TAGS + 56, 8, ADDRESS + LEN}}, 1, 0, 0},
	{"segment of the strings over the end", {{LOAD + 32, 8, LEN + 1}}, 1, 0, 0},
	{"segment of the strings of another type", {{LOAD, 4, 4}}, 1, 0, 0},
	{"name behind the strings", {{TAGS + 8, 8, LEN}}, 1, 0, 0},
	{"name is empty", {{TAGS + 24, 8, 0}}, 2, 0, 0},
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		uint8_t data[LEN], *copy;
		struct slice s;

		make_elf(data);
		mutate(data, &faults[i]);
		copy = copy_of(data, LEN);
		if (elf_needs(copy, LEN, (unsigned int)faults[i].where, &s) != -EINVAL)
			fail_msg("%s: taken for sound", faults[i].name);
		free(copy);
	}
}

/* No byte too far, wherever it is cut. */
static void test_cut(void **state)
{
	uint8_t data[LEN];

	(void)state;
	make_elf(data);
	for (size_t len = 0; len < LEN; len++) {
		uint8_t *copy = copy_of(data, len);
		struct slice s;

		for (unsigned int n = 0; n <= LIBRARIES + 1; n++)
			assert_true(elf_needs(copy, len, n, &s) <= 1);
		free(copy);
	}
}

/* A table that never ends, and the most that is read of it. */
static void test_long_table(void **state)
{
	static uint8_t data[0x10000 + 0x200];
	struct slice s;

	(void)state;
	make_elf(data);
	put(data + DYNAMIC + 32, 8, sizeof(data) - TAGS);
	for (size_t at = TAGS; at + 16 <= sizeof(data); at += 16)
		put(data + at, 8, 7);
	assert_int_equal(elf_needs(data, sizeof(data), 1, &s), 1);
	/* One that ends with its segment. */
	put(data + DYNAMIC + 32, 8, 32);
	assert_int_equal(elf_needs(data, sizeof(data), 1, &s), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_long_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
