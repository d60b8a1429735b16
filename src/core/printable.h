/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What may be shown on a terminal. All in this header, so that the log (doors/log) goes by the same
 * rule. */

/* Control characters, what ends a line, and what turns the direction of writing around (UAX #9): by
 * these, text of somebody else could look like ours. And what is no character. */
static inline bool printable_is_control(unsigned long c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff;
}

/* How many bytes (1 to 4) the character has that s begins with, len: 1.. bytes; 0 if it is not to
 * be shown, or no UTF-8 (RFC 3629). */
static inline size_t printable_len(const char *s, size_t len)
{
	static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s[0];
	size_t n = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	unsigned long c = n < 2 ? first : first & (0xffu >> (n + 1));

	if (n == 0 || n > len || first >= 0xf8)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	return c < least[n] || printable_is_control(c) ? 0 : n;
}
