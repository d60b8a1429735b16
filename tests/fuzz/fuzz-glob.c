// SPDX-License-Identifier: LGPL-2.1-or-later
#include <strings.h>

#include "fuzz.h"
#include "glob.h"

/* A second matcher: simple, and as slow as it likes. Returns how long the element at p is (0: it
 * matches nothing), and whether it matches c. */
static size_t element(const char *p, char c, bool *ret)
{
	size_t i = 1;
	bool negated, any = false;

	c = char_lower(c);
	if (p[0] == '\\') {
		*ret = char_lower(p[1]) == c;
		return p[1] ? 2 : 0;
	}
	*ret = p[0] == '?' || char_lower(p[0]) == c;
	if (p[0] != '[')
		return 1;
	negated = p[1] == '!';
	i += negated;
	for (size_t first = i; p[i] && (p[i] != ']' || i == first);) {
		unsigned char low, high;

		i += p[i] == '\\' && p[i + 1];
		low = high = (unsigned char)char_lower(p[i++]);
		if (p[i] == '-' && p[i + 1] && p[i + 1] != ']') {
			i++;
			i += p[i] == '\\' && p[i + 1];
			high = (unsigned char)char_lower(p[i++]);
		}
		any = any || ((unsigned char)c >= low && (unsigned char)c <= high);
	}
	*ret = any != negated;
	return p[i] ? i + 1 : 0;
}

static bool matches(const char *p, const char *t)
{
	bool is_match;
	size_t n;

	if (*p == '*')
		return matches(p + 1, t) || (*t && matches(p, t + 1));
	if (!*p || !*t)
		return !*p && !*t;
	n = element(p, *t, &is_match);
	return n > 0 && is_match && matches(p + n, t + 1);
}

/* A pattern, and a text, one a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	char pattern[256], text[256];
	unsigned int stars = 0;

	take_string(&in, pattern, sizeof(pattern));
	take_string(&in, text, sizeof(text));
	for (const char *p = pattern; *p; p++)
		stars += *p == '*';
	/* The slow one needs exponential time. */
	if (stars <= 4 && strlen(text) <= 24)
		must(glob_match(pattern, text) == matches(pattern, text));
	if (!strpbrk(pattern, "*?[\\"))
		must(glob_match(pattern, text) == (strcasecmp(pattern, text) == 0));
	if (strspn(pattern, "*") == strlen(pattern) && pattern[0])
		must(glob_match(pattern, text));
	return 0;
}
