// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bls.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

static struct slice slice(const char *s)
{
	return (struct slice){s, s ? strlen(s) : 0};
}

static void assert_slice(struct slice s, const char *expected)
{
	char buf[128];

	assert_int_equal(slice_copy(s, buf, sizeof(buf)), 0);
	assert_string_equal(buf, expected);
}

static void test_entry(void **state)
{
	static const char text[] = "# a comment\n"
				   "title Debian\r\n"
				   "\tsort-key  debian \r\n"
				   "version 1\n"
				   "version\t6.1.0-9\n"
				   "machine-id 0123456789abcdef0123456789abcdef\n"
				   "linux \"/my kernel/vmlinuz\"\n"
				   "initrd /ucode.img\n"
				   "initrd '/initrd.img'\n"
				   "initrd\n"
				   "options root=/dev/sda2 efi=x\n"
				   "Version 2\n"
				   "efi /EFI/x.efi\n"
				   "uki /EFI/Linux/x.efi\n"
				   "uki-url http://host/x.efi";
	struct bls_entry e;

	(void)state;
	assert_int_equal(bls_parse_entry(text, strlen(text), &e), 0);
	assert_slice(e.title, "Debian");
	assert_slice(e.sort_key, "debian");
	assert_slice(e.version, "6.1.0-9");
	assert_slice(e.machine_id, "0123456789abcdef0123456789abcdef");
	assert_slice(e.linux_path, "/my kernel/vmlinuz");
	assert_int_equal(e.n_initrd, 2);
	assert_slice(e.initrd[0], "/ucode.img");
	assert_slice(e.initrd[1], "/initrd.img");
	assert_slice(e.efi, "/EFI/x.efi");
	assert_slice(e.uki, "/EFI/Linux/x.efi");
	assert_slice(e.uki_url, "http://host/x.efi");
	assert_int_equal(e.n_options, 1);
	assert_slice(e.options[0], "root=/dev/sda2 efi=x");
	assert_true(e.devicetree.len == 0 && e.profile.len == 0 && e.architecture.len == 0 &&
		    e.extra.len == 0);
}

static void test_entry_kexec(void **state)
{
	static const char text[] = "options root=/dev/sda2\n"
				   "options\n"
				   "devicetree-overlay /a.dtbo /b.dtbo\n"
				   "options \"quiet splash\"\r\n"
				   "profile 1\n"
				   "architecture aa64\n"
				   "extra /a.addon.efi\n"
				   "extra /b.addon.efi\n"
				   "options x -- y\n";
	struct bls_entry e;
	static const char line[] = "options 1\n";
	char many[(BLS_OPTIONS_MAX + 1) * sizeof(line)] = "";

	(void)state;
	assert_int_equal(bls_parse_entry(text, strlen(text), &e), 0);
	assert_int_equal(e.n_options, 3);
	assert_slice(e.options[0], "root=/dev/sda2");
	assert_slice(e.options[1], "quiet splash");
	assert_slice(e.options[2], "x -- y");
	assert_slice(e.devicetree, "/a.dtbo /b.dtbo");
	assert_slice(e.profile, "1");
	assert_slice(e.architecture, "aa64");
	assert_slice(e.extra, "/b.addon.efi");

	assert_int_equal(bls_parse_entry("devicetree /x.dtb", 17, &e), 0);
	assert_slice(e.devicetree, "/x.dtb");

	for (unsigned int i = 0; i < BLS_OPTIONS_MAX; i++)
		memcpy(many + strlen(many), line, sizeof(line));
	assert_int_equal(bls_parse_entry(many, strlen(many), &e), 0);
	assert_int_equal(e.n_options, BLS_OPTIONS_MAX);
	assert_slice(e.options[BLS_OPTIONS_MAX - 1], "1");
	memcpy(many + strlen(many), line, sizeof(line));
	e.n_options = 99;
	assert_int_equal(bls_parse_entry(many, strlen(many), &e), -E2BIG);
	assert_int_equal(e.n_options, 99);
}

