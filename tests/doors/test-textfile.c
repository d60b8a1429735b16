// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writing a file as a whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/root.h"
#include "doors/textfile.h"

/* In a directory of its own, which is the working directory meanwhile. */
static int enter(void **state)
{
	char *dir = strdup("/tmp/test-textfile-XXXXXX");

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

static void assert_content(const char *path, const char *text)
{
	char buf[64];
	size_t len;

	assert_int_equal(root_read(AT_FDCWD, path, buf, sizeof(buf), &len), 0);
	assert_string_equal(buf, text);
}

static unsigned int count_files(void)
{
	DIR *dir = opendir(".");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

static void test_new_and_again(void **state)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/a.prom", (const char *)*state);
	(void)umask(077);
	assert_int_equal(textfile_write(path, "first\n", 6), 0);
	assert_content("a.prom", "first\n");
	assert_int_equal(stat("a.prom", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(textfile_write("a.prom", "2\n", 2), 0);
	assert_content("a.prom", "2\n");
	assert_int_equal(textfile_write("./a.prom", "", 0), 0);
	assert_content("a.prom", "");
	assert_int_equal(count_files(), 1);
}

/* Whoever has the old file open reads it to its end. */
static void test_replaced_not_changed(void **state)
{
	_cleanup_(closep) int fd = -1;
	char buf[8] = "";

	(void)state;
	assert_int_equal(textfile_write("a.prom", "old\n", 4), 0);
	fd = open("a.prom", O_RDONLY | O_CLOEXEC);
	assert_int_equal(textfile_write("a.prom", "new\n", 4), 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 4);
	assert_string_equal(buf, "old\n");
}

static void test_no_directory(void **state)
{
	(void)state;
	assert_int_equal(textfile_write("gone/a.prom", "x", 1), -ENOENT);
	assert_int_equal(textfile_write("./", "x", 1), -EISDIR);
	assert_int_equal(textfile_write("", "x", 1), -EISDIR);
	assert_int_equal(count_files(), 0);
}

static void test_too_long(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(textfile_write(name, "x", 1), -ENAMETOOLONG);
	assert_int_equal(count_files(), 0);
}

/* The rename is what fails. */
static void test_directory_in_the_way(void **state)
{
	(void)state;
	assert_int_equal(mkdir("a.prom", 0755), 0);
	assert_int_equal(textfile_write("a.prom", "x", 1), -EISDIR);
	assert_int_equal(count_files(), 1);
}

/* The write is what fails, in its middle. */
static void test_full(void **state)
{
	struct rlimit before, small;
	char text[64];
	int r;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(textfile_write("a.prom", "old\n", 4), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 10, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = textfile_write("a.prom", text, sizeof(text));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	assert_content("a.prom", "old\n");
	assert_int_equal(count_files(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new_and_again, enter, leave),
		cmocka_unit_test_setup_teardown(test_replaced_not_changed, enter, leave),
		cmocka_unit_test_setup_teardown(test_no_directory, enter, leave),
		cmocka_unit_test_setup_teardown(test_too_long, enter, leave),
		cmocka_unit_test_setup_teardown(test_directory_in_the_way, enter, leave),
		cmocka_unit_test_setup_teardown(test_full, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
