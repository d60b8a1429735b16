// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ladder.h"
#include "text.h"

static void make_config(struct config *c, const char *text)
{
	config_defaults(c);
	config_parse(c, text, strlen(text), NULL, NULL);
}

/* An entry file: "[x:][!]NAME[@SORTKEY[@VERSION]]"; x: it lies on XBOOTLDR, ! it is broken. */
static struct rung make_entry(const struct config *c, const char *word)
{
	struct rung r = {.type = 1};
	size_t n;

	if (strncmp(word, "x:", 2) == 0) {
		r.place = PLACE_XBOOTLDR;
		word += 2;
	}
	if (*word == '!') {
		r.broken = true;
		word++;
	}
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
	assert_int_equal(ladder_match(c, r.id, &r.role, &r.pattern), 0);
	return r;
}

static void fill(struct ladder *l, const struct config *c, const char *words, const char *booted)
{
	memset(l, 0, sizeof(*l));
	while (*words) {
		struct rung r = make_entry(c, words);

		ladder_offer(l, &r, booted);
		words += strcspn(words, " ");
		words += *words == ' ';
	}
	ladder_finish(l, c);
}

/* "NAME", with what is remarkable about it behind it. */
static void tell(const struct ladder *l, char buf[1024])
{
	struct text t;

	text_init(&t, buf, 1024);
	for (unsigned int i = 0; i < l->n; i++) {
		const struct rung *r = &l->rung[i];

		if (i > 0)
			text_char(&t, ' ');
		text_str(&t, r->missing ? r->id : r->name);
		text_str(&t, r->missing ? ":missing" : "");
		text_str(&t, r->broken ? ":broken" : "");
		text_str(&t, r->place == PLACE_XBOOTLDR ? ":xbootldr" : "");
		text_str(&t, r->ambiguous ? ":ambiguous" : "");
		text_str(&t, r->twin_plain ? ":plain-twin" : "");
		text_str(&t, r->twin_counted ? ":counted-twin" : "");
	}
}

struct vector {
	const char *config, *files, *booted, *want;
};

