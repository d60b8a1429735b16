// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "glob.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

struct vector {
	const char *pattern, *text;
	bool match;
};

static void check(const struct vector *vectors, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (glob_match(vectors[i].pattern, vectors[i].text) != vectors[i].match)
			fail_msg("glob \"%s\" and \"%s\": not %d", vectors[i].pattern,
				 vectors[i].text, vectors[i].match);
}

/* systemd-boot's own vectors (test-efi-string.c). */
static void test_systemd_boot(void **state)
{
	static const struct vector vectors[] = {
		{"abc", "abc", true},
		/* efi_fnmatch() is only called with both sides in lower case; we fold ourselves. */
		{"aBc", "abc", true},
		{"a?c", "azc", true},
		{"???", "?.9", true},
		{"1?", "1", false},
		{"***", "", true},
		{"*", "", true},
		{"*b*", "abcd", true},
		{"abc*d", "abc", false},
		{"start*end", "startend", true},
		{"start*end", "startenddne", false},
		{"*.conf", "arch.conf", true},
		{"debian-*.conf", "debian-wheezy.conf", true},
		{"debian-*.*", "debian-wheezy.efi", true},
		{"ab*cde", "abzcd", false},
		{"\\*\\a\\[", "*a[", true},
		{"[abc] [abc] [abc]", "a b c", true},
		{"abc]", "abc]", true},
		{"[abc]", "z", false},
		{"[abc", "a", false},
		{"[][!] [][!] [][!]", "[ ] !", true},
		{"[]-] []-]", "] -", true},
		{"[1\\]] [1\\]]", "1 ]", true},
		{"[$-\\+]", "&", true},
		{"[1-3A-C] [1-3A-C]", "2 B", true},
		{"[a-c-f]", "e", false},
		{"[a-c-f]", "-", true},
		{"[--0]", ".", true},
		{"[+--]", ",", true},
		{"[f-l]", "m", false},
		{"[a\\-z]", "b", false},
		{"?a*b[.-0]c", "/a/b/c", true},
		{"debian-*-*-*.*", "debian-jessie-2018-06-17-kernel-image-5.10.0-16-amd64.efi",
		 true},
	};

	(void)state;
	check(vectors, N(vectors));
}

static void test_ours(void **state)
{
	static const struct vector vectors[] = {
		{"", "", true},
		{"", "a", false},
		{"?", "", false},
		{"a", "", false},
		{"active", "ACTIVE", true},
		{"active", "active2", false},
		{"active2", "active", false},
		{"[!abc]", "z", true},
		{"[!abc]", "B", false},
		{"[!]a]", "]", false},
		{"[!]a]", "b", true},
		{"[!]", "!", false},
		{"[]", "]", false},
		{"[^a]", "^", true},
		{"[a-]", "-", true},
		{"[Z-A]", "m", false},
		{"[!-0]", "-", false},
		{"[!-0]", ".", true},
		{"\\", "\\", false},
		{"a\\", "a", false},
		{"\\\\", "\\", true},
		{"[\\", "\\", false},
		{"[a-\\", "a", false},
		{"[", "[", false},
		{"*[", "[", false},
		{"*a", "bab", false},
		{"*a", "baba", true},
		{"*ab*ab", "abab", true},
		{"*ab*ab", "aab", false},
		{"[\x80-\xff]", "\xc3", true},
		{"[\x80-\xff]", "a", false},
		/* Selection patterns as run against systemd-boot, on its ids with suffix. */
		{"active", "active.conf", false},
		{"ACTIVE*", "active.conf", true},
		{"active+3.conf", "active.conf", false},
		{"active*", "active.conf", true},
	};

	(void)state;
	check(vectors, N(vectors));
}

/* fnmatch(3)s that backtrack need longer than the machine lives for these. */
static void test_time(void **state)
{
	char pattern[2 * 200 + 3], text[4096];
	struct timespec start, end;

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(pattern + 2 * i, "a*", 2);
	memcpy(pattern + 400, "b", 2);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';

	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_false(glob_match(pattern, text));
	assert_true(glob_match("a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*r*s*t*u*v*w*x*y*z*",
			       "aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkkllllmmmmnnnnoooo"
			       "ppppqqqqrrrrssssttttuuuuvvvvwwwwxxxxyyyyzzzz!!!!"));
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_systemd_boot),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
