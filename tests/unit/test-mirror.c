// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which entry file of a mirror becomes which one of the booted ESP. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/mirror.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static void read_config(struct config *c, const char *text)
{
	config_defaults(c);
	config_parse(c, text, strlen(text), NULL, NULL);
}

/* Names separated by blanks; those that end in .efi, or .efi.mirror, are of type 2. */
static unsigned int fill(struct mirror_list *l, const struct config *c, const char *names)
{
	struct slice rest = {names, strlen(names)}, word;
	unsigned int n_foreign = 0;

	memset(l, 0, sizeof(*l));
	while (slice_word(&rest, &word)) {
		char name[2 * NAME_SIZE];
		int r;

		assert_int_equal(slice_copy(word, name, sizeof(name)), 0);
		r = mirror_add(l, c, strstr(name, ".efi") ? 2 : 1, name);
		assert_in_range(r, 0, 1);
		n_foreign += r == 1;
	}
	return n_foreign;
}

static const struct vector {
	const char *booted, *mirror, *name, *want; /* NULL = none */
} vectors[] = {
	{"active.conf", "active.conf", "active.conf", "active.conf"},
	{"active.conf", "active+2-1.conf", "active.conf", "active+2-1.conf"},
	{"active.conf", "Active.conf", "active.conf", "Active.conf"},
	{"active.conf", "passive.conf", "active.conf", NULL},
	{"active.conf", "", "active.conf", NULL},
	{"active+3-0.conf", "active.conf active+3-0.conf", "active+3-0.conf", "active+3-0.conf"},
	{"active+3-0.conf", "active+3-0.conf.mirror", "active+3-0.conf", "active+3-0.conf.mirror"},
	{"active+2-1.conf", "active+3-0.conf.mirror", "active+2-1.conf", "active+3-0.conf.mirror"},
	/* of two files of one id, the other one is not taken */
	{"active.conf active+2-1.conf", "active+2-1.conf", "active.conf", NULL},
	{"active.conf active+2-1.conf", "active+3-0.conf", "active.conf", "active+3-0.conf"},
	/* types */
	{"active.conf", "active.efi", "active.conf", NULL},
	{"active.efi", "active+1-2.efi", "active.efi", "active+1-2.efi"},
};

static void test_counterpart(void **state)
{
	struct mirror_list booted, mirror;
	struct config c;

	(void)state;
	read_config(&c, "");
	for (size_t i = 0; i < N(vectors); i++) {
		const struct vector *v = &vectors[i];
		const struct mirror_entry *e, *got;

		(void)fill(&booted, &c, v->booted);
		(void)fill(&mirror, &c, v->mirror);
		e = mirror_find(&booted, strstr(v->name, ".efi") ? 2 : 1, v->name);
		assert_non_null(e);
		got = mirror_counterpart(&mirror, &booted, e);
		if (!got != !v->want || (got && strcmp(got->name, v->want) != 0))
			fail_msg("%zu: %s, not %s", i, got ? got->name : "-",
				 v->want ? v->want : "-");
	}
}

static void test_foreign(void **state)
{
	struct mirror_list l;
	struct config c;

	(void)state;
	read_config(&c, "");
	assert_int_equal(fill(&l, &c,
			      "debian.conf active.txt .bootassess-1 active.conf.off x.mirror "
			      "active.conf.mirror.mirror recovery+1-1.conf active.conf"),
			 6);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.entry[0].name, "active.conf");
	assert_string_equal(l.entry[1].id, "recovery.conf");
	assert_false(l.entry[0].is_off);
	(void)fill(&l, &c, "active+3-0.conf.mirror");
	assert_true(l.entry[0].is_off);
	assert_string_equal(l.entry[0].id, "active.conf");
}

static void test_too_many(void **state)
{
	static struct mirror_list l;
	struct config c;
	char name[NAME_SIZE];

	(void)state;
	read_config(&c, "[Ladder]\nSystem=a*\n");
	for (int i = 0; i < MIRROR_ENTRIES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a%d.conf", i);
		assert_int_equal(mirror_add(&l, &c, 1, name), 0);
	}
	assert_int_equal(mirror_add(&l, &c, 1, "a.conf"), -E2BIG);
	for (unsigned int i = 1; i < l.n; i++)
		assert_true(strcmp(l.entry[i - 1].name, l.entry[i].name) < 0);
}

