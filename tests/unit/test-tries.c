// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tries.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

static const char text[] = "active+3.conf active+2-1.conf\n"
			   "not a name\n"
			   "\n"
			   "passive+3.conf passive.conf\r\n"
			   "../evil+3.conf ../evil+2.conf\n"
			   "one.conf other+3.conf\n"
			   "three.conf three+1.conf three+2.conf\n"
			   "lonely+3.conf\n"
			   "Foo.efi  Foo+0-9.efi\n"
			   "active+3.conf active+1-1.conf\n"
			   "recovery+0-4.conf recovery+3-0.conf";

static void test_get(void **state)
{
	static const struct {
		const char *name;
		int r;
		bool present;
		int left, done;
	} vectors[] = {
		{"active+3.conf", 0, true, 2, 1},
		{"ACTIVE+3.CONF", 0, true, 2, 1},
		/* the file was renamed since: its name is the truth */
		{"active+2-1.conf", 1, false, 0, 0},
		{"active.conf", 1, false, 0, 0},
		{"passive+3.conf", 0, false, 0, 0},
		{"foo.efi", 0, true, 0, 9},
		{"recovery+0-4.conf", 0, true, 3, 0},
		{"evil+3.conf", 1, false, 0, 0},
		{"one.conf", 1, false, 0, 0},
		{"three.conf", 1, false, 0, 0},
		{"lonely+3.conf", 1, false, 0, 0},
		{"", 1, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct counter c = {.left = 4711};

		CHECK(vectors[i].name,
		      tries_get(text, strlen(text), vectors[i].name, &c) == vectors[i].r);
		if (vectors[i].r != 0) {
			CHECK(vectors[i].name, c.left == 4711);
			continue;
		}
		CHECK(vectors[i].name, c.present == vectors[i].present);
		CHECK(vectors[i].name, c.left == vectors[i].left && c.done == vectors[i].done);
	}
	assert_int_equal(tries_get(NULL, 0, "active.conf", &(struct counter){0}), 1);
}

static void test_set(void **state)
{
	const struct counter one = counter_make(1, 2), none = {0};
	static const char rest[] = "passive+3.conf passive.conf\nFoo.efi Foo+0-9.efi\n";
	const struct {
		const char *in, *name;
		const struct counter *c;
		const char *out;
	} vectors[] = {
		{"", "active+3.conf", &one, "active+3.conf active+1-2.conf\n"},
		{"", "active.conf", &one, "active.conf active+1-2.conf\n"},
		{"", "active+3.conf", &none, "active+3.conf active.conf\n"},
		{"", "active.conf", NULL, ""},
		/* one line an id, whatever the file was called before */
		{text, "active+0-4.conf", &one,
		 "passive+3.conf passive.conf\nFoo.efi Foo+0-9.efi\nrecovery+0-4.conf "
		 "recovery+3-0.conf\nactive+0-4.conf active+1-2.conf\n"},
		{text, "active+1.conf", NULL,
		 "passive+3.conf passive.conf\nFoo.efi Foo+0-9.efi\nrecovery+0-4.conf "
		 "recovery+3-0.conf\n"},
		{rest, "new.conf", NULL, rest},
	};
	char out[TRIES_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct counter back = {0};
		int n = tries_set(vectors[i].in, strlen(vectors[i].in), vectors[i].name,
				  vectors[i].c, out, sizeof(out));

		CHECK(vectors[i].in, n == (int)strlen(vectors[i].out));
		assert_string_equal(out, vectors[i].out);
		CHECK(vectors[i].in,
		      tries_get(out, (size_t)n, vectors[i].name, &back) == (vectors[i].c ? 0 : 1));
		if (!vectors[i].c)
			continue;
		CHECK(vectors[i].in, back.present == vectors[i].c->present);
		CHECK(vectors[i].in, back.left == vectors[i].c->left);
		CHECK(vectors[i].in, back.done == vectors[i].c->done);
	}
}

static void test_set_errors(void **state)
{
	const struct counter c = counter_make(3, 0);
	char out[32] = "old", long_name[NAME_SIZE];

	(void)state;
	assert_int_equal(tries_set("", 0, "../x.conf", &c, out, sizeof(out)), -EINVAL);
	assert_int_equal(tries_set("", 0, "x\n.conf", &c, out, sizeof(out)), -EINVAL);
	assert_int_equal(tries_set("", 0, "", NULL, out, sizeof(out)), -EINVAL);
	memset(long_name, 'x', sizeof(long_name));
	memcpy(long_name + NAME_SIZE - 6, ".conf", 6);
	assert_int_equal(tries_set("", 0, long_name, &c, out, sizeof(out)), -ENAMETOOLONG);
	assert_string_equal(out, "old");

	assert_int_equal(tries_set("", 0, "b.conf", &c, out, 19), 18);
	assert_string_equal(out, "b.conf b+3-0.conf\n");
	assert_int_equal(tries_set("", 0, "b.conf", &c, out, 18), -ENOSPC);
	assert_int_equal(tries_set("", 0, "b.conf", NULL, out, 0), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_errors),
	};

	return cmocka_run_group_tests_name("tries", tests, NULL, NULL);
}
