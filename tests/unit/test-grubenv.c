// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "grubenv.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

#define FIRST "# GRUB Environment Block\n"
#define SIZE  128

/* A block of SIZE bytes with these lines. */
static void make_block(char block[SIZE], const char *lines)
{
	memset(block, '#', SIZE);
	memcpy(block, FIRST, strlen(FIRST));
	memcpy(block + strlen(FIRST), lines, strlen(lines));
}

static void test_check(void **state)
{
	static const struct {
		const char *block;
		size_t len; /* 0 = of the text */
		int r;
		size_t where;
	} vectors[] = {
		{FIRST, 0, 0, 0},
		{FIRST "#######", 0, 0, 0},
		{FIRST "a=1\n", 0, 0, 0},
		{FIRST "# WARNING: leave this alone\na=1\n####", 0, 0, 0},
		{FIRST "a=1\\\n2\n##", 0, 0, 0},
		{FIRST "a=#\n##", 0, 0, 0},
		{FIRST "#\\\n#\n##", 0, 0, 0},
		{"", 1, -EBADMSG, 0},
		{"# GRUB Environment Block", 0, -EBADMSG, 0},
		{"# grub environment block\n", 0, -EBADMSG, 0},
		{FIRST "a=1", 0, -EBADMSG, 25},
		{FIRST "a=1##", 0, -EBADMSG, 25},
		{FIRST "a=1\nword\n##", 0, -EBADMSG, 29},
		{FIRST "a=1\n\n##", 0, -EBADMSG, 29},
		{FIRST "=1\n##", 0, -EBADMSG, 25},
		{FIRST "a\\=1\n##", 0, -EBADMSG, 25},
		{FIRST "a\nb=1\n##", 0, -EBADMSG, 25},
		{FIRST "a=1\\\n##", 0, -EBADMSG, 25},
		{FIRST "a=1\\", 0, -EBADMSG, 25},
		{FIRST "# a", 0, -EBADMSG, 25},
		{FIRST "a=\0x\n##", 32, -EBADMSG, 25},
		{FIRST "\0\0\0\0\0\0\0", 32, -EBADMSG, 25},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		size_t len = vectors[i].len ? vectors[i].len : strlen(vectors[i].block), where = 0;

		CHECK(vectors[i].block,
		      grubenv_check(vectors[i].block, len, &where) == vectors[i].r);
		CHECK(vectors[i].block, where == vectors[i].where);
	}
	assert_int_equal(grubenv_check(FIRST, 0, &(size_t){0}), -EBADMSG);
}

static void test_get(void **state)
{
	static const struct {
		const char *name, *value;
		int r;
	} vectors[] = {
		{"saved_entry", "active", 0},
		{"SAVED_ENTRY", "old", 1},
		{"saved", "old", 1},
		{"saved_entry_", "old", 1},
		{"next_entry", "", 0},
		{"quoted", "a\\b\nc", 0},
		{"twice", "2", 0},
		{"equals", "a=b", 0},
		{"comment", "old", 1},
		{"hash", "#", 0},
		{"long", "0123456", -ENAMETOOLONG},
		{"", "old", 1},
	};
	static const char lines[] =
		FIRST "saved_entry=active\nnext_entry=\nquoted=a\\\\b\\\nc\ntwice=1\n"
		      "twice=2\nequals=a=b\n#comment=1\nhash=#\nlong=0123456789\n";
	char block[SIZE + 64], buf[8];

	(void)state;
	memset(block, '#', sizeof(block));
	memcpy(block, lines, strlen(lines));
	for (size_t i = 0; i < N(vectors); i++) {
		memcpy(buf, "old", 4);
		CHECK(vectors[i].name, grubenv_get(block, sizeof(block), vectors[i].name, buf,
						   sizeof(buf)) == vectors[i].r);
		CHECK(vectors[i].name, strcmp(buf, vectors[i].value) == 0);
	}
	block[1] = 'X';
	assert_int_equal(grubenv_get(block, sizeof(block), "hash", buf, sizeof(buf)), -EBADMSG);
}

