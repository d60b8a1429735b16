// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fdt.h"
#include "mutate.h"

#define NAME "linux,booted-from-kexec"

/* A header, a value, two property names. */
#define STRINGS_AT 64
static const char strings[] = "bootargs\0" NAME;
#define LEN (STRINGS_AT + sizeof(strings))

static void put_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void make(uint8_t tree[LEN])
{
	memset(tree, 0, LEN);
	put_be32(tree, 0xd00dfeed);
	put_be32(tree + 12, STRINGS_AT);
	put_be32(tree + 32, sizeof(strings));
	memcpy(tree + STRINGS_AT, strings, sizeof(strings));
}

static bool has(const uint8_t *tree, size_t len, const char *name)
{
	uint8_t *copy = copy_of(tree, len);
	bool found = fdt_has_property(copy, len, name);

	free(copy);
	return found;
}

static void test_names(void **state)
{
	uint8_t tree[LEN];

	(void)state;
	make(tree);
	assert_true(has(tree, LEN, NAME));
	assert_true(has(tree, LEN, "bootargs"));
	assert_false(has(tree, LEN, "args"));
	assert_false(has(tree, LEN, "boot"));
	assert_false(has(tree, LEN, NAME "x"));
}

/* Who writes the kernel command line cannot say this: it is a value. */
static void test_value(void **state)
{
	uint8_t tree[LEN];

	(void)state;
	make(tree);
	memcpy(tree + 40, NAME, sizeof(NAME));
	put_be32(tree + 32, sizeof("bootargs"));
	assert_false(has(tree, LEN, NAME));
	assert_true(has(tree, LEN, "bootargs"));
}

static void test_broken(void **state)
{
	uint8_t tree[LEN];

	(void)state;
	make(tree);
	for (size_t len = 0; len < LEN; len++)
		assert_false(has(tree, len, NAME));
	put_be32(tree + 32, sizeof(strings) - 1); /* the NUL of the last name is not in it */
	assert_false(has(tree, LEN, NAME));
	put_be32(tree + 32, UINT32_MAX);
	assert_false(has(tree, LEN, NAME));
	put_be32(tree + 12, UINT32_MAX);
	assert_false(has(tree, LEN, NAME));
	make(tree);
	tree[0] = 0;
	assert_false(has(tree, LEN, NAME));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests_name("fdt", tests, NULL, NULL);
}
