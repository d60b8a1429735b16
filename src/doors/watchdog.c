// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "root.h"
#include "watchdog.h"

/* The kernel has no more. */
#define WATCHDOGS_MAX 32

static bool is_active(int rootfd, unsigned int i)
{
	char path[64], state[16];

	(void)snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%u/state", i);
	return root_read_line(rootfd, path, state, sizeof(state)) == 0 &&
	       strcmp(state, "active") == 0;
}

bool watchdog_outlives_kexec(int rootfd)
{
	char stop[16];

	if (root_read_line(rootfd, "sys/module/watchdog/parameters/stop_on_reboot", stop,
			   sizeof(stop)) < 0 ||
	    strcmp(stop, "0") != 0)
		return false;
	for (unsigned int i = 0; i < WATCHDOGS_MAX; i++)
		if (is_active(rootfd, i))
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
