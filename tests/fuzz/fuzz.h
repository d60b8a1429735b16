/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What the targets have in common: the input is taken apart from its beginning. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that does not hold is a crash. */
static inline void must(bool ok)
{
	if (!ok)
		__builtin_trap();
}

struct input {
	const uint8_t *data;
	size_t left;
};

/* The next byte; 0 at the end. */
static inline uint8_t take_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

/* The next byte, as a number below n. */
static inline unsigned int take_below(struct input *in, unsigned int n)
{
	return take_byte(in) % n;
}

/* The rest of the line, without NUL bytes, cut to size; it ends at a newline or at the end. */
static inline void take_string(struct input *in, char *buf, size_t size)
{
	size_t n = 0;

	while (in->left > 0) {
		uint8_t c = take_byte(in);

		if (c == '\n')
			break;
		if (c && n + 1 < size)
			buf[n++] = (char)c;
	}
	buf[n] = '\0';
}

/* The rest of the line as a piece of the input: a byte too far is found. */
static inline struct slice take_line(struct input *in)
{
	struct slice s = {(const char *)in->data, 0};

	while (in->left > 0 && take_byte(in) != '\n')
		s.len++;
	return s;
}

/* A copy of just these bytes, so that a byte too far is found; to be freed. */
static inline char *copy_of(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	if (!copy)
		abort();
	if (s.len > 0)
		memcpy(copy, s.s, s.len);
	return copy;
}
