// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "grubenv.h"

static const char first_line[] = "# GRUB Environment Block\n";

#define FIRST_LINE (sizeof(first_line) - 1)

struct line {
	size_t start, end; /* with its newline */
	struct slice name; /* empty: a comment */
	struct slice value;
};

/* Where the lines end, and the filling begins. 0 if this is no block. */
static size_t find_filling(const char *block, size_t len)
{
	if (len < FIRST_LINE || memcmp(block, first_line, FIRST_LINE) != 0)
		return 0;
	while (block[len - 1] == '#')
		len--;
	return len;
}

/* Offset of the next newline that is not quoted, or end. */
static size_t find_newline(const char *block, size_t at, size_t end)
{
	while (at < end && block[at] != '\n')
		at += block[at] == '\\' ? 2 : 1;
	return at < end ? at : end;
}

/* The line that begins at start. False if there is something wrong with it. */
static bool read_line(const char *block, size_t start, size_t end, struct line *ret)
{
	size_t newline = find_newline(block, start, end);
	const char *s = block + start, *equals;

	if (newline == end || memchr(s, '\0', newline - start))
		return false;
	*ret = (struct line){.start = start, .end = newline + 1};
	if (s[0] == '#')
		return true;
	equals = memchr(s, '=', newline - start);
	if (!equals || equals == s)
		return false;
	ret->name = (struct slice){s, (size_t)(equals - s)};
	ret->value = (struct slice){equals + 1, (size_t)(block + newline - equals - 1)};
	return !memchr(s, '\n', ret->name.len) && !memchr(s, '\\', ret->name.len);
}

int grubenv_check(const char *block, size_t len, size_t *ret_where)
{
	size_t end = find_filling(block, len), at = FIRST_LINE;
	struct line line;

	if (end == 0) {
		*ret_where = 0;
		return -EBADMSG;
	}
	for (; at < end; at = line.end) {
		if (read_line(block, at, end, &line))
			continue;
		*ret_where = at;
		return -EBADMSG;
	}
	return 0;
}

/* All lines of a variable. */
struct found {
	size_t first; /* where the first one begins; else the end of the lines */
	size_t bytes; /* of all of them */
	unsigned int n;
	struct slice value; /* of the last one, as it is written */
};

static bool is_name(const struct line *line, const char *name)
{
	return line->name.len > 0 && line->name.len == strlen(name) &&
	       memcmp(line->name.s, name, line->name.len) == 0;
}

/* The block is whole. */
static struct found find(const char *block, size_t end, const char *name)
{
	struct found f = {.first = end};
	struct line line;

	for (size_t at = FIRST_LINE; at < end && read_line(block, at, end, &line); at = line.end) {
		if (!is_name(&line, name))
			continue;
		if (f.n == 0)
			f.first = line.start;
		f.bytes += line.end - line.start;
		f.value = line.value;
		f.n++;
	}
	return f;
}

int grubenv_get(const char *block, size_t len, const char *name, char *buf, size_t size)
{
	struct found f;
	struct text t;
	size_t where;

	if (grubenv_check(block, len, &where) < 0)
		return -EBADMSG;
	f = find(block, find_filling(block, len), name);
	if (f.n == 0)
		return 1;
	text_init(&t, buf, size);
	for (size_t i = 0; i < f.value.len; i++) {
		if (f.value.s[i] == '\\')
			i++;
		text_char(&t, f.value.s[i]);
	}
	return t.full ? -ENAMETOOLONG : 0;
}

static bool is_quoted(char c)
{
	return c == '\\' || c == '\n';
}

/* Bytes of a value as it is written. */
static size_t quoted_length(const char *value)
{
	size_t len = 0;

	for (; *value; value++)
		len += is_quoted(*value) ? 2 : 1;
	return len;
}

static bool has_value(struct slice written, const char *value)
{
	size_t i = 0;

	for (; i < written.len && *value; i++, value++) {
		if (written.s[i] == '\\')
			i++;
		if (written.s[i] != *value)
			return false;
	}
	return i == written.len && !*value;
}

/* Takes all lines of a variable out. */
static void remove_lines(char *block, size_t end, const char *name)
{
	struct line line;
	size_t at = FIRST_LINE;

	while (at < end && read_line(block, at, end, &line)) {
		size_t bytes = line.end - line.start;

		at = line.end;
		if (!is_name(&line, name))
			continue;
		memmove(block + line.start, block + line.end, end - line.end);
		memset(block + end - bytes, '#', bytes);
		end -= bytes;
		at = line.start;
	}
}

static void write_line(char *to, const char *name, const char *value)
{
	size_t name_len = strlen(name);

	memcpy(to, name, name_len);
	to += name_len;
	*to++ = '=';
	for (; *value; value++) {
		if (is_quoted(*value))
			*to++ = '\\';
		*to++ = *value;
	}
	*to = '\n';
}

static bool is_valid_name(const char *name)
{
	return name[0] && name[0] != '#' && !strchr(name, '=') && !strchr(name, '\\') &&
	       !strchr(name, '\n');
}

int grubenv_set(char *block, size_t len, const char *name, const char *value)
{
	size_t where, end, bytes;
	struct found f;

	if (!is_valid_name(name))
		return -EINVAL;
	if (grubenv_check(block, len, &where) < 0)
		return -EBADMSG;
	end = find_filling(block, len);
	f = find(block, end, name);
	if (value ? f.n == 1 && has_value(f.value, value) : f.n == 0)
		return 1;
	bytes = value ? strlen(name) + 1 + quoted_length(value) + 1 : 0;
	if (bytes > len - end + f.bytes)
		return -ENOSPC;
	remove_lines(block, end, name);
	if (!value)
		return 0;
	end -= f.bytes;
	memmove(block + f.first + bytes, block + f.first, end - f.first);
	write_line(block + f.first, name, value);
	return 0;
}
