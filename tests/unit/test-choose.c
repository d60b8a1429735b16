// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "choose.h"
#include "text.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

enum { V252 = 1, V257, V260 }; /* of systemd-boot; 0: another loader */

/* An entry file: "[-|!]NAME[@SORTKEY[@VERSION]]"; -: it is missing, !: it is broken. */
static struct rung make_entry(const char *word)
{
	struct rung r = {.type = 1};
	size_t n;

	r.missing = *word == '-';
	r.broken = *word == '!';
	word += r.missing || r.broken;
	n = strcspn(word, "@ ");
	memcpy(r.name, word, n);
	word += n;
	if (*word == '@') {
		n = strcspn(word + 1, "@ ");
		memcpy(r.sort_key, word + 1, n);
		word += 1 + n;
	}
	if (*word == '@')
		memcpy(r.version, word + 1, strcspn(word + 1, " "));
	assert_int_equal(counter_strip(r.name, r.id), 0);
	(void)counter_parse(r.name, &r.counter);
	return r;
}

/* Each file is a pattern of its own, in this order, which must not matter to the loader. */
static void fill(struct ladder *l, const char *words)
{
	memset(l, 0, sizeof(*l));
	for (unsigned int i = 0; *words; i++) {
		struct rung r = make_entry(words);

		r.pattern = i;
		ladder_offer(l, &r, "");
		words += strcspn(words, " ");
		words += *words == ' ';
	}
}

struct vector {
	const char *what, *files;
	int loader;
	const char *preferred, *preferred_conf, *variable, *conf; /* NULL = not set */
	const char *saved;
	const char *want;
};

static void copy(char to[NAME_SIZE], const char *from)
{
	memset(to, 0, NAME_SIZE);
	if (from)
		memcpy(to, from, strlen(from) + 1);
}

static void fill_settings(struct settings *s, const struct vector *v)
{
	memset(s, 0, sizeof(*s));
	s->known = v->loader != 0;
	s->has_preferred = v->loader == V260;
	s->ids_have_counters = v->loader == V252;
	copy(s->value[SETTING_PREFERRED_VARIABLE], v->preferred);
	copy(s->value[SETTING_PREFERRED_FILE], v->preferred_conf);
	copy(s->value[SETTING_DEFAULT_VARIABLE], v->variable);
	copy(s->value[SETTING_DEFAULT_FILE], v->conf);
	copy(s->saved, v->saved);
}

static void tell(const struct ladder *l, struct choice c, char buf[512])
{
	struct text t;

	text_init(&t, buf, 512);
	text_str(&t, c.rung >= 0 ? l->rung[c.rung].id : "none");
	text_str(&t, " by ");
	text_str(&t, setting_name(&(struct settings){0}, c.by));
}

static void run_vectors(const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct settings s;
		struct ladder l;
		char got[512];

		fill(&l, v[i].files);
		fill_settings(&s, &v[i]);
		tell(&l, choose_next(&l, &s), got);
		if (strcmp(got, v[i].want) != 0)
			fail_msg("%s: %s:\n  got  %s\n  want %s", v[i].what, v[i].files, got,
				 v[i].want);
	}
}

#define ORDER	       " by the loader's own order"
#define BY_PREFERRED   " by LoaderEntryPreferred"
#define BY_PREFERRED_2 " by preferred in loader.conf"
#define BY_DEFAULT     " by LoaderEntryDefault"
#define BY_DEFAULT_2   " by default in loader.conf"

