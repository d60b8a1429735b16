// SPDX-License-Identifier: LGPL-2.1-or-later
#include "points.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The first one is the main error. */
struct row {
	long nr;
	int error[8];
};

static const struct row rows[] = {
	{SYS_read, {EIO, EINTR, ENOMEM, ESTALE, EBADF}},
	{SYS_pread64, {EIO, EINTR, ENOMEM}},
	{SYS_write, {EIO, ENOSPC, EINTR, EROFS, ENOMEM, EINVAL}},
	{SYS_pwrite64, {EIO, ENOSPC, EINTR, EROFS, ENOMEM}},
	{SYS_newfstatat, {EIO, ENOMEM}},
	{SYS_fstat, {EIO, ENOMEM}},
	{SYS_statfs, {EIO, ENOSYS}},
	{SYS_fstatfs, {EIO, ENOSYS, EINTR}},
	{SYS_faccessat2, {EIO, ENOMEM, ENOSYS}},
	{SYS_getdents64, {EIO, ENOMEM}},
	{SYS_mkdirat, {EIO, ENOSPC, EROFS, ENOMEM}},
	{SYS_unlinkat, {EIO, EROFS, ENOMEM}},
	{SYS_renameat, {EIO, ENOSPC, EROFS, ENOMEM}},
	{SYS_renameat2, {EIO, ENOSPC, EROFS, ENOMEM, EINVAL}},
	{SYS_symlinkat, {EIO, ENOSPC, EROFS}},
	{SYS_fsync, {EIO, ENOSPC, EINTR, EROFS, EINVAL}},
	{SYS_fdatasync, {EIO, ENOSPC, EINTR, EROFS, EINVAL}},
	{SYS_sync, {0}},
	{SYS_ftruncate, {EIO, ENOSPC, EINTR, EROFS}},
	{SYS_fallocate, {EIO, ENOSPC, EINTR, EOPNOTSUPP}},
	{SYS_flock, {EINTR, ENOLCK, EAGAIN, EIO}},
	{SYS_fcntl, {EIO}},
	{SYS_ioctl, {EIO, ENOTTY}},
	{SYS_lseek, {EIO}},
	{SYS_mmap, {ENOMEM}},
	{SYS_brk, {0}},
	{SYS_fchmod, {EIO, EROFS, EPERM}},
	{SYS_utimensat, {EIO, EROFS, EPERM}},
	{SYS_fadvise64, {EIO, EINVAL}},
	{SYS_copy_file_range, {EIO, ENOSPC, EINTR, EXDEV}},
	{SYS_getrandom, {EAGAIN}},
};

/* These cannot fail, or have nobody who would hear of it. */
static const long never[] = {SYS_munmap,     SYS_mprotect,     SYS_getpid,
			     SYS_exit_group, SYS_rt_sigaction, SYS_rt_sigprocmask,
			     SYS_getuid,     SYS_geteuid,      SYS_gettid};

static bool is_open_for_change(const struct call *c)
{
	return c->nr == SYS_openat && (c->arg[2] & (O_CREAT | O_TRUNC));
}

bool points_is_change(const struct call *c)
{
	switch (c->nr) {
	case SYS_openat:
		return is_open_for_change(c);
	case SYS_write:
		return c->arg[0] > STDERR_FILENO;
	case SYS_pwrite64:
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_symlinkat:
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_copy_file_range:
	case SYS_utimensat:
	case SYS_fchmod:
		return true;
	default:
		return false;
	}
}

/* A disk that is gone says so at each of these. */
static bool can_be_gone(const struct call *c)
{
	switch (c->nr) {
	case SYS_openat:
	case SYS_read:
	case SYS_pread64:
	case SYS_getdents64:
	case SYS_fsync:
	case SYS_fdatasync:
		return true;
	default:
		return points_is_change(c);
	}
}

