// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * PID 1 of the test root file system: says on the serial console that it was reached, then does
 * what test.then= on the kernel command line asks for. Static, so that it is the whole system.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

static char cmdline[4096];

static void read_cmdline(void)
{
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		/* EBUSY where the initramfs has moved its own /proc here. */
		(void)mount("proc", "/proc", "proc", 0, NULL);
		fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return;
	n = read(fd, cmdline, sizeof(cmdline) - 1);
	close(fd);
	if (n > 0)
		cmdline[strcspn(cmdline, "\n")] = '\0';
}

static void say(const char *text)
{
	int fd = open("/dev/ttyS0", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		(void)mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
		fd = open("/dev/ttyS0", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0)
		return;
	dprintf(fd, "\r\n%s%s\r\n", text, cmdline);
	fsync(fd);
	close(fd);
}

static bool asked_for(const char *word)
{
	return strstr(cmdline, word) != NULL;
}

int main(void)
{
	read_cmdline();
	say("TEST: root reached cmdline=");
	sync();
	if (asked_for("test.then=reboot"))
		reboot(RB_AUTOBOOT);
	else if (asked_for("test.then=die")) /* the kernel panics */
		return 0;
	else if (!asked_for("test.then=stay"))
		reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