static void test_entry_odd(void **state)
{
	struct bls_entry e = {.n_initrd = 99};
	char many[2 * BLS_INITRDS_MAX * sizeof("initrd /x")] = "";

	(void)state;
	assert_int_equal(bls_parse_entry(NULL, 0, &e), 0);
	assert_int_equal(e.n_initrd, 0);
	assert_int_equal(e.linux_path.len, 0);
	assert_int_equal(e.title.len, 0);
	assert_int_equal(bls_parse_entry("title \"A b\"\n", 12, &e), 0);
	assert_slice(e.title, "A b");
	assert_int_equal(bls_parse_entry("linux", 5, &e), 0);
	assert_int_equal(e.linux_path.len, 0);
	assert_int_equal(bls_parse_entry("linux \"", 7, &e), 0);
	assert_slice(e.linux_path, "\"");
	assert_int_equal(bls_parse_entry("linux /a\n#linux /b\n", 19, &e), 0);
	assert_slice(e.linux_path, "/a");

	e.n_initrd = 99;
	assert_int_equal(bls_parse_entry("linux /a\0b", 10, &e), -EINVAL);
	for (unsigned int i = 0; i < BLS_INITRDS_MAX; i++)
		strcat(many, "initrd /x\n");
	assert_int_equal(bls_parse_entry(many, strlen(many), &e), 0);
	assert_int_equal(e.n_initrd, BLS_INITRDS_MAX);
	strcat(many, "initrd /x\n");
	e.n_initrd = 99;
	assert_int_equal(bls_parse_entry(many, strlen(many), &e), -E2BIG);
	assert_int_equal(e.n_initrd, 99);
}

static void test_loader_conf_get(void **state)
{
	static const char text[] = "timeout 3\n#default x\ndefault a\n default \"b c\" \ndefault\n";

	(void)state;
	assert_slice(bls_loader_conf_get(text, strlen(text), "default"), "b c");
	assert_slice(bls_loader_conf_get(text, strlen(text), "timeout"), "3");
	assert_int_equal(bls_loader_conf_get(text, strlen(text), "editor").len, 0);
	assert_int_equal(bls_loader_conf_get(NULL, 0, "default").len, 0);
	/* The key is the whole word. */
	assert_int_equal(bls_loader_conf_get("defaults x", 10, "default").len, 0);
	assert_int_equal(bls_loader_conf_get("default x", 9, "defaults").len, 0);
}

