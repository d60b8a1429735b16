// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loadvar.h"

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

/* What systemd-boot 262 left behind, as efivarfs shows it: attributes, then the payload. */
static void test_as_seen(void **state)
{
	uint8_t file[256] = {0x06, 0, 0, 0};
	const uint8_t features[] = {0xff, 0xff, 0x3f, 0, 0, 0, 0, 0};
	size_t len = 4 + utf16("\\loader\\entries\\active+2-1.conf|", file + 4);
	char path[128], name[NAME_SIZE];
	uint64_t value;

	(void)state;
	assert_int_equal(loadvar_string(file + 4, len - 4, path, sizeof(path)), 0);
	assert_string_equal(path, "\\loader\\entries\\active+2-1.conf");
	assert_int_equal(loadvar_entry_path(path, name), 1);
	assert_string_equal(name, "active+2-1.conf");

	assert_int_equal(loadvar_features(features, sizeof(features), &value), 0);
	assert_true(value == 0x3fffff);
	assert_true(value & LOADVAR_FEATURE_ONESHOT);
	assert_true(value & LOADVAR_FEATURE_COUNTING);
	assert_true(value & LOADVAR_FEATURE_PREFERRED);
}

static void test_string(void **state)
{
	static const struct {
		const char *utf16, *expected;
		int r;
	} vectors[] = {
		{"active.conf|", "active.conf", 0},
		{"active.conf", "active.conf", 0},
		{"active.conf||||", "active.conf", 0},
		{"kexec reboot|", "kexec reboot", 0},
		{"~ |", "~ ", 0},
		{"", NULL, -EINVAL},
		{"|", NULL, -EINVAL},
		{"|a", NULL, -EINVAL},
		{"a|b|", NULL, -EINVAL},
		{"a\x1f|", NULL, -EINVAL},
		{"a\n|", NULL, -EINVAL},
		{"a\x7f|", NULL, -EINVAL},
		{"a\xe4|", NULL, -EINVAL},
		{"123456789012345|", "123456789012345", 0},
		{"1234567890123456|", NULL, -ENAMETOOLONG},
	};
	char buf[16];
	uint8_t data[64];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *what = vectors[i].utf16;
		size_t len = utf16(what, data);
		uint8_t *copy = exact(data, len);

		memcpy(buf, "old", 4);
		CHECK(what, loadvar_string(copy, len, buf, sizeof(buf)) == vectors[i].r);
		assert_string_equal(buf, vectors[i].expected ? vectors[i].expected : "old");
		free(copy);
	}

	assert_int_equal(loadvar_string((const uint8_t *)"a\0b", 3, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(loadvar_string((const uint8_t *)"a\1", 2, buf, sizeof(buf)), -EINVAL);
	assert_int_equal(loadvar_string((const uint8_t *)"a\0\0\0\0", 5, buf, sizeof(buf)),
			 -EINVAL);
}

static void test_from_string(void **state)
{
	uint8_t data[32], expected[32];
	char back[16];
	int len;

	(void)state;
	len = loadvar_from_string("passive.conf", data, sizeof(data));
	assert_int_equal(len, 26);
	assert_int_equal(utf16("passive.conf|", expected), 26);
	assert_memory_equal(data, expected, 26);
	assert_int_equal(loadvar_string(data, (size_t)len, back, sizeof(back)), 0);
	assert_string_equal(back, "passive.conf");

	assert_int_equal(loadvar_from_string("123456789012345", data, sizeof(data)), 32);
	assert_int_equal(loadvar_from_string("1234567890123456", data, sizeof(data)),
			 -ENAMETOOLONG);
	assert_int_equal(loadvar_from_string("", data, sizeof(data)), 2);
	assert_int_equal(loadvar_from_string("a\n", data, sizeof(data)), -EINVAL);
	assert_int_equal(loadvar_from_string("\xc3\xa4", data, sizeof(data)), -EINVAL);
}

static void test_next_id(void **state)
{
	static const struct {
		const char *utf16, *ids[5]; /* "!" = not readable */
	} vectors[] = {
		{"", {NULL}},
		{"|", {NULL}},
		{"a.conf|b.conf|", {"a.conf", "b.conf"}},
		{"a.conf|b.conf", {"a.conf", "b.conf"}},
		{"|a.conf||b.conf||", {"a.conf", "b.conf"}},
		{"a\xe4.conf|b.conf|", {"!", "b.conf"}},
		{"a\nb|", {"!"}},
	};
	uint8_t data[1024];
	char id[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *what = vectors[i].utf16;
		size_t len = utf16(what, data);
		uint8_t *copy = exact(data, len);
		const uint8_t *p = copy;

		for (size_t j = 0; vectors[i].ids[j]; j++) {
			bool bad = strcmp(vectors[i].ids[j], "!") == 0;

			CHECK(what, loadvar_next_id(&p, &len, id) == (bad ? -EINVAL : 0));
			if (!bad)
				assert_string_equal(id, vectors[i].ids[j]);
		}
		CHECK(what, loadvar_next_id(&p, &len, id) == 1);
		CHECK(what, len == 0);
		free(copy);
	}
}

static void test_next_id_long(void **state)
{
	char ids[2 * NAME_SIZE + 3];
	uint8_t data[2 * sizeof(ids)];
	const uint8_t *p = data;
	size_t len;
	char id[NAME_SIZE];

	(void)state;
	memset(ids, 'x', sizeof(ids));
	ids[NAME_SIZE] = '|';
	ids[2 * NAME_SIZE] = '|';
	memcpy(ids + 2 * NAME_SIZE + 1, "a", 2);
	len = utf16(ids, data);
	assert_int_equal(loadvar_next_id(&p, &len, id), -EINVAL);
	assert_int_equal(loadvar_next_id(&p, &len, id), 0);
	assert_int_equal(strlen(id), NAME_SIZE - 1);
	assert_int_equal(loadvar_next_id(&p, &len, id), 0);
	assert_string_equal(id, "a");
	assert_int_equal(loadvar_next_id(&p, &len, id), 1);
}

static void test_next_id_odd(void **state)
{
	uint8_t *copy = exact((const uint8_t *)"a\0b", 3);
	const uint8_t *p = copy;
	size_t len = 3;
	char id[NAME_SIZE];

	(void)state;
	assert_int_equal(loadvar_next_id(&p, &len, id), 0);
	assert_string_equal(id, "a");
	assert_int_equal(loadvar_next_id(&p, &len, id), -EINVAL);
	assert_int_equal(loadvar_next_id(&p, &len, id), 1);
	free(copy);
}

static void test_numbers(void **state)
{
	const uint8_t data[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99};
	uint64_t features = 1;
	uint16_t current = 1;

	(void)state;
	assert_int_equal(loadvar_features(data, 7, &features), -EINVAL);
	assert_int_equal(loadvar_features(data, 9, &features), -EINVAL);
	assert_int_equal(loadvar_features(data, 0, &features), -EINVAL);
	assert_true(features == 1);
	assert_int_equal(loadvar_features(data, 8, &features), 0);
	assert_true(features == 0x8807060504030201);

	assert_int_equal(loadvar_boot_current(data, 1, &current), -EINVAL);
	assert_int_equal(loadvar_boot_current(data, 3, &current), -EINVAL);
	assert_int_equal(current, 1);
	assert_int_equal(loadvar_boot_current(data, 2, &current), 0);
	assert_int_equal(current, 0x0201);
}

static void test_entry_path(void **state)
{
	static const struct {
		const char *path;
		int r;
		const char *name;
	} vectors[] = {
		{"\\loader\\entries\\foo+2-1.conf", 1, "foo+2-1.conf"},
		{"\\EFI\\Linux\\foo+2-1.efi", 2, "foo+2-1.efi"},
		{"/LOADER/Entries/Foo.CONF", 1, "Foo.CONF"},
		{"/efi\\LINUX/foo.EFI", 2, "foo.EFI"},
		/* systemd-bless-boot cannot read these counters, or misreads them. */
		{"\\loader\\entries\\foo+09-01.conf", 1, "foo+09-01.conf"},
		{"\\loader\\entries\\foo+2-1x.conf", 1, "foo+2-1x.conf"},
		/* Clean, but no entry. */
		{"\\EFI\\systemd\\systemd-bootx64.efi", 0, NULL},
		{"\\EFI\\BOOT\\BOOTX64.EFI", 0, NULL},
		{"\\loader\\entries\\dir+3-1\\foo.conf", 0, NULL},
		{"\\loader\\entries\\foo.conf\\bar.conf", 0, NULL},
		{"\\loader\\foo.conf", 0, NULL},
		{"\\foo.conf", 0, NULL},
		{"\\EFI\\Linux\\foo.conf", 0, NULL},
		{"\\loader\\entries\\foo.efi", 0, NULL},
		{"\\loader\\entries\\.foo.conf", 0, NULL},
		{"\\loader\\entries\\auto-osx.conf", 0, NULL},
		{"\\loader\\entries\\foo", 0, NULL},
		{"\\loader\\Linux\\foo.efi", 0, NULL},
		{"\\EFI\\entries\\foo.conf", 0, NULL},
		/* Not clean. */
		{"\\loader\\..\\loader\\entries\\foo+2-1.conf", -EINVAL, NULL},
		{"loader\\entries\\foo+2-1.conf", -EINVAL, NULL},
		{"\\loader\\\\entries\\foo+2-1.conf", -EINVAL, NULL},
		{"\\\\loader\\entries\\foo+2-1.conf", -EINVAL, NULL},
		{"\\loader\\.\\entries\\foo+2-1.conf", -EINVAL, NULL},
		{"\\loader\\entries\\..", -EINVAL, NULL},
		{"\\loader\\entries\\", -EINVAL, NULL},
		{"\\loader\\entries\\foo.conf\\", -EINVAL, NULL},
		{"\\", -EINVAL, NULL},
		{"", -EINVAL, NULL},
	};
	char name[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *path = vectors[i].path;

		memcpy(name, "old", 4);
		CHECK(path, loadvar_entry_path(path, name) == vectors[i].r);
		assert_string_equal(name, vectors[i].name ? vectors[i].name : "old");
	}
}

static void test_same_path(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} vectors[] = {
		{"/EFI/Linux/x.efi", "\\efi\\linux\\X.EFI", true},
		{"EFI/Linux/x.efi", "//EFI\\/Linux/x.efi", true},
		{"/EFI/Linux/x.efi", "/EFI/Linux/y.efi", false},
		{"/EFI/Linux/x.efi", "/EFI/Linux/x.ef", false},
		{"/EFI/Linux", "/EFI/Linux/x.efi", false},
		{"/EFILinux", "/EFI/Linux", false},
		{"/a[", "/a{", false},
		{"/EFI/x", "", false},
		/* An entry without the key `efi` is not the one that has no path. */
		{"", "", false},
		{"/", "\\", false},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct slice a = {vectors[i].a, strlen(vectors[i].a)};
		struct slice b = {vectors[i].b, strlen(vectors[i].b)};

		CHECK(vectors[i].a, loadvar_same_path(a, b) == vectors[i].same);
		CHECK(vectors[i].a, loadvar_same_path(b, a) == vectors[i].same);
	}
	assert_false(loadvar_same_path((struct slice){0}, (struct slice){0}));
}

