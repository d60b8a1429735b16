// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is to be done with the names that a power cut left in a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "leftover.h"

#define MAX 8

/* entries: "NAME CLUSTER SIZE [FLAGS]; ...": b its chain is broken, d a directory, e an empty one,
 * o one of ours, s it has only a short name. want: one word each: keep, forget, unlink, tell, with
 * the first letter of the cause and, where there is one, the index of the other. */
static const struct row {
	const char *what, *entries, *want;
} rows[] = {
	{"nothing", "active.conf 5 300; passive+3-0.conf 6 300", "keep keep"},
	{"letter case", "A.conf 5 3; .BootAssess-0 5 3", "keep forget-s0"},
	{"temporary alone", ".bootassess-0 9 512; active.conf 5 300", "unlink-t keep"},
	{"temporary without content", ".bootassess-0 0 0", "forget-t"},
	{"temporary with a cluster and no size", ".bootassess-0 9 0", "unlink-t"},
	{"temporary of a rename that was cut", ".bootassess-0 9 512; active.conf 9 512",
	 "forget-s1 keep"},
	{"two temporaries of one chain", ".bootassess-0 9 512; .bootassess-1 9 512",
	 "forget-s1 forget-s0"},
	{"temporary that is broken", ".bootassess-0 9 512 b", "forget-b"},
	{"temporary of a name that is too long for us", ".bootassess-0 9 512;  9 512",
	 "forget-s1 keep"},
	{"two without a cluster share nothing", ".bootassess-0 0 0; empty.conf 0 0",
	 "forget-t keep"},
	{"temporary directory", ".bootassess-0 9 0 d; fedora 8 0 d", "tell-t keep"},
	{"temporary directory, empty", ".bootassess-0 9 0 de; fedora 8 0 d", "unlink-t keep"},
	{"temporary directory, broken", ".bootassess-0 9 0 db; fedora 8 0 d", "forget-b keep"},
	{"our directory, broken", "bootassess 9 0 dob; fedora 8 0 db", "forget-b keep"},
	{"our directory", "bootassess 9 0 do; bootassess2 8 0 doe", "keep keep"},
	{"temporary, short", "BOOTAS~1 9 512 s; a.conf 9 512", "forget-s1 keep"},
	{"the same, with a long name", "BOOTAS~1 9 512; a.conf 8 512", "keep keep"},
	{"temporary directory, short", "BOOTAS~2 9 0 dse", "unlink-t"},
	{"temporary, short and whole", "BOOTAS~12 9 512 s", "unlink-t"},
	{"no temporary", "BOOTAS~ 9 5 s; BOOTAS~1X 8 5 s; BOOTAS~1.CON 7 6 s", "keep keep tell-n"},
	{"of an exchange that was cut", ".bootassess-0 8 0 d; fedora 8 0 d", "forget-s1 keep"},
	{"directories are no entries", "a.conf 8 0 d; a+3-0.conf 8 0 d", "keep keep"},
	{"a name that only begins alike", ".bootassess 9 512; .bootasses-0 9 512",
	 "tell-s1 tell-s0"},

	{"fewer tries left", "active+3-0.conf 5 300; active+2-1.conf 5 300", "forget-s1 keep"},
	{"the same, other order", "active+2-1.conf 5 300; active+3-0.conf 5 300", "keep forget-s0"},
	{"counted before plain", "active.conf 5 300; active+2-1.conf 5 300", "forget-s1 keep"},
	{"more done", "active+0-3.conf 5 300; active+0-9.conf 5 300", "forget-s1 keep"},
	{"put aside", "active.conf.off 5 300; active+0-9.conf 5 300", "keep forget-s0"},
	{"off on a mirror", "active.conf.mirror 5 300; active.conf 5 300", "keep forget-s0"},
	{"put aside, with a number", "active+3-0.conf 5 300; active+3-0.conf.off2 5 300",
	 "forget-s1 keep"},
	{"three", "active+3-0.conf 5 300; active.conf 5 300; active+2-1.conf 5 300",
	 "forget-s2 forget-s2 keep"},
	{"three, of which each claims less than another",
	 "active+1-2.conf 5 300; active+0-3.conf 5 300; active.conf 5 300",
	 "forget-s1 forget-s2 keep"},
	{"the same counter in two widths", "active+3-0.conf 5 300; active+03-0.conf 5 300",
	 "keep forget-s0"},
	{"letter case of ids", "Active+3-0.conf 5 300; active.CONF 5 300", "keep forget-s0"},
	{"one chain, two ids", "active.conf 5 300; passive.conf 5 300", "tell-s1 tell-s0"},
	{"one of them without a size", "active+2-1.conf 5 0; active+3-0.conf 5 300",
	 "forget-s1 keep"},
	{"one chain, broken", "active+2-1.conf 5 300 b; active+3-0.conf 5 300 b", "keep forget-s0"},
	{"of a bless on the last try", "active+0-3.conf 5 300; active.conf 5 300",
	 "forget-s1 keep"},
	{"the same, other order", "active.conf 5 300; active+0-3.conf 5 300", "keep forget-s0"},
	{"of a mark as bad", "active+0-9.conf 5 300; active.conf 5 300", "keep forget-s0"},
	{"a UKI", "a+3-0.efi 5 300; a+2-1.efi 5 300", "forget-s1 keep"},
	{"no suffix, no counter", "a+3-0 5 300; a+2-1 5 300", "tell-s1 tell-s0"},

	{"empty beside whole", "active.conf 0 0; active+2-1.conf 5 300", "forget-e1 keep"},
	{"the name that was to be", "active+2-1.conf 5 300; active+1-2.conf 0 0", "keep forget-e0"},
	{"empty and alone", "active.conf 0 0; passive.conf 5 300", "keep keep"},
	{"both empty", "active.conf 0 0; active+2-1.conf 0 0", "keep keep"},
	{"empty beside broken", "active.conf 0 0; active+2-1.conf 5 300 b", "keep keep"},
	{"broken beside whole", "active.conf 7 300 b; active+2-1.conf 5 300", "forget-b1 keep"},
	{"size without a cluster", "active.conf 0 300 b; active+2-1.conf 5 300", "forget-b1 keep"},
	{"broken and alone", "active.conf 7 300 b", "keep"},
	{"empty beside one that goes",
	 "active.conf 0 0; active+3-0.conf 5 300; active+2-1.conf 5 300",
	 "forget-e2 forget-s2 keep"},
	{"empty, and put aside", "active.conf 0 0; active.conf.off 5 300", "forget-e1 keep"},
	{"a suffix of its own", "active.conf 0 0; active.conf.offer 5 300", "keep keep"},

	{"a copy that was counted", "active+3-0.conf 5 300; active+2-1.conf 6 300",
	 "forget-c1 keep"},
	{"the same, other order", "active+2-1.conf 6 300; active+3-0.conf 5 300", "keep forget-c0"},
	{"not the next one", "active+3-0.conf 5 300; active+1-2.conf 6 300", "keep keep"},
	{"another size", "active+3-0.conf 5 300; active+2-1.conf 6 301", "keep keep"},
	{"plain beside counted", "active.conf 5 300; active+2-1.conf 6 300", "keep keep"},
	{"put aside beside counted", "active+3-0.conf.off 5 300; active+2-1.conf 6 300",
	 "keep keep"},

	{"short and empty", "active.conf 5 300; ACTIVE~1.CON 0 0 s", "keep forget-n"},
	{"short, without content", "ACTIVE~1.EFI 9 0 s; b.efi 5 300", "forget-n keep"},
	{"short and broken", "ACTIVE~1.EFI 9 300 sb; b.efi 5 300", "forget-n keep"},
	{"short, shared", "ACTIVE~1.CON 5 300 s; active+3-0.conf 5 300", "forget-s1 keep"},
	{"short, shared with what claims more", "active.conf 5 300; ACTIVE~9.CON 5 300 s",
	 "keep forget-s0"},
	{"short, shared with another id", "passive.conf 5 300; ACTIVE~1.CON 5 300 s",
	 "keep forget-s0"},
	{"two short, shared", "ACTIVE~1.CON 5 300 s; ACTIVE~2.CON 5 300 s", "tell-n forget-s0"},
	{"short, shared with one without a size", "ACTIVE~1.CON 5 300 s; active.conf 5 0",
	 "tell-n keep"},
	{"short, shared with a temporary", "ACTIVE~1.CON 5 300 s; .bootassess-0 5 300",
	 "tell-n forget-s0"},
	{"short, may be a copy", "ACTIVE~1.CON 5 300 s; active+2-1.conf 6 300", "forget-p1 keep"},
	{"short, of a name with signs", "AB_2-1~1.CON 5 300 s; a.b+2-1.conf 6 300",
	 "forget-p1 keep"},
	{"short, another size", "ACTIVE~1.CON 5 300 s; active+2-1.conf 6 301", "tell-n keep"},
	{"short, another name", "ACTIVE~1.CON 5 300 s; passive.conf 6 300", "tell-n keep"},
	{"short, a shorter name", "ACTIVE~1.CON 5 300 s; act 6 300", "tell-n keep"},
	{"short, and the other is broken", "ACTIVE~1.CON 5 300 s; active.conf 6 300 b",
	 "tell-n keep"},
	{"short, and the other is short", "ACTIVE~1.CON 5 300 s; ACTIVE~2.CON 6 300 s",
	 "tell-n tell-n"},
	{"short, but no number", "ACTIVE.EFI 0 0 s; ~1.CON 0 0 s; ACTIVE~.CON 0 0 s",
	 "keep keep keep"},
	{"so named by somebody", "ACTIVE~1.CON 0 0", "keep"},
};

