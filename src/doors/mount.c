// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mount.h"
#include "root.h"

#define EFI_DIR	       "/sys/firmware/efi"
#define EFIVARFS_DIR   EFI_DIR "/efivars"
#define SECURITYFS_DIR "/sys/kernel/security"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* since Linux 5.10; ignored before */
#endif

#define BOOT_OPTIONS "nosuid,nodev,noexec,noatime"
#define BUSY_TRIES   100
#define BUSY_MS	     20
/* A remount sets all of them anew, so each has to be named again. */
#define BOOT_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NOSYMFOLLOW)

static void free_contextp(struct libmnt_context **context)
{
	mnt_free_context(*context);
}

static void unref_tablep(struct libmnt_table **table)
{
	mnt_unref_table(*table);
}

int mount_unshare(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	return 0;
}

/* A context that touches nothing but the kernel: no /sbin/mount.vfat, no fstab, no /run/mount. */
static int new_context(const char *target, struct libmnt_context **ret)
{
	struct libmnt_context *context = mnt_new_context();
	int r;

	if (!context)
		return -ENOMEM;
	r = mnt_context_disable_helpers(context, 1);
	if (r == 0)
		r = mnt_context_disable_mtab(context, 1);
	if (r == 0)
		r = mnt_context_disable_canonicalize(context, 1);
	if (r == 0)
		r = mnt_context_set_optsmode(context, MNT_OMODE_NOTAB);
	if (r == 0)
		r = mnt_context_set_target(context, target);
	if (r < 0) {
		mnt_free_context(context);
		return r;
	}
	*ret = context;
	return 0;
}

/* The result of mnt_context_mount() and _umount(): libmount may report a failure of its own after a
 * system call that worked, and its code hides the errno of one that did not. */
static int context_result(struct libmnt_context *context, int r)
{
	int error;

	if (mnt_context_get_status(context))
		return 0;
	if (mnt_context_syscall_called(context)) {
		error = mnt_context_get_syscall_errno(context);
		return error > 0 ? -error : -EIO;
	}
	return r < 0 ? r : -EIO;
}

static int mount_type(const char *source, const char *target, const char *type, const char *options)
{
	_cleanup_(free_contextp) struct libmnt_context *context = NULL;
	int r;

	r = new_context(target, &context);
	if (r < 0)
		return r;
	r = mnt_context_set_source(context, source);
	if (r == 0)
		r = mnt_context_set_fstype(context, type);
	if (r == 0)
		r = mnt_context_set_options(context, options);
	if (r < 0)
		return r;
	return context_result(context, mnt_context_mount(context));
}

/* MS_BIND: only the flag of this mount, not of the file system. mount(2) itself, because libmount
 * 2.39 and newer translate a remount into other calls that keep what is not named. */
static int remount(const char *target, unsigned long flags)
{
	if (mount(NULL, target, NULL, MS_REMOUNT | BOOT_FLAGS | flags, NULL) < 0)
		return -errno;
	return 0;
}

/* What a file system is told beside BOOT_OPTIONS, and what keeps it from its journal. */
static const struct {
	const char *type, *options, *without_journal;
} types[] = {
	{"vfat", ",umask=0077,errors=remount-ro", NULL},
	{"ext2", ",errors=remount-ro", NULL},
	{"ext3", ",errors=remount-ro", ",noload"},
	{"ext4", ",errors=remount-ro", ",noload"},
	{"xfs", "", ",norecovery"},
	{"btrfs", "", ",rescue=nologreplay"},
	{"f2fs", "", ",norecovery"},
};

static const char *options_of(const char *type, bool has_journal)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i].type) == 0)
			return has_journal ? types[i].options : types[i].without_journal;
	return has_journal ? "" : NULL;
}

static int mount_with(const char *source, const char *type, const char *target, const char *flag,
		      const char *extra)
{
	char options[128];
	int n = snprintf(options, sizeof(options), "%s," BOOT_OPTIONS "%s%s", flag,
			 options_of(type, true), extra);

	if (n < 0 || (size_t)n >= sizeof(options))
		return -EINVAL;
	return mount_type(source, target, type, options);
}

static int mount_boot_once(const char *source, const char *type, const char *target)
{
	const char *without_journal = options_of(type, false);
	int r;

	r = mount_with(source, type, target, "ro", "");
	/* A device that is write-protected, and a journal that would be written to it. */
	if (r == -EROFS && without_journal)
		r = mount_with(source, type, target, "ro", without_journal);
	/* Mounted writable elsewhere: the kernel has one file system per device and gives a second
	 * mount only with the same flag. Then the flag of our mount makes it read-only. */
	if (r == -EBUSY)
		r = mount_with(source, type, target, "rw", "");
	if (r < 0)
		return r;
	r = remount(target, MS_BIND | MS_RDONLY); /* no symbolic links either */
	if (r < 0)
		(void)mount_release(target);
	return r;
}

