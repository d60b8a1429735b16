// SPDX-License-Identifier: LGPL-2.1-or-later
/* What tests/check-run cannot see from outside. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/root.h"
#include "doors/run.h"

static char said[8192];
static unsigned int lines;
static int input = -1; /* of the next program */

static void remember(void *data, unsigned int which, const char *line, size_t len)
{
	size_t n = strlen(said);

	assert_ptr_equal(data, said);
	assert_int_equal(which, 0);
	assert_true(len <= RUN_LINE_SIZE);
	(void)snprintf(said + n, sizeof(said) - n, "%.*s|", (int)len, line);
	lines++;
}

static int start_shell(struct run *r, const char *text, unsigned int timeout_ms)
{
	char sh[] = "sh", c[] = "-c", script[512];
	char *const argv[] = {sh, c, script, NULL};

	said[0] = '\0';
	lines = 0;
	(void)snprintf(script, sizeof(script), "%s", text);
	return run_start_reading(r, argv, environ, input, timeout_ms, 100);
}

static void run_shell(struct run *r, const char *text, unsigned int timeout_ms)
{
	assert_int_equal(start_shell(r, text, timeout_ms), 0);
	while (r->state != RUN_ENDED)
		assert_int_equal(run_wait(r, 1, UINT64_MAX, -1, remember, said), 0);
	assert_int_equal(r->out, -1);
	assert_int_equal(r->pidfd, -1);
}

/* Each reads all of it, and none can change it for the next. */
static void test_input(void **state)
{
	static const char text[] = "hello\nworld\n";
	struct run r;

	(void)state;
	run_shell(&r, "cat", 5000);
	assert_string_equal(said, "");
	input = run_make_input(text, sizeof(text) - 1);
	assert_true(input >= 0);
	for (int i = 0; i < 2; i++) {
		run_shell(&r, "cat; echo changed >&0", 5000);
		assert_memory_equal(said, "hello|world|", strlen("hello|world|"));
		assert_null(strstr(said, "|changed"));
	}
	closep(&input);
	input = -1;
}

static void test_end(void **state)
{
	struct run r;

	(void)state;
	run_shell(&r, "exit 7", 5000);
	assert_int_equal(r.status, 7);
	assert_int_equal(r.signal, 0);
	assert_false(r.timed_out);
	run_shell(&r, "kill -9 $$", 5000);
	assert_int_equal(r.signal, SIGKILL);
	assert_false(r.timed_out);
	run_shell(&r, "sleep 5", 100);
	assert_true(r.timed_out);
	assert_int_equal(r.signal, SIGTERM);
	run_shell(&r, "trap '' TERM; sleep 5; sleep 5", 100);
	assert_true(r.timed_out);
	assert_int_equal(r.signal, SIGKILL);
	run_shell(&r, "trap 'exit 0' TERM; sleep 5", 100);
	assert_true(r.timed_out);
}

static void test_lines(void **state)
{
	char want[RUN_LINE_SIZE + 2];
	struct run r;

	(void)state;
	run_shell(&r, "printf 'a\\n\\nb'", 5000);
	assert_string_equal(said, "a||b|");
	run_shell(&r, "printf 'a\\n'", 5000);
	assert_string_equal(said, "a|");
	run_shell(&r, "printf a; sleep 0.1; printf 'b\\nc\\n'", 5000);
	assert_string_equal(said, "ab|c|");
	/* one that just fits is one line, one that does not is two */
	memset(want, 'x', RUN_LINE_SIZE);
	memcpy(want + RUN_LINE_SIZE, "|", 2);
	run_shell(&r, "printf '%0512d\\n' 0 | tr 0 x", 5000);
	assert_string_equal(said, want);
	run_shell(&r, "printf '%0513d\\n' 0 | tr 0 x", 5000);
	assert_int_equal(lines, 2);
	assert_true(strlen(said) == 513 + 2);
}

/* Who starts us may ignore or block signals; the program does not learn that from us. The lower
 * ones: what the C library does with its own two is its business. */
static void test_signals(void **state)
{
	struct run r;
	sigset_t set;

	(void)state;
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	run_shell(&r, "sed -nE 's/^(Sig(Blk|Ign)).*(.{7})$/\\1 \\3/p' /proc/self/status", 5000);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	assert_string_equal(said, "SigBlk 0000000|SigIgn 0000000|");
}

static void test_stop(void **state)
{
	int fd = run_hold_signals();
	struct run r;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(start_shell(&r, "sleep 5", 5000), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(run_wait(&r, 1, UINT64_MAX, fd, remember, said), 1);
	run_stop(&r);
	while (r.state != RUN_ENDED)
		assert_int_equal(run_wait(&r, 1, UINT64_MAX, fd, remember, said), 0);
	assert_true(r.timed_out);
	closep(&fd);
}

static void test_wait(void **state)
{
	uint64_t start_ms = run_now_ms();

	(void)state;
	assert_int_equal(run_wait(NULL, 0, start_ms + 50, -1, NULL, NULL), 0);
	assert_true(run_now_ms() >= start_ms + 50);
	assert_int_equal(run_wait(NULL, RUNS_MAX + 1, 0, -1, NULL, NULL), -E2BIG);
}

static void test_no_start(void **state)
{
	char none[] = "/no/such/program";
	char *const argv[] = {none, NULL};
	struct run r;

	(void)state;
	assert_int_equal(run_start(&r, argv, environ, 100, 100), -ENOENT);
	assert_int_equal(r.state, RUN_IDLE);
	assert_int_equal(r.out, -1);
}

static void name_mounts(char buf[64])
{
	ssize_t n = readlink("/proc/self/ns/mnt", buf, 63);

	assert_true(n > 0);
	buf[n] = '\0';
}

static void test_mounts(void **state)
{
	char before[64], inside[64], after[64];
	int fd = run_keep_mounts();

	(void)state;
	assert_true(fd >= 0);
	name_mounts(before);
	if (unshare(CLONE_NEWNS) < 0) {
		closep(&fd);
		skip(); /* only root may */
	}
	name_mounts(inside);
	assert_string_not_equal(before, inside);
	assert_int_equal(run_return_mounts(fd), 0);
	name_mounts(after);
	assert_string_equal(before, after);
	closep(&fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input),	 cmocka_unit_test(test_end),
		cmocka_unit_test(test_lines),	 cmocka_unit_test(test_signals),
		cmocka_unit_test(test_stop),	 cmocka_unit_test(test_wait),
		cmocka_unit_test(test_no_start), cmocka_unit_test(test_mounts),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
