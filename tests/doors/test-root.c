// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a file of $BOOT. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/esp.h"
#include "doors/root.h"

static int enter(void **state)
{
	char *dir = strdup("/tmp/test-root-XXXXXX");

	*state = dir;
	return !dir || !mkdtemp(dir) || chdir(dir) < 0;
}

static int leave(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", (const char *)*state);
	free(*state);
	return chdir("/") < 0 || system(command) != 0;
}

/* Nobody would ever write into it: without the look at its type this test does not end. */
static void test_fifo(void **state)
{
	char buf[16] = "untouched";
	size_t len = 7;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	alarm(10);
	assert_int_equal(root_read(AT_FDCWD, "fifo", buf, sizeof(buf), &len), -EINVAL);
	alarm(0);
	assert_string_equal(buf, "untouched");
	assert_int_equal(len, 7);
}

static void test_others(void **state)
{
	char buf[4];
	size_t len;

	(void)state;
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(root_read(AT_FDCWD, "folder", buf, sizeof(buf), &len), -EISDIR);
	assert_int_equal(symlink("fifo", "link"), 0);
	assert_int_equal(root_read(AT_FDCWD, "link", buf, sizeof(buf), &len), -ELOOP);
	assert_int_equal(root_write(AT_FDCWD, "file", "abcd", 4, 0600), 0);
	assert_int_equal(root_read(AT_FDCWD, "file", buf, sizeof(buf), &len), -E2BIG);
	assert_string_equal(buf, "abc");
	assert_int_equal(len, 3);
}

static void make_link(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

/* in/ is $BOOT; out/ lies beside it, and must not be reached. */
static int make_tree(void)
{
	assert_int_equal(root_mkdirs(AT_FDCWD, "in/a/b"), 0);
	assert_int_equal(root_mkdirs(AT_FDCWD, "out/b"), 0);
	assert_int_equal(root_write(AT_FDCWD, "in/a/b/file", "in", 2, 0600), 0);
	assert_int_equal(root_write(AT_FDCWD, "out/b/file", "out", 3, 0600), 0);
	assert_int_equal(mkfifo("in/a/fifo", 0600), 0);
	make_link("../out", "in/link");
	make_link("a", "in/inside");
	make_link("/", "in/absolute");
	make_link("loop", "in/loop");
	make_link("../../../out/b/file", "in/a/b/last");
	return open("in", O_RDONLY | O_DIRECTORY);
}

static void test_beneath(void **state)
{
	static const struct {
		const char *path;
		int r;
	} v[] = {
		{"a/b/file", 0},
		{"./a//b/./file", 0},
		{"a", -EISDIR},
		{"a/b/missing", -ENOENT},
		{"missing/file", -ENOENT},
		{"a/b/", -ENOENT},
		{"a/b/file/x", -ENOTDIR},
		{"", -EINVAL},
		{"/a/b/file", -EINVAL},
		{"..", -EINVAL},
		{"../out/b/file", -EINVAL},
		{"a/../a/b/file", -EINVAL},
		{"missing/../../out", -EINVAL},
		{"a/..", -EINVAL},
		{"a/..file", -ENOENT},
		{"link/b/file", -ELOOP},
		{"inside/b/file", -ELOOP},
		{"absolute/etc/passwd", -ELOOP},
		{"loop/x", -ELOOP},
		{"a/b/last", -ELOOP},
		{"a/fifo", -EINVAL},
	};
	int fd = make_tree();
	char buf[8];

	(void)state;
	alarm(10);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		print_message("# %s\n", v[i].path);
		assert_int_equal(dir_read(fd, v[i].path, buf, sizeof(buf), NULL), v[i].r);
		assert_int_equal(dir_read_line(fd, v[i].path, buf, sizeof(buf)), v[i].r);
	}
	alarm(0);
	assert_string_equal(buf, "in");
	close(fd);
}

static int count(void *data, const char *name)
{
	(void)name;
	(*(int *)data)++;
	return 0;
}

static void test_beneath_folders(void **state)
{
	int fd = make_tree(), n = 0;

	(void)state;
	assert_int_equal(dir_each_file(fd, "a/b", count, &n), 0);
	assert_int_equal(dir_each_file(fd, "link/b", count, &n), -ELOOP);
	assert_int_equal(dir_each_file(fd, "link", count, &n), -ELOOP);
	assert_int_equal(dir_each_file(fd, "a/../../out/b", count, &n), -EINVAL);
	assert_int_equal(dir_each_folder(fd, ".", count, &n), 0);
	assert_int_equal(n, 2); /* file, a */
	assert_true(dir_exists(fd, "a/b/file"));
	assert_true(dir_exists(fd, "a/b/last"));
	assert_false(dir_exists(fd, "link/b/file"));
	assert_false(dir_exists(fd, "../out/b/file"));
	close(fd);
}

/* Writes, too: neither through a folder that is a link, nor into what is no file. */
static void test_beneath_writes(void **state)
{
	int fd = make_tree();
	struct stat st;

	(void)state;
	alarm(10);
	assert_int_equal(esp_write_file(fd, "link/b", "file", "x", 1), -ELOOP);
	assert_int_equal(esp_write_file(fd, "link/new", "file", "x", 1), -ELOOP);
	assert_int_equal(esp_write_file(fd, "../out", "file", "x", 1), -EINVAL);
	assert_int_equal(esp_write_file(fd, "a", "fifo", "x", 1), -EINVAL);
	assert_int_equal(esp_write_file(fd, "a/b", "last", "x", 1), -ELOOP);
	assert_int_equal(esp_unlink(fd, "link/b", "file"), -ELOOP);
	assert_int_equal(esp_unlink(fd, "a/b", "last"), -ELOOP);
	assert_int_equal(esp_remove_dir(fd, "link/b"), -ELOOP);
	assert_int_equal(esp_rename(fd, "a", "fifo", "other"), -EINVAL);
	alarm(0);
	assert_int_equal(stat("out/b/file", &st), 0);
	assert_int_equal(st.st_size, 3);
	umask(0);
	assert_int_equal(esp_write_file(fd, "new/folder", "file", "x", 1), 0);
	assert_int_equal(stat("in/new/folder", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat("in/new/folder/file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fifo, enter, leave),
		cmocka_unit_test_setup_teardown(test_others, enter, leave),
		cmocka_unit_test_setup_teardown(test_beneath, enter, leave),
		cmocka_unit_test_setup_teardown(test_beneath_folders, enter, leave),
		cmocka_unit_test_setup_teardown(test_beneath_writes, enter, leave),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
