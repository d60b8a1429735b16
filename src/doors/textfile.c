// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"
#include "textfile.h"

/* The temporary's name, for mkostemp(3). */
static int make_name(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int len;

	if (!*name)
		return -EISDIR;
	len = snprintf(buf, size, "%.*s.%s.XXXXXX", (int)(name - path), path, name);
	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Its own mode, whatever the umask of the caller. */
static int fill(int fd, const char *text, size_t len)
{
	int r = write_all(fd, text, len);

	if (r < 0)
		return r;
	return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int textfile_write(const char *path, const char *text, size_t len)
{
	_cleanup_(closep) int fd = -1;
	char temporary[PATH_MAX];
	int r;

	r = make_name(path, temporary, sizeof(temporary));
	if (r < 0)
		return r;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill(fd, text, len);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r;
}
