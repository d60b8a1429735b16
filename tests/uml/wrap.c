// SPDX-License-Identifier: LGPL-2.1-or-later
/* The test program is linked with --wrap for these calls: they are recorded in order, and can be
 * made to fail. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kexec.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "tap.h"

int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_renameat2(int old_fd, const char *old, int new_fd, const char *new, unsigned int flags);
int __real_mkdirat(int fd, const char *path, mode_t mode);
int __real_unlinkat(int fd, const char *path, int flags);
ssize_t __real_pwrite64(int fd, const void *data, size_t len, off_t offset);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __real_pread64(int fd, void *buf, size_t size, off_t offset);

int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_renameat2(int old_fd, const char *old, int new_fd, const char *new, unsigned int flags);
int __wrap_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_unlinkat(int fd, const char *path, int flags);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_read(int fd, void *buf, size_t size);
ssize_t __wrap_pread64(int fd, void *buf, size_t size, off_t offset);
int __real_openat64(int fd, const char *path, int flags, mode_t mode);
int __wrap_openat64(int fd, const char *path, int flags, mode_t mode);
int __real_mount(const char *source, const char *target, const char *type, unsigned long flags,
		 const void *data);
int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags,
		 const void *data);
int __wrap_reboot(int command);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e);

static char trace[4096];
static size_t trace_len;
static int n_syncs, fail_nth, fail_error;
static int n_calls, call_nth, call_error;
static size_t pwrite_max;
static void (*watch)(void);
static int n_interrupts, n_reads;
static int reboot_command, kexec_error = EPERM;
static void (*reboot_before)(int command);
static const int *kexec_errors;
static void (*kexec_done)(bool is_loaded);
static const char *pread_name;
static off_t pread_from;
static int pread_error;

static void __attribute__((format(printf, 1, 2))) record(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(trace + trace_len, sizeof(trace) - trace_len, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(trace) - trace_len)
		trace_len += (size_t)n;
}

static const char *name_fd(int fd, char path[PATH_MAX])
{
	char link[64];
	const char *slash;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	path[n < 0 ? 0 : n] = '\0';
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void record_fd(const char *call, int fd)
{
	char path[PATH_MAX];

	record("%s %s; ", call, name_fd(fd, path));
}

void wrap_start(void)
{
	trace_len = 0;
	trace[0] = '\0';
	n_syncs = 0;
	fail_nth = 0;
	n_calls = 0;
	call_nth = 0;
}

const char *wrap_trace(void)
{
	return trace;
}

void wrap_fail_sync(int nth, int error)
{
	fail_nth = nth;
	fail_error = error;
}

void wrap_fail_call(int nth, int error)
{
	call_nth = nth;
	call_error = error;
}

int wrap_calls(void)
{
	return n_calls;
}

void wrap_watch(void (*before)(void))
{
	watch = before;
}

void wrap_limit_pwrite(size_t max)
{
	pwrite_max = max;
}

/* True if this call, of those that change something, is to fail. */
static bool is_call_failing(void)
{
	n_calls++;
	if (watch)
		watch();
	if (call_nth != n_calls)
		return false;
	errno = call_error;
	return true;
}

static bool is_failing(void)
{
	if (is_call_failing())
		return true;
	n_syncs++;
	if (fail_nth != -1 && fail_nth != n_syncs)
		return false;
	errno = fail_error;
	return true;
}

int __wrap_fsync(int fd)
{
	record_fd("fsync", fd);
	return is_failing() ? -1 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
	record_fd("fdatasync", fd);
	return is_failing() ? -1 : __real_fdatasync(fd);
}

int __wrap_renameat2(int old_fd, const char *old, int new_fd, const char *new, unsigned int flags)
{
	const char *how = flags == RENAME_NOREPLACE  ? "rename-noreplace"
			  : flags == RENAME_EXCHANGE ? "exchange"
						     : "rename";

	record("%s %s>%s; ", how, old, new);
	if (is_call_failing())
		return -1;
	return __real_renameat2(old_fd, old, new_fd, new, flags);
}

int __wrap_mkdirat(int fd, const char *path, mode_t mode)
{
	int r = is_call_failing() ? -1 : __real_mkdirat(fd, path, mode);

	if (r == 0)
		record("mkdir %s; ", path);
	return r;
}

int __wrap_unlinkat(int fd, const char *path, int flags)
{
	record("unlink %s; ", path);
	return is_call_failing() ? -1 : __real_unlinkat(fd, path, flags);
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset)
{
	record_fd("pwrite", fd);
	if (is_call_failing())
		return -1;
	if (pwrite_max > 0 && len > pwrite_max)
		len = pwrite_max;
	return __real_pwrite64(fd, data, len, offset);
}

int __wrap_openat64(int fd, const char *path, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && is_call_failing())
		return -1;
	return __real_openat64(fd, path, flags, mode);
}

int __wrap_mount(const char *source, const char *target, const char *type, unsigned long flags,
		 const void *data)
{
	return is_call_failing() ? -1 : __real_mount(source, target, type, flags, data);
}

void wrap_interrupt_reads(int times)
{
	n_interrupts = times;
	n_reads = 0;
}

int wrap_reads(void)
{
	return n_reads;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	n_reads++;
	if (n_interrupts > 0) {
		n_interrupts--;
		errno = EINTR;
		return -1;
	}
	return __real_read(fd, buf, size);
}

void wrap_fail_pread(const char *name, long long from, int error)
{
	pread_name = name;
	pread_from = from;
	pread_error = error;
}

ssize_t __wrap_pread64(int fd, void *buf, size_t size, off_t offset)
{
	char path[PATH_MAX];

	if (pread_error == 0 || offset + (off_t)size <= pread_from ||
	    strcmp(name_fd(fd, path), pread_name) != 0)
		return __real_pread64(fd, buf, size, offset);
	errno = pread_error;
	return -1;
}

void wrap_kexec(const int *errors, void (*done)(bool is_loaded))
{
	kexec_errors = errors;
	kexec_done = done;
}

/* kexec_file_load(kernel, initrd, length, command line, flags) */
long __wrap_syscall(long number, long a, long b, long c, long d, long e)
{
	char kernel[PATH_MAX], initrd[PATH_MAX];

	if (number != SYS_kexec_file_load || !kexec_errors || *kexec_errors == WRAP_KEXEC_END)
		return __real_syscall(number, a, b, c, d, e);
	record("load %s %s [%s] %ld flags %ld; ", name_fd((int)a, kernel), name_fd((int)b, initrd),
	       d ? (const char *)d : "", c, e);
	errno = *kexec_errors++;
	if (errno != 0)
		return -1;
	if (kexec_done)
		kexec_done(!(e & KEXEC_FILE_UNLOAD));
	return 0;
}

int __wrap_reboot(int command)
{
	reboot_command = command;
	if (reboot_before)
		reboot_before(command);
	errno = command == (int)RB_KEXEC ? kexec_error : EPERM;
	return -1;
}

void wrap_reboot(int error, void (*before)(int command))
{
	kexec_error = error;
	reboot_before = before;
}

int wrap_reboot_command(void)
{
	return reboot_command;
}