static void test_unpin(void **state)
{
	static const struct {
		const char *before, *after;
		unsigned int changed;
	} vectors[] = {
		{"", "", 0},
		{"timeout 3\n", "timeout 3\n", 0},
		{"default active.conf\n", "default *\n\n\n\n\n\n\n\n\n\n\n", 1},
		{"default active.conf", "default *\n\n\n\n\n\n\n\n\n\n", 1},
		{"timeout 3\ndefault abc\neditor no", "timeout 3\ndefault *\neditor no\n\n", 1},
		{"default abc\r\neditor no\r\n", "default *\r\neditor no\r\n\n\n", 1},
		{"default \"a b\"\nx\n", "default *\nx\n\n\n\n\n", 1},
		{"default ab\nt 1\ndefault cd\ne\n", "default *\nt 1\ndefault *\ne\n\n\n", 2},
		{"default x\n", "default *\n", 1},
		{"default *\n", "default *\n", 0},
		{"default \"*\"\n", "default \"*\"\n", 0},
		{"default\n", "default\n", 0},
		{"#default abc\n", "#default abc\n", 0},
		{"defaults abc\n", "defaults abc\n", 0},
		{"preferred abc\n", "preferred abc\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *before = vectors[i].before;
		size_t len = strlen(before);
		/* Without a terminator, so that one byte too far is found. */
		char *text = malloc(len > 0 ? len : 1);

		assert_non_null(text);
		memcpy(text, before, len);
		CHECK(before, bls_loader_conf_unpin(text, len) == vectors[i].changed);
		CHECK(before, strlen(vectors[i].after) == len);
		CHECK(before, memcmp(text, vectors[i].after, len) == 0);
		CHECK(before, bls_loader_conf_unpin(text, len) == 0);
		free(text);
	}
}

static void test_correct(void **state)
{
	static const struct {
		const char *before, *after;
		unsigned int changed;
	} vectors[] = {
		{"", "", 0},
		{"default active+3.conf\n", "default active.conf\n\n\n", 1},
		{"default active+09-01.conf", "default active.conf\n\n\n\n\n\n", 1},
		{"timeout 3\r\ndefault  ACTIVE+3.CONF \r\neditor no\r\n",
		 "timeout 3\r\ndefault  active.conf \r\neditor no\r\n\n\n", 1},
		{"default \"active+0-3.conf\"\nx\n", "default active.conf\nx\n\n\n\n\n\n\n", 1},
		{"default active+3.conf\nt 1\ndefault passive+3.conf\ndefault active+2-1.conf\n",
		 "default active.conf\nt 1\ndefault passive+3.conf\ndefault active.conf"
		 "\n\n\n\n\n\n\n",
		 2},
		{"default active.conf\n", "default active.conf\n", 0},
		{"default passive+3.conf\n", "default passive+3.conf\n", 0},
		{"default active+3.efi\n", "default active+3.efi\n", 0},
		{"default active+3*\n", "default active+3*\n", 0},
		{"default active+*.conf\n", "default active+*.conf\n", 0},
		{"default xactive+3.conf\n", "default xactive+3.conf\n", 0},
		{"default @saved\n", "default @saved\n", 0},
		{"#default active+3.conf\n", "#default active+3.conf\n", 0},
		{"preferred active+3.conf\n", "preferred active+3.conf\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *before = vectors[i].before;
		size_t len = strlen(before);
		/* Without a terminator, so that one byte too far is found. */
		char *text = malloc(len > 0 ? len : 1);

		assert_non_null(text);
		memcpy(text, before, len);
		CHECK(before,
		      bls_loader_conf_correct(text, len, "active.conf") == vectors[i].changed);
		CHECK(before, strlen(vectors[i].after) == len);
		CHECK(before, memcmp(text, vectors[i].after, len) == 0);
		CHECK(before, bls_loader_conf_correct(text, len, "active.conf") == 0);
		free(text);
	}
}

/* An id in which something looks like a counter. */
static void test_correct_odd(void **state)
{
	char text[] = "default a+1+2.conf\ndefault a+1.conf\n";
	char name[300] = "default ";

	(void)state;
	assert_int_equal(bls_loader_conf_correct(text, strlen(text), "a+1.conf"), 1);
	assert_string_equal(text, "default a+1.conf\ndefault a+1.conf\n\n\n");
	/* too long for a name */
	memset(name + 8, 'x', 280);
	memcpy(name + 280, "+3.conf", 8);
	assert_int_equal(bls_loader_conf_correct(name, strlen(name), "active.conf"), 0);
	/* a NUL byte is part of no name */
	memcpy(text, "default a+1+2.conf\0.conf", 24);
	assert_int_equal(bls_loader_conf_correct(text, 24, "a+1.conf"), 0);
}

struct item {
	const char *id, *sort_key, *version, *machine_id;
};

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	struct bls_order order_x = {.sort_key = slice(x->sort_key),
				    .machine_id = slice(x->machine_id),
				    .version = slice(x->version),
				    .id = slice(x->id)};
	struct bls_order order_y = {.sort_key = slice(y->sort_key),
				    .machine_id = slice(y->machine_id),
				    .version = slice(y->version),
				    .id = slice(y->id)};
	int r = bls_compare(&order_x, &order_y);

	assert_int_equal((r < 0) - (r > 0), (bls_compare(&order_y, &order_x) > 0) -
						    (bls_compare(&order_y, &order_x) < 0));
	return r;
}

/* Each list is in order; so it must come out of any other order. systemd-boot puts exhausted
 * entries last, and sorts twins by their counters. We leave counters out of account (s02, s03, s05
 * and the `+0` of s08 differ so): which rung may boot is decided elsewhere. */
static void test_order(void **state)
{
	static const struct item lists[][8] = {
		/* s01 to s05 */
		{{"active.conf", "0001", 0, 0},
		 {"passive.conf", "0002", 0, 0},
		 {"recovery.conf", "0003", 0, 0}},
		/* s08 */
		{{"c.conf", "zzz", 0, 0}, {"b.conf", 0, 0, 0}, {"a.conf", 0, 0, 0}},
		/* test-bootspec.c bootspec_sort */
		{{"d.conf", "kkkk", "100", 0},
		 {"cx.conf", "xxxx", "10", 0},
		 {"c.conf", "xxxx", "5", 0},
		 {"b.conf", 0, 0, 0},
		 {"a-10.conf", 0, 0, 0},
		 {"a-5.conf", 0, 0, 0}},
		/* The machine id goes before the version, which only counts with a sort key. */
		{{"a.conf", "k", "1", "aa"},
		 {"z.conf", "k", "2", "bb"},
		 {"y.conf", "k", "2", "bb"},
		 {"x.conf", 0, "1", 0},
		 {"w.conf", 0, "9", 0}},
		/* A key is compared as bytes, not as a version. */
		{{"a.conf", "K", 0, 0},
		 {"b.conf", "k", 0, 0},
		 {"c.conf", "k10", 0, 0},
		 {"d.conf", "k9", 0, 0},
		 {"e.conf", "kk", 0, 0},
		 {"f.conf", "k\xff", 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < N(lists); i++) {
		struct item list[8];
		size_t n = 0;

		while (n < 8 && lists[i][n].id)
			n++;
		for (size_t j = 0; j < n; j++)
			list[j] = lists[i][n - 1 - j];
		qsort(list, n, sizeof(list[0]), compare);
		for (size_t j = 0; j < n; j++)
			assert_string_equal(list[j].id, lists[i][j].id);
	}
}

static void test_valid_name(void **state)
{
	static const struct {
		const char *name;
		unsigned int type; /* 0: valid as none */
	} vectors[] = {
		{"active.conf", 1},
		{"active+2-1.conf", 1},
		{"active.CONF", 1},
		{"foo.efi", 2},
		{"Foo+3.EFI", 2},
		{"foo@1.efi", 2},
		{"a_b-c.d~rc1^2.conf", 1},
		{"foo+.conf", 1},
		{"+.conf", 1},
		{"-.conf", 1},
		{"x.conf", 1},
		{"automatic.conf", 1},
		{"auto.conf", 1},
		{".conf", 0},
		{"", 0},
		{".", 0},
		{".hidden+3.conf", 0},
		/* bootctl lists it, systemd-boot ignores it. */
		{"auto-x+3.conf", 0},
		{"AUTO-x.conf", 0},
		/* systemd-boot lists it, bootctl refuses it. */
		{"fooe+3 .conf", 0},
		{"a/b.conf", 0},
		{"a\\b.conf", 0},
		{"a\nb.conf", 0},
		{"a\x80.conf", 0},
		{"active.conf.off", 0},
		{"activeconf", 0},
		{"active", 0},
	};
	char name[258];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++)
		for (unsigned int type = 0; type <= 3; type++)
			CHECK(vectors[i].name, bls_valid_name(vectors[i].name, type) ==
						       (type > 0 && type == vectors[i].type));

	memset(name, 'x', sizeof(name));
	memcpy(name + 250, ".conf", 6);
	assert_true(bls_valid_name(name, 1));
	memcpy(name + 250, "x.conf", 7);
	assert_false(bls_valid_name(name, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry),	    cmocka_unit_test(test_entry_odd),
		cmocka_unit_test(test_entry_kexec), cmocka_unit_test(test_loader_conf_get),
		cmocka_unit_test(test_unpin),	    cmocka_unit_test(test_correct),
		cmocka_unit_test(test_correct_odd), cmocka_unit_test(test_order),
		cmocka_unit_test(test_valid_name),
	};

	return cmocka_run_group_tests_name("bls", tests, NULL, NULL);
}
