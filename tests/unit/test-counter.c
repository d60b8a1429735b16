// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "counter.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

#define NONE (-1)

/* UAPI.1 and systemd's own vectors (test-bootspec.c, bootctl and systemd-boot 257 and 262 as run).
 * done NONE: no -DONE, which we read as 0. left NONE: no counter. */
static const struct {
	const char *name, *id;
	int left, done;
} parse_vectors[] = {
	{"foo.conf", "foo.conf", NONE, NONE},
	{"foo+0.conf", "foo.conf", 0, NONE},
	{"foo+1.conf", "foo.conf", 1, NONE},
	{"foo+2.conf", "foo.conf", 2, NONE},
	{"foo+33.conf", "foo.conf", 33, NONE},
	{"foo+2147483647.conf", "foo.conf", INT_MAX, NONE},
	/* bootctl drops these entries; systemd-boot boots them, uncounted and under their whole
	 * name. So the number is part of the id. */
	{"foo+2147483648.conf", "foo+2147483648.conf", NONE, NONE},
	{"foo+33-2147483648.conf", "foo+33-2147483648.conf", NONE, NONE},
	{"w4+2147483648.conf", "w4+2147483648.conf", NONE, NONE},
	{"wg+1-2147483648.conf", "wg+1-2147483648.conf", NONE, NONE},
	{"foo+99999999999999999999-1.conf", "foo+99999999999999999999-1.conf", NONE, NONE},
	{"foo+33-0.conf", "foo.conf", 33, 0},
	{"foo+33-1.conf", "foo.conf", 33, 1},
	{"foo+33-107.conf", "foo.conf", 33, 107},
	{"foo+33-107.efi", "foo.efi", 33, 107},
	{"foo+33-2147483647.conf", "foo.conf", 33, INT_MAX},
	{"foo+007-000008.conf", "foo.conf", 7, 8},
	{"foo-1.conf", "foo-1.conf", NONE, NONE},
	{"foo-999.conf", "foo-999.conf", NONE, NONE},
	{"foo-.conf", "foo-.conf", NONE, NONE},
	{"foo+.conf", "foo+.conf", NONE, NONE},
	{"+.conf", "+.conf", NONE, NONE},
	{"-.conf", "-.conf", NONE, NONE},
	{"", "", NONE, NONE},
	{"+1.", ".", 1, NONE},
	{"+1-7.", ".", 1, 7},
	{"some+name+24324-22.efi", "some+name.efi", 24324, 22},
	{"sels+2-3+7-6.", "sels+2-3.", 7, 6},
	{"a+1-2..", "a+1-2..", NONE, NONE},
	{"ses.sgesge.+4-1.efi", "ses.sgesge..efi", 4, 1},
	{"abc+0x4.conf", "abc+0x4.conf", NONE, NONE},
	{"def+1-0x3.conf", "def+1-0x3.conf", NONE, NONE},
	{"+1.conf", ".conf", 1, NONE},
	{"fooa+3-.conf", "fooa+3-.conf", NONE, NONE},
	{"foob+-3.conf", "foob+-3.conf", NONE, NONE},
	{"fooh+3-1-2.conf", "fooh+3-1-2.conf", NONE, NONE},
	{"foof++3.conf", "foof+.conf", 3, NONE},
	{"fooi+3-1.CONF", "fooi.CONF", 3, 1},
	{"fooj.x+3-1.conf", "fooj.x.conf", 3, 1},
	{"fool+08-09.conf", "fool.conf", 8, 9},
	{"fooe+3 .conf", "fooe+3 .conf", NONE, NONE},
	{"auto-x+3.conf", "auto-x.conf", 3, NONE},
	{".hidden+3.conf", ".hidden.conf", 3, NONE},
	{"w2+010-099.conf", "w2.conf", 10, 99},
	{"w7+3+4.conf", "w7+3.conf", 4, NONE},
	{"wa+-3.conf", "wa+-3.conf", NONE, NONE},
	{"wc+3.x.conf", "wc+3.x.conf", NONE, NONE},
	{"we+3 .conf", "we+3 .conf", NONE, NONE},
	{"wd.x+3-1.conf", "wd.x.conf", 3, 1},
	/* systemd-boot 262 folds the id to `foo.efi`; we keep the spelling and compare without
	 * case. */
	{"Foo+3.efi", "Foo.efi", 3, NONE},
	/* systemd-bless-boot makes `foox.conf` of this: it does not look at what follows. */
	{"foo+2-1x.conf", "foo+2-1x.conf", NONE, NONE},
	/* systemd-bless-boot reads a leading zero as octal and refuses both. */
	{"foo+09-01.conf", "foo.conf", 9, 1},
	{"foo+2-08.conf", "foo.conf", 2, 8},
	{"foo+2-007.conf", "foo.conf", 2, 7},
	{"foo+00-03.conf", "foo.conf", 0, 3},
	{"foo+3", "foo+3", NONE, NONE},
	{"foo.conf+3", "foo.conf+3", NONE, NONE},
	{"foo+3.conf+4", "foo+3.conf+4", NONE, NONE},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(parse_vectors); i++) {
		const char *name = parse_vectors[i].name;
		int left = parse_vectors[i].left, done = parse_vectors[i].done;
		struct counter c;
		char id[NAME_SIZE];

		CHECK(name, counter_strip(name, id) == 0);
		CHECK(name, strcmp(id, parse_vectors[i].id) == 0);
		CHECK(name, counter_parse(name, NULL) == (left == NONE ? COUNTER_NONE : 0));
		CHECK(name, counter_parse(name, &c) == (left == NONE ? COUNTER_NONE : 0));
		CHECK(name, c.present == (left != NONE));
		CHECK(name, c.left == (left == NONE ? 0 : left));
		CHECK(name, c.done == (done == NONE ? 0 : done));
		CHECK(name, (c.done_width > 0) == (done != NONE));
	}
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(parse_vectors); i++) {
		const char *name = parse_vectors[i].name;
		struct counter c;
		char id[NAME_SIZE], again[NAME_SIZE];

		assert_int_equal(counter_strip(name, id), 0);
		(void)counter_parse(name, &c);
		if (!strchr(id, '.')) {
			CHECK(name, counter_format(id, &c, again) == -EINVAL);
			CHECK(name, again[0] == '\0');
			continue;
		}
		CHECK(name, counter_format(id, &c, again) == 0);
		CHECK(name, strcmp(again, name) == 0);
	}
}

