// SPDX-License-Identifier: LGPL-2.1-or-later
/* The watchdog door and feed.c with softdog, which says in the log that it would have reset the
 * machine instead of doing it. It is watchdog1 here, for UML has one of its own; and this kernel
 * has no CONFIG_WATCHDOG_SYSFS. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doors/module.h"
#include "doors/power.h"
#include "doors/watchdog.h"
#include "feed.h"
#include "tap.h"

#define DROPIN "/run/systemd/system.conf.d/50-bootassess.conf"

static uint64_t now_s(void)
{
	return power_uptime_ms() / 1000;
}

/* How often softdog said it since the last call. */
static int n_triggered(int kmsg)
{
	char buf[8192];
	ssize_t n;
	int found = 0;

	while ((n = read(kmsg, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = '\0';
		found += strstr(buf, "Triggered - Reboot ignored") != NULL;
	}
	return found;
}

/* A bus of a machine whose devices ask for softdog and for something that is no watchdog. */
static void test_devices(const struct machine *m)
{
	static const char *const dirs[] = {"/run/bus",
					   "/run/bus/sys",
					   "/run/bus/sys/bus",
					   "/run/bus/sys/bus/x",
					   "/run/bus/sys/bus/x/devices",
					   "/run/bus/sys/bus/x/devices/0",
					   "/run/bus/sys/bus/x/devices/1",
					   "/run/bus/sys/bus/x/devices/2",
					   "/run/bus/sys/bus/y"};
	static const char options[] = "options softdog soft_noboot=1\n";
	_cleanup_(closep) int dir = -1;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(dirs[i], 0755);
	(void)mkdir("/run/modprobe.d", 0755);
	EQ(put("/run/modprobe.d/softdog.conf", options, sizeof(options) - 1), 0, "setup");
	EQ(put("/run/bus/sys/bus/x/devices/0/modalias", "zram\n", 5), 0, "setup");
	EQ(put("/run/bus/sys/bus/x/devices/2/modalias", "\n", 1), 0, "setup");
	dir = root_open_dir(AT_FDCWD, "/run/bus");
	EQ(module_load_for_devices(dir, "/kernel/drivers/watchdog/"), 0,
	   "module_load_for_devices: nothing from another folder");
	OK(!exists("/sys/module/zram"), "module_load_for_devices: and it is not loaded");
	EQ(module_load_for_devices(m->root.fd, "/kernel/drivers/watchdog/"), 0,
	   "module_load_for_devices: this machine has no watchdog");
	EQ(put("/run/bus/sys/bus/x/devices/1/modalias", "softdog\n", 8), 0, "setup");
	EQ(module_load_for_devices(dir, "/kernel/drivers/watchdog/"), 1,
	   "module_load_for_devices: the one that a device asks for");
	OK(exists("/sys/module/softdog"), "module_load_for_devices: it is loaded");
	EQ(module_load_for_devices(-1, "/"), -EBADF, "module_load_for_devices: no root");
}

static void test_open(const struct machine *m)
{
	struct watchdog w = {.fd = -1}, second = {.fd = -1};

	EQ(watchdog_open(m->root.fd, 86400, &w), 0, "watchdog_open: longer than it can");
	EQ(w.timeout_s, 65535, "watchdog_open: its longest time then");
	EQ_STR(w.identity, "Software Watchdog", "watchdog_open: identity");
	OK(!w.stops_on_close, "watchdog_open: it knows the magic close");
	EQ(watchdog_open(m->root.fd, 10, &second), -EBUSY, "watchdog_open: held open");
	EQ(second.number, w.number, "watchdog_open: which one");
	EQ(second.fd, -1, "watchdog_open: nothing opened");
	watchdog_close(&w);
	EQ(w.fd, -1, "watchdog_close");
	EQ(watchdog_open(m->root.fd, 10, &w), 0, "watchdog_open: one that runs (F13)");
	EQ(w.timeout_s, 10, "watchdog_open: the time that was asked for");
	EQ(watchdog_stop(m->root.fd, &w), 0, "watchdog_stop: ours");
	EQ(w.fd, -1, "watchdog_stop: it is closed");
	EQ(watchdog_open(m->root.fd, 10, &w), 0, "setup: it runs again");
	watchdog_close(&w);
}

/* F12, F14, F15: the driver is loaded, the watchdog starts, it is fed while the deadline is waited
 * for, and goes on when nobody holds it. */
static void test_feed(struct machine *m, int kmsg)
{
	static const char dropin[] = "# Made by bootassess-initrd, see Watchdog= in "
				     "bootassess.conf(5).\n[Manager]\nRuntimeWatchdogSec=2\n"
				     "KExecWatchdogSec=2\nWatchdogDevice=/dev/watchdog1\n";
	char buf[512] = "";

	m->config.watchdog_s = 2;
	(void)n_triggered(kmsg);
	feed_until(m, now_s() + 6);
	OK(m->watchdog.fd >= 0, "feed_until: opened");
	EQ(m->watchdog.timeout_s, 2, "feed_until: with the time of Watchdog=");
	EQ(n_triggered(kmsg), 0, "feed_until: fed three times as long as its time");
	EQ(root_read(AT_FDCWD, DROPIN, buf, sizeof(buf), NULL), 0, "feed_until: the drop-in");
	EQ_STR(buf, dropin, "feed_until: what systemd is told");
	watchdog_close(&m->watchdog);
	power_sleep_until(now_s() + 4);
	OK(n_triggered(kmsg) > 0, "watchdog: a hang that nobody feeds is ended");
}

/* Who opened it first, such as an assess that meant to kexec, lets go of it: it is not left alone.
 */
static void test_taken_over(struct machine *m, int kmsg)
{
	struct watchdog other = {.fd = -1};
	pid_t pid;

	m->config.watchdog_s = 4;
	EQ(watchdog_open(m->root.fd, 4, &other), 0, "setup");
	(void)n_triggered(kmsg);
	pid = fork();
	if (pid == 0) {
		sleep(3);
		watchdog_close(&other);
		_exit(0);
	}
	closep(&other.fd);
	feed_until(m, now_s() + 10);
	OK(m->watchdog.fd >= 0, "feed_until: takes what another process held");
	EQ(n_triggered(kmsg), 0, "feed_until: before its time is over");
	watchdog_close(&m->watchdog);
	(void)waitpid(pid, NULL, 0);
}

/* F18: a kexec that comes before the process that feeds it. */
static void test_start(struct machine *m)
{
	struct watchdog other = {.fd = -1};

	m->config.watchdog_s = 10;
	OK(feed_start(m), "feed_start: starts it");
	OK(m->watchdog.fd >= 0, "feed_start: it is open");
	EQ(m->watchdog.timeout_s, 10, "feed_start: with the time of Watchdog=");
	watchdog_close(&m->watchdog);
	EQ(watchdog_open(m->root.fd, 10, &other), 0, "setup");
	OK(feed_start(m), "feed_start: somebody else feeds it");
	EQ(m->watchdog.fd, -1, "feed_start: and keeps it");
	watchdog_close(&other);
}

/* A hold feeds what nobody else holds, and tells others that it waits. */
static void test_waiting(struct machine *m, int kmsg)
{
	struct watchdog other = {.fd = -1};
	int status;
	pid_t pid;

	(void)root_mkdirs(m->root.fd, "run/bootassess");
	m->config.watchdog_s = 2;
	EQ(watchdog_open(m->root.fd, 2, &other), 0, "setup");
	watchdog_close(&other);
	(void)n_triggered(kmsg);
	pid = fork();
	if (pid == 0) {
		machine_wait_until(m, now_s() + 6, false);
		_exit(0);
	}
	power_sleep_until(now_s() + 3);
	OK(machine_is_waiting(m), "machine_wait_until: it can be seen");
	OK(!machine_is_holding(m), "machine_wait_until: that is no hold");
	EQ(waitpid(pid, &status, 0), pid, "setup");
	EQ(n_triggered(kmsg), 0, "feed_waiting: fed three times as long as its time");
	OK(!machine_is_waiting(m), "machine_wait_until: over");
}

/* This kernel does not tell the time of one that somebody else has open. When they let go of it, it
 * is not left alone for long. */
static void test_waiting_for_other(struct machine *m, int kmsg)
{
	struct watchdog other = {.fd = -1};
	pid_t pid;

	m->config.watchdog_s = 4;
	EQ(watchdog_open(m->root.fd, 4, &other), 0, "setup");
	(void)n_triggered(kmsg);
	pid = fork();
	if (pid == 0) {
		sleep(3);
		watchdog_close(&other);
		_exit(0);
	}
	closep(&other.fd);
	machine_wait_until(m, now_s() + 10, false);
	EQ(n_triggered(kmsg), 0, "feed_waiting: takes what another process held");
	watchdog_close(&m->watchdog);
	(void)waitpid(pid, NULL, 0);
}

/* In pieces it is the same; what was closed in between is opened again. */
static void test_feed_again(struct machine *m, int kmsg)
{
	m->config.watchdog_s = 4;
	feed_until(m, now_s() + 1);
	OK(m->watchdog.fd >= 0, "feed_until: opened again");
	(void)n_triggered(kmsg);
	for (int i = 0; i < 4; i++)
		feed_until(m, now_s() + 2);
	EQ(n_triggered(kmsg), 0, "feed_until: in pieces");
	watchdog_close(&m->watchdog);
	feed_until(m, now_s() + 1);
	OK(m->watchdog.fd >= 0, "feed_until: what was closed is opened again");
	watchdog_close(&m->watchdog);
}

void test_watchdog(void)
{
	struct machine m;
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	EQ(machine_open(NULL, &m), 0, "setup");
	OK(kmsg >= 0, "setup");
	EQ(watchdog_open(m.root.fd, 10, &m.watchdog), -ENODEV, "watchdog_open: there is none");
	test_devices(&m);
	test_open(&m);
	test_feed(&m, kmsg);
	test_taken_over(&m, kmsg);
	test_start(&m);
	test_waiting(&m, kmsg);
	test_waiting_for_other(&m, kmsg);
	test_feed_again(&m, kmsg);
	machine_close(&m);
}