static int add(struct fault ret[POINTS_MAX], int n, enum fault_kind kind, int error)
{
	if (n < POINTS_MAX)
		ret[n++] = (struct fault){.kind = kind, .error = error};
	return n;
}

static int add_open(const struct call *c, bool is_all, struct fault ret[POINTS_MAX])
{
	bool is_new = c->arg[2] & O_CREAT, is_write = (c->arg[2] & O_ACCMODE) != O_RDONLY;
	int n = add(ret, 0, FAULT_ERROR, EIO);

	if (is_write || is_new)
		n = add(ret, n, FAULT_ERROR, EROFS);
	if (is_new)
		n = add(ret, n, FAULT_ERROR, ENOSPC);
	if (!is_all)
		return n;
	n = add(ret, n, FAULT_ERROR, ENOMEM);
	n = add(ret, n, FAULT_ERROR, ENFILE);
	n = add(ret, n, FAULT_ERROR, EMFILE);
	n = add(ret, n, FAULT_ERROR, EINTR);
	n = add(ret, n, FAULT_ERROR, EACCES);
	return add(ret, n, FAULT_ERROR, ENODEV);
}

/* An EFI variable is read and written as one, or not at all. */
static bool is_variable(const struct call *c)
{
	return strstr(c->path, "/efivars/") != NULL;
}

static int add_parts(const struct call *c, bool is_all, int n, struct fault ret[POINTS_MAX])
{
	bool is_write = c->nr == SYS_write || c->nr == SYS_pwrite64;

	if ((c->nr != SYS_read && c->nr != SYS_pread64 && !is_write) || c->arg[2] < 2)
		return n;
	if (is_variable(c) || (is_write && c->arg[0] <= STDERR_FILENO))
		return n;
	n = add(ret, n, FAULT_SHORT, 0);
	if (is_all)
		n = add(ret, n, FAULT_ONE, 0);
	return is_write ? add(ret, n, FAULT_TORN, 0) : n;
}

/* That it was done, and says that it was not. */
static int add_late(const struct call *c, bool is_all, int n, struct fault ret[POINTS_MAX])
{
	bool is_rename = c->nr == SYS_renameat2 || c->nr == SYS_renameat;

	if (is_rename || (is_all && (c->nr == SYS_unlinkat || c->nr == SYS_mkdirat)))
		n = add(ret, n, FAULT_LATE, EIO);
	return n;
}

static int add_row(const struct call *c, bool is_all, struct fault ret[POINTS_MAX])
{
	static const struct row other = {0, {EIO, ENOMEM, EINTR}};
	const struct row *row = &other;
	int n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].nr == c->nr)
			row = &rows[i];
	n = add(ret, n, FAULT_ERROR, row->error[0]);
	for (int i = 1; row->error[i] && (is_all || (points_is_change(c) && i < 4)); i++)
		n = add(ret, n, FAULT_ERROR, row->error[i]);
	return n;
}

int points_of(const struct call *c, bool is_all, struct fault ret[POINTS_MAX])
{
	int n;

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (never[i] == c->nr)
			return 0;
	/* Many, and nobody makes anything of what they return. */
	if ((c->nr == SYS_close || c->nr == SYS_fcntl) && !is_all)
		return 0;
	if (c->nr == SYS_close)
		return add(ret, 0, FAULT_LATE, EIO);
	if (c->nr == SYS_write && c->arg[0] <= STDERR_FILENO && !is_all)
		return 0;
	n = c->nr == SYS_openat ? add_open(c, is_all, ret) : add_row(c, is_all, ret);
	n = add_parts(c, is_all, n, ret);
	n = add_late(c, is_all, n, ret);
	if (is_all && can_be_gone(c))
		n = add(ret, n, FAULT_GONE, EIO);
	if (!points_is_change(c) || (c->nr == SYS_ftruncate && is_variable(c)))
		return n;
	return add(ret, n, FAULT_KILL, 0);
}