/* boot.c boot_entry_compare(); s01 to s08 were seen with systemd-boot 262 and bootctl. */
static void test_order(void **state)
{
	static const struct vector v[] = {
		{.what = "s01",
		 .files = "recovery+3.conf@0003 passive+3.conf@0002 active+2-1.conf@0001",
		 .want = "active.conf" ORDER},
		{.what = "s02, D1",
		 .files = "active+0-3.conf@0001 passive+3.conf@0002 recovery+3.conf@0003",
		 .want = "passive.conf" ORDER},
		{.what = "s03",
		 .files = "active+0-3.conf@0001 passive+0-3.conf@0002 recovery+3.conf@0003",
		 .want = "recovery.conf" ORDER},
		{.what = "s04, D8",
		 .files = "passive+0-3.conf@0002 active+0-3.conf@0001 recovery+0-3.conf@0003",
		 .want = "active.conf" ORDER},
		{.what = "s05: tries done play no part between different keys",
		 .files = "passive+0-3.conf@0002 active+0-9.conf@0001 recovery+0-1.conf@0003",
		 .want = "active.conf" ORDER},
		{.what = "s08", .files = "a+0.conf b.conf c+3.conf@zzz", .want = "c.conf" ORDER},
		{.what = "bad comes last even with a sort key",
		 .files = "a+0.conf@1 b.conf",
		 .want = "b.conf" ORDER},
		{.what = "no counter and tries left are the same",
		 .files = "a+1-2.conf@1 b.conf@2",
		 .want = "a.conf" ORDER},
		{.what = "the newest version",
		 .files = "a.conf@k@9 b.conf@k@10",
		 .want = "b.conf" ORDER},
		{.what = "the newest id",
		 .files = "os-9.conf os-10.conf",
		 .want = "os-10.conf" ORDER},
		{.what = "missing", .files = "-a.conf@1 b.conf@2", .want = "b.conf" ORDER},
		{.what = "broken: the loader does not know",
		 .files = "!a.conf@1 b.conf@2",
		 .want = "a.conf" ORDER},
		{.what = "none", .files = "-a.conf", .want = "none" ORDER},
		{.what = "empty", .files = "", .want = "none" ORDER},
		{.what = "the plain twin of a bad file is not bad",
		 .files = "a+0-3.conf@1 a.conf@1 b.conf@2",
		 .want = "a.conf" ORDER},
		/* version_compare() takes no notice of the `_` */
		{.what = "ids that are the same in order: more left",
		 .files = "x_+1-0.conf x+2-1.conf",
		 .want = "x.conf" ORDER},
		{.what = "fewer done", .files = "x_+2-2.conf x+2-1.conf", .want = "x.conf" ORDER},
		{.what = "only between two that have a counter",
		 .files = "x.conf@1 x_+1-2.conf@1",
		 .want = "x.conf" ORDER},
		{.what = "both twins are bad",
		 .files = "a+0-3.conf@1 a+0-4.conf@1 b.conf@2",
		 .want = "b.conf" ORDER},
	};
	struct vector one;

	(void)state;
	for (size_t i = 0; i < N(v); i++)
		for (int loader = V252; loader <= V260; loader++) {
			one = v[i];
			one.loader = loader;
			run_vectors(&one, 1);
		}
}

/* D2 to D10. */
static void test_settings(void **state)
{
	static const char files[] = "active+0-3.conf@0001 passive+3.conf@0002";
	static const struct vector v[] = {
		{.what = "D2",
		 .files = files,
		 .loader = V257,
		 .variable = "active.conf",
		 .want = "active.conf" BY_DEFAULT},
		{.what = "D3",
		 .files = files,
		 .loader = V260,
		 .conf = "active.conf",
		 .want = "active.conf" BY_DEFAULT_2},
		{.what = "D4",
		 .files = files,
		 .loader = V260,
		 .preferred = "active.conf",
		 .want = "passive.conf" ORDER},
		{.what = "D5",
		 .files = files,
		 .loader = V260,
		 .preferred_conf = "active.conf",
		 .want = "passive.conf" ORDER},
		{.what = "D4 of a good one",
		 .files = "active.conf@2 passive.conf@1",
		 .loader = V260,
		 .preferred = "active.conf",
		 .want = "active.conf" BY_PREFERRED},
		{.what = "D5 of an armed one",
		 .files = "active+1-2.conf@2 passive.conf@1",
		 .loader = V260,
		 .preferred_conf = "active.conf",
		 .want = "active.conf" BY_PREFERRED_2},
		{.what = "preferred is not heard before 260",
		 .files = "active.conf@2 passive.conf@1",
		 .loader = V257,
		 .preferred = "active.conf",
		 .preferred_conf = "active.conf",
		 .want = "passive.conf" ORDER},
		{.what = "D6",
		 .files = "active+3.conf@0002 passive.conf@0001",
		 .loader = V257,
		 .conf = "active+3.conf",
		 .want = "passive.conf" ORDER},
		{.what = "D6 up to 252",
		 .files = "active+3.conf@0002 passive.conf@0001",
		 .loader = V252,
		 .conf = "active+3.conf",
		 .want = "active.conf" BY_DEFAULT_2},
		{.what = "an id does not match up to 252",
		 .files = "active+3.conf@0002 passive.conf@0001",
		 .loader = V252,
		 .conf = "active.conf",
		 .want = "passive.conf" ORDER},
		{.what = "D9",
		 .files = "active.conf@2 passive.conf@1",
		 .loader = V257,
		 .conf = "active",
		 .want = "passive.conf" ORDER},
		{.what = "D10",
		 .files = "active.conf@2 passive.conf@1",
		 .loader = V257,
		 .conf = "ACTIVE*",
		 .want = "active.conf" BY_DEFAULT_2},
		{.what = "letter case of the file",
		 .files = "Active.CONF@2 passive.conf@1",
		 .loader = V257,
		 .conf = "active.conf",
		 .want = "Active.CONF" BY_DEFAULT_2},
		{.what = "a pattern takes the first in order, bad ones last",
		 .files = "a1+0-3.conf@1 a3.conf@3 a2.conf@2 b.conf@0",
		 .loader = V257,
		 .conf = "a*",
		 .want = "a2.conf" BY_DEFAULT_2},
		{.what = "a missing rung matches nothing",
		 .files = "-active.conf passive.conf",
		 .loader = V260,
		 .preferred = "active.conf",
		 .variable = "active.conf",
		 .want = "passive.conf" ORDER},
	};

	(void)state;
	run_vectors(v, N(v));
}