static void test_complete(void **state)
{
	static const struct {
		const char *names;
		bool want;
	} rows[] = {
		{"active.conf passive+0-3.conf recovery.efi", true},
		{"active.conf recovery.conf", false},
		{"active.conf passive.conf", false},
		{"", false},
	};
	struct mirror_list l;
	struct config c;

	(void)state;
	read_config(&c, "");
	for (size_t i = 0; i < N(rows); i++) {
		(void)fill(&l, &c, rows[i].names);
		assert_int_equal(mirror_is_complete(&l, &c), rows[i].want);
	}
	read_config(&c, "[Ladder]\nSystem=\nRecovery=\n");
	(void)fill(&l, &c, "");
	assert_false(mirror_is_complete(&l, &c));
}

static void test_has_id(void **state)
{
	struct mirror_list booted, mirror;
	struct config c;

	(void)state;
	read_config(&c, "");
	(void)fill(&booted, &c, "active+2-1.conf passive.efi");
	(void)fill(&mirror, &c, "active.conf passive.conf");
	assert_true(mirror_has_id(&booted, &mirror.entry[0]));
	assert_false(mirror_has_id(&booted, &mirror.entry[1]));
}

static void test_is_meant(void **state)
{
	static const struct {
		const char *name, *word;
		bool want;
	} rows[] = {
		{"passive+3-0.conf", "passive", true},	{"passive.conf.mirror", "passive", true},
		{"passive.conf", "Passive.CONF", true}, {"passive.efi", "passive.conf", false},
		{"passive.conf", "passiv", false},	{"passive.conf", "passive+3-0.conf", false},
		{"passive-2.conf", "passive", false},
	};
	struct mirror_list l;
	struct config c;

	(void)state;
	read_config(&c, "[Ladder]\nSystem=passive*\n");
	for (size_t i = 0; i < N(rows); i++) {
		(void)fill(&l, &c, rows[i].name);
		assert_int_equal(l.n, 1);
		if (mirror_is_meant(&l.entry[0], rows[i].word) != rows[i].want)
			fail_msg("%s is \"%s\"?", rows[i].name, rows[i].word);
	}
}

static void test_time(void **state)
{
	(void)state;
	assert_true(mirror_is_same_time(5000000000, 5000000000));
	assert_true(mirror_is_same_time(5999999999, 4000000000));
	assert_true(mirror_is_same_time(4000000000, 5999999999));
	assert_false(mirror_is_same_time(6000000000, 4000000000));
	assert_false(mirror_is_same_time(4000000000, 6000000000));
}

static void test_partuuid(void **state)
{
	char got[NAME_SIZE];
	struct config c;

	(void)state;
	read_config(&c, "");
	assert_int_equal(mirror_partuuid(&c, 0, got), 1);
	read_config(&c, "[Ladder]\nMirrorESP=PARTUUID=0B5A6F80-93b1-4c1d-8a52-1f8e3a7c2d01 what "
			"1234abcd-01 1234abcd-02 1234abcd-03\n");
	assert_int_equal(mirror_partuuid(&c, 0, got), 0);
	assert_string_equal(got, "0b5a6f80-93b1-4c1d-8a52-1f8e3a7c2d01");
	assert_int_equal(mirror_partuuid(&c, 1, got), -EINVAL);
	assert_string_equal(got, "what");
	assert_int_equal(mirror_partuuid(&c, 3, got), 0);
	assert_int_equal(mirror_partuuid(&c, 4, got), -EINVAL); /* one too many */
	assert_string_equal(got, "1234abcd-03");
	assert_int_equal(mirror_partuuid(&c, 5, got), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counterpart), cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_too_many),    cmocka_unit_test(test_complete),
		cmocka_unit_test(test_has_id),	    cmocka_unit_test(test_time),
		cmocka_unit_test(test_partuuid),    cmocka_unit_test(test_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
