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
static const char fake[] =
	"#!/bin/sh\n"
	"echo \"${0##*/} $* ${SYSTEMCTL_SKIP_AUTO_KEXEC-unset}"
	"${SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT+ $SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT}\" >>\"$LOG\"\n"
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
	write_fake("poweroff");
	write_fake("halt");
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"systemctl", "reboot", "poweroff", "halt", "log"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
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
	assert_int_equal(unsetenv("SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT"), 0);
}

static void test_kexec(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_end(SERVICE_KEXEC, SERVICE_ASK), 0);
	assert_string_equal(called(), "systemctl kexec unset");
	assert_int_equal(service_end(SERVICE_KEXEC, SERVICE_BY_INIT), -EOPNOTSUPP);
	assert_string_equal(called(), "");
}

static void test_reboot(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_ASK), 0);
	assert_string_equal(called(), "systemctl reboot 1 1");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_BY_INIT), 0);
	assert_string_equal(called(), "reboot  1 1");
}

static void test_end(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_end(SERVICE_POWEROFF, SERVICE_ASK), 0);
	assert_string_equal(called(), "systemctl poweroff unset");
	assert_int_equal(service_end(SERVICE_HALT, SERVICE_ASK), 0);
	assert_string_equal(called(), "systemctl halt unset");
	assert_int_equal(service_end(SERVICE_POWEROFF, SERVICE_BY_INIT), 0);
	assert_string_equal(called(), "poweroff  unset");
	assert_int_equal(service_end(SERVICE_HALT, SERVICE_BY_INIT), 0);
	assert_string_equal(called(), "halt  unset");
}

static void test_manners(void **state)
{
	(void)state;
	set("0", "");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_INSIST), 0);
	assert_string_equal(called(), "systemctl -i reboot 1 1");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_FORCE), 0);
	assert_string_equal(called(), "systemctl --force reboot 1 1");
	set("0", "");
	assert_int_equal(service_end(SERVICE_KEXEC, SERVICE_INSIST), 0);
	assert_string_equal(called(), "systemctl -i kexec unset");
	assert_int_equal(service_end(SERVICE_KEXEC, SERVICE_FORCE), -EOPNOTSUPP);
	assert_string_equal(called(), "");
	assert_int_equal(service_end(SERVICE_POWEROFF, SERVICE_FORCE), 0);
	assert_string_equal(called(), "systemctl --force poweroff unset");
	assert_int_equal(service_end(SERVICE_HALT, SERVICE_INSIST), 0);
	assert_string_equal(called(), "systemctl -i halt unset");
}

static void test_stopping(void **state)
{
	(void)state;
	set("1", "");
	assert_int_equal(setenv("SAYS", "stopping", 1), 0);
	assert_true(service_is_stopping());
	assert_string_equal(called(), "systemctl is-system-running unset");
	assert_int_equal(setenv("SAYS", "degraded", 1), 0);
	assert_false(service_is_stopping());
	assert_int_equal(unsetenv("SAYS"), 0);
	assert_false(service_is_stopping());
	(void)called();
}

static void test_failures(void **state)
{
	(void)state;
	set("1", "");
	assert_int_equal(service_end(SERVICE_KEXEC, SERVICE_ASK), -ECANCELED);
	set("0", "KILL");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_ASK), -ECANCELED);
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_ASK), -ENOENT);
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

static void test_failed_units(void **state)
{
	static const struct {
		const char *says, *units;
		size_t size;
	} rows[] = {
		{"a.service loaded failed failed A thing\n"
		 "b@x\\x2dy.mount not-found failed failed B",
		 "a.service b@x\\x2dy.mount", 256},
		{"", "", 256},
		{"  a.service loaded", "a.service", 256},
		{"a.service x\nbb.service x\nc.service x", "a.service bb.service", 21},
		{"a.service x\nbb.service x\nc.service x", "a.service", 20},
	};
	char buf[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set("0", "");
		assert_int_equal(setenv("SAYS", rows[i].says, 1), 0);
		memset(buf, 'x', sizeof(buf));
		service_failed_units(buf, rows[i].size);
		assert_string_equal(buf, rows[i].units);
		assert_string_equal(called(), "systemctl list-units --failed --plain --no-legend "
					      "--full unset");
	}
	set("1", "");
	assert_int_equal(setenv("SAYS", "no.service x", 1), 0);
	service_failed_units(buf, sizeof(buf));
	assert_string_equal(buf, "");
	(void)called();
	assert_int_equal(unsetenv("SAYS"), 0);
}

/* More than a pipe holds: neither waits for the other, and no half of a name comes out. */
static void test_many_failed_units(void **state)
{
	static char says[120000], buf[sizeof(says)];
	size_t len = 0;

	(void)state;
	while (len + 32 < sizeof(says))
		len += (size_t)snprintf(says + len, sizeof(says) - len, "unit-%05zu.service x\n",
					len % 100000);
	set("0", "");
	assert_int_equal(setenv("SAYS", says, 1), 0);
	service_failed_units(buf, sizeof(buf));
	assert_true(strlen(buf) > 5000);
	assert_string_equal(buf + strlen(buf) - strlen(".service"), ".service");
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
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_ASK), -ECANCELED);
	set("0", "TERM");
	assert_int_equal(service_end(SERVICE_REBOOT, SERVICE_ASK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_failed_units),
		cmocka_unit_test(test_many_failed_units),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_manners),
		cmocka_unit_test(test_stopping),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
