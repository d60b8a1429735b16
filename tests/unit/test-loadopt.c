// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loadopt.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

/* ASCII as UTF-16LE; `|` stands for a NUL. Returns the bytes. */
static size_t utf16(const char *s, uint8_t *data)
{
	size_t n = 0;

	for (; *s; s++) {
		data[n++] = *s == '|' ? 0 : (uint8_t)*s;
		data[n++] = 0;
	}
	return n;
}

/* A copy in which one byte too far is found. */
static uint8_t *exact(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	return copy;
}

/* A Boot#### under construction. */
struct option {
	uint8_t data[4096];
	size_t len, list_at;
};

static void option_start(struct option *o, const char *description)
{
	*o = (struct option){.data = {1}, .len = 6};
	o->len += utf16(description, o->data + o->len);
	o->list_at = o->len;
}

static void option_node(struct option *o, uint8_t type, uint8_t subtype, const void *data,
			size_t len)
{
	uint8_t *p = o->data + o->len;

	p[0] = type;
	p[1] = subtype;
	p[2] = (uint8_t)(len + 4);
	p[3] = (uint8_t)((len + 4) >> 8);
	memcpy(p + 4, data, len);
	o->len += len + 4;
	o->data[4] = (uint8_t)(o->len - o->list_at);
	o->data[5] = (uint8_t)((o->len - o->list_at) >> 8);
}

static void option_file(struct option *o, const char *path)
{
	uint8_t data[2048];

	option_node(o, 4, 4, data, utf16(path, data));
}

static int option_read(const struct option *o, size_t len, char *buf, size_t size)
{
	uint8_t *copy = exact(o->data, len);
	int r = loadopt_path(copy, len, buf, size);

	free(copy);
	return r;
}

static void test_option(void **state)
{
	static const struct {
		const char *files[3], *path;
	} vectors[] = {
		{{"\\EFI\\Linux\\active.efi|"}, "\\EFI\\Linux\\active.efi"},
		{{"\\EFI\\Linux\\active.efi"}, "\\EFI\\Linux\\active.efi"},
		{{"\\EFI|", "Linux|", "active.efi|"}, "\\EFI\\Linux\\active.efi"},
		{{"\\EFI\\|", "\\Linux|", "\\active.efi|"}, "\\EFI\\Linux\\active.efi"},
		{{"\\EFI\\|", "Linux\\active.efi|"}, "\\EFI\\Linux\\active.efi"},
	};
	char buf[64];
	struct option o;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		option_start(&o, "Linux|");
		option_node(&o, 4, 1, "0123456789012345678901234567890123456", 38);
		for (size_t j = 0; j < 3 && vectors[i].files[j]; j++)
			option_file(&o, vectors[i].files[j]);
		option_node(&o, 0x7f, 0xff, "", 0);
		/* Data of the option behind the list is not looked at. */
		memset(o.data + o.len, 0xee, 3);
		o.len += 3;

		assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), 0);
		assert_string_equal(buf, vectors[i].path);
		for (size_t len = 0; len < o.len - 3; len++)
			assert_int_equal(option_read(&o, len, buf, sizeof(buf)), -EINVAL);
	}
	assert_int_equal(option_read(&o, o.len, buf, sizeof("\\EFI\\Linux\\active.efi")), 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof("\\EFI\\Linux\\active.efi") - 1),
			 -ENAMETOOLONG);
}

static void test_option_odd(void **state)
{
	char buf[64] = "old";
	struct option o;
	size_t at;

	(void)state;
	option_start(&o, "|");
	option_node(&o, 4, 1, "x", 1);
	/* No end node: malformed. With one: no file. */
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -EINVAL);
	at = o.len;
	option_node(&o, 0x7f, 0xff, "", 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -ENOENT);

	/* The second path is another one's. */
	option_file(&o, "\\x|");
	option_node(&o, 0x7f, 0xff, "", 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -ENOENT);

	/* Nodes too short to move on, or longer than the list. */
	for (uint8_t len = 0; len < 4; len++) {
		o.data[at + 2] = len;
		assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -EINVAL);
	}
	o.data[at + 3] = 0xff;
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -EINVAL);

	option_start(&o, "x|");
	option_file(&o, "\\x\xe4|");
	option_node(&o, 0x7f, 0xff, "", 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -EINVAL);
	option_start(&o, "x|");
	option_file(&o, "|");
	option_node(&o, 0x7f, 0xff, "", 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -EINVAL);
	assert_string_equal(buf, "old");
}

