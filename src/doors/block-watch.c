// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "root.h"

int block_watch(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	_cleanup_(closep) int fd = -1;
	int r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	r = fd;
	fd = -1;
	return r;
}

/* Reads all that is queued. 1 if a block device was among it, 0 if not, or negative errno. */
static int drain(int fd)
{
	static const char mark[] = "\0SUBSYSTEM=block";
	int is_block = 0;

	for (;;) {
		char buf[8192];
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		/* Where events were lost, ours may be one. */
		if ((n > 0 && memmem(buf, (size_t)n, mark, sizeof(mark))) ||
		    (n < 0 && errno == ENOBUFS))
			is_block = 1;
		else if (n < 0 && errno == EAGAIN)
			return is_block;
		else if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int block_wait(int watch_fd, int timeout_ms)
{
	const int64_t end_ms = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd pfd = {.fd = watch_fd, .events = POLLIN};
		int64_t left_ms;
		int r;

		r = drain(watch_fd);
		if (r < 0)
			return r;
		if (r > 0)
			return 0;
		left_ms = end_ms - now_ms();
		if (left_ms <= 0)
			return 1;
		r = poll(&pfd, 1, (int)left_ms);
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}