static void test_next(void **state)
{
	static const struct {
		const char *name;
		unsigned int tries;
		const char *next;
	} vectors[] = {
		{"foo+3.conf", 1, "foo+2-1.conf"},
		{"foo+2-1.conf", 1, "foo+1-2.conf"},
		{"foo+1-2.conf", 1, "foo+0-3.conf"},
		{"foo+0-3.conf", 1, "foo+0-4.conf"},
		{"foo+4-0.conf", 1, "foo+3-1.conf"},
		{"foo+1-3.conf", 1, "foo+0-4.conf"},
		{"w5+0.conf", 1, "w5+0-1.conf"},
		{"w7+3+4.conf", 1, "w7+3+3-1.conf"},
		{"Foo+3.efi", 1, "Foo+2-1.efi"},
		/* UAPI.1 since 2025-10 keeps the width; no systemd release does (+9-1, +4-100, and
		 * +9-100 for the fourth). */
		{"foo+10-00.conf", 1, "foo+09-01.conf"},
		{"foo+5-99.conf", 1, "foo+4-99.conf"},
		{"foo+10.conf", 1, "foo+09-1.conf"},
		{"w2+010-099.conf", 1, "w2+009-100.conf"},
		{"foo+5-9.conf", 1, "foo+4-9.conf"},
		/* What is bad stays bad. */
		{"foo+0-9.conf", 1, "foo+0-9.conf"},
		/* The names between are taken by other files. */
		{"foo+3-0.conf", 2, "foo+1-2.conf"},
		{"foo+3-0.conf", 3, "foo+0-3.conf"},
		{"foo+3-0.conf", 5, "foo+0-5.conf"},
		{"foo+3-0.conf", UINT_MAX, "foo+0-9.conf"},
		{"foo+2147483647-2147483647.conf", 1, "foo+2147483646-2147483647.conf"},
		{"foo+2147483647-2147483646.conf", UINT_MAX, "foo+0000000000-2147483647.conf"},
		{"foo+1-00000000000.conf", UINT_MAX, "foo+0-02147483647.conf"},
		{"foo.conf", 1, "foo.conf"},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *name = vectors[i].name;
		struct counter c;
		char id[NAME_SIZE], next[NAME_SIZE];

		(void)counter_parse(name, &c);
		c = counter_next(&c, vectors[i].tries);
		assert_int_equal(counter_strip(name, id), 0);
		CHECK(name, counter_format(id, &c, next) == 0);
		assert_string_equal(next, vectors[i].next);
	}
}

static void test_make(void **state)
{
	static const struct {
		int left, done;
		const char *name;
	} vectors[] = {
		{3, 0, "foo+3-0.conf"},
		{0, COUNTER_BAD_DONE, "foo+0-9.conf"},
		{10, 9, "foo+10-9.conf"},
		{99, 100, "foo+99-100.conf"},
		{INT_MAX, 0, "foo+2147483647-0.conf"},
	};
	char name[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct counter c = counter_make(vectors[i].left, vectors[i].done);

		assert_int_equal(counter_format("foo.conf", &c, name), 0);
		assert_string_equal(name, vectors[i].name);
	}
}