static void test_option_long(void **state)
{
	char piece[402], buf[4096];
	struct option o;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	piece[400] = '|';
	piece[401] = '\0';
	option_start(&o, "x|");
	for (int i = 0; i < 3; i++)
		option_file(&o, piece);
	option_node(&o, 0x7f, 0xff, "", 0);
	assert_int_equal(option_read(&o, o.len, buf, sizeof(buf)), -ENAMETOOLONG);
}

/* What libefiboot 37 (efidp_make_hd(), efidp_make_file(), efi_loadopt_create()) makes of it. */
static const uint8_t reference[] = {
	0x01, 0x00, 0x00, 0x00, 0x5e, 0x00, 0x61, 0x00, 0x63, 0x00, 0x74, 0x00, 0x69, 0x00, 0x76,
	0x00, 0x65, 0x00, 0x00, 0x00, 0x04, 0x01, 0x2a, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x08,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x67,
	0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0xcd, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	0x02, 0x02, 0x04, 0x04, 0x30, 0x00, 0x5c, 0x00, 0x45, 0x00, 0x46, 0x00, 0x49, 0x00, 0x5c,
	0x00, 0x4c, 0x00, 0x69, 0x00, 0x6e, 0x00, 0x75, 0x00, 0x78, 0x00, 0x5c, 0x00, 0x61, 0x00,
	0x63, 0x00, 0x74, 0x00, 0x69, 0x00, 0x76, 0x00, 0x65, 0x00, 0x2e, 0x00, 0x65, 0x00, 0x66,
	0x00, 0x69, 0x00, 0x00, 0x00, 0x7f, 0xff, 0x04, 0x00,
};

static const struct loadopt active = {
	.attributes = LOADOPT_ACTIVE,
	.description = "active",
	.partition = {3, 2048, 1048576, "01234567-89ab-cdef-0123-456789abcdef"},
	.path = "\\EFI\\Linux\\active.efi",
};

static void check_same(const struct loadopt *a, const struct loadopt *b)
{
	assert_int_equal(a->attributes, b->attributes);
	assert_string_equal(a->description, b->description);
	assert_int_equal(a->partition.number, b->partition.number);
	assert_true(a->partition.start == b->partition.start);
	assert_true(a->partition.size == b->partition.size);
	assert_string_equal(a->partition.partuuid, b->partition.partuuid);
	assert_string_equal(a->path, b->path);
	assert_int_equal(a->path_error, b->path_error);
	assert_int_equal(a->data_len, b->data_len);
}

static void test_reference(void **state)
{
	uint8_t buf[LOADOPT_SIZE];
	struct loadopt o;

	(void)state;
	assert_int_equal(loadopt_build(&active, buf, sizeof(buf)), sizeof(reference));
	assert_memory_equal(buf, reference, sizeof(reference));
	assert_int_equal(loadopt_parse(reference, sizeof(reference), &o), 0);
	check_same(&o, &active);
	assert_true(loadopt_is_active(&o));

	/* What follows the list is data of the option. */
	memcpy(buf + sizeof(reference), "@1", 2);
	assert_int_equal(loadopt_parse(buf, sizeof(reference) + 2, &o), 0);
	assert_int_equal(o.data_len, 2);
	for (size_t len = 0; len < sizeof(reference); len++) {
		uint8_t *copy = exact(reference, len);

		assert_int_equal(loadopt_parse(copy, len, &o), -EINVAL);
		free(copy);
	}
}

/* The disk signature of an MBR, and a description that is no ASCII. */
static void test_mbr(void **state)
{
	struct loadopt mbr = active, o;
	uint8_t buf[LOADOPT_SIZE];
	int len;

	(void)state;
	memcpy(mbr.partition.partuuid, "1234abcd-03", 12);
	len = loadopt_build(&mbr, buf, sizeof(buf));
	assert_int_equal(len, sizeof(reference));
	buf[7] = 0x04; /* U+0461 instead of an a */
	assert_int_equal(loadopt_parse(buf, (size_t)len, &o), 0);
	assert_string_equal(o.description, "?ctive");
	assert_string_equal(o.partition.partuuid, "1234abcd-03");
	buf[61] = 0; /* no signature at all */
	assert_int_equal(loadopt_parse(buf, (size_t)len, &o), 0);
	assert_string_equal(o.partition.partuuid, "");
}

