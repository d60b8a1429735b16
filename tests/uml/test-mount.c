// SPDX-License-Identifier: LGPL-2.1-or-later
/* The private mount against what other processes see of the same device. This process is process
 * 1's child in its mount namespace; private() runs a function in one of its own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doors/mount.h"
#include "tap.h"

#define DEVICE	"/dev/ubda1"
#define PUBLIC	"/run/efi"
#define PRIVATE "/run/esp"

static bool shared;

static void private(void (*function)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		EQ(mount_unshare(), 0, "mount_unshare");
		function();
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	EQ(status, 0, "setup: the child ended well");
}

/* "ro,nosuid,... ro,fmask=..." of a mount, as that process sees it; "" if it is not mounted. */
static const char *mount_flags(const char *pid, const char *target)
{
	static char flags[600];
	char path[64], line[1024], where[256], options[256], super[256];
	FILE *file;

	flags[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		const char *dash = strstr(line, " - ");

		if (!dash || sscanf(line, "%*s %*s %*s %*s %255s %255s", where, options) != 2)
			continue;
		if (strcmp(where, target) == 0 && sscanf(dash, " - %*s %*s %255s", super) == 1)
			(void)snprintf(flags, sizeof(flags), "%s %s", options, super);
	}
	if (file)
		(void)fclose(file);
	return flags;
}

static bool has(const char *flags, const char *start, const char *super_start)
{
	const char *space = strchr(flags, ' ');

	if (!space || strncmp(flags, start, 2) != 0 || strncmp(space + 1, super_start, 2) != 0) {
		tap_note("flags: \"%s\"", flags);
		return false;
	}
	return true;
}

/* 0, or negative errno of making a file there. */
static int try_write(const char *dir)
{
	char path[300];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/probe", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return unlink(path) < 0 ? -errno : 0;
}

/* Process 1 has the public view. */
static int try_public_write(void)
{
	return try_write("/proc/1/root" PUBLIC);
}

static void alone(void)
{
	EQ(mount_fat(DEVICE, PRIVATE), 0, "mount_fat");
	OK(has(mount_flags("self", PRIVATE), "ro", "ro"), "mount_fat: read-only");
	OK(strstr(mount_flags("self", PRIVATE), "ro,nosuid,nodev,noexec,noatime,nosymfollow "),
	   "mount_fat: flags");
	OK(strstr(mount_flags("self", PRIVATE), ",fmask=0077,dmask=0077,"), "mount_fat: umask");
	OK(strstr(mount_flags("self", PRIVATE), ",errors=remount-ro"), "mount_fat: errors");
	EQ_STR(mount_flags("1", PRIVATE), "", "mount_fat: nobody else sees it");
	EQ(try_write(PRIVATE), -EROFS, "mount_fat: no writing");
	EQ(mount_make_writable(PRIVATE, &shared), 0, "mount_make_writable");
	OK(has(mount_flags("self", PRIVATE), "rw", "rw"), "mount_make_writable: writable");
	OK(strstr(mount_flags("self", PRIVATE), "rw,nosuid,nodev,noexec,noatime,nosymfollow "),
	   "mount_make_writable: other flags are kept");
	EQ(try_write(PRIVATE), 0, "mount_make_writable: writing");
	EQ(mount_make_read_only(PRIVATE, shared), 0, "mount_make_read_only");
	OK(has(mount_flags("self", PRIVATE), "ro", "ro"), "mount_make_read_only: read-only again");
	EQ(try_write(PRIVATE), -EROFS, "mount_make_read_only: no writing again");
	EQ(mount_release(PRIVATE), 0, "mount_release");
	EQ_STR(mount_flags("self", PRIVATE), "", "mount_release: gone");
	EQ(mount_release(PRIVATE), -EINVAL, "mount_release: nothing there");
	EQ(mount_make_writable(PRIVATE, &shared), -EINVAL, "mount_make_writable: nothing there");
}

static void beside_read_only(void)
{
	EQ(mount_fat(DEVICE, PRIVATE), 0, "public ro: mount_fat");
	EQ(mount_make_writable(PRIVATE, &shared), 0, "public ro: mount_make_writable");
	EQ(try_write(PRIVATE), 0, "public ro: writing");
	OK(has(mount_flags("1", PUBLIC), "ro", "rw"), "public ro: its own flag stays");
	EQ(try_public_write(), -EROFS, "public ro: no writing there");
	EQ(mount_make_read_only(PRIVATE, shared), 0, "public ro: off");
	OK(has(mount_flags("1", PUBLIC), "ro", "ro"), "public ro: the file system too");
	EQ(mount_release(PRIVATE), 0, "public ro: mount_release");
	OK(has(mount_flags("1", PUBLIC), "ro", "ro"), "public ro: still mounted");
}

