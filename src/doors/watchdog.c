// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root.h"
#include "watchdog.h"

/* The kernel has no more. */
#define WATCHDOGS_MAX 32

/* True if this attribute of watchdog i is that word. */
static bool is_attribute(int rootfd, unsigned int i, const char *attribute, const char *word)
{
	char path[64], value[64];

	(void)snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%u/%s", i, attribute);
	return root_read_line(rootfd, path, value, sizeof(value)) == 0 && strcmp(value, word) == 0;
}

static bool is_active(int rootfd, unsigned int i)
{
	return is_attribute(rootfd, i, "state", "active") &&
	       !is_attribute(rootfd, i, "identity", "Software Watchdog");
}

bool watchdog_outlives_kexec(int rootfd, bool is_released)
{
	char stop[16];

	if (root_read_line(rootfd, "sys/module/watchdog/parameters/stop_on_reboot", stop,
			   sizeof(stop)) < 0 ||
	    strcmp(stop, "0") != 0)
		return false;
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++)
		if (is_active(rootfd, i) &&
		    (!is_released || is_attribute(rootfd, i, "nowayout", "1")))
			return true;
	return false;
}

/* A close without the magic `V` leaves the watchdog running. */
void watchdog_ping(int rootfd)
{
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++) {
		_cleanup_(closep) int fd = -1;
		char path[32];

		if (!is_active(rootfd, i))
			continue;
		(void)snprintf(path, sizeof(path), "dev/watchdog%u", i);
		fd = openat(rootfd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			(void)!write(fd, "", 1);
	}
}
