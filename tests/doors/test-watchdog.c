// SPDX-License-Identifier: LGPL-2.1-or-later
/* The watchdogs of a machine in a directory; ioctl(2) is played, each device keeps what was written
 * to it. A real one: tests/uml/test-watchdog.c. */
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/root.h"
#include "doors/watchdog.h"

static char dir[] = "/tmp/bootassess-watchdog.XXXXXX";
static int rootfd;

static unsigned int played_options;
static int played_max_s, played_timeout_s, n_short;

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	(void)fd;
	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case WDIOC_GETSUPPORT:
		*(struct watchdog_info *)argument =
			(struct watchdog_info){.options = played_options, .identity = "Played"};
		return 0;
	case WDIOC_SETTIMEOUT:
		if (*(int *)argument > played_max_s) {
			errno = EINVAL;
			return -1;
		}
		n_short += *(int *)argument < 5;
		played_timeout_s = *(int *)argument;
		return 0;
	case WDIOC_GETTIMEOUT:
		*(int *)argument = played_timeout_s;
		return 0;
	}
	errno = ENOTTY;
	return -1;
}

static void put(const char *path, const char *text)
{
	char parent[128];

	(void)snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	assert_int_equal(root_mkdirs(rootfd, parent), 0);
	assert_int_equal(root_write(rootfd, path, text, strlen(text), 0600), 0);
}

static void add(unsigned int i, const char *identity, const char *state, const char *timeout)
{
	const char *const what[][2] = {{"identity", identity},
				       {"state", state},
				       {"timeout", timeout},
				       {"nowayout", "0\n"}};
	char path[96];

	for (size_t k = 0; k < 4; k++) {
		(void)snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%u/%s", i,
			       what[k][0]);
		put(path, what[k][1]);
	}
	(void)snprintf(path, sizeof(path), "dev/watchdog%u", i);
	put(path, "");
}

/* What a device was written; it must never be a `V`. */
static size_t n_pings(unsigned int i)
{
	char path[32], buf[64];
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "dev/watchdog%u", i);
	assert_int_equal(root_read(rootfd, path, buf, sizeof(buf), &len), 0);
	assert_null(memchr(buf, 'V', len));
	return len;
}

static int setup(void **state)
{
	(void)state;
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rootfd >= 0);
	played_options = WDIOF_MAGICCLOSE | WDIOF_SETTIMEOUT;
	played_max_s = 86400;
	n_short = 0;
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	closep(&rootfd);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void test_hardware_first(void **state)
{
	struct watchdog w = {.fd = -1};

	(void)state;
	assert_int_equal(watchdog_open(rootfd, 60, &w), -ENODEV);
	add(0, "Software Watchdog\n", "inactive\n", "60\n");
	assert_int_equal(watchdog_open(rootfd, 60, &w), 0);
	assert_int_equal(w.number, 0);
	watchdog_close(&w);
	add(1, "iTCO_wdt\n", "inactive\n", "30\n");
	assert_int_equal(watchdog_open(rootfd, 60, &w), 0);
	assert_int_equal(w.number, 1);
	assert_int_equal(w.timeout_s, 60);
	assert_string_equal(w.identity, "Played");
	assert_false(w.stops_on_close);
	watchdog_feed(&w);
	watchdog_close(&w);
	assert_int_equal(w.fd, -1);
	assert_true(n_pings(1) > 1);
}

/* iTCO_wdt takes at most 613 s. */
static void test_longest(void **state)
{
	struct watchdog w = {.fd = -1};

	(void)state;
	add(0, "iTCO_wdt\n", "inactive\n", "30\n");
	played_max_s = 613;
	assert_int_equal(watchdog_open(rootfd, 86400, &w), 0);
	assert_int_equal(w.timeout_s, 613);
	/* On the way there it was never so short that it could have struck. */
	assert_int_equal(n_short, 0);
	watchdog_close(&w);
}

static void test_stops_on_close(void **state)
{
	struct watchdog w = {.fd = -1};

	(void)state;
	add(0, "no magic\n", "inactive\n", "30\n");
	played_options = WDIOF_SETTIMEOUT;
	assert_int_equal(watchdog_open(rootfd, 60, &w), 0);
	assert_true(w.stops_on_close);
	watchdog_close(&w);
	put("sys/class/watchdog/watchdog0/nowayout", "1\n");
	assert_int_equal(watchdog_open(rootfd, 60, &w), 0);
	assert_false(w.stops_on_close);
	watchdog_close(&w);
}

/* Opening one that does not run would start it. */
static void test_ping(void **state)
{
	(void)state;
	add(0, "one\n", "inactive\n", "10\n");
	add(2, "two\n", "active\n", "60\n");
	add(3, "three\n", "active\n", "20\n");
	watchdog_ping(rootfd);
	assert_int_equal(n_pings(0), 0);
	assert_int_equal(n_pings(2), 1);
	assert_int_equal(n_pings(3), 1);
	assert_int_equal(watchdog_shortest_s(rootfd), 20);
	put("sys/class/watchdog/watchdog3/state", "inactive\n");
	assert_int_equal(watchdog_shortest_s(rootfd), 60);
	put("sys/class/watchdog/watchdog2/state", "inactive\n");
	assert_int_equal(watchdog_shortest_s(rootfd), 0);
}

static bool was_stopped(unsigned int i)
{
	char path[32], buf[64];
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "dev/watchdog%u", i);
	assert_int_equal(root_read(rootfd, path, buf, sizeof(buf), &len), 0);
	return len > 0 && buf[len - 1] == 'V'; /* the last word before the close counts */
}

/* Hold=poweroff: a device that is only played stays active, as one with nowayout does. */
static void test_stop(void **state)
{
	struct watchdog w = {.fd = -1};

	(void)state;
	add(0, "one\n", "inactive\n", "10\n");
	add(2, "two\n", "active\n", "60\n");
	assert_int_equal(watchdog_stop(rootfd, &w), 1);
	assert_false(was_stopped(0));
	assert_true(was_stopped(2));
	assert_int_equal(watchdog_open(rootfd, 60, &w), 0);
	assert_int_equal(w.number, 0);
	put("sys/class/watchdog/watchdog2/state", "inactive\n");
	assert_int_equal(watchdog_stop(rootfd, &w), 0);
	assert_true(was_stopped(0));
	assert_int_equal(w.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hardware_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stops_on_close, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ping, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	};

	return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
