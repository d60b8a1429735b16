// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "root.h"

#define LOCK_PAUSE_MS 50
#define READ_FLAGS    (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)

void closep(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved_errno;
}

int root_open(const char *dir, struct root *ret)
{
	/* The directory that the caller named may be a symbolic link; nothing below it is. */
	int fd = openat(AT_FDCWD, dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret = (struct root){.fd = fd, .is_test = dir != NULL};
	return 0;
}

void root_close(struct root *root)
{
	closep(&root->fd);
}

ssize_t root_read_up_to(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int root_read_fd(int fd, char *buf, size_t size, size_t *ret_len)
{
	bool is_longer;
	struct stat st;
	ssize_t len;

	if (size == 0)
		return -EINVAL;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) /* the latter tells it by itself */
		return -EINVAL;
	/* The byte for the NUL also tells whether there was more. */
	len = root_read_up_to(fd, buf, size);
	if (len < 0)
		return (int)len;
	is_longer = (size_t)len == size;
	if (is_longer)
		len--;
	buf[len] = '\0';
	if (ret_len)
		*ret_len = (size_t)len;
	return is_longer ? -E2BIG : 0;
}

int root_read(int dirfd, const char *path, char *buf, size_t size, size_t *ret_len)
{
	/* A FIFO would be waited for, for ever. */
	_cleanup_(closep) int fd = openat(dirfd, path, READ_FLAGS);

	return fd < 0 ? -errno : root_read_fd(fd, buf, size, ret_len);
}

int root_read_line(int dirfd, const char *path, char *buf, size_t size)
{
	size_t len;
	int r;

	r = root_read(dirfd, path, buf, size, &len);
	if (r < 0)
		return r;
	if (memchr(buf, '\0', len))
		return -EINVAL;
	if (len > 0 && buf[len - 1] == '\n')
		buf[len - 1] = '\0';
	return 0;
}

bool root_exists(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool root_is_initramfs(int fd)
{
	struct statfs fs;

	if (root_exists(fd, "etc/initrd-release"))
		return true;
	return fstatfs(fd, &fs) == 0 && (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

int root_lock(int dirfd, const char *path, unsigned int timeout_ms)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	_cleanup_(closep) int fd = -1;
	unsigned int waited_ms = 0;
	int r;

	fd = openat(dirfd, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (fd < 0)
		return -errno;
	/* flock(2) itself can wait, but not with an end. */
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited_ms >= timeout_ms)
			return -EAGAIN;
		(void)nanosleep(&pause, NULL);
		waited_ms += LOCK_PAUSE_MS;
	}
	r = fd;
	fd = -1;
	return r;
}

int root_open_dir(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

static bool has_dot_dot(const char *path)
{
	while (path) {
		if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == '\0'))
			return true;
		path = strchr(path, '/');
		path += path != NULL;
	}
	return false;
}

static int reopen(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* One directory deeper. What openat(2) says of a link depends on its flags. */
static int step_into(int dirfd, const char *path, size_t len)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int fd, r;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path, len);
	name[len] = '\0';
	fd = root_open_dir(dirfd, len > 0 ? name : ".");
	if (fd >= 0)
		return fd;
	r = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	return r == 0 && S_ISLNK(st.st_mode) ? -ELOOP : fd;
}

int root_open_parent(int dirfd, const char *path, const char **ret_last)
{
	_cleanup_(closep) int at = -1;
	const char *slash;
	int r;

	if (!*path || *path == '/' || has_dot_dot(path))
		return -EINVAL;
	at = reopen(dirfd);
	while (at >= 0 && (slash = strchr(path, '/'))) {
		int next = step_into(at, path, (size_t)(slash - path));

		closep(&at);
		at = next;
		path = slash + 1;
	}
	if (at < 0)
		return at;
	if (!*path)
		return -ENOENT;
	*ret_last = path;
	r = at;
	at = -1;
	return r;
}

int root_open_beneath(int dirfd, const char *path, int flags)
{
	_cleanup_(closep) int at = -1;
	const char *last;
	struct stat st;
	int fd, r;

	at = root_open_parent(dirfd, path, &last);
	if (at < 0)
		return at;
	fd = openat(at, last, flags | READ_FLAGS);
	if (fd >= 0)
		return fd;
	r = -errno;
	if (r == -ENOTDIR && fstatat(at, last, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return -ELOOP;
	return r;
}

static int write_new(int dirfd, const char *path, const void *data, size_t len, mode_t mode)
{
	_cleanup_(closep) int fd = -1;
	const char *p = data;

	fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		    mode);
	if (fd < 0)
		return -errno;
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int root_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode)
{
	char temporary[PATH_MAX];
	int r;

	/* Of this process alone: another one may write the same file. */
	r = snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid());
	if (r < 0 || (size_t)r >= sizeof(temporary))
		return -ENAMETOOLONG;
	r = write_new(dirfd, temporary, data, len, mode);
	if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, temporary, 0);
	return r;
}

int root_symlink(int dirfd, const char *target, const char *path)
{
	return symlinkat(target, dirfd, path) < 0 && errno != EEXIST ? -errno : 0;
}

int root_mkdirs(int dirfd, const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdirat(dirfd, part, 0755) < 0 && errno != EEXIST)
			return -errno;
		part[i] = path[i];
	}
	return 0;
}
