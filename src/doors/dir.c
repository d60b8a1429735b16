// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "root.h"

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int is_regular(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_REG;
	if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return S_ISREG(st.st_mode);
}

int dir_each_file(int dirfd, const char *path, dir_fn fn, void *data)
{
	_cleanup_(closedirp) DIR *d = NULL;
	const struct dirent *entry;
	int fd, r;

	fd = root_open_dir(dirfd, path);
	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return r;
	}
	for (errno = 0; (entry = readdir(d)); errno = 0) {
		r = is_regular(fd, entry);
		if (r > 0)
			r = fn(data, entry->d_name);
		if (r < 0)
			return r;
	}
	return -errno;
}

/* Makes a relative path with plain slashes of one from a boot entry. */
static int clean_path(const char *path, char buf[PATH_MAX])
{
	size_t len = 0;

	while (*path == '/' || *path == '\\')
		path++;
	for (; *path; path++) {
		if (len + 1 == PATH_MAX)
			return -ENAMETOOLONG;
		buf[len++] = *path == '\\' ? '/' : *path;
	}
	buf[len] = '\0';
	if (len == 0 || strcmp(buf, "..") == 0 || strncmp(buf, "../", 3) == 0 ||
	    strstr(buf, "/../") || (len >= 3 && strcmp(buf + len - 3, "/..") == 0))
		return -EINVAL;
	return 0;
}

int dir_file_size(int dirfd, const char *path, uint64_t *ret_size)
{
	_cleanup_(closep) int at = -1;
	char buf[PATH_MAX], *part = buf, *slash;
	struct stat st;
	int r;

	r = clean_path(path, buf);
	if (r < 0)
		return r;
	/* Step by step, so that a link in the middle is not followed either. */
	while ((slash = strchr(part, '/'))) {
		int next;

		*slash = '\0';
		next = root_open_dir(at < 0 ? dirfd : at, *part ? part : ".");
		if (next < 0)
			return next == -ENOTDIR || next == -ELOOP ? -ENOENT : next;
		closep(&at);
		at = next;
		part = slash + 1;
	}
	if (fstatat(at < 0 ? dirfd : at, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}