static unsigned int read_entries(const char *text, struct leftover_entry e[MAX])
{
	unsigned int n = 0;

	memset(e, 0, sizeof(*e) * MAX);
	for (; *text; n++) {
		size_t len = strcspn(text, " ");
		char flags[6] = "";
		int used = 0;

		assert_true(n < MAX);
		memcpy(e[n].name, text, len);
		assert_true(sscanf(text + len, " %u %u %5[bdeos]%n", &e[n].cluster, &e[n].size,
				   flags, &used) >= 2);
		e[n].is_broken = strchr(flags, 'b');
		e[n].is_dir = strchr(flags, 'd');
		e[n].is_empty = strchr(flags, 'e');
		e[n].is_our_dir = strchr(flags, 'o');
		e[n].is_short = strchr(flags, 's');
		text += strcspn(text, ";");
		text += strspn(text, ";");
		text += *text == ' ';
	}
	return n;
}

static void show(const struct leftover_entry *e, unsigned int n, char *out, size_t size)
{
	static const char *const verdicts[] = {"keep", "forget", "unlink", "tell"};
	static const char causes[] = "-tsebcnp";
	size_t len = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < n; i++) {
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? " " : "",
					verdicts[e[i].verdict]);
		if (e[i].cause != LEFTOVER_NONE)
			len += (size_t)snprintf(out + len, size - len, "-%c", causes[e[i].cause]);
		if (e[i].cause > LEFTOVER_TEMPORARY && e[i].other != i)
			len += (size_t)snprintf(out + len, size - len, "%u", e[i].other);
	}
}

