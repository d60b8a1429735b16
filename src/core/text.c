// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.h"

#include <errno.h>
#include <string.h>

#include "printable.h"

void text_init(struct text *t, char *buf, size_t size)
{
	*t = (struct text){.buf = buf, .size = size};
	buf[0] = '\0';
}

void text_char(struct text *t, char c)
{
	if (t->len + 1 >= t->size) {
		t->full = true;
		return;
	}
	t->buf[t->len++] = c;
	t->buf[t->len] = '\0';
}

void text_slice(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.len && !t->full; i++)
		text_char(t, s.s[i]);
}

void text_str(struct text *t, const char *s)
{
	if (s)
		text_slice(t, (struct slice){s, strlen(s)});
}

void text_printable_slice(struct text *t, struct slice s)
{
	while (s.len > 0 && !t->full) {
		size_t n = printable_len(s.s, s.len);

		if (n == 0)
			text_char(t, '?');
		else
			text_slice(t, (struct slice){s.s, n});
		s.s += n > 0 ? n : 1;
		s.len -= n > 0 ? n : 1;
	}
}

void text_printable(struct text *t, const char *s)
{
	text_printable_slice(t, (struct slice){s, strlen(s)});
}

void text_uint(struct text *t, unsigned long value, unsigned int width)
{
	char digits[3 * sizeof(value)];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);

	for (; width > n && !t->full; width--)
		text_char(t, '0');
	while (n > 0)
		text_char(t, digits[--n]);
}

static void json_char(struct text *t, char c)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char byte = (unsigned char)c;

	if (c == '"' || c == '\\') {
		text_char(t, '\\');
		text_char(t, c);
	} else if (char_is_printable(c)) {
		text_char(t, c);
	} else {
		text_str(t, "\\u00");
		text_char(t, hex[byte >> 4]);
		text_char(t, hex[byte & 15]);
	}
}

void text_json(struct text *t, const char *s)
{
	if (!s) {
		text_str(t, "null");
		return;
	}
	text_char(t, '"');
	for (; *s && !t->full; s++)
		json_char(t, *s);
	text_char(t, '"');
}

bool slice_is(struct slice s, const char *word)
{
	size_t i;

	for (i = 0; i < s.len && word[i]; i++)
		if (char_lower(s.s[i]) != char_lower(word[i]))
			return false;
	return i == s.len && !word[i];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && (is_blank(s.s[0]) || s.s[0] == '\r')) {
		s.s++;
		s.len--;
	}
	while (s.len > 0 && (is_blank(s.s[s.len - 1]) || s.s[s.len - 1] == '\r'))
		s.len--;
	return s;
}

bool slice_line(struct slice *rest, struct slice *ret_line)
{
	struct slice line = *rest;
	const char *newline;

	if (rest->len == 0)
		return false;

	newline = memchr(rest->s, '\n', rest->len);
	if (newline) {
		line.len = (size_t)(newline - line.s);
		rest->s = newline + 1;
		rest->len -= line.len + 1;
		if (line.len > 0 && line.s[line.len - 1] == '\r')
			line.len--;
	} else {
		rest->s += rest->len;
		rest->len = 0;
	}
	*ret_line = line;
	return true;
}

bool slice_word(struct slice *rest, struct slice *ret_word)
{
	struct slice word;

	while (rest->len > 0 && is_blank(rest->s[0])) {
		rest->s++;
		rest->len--;
	}
	if (rest->len == 0)
		return false;

	word = (struct slice){.s = rest->s};
	while (rest->len > 0 && !is_blank(rest->s[0])) {
		rest->s++;
		rest->len--;
		word.len++;
	}
	*ret_word = word;
	return true;
}

int slice_copy(struct slice s, char *buf, size_t size)
{
	if (s.len >= size)
		return -ENAMETOOLONG;
	if (s.len > 0) {
		if (memchr(s.s, '\0', s.len))
			return -EINVAL;
		memmove(buf, s.s, s.len);
	}
	buf[s.len] = '\0';
	return 0;
}

int slice_uint(struct slice s, unsigned long max, unsigned long *ret)
{
	unsigned long value = 0;
	bool above = false;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		unsigned long digit = (unsigned long)(s.s[i] - '0');

		if (!char_is_digit(s.s[i]))
			return -EINVAL;
		/* Goes on after an overflow: "99999999999999999999x" is no number at all. */
		if (above || digit > max || value > (max - digit) / 10)
			above = true;
		else
			value = value * 10 + digit;
	}
	if (above)
		return -ERANGE;
	*ret = value;
	return 0;
}

void text_wrap(struct text *t, const char *words, size_t indent)
{
	struct slice rest = {words, strlen(words)}, word;
	size_t column = indent;

	while (slice_word(&rest, &word)) {
		if (column > indent && column + 1 + word.len > TEXT_LINE_WIDTH) {
			text_char(t, '\n');
			for (column = 0; column < indent; column++)
				text_char(t, ' ');
		} else if (column > indent) {
			text_char(t, ' ');
			column++;
		}
		text_printable_slice(t, word);
		column += word.len;
	}
	text_char(t, '\n');
}