static void test_uuid(void **state)
{
	static const struct {
		const char *s;
		bool uuid, partuuid;
		const char *lower;
	} vectors[] = {
		{"4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", true, true,
		 "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"},
		{"4A67B082-0A4C-41CF-B6C7-440B29BB8C4F", true, true,
		 "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"},
		{"PARTUUID=4A67b082-0a4c-41cf-b6c7-440b29bb8c4f", false, true,
		 "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"},
		{"1234ABCD-01", false, true, "1234abcd-01"},
		{"PARTUUID=1234abcd-01", false, true, "1234abcd-01"},
		{"", false, false, NULL},
		{"PARTUUID=", false, false, NULL},
		{"1234ABCD", false, false, NULL},
		{"1234ABCD-1", false, false, NULL},
		{"1234ABCD-011", false, false, NULL},
		{"UUID=1234-ABCD", false, false, NULL},
		{"4a67b082-0a4c-41cf-b6c7-440b29bb8c4", false, false, NULL},
		{"4a67b082-0a4c-41cf-b6c7-440b29bb8c4f0", false, false, NULL},
		{"4a67b0820a4c41cfb6c7440b29bb8c4f", false, false, NULL},
		{"4a67b082-0a4c-41cf-b6c7-440b29bb8c4g", false, false, NULL},
		{"4a67b082-0a4c-41cfb-6c7-440b29bb8c4f", false, false, NULL},
		{"{4a67b082-0a4c-41cf-b6c7-440b29bb8c4f}", false, false, NULL},
	};
	char buf[PARTUUID_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *s = vectors[i].s;

		memcpy(buf, "old", 4);
		CHECK(s, loadvar_is_uuid(s) == vectors[i].uuid);
		CHECK(s, loadvar_partuuid((struct slice){s, strlen(s)}, buf) ==
				 (vectors[i].partuuid ? 0 : -EINVAL));
		assert_string_equal(buf, vectors[i].partuuid ? vectors[i].lower : "old");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_seen),	     cmocka_unit_test(test_string),
		cmocka_unit_test(test_from_string),  cmocka_unit_test(test_next_id),
		cmocka_unit_test(test_next_id_long), cmocka_unit_test(test_next_id_odd),
		cmocka_unit_test(test_numbers),	     cmocka_unit_test(test_entry_path),
		cmocka_unit_test(test_same_path),    cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests_name("loadvar", tests, NULL, NULL);
}
