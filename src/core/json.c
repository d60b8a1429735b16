// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "json.h"

static void separate(struct text *t)
{
	if (t->len > 0 && !strchr("{[:", t->buf[t->len - 1]))
		text_char(t, ',');
}

void json_key(struct text *t, const char *key)
{
	separate(t);
	text_json(t, key);
	text_char(t, ':');
}

void json_string(struct text *t, const char *key, const char *value)
{
	json_key(t, key);
	text_json(t, value);
}

void json_number(struct text *t, const char *key, uint64_t value)
{
	json_key(t, key);
	text_uint(t, (unsigned long)value, 0);
}

void json_bool(struct text *t, const char *key, bool value)
{
	json_key(t, key);
	text_str(t, value ? "true" : "false");
}

void json_element(struct text *t, const char *value)
{
	separate(t);
	text_json(t, value);
}

void json_open(struct text *t, const char *key, char bracket)
{
	if (key)
		json_key(t, key);
	else
		separate(t);
	text_char(t, bracket);
}

static void new_line(struct text *t, unsigned int depth)
{
	text_char(t, '\n');
	while (depth-- > 0)
		text_char(t, '\t');
}

/* Copies a string with its quotes; returns what follows it. */
static const char *copy_string(const char *s, struct text *t)
{
	do {
		if (*s == '\\' && s[1])
			text_char(t, *s++);
		text_char(t, *s++);
	} while (*s && *s != '"');
	if (*s)
		text_char(t, *s++);
	return s;
}

void json_indent(const char *compact, struct text *t)
{
	unsigned int depth = 0;

	for (const char *s = compact; *s;) {
		char c = *s;

		if (c == '"') {
			s = copy_string(s, t);
			continue;
		}
		s++;
		if ((c == '}' || c == ']') && depth > 0)
			new_line(t, --depth);
		text_char(t, c);
		if ((c == '{' || c == '[') && (*s == '}' || *s == ']'))
			text_char(t, *s++);
		else if (c == '{' || c == '[')
			new_line(t, ++depth);
		else if (c == ',')
			new_line(t, depth);
		else if (c == ':')
			text_char(t, ' ');
	}
}