static void test_rows(void **state)
{
	struct leftover_entry e[MAX];
	char got[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int n = read_entries(rows[i].entries, e);

		leftover_judge(e, n, true);
		show(e, n, got, sizeof(got));
		if (strcmp(got, rows[i].want) != 0)
			print_error("%s: %s\n", rows[i].what, rows[i].entries);
		assert_string_equal(got, rows[i].want);
	}
}

/* Where there are no boot entries, only temporaries are judged. */
static void test_elsewhere(void **state)
{
	struct leftover_entry e[MAX];
	char got[256];
	unsigned int n;

	(void)state;
	n = read_entries("a.conf 0 0; a+3-0.conf 5 3; a+2-1.conf 5 3; .bootassess-7 5 3; "
			 "A~1.CON 0 0 s; bootassess 9 0 dob",
			 e);
	leftover_judge(e, n, false);
	show(e, n, got, sizeof(got));
	assert_string_equal(got, "keep keep keep forget-s1 keep forget-b");
}

/* No arrangement of names of one id gives the last usable one up. */
static void test_never_the_last(void **state)
{
	static const char *const names[] = {"a.conf", "a+3-0.conf", "a+2-1.conf", "a.conf.off"};
	struct leftover_entry e[4];

	(void)state;
	for (unsigned int code = 0; code < 1u << 16; code++) {
		unsigned int before = 0, after = 0;

		memset(e, 0, sizeof(e));
		for (unsigned int i = 0; i < 4; i++) {
			unsigned int bits = code >> (4 * i) & 15;

			memcpy(e[i].name, names[i], strlen(names[i]));
			e[i].cluster = bits & 3; /* 0 = none */
			e[i].size = bits & 4 ? 300 : 0;
			e[i].is_broken = bits & 8 || (e[i].size && !e[i].cluster);
			before += e[i].size && !e[i].is_broken;
		}
		leftover_judge(e, 4, true);
		for (unsigned int i = 0; i < 4; i++) {
			bool stays = e[i].verdict == LEFTOVER_KEEP;

			after += stays && e[i].size && !e[i].is_broken;
			/* and no two that stay have a chain together */
			for (unsigned int k = 0; k < i; k++)
				assert_false(stays && e[i].cluster &&
					     e[k].verdict == LEFTOVER_KEEP &&
					     e[i].cluster == e[k].cluster);
		}
		assert_int_equal(after > 0, before > 0);
	}
}

static void test_needs_chain(void **state)
{
	struct leftover_entry e[MAX];
	char got[MAX + 1] = "";
	unsigned int n;

	(void)state;
	n = read_entries("a.conf 5 3; a+1-0.conf 6 3; big.conf 7 9; .bootassess-0 8 3; "
			 ".bootassess-1 9 0 d; big.efi 3 3; BIG~1.EFI 4 3 s",
			 e);
	for (unsigned int i = 0; i < n; i++)
		got[i] = leftover_needs_chain(e, n, i) ? 'y' : 'n';
	assert_string_equal(got, "yynyyny");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_never_the_last),
		cmocka_unit_test(test_needs_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