static void run_vectors(const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ladder l;
		struct config c;
		char got[1024];

		make_config(&c, v[i].config);
		fill(&l, &c, v[i].files, v[i].booted);
		tell(&l, got);
		if (strcmp(got, v[i].want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", v[i].files, got, v[i].want);
	}
}

/* The ladder leaves counters out of account: where systemd-boot's menu puts a bad entry last, its
 * rung stays where it is. */
static void test_order(void **state)
{
	static const char any[] = "[Ladder]\nSystem=*\nRecovery=\n";
	static const struct vector v[] = {
		{"", "recovery+3.conf@0003 passive+3.conf@0002 active+2-1.conf@0001", "",
		 "active+2-1.conf passive+3.conf recovery+3.conf"},
		{"", "active+0-3.conf passive+3.conf recovery+3.conf", "",
		 "active+0-3.conf passive+3.conf recovery+3.conf"},
		/* with a sort key before without (vector s08 without its bad mark) */
		{any, "a.conf b.conf c+3.conf@zzz", "", "c+3.conf b.conf a.conf"},
		/* upstream's bootspec_sort: sort key, then version, newest first; then the newest
		   id */
		{any, "a-10.conf a-5.conf b.conf c.conf@xxxx@5 cx.conf@xxxx@10 d.conf@kkkk@100", "",
		 "d.conf cx.conf c.conf b.conf a-10.conf a-5.conf"},
		/* one glob, several versions: the newest first */
		{any, "os_1.9+3.conf os_1.10+3.conf os_1.10~rc1.conf", "",
		 "os_1.10+3.conf os_1.10~rc1.conf os_1.9+3.conf"},
		/* globs come before the menu's order */
		{"[Ladder]\nSystem=b* a*\nRecovery=\n", "a.conf@1 b.conf@2", "", "b.conf a.conf"},
		{"", "RECOVERY.conf Active+3.CONF passive.conf", "",
		 "Active+3.CONF passive.conf RECOVERY.conf"},
	};

	(void)state;
	run_vectors(v, sizeof(v) / sizeof(v[0]));
}

static void test_missing(void **state)
{
	static const struct vector v[] = {
		{"", "", "", "active:missing passive:missing recovery:missing"},
		{"", "passive.conf", "", "active:missing passive.conf recovery:missing"},
		{"[Ladder]\nReset=wipe\n", "active.conf", "",
		 "active.conf passive:missing recovery:missing wipe:missing"},
		{"[Ladder]\nSystem=\nRecovery=\n", "", "", ""},
	};

	(void)state;
	run_vectors(v, sizeof(v) / sizeof(v[0]));
}

static void test_twins(void **state)
{
	static const char only[] = "[Ladder]\nSystem=active\nRecovery=\n";
	static const struct vector v[] = {
		/* the counted one is the state, whatever comes first */
		{only, "active.conf active+2-1.conf", "", "active+2-1.conf:plain-twin"},
		{only, "active+2-1.conf active.conf", "", "active+2-1.conf:plain-twin"},
		/* unless the loader says otherwise */
		{only, "active+3.conf active+2-1.conf", "active+2-1.conf",
		 "active+2-1.conf:counted-twin"},
		/* systemd-boot takes the one with more tries left, then with fewer done */
		{only, "active+2-1.conf active+3.conf", "", "active+3.conf:counted-twin"},
		{only, "active+0-4.conf active+0-3.conf", "", "active+0-3.conf:counted-twin"},
		/* and hides what cannot boot */
		{only, "!active+2-1.conf active+1-2.conf", "", "active+1-2.conf:counted-twin"},
		{only, "active+1-2.conf !active+2-1.conf", "", "active+1-2.conf:counted-twin"},
		{only, "!active+2-1.conf", "", "active+2-1.conf:broken"},
		/* the same name on both partitions: nobody can say which one was booted */
		{only, "active+2-1.conf x:active+2-1.conf", "active+2-1.conf",
		 "active+2-1.conf:ambiguous"},
		{only, "x:active+2-1.conf active+2-1.conf", "", "active+2-1.conf:ambiguous"},
		{only, "active+3.conf x:active+2-1.conf", "active+2-1.conf",
		 "active+2-1.conf:xbootldr:counted-twin"},
		/* a third file does not make it clear, and a name that only one has does */
		{only, "active+2-1.conf x:active+2-1.conf x:active+0-9.conf", "active+2-1.conf",
		 "active+2-1.conf:ambiguous:counted-twin"},
		{only, "x:active+0-9.conf x:active+2-1.conf active+2-1.conf", "active+2-1.conf",
		 "active+2-1.conf:ambiguous:counted-twin"},
		{only, "active+3.conf x:active+3.conf active+2-1.conf", "active+2-1.conf",
		 "active+2-1.conf:counted-twin"},
		{only, "active+3.conf x:active+2-1.conf", "",
		 "active+3.conf:ambiguous:counted-twin"},
	};

	(void)state;
	run_vectors(v, sizeof(v) / sizeof(v[0]));
}

/* Of too many entries the first in order stay, and no role pushes out another. */
static void test_full(void **state)
{
	char word[32];
	struct ladder l = {0};
	struct config c;

	(void)state;
	make_config(&c, "[Ladder]\nSystem=s*\nRecovery=r*\n");
	for (int i = 0; i < 40; i++) {
		struct rung r;

		(void)snprintf(word, sizeof(word), "%c%02d.conf@%02d", i % 4 == 0 ? 'r' : 's', i,
			       (i * 7) % 40);
		r = make_entry(&c, word);
		ladder_offer(&l, &r, "");
	}
	assert_true(l.dropped);
	assert_int_equal(l.n, RUNGS_SYSTEM_MAX + RUNGS_RECOVERY_MAX);
	/* sort keys are i * 7 modulo 40: recovery has those of i = 0, 4, 8 ...: 00 and 04 are first
	 */
	assert_string_equal(l.rung[l.n - 2].sort_key, "00");
	assert_string_equal(l.rung[l.n - 1].sort_key, "04");
	for (unsigned int i = 1; i < RUNGS_SYSTEM_MAX; i++)
		assert_true(strcmp(l.rung[i - 1].sort_key, l.rung[i].sort_key) < 0);
	assert_string_equal(l.rung[0].sort_key, "01");
	/* 01 02 03 05 06 07 09 10 11 13 14 15 */
	assert_string_equal(l.rung[RUNGS_SYSTEM_MAX - 1].sort_key, "15");
}

static void test_exhausted(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} v[] = {
		{"active.conf", false},	      {"active+1-9.conf", false},
		{"active+0.conf", false},     {"active+0-3.conf", false},
		{"active+0-4.conf", true},    {"active+0-9.conf", true},
		{"recovery+0-3.conf", false}, {"recovery+0-4.conf", true},
		{"wipe+0-2.conf", false},     {"wipe+0-3.conf", true},
	};
	struct config c;

	(void)state;
	make_config(&c, "[Ladder]\nReset=wipe\n");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct rung r = make_entry(&c, v[i].name);

		assert_int_equal(ladder_is_exhausted(&c, &r, &r.counter), v[i].want);
	}
}