/* Who has the partition for himself, to change a name, has it for some milliseconds; nothing tells
 * when he is done. */
int mount_boot(const char *source, const char *type, const char *target)
{
	int r = -EBUSY;

	for (unsigned int i = 0; i < BUSY_TRIES; i++) {
		r = mount_boot_once(source, type, target);
		if (r != -EBUSY)
			return r;
		(void)poll(NULL, 0, BUSY_MS);
	}
	return r;
}

int mount_fat(const char *source, const char *target)
{
	return mount_boot(source, "vfat", target);
}

/* Other mounts of the same file system that are writable, as far as they can be seen; whether the
 * file system is, and our mount of it. */
struct sharing {
	bool has_others;
	bool is_shared_writable;
	bool is_fs_writable;
	bool is_own_writable;
};

static bool has_option(const char *options, const char *name)
{
	return options && mnt_optstr_get_option(options, name, NULL, NULL) == 0;
}

static int get_sharing(const char *target, struct sharing *ret)
{
	_cleanup_(unref_tablep) struct libmnt_table *table = NULL;
	struct libmnt_fs *own, *fs;
	struct sharing sharing;
	struct libmnt_iter *iter;

	table = mnt_new_table_from_file("/proc/self/mountinfo");
	if (!table)
		return errno > 0 ? -errno : -EIO;
	own = mnt_table_find_target(table, target, MNT_ITER_BACKWARD);
	if (!own)
		return -EINVAL; /* as mount(2) says it */
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!iter)
		return -ENOMEM;
	sharing =
		(struct sharing){.is_fs_writable = has_option(mnt_fs_get_fs_options(own), "rw"),
				 .is_own_writable = has_option(mnt_fs_get_vfs_options(own), "rw")};
	while (mnt_table_next_fs(table, iter, &fs) == 0) {
		if (fs == own || mnt_fs_get_devno(fs) != mnt_fs_get_devno(own))
			continue;
		sharing.has_others = true;
		sharing.is_shared_writable |= has_option(mnt_fs_get_vfs_options(fs), "rw");
	}
	mnt_free_iter(iter);
	*ret = sharing;
	return 0;
}

/* What the other mounts say is not enough: in the sandbox of a service (ProtectSystem=) all of them
 * look read-only, and the file system would be taken away from those who write. */
int mount_make_writable(const char *target, bool *is_shared)
{
	struct sharing sharing;
	int r;

	r = get_sharing(target, &sharing);
	if (r < 0)
		return r;
	if (sharing.is_own_writable)
		return 0;
	/* The kernel made the file system of a writable mount read-only: it found an error in it.
	 */
	if (sharing.is_shared_writable && !sharing.is_fs_writable)
		return -EROFS;
	*is_shared = sharing.is_fs_writable;
	return remount(target, sharing.is_fs_writable ? MS_BIND : 0);
}

int mount_make_read_only(const char *target, bool is_shared)
{
	struct sharing sharing;
	int r;

	r = get_sharing(target, &sharing);
	if (r < 0)
		return r;
	/* Others may have come since. */
	is_shared |= sharing.is_shared_writable;
	return remount(target, MS_RDONLY | (is_shared ? MS_BIND : 0));
}

int mount_has_others(const char *target)
{
	struct sharing sharing;
	int r = get_sharing(target, &sharing);

	return r < 0 ? r : sharing.has_others;
}

/* Mounts one of the kernel's own file systems, unless it is there. */
static int mount_kernel_fs(const char *type, const char *target, unsigned long magic)
{
	struct statfs fs;

	if (statfs(target, &fs) < 0)
		return -errno;
	if ((unsigned long)fs.f_type == magic)
		return 0;
	return mount_type(type, target, type, "nosuid,nodev,noexec");
}

int mount_efivarfs(void)
{
	if (faccessat(AT_FDCWD, EFI_DIR, F_OK, 0) < 0)
		return errno == ENOENT ? 1 : -errno;
	return mount_kernel_fs("efivarfs", EFIVARFS_DIR, EFIVARFS_MAGIC);
}

int mount_securityfs(void)
{
	if (faccessat(AT_FDCWD, SECURITYFS_DIR, F_OK, 0) < 0)
		return errno == ENOENT ? 1 : -errno;
	return mount_kernel_fs("securityfs", SECURITYFS_DIR, SECURITYFS_MAGIC);
}

int mount_release(const char *target)
{
	_cleanup_(free_contextp) struct libmnt_context *context = NULL;
	int r;

	r = new_context(target, &context);
	if (r < 0)
		return r;
	return context_result(context, mnt_context_umount(context));
}
