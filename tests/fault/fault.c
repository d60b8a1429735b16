// SPDX-License-Identifier: LGPL-2.1-or-later
/* LD_PRELOAD: makes one system call of a run fail, or (FAULT_ROOT: the tree; FAULT_AT) refuses
 * memory once. FAULT_CALL: its name; FAULT_AT: which of them (1 is the first, 0 is each);
 * FAULT_ERRNO: the number of the error; FAULT_HIT: a file that is made when it has happened. What
 * goes to the standard streams is left alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fault_renameat2(int, const char *, int, const char *, unsigned int) __asm__("renameat2");
int fault_openat(int, const char *, int, ...) __asm__("openat64");
int fault_fsync(int) __asm__("fsync");
int fault_fdatasync(int) __asm__("fdatasync");
ssize_t fault_write(int, const void *, size_t) __asm__("write");
ssize_t fault_pwrite(int, const void *, size_t, off_t) __asm__("pwrite64");
int fault_unlinkat(int, const char *, int) __asm__("unlinkat");
int fault_fstat(int, struct stat *) __asm__("fstat64");

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

#define HIT_FD 198 /* trace.c reads it */

static int is_armed, armed_at;

static int is_hit(const char *call)
{
	const char *wanted = getenv("FAULT_CALL"), *at = getenv("FAULT_AT");
	static int n;

	if (!wanted || !at || strcmp(wanted, call) != 0)
		return 0;
	n++;
	if (atoi(at) != 0 && n != atoi(at))
		return 0;
	syscall(SYS_close,
		syscall(SYS_openat, AT_FDCWD, getenv("FAULT_HIT"), O_CREAT | O_WRONLY, 0600));
	errno = atoi(getenv("FAULT_ERRNO"));
	return 1;
}

int fault_renameat2(int from, const char *old_name, int to, const char *new_name,
		    unsigned int flags)
{
	if (is_hit("renameat2"))
		return -1;
	return (int)syscall(SYS_renameat2, from, old_name, to, new_name, flags);
}

/* Of the memory that is asked for after the tree was opened; before, it is the dynamic linker. */
static int is_no_memory(void)
{
	static int n;

	if (!is_armed || ++n != armed_at)
		return 0;
	is_armed = 0;
	(void)syscall(SYS_write, HIT_FD, "x", 1);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return is_no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return is_no_memory() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return is_no_memory() ? NULL : __libc_realloc(p, size);
}

static void arm(const char *path)
{
	const char *tree = getenv("FAULT_ROOT"), *at = getenv("FAULT_AT");

	if (!tree || !at || strcmp(path, tree) != 0)
		return;
	armed_at = atoi(at);
	is_armed = 1;
}

int fault_openat(int dirfd, const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	arm(path);

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return is_hit("openat") ? -1 : (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

int fault_fsync(int fd)
{
	return is_hit("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int fault_fdatasync(int fd)
{
	return is_hit("fsync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t fault_write(int fd, const void *data, size_t len)
{
	return fd > STDERR_FILENO && is_hit("write") ? -1 : syscall(SYS_write, fd, data, len);
}

ssize_t fault_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return is_hit("pwrite") ? -1 : syscall(SYS_pwrite64, fd, data, len, offset);
}

int fault_unlinkat(int dirfd, const char *path, int flags)
{
	return is_hit("unlinkat") ? -1 : (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

int fault_fstat(int fd, struct stat *ret)
{
	return is_hit("fstat") ? -1 : (int)syscall(SYS_newfstatat, fd, "", ret, AT_EMPTY_PATH);
}
