// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "text.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

static struct slice slice(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static void test_append(void **state)
{
	char buf[64];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	assert_string_equal(buf, "");
	text_str(&t, "a");
	text_str(&t, NULL);
	text_char(&t, 'b');
	text_slice(&t, (struct slice){"cdef", 2});
	text_slice(&t, (struct slice){NULL, 0});
	text_uint(&t, 0, 0);
	text_uint(&t, 7, 3);
	text_uint(&t, 1234, 3);
	text_uint(&t, ULONG_MAX, 0);
	assert_string_equal(buf, ULONG_MAX == 0xffffffff ? "abcd000712344294967295"
							 : "abcd0007123418446744073709551615");
	assert_int_equal(t.len, strlen(buf));
	assert_false(t.full);
}

static void test_full(void **state)
{
	char buf[6] = "xxxxx";
	struct text t;

	(void)state;
	text_init(&t, buf, 5);
	text_str(&t, "abcd");
	assert_false(t.full);
	text_str(&t, "e");
	assert_true(t.full);
	assert_string_equal(buf, "abcd");
	text_uint(&t, 5, UINT_MAX);
	text_json(&t, "x");
	assert_string_equal(buf, "abcd");
	assert_int_equal(t.len, 4);

	text_init(&t, buf, 1);
	assert_string_equal(buf, "");
	text_char(&t, 'x');
	assert_true(t.full);
	assert_string_equal(buf, "");
}

static void test_json(void **state)
{
	static const struct {
		const char *s, *json;
	} vectors[] = {
		{NULL, "null"},
		{"", "\"\""},
		{"active.conf", "\"active.conf\""},
		{"a\"b\\c/", "\"a\\\"b\\\\c/\""},
		{"\n\t\x01\x1f ~", "\"\\u000a\\u0009\\u0001\\u001f ~\""},
		{"\x7f\x80\xff\xc3\xa4", "\"\\u007f\\u0080\\u00ff\\u00c3\\u00a4\""},
	};
	char buf[80];
	struct text t;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		text_init(&t, buf, sizeof(buf));
		text_json(&t, vectors[i].s);
		assert_string_equal(buf, vectors[i].json);
		assert_false(t.full);
	}
}

static void test_slice_is(void **state)
{
	(void)state;
	assert_true(slice_is(slice("abc"), "ABC"));
	assert_true(slice_is(slice(""), ""));
	assert_true(slice_is((struct slice){NULL, 0}, ""));
	assert_false(slice_is(slice("abc"), "ab"));
	assert_false(slice_is(slice("ab"), "abc"));
	assert_false(slice_is(slice("abd"), "abc"));
	/* `[` and `{` differ in the same bit as letters of different case. */
	assert_false(slice_is(slice("["), "{"));
	assert_false(slice_is(slice("@"), "`"));
}

static void test_trim(void **state)
{
	struct slice s = slice_trim(slice(" \t\ra b\r \t"));

	(void)state;
	assert_true(slice_is(s, "a b"));
	assert_int_equal(slice_trim(slice(" \t\r ")).len, 0);
	assert_int_equal(slice_trim((struct slice){NULL, 0}).len, 0);
}

static void test_lines(void **state)
{
	static const char *const lines[] = {"a", "", "b\rc", " d ", "e\r"};
	struct slice rest = slice("a\n\r\nb\rc\r\n d \ne\r"), line;

	(void)state;
	for (size_t i = 0; i < N(lines); i++) {
		assert_true(slice_line(&rest, &line));
		CHECK(lines[i], line.len == strlen(lines[i]));
		CHECK(lines[i], memcmp(line.s, lines[i], line.len) == 0);
	}
	assert_false(slice_line(&rest, &line));
	assert_false(slice_line(&rest, &line));

	rest = slice("a\n");
	assert_true(slice_line(&rest, &line));
	assert_false(slice_line(&rest, &line));
	rest = (struct slice){NULL, 0};
	assert_false(slice_line(&rest, &line));
}

static void test_words(void **state)
{
	static const char *const words[] = {"one", "two", "three\n"};
	struct slice rest = slice("  one\ttwo \t three\n "), word;

	(void)state;
	for (size_t i = 0; i < N(words); i++) {
		assert_true(slice_word(&rest, &word));
		CHECK(words[i], slice_is(word, words[i]));
	}
	assert_false(slice_word(&rest, &word));
	rest = (struct slice){NULL, 0};
	assert_false(slice_word(&rest, &word));
}

