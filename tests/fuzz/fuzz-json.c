// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "json.h"

static int hex(char c)
{
	return char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10;
}

/* Reads a JSON string (RFC 8259 section 7), whose code points are the bytes of what was written. */
static const char *read_string(const char *s, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	must(*s++ == '"');
	for (; *s != '"'; s++) {
		must(char_is_printable(*s));
		if (*s != '\\') {
			*out++ = *s;
			continue;
		}
		s++;
		if (*s == 'u') {
			must(s[1] == '0' && s[2] == '0' && char_is_hex(s[3]) && char_is_hex(s[4]));
			*out++ = (char)(hex(s[3]) << 4 | hex(s[4]));
			s += 4;
			continue;
		}
		must(*s && strchr(from, *s));
		*out++ = to[strchr(from, *s) - from];
	}
	*out = '\0';
	return s + 1;
}

/* Whatever somebody called a file: what is read is what was written, and no member can be forged.
 * A text that is too long is told to be so, and nothing is written behind its room. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char value[512], back[512], buf[8192], small[64];
	static const char head[] = "{\"name\":", tail[] = ",\"n\":7,\"ok\":true}";
	struct input in = {data, size};
	const char *rest;
	struct text t;

	for (size_t n = 0; n < sizeof(value); n++)
		value[n] = n + 1 < sizeof(value) ? (char)take_byte(&in) : '\0';
	text_init(&t, buf, sizeof(buf));
	text_char(&t, '{');
	json_string(&t, "name", value);
	json_number(&t, "n", 7);
	json_bool(&t, "ok", true);
	text_char(&t, '}');
	must(!t.full && strncmp(buf, head, strlen(head)) == 0);
	rest = read_string(buf + strlen(head), back);
	must(strcmp(rest, tail) == 0 && strcmp(back, value) == 0);
	memset(small, '#', sizeof(small));
	text_init(&t, small, sizeof(small) - 1);
	json_string(&t, "name", value);
	must(small[sizeof(small) - 1] == '#' && small[t.len] == '\0');
	must(t.full || strlen(value) < sizeof(small));
	return 0;
}
