// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/journal.h"

#define ID "0123456789abcdef0123456789abcdef"

static char dir[] = "/tmp/bootassess-journal.XXXXXX";
static int rootfd = -1, journal = -1;
static char datagram[65536];

static void path_of(const char *name, char path[108])
{
	(void)snprintf(path, 108, "%s/%s", dir, name);
}

static void listen_there(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	path_of("run/systemd/journal/socket", address.sun_path);
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(journal >= 0);
	assert_int_equal(bind(journal, (struct sockaddr *)&address, sizeof(address)), 0);
}

static int setup(void **state)
{
	static const char *const dirs[] = {"run", "run/systemd", "run/systemd/journal"};
	char path[108];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 3; i++) {
		path_of(dirs[i], path);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	rootfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rootfd >= 0);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"run/systemd/journal/socket", "run/systemd/journal",
					    "run/systemd", "run", ""};
	char path[108];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(names[i], path);
		(void)remove(path);
	}
	return access(dir, F_OK) == 0;
}

static int send_line(void)
{
	return journal_send(rootfd, LOG_DOOR_NOTICE, ID, "a line", NULL, 0);
}

static void test_without(void **state)
{
	char path[108];

	(void)state;
	assert_int_equal(send_line(), -ENOENT);
	path_of("run/systemd/journal/socket", path);
	assert_int_equal(symlink("/run/systemd/journal/socket", path), 0);
	assert_int_equal(send_line(), -ENOTSOCK); /* not the journal of another root */
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(send_line(), -ENOTSOCK);
	(void)unlink(path);
}

static void check(const char *wanted, size_t len)
{
	assert_int_equal(recv(journal, datagram, sizeof(datagram), 0), (ssize_t)len);
	assert_memory_equal(datagram, wanted, len);
	assert_int_equal(recv(journal, datagram, sizeof(datagram), 0), -1);
}

static void test_send(void **state)
{
	static const char plain[] = "MESSAGE=it is so = yes\nPRIORITY=5\nMESSAGE_ID=" ID
				    "\nSYSLOG_IDENTIFIER=bootassess\n"
				    "BOOTASSESS_SLOT=active.conf\nBOOTASSESS_TEXT=\n";
	static const char lines[] = "MESSAGE\n\x07\0\0\0\0\0\0\0one\ntwo\nPRIORITY=3\n"
				    "SYSLOG_IDENTIFIER=bootassess\nX\n\x01\0\0\0\0\0\0\0\n\n";
	const struct journal_field fields[] = {{"BOOTASSESS_SLOT", "active.conf"},
					       {"BOOTASSESS_TARGET", NULL},
					       {"BOOTASSESS_TEXT", ""}};
	const struct journal_field newline = {"X", "\n"};

	(void)state;
	listen_there();
	assert_int_equal(journal_send(rootfd, LOG_DOOR_NOTICE, ID, "it is so = yes", fields, 3), 0);
	check(plain, sizeof(plain) - 1);
	assert_int_equal(journal_send(rootfd, LOG_DOOR_ERR, NULL, "one\ntwo", &newline, 1), 0);
	check(lines, sizeof(lines) - 1);
}

static void test_size(void **state)
{
	static char text[40000];
	const struct journal_field field = {"TEXT", text};
	ssize_t n;

	(void)state;
	memset(text, 'x', 30000);
	text[100] = '\n';
	assert_int_equal(journal_send(rootfd, LOG_DOOR_INFO, ID, "m", &field, 1), 0);
	n = recv(journal, datagram, sizeof(datagram), 0);
	assert_true(n > 30000);
	assert_memory_equal(datagram + n - 30014, "TEXT\n\x30\x75\0\0\0\0\0\0x", 14);
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(journal_send(rootfd, LOG_DOOR_INFO, ID, "m", &field, 1), -EMSGSIZE);
	assert_int_equal(recv(journal, datagram, sizeof(datagram), 0), -1);
}

/* A journal that takes nothing, and one that has died. */
static void test_no_wait(void **state)
{
	int r = 0;

	(void)state;
	for (int i = 0; i < 5000 && r == 0; i++)
		r = send_line();
	assert_int_equal(r, -EAGAIN);
	(void)close(journal);
	assert_int_equal(send_line(), -ECONNREFUSED);
}

static void test_stderr(void **state)
{
	struct stat st;
	char value[64];

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	assert_false(journal_is_stderr());
	for (int more = 0; more < 2; more++) {
		(void)snprintf(value, sizeof(value), "%llu:%llu", (unsigned long long)st.st_dev,
			       (unsigned long long)st.st_ino + (unsigned int)more);
		assert_int_equal(setenv("JOURNAL_STREAM", value, 1), 0);
		assert_int_equal(journal_is_stderr(), more == 0);
	}
	(void)snprintf(value, sizeof(value), "%llu:%llux", (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", value, 1), 0);
	assert_false(journal_is_stderr());
	assert_int_equal(setenv("JOURNAL_STREAM", "", 1), 0);
	assert_false(journal_is_stderr());
	assert_int_equal(setenv("JOURNAL_STREAM", "1", 1), 0);
	assert_false(journal_is_stderr());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without), cmocka_unit_test(test_send),
		cmocka_unit_test(test_size),	cmocka_unit_test(test_no_wait),
		cmocka_unit_test(test_stderr),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
