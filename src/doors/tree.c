// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"

struct walk {
	tree_fn fn;
	void *data;
};

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int walk_dir(const struct walk *w, int dirfd, const char *dir, unsigned int depth);

static int visit(const struct walk *w, int dirfd, const char *name, const char *path,
		 unsigned int depth)
{
	_cleanup_(closep) int fd =
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct source file;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return depth < TREE_DEPTH_MAX ? walk_dir(w, fd, path, depth + 1) : -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -ELOOP;
	file = (struct source){.fd = fd, .size = (uint64_t)st.st_size, .mtime = st.st_mtim};
	return w->fn(w->data, path, &file);
}

/* dirfd stays the caller's. */
static int walk_dir(const struct walk *w, int dirfd, const char *dir, unsigned int depth)
{
	_cleanup_(closedirp) DIR *d = NULL;
	char path[TREE_PATH_SIZE];
	const struct dirent *e;
	int fd, n, r;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = -errno;
		closep(&fd);
		return r;
	}
	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n = snprintf(path, sizeof(path), "%s%s%s", dir, dir[0] ? "/" : "", e->d_name);
		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		r = visit(w, dirfd, e->d_name, path, depth);
		if (r < 0)
			return r;
	}
	return -errno;
}

int tree_each(const char *dir, tree_fn fn, void *data)
{
	_cleanup_(closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct walk w = {.fn = fn, .data = data};

	return fd < 0 ? -errno : walk_dir(&w, fd, "", 0);
}