/* Each one in front of those after it, and passed over where it matches nothing. */
static void test_precedence(void **state)
{
	static const char files[] = "a.conf@1 b.conf@2 c.conf@3 d.conf@4 e.conf@5";
	static const struct vector v[] = {
		{.what = "all",
		 .files = files,
		 .loader = V260,
		 .preferred = "b.conf",
		 .preferred_conf = "c.conf",
		 .variable = "d.conf",
		 .conf = "e.conf",
		 .want = "b.conf" BY_PREFERRED},
		{.what = "all but one",
		 .files = files,
		 .loader = V260,
		 .preferred = "x",
		 .preferred_conf = "c.conf",
		 .variable = "d.conf",
		 .conf = "e.conf",
		 .want = "c.conf" BY_PREFERRED_2},
		{.what = "two",
		 .files = files,
		 .loader = V260,
		 .variable = "d.conf",
		 .preferred = "x",
		 .preferred_conf = "x",
		 .conf = "e.conf",
		 .want = "d.conf" BY_DEFAULT},
		{.what = "one",
		 .files = files,
		 .loader = V260,
		 .variable = "x",
		 .conf = "e.conf",
		 .want = "e.conf" BY_DEFAULT_2},
		{.what = "none matches",
		 .files = files,
		 .loader = V260,
		 .preferred = "x",
		 .preferred_conf = "x",
		 .variable = "x",
		 .conf = "x",
		 .want = "a.conf" ORDER},
		{.what = "the bad one falls to default",
		 .files = "a.conf@1 b+0-3.conf@2",
		 .loader = V260,
		 .preferred = "b.conf",
		 .conf = "b.conf",
		 .want = "b.conf" BY_DEFAULT_2},
		{.what = "saved",
		 .files = files,
		 .loader = V257,
		 .variable = "@saved",
		 .conf = "e.conf",
		 .saved = "c.conf",
		 .want = "c.conf" BY_DEFAULT},
		{.what = "saved in the file",
		 .files = files,
		 .loader = V257,
		 .conf = "@saved",
		 .saved = "c.conf",
		 .want = "c.conf" BY_DEFAULT_2},
		{.what = "nothing saved",
		 .files = files,
		 .loader = V257,
		 .variable = "@saved",
		 .conf = "e.conf",
		 .want = "e.conf" BY_DEFAULT_2},
		{.what = "preferred saved that is bad",
		 .files = "a.conf@1 b+0-3.conf@2",
		 .loader = V260,
		 .preferred = "@saved",
		 .saved = "b.conf",
		 .want = "a.conf" ORDER},
		{.what = "another loader",
		 .files = files,
		 .preferred = "b.conf",
		 .variable = "b.conf",
		 .want = "none" ORDER},
	};

	(void)state;
	run_vectors(v, N(v));
}