static void test_copy(void **state)
{
	char buf[4] = "old";

	(void)state;
	assert_int_equal(slice_copy(slice("abcd"), buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(slice_copy((struct slice){"a\0b", 3}, buf, sizeof(buf)), -EINVAL);
	assert_string_equal(buf, "old");
	assert_int_equal(slice_copy(slice("abc"), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "abc");
	assert_int_equal(slice_copy((struct slice){NULL, 0}, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
}

static void test_printable(void **state)
{
	static const struct {
		const char *s, *want;
	} v[] = {
		{"", ""},
		{"plain ~", "plain ~"},
		{"a\tb\nc\rd", "a?b?c?d"},
		{"\033[2J\177", "?[2J?"},
		{"\303\251\342\202\254", "\303\251\342\202\254"}, /* letters stay */
		{"a\302\233b\302\200\302\237", "a??b????"},	  /* C1 */
		{"\302\240\302", "\302\240?"},
		{"\233[2J\377", "?[2J?"},	   /* no UTF-8: C1 of another character set */
		{"\300\257\340\200\257", "?????"}, /* a slash, in too many bytes */
		{"\355\240\200\364\220\200\200", "???????"},  /* a surrogate, beyond U+10FFFF */
		{"\342\200\256gnp\342\201\246", "???gnp???"}, /* right to left, an isolate */
		{"\342\200\250\357\273\277", "??????"}, /* the end of a line, a byte order mark */
		{"\360\237\222\276\370", "\360\237\222\276?"},
	};
	struct text t;
	char buf[32];

	(void)state;
	for (size_t i = 0; i < N(v); i++) {
		text_init(&t, buf, sizeof(buf));
		text_printable(&t, v[i].s);
		CHECK(v[i].s, strcmp(buf, v[i].want) == 0);
	}
	text_init(&t, buf, 4);
	text_printable_slice(&t, (struct slice){"a\302\233\302\233", 2}); /* not past its end */
	assert_string_equal(buf, "a?");
	text_printable(&t, "\302\233");
	assert_string_equal(buf, "a??");
	assert_true(t.full);
}

static void test_uint(void **state)
{
	static const struct {
		const char *s;
		unsigned long max;
		int r;
		unsigned long value;
	} vectors[] = {
		{"0", 0, 0, 0},
		{"1", 0, -ERANGE, 0},
		{"1", 1, 0, 1},
		{"007", 7, 0, 7},
		{"8", 7, -ERANGE, 0},
		{"999", ULONG_MAX, 0, 999},
		{"255", 255, 0, 255},
		{"256", 255, -ERANGE, 0},
		{"99999999999999999999999999999", ULONG_MAX, -ERANGE, 0},
		{"99999999999999999999999999999x", ULONG_MAX, -EINVAL, 0},
		{"18446744073709551616", ULONG_MAX, -ERANGE, 0},
		{"", 9, -EINVAL, 0},
		{"a1", 9, -EINVAL, 0},
		{"1a", 9, -EINVAL, 0},
		{"-42", 99, -EINVAL, 0},
		{"+4", 99, -EINVAL, 0},
		{" 4", 99, -EINVAL, 0},
		{"0x4", 99, -EINVAL, 0},
	};
	struct text t;
	char buf[32];
	unsigned long value;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		value = 4711;
		CHECK(vectors[i].s,
		      slice_uint(slice(vectors[i].s), vectors[i].max, &value) == vectors[i].r);
		CHECK(vectors[i].s, value == (vectors[i].r == 0 ? vectors[i].value : 4711));
	}

	text_init(&t, buf, sizeof(buf));
	text_uint(&t, ULONG_MAX, 0);
	assert_int_equal(slice_uint(slice(buf), ULONG_MAX, &value), 0);
	assert_true(value == ULONG_MAX);
	assert_int_equal(slice_uint(slice(buf), ULONG_MAX - 1, &value), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append), cmocka_unit_test(test_full),
		cmocka_unit_test(test_json),   cmocka_unit_test(test_slice_is),
		cmocka_unit_test(test_trim),   cmocka_unit_test(test_lines),
		cmocka_unit_test(test_words),  cmocka_unit_test(test_copy),
		cmocka_unit_test(test_uint),   cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
