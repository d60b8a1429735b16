// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "root.h"

int source_open(const char *path, struct source *ret)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret = (struct source){.fd = fd, .size = (uint64_t)st.st_size, .mtime = st.st_mtim};
	fd = -1;
	return 0;
}

void source_close(struct source *s)
{
	closep(&s->fd);
}
