// SPDX-License-Identifier: LGPL-2.1-or-later
/* watch DIR: prints "ready", then a line whenever the mount at DIR begins to be writable, as
 * /proc/self/mountinfo shows it. It looks at every change that the kernel tells of, and each
 * millisecond besides. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Fields: id, parent, device, root, mount point, options of the mount. */
static int is_writable(char *table, const char *dir)
{
	char *line, *rest, target[512], options[512];
	int writable = 0;

	for (line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%*s %*s %*s %*s %511s %511s", target, options) == 2 &&
		    strcmp(target, dir) == 0 && !strstr(line, " autofs "))
			writable = strncmp(options, "rw", 2) == 0;
	}
	return writable;
}

int main(int argc, char **argv)
{
	struct pollfd change = {.events = POLLPRI};
	static char table[65536];
	int was = 0, now;
	ssize_t len;

	change.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (argc != 2 || change.fd < 0)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (puts("ready");; was = now) {
		len = pread(change.fd, table, sizeof(table) - 1, 0);
		if (len < 0)
			return 1;
		table[len] = '\0';
		now = is_writable(table, argv[1]);
		if (now && !was)
			printf("%s is writable\n", argv[1]);
		(void)poll(&change, 1, 1);
	}
}
