// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/service.h"

/* Stands in for systemctl and reboot: notes what it was called with, and ends as STATUS says. */
static const char fake[] = "#!/bin/sh\n"
			   "echo \"${0##*/} $* ${SYSTEMCTL_SKIP_AUTO_KEXEC-unset}\" >>\"$LOG\"\n"
			   "[ -z \"$SIGNAL\" ] || kill -s \"$SIGNAL\" $$\n"
			   "[ -z \"${SAYS+x}\" ] || echo \"$SAYS\"\n"
			   "exit \"$STATUS\"\n";

static char dir[] = "/tmp/bootassess-service.XXXXXX";
static char log_path[64];

static void write_fake(const char *name)
{
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(fake, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static int setup(void **state)
{
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(log_path, sizeof(log_path), "%s/log", dir);
	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", dir);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(setenv("LOG", log_path, 1), 0);
	write_fake("systemctl");
	write_fake("reboot");
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"systemctl", "reboot", "log"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

/* What the command was called with; "" = it was not. */
static const char *called(void)
{
	static char line[128];
	FILE *f = fopen(log_path, "r");

	line[0] = '\0';
	if (f) {
		(void)!fgets(line, sizeof(line), f);
		(void)fclose(f);
	}
	line[strcspn(line, "\n")] = '\0';
	(void)unlink(log_path);
	return line;
}

static void set(const char *status, const char *signal_name)
{
	assert_int_equal(setenv("STATUS", status, 1), 0);
	assert_int_equal(setenv("SIGNAL", signal_name, 1), 0);
	assert_int_equal(unsetenv("SYSTEMCTL_SKIP_AUTO_KEXEC"), 0);
}

static void test_kexec(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_restart(true, true), 0);
	assert_string_equal(called(), "systemctl kexec unset");
	assert_int_equal(service_restart(true, false), -EOPNOTSUPP);
	assert_string_equal(called(), "");
}

static void test_reboot(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_restart(false, true), 0);
	assert_string_equal(called(), "systemctl reboot 1");
	assert_int_equal(service_restart(false, false), 0);
	assert_string_equal(called(), "reboot  1");
}

static void test_failures(void **state)
{
	(void)state;
	set("1", "");
	assert_int_equal(service_restart(true, true), -ECANCELED);
	set("0", "KILL");
	assert_int_equal(service_restart(false, true), -ECANCELED);
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	assert_int_equal(service_restart(false, true), -ENOENT);
}

static void test_watchdog(void **state)
{
	static const struct {
		const char *says;
		bool stops;
	} rows[] = {{"0", true}, {"off", true}, {"", true}, {"10min", false}, {"infinity", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set("0", "");
		assert_int_equal(setenv("SAYS", rows[i].says, 1), 0);
		assert_int_equal(service_stops_watchdog(), rows[i].stops);
		assert_string_equal(called(), "systemctl show --property=KExecWatchdogUSec "
					      "--value unset");
	}
	set("1", "");
	assert_true(service_stops_watchdog());
	(void)called();
	assert_int_equal(unsetenv("SAYS"), 0);
}

/* ^C does not end us, but the command takes it as always; systemd's end of our service ends
 * neither. */
static void test_signals(void **state)
{
	(void)state;
	service_hold_signals();
	assert_int_equal(raise(SIGINT), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(raise(SIGHUP), 0);
	set("0", "INT");
	assert_int_equal(service_restart(false, true), -ECANCELED);
	set("0", "TERM");
	assert_int_equal(service_restart(false, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watchdog), cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_reboot),	 cmocka_unit_test(test_signals),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