static void beside_writable(void)
{
	EQ(mount_fat(DEVICE, PRIVATE), 0, "public rw: mount_fat");
	OK(has(mount_flags("self", PRIVATE), "ro", "rw"), "public rw: ours is read-only");
	OK(strstr(mount_flags("self", PRIVATE), "ro,nosuid,nodev,noexec,noatime,nosymfollow "),
	   "public rw: other flags");
	EQ(try_write(PRIVATE), -EROFS, "public rw: no writing in ours");
	EQ(try_public_write(), 0, "public rw: writing there");
	EQ(mount_make_writable(PRIVATE, &shared), 0, "public rw: mount_make_writable");
	EQ(try_write(PRIVATE), 0, "public rw: writing in ours");
	EQ(mount_make_read_only(PRIVATE, shared), 0, "public rw: off");
	EQ(try_write(PRIVATE), -EROFS, "public rw: no writing in ours again");
	EQ(try_public_write(), 0, "public rw: and there it goes on");
	EQ(mount_release(PRIVATE), 0, "public rw: mount_release");
	EQ(try_public_write(), 0, "public rw: also after the release");
}

/* The sandbox of a service shows what is mounted read-only. */
static void beside_hidden(void)
{
	EQ(mount(NULL, PUBLIC, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0, "setup: sandbox");
	beside_writable();
}

static void beside_broken(void)
{
	EQ(mount_fat(DEVICE, PRIVATE), 0, "public with error: mount_fat");
	EQ(mount_make_writable(PRIVATE, &shared), -EROFS, "public with error: stays read-only");
	EQ(try_public_write(), -EROFS, "public with error: there too");
	EQ(mount_release(PRIVATE), 0, "public with error: mount_release");
}

static void protected(void)
{
	int r;

	EQ(mount_fat(DEVICE, PRIVATE), 0, "protected device: mount_fat");
	r = mount_make_writable(PRIVATE, &shared);
	OK(r == -EROFS || r == -EACCES, "protected device: mount_make_writable says %d", r);
	EQ(try_write(PRIVATE), -EROFS, "protected device: no writing");
	EQ(mount_release(PRIVATE), 0, "protected device: mount_release");
}

/* From the mount namespace of process 1. */
static void mount_in_public(const char *target)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);

		_exit(setns(fd, CLONE_NEWNS) < 0 || mount("tmpfs", target, "tmpfs", 0, NULL) < 0);
	}
	(void)waitpid(pid, NULL, 0);
}

static void arriving(void)
{
	(void)mkdir("/run/late", 0700);
	mount_in_public("/run/late");
	OK(mount_flags("1", "/run/late")[0] != '\0', "setup: mounted by others");
	OK(mount_flags("self", "/run/late")[0] != '\0', "mount_unshare: what others mount arrives");
}

static void refused(void)
{
	EQ(mount_fat("/dev/none", PRIVATE), -ENOENT, "mount_fat: no such device");
	EQ(mount_fat("/dev/ubdb", PRIVATE), -EINVAL, "mount_fat: garbage");
	EQ(mount_fat("/dev/ubdd", PRIVATE), -EINVAL, "mount_fat: ext4");
	EQ(mount_fat(DEVICE, "/run/none"), -ENOENT, "mount_fat: no such directory");
	EQ(mount_fat("/dev/null", PRIVATE), -ENOTBLK, "mount_fat: not a block device");
	EQ(mount_efivarfs(), 1, "mount_efivarfs: no EFI here");
}

static void set_protected(int value)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: BLKROSET");
	(void)close(fd);
}

/* An error makes the kernel set the file system read-only, but not its mounts. */
static void break_public(void)
{
	(void)mkdir("/run/bind", 0700);
	EQ(mount(PUBLIC, "/run/bind", NULL, MS_BIND, NULL), 0, "setup: bind");
	EQ(mount(NULL, "/run/bind", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup: as an error");
	EQ(umount("/run/bind"), 0, "setup: unbind");
	OK(has(mount_flags("1", PUBLIC), "rw", "ro"), "setup: file system ro, mount rw");
}

void test_mount(void)
{
	(void)mkdir(PUBLIC, 0700);
	(void)mkdir(PRIVATE, 0700);
	private(alone);
	private(refused);
	private(arriving);
	EQ(umount("/run/late"), 0, "setup");
	EQ(mount(DEVICE, PUBLIC, "vfat", MS_RDONLY, NULL), 0, "setup: public ro");
	private(beside_read_only);
	EQ(umount(PUBLIC), 0, "setup");
	EQ(mount(DEVICE, PUBLIC, "vfat", 0, NULL), 0, "setup: public rw");
	private(beside_writable);
	private(beside_hidden);
	break_public();
	private(beside_broken);
	EQ(umount(PUBLIC), 0, "setup");
	set_protected(1);
	private(protected);
	set_protected(0);
}
