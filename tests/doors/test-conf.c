// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "doors/conf.h"
#include "doors/root.h"

#define NAME "bootassess/bootassess.conf"

static int rootfd = -1;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static char dir[] = "/tmp/bootassess-conf.XXXXXX";

/* Each test has an empty root. */
static int setup(void **state)
{
	static const char *const parts[] = {"etc", "run", "usr/lib"};
	char path[128];

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rootfd >= 0);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/" NAME ".d", parts[i]);
		assert_int_equal(root_mkdirs(rootfd, path), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	closep(&rootfd);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *path, const char *text)
{
	assert_int_equal(root_write(rootfd, path, text, strlen(text), 0600), 0);
}

/* What was read: "PATH=TEXT " or "PATH!ERRNO " for each. */
struct seen {
	char text[4096];
};

static void see(void *data, const char *path, const char *text, size_t len, int r)
{
	struct seen *s = data;
	size_t at = strlen(s->text);

	if (r < 0)
		(void)snprintf(s->text + at, sizeof(s->text) - at, "%s!%d ", path, -r);
	else
		(void)snprintf(s->text + at, sizeof(s->text) - at, "%s=%.*s ", path, (int)len,
			       text);
}

static void expect(const char *wanted)
{
	struct seen s = {.text = ""};

	conf_read(rootfd, NAME, see, &s);
	assert_string_equal(s.text, wanted);
}

static void test_nothing(void **state)
{
	(void)state;
	expect("");
	assert_int_equal(unlinkat(rootfd, "run/" NAME ".d", AT_REMOVEDIR), 0);
	expect("");
}

/* The main file of the highest directory only. */
static void test_main(void **state)
{
	(void)state;
	put("usr/lib/" NAME, "u");
	expect("usr/lib/" NAME "=u ");
	put("run/" NAME, "r");
	expect("run/" NAME "=r ");
	put("etc/" NAME, "");
	expect("etc/" NAME "= ");
}

/* By name over all directories, each name from the highest one. */
static void test_dropins(void **state)
{
	(void)state;
	put("etc/" NAME, "m");
	put("usr/lib/" NAME ".d/10-a.conf", "1");
	put("etc/" NAME ".d/20-b.conf", "2");
	put("run/" NAME ".d/15-c.conf", "3");
	put("usr/lib/" NAME ".d/20-b.conf", "4");
	put("run/" NAME ".d/10-a.conf", "5");
	put("etc/" NAME ".d/README", "6");
	put("etc/" NAME ".d/.hidden.conf", "7");
	put("etc/" NAME ".d/30-d.conf~", "8");
	expect("etc/" NAME "=m run/" NAME ".d/10-a.conf=5 run/" NAME ".d/15-c.conf=3 etc/" NAME
	       ".d/20-b.conf=2 ");
}

/* A link to /dev/null holds nothing; others are followed. */
static void test_links(void **state)
{
	(void)state;
	put("usr/lib/" NAME ".d/10-a.conf", "1");
	put("usr/lib/elsewhere", "2");
	assert_int_equal(symlinkat("/dev/null", rootfd, "etc/" NAME ".d/10-a.conf"), 0);
	assert_int_equal(symlinkat("../../usr/lib/elsewhere", rootfd, "etc/" NAME), 0);
	assert_int_equal(symlinkat("nowhere", rootfd, "etc/" NAME ".d/20-b.conf"), 0);
	expect("etc/" NAME "=2 etc/" NAME ".d/10-a.conf= etc/" NAME ".d/20-b.conf!2 ");
}

static void test_limits(void **state)
{
	char text[CONF_FILE_SIZE + 1], path[128];
	struct seen s = {.text = ""};

	(void)state;
	memset(text, '#', CONF_FILE_SIZE);
	text[CONF_FILE_SIZE] = '\0';
	put("etc/" NAME, text);
	expect("etc/" NAME "!7 ");
	text[CONF_FILE_SIZE - 1] = '\0';
	put("etc/" NAME, text);
	conf_read(rootfd, NAME, see, &s);
	assert_non_null(strstr(s.text, NAME "=####"));
	put("etc/" NAME, "");
	for (int i = 0; i <= CONF_DROPINS_MAX; i++) {
		(void)snprintf(path, sizeof(path), "etc/" NAME ".d/%02d.conf", i);
		put(path, "");
	}
	s.text[0] = '\0';
	conf_read(rootfd, NAME, see, &s);
	assert_non_null(strstr(s.text, "etc/" NAME ".d!7 "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_main, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dropins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
