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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "act.h"
#include "companion/mend.h"
#include "companion/restart.h"
#include "doors/log.h"
#include "doors/power.h"
#include "observe.h"
#include "repair.h"

/* How fail and switch leave a running system, and how long verbs wait for the ESP. systemctl is a
 * fake on PATH; what stands in for the machine is below. */

/* Notes what it was called with. REFUSES: the first words that it refuses. */
static const char fake[] = "#!/bin/sh\n"
			   "echo \"$*\" >>\"$LOG\"\n"
			   "case $* in is-system-running) echo \"$STATE\" ;; esac\n"
			   "case $* in $REFUSES) exit 1 ;; esac\n";

static char dir[] = "/tmp/bootassess-restart.XXXXXX";
static char log_path[64], fake_path[64];
static char note[NAME_SIZE];
static uint64_t uptime_ms;
static enum leave leave_how;
static int locks;
static enum log_target log_targets[8];
static size_t n_log_targets;

uint64_t power_uptime_ms(void)
{
	return uptime_ms;
}

void log_line(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void log_setup(enum log_target target, enum log_level max_level)
{
	(void)max_level;
	log_targets[n_log_targets++ % 8] = target;
}

void announce(const struct machine *m, const struct request *q, enum announcement what,
	      const struct facts *f, const struct plan *p, int slot, const char *line,
	      const char *text)
{
	(void)m, (void)q, (void)what, (void)f, (void)p, (void)slot, (void)line, (void)text;
}

bool machine_has_note(const struct machine *m, const char *name)
{
	(void)m, (void)name;
	return note[0];
}

bool machine_read_note(const struct machine *m, const char *name, char text[NAME_SIZE])
{
	(void)m, (void)name;
	memcpy(text, note, strcspn(note, "\n"));
	text[strcspn(note, "\n")] = '\0';
	return note[0];
}

void machine_set_note(const struct machine *m, const char *name, const char *text)
{
	(void)m, (void)name;
	(void)snprintf(note, sizeof(note), "%s", text);
}

void machine_lock(struct machine *m)
{
	assert_int_equal(m->config.esp_timeout_s, 20); /* its holder may wait so long */
	m->lock = 0;
	locks++;
}

void machine_reach(struct machine *m)
{
	(void)m;
}

int mend_update(struct machine *m, enum place place)
{
	(void)m, (void)place;
	return 0;
}

void repair_stores(struct machine *m)
{
	(void)m;
}

void observe(const struct machine *m, enum event event, struct facts *ret)
{
	(void)m, (void)event, (void)ret;
}

void observe_settings(const struct machine *m, struct facts *f)
{
	(void)m, (void)f;
}

int act(struct machine *m, struct facts *f, const struct plan *p)
{
	(void)f, (void)p;
	return m->leave(leave_how);
}

static int setup(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(log_path, sizeof(log_path), "%s/log", dir);
	(void)snprintf(fake_path, sizeof(fake_path), "%s/systemctl", dir);
	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", dir);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(setenv("LOG", log_path, 1), 0);
	(void)snprintf(path, sizeof(path), "%s/run", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/run/systemd", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/run/systemd/system", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	f = fopen(fake_path, "w");
	assert_non_null(f);
	assert_true(fputs(fake, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return chmod(fake_path, 0755);
}

static int teardown(void **state)
{
	static const char *const folders[] = {"/run/systemd/system", "/run/systemd", "/run", ""};
	char path[128];

	(void)state;
	(void)unlink(log_path);
	(void)unlink(fake_path);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", dir, folders[i]);
		if (rmdir(path) < 0)
			return -1;
	}
	return 0;
}

/* The commands in their order, with "; " between them. */
static const char *called(void)
{
	static char all[256];
	FILE *f = fopen(log_path, "r");
	size_t len = 0;

	if (f) {
		len = fread(all, 1, sizeof(all) - 1, f);
		(void)fclose(f);
	}
	all[len > 0 ? len - 1 : 0] = '\0';
	for (char *c = all; *c; c++)
		if (*c == '\n')
			*c = ';';
	(void)unlink(log_path);
	return all;
}

static int leave_as(enum resolve resolve, enum leave how, const char *refuses, const char *state)
{
	const struct request q = {.root = "/"}; /* nothing else is asked of systemctl */
	struct plan p = {.verdict = VERDICT_RETRY};
	struct facts f = {0};
	struct machine m = {0};
	int r;

	assert_int_equal(setenv("REFUSES", refuses, 1), 0);
	assert_int_equal(setenv("STATE", state, 1), 0);
	m.root.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(m.root.fd >= 0);
	leave_how = how;
	restart_prepare(&m, &q, resolve);
	r = restart_act(&m, &f, &p);
	(void)close(m.root.fd);
	return r;
}

static void test_leave(void **state)
{
	static const struct {
		enum resolve resolve;
		enum leave how;
		const char *refuses, *state, *called;
		int r;
	} rows[] = {
		{RESTART_ASK, LEAVE_REBOOT, "", "", "reboot", 0},
		{RESTART_ASK, LEAVE_REBOOT, "*", "", "reboot", -ECANCELED},
		{RESTART_INSIST, LEAVE_REBOOT, "", "", "-i reboot", 0},
		{RESTART_INSIST, LEAVE_REBOOT, "-i*", "running",
		 "-i reboot;is-system-running;--force reboot", 0},
		{RESTART_INSIST, LEAVE_POWEROFF, "-i*", "degraded",
		 "-i poweroff;is-system-running;--force poweroff", 0},
		{RESTART_INSIST, LEAVE_HALT, "*", "", "-i halt;is-system-running;--force halt",
		 -ECANCELED},
		/* Somebody's orderly shutdown is not cut short. */
		{RESTART_INSIST, LEAVE_REBOOT, "-i*", "stopping", "-i reboot;is-system-running", 0},
		/* The plan then takes another method. */
		{RESTART_INSIST, LEAVE_KEXEC, "*", "", "-i kexec", -ECANCELED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uptime_ms = 100999;
		note[0] = '\0';
		assert_int_equal(
			leave_as(rows[i].resolve, rows[i].how, rows[i].refuses, rows[i].state),
			rows[i].r);
		assert_string_equal(called(), rows[i].called);
		assert_string_equal(note, rows[i].r == 0 ? "100\n" : "");
	}
}

/* One that hangs had its time. */
static void test_again(void **state)
{
	(void)state;
	(void)strcpy(note, "100\n");
	uptime_ms = 400000;
	assert_int_equal(leave_as(RESTART_INSIST, LEAVE_REBOOT, "-i*", "stopping"), 0);
	assert_string_equal(called(), "-i reboot;--force reboot");
	assert_string_equal(note, "400\n");
}

static void test_under_way(void **state)
{
	static const struct {
		const char *note;
		uint64_t uptime_ms;
		bool is_under_way;
	} rows[] = {
		{"", 100000, false},	  {"100\n", 100000, true},   {"100\n", 399999, true},
		{"100\n", 400000, false}, {"0\n", 0, true},	     {"101\n", 100999, false},
		{"retry\n", 1000, false}, {"100 \n", 100000, false},
	};
	struct machine m = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)strcpy(note, rows[i].note);
		uptime_ms = rows[i].uptime_ms;
		assert_int_equal(restart_is_under_way(&m), rows[i].is_under_way);
	}
}

/* What was said already is not said on standard error again where there is no /dev/kmsg. */
static void test_tell(void **state)
{
	const struct request q = {0};
	char buf[1024];
	struct plan p = {.target = -1};
	struct facts f = {.booted.rung = -1};
	struct machine m = {0};
	struct text out;

	(void)state;
	text_init(&out, buf, sizeof(buf));
	n_log_targets = 0;
	restart_tell(&m, &q, ANNOUNCE_FAILED, &f, &p, "", &out);
	assert_int_equal(n_log_targets, 2);
	assert_int_equal(log_targets[0], LOG_TARGET_KMSG_ONLY);
	assert_int_not_equal(log_targets[1], LOG_TARGET_KMSG_ONLY);
}

static void test_wait(void **state)
{
	static const struct {
		enum event event;
		bool dry_run;
		unsigned long timeout_s;
	} rows[] = {
		{EVENT_BLESS, false, 20},    {EVENT_FAIL, false, 20},  {EVENT_EDIT, false, 5},
		{EVENT_DEADLINE, false, 20}, {EVENT_SWITCH, false, 5}, {EVENT_BLESS, true, 0},
		{EVENT_FAIL, true, 0},	     {EVENT_EDIT, true, 0},    {EVENT_SWITCH, true, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct request q = {.dry_run = rows[i].dry_run};
		struct machine m = {.lock = -1, .config.esp_timeout_s = 20};
		struct facts f;

		locks = 0;
		assert_true(verb_begin(&m, &q, rows[i].event, &f));
		assert_int_equal(m.config.esp_timeout_s, rows[i].timeout_s);
		assert_int_equal(locks, !rows[i].dry_run);
	}
}

/* What is shorter stays. */
static void test_short_wait(void **state)
{
	struct machine m = {.lock = 0, .config.esp_timeout_s = 3};
	const struct request q = {0};
	struct facts f;

	(void)state;
	assert_true(verb_begin(&m, &q, EVENT_EDIT, &f));
	assert_int_equal(m.config.esp_timeout_s, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leave),	  cmocka_unit_test(test_again),
		cmocka_unit_test(test_under_way), cmocka_unit_test(test_tell),
		cmocka_unit_test(test_wait),	  cmocka_unit_test(test_short_wait),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