static void test_attributes(void **state)
{
	static const struct {
		uint32_t attributes;
		bool is_active;
	} vectors[] = {{0, false}, {1, true}, {3, true}, {9, true}, {8, false}, {0x101, false}};
	struct loadopt o = active;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		o.attributes = vectors[i].attributes;
		assert_int_equal(loadopt_is_active(&o), vectors[i].is_active);
	}
}

static void test_build_refuses(void **state)
{
	uint8_t buf[LOADOPT_SIZE];
	struct loadopt o = active;

	(void)state;
	for (size_t size = 0; size < sizeof(reference); size++) {
		uint8_t *small = malloc(size > 0 ? size : 1);

		assert_int_equal(loadopt_build(&active, small, size), -ENAMETOOLONG);
		free(small);
	}
	o.description[0] = '\0';
	assert_int_equal(loadopt_build(&o, buf, sizeof(buf)), -EINVAL);
	o = active;
	o.path[0] = '\0';
	assert_int_equal(loadopt_build(&o, buf, sizeof(buf)), -EINVAL);
	o = active;
	o.partition.partuuid[0] = '\0';
	assert_int_equal(loadopt_build(&o, buf, sizeof(buf)), -EINVAL);
	o = active;
	o.path[1] = '\xe4';
	assert_int_equal(loadopt_build(&o, buf, sizeof(buf)), -EINVAL);
	o = active;
	memcpy(o.path, "/EFI/Linux", 10); /* the firmware knows `\` only */
	assert_int_equal(loadopt_build(&o, buf, sizeof(buf)), sizeof(reference));
	assert_memory_equal(buf, reference, sizeof(reference));
}

static void test_number(void **state)
{
	static const struct {
		const char *name;
		int number;
	} vectors[] = {
		{"Boot0000", 0},      {"Boot002A-8be4df61-93ca-11d2-aa0d-00e098032b8c", 0x2a},
		{"BootFFFF", 0xffff}, {"Boot002a", -1},
		{"Boot002", -1},      {"Boot0002A", -1},
		{"BootNext", -1},     {"BootOrder", -1},
		{"BootCurrent", -1},  {"boot0001", -1},
		{"Boot", -1},	      {"", -1},
	};
	char name[LOADOPT_NAME_SIZE];
	uint16_t number;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		CHECK(vectors[i].name, loadopt_number(vectors[i].name, &number) ==
					       (vectors[i].number < 0 ? -EINVAL : 0));
		if (vectors[i].number >= 0)
			assert_int_equal(number, vectors[i].number);
	}
	loadopt_name(0x2a, name);
	assert_string_equal(name, "Boot002A");
}

static void test_order(void **state)
{
	const uint8_t data[] = {1, 0, 0x2a, 0, 2, 0, 1, 0};
	uint8_t buf[2 * LOADOPT_ORDER_MAX] = {0}, big[2 * LOADOPT_ORDER_MAX + 2] = {0};
	struct loadopt_order o;

	(void)state;
	assert_int_equal(loadopt_order_parse(data, 7, &o), -EINVAL);
	assert_int_equal(loadopt_order_parse(big, sizeof(big), &o), -E2BIG);
	assert_int_equal(loadopt_order_parse(big, sizeof(big) - 2, &o), 0);
	loadopt_order_insert(&o, 1, 7);
	assert_int_equal(o.n, LOADOPT_ORDER_MAX);
	assert_int_equal(o.number[1], 7);
	assert_int_equal(loadopt_order_parse(data, sizeof(data), &o), 0);
	assert_int_equal(o.n, 4);
	assert_int_equal(loadopt_order_find(&o, 0x2a), 1);
	assert_int_equal(loadopt_order_find(&o, 3), -1);
	assert_int_equal(loadopt_order_build(&o, buf), sizeof(data));
	assert_memory_equal(buf, data, sizeof(data));
	loadopt_order_remove(&o, 1);
	assert_int_equal(o.n, 2);
	loadopt_order_insert(&o, 9, 1);
	loadopt_order_insert(&o, 0, 5);
	assert_int_equal(loadopt_order_build(&o, buf), 8);
	assert_memory_equal(buf, "\5\0\x2a\0\2\0\1\0", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option),	      cmocka_unit_test(test_option_odd),
		cmocka_unit_test(test_option_long),   cmocka_unit_test(test_reference),
		cmocka_unit_test(test_mbr),	      cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_build_refuses), cmocka_unit_test(test_number),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("loadopt", tests, NULL, NULL);
}
