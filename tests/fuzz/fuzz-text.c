// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "fuzz.h"

static bool is_inside(struct slice s, struct slice whole)
{
	return s.len == 0 || (s.s >= whole.s && s.s + s.len <= whole.s + whole.len);
}

/* All lines together are the text; words have no blanks. */
static void check_lines(struct slice whole)
{
	struct slice rest = whole, line, word;
	size_t total = 0, newlines = 0, lines = 0;

	for (size_t i = 0; i < whole.len; i++)
		newlines += whole.s[i] == '\n';
	while (slice_line(&rest, &line)) {
		struct slice trimmed = slice_trim(line), words = line;

		must(is_inside(line, whole) && is_inside(trimmed, line));
		must(slice_trim(trimmed).len == trimmed.len);
		total += line.len;
		lines++;
		while (slice_word(&words, &word)) {
			must(word.len > 0 && is_inside(word, line));
			must(!memchr(word.s, ' ', word.len) && !memchr(word.s, '\t', word.len));
		}
	}
	must(lines == newlines || lines == newlines + 1);
	must(total + 2 * newlines >= whole.len && total + newlines <= whole.len);
}

static void check_number(struct slice s)
{
	unsigned long value = 0, max = UINT32_MAX;
	unsigned long long want = 0;
	bool is_number = s.len > 0;
	int r = slice_uint(s, max, &value);

	for (size_t i = 0; i < s.len; i++) {
		is_number = is_number && char_is_digit(s.s[i]);
		if (is_number && want <= max)
			want = want * 10 + (unsigned long long)(s.s[i] - '0');
	}
	if (!is_number)
		must(r == -EINVAL || r == -ERANGE);
	else
		must(want > max ? r == -ERANGE : r == 0 && value == want);
}

/* Nothing that moves a cursor, in ASCII or in UTF-8. */
static void check_printable(struct slice s)
{
	char buf[4096];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable_slice(&t, s);
	must(t.len < sizeof(buf) && buf[t.len] == '\0');
	must(t.full || t.len == s.len);
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)buf[i], next = (unsigned char)buf[i + 1];

		must(c >= ' ' && c != 0x7f);
		must(c != 0xc2 || next < 0x80 || next > 0x9f);
	}
}

static void check_copy(struct slice s)
{
	char buf[32] = "untouched";
	int r = slice_copy(s, buf, sizeof(buf));

	if (r == 0)
		must(strlen(buf) == s.len && memcmp(buf, s.s, s.len) == 0);
	else
		must(strcmp(buf, "untouched") == 0 &&
		     (r == -ENAMETOOLONG ? s.len >= sizeof(buf) : r == -EINVAL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = {(const char *)data, size};

	check_lines(s);
	check_number(s);
	check_number(slice_trim(s));
	check_printable(s);
	if (size > 0)
		check_copy(s);
	return 0;
}