static void test_set(void **state)
{
	static const struct {
		const char *before, *name, *value, *after;
		int r;
	} vectors[] = {
		{"", "a", "1", "a=1\n", 0},
		{"", "a", "", "a=\n", 0},
		{"", "a", NULL, "", 1},
		{"a=1\n", "a", "1", "a=1\n", 1},
		{"a=1\n", "a", "2", "a=2\n", 0},
		{"a=1\n", "a", "12", "a=12\n", 0},
		{"a=12\n", "a", "1", "a=1\n", 0},
		{"a=1\n", "a", NULL, "", 0},
		{"a=1\n", "ab", "1", "a=1\nab=1\n", 0},
		{"ab=1\n", "a", "1", "ab=1\na=1\n", 0},
		{"# b\na=1\nb=2\n", "a", "345", "# b\na=345\nb=2\n", 0},
		{"# b\na=1\nb=2\n", "a", NULL, "# b\nb=2\n", 0},
		{"a=1\nb=2\na=3\n", "a", "3", "a=3\nb=2\n", 0},
		{"a=1\nb=2\na=3\n", "a", NULL, "b=2\n", 0},
		{"a=1\na=2\na=3\n", "a", NULL, "", 0},
		{"", "a", "x\\y\nz", "a=x\\\\y\\\nz\n", 0},
		{"a=x\\\\y\\\nz\n", "a", "x\\y\nz", "a=x\\\\y\\\nz\n", 1},
		{"a=x\\\\y\\\nz\n", "a", "x\\y", "a=x\\\\y\n", 0},
		{"a=x\\y\n", "a", "xy", "a=x\\y\n", 1},
		{"a=x\\\nb=1\n", "b", "1", "a=x\\\nb=1\nb=1\n", 0},
		{"", "a=", "1", "", -EINVAL},
		{"", "#a", "1", "", -EINVAL},
		{"", "", "1", "", -EINVAL},
		{"", "a\nb", "1", "", -EINVAL},
		{"", "a\\", "1", "", -EINVAL},
		{"word\n", "a", "1", "word\n", -EBADMSG},
	};
	char block[SIZE], expected[SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		make_block(block, vectors[i].before);
		make_block(expected, vectors[i].after);
		CHECK(vectors[i].before,
		      grubenv_set(block, SIZE, vectors[i].name, vectors[i].value) == vectors[i].r);
		CHECK(vectors[i].after, memcmp(block, expected, SIZE) == 0);
	}
}

/* It may be filled to its last byte, and not beyond. */
static void test_room(void **state)
{
	char block[SIZE], old[SIZE], value[SIZE] = "";
	const size_t room = SIZE - strlen(FIRST);

	(void)state;
	make_block(block, "");
	memset(value, 'v', room - 2);
	memcpy(old, block, SIZE);
	assert_int_equal(grubenv_set(block, SIZE, "a", value), -ENOSPC);
	assert_memory_equal(block, old, SIZE);
	value[room - 3] = '\0';
	assert_int_equal(grubenv_set(block, SIZE, "a", value), 0);
	assert_int_equal(block[SIZE - 1], '\n');
	assert_int_equal(grubenv_set(block, SIZE, "b", ""), -ENOSPC);
	value[room - 4] = 'w';
	assert_int_equal(grubenv_set(block, SIZE, "a", value), 0);
	value[room - 4] = '\\';
	assert_int_equal(grubenv_set(block, SIZE, "a", value), -ENOSPC);
	value[room - 5] = '\0';
	assert_int_equal(grubenv_set(block, SIZE, "a", value), 0);
	assert_int_equal(grubenv_set(block, SIZE, "a", NULL), 0);
	make_block(old, "");
	assert_memory_equal(block, old, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("grubenv", tests, NULL, NULL);
}
