// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "json.h"

static void separate(struct text *t)
{
	if (t->len > 0 && !strchr("{[", t->buf[t->len - 1]))
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
