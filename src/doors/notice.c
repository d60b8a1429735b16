// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "notice.h"
#include "power.h"
#include "root.h"

int notice_open(int dirfd, const char *path)
{
	_cleanup_(closep) int dir = root_open_dir(dirfd, path);
	char name[64];
	int fd, r;

	if (dir < 0)
		return dir;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* inotify_add_watch(2) knows no directory fd. */
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", dir);
	if (inotify_add_watch(fd, name, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) >= 0)
		return fd;
	r = -errno;
	closep(&fd);
	return r;
}

/* poll(2) counts on CLOCK_MONOTONIC, as power_awake_ms() does: a suspend does not shorten it. */
int notice_wait(int fd, uint64_t until_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t now_ms;
	char events[4096];
	int r;

	while ((now_ms = power_awake_ms()) < until_ms) {
		uint64_t left_ms = until_ms - now_ms;

		r = poll(&p, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r <= 0)
			continue;
		while (read(fd, events, sizeof(events)) > 0)
			;
		return 1;
	}
	return 0;
}