/* What a boot took is given back, in the same widths; or it cannot be told what it was. */
static void test_previous(void **state)
{
	static const struct {
		const char *name, *want;
	} vectors[] = {
		{"a+2-1.conf", "a+3-0.conf"},
		{"a+0-3.conf", "a+1-2.conf"},
		{"a+1-02.conf", "a+2-01.conf"},
		{"a+09-01.conf", "a+10-00.conf"},
		{"a+8-1.conf", "a+9-0.conf"},
		{"a+9-1.conf", NULL}, /* the name would grow */
		{"a+3-0.conf", NULL},
		{"a+3.conf", NULL},
		{"a.conf", NULL},
		{"a+1-9.conf", NULL}, /* DONE has come to its end, perhaps before */
		{"a+1-10.conf", "a+2-09.conf"},
		{"a+2147483647-1.conf", NULL},
		{"a+1-2147483647.conf", NULL},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct counter c, before = {.left = 4711};
		char name[NAME_SIZE];
		int r;

		(void)counter_parse(vectors[i].name, &c);
		r = counter_previous(&c, &before);
		CHECK(vectors[i].name, r == (vectors[i].want ? 0 : COUNTER_NONE));
		CHECK(vectors[i].name, vectors[i].want || before.left == 4711);
		if (!vectors[i].want)
			continue;
		CHECK(vectors[i].name, counter_format("a.conf", &before, name) == 0);
		assert_string_equal(name, vectors[i].want);
		CHECK(vectors[i].name, counter_is_next(&before, 1, &c));
	}
}

static void test_too_long(void **state)
{
	struct counter c = counter_make(3, 0), none = {0};
	char id[NAME_SIZE + 1], name[NAME_SIZE];

	(void)state;
	memset(id, 'x', sizeof(id));
	memcpy(id + NAME_SIZE - 6, ".conf", 6);
	assert_int_equal(strlen(id), NAME_SIZE - 1);
	assert_int_equal(counter_format(id, &none, name), 0);
	assert_int_equal(counter_format(id, &c, name), -ENAMETOOLONG);
	assert_string_equal(name, "");
	assert_int_equal(counter_strip(id, name), 0);
	assert_string_equal(name, id);

	memcpy(id + NAME_SIZE - 5, ".conf", 6);
	assert_int_equal(counter_strip(id, name), -ENAMETOOLONG);
	assert_string_equal(name, "");
	assert_false(counter_same_id(id, id));

	/* Exactly as long as a name can be. */
	id[NAME_SIZE - 10] = '\0';
	memcpy(id + NAME_SIZE - 10, ".conf", 6);
	assert_int_equal(counter_format(id, &c, name), 0);
	assert_int_equal(strlen(name), NAME_SIZE - 1);
}

static void test_same_id(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} vectors[] = {
		{"active+2-1.conf", "active.conf", true},
		{"active+2-1.conf", "ACTIVE+0-9.Conf", true},
		{"Foo.efi", "foo+3.efi", true},
		{"active.conf", "active.efi", false},
		{"active.conf", "active2.conf", false},
		{"active2.conf", "active.conf", false},
		{"active+x.conf", "active.conf", false},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++)
		CHECK(vectors[i].a, counter_same_id(vectors[i].a, vectors[i].b) == vectors[i].same);
}

/* +1-8 is neither armed nor exhausted as others are, and becomes what marks an entry bad. */
static void test_return(void **state)
{
	struct counter back = counter_return(), bad = counter_bad(), next = counter_next(&back, 1);
	char name[NAME_SIZE];

	(void)state;
	assert_int_equal(counter_format("a.conf", &back, name), 0);
	assert_string_equal(name, "a+1-8.conf");
	assert_int_equal(counter_format("a.conf", &bad, name), 0);
	assert_string_equal(name, "a+0-9.conf");
	assert_true(counter_is_return(&back));
	assert_false(counter_is_return(&bad));
	assert_true(counter_is_same(&next, &bad));
	for (int tries = 1; tries <= 8; tries++) /* armed, and what the loader makes of it */
		for (int done = 0; done <= tries; done++) {
			struct counter c = counter_make(tries - done, done);

			assert_false(counter_is_return(&c));
		}
	back.present = false;
	assert_false(counter_is_return(&back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	 cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_next),	 cmocka_unit_test(test_make),
		cmocka_unit_test(test_previous), cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_same_id),	 cmocka_unit_test(test_return),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