static void test_match(void **state)
{
	enum role role = ROLE_RESET;
	unsigned int pattern = 99;
	struct config c;

	(void)state;
	make_config(&c, "[Ladder]\nSystem=active other?\nRecovery=*\n");
	assert_int_equal(ladder_match(&c, "OTHER1.conf", &role, &pattern), 0);
	assert_int_equal(role, ROLE_SYSTEM);
	assert_int_equal(pattern, 1);
	/* the suffix is no part of it: `active` means exactly that */
	assert_int_equal(ladder_match(&c, "active2.conf", &role, &pattern), 0);
	assert_int_equal(role, ROLE_RECOVERY);
	make_config(&c, "[Ladder]\nRecovery=\n");
	assert_int_equal(ladder_match(&c, "recovery.conf", &role, &pattern), 1);
}

static int find_word(const struct ladder *l, const char *word)
{
	return ladder_find_word(l, (struct slice){word, strlen(word)});
}

/* What a person writes. A rung that is missing is a glob, and nobody's name. */
static void test_words(void **state)
{
	struct config c;
	struct ladder l;

	(void)state;
	make_config(&c, "[Ladder]\nSystem=active* passive\nRecovery=gone\n");
	fill(&l, &c, "active+2-1.conf active-1.efi passive.conf", "");
	assert_int_equal(find_word(&l, "active"), 0);
	assert_int_equal(find_word(&l, "ACTIVE.conf"), 0);
	assert_int_equal(find_word(&l, "active-1"), 1);
	assert_int_equal(find_word(&l, "Passive"), 2);
	assert_int_equal(find_word(&l, "passiv"), -1);
	assert_int_equal(find_word(&l, "passivx"), -1);
	assert_int_equal(find_word(&l, "gone"), -1);
	assert_int_equal(find_word(&l, ""), -1);
	/* A glob with a suffix matches nothing, but is no file's twin either. */
	make_config(&c, "[Ladder]\nSystem=active.conf *\n");
	fill(&l, &c, "active.conf", "");
	assert_int_equal(find_word(&l, "active"), 1);
	assert_int_equal(ladder_find(&l, "active.conf"), 1);
	assert_true(l.rung[0].missing && !l.rung[1].missing);
	assert_string_equal(ladder_dir(1), "loader/entries");
	assert_string_equal(ladder_dir(2), "EFI/Linux");
	assert_string_equal(place_name(PLACE_XBOOTLDR), "XBOOTLDR");
	assert_string_equal(place_name(PLACE_ESP), "the ESP");
}

/* No file has such a name: it is on no rung, and is no glob either. */
static void test_long_names(void **state)
{
	char id[NAME_SIZE + 16], globs[NAME_SIZE + 64];
	unsigned int pattern;
	struct config c;
	enum role role;

	(void)state;
	memset(id, 'a', sizeof(id));
	memcpy(id + sizeof(id) - 6, ".conf", 6);
	snprintf(globs, sizeof(globs), "[Ladder]\nSystem=%s b*\n", id);
	make_config(&c, globs);
	assert_int_equal(ladder_match(&c, id, &role, &pattern), 1);
	assert_int_equal(ladder_match(&c, "b.conf", &role, &pattern), 0);
	assert_int_equal(pattern, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	  cmocka_unit_test(test_missing),
		cmocka_unit_test(test_twins),	  cmocka_unit_test(test_full),
		cmocka_unit_test(test_exhausted), cmocka_unit_test(test_match),
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
