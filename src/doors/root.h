/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

/* close(2) for _cleanup_: keeps errno, -1 is fine. */
void closep(int *fd);

/* The directories that everything else is reached through. */
struct root {
	int fd;	      /* "/" or the DIR of --root=; never -1 after root_open() */
	bool is_test; /* --root= was given: nothing is probed, mounted, loaded or rebooted */
};

/* Opens "/" (dir NULL) or dir. 0 or negative errno. */
int root_open(const char *dir, struct root *ret);
void root_close(struct root *root);

/* Reads from an open file or pipe until its end, or until size bytes are there. Their number, or
 * negative errno. Retries on EINTR. */
ssize_t root_read_up_to(int fd, char *buf, size_t size);

/* Reads a whole small file (path relative to dirfd, no leading slash) into buf, adds a NUL that
 * does not count. size: capacity with the NUL. 0; -E2BIG if it is longer (buf then holds the first
 * size - 1 bytes and *ret_len says so); -EINVAL if it is a FIFO, socket or device: on a damaged
 * file system it may be anything; other negative errno (-ENOENT ...). Symbolic links: the last
 * component is not followed. Retries on EINTR; reads files of /proc and /sys too. */
int root_read(int dirfd, const char *path, char *buf, size_t size, size_t *ret_len);

/* The same of what is open already, which stays the caller's. */
int root_read_fd(int fd, char *buf, size_t size, size_t *ret_len);

/* The same for one line (a trailing newline is removed; a NUL inside is -EINVAL). */
int root_read_line(int dirfd, const char *path, char *buf, size_t size);

/* True if there is something of this name; a symbolic link is something. */
bool root_exists(int dirfd, const char *path);

/* True if the running system is an initramfs: it has etc/initrd-release, or (dracut without systemd
 * has no such file) lies in memory as a whole (ramfs or tmpfs). fd: its root. */
bool root_is_initramfs(int fd);

/* Takes the exclusive lock of a file (flock(2); the file is made, mode 0600), waiting at most
 * timeout_ms for another process to let go. Returns the fd that holds it until it is closed,
 * -EAGAIN if the other still has it, or another negative errno. */
int root_lock(int dirfd, const char *path, unsigned int timeout_ms);

/* Opens a directory: O_RDONLY|O_DIRECTORY|O_CLOEXEC, last component not followed. Returns the fd or
 * negative errno. */
int root_open_dir(int dirfd, const char *path);

/* Opens the directory that holds the last part of a path, step by step: it stays below dirfd, and
 * no symbolic link is followed, also not in the middle. For what lies on $BOOT: whoever can write
 * there must not lead us elsewhere. path: relative, `.` and double slashes are fine. Returns the
 * fd, and where in path the last part begins; -EINVAL for an empty path, one that begins with a
 * slash, and one with `..`; -ENOENT if it ends in a slash; -ELOOP at a link; -ENOTDIR; other
 * negative errno. Not openat2(2): one way for all kernels. So mounts are crossed: a mount of our
 * own has none below it, but a directory of --root=, or a file system that somebody else has
 * mounted, may. */
int root_open_parent(int dirfd, const char *path, const char **ret_last);

/* The same for the last part too, with these flags of openat(2) (O_CLOEXEC|O_NOFOLLOW|O_NOCTTY|
 * O_NONBLOCK are added). The fd or negative errno; what was opened may be anything but a link. */
int root_open_beneath(int dirfd, const char *path, int flags);

/* Writes a small file below /run or the like, with this mode, for a reader that comes at any
 * moment: a temporary PATH.PID, then a rename. Not for the ESP: nothing is synced. A symbolic link
 * of that name is replaced. 0 or negative errno; what was there is then as it was. */
int root_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode);

/* Makes a symbolic link (for --root= and /run; not for the ESP); one that is there stays as it is.
 * 0 or negative errno. */
int root_symlink(int dirfd, const char *target, const char *path);

/* Makes a directory and its parents (mode 0755); one that exists is fine. 0 or negative errno. */
int root_mkdirs(int dirfd, const char *path);
