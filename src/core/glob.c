// SPDX-License-Identifier: LGPL-2.1-or-later
#include "glob.h"

#include <stddef.h>

#include "text.h"

/* The character at *p, a backslash in front of it taken off, in lower case. *p moves behind it. */
static unsigned char take_char(const char **p)
{
	if (**p == '\\' && (*p)[1])
		(*p)++;
	return (unsigned char)char_lower(*(*p)++);
}

/* Matches c against the bracket expression at *p (behind its `[`); *p moves behind the `]`. One
 * that is never closed matches nothing, as in systemd-boot (fnmatch(3) takes its `[` literally). */
static bool match_bracket(const char **p, unsigned char c)
{
	const char *s = *p;
	bool negated = *s == '!', found = false, first = true;

	if (negated)
		s++;
	for (; *s && (first || *s != ']'); first = false) {
		unsigned char low = take_char(&s), high = low;

		/* A `-` in front of the closing bracket stands for itself. */
		if (s[0] == '-' && s[1] && s[1] != ']') {
			s++;
			high = take_char(&s);
		}
		if (c >= low && c <= high)
			found = true;
	}
	if (*s != ']')
		return false;
	*p = s + 1;
	return found != negated;
}

/* Matches one character of the text against one element of the pattern, which is no `*`. */
static bool match_one(const char **pattern, char text)
{
	unsigned char c = (unsigned char)char_lower(text);

	switch (**pattern) {
	case '\0':
		return false;
	case '?':
		(*pattern)++;
		return true;
	case '[':
		(*pattern)++;
		return match_bracket(pattern, c);
	case '\\':
		if (!(*pattern)[1])
			return false;
		break;
	}
	return take_char(pattern) == c;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *after_star = NULL, *star_text = NULL;

	/* Only the last `*` ever has to take more: what the earlier ones took is as good as any
	 * other choice. That keeps the time below the product of the lengths. */
	while (*text) {
		if (*pattern == '*') {
			after_star = ++pattern;
			star_text = text;
		} else if (match_one(&pattern, *text)) {
			text++;
		} else if (after_star) {
			pattern = after_star;
			text = ++star_text;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
