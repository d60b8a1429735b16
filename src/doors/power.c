// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#include "power.h"

static int power_command(int command)
{
	(void)reboot(command);
	return -errno;
}

int power_reboot(void)
{
	return power_command(RB_AUTOBOOT);
}

int power_off(void)
{
	return power_command(RB_POWER_OFF);
}

int power_halt(void)
{
	return power_command(RB_HALT_SYSTEM);
}

uint64_t power_uptime_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t power_awake_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void power_sync(void)
{
	sync();
}

int power_open_reset(int rootfd)
{
	int fd = openat(rootfd, "proc/sysrq-trigger", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int power_reset(int fd)
{
	return write(fd, "b", 1) < 0 ? -errno : -EIO;
}

void power_sleep_until(uint64_t uptime_s)
{
	/* Beyond this the kernel says EINVAL at once, and "wait for ever" would become a busy loop.
	 */
	const uint64_t max_s = INT32_MAX;
	struct timespec until = {.tv_sec = (time_t)(uptime_s < max_s ? uptime_s : max_s)};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

uint64_t power_clock_s(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
}
