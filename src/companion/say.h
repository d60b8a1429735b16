/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "text.h"

/* Appends all these strings; a NULL among them is nothing. */
#define say(t, ...)                                      \
	say_all((t), (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline void say_all(struct text *t, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_str(t, parts[i]);
}
