// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "root.h"
#include "watchdog.h"

/* The kernel has no more. */
#define WATCHDOGS_MAX 32
#define SOFTDOG	      "Software Watchdog"

static int read_attribute(int rootfd, unsigned int i, const char *attribute, char *buf, size_t size)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%u/%s", i, attribute);
	return root_read_line(rootfd, path, buf, size);
}

/* True if this attribute of watchdog i is that word. */
static bool is_attribute(int rootfd, unsigned int i, const char *attribute, const char *word)
{
	char value[64];

	return read_attribute(rootfd, i, attribute, value, sizeof(value)) == 0 &&
	       strcmp(value, word) == 0;
}

/* A number of watchdog i; 0 if it does not say. */
static unsigned long read_number(int rootfd, unsigned int i, const char *attribute)
{
	char value[32];

	if (read_attribute(rootfd, i, attribute, value, sizeof(value)) < 0)
		return 0;
	return strtoul(value, NULL, 10);
}

static bool is_active(int rootfd, unsigned int i)
{
	return is_attribute(rootfd, i, "state", "active");
}

static bool is_hardware(int rootfd, unsigned int i)
{
	return !is_attribute(rootfd, i, "identity", SOFTDOG);
}

bool watchdog_survives_restart(int rootfd)
{
	char stop[16];

	return root_read_line(rootfd, "sys/module/watchdog/parameters/stop_on_reboot", stop,
			      sizeof(stop)) == 0 &&
	       strcmp(stop, "0") == 0;
}

bool watchdog_outlives_kexec(int rootfd, bool is_released)
{
	if (!watchdog_survives_restart(rootfd))
		return false;
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++)
		if (is_active(rootfd, i) && is_hardware(rootfd, i) &&
		    (!is_released || is_attribute(rootfd, i, "nowayout", "1")))
			return true;
	return false;
}

static int open_device(int rootfd, unsigned int i)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof(path), "dev/watchdog%u", i);
	fd = openat(rootfd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/* The first one of this kind; WATCHDOGS_MAX if there is none. */
static unsigned int find(int rootfd, bool want_hardware)
{
	char path[64];

	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++) {
		(void)snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%u", i);
		if (root_exists(rootfd, path) && is_hardware(rootfd, i) == want_hardware)
			return i;
	}
	return WATCHDOGS_MAX;
}

static bool set_timeout(int fd, unsigned long timeout_s)
{
	int value = timeout_s < INT_MAX ? (int)timeout_s : INT_MAX;

	return ioctl(fd, WDIOC_SETTIMEOUT, &value) == 0;
}

/* The time that was asked for, else the longest that it takes, else what it has. Not from sysfs:
 * max_timeout is there since Linux 5.13, and nothing at all without CONFIG_WATCHDOG_SYSFS. */
static unsigned long settle_timeout(int rootfd, const struct watchdog *w, unsigned long timeout_s)
{
	unsigned long good_s = 0, bad_s = timeout_s;
	int value = 0;

	if (!set_timeout(w->fd, timeout_s)) {
		while (bad_s - good_s > 1) {
			unsigned long middle_s = good_s + (bad_s - good_s) / 2;

			if (set_timeout(w->fd, middle_s))
				good_s = middle_s;
			else
				bad_s = middle_s;
		}
		if (good_s > 0)
			(void)set_timeout(w->fd, good_s);
	}
	if (ioctl(w->fd, WDIOC_GETTIMEOUT, &value) == 0 && value > 0)
		return (unsigned long)value;
	return read_number(rootfd, w->number, "timeout");
}

int watchdog_open(int rootfd, unsigned long timeout_s, struct watchdog *ret)
{
	struct watchdog w = {.fd = -1, .number = find(rootfd, true)};
	struct watchdog_info info = {0};

	if (w.number == WATCHDOGS_MAX)
		w.number = find(rootfd, false);
	if (w.number == WATCHDOGS_MAX)
		return -ENODEV;
	ret->number = w.number;
	w.fd = open_device(rootfd, w.number);
	if (w.fd < 0)
		return w.fd;
	if (ioctl(w.fd, WDIOC_GETSUPPORT, &info) == 0)
		w.stops_on_close = !(info.options & WDIOF_MAGICCLOSE) &&
				   !is_attribute(rootfd, w.number, "nowayout", "1");
	(void)snprintf(w.identity, sizeof(w.identity), "%.32s", (const char *)info.identity);
	w.timeout_s = settle_timeout(rootfd, &w, timeout_s);
	watchdog_feed(&w);
	*ret = w;
	return 0;
}

/* Any byte but `V` is only a ping. */
void watchdog_feed(const struct watchdog *w)
{
	if (w->fd >= 0)
		(void)!write(w->fd, "", 1);
}

void watchdog_close(struct watchdog *w)
{
	watchdog_feed(w);
	closep(&w->fd);
}

/* A close without the magic `V` leaves the watchdog running. softdog is fed too: while this kernel
 * runs it counts like any other. */
void watchdog_ping(int rootfd)
{
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++) {
		struct watchdog w = {.fd = -1};

		if (!is_active(rootfd, i))
			continue;
		w.fd = open_device(rootfd, i);
		watchdog_close(&w);
	}
}

unsigned int watchdog_stop(int rootfd, struct watchdog *w)
{
	unsigned int n_left = 0;

	if (w->fd >= 0)
		(void)!write(w->fd, "V", 1);
	closep(&w->fd);
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++) {
		_cleanup_(closep) int fd = -1;

		if (!is_active(rootfd, i))
			continue;
		fd = open_device(rootfd, i);
		if (fd >= 0)
			(void)!write(fd, "V", 1);
		closep(&fd);
		n_left += is_active(rootfd, i);
	}
	return n_left;
}

unsigned long watchdog_shortest_s(int rootfd)
{
	unsigned long shortest_s = 0;

	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++) {
		unsigned long timeout_s;

		if (!is_active(rootfd, i))
			continue;
		timeout_s = read_number(rootfd, i, "timeout");
		if (timeout_s > 0 && (shortest_s == 0 || timeout_s < shortest_s))
			shortest_s = timeout_s;
	}
	return shortest_s;
}