/* Where the name could not be changed, the loader sees what the name says. */
static void test_counter_in_variable(void **state)
{
	struct settings s = {.known = true};
	struct ladder l;

	(void)state;
	fill(&l, "a+3-0.conf@1 b.conf@2");
	l.rung[0].counter = counter_make(0, 3);
	l.rung[0].in_variable = true;
	assert_int_equal(choose_next(&l, &s).rung, 0);
	l.rung[0].in_variable = false; /* then the name is an old one */
	assert_int_equal(choose_next(&l, &s).rung, 1);
	fill(&l, "a+0-3.conf@1 b.conf@2");
	l.rung[0].counter = (struct counter){0};
	l.rung[0].in_variable = true;
	assert_int_equal(choose_next(&l, &s).rung, 1);
}

static void test_matches(void **state)
{
	static const struct {
		const char *file, *pattern;
		int loader;
		enum setting by;
		bool want;
	} v[] = {
		{"a+3.conf", "a.conf", V257, SETTING_DEFAULT_FILE, true},
		{"a+3.conf", "A*", V257, SETTING_DEFAULT_VARIABLE, true},
		{"a+3.conf", "a+3.conf", V257, SETTING_DEFAULT_FILE, false},
		{"a+3.conf", "a+3.conf", V252, SETTING_DEFAULT_FILE, true},
		{"a+3.conf", "a.conf", V252, SETTING_DEFAULT_FILE, false},
		{"a+0-3.conf", "a.conf", V260, SETTING_PREFERRED_VARIABLE, true}, /* by pattern */
		{"a.conf", "a.conf", V257, SETTING_PREFERRED_VARIABLE, false},
		{"a.conf", "", V260, SETTING_DEFAULT_FILE, false},
		{"a.conf", "@saved", V260, SETTING_DEFAULT_FILE, true},
		{"b.conf", "@saved", V260, SETTING_DEFAULT_FILE, false},
		{"-a.conf", "a.conf", V260, SETTING_DEFAULT_FILE, false},
		{"a.conf", "a.conf", 0, SETTING_DEFAULT_FILE, false},
	};
	struct settings s;
	struct rung r;

	(void)state;
	for (size_t i = 0; i < N(v); i++) {
		fill_settings(&s, &(struct vector){.loader = v[i].loader, .saved = "a.conf"});
		copy(s.value[v[i].by], v[i].pattern);
		r = make_entry(v[i].file);
		if (choose_matches(&s, v[i].by, &r) != v[i].want)
			fail_msg("row %zu: %s, %s", i, v[i].file, v[i].pattern);
		assert_false(choose_matches(&s, SETTING_ORDER, &r));
	}
}

/* An entry on no rung, by its id in LoaderEntries. */
static void test_matches_id(void **state)
{
	static const struct {
		const char *id, *pattern;
		int loader;
		enum setting by;
		bool want;
	} v[] = {
		{"rescue.conf", "rescue.conf", V257, SETTING_DEFAULT_VARIABLE, true},
		{"rescue.conf", "RESC*", V257, SETTING_DEFAULT_FILE, true},
		{"rescue.conf", "a.conf", V257, SETTING_DEFAULT_FILE, false},
		{"rescue.conf", "", V257, SETTING_DEFAULT_FILE, false},
		{"rescue.conf", "@saved", V257, SETTING_DEFAULT_FILE, false},
		{"a.conf", "@saved", V257, SETTING_DEFAULT_FILE, true},
		{"rescue+2-1.conf", "rescue.conf", V252, SETTING_DEFAULT_FILE, false},
		{"rescue+0-3.conf", "rescue*", V252, SETTING_DEFAULT_FILE, true},
		{"rescue.conf", "rescue.conf", V257, SETTING_PREFERRED_FILE, false},
		{"rescue.conf", "rescue.conf", V260, SETTING_PREFERRED_VARIABLE, true},
		{"rescue+0-3.conf", "rescue*", V260, SETTING_PREFERRED_FILE, false}, /* spent */
		{"rescue.conf", "rescue.conf", 0, SETTING_DEFAULT_VARIABLE, false},
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < N(v); i++) {
		fill_settings(&s, &(struct vector){.loader = v[i].loader, .saved = "a.conf"});
		copy(s.value[v[i].by], v[i].pattern);
		if (choose_matches_id(&s, v[i].by, v[i].id) != v[i].want)
			fail_msg("row %zu: %s, %s", i, v[i].id, v[i].pattern);
		assert_false(choose_matches_id(&s, SETTING_ORDER, v[i].id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	   cmocka_unit_test(test_settings),
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_counter_in_variable),
		cmocka_unit_test(test_matches),	   cmocka_unit_test(test_matches_id),
	};

	return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
