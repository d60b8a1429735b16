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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fifo, enter, leave),
		cmocka_unit_test_setup_teardown(test_others, enter, leave),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
