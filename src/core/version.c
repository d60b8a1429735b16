// SPDX-License-Identifier: LGPL-2.1-or-later
#include "version.h"

#include <string.h>

static bool is_significant(char c)
{
	return char_is_digit(c) || char_is_alpha(c) || c == '~' || c == '-' || c == '^' || c == '.';
}

static bool starts_with(struct slice s, char c)
{
	return s.len > 0 && s.s[0] == c;
}

static void skip(struct slice *s, size_t n)
{
	s->s += n;
	s->len -= n;
}

static void skip_insignificant(struct slice *s)
{
	while (s->len > 0 && !is_significant(s->s[0]))
		skip(s, 1);
}

/* Takes the leading digits or letters off *s. */
static struct slice take_run(struct slice *s, bool (*belongs)(char))
{
	struct slice run = {.s = s->s};

	while (run.len < s->len && belongs(s->s[run.len]))
		run.len++;
	skip(s, run.len);
	return run;
}

/* A separator that only one side has makes that side older. Both: it is taken off. */
static int compare_separator(struct slice *a, struct slice *b, char c)
{
	bool in_a = starts_with(*a, c), in_b = starts_with(*b, c);

	if (in_a && in_b) {
		skip(a, 1);
		skip(b, 1);
	}
	return in_b - in_a;
}

static int compare_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_numbers(struct slice *a, struct slice *b)
{
	struct slice run_a = take_run(a, char_is_digit), run_b = take_run(b, char_is_digit);
	int r = (run_a.len > 0) - (run_b.len > 0);

	/* A number is newer than what is no number. */
	if (r != 0)
		return r;
	while (starts_with(run_a, '0'))
		skip(&run_a, 1);
	while (starts_with(run_b, '0'))
		skip(&run_b, 1);

	/* Without leading zeros the longer number is the larger one, however long both are. */
	r = compare_size(run_a.len, run_b.len);
	return r != 0 || run_a.len == 0 ? r : memcmp(run_a.s, run_b.s, run_a.len);
}

static int compare_letters(struct slice *a, struct slice *b)
{
	struct slice run_a = take_run(a, char_is_alpha), run_b = take_run(b, char_is_alpha);
	size_t common = run_a.len < run_b.len ? run_a.len : run_b.len;
	int r = common > 0 ? memcmp(run_a.s, run_b.s, common) : 0;

	return r != 0 ? r : compare_size(run_a.len, run_b.len);
}

static int compare_component(struct slice *a, struct slice *b)
{
	static const char separators[] = "-^.";
	int r;

	for (size_t i = 0; separators[i]; i++) {
		r = compare_separator(a, b, separators[i]);
		if (r != 0)
			return r;
	}
	if ((a->len > 0 && char_is_digit(a->s[0])) || (b->len > 0 && char_is_digit(b->s[0])))
		return compare_numbers(a, b);
	return compare_letters(a, b);
}

int version_compare(struct slice a, struct slice b)
{
	for (;;) {
		int r;

		skip_insignificant(&a);
		skip_insignificant(&b);
		/* Before the check for the end: `1~rc1` is older than `1`. */
		r = compare_separator(&a, &b, '~');
		if (r != 0)
			return r;
		if (a.len == 0 || b.len == 0)
			return (a.len > 0) - (b.len > 0);
		r = compare_component(&a, &b);
		if (r != 0)
			return r;
	}
}
