// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static void test_pieces(void **state)
{
	char buf[256];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	json_open(&t, NULL, '{');
	json_string(&t, "id", "a\"b");
	json_string(&t, "none", NULL);
	json_number(&t, "n", 12);
	json_bool(&t, "yes", true);
	json_open(&t, "list", '[');
	json_element(&t, "x");
	json_element(&t, NULL);
	json_open(&t, NULL, '{');
	json_bool(&t, "no", false);
	text_char(&t, '}');
	json_open(&t, NULL, '[');
	text_char(&t, ']');
	text_char(&t, ']');
	json_key(&t, "made");
	json_open(&t, NULL, '{');
	text_char(&t, '}');
	json_open(&t, "last", '{');
	text_str(&t, "}}");
	assert_string_equal(buf,
			    "{\"id\":\"a\\\"b\",\"none\":null,\"n\":12,\"yes\":true,"
			    "\"list\":[\"x\",null,{\"no\":false},[]],\"made\":{},\"last\":{}}");
}

static void test_indent(void **state)
{
	static const struct {
		const char *compact, *want;
	} v[] = {
		{"", ""},
		{"1", "1"},
		{"{}\n", "{}\n"},
		{"[]", "[]"},
		{"{\"a\":1}\n", "{\n\t\"a\": 1\n}\n"},
		{"{\"a\":1,\"b\":[]}", "{\n\t\"a\": 1,\n\t\"b\": []\n}"},
		{"[1,\"b\",null]", "[\n\t1,\n\t\"b\",\n\tnull\n]"},
		{"{\"a\":[{\"b\":{}},{\"c\":true}]}",
		 "{\n\t\"a\": [\n\t\t{\n\t\t\t\"b\": {}\n\t\t},\n\t\t{\n\t\t\t\"c\": true\n"
		 "\t\t}\n\t]\n}"},
		/* nothing is changed within a string */
		{"[\"{a:b,c}[]\"]", "[\n\t\"{a:b,c}[]\"\n]"},
		{"[\"a\\\"b,c\"]", "[\n\t\"a\\\"b,c\"\n]"},
		{"[\"a\\\\\",1]", "[\n\t\"a\\\\\",\n\t1\n]"},
		{"[\"\",\"\"]", "[\n\t\"\",\n\t\"\"\n]"},
		/* not JSON, but no harm either */
		{"]}", "]}"},
		{"\"a", "\"a"},
		{"\"a\\", "\"a\\"},
		{"\"", "\""},
	};

	(void)state;
	for (size_t i = 0; i < N(v); i++) {
		char buf[256];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		json_indent(v[i].compact, &t);
		assert_string_equal(buf, v[i].want);
		assert_false(t.full);
	}
}

static void test_full(void **state)
{
	char buf[8];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	json_indent("{\"a\":\"long\"}", &t);
	assert_true(t.full);
	assert_string_equal(buf, "{\n\t\"a\":");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_indent),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
