// SPDX-License-Identifier: LGPL-2.1-or-later
/* The journal of install, and the text of a type #1 entry that it writes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bls-edit.h"
#include "update.h"

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static void test_journal(void **state)
{
	struct update u = {.step = UPDATE_PLACE,
			   .id = "passive.conf",
			   .type = 1,
			   .number = 0xdeadbeef,
			   .was = counter_make(0, 3),
			   .tries = counter_make(3, 0)},
		      got;
	char sector[SECTOR_SIZE];

	(void)state;
	u.path[0] = slice_of("EFI/a b");
	u.path[1] = slice_of("bad\npath");
	u.path[2] = slice_of("x");
	u.n_paths = 3;
	assert_int_equal(update_encode(&u, sector), 0);
	assert_int_equal(update_decode(sector, sizeof(sector), &got), 0);
	assert_int_equal(got.step, UPDATE_PLACE);
	assert_string_equal(got.id, "passive.conf");
	assert_int_equal(got.type, 1);
	assert_int_equal(got.number, 0xdeadbeef);
	assert_true(counter_is_same(&got.was, &u.was));
	assert_true(counter_is_same(&got.tries, &u.tries));
	assert_int_equal(got.n_paths, 2);
	assert_true(slice_is(got.path[0], "EFI/a b"));
	assert_true(slice_is(got.path[1], "x"));
	for (size_t i = 0; i < sizeof(sector); i++) {
		sector[i] ^= 1;
		assert_int_equal(update_decode(sector, sizeof(sector), &got), -EINVAL);
		sector[i] ^= 1;
	}
	assert_int_equal(update_decode(sector, 100, &got), -EINVAL);
}

static void test_steps(void **state)
{
	char sector[SECTOR_SIZE];
	struct update got;

	(void)state;
	for (enum update_step step = UPDATE_DONE; step <= UPDATE_REMOVE; step++) {
		struct update u = {.step = step};

		assert_int_equal(update_encode(&u, sector), 0);
		assert_int_equal(update_decode(sector, sizeof(sector), &got), 0);
		assert_int_equal(got.step, step);
	}
}

/* What does not fit is left out, and the sector stays valid. */
static void test_long(void **state)
{
	struct update u = {.step = UPDATE_COPY, .tries = counter_make(8, 0)}, got;
	char sector[SECTOR_SIZE], path[200];

	(void)state;
	memset(u.id, 'i', NAME_SIZE - 1);
	memcpy(u.id + NAME_SIZE - 1 - strlen(".conf"), ".conf", strlen(".conf"));
	memset(path, 'p', sizeof(path));
	u.path[0] = (struct slice){path, sizeof(path)};
	u.path[1] = slice_of("short");
	u.n_paths = 2;
	assert_int_equal(update_encode(&u, sector), 0);
	assert_int_equal(update_decode(sector, sizeof(sector), &got), 0);
	assert_string_equal(got.id, u.id);
	assert_int_equal(got.n_paths, 1);
	assert_true(slice_is(got.path[0], "short"));
	u.id[3] = '\n';
	assert_int_equal(update_encode(&u, sector), -EINVAL);
}

/* Who writes to $BOOT can make a sector that is valid. Of the id a path is made, and what lies
 * there is swept. */
static void test_foreign_id(void **state)
{
	static const char *const ids[] = {
		"../../../etc/x.conf", "..", "/etc", "a/b.conf", ".conf", "a b.conf", "passive",
		"passive.conf.off",
	};
	char sector[SECTOR_SIZE];
	struct update got;

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct update u = {.step = UPDATE_REMOVE, .type = 1};

		memcpy(u.id, ids[i], strlen(ids[i]));
		assert_int_equal(update_encode(&u, sector), 0);
		assert_int_equal(update_decode(sector, sizeof(sector), &got), -EINVAL);
	}
}

static uint32_t sum_of(const char *text, size_t len, size_t piece)
{
	struct update_sum sum;

	update_sum_start(&sum, len);
	for (size_t at = 0; at < len; at += piece)
		update_sum_add(&sum, text + at, len - at < piece ? len - at : piece);
	return update_sum_end(&sum);
}

/* Every byte counts, and the pieces do not. */
static void test_sum(void **state)
{
	static char text[100000];
	uint32_t sum = sum_of(text, sizeof(text), 65536);

	(void)state;
	assert_int_equal(sum, sum_of(text, sizeof(text), 1000));
	assert_int_not_equal(sum, sum_of(text, sizeof(text) - 1, 1000));
	for (size_t at = 0; at < sizeof(text); at += 9973) {
		text[at] = 1;
		assert_int_not_equal(sum, sum_of(text, sizeof(text), 65536));
		text[at] = 0;
	}
}

static void rewrite(const char *old, const struct bls_change *c, const char *expected)
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	bls_rewrite_entry(old, strlen(old), c, &t);
	assert_false(t.full);
	assert_string_equal(buf, expected);
}

static void test_entry(void **state)
{
	static const char *const two[] = {"/i1", "/i2"};
	static const char old[] = "# mine\ntitle T\nlinux  /k\ninitrd /a\nversion 1\ninitrd "
				  "/b\noptions a\noptions b\nlinux /twice";
	struct bls_change c = {.image_key = "linux", .image = "/K", .initrd = two, .n_initrd = 2};

	(void)state;
	rewrite(old, &c,
		"# mine\ntitle T\nlinux /K\ninitrd /i1\ninitrd /i2\nversion 1\noptions a\n"
		"options b\n");
	c.options = "new";
	c.n_initrd = 0;
	rewrite(old, &c, "# mine\ntitle T\nlinux /K\nversion 1\noptions new\n");
	c.options = "";
	rewrite(old, &c, "# mine\ntitle T\nlinux /K\nversion 1\n");
	c.options = "o";
	c.n_initrd = 1;
	rewrite("title T\n", &c, "title T\nlinux /K\ninitrd /i1\noptions o\n");
	rewrite("efi /x\r\n\n", &c, "efi /K\n\ninitrd /i1\noptions o\n");
	c.is_other = true;
	rewrite("devicetree /d\nextra /e\ntitle T\nprofile 1\ndevicetree-overlay /o\n", &c,
		"title T\nlinux /K\ninitrd /i1\noptions o\n");
	rewrite("", &c, "linux /K\ninitrd /i1\noptions o\n");
}

static void test_entry_full(void **state)
{
	struct bls_change c = {.image_key = "linux", .image = "/K"};
	char buf[8];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	bls_rewrite_entry("title T\n", 8, &c, &t);
	assert_true(t.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal),	   cmocka_unit_test(test_steps),
		cmocka_unit_test(test_long),	   cmocka_unit_test(test_sum),
		cmocka_unit_test(test_foreign_id), cmocka_unit_test(test_entry),
		cmocka_unit_test(test_entry_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
