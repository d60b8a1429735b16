// SPDX-License-Identifier: LGPL-2.1-or-later
/* Archives that are written here by hand, header by header. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initrd.h"

static char archive[65536];
static size_t len;

static void start(void)
{
	memset(archive, 0, sizeof(archive));
	len = 0;
}

static void put(unsigned int mode, unsigned int inode, unsigned int links, const char *name,
		const char *content)
{
	len += (size_t)sprintf(archive + len,
			       "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", inode,
			       mode, 0, 0, links, 0, (unsigned int)strlen(content), 8, 1, 0, 0,
			       (unsigned int)strlen(name) + 1, 0);
	memcpy(archive + len, name, strlen(name) + 1);
	len = (len + strlen(name) + 1 + 3) & ~(size_t)3;
	memcpy(archive + len, content, strlen(content));
	len = (len + strlen(content) + 3) & ~(size_t)3;
}

static int next(size_t *at, struct cpio_entry *e, const char **what)
{
	return cpio_next((const uint8_t *)archive, len, at, e, what);
}

static void is(struct slice s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.s, want, s.len);
}

static void test_files(void **state)
{
	struct cpio_entry e;
	const char *what;
	size_t at = 0;

	(void)state;
	start();
	put(0100755, 1, 1, "./usr/bin/true", "hello");
	put(0120777, 2, 1, "/bin", "usr/bin");
	put(040755, 3, 2, ".", "");
	put(0, 0, 1, "TRAILER!!!", "");
	assert_true(cpio_begins((const uint8_t *)archive, len));
	assert_int_equal(next(&at, &e, &what), 0);
	is(e.name, "usr/bin/true");
	is(e.content, "hello");
	assert_true(cpio_is_executable(&e) && !cpio_is_link(&e));
	assert_int_equal(next(&at, &e, &what), 0);
	is(e.name, "bin");
	assert_true(cpio_is_link(&e) && !cpio_is_file(&e));
	assert_int_equal(next(&at, &e, &what), 0);
	is(e.name, ".");
	assert_int_equal(next(&at, &e, &what), CPIO_END);
	assert_int_equal(at, len);
}

/* Every archive that is cut somewhere is found to be, and the place stays. */
static void test_cut(void **state)
{
	size_t whole;

	(void)state;
	start();
	put(0100644, 1, 1, "file", "some content");
	put(0, 0, 1, "TRAILER!!!", "");
	whole = len - 3; /* the padding may be missing */
	for (len = 0; len < whole; len++) {
		struct cpio_entry e;
		const char *what;
		size_t at = 0;
		int r = 0;

		while (r == 0)
			r = next(&at, &e, &what);
		assert_int_equal(r, -EINVAL);
		assert_non_null(what);
	}
}

static void damaged(size_t where, const char *bytes, const char *want)
{
	struct cpio_entry e;
	const char *what;
	size_t at = 0;

	start();
	put(0100644, 1, 1, "file", "some content");
	memcpy(archive + where, bytes, strlen(bytes));
	assert_int_equal(next(&at, &e, &what), -EINVAL);
	assert_string_equal(what, want);
	assert_int_equal(at, 0);
}

static void test_damaged(void **state)
{
	(void)state;
	damaged(0, "070707", "no file header");
	damaged(20, "G", "a field of a file header is no number");
	damaged(54, "FFFFFFFF", "it is cut off in a file");
	damaged(94, "00000000", "a file name has an impossible length");
	damaged(94, "00001001", "a file name has an impossible length");
	damaged(94, "00000FFF", "it is cut off in a file name");
	damaged(94, "00000004", "a file name does not end where it should");
	damaged(94, "00000006", "a file name does not end where it should");
}

static bool finds(const char *path, const char *content)
{
	struct initrd i = {.archive = {{(const uint8_t *)archive, len}}, .n = 1};
	struct cpio_entry e;

	if (!initrd_find(&i, path, &e))
		return false;
	is(e.content, content);
	return true;
}

static void test_find(void **state)
{
	(void)state;
	start();
	put(0100644, 1, 1, "etc/a", "first");
	put(0100644, 2, 1, "etc/a", "second");
	put(0120777, 3, 1, "lib", "usr/lib");
	put(0100644, 4, 1, "usr/lib/x/c.so.1.2", "library");
	put(0120777, 5, 1, "usr/lib/x/c.so.1", "c.so.1.2");
	put(0120777, 6, 1, "up", "usr/lib/x/../x/./c.so.1");
	put(0120777, 7, 1, "etc/root", "/up");
	put(0120777, 8, 1, "loop", "loop");
	put(0120777, 9, 1, "gone", "nowhere");
	put(0100755, 10, 2, "one", "");
	put(0100755, 10, 2, "two", "hard");
	assert_true(finds("etc/a", "second"));
	assert_true(finds("lib/x/c.so.1", "library"));
	assert_true(finds("usr/etc/a", "second"));
	assert_true(finds("up", "library"));
	assert_true(finds("etc/root", "library"));
	assert_true(finds("one", "hard"));
	assert_false(finds("loop", ""));
	assert_false(finds("gone", ""));
	assert_false(finds("none", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
