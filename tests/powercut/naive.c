// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "naive.h"

#define TEXT_SIZE 9500 /* more than a cluster */

/* Opens a directory of the ESP, which is writable from then on. */
static int begin(struct machine *m, const char *dir)
{
	int r = machine_begin_write(m, PLACE_ESP);

	return r < 0 ? r : root_open_dir(m->store[PLACE_ESP].fd, dir);
}

static int finish(int fd, bool is_done)
{
	int r = is_done ? 0 : -errno;

	(void)close(fd);
	return r;
}

/* A file of this size and letter. fd, or -1. */
static int make(int dirfd, const char *name, int flags, char letter, size_t size)
{
	static char text[65536];
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

	memset(text, letter, size);
	return fd >= 0 && write(fd, text, size) == (ssize_t)size ? fd : -1;
}

static bool put(int dirfd, const char *name, char letter, size_t size)
{
	int fd = make(dirfd, name, O_TRUNC, letter, size);

	return fd >= 0 && close(fd) == 0;
}

int naive_bless(struct machine *m, struct facts *f)
{
	int fd = begin(m, "loader/entries");

	(void)f;
	if (fd < 0)
		return fd;
	return finish(fd, renameat2(fd, "active+3-0.conf", fd, "active+2-1.conf",
				    RENAME_NOREPLACE) == 0 &&
				  fsync(fd) == 0 && syncfs(fd) == 0);
}

int naive_replace(struct machine *m, struct facts *f)
{
	int fd = begin(m, "loader"), file;

	(void)f;
	if (fd < 0)
		return fd;
	file = make(fd, ".bootassess-0", O_EXCL, 'n', TEXT_SIZE);
	return finish(fd, file >= 0 && fsync(file) == 0 && close(file) == 0 &&
				  renameat(fd, ".bootassess-0", fd, "loader.conf") == 0 &&
				  fsync(fd) == 0);
}

int naive_truncate(struct machine *m, struct facts *f)
{
	int fd = begin(m, "loader"), file;

	(void)f;
	if (fd < 0)
		return fd;
	file = make(fd, "loader.conf", O_TRUNC, 'n', TEXT_SIZE);
	return finish(fd, file >= 0 && fsync(file) == 0 && close(file) == 0);
}

/* The new directory beside the old one, both exchanged before anything of it is on the disk. */
int naive_exchange(struct machine *m, struct facts *f)
{
	int fd = begin(m, "EFI"), new, r;

	(void)f;
	if (fd < 0)
		return fd;
	if (mkdirat(fd, ".btmp.vendor", 0755) < 0)
		return finish(fd, false);
	new = root_open_dir(fd, ".btmp.vendor");
	if (new < 0 || !put(new, "shim.bin", 'S', 9000) || !put(new, "grub.bin", 'G', 20000) ||
	    renameat2(fd, ".btmp.vendor", fd, "vendor", RENAME_EXCHANGE) < 0 || syncfs(fd) < 0)
		return finish(fd, false);
	(void)close(new);
	new = root_open_dir(fd, ".btmp.vendor"); /* the old one now */
	r = unlinkat(new, "shim.bin", 0) == 0 && unlinkat(new, "grub.bin", 0) == 0 &&
	    unlinkat(fd, ".btmp.vendor", AT_REMOVEDIR) == 0 && syncfs(fd) == 0;
	(void)close(new);
	return finish(fd, r);
}

int naive_copy(struct machine *m, struct facts *f)
{
	int fd = begin(m, "EFI/Linux");

	(void)f;
	if (fd < 0)
		return fd;
	return finish(fd,
		      unlinkat(fd, "passive.efi", 0) == 0 && put(fd, "passive.efi", 'k', 60000));
}
