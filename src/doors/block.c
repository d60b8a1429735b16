// SPDX-License-Identifier: LGPL-2.1-or-later
#include <blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "root.h"

#define TYPE_ESP      "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_XBOOTLDR "bc13c2ff-59e6-4262-a352-b275fd6f7172"

/* So many signatures are erased before something must be wrong. */
#define WIPE_ROUNDS_MAX 256

struct scan {
	const char *partuuid;
	unsigned int n_esps;
	unsigned int n_candidates;	      /* ESPs with that PARTUUID, or all */
	struct block_partition esp, xbootldr; /* of the first candidate */
};

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static bool sysfs_has(int sysfs, const char *disk, const char *attribute)
{
	char path[300];
	int n = snprintf(path, sizeof(path), "%s/%s", disk, attribute);

	return n > 0 && (size_t)n < sizeof(path) && faccessat(sysfs, path, F_OK, 0) == 0;
}

/* A disk that is a member of something else as a whole (multipath, firmware RAID) shows a copy of
 * that other device's partition table, but cannot be mounted. */
static bool has_holders(int sysfs, const char *disk)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	char path[300];
	struct dirent *de;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/holders", disk);
	fd = root_open_dir(sysfs, path);
	if (fd < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return false;
	}
	while ((de = readdir(dir)))
		if (de->d_name[0] != '.')
			return true;
	return false;
}

/* Opening a floppy drive takes seconds, and an unused zram or loop device holds nothing. */
static bool is_candidate_disk(int sysfs, const char *name)
{
	if (name[0] == '.' || sysfs_has(sysfs, name, "partition"))
		return false;
	if (strncmp(name, "zram", 4) == 0)
		return false;
	if (strncmp(name, "fd", 2) == 0 && name[2] >= '0' && name[2] <= '9')
		return false;
	/* The kernel makes no partitions of device mapper, and a read from it may block for ever.
	 */
	if (sysfs_has(sysfs, name, "dm"))
		return false;
	if (strncmp(name, "loop", 4) == 0 && !sysfs_has(sysfs, name, "loop/backing_file"))
		return false;
	return !has_holders(sysfs, name);
}

/* "sda" + 1 -> "sda1", "mmcblk0" + 1 -> "mmcblk0p1". False if the kernel does not show it (device
 * mapper has no such nodes; or not yet there). */
static bool name_partition(int sysfs, const char *disk, int number, char *ret, size_t size)
{
	char last = disk[strlen(disk) - 1];
	const char *infix = last >= '0' && last <= '9' ? "p" : "";
	int n = snprintf(ret, size, "%s%s%d", disk, infix, number);

	return n > 0 && (size_t)n < size && sysfs_has(sysfs, disk, ret);
}

/* /sys has `!` where /dev has a directory: cciss!c0d0. */
static int node_path(const char *name, char *ret, size_t size)
{
	int n = snprintf(ret, size, "/dev/%s", name);

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	for (char *p = ret; (p = strchr(p, '!'));)
		*p = '/';
	return 0;
}

static int describe(int sysfs, const char *disk, blkid_partition part, struct block_partition *ret)
{
	const char *uuid = blkid_partition_get_uuid(part);
	struct block_partition found = {0};
	char name[sizeof(found.node)];
	int number = blkid_partition_get_partno(part);

	if (!uuid || strlen(uuid) >= sizeof(found.partuuid) || strlen(disk) >= sizeof(found.disk))
		return -EINVAL;
	if (!name_partition(sysfs, disk, number, name, sizeof(name)))
		return -ENODEV;
	if (node_path(name, found.node, sizeof(found.node)) < 0)
		return -ENAMETOOLONG;
	memcpy(found.disk, disk, strlen(disk) + 1);
	memcpy(found.partuuid, uuid, strlen(uuid) + 1);
	*ret = found;
	return 0;
}

/* How many partitions of that type the table has; *ret is the last one. */
static unsigned int find_type(int sysfs, const char *disk, blkid_partlist list, const char *type,
			      struct block_partition *ret)
{
	int n_partitions = blkid_partlist_numof_partitions(list);
	unsigned int n_found = 0;

	for (int i = 0; i < n_partitions; i++) {
		blkid_partition part = blkid_partlist_get_partition(list, i);
		const char *is = part ? blkid_partition_get_type_string(part) : NULL;

		if (is && strcasecmp(is, type) == 0 && describe(sysfs, disk, part, ret) == 0)
			n_found++;
	}
	return n_found;
}

static void scan_esp(struct scan *scan, int sysfs, const char *disk, blkid_partlist list,
		     const struct block_partition *esp)
{
	unsigned int n;

	scan->n_esps++;
	if (scan->partuuid[0] != '\0' && strcasecmp(scan->partuuid, esp->partuuid) != 0)
		return;
	if (scan->n_candidates++ > 0)
		return;
	scan->esp = *esp;
	n = find_type(sysfs, disk, list, TYPE_XBOOTLDR, &scan->xbootldr);
	if (n != 1)
		scan->xbootldr.node[0] = '\0';
	if (n == 0)
		scan->xbootldr.disk[0] = '\0';
}

static void scan_table(struct scan *scan, int sysfs, const char *disk, blkid_partlist list)
{
	int n_partitions = blkid_partlist_numof_partitions(list);

	for (int i = 0; i < n_partitions; i++) {
		blkid_partition part = blkid_partlist_get_partition(list, i);
		const char *is = part ? blkid_partition_get_type_string(part) : NULL;
		struct block_partition esp;

		if (is && strcasecmp(is, TYPE_ESP) == 0 && describe(sysfs, disk, part, &esp) == 0)
			scan_esp(scan, sysfs, disk, list, &esp);
	}
}

/* Any failure means that this disk is passed over. */
static void scan_disk(struct scan *scan, int sysfs, const char *disk)
{
	blkid_partlist list = NULL;
	blkid_probe probe;
	char node[64];

	if (node_path(disk, node, sizeof(node)) < 0)
		return;
	probe = blkid_new_probe_from_filename(node);
	if (!probe)
		return;
	if (blkid_probe_enable_superblocks(probe, 0) == 0 &&
	    blkid_probe_enable_partitions(probe, 1) == 0)
		list = blkid_probe_get_partitions(probe);
	if (list)
		scan_table(scan, sysfs, disk, list);
	blkid_free_probe(probe);
}

static int scan_all(struct scan *scan)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *de;
	int fd;

	fd = root_open_dir(AT_FDCWD, "/sys/class/block");
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	for (;;) {
		errno = 0;
		de = readdir(dir);
		if (!de)
			return -errno;
		if (is_candidate_disk(fd, de->d_name))
			scan_disk(scan, fd, de->d_name);
	}
}

int block_find_esp(const char *partuuid, struct block_partition *ret_esp,
		   struct block_partition *ret_xbootldr, unsigned int *ret_n_esps)
{
	struct scan scan = {.partuuid = partuuid};
	int r;

	r = scan_all(&scan);
	if (r < 0)
		return r;
	*ret_n_esps = scan.n_esps;
	if (scan.n_candidates == 0)
		return BLOCK_NONE;
	if (scan.n_candidates > 1)
		return BLOCK_AMBIGUOUS;
	*ret_esp = scan.esp;
	*ret_xbootldr = scan.xbootldr;
	return BLOCK_FOUND;
}

/* False if there was something that did not fit. */
static bool copy_text(const char *s, char *ret, size_t size)
{
	if (!s || !s[0])
		return true;
	if (strlen(s) >= size)
		return false;
	memcpy(ret, s, strlen(s) + 1);
	return true;
}

static const char *get_value(blkid_probe probe, const char *name)
{
	const char *value = NULL;

	return blkid_probe_lookup_value(probe, name, &value, NULL) == 0 ? value : NULL;
}

/* What is in it. False if that cannot be told. */
static bool read_content(struct block_entry *e)
{
	blkid_probe probe = blkid_new_probe_from_filename(e->node);
	const char *usage;
	bool is_clear;
	int r;

	if (!probe)
		return false;
	(void)blkid_probe_enable_superblocks(probe, 1);
	(void)blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
							       BLKID_SUBLKS_UUID |
							       BLKID_SUBLKS_LABEL);
	r = blkid_do_safeprobe(probe);
	is_clear = r == 0 || r == 1; /* 1: nothing is in it */
	if (r == 0) {
		usage = get_value(probe, "USAGE");
		e->is_container =
			usage && strcmp(usage, "filesystem") != 0 && strcmp(usage, "other") != 0;
		is_clear = copy_text(get_value(probe, "UUID"), e->fs_uuid, sizeof(e->fs_uuid)) &&
			   copy_text(get_value(probe, "LABEL"), e->fs_label, sizeof(e->fs_label));
	}
	blkid_free_probe(probe);
	return is_clear;
}

static bool is_read_only(int sysfs, const char *name)
{
	char path[300], line[8];

	(void)snprintf(path, sizeof(path), "%s/ro", name);
	return root_read_line(sysfs, path, line, sizeof(line)) < 0 || strcmp(line, "0") != 0;
}

static void fill_entry(int sysfs, const char *disk, blkid_partition part, struct block_entry *e)
{
	char name[sizeof(e->node)];

	*e = (struct block_entry){
		.number = (unsigned int)blkid_partition_get_partno(part),
		.flags = blkid_partition_get_flags(part),
	};
	e->is_unclear =
		!copy_text(blkid_partition_get_name(part), e->label, sizeof(e->label)) ||
		!copy_text(blkid_partition_get_uuid(part), e->partuuid, sizeof(e->partuuid)) ||
		!copy_text(blkid_partition_get_type_string(part), e->type, sizeof(e->type));
	if (!name_partition(sysfs, disk, (int)e->number, name, sizeof(name)) ||
	    node_path(name, e->node, sizeof(e->node)) < 0) {
		e->node[0] = '\0';
		return;
	}
	e->read_only = is_read_only(sysfs, name);
	e->is_unclear |= !read_content(e);
}

static int read_list(int sysfs, const char *disk, blkid_probe probe, block_entry_fn fn, void *data)
{
	blkid_partlist list;
	blkid_parttable table;
	struct block_entry e;
	const char *type;

	(void)blkid_probe_enable_superblocks(probe, 0);
	(void)blkid_probe_enable_partitions(probe, 1);
	list = blkid_probe_get_partitions(probe);
	table = list ? blkid_partlist_get_table(list) : NULL;
	type = table ? blkid_parttable_get_type(table) : NULL;
	if (!type || strcmp(type, "gpt") != 0)
		return -EPROTOTYPE;
	for (int i = 0; i < blkid_partlist_numof_partitions(list); i++) {
		fill_entry(sysfs, disk, blkid_partlist_get_partition(list, i), &e);
		fn(data, &e);
	}
	return 0;
}

int block_read_gpt(const char *disk, block_entry_fn fn, void *data)
{
	_cleanup_(closep) int sysfs = root_open_dir(AT_FDCWD, "/sys/class/block");
	blkid_probe probe;
	char node[64];
	int r;

	if (sysfs < 0)
		return sysfs;
	r = node_path(disk, node, sizeof(node));
	if (r < 0)
		return r;
	errno = EIO;
	probe = blkid_new_probe_from_filename(node);
	if (!probe)
		return -errno;
	r = read_list(sysfs, disk, probe, fn, data);
	blkid_free_probe(probe);
	return r;
}

/* The node is the partition that sysfs shows below the disk. */
static int check_node(int fd, const char *disk, const char *node)
{
	_cleanup_(closep) int sysfs = root_open_dir(AT_FDCWD, "/sys/class/block");
	char path[300], line[32], number[32];
	struct stat st;
	int r;

	if (sysfs < 0)
		return sysfs;
	if (fstat(fd, &st) < 0)
		return -errno;
	r = snprintf(path, sizeof(path), "%s/%s/dev", disk, node + strlen("/dev/"));
	if (!S_ISBLK(st.st_mode) || r < 0 || (size_t)r >= sizeof(path))
		return -ESTALE;
	for (char *p = path + strlen(disk) + 1; p < path + r - strlen("/dev"); p++)
		if (*p == '/')
			*p = '!';
	r = root_read_line(sysfs, path, line, sizeof(line));
	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	(void)snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	return strcmp(line, number) == 0 ? 0 : -ESTALE;
}

int block_open_alone(const char *disk, const char *node)
{
	_cleanup_(closep) int fd = -1;
	int r, read_only = 0;

	if (strncmp(node, "/dev/", strlen("/dev/")) != 0)
		return -EINVAL;
	fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	r = check_node(fd, disk, node);
	if (r < 0)
		return r;
	if (ioctl(fd, BLKROGET, &read_only) < 0)
		return -errno;
	if (read_only)
		return -EROFS;
	r = fd;
	fd = -1;
	return r;
}

/* A probe for everything that has a signature; one whose checksum is wrong has one too. */
static blkid_probe probe_signatures(int fd)
{
	blkid_probe probe = blkid_new_probe();

	if (!probe)
		return NULL;
	if (blkid_probe_set_device(probe, fd, 0, 0) == 0 &&
	    blkid_probe_enable_superblocks(probe, 1) == 0 &&
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM) ==
		    0 &&
	    blkid_probe_enable_partitions(probe, 1) == 0 &&
	    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT) == 0)
		return probe;
	blkid_free_probe(probe);
	return NULL;
}

/* 1 if there is any, 0 if not, or negative errno. */
static int has_signature(int fd)
{
	blkid_probe probe = probe_signatures(fd);
	int r;

	if (!probe)
		return -EIO;
	errno = EIO;
	r = blkid_do_probe(probe);
	blkid_free_probe(probe);
	return r < 0 ? -errno : r == 0;
}

int block_wipe(int fd)
{
	blkid_probe probe = probe_signatures(fd);
	int found = 0, r = 0;

	if (!probe)
		return -EIO;
	for (int i = 0; i < WIPE_ROUNDS_MAX && r == 0; i++) {
		errno = EIO;
		found = blkid_do_probe(probe);
		if (found != 0)
			break;
		r = blkid_do_wipe(probe, 0);
	}
	if (r != 0 || found < 0)
		r = errno > 0 ? -errno : -EIO;
	blkid_free_probe(probe);
	if (fsync(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		return r;
	(void)ioctl(fd, BLKFLSBUF); /* the second look is at the disk */
	r = has_signature(fd);
	return r > 0 ? -EIO : r;
}

int block_watch(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	_cleanup_(closep) int fd = -1;
	int r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	r = fd;
	fd = -1;
	return r;
}

/* Reads all that is queued. 1 if a block device was among it, 0 if not, or negative errno. */
static int drain(int fd)
{
	static const char mark[] = "\0SUBSYSTEM=block";
	int is_block = 0;

	for (;;) {
		char buf[8192];
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n > 0 && memmem(buf, (size_t)n, mark, sizeof(mark)))
			is_block = 1;
		else if (n < 0 && errno == ENOBUFS) /* events were lost: ours may be one */
			is_block = 1;
		else if (n < 0 && errno == EAGAIN)
			return is_block;
		else if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int64_t now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int block_wait(int watch_fd, int timeout_ms)
{
	const int64_t end_ms = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd pfd = {.fd = watch_fd, .events = POLLIN};
		int64_t left_ms;
		int r;

		r = drain(watch_fd);
		if (r < 0)
			return r;
		if (r > 0)
			return 0;
		left_ms = end_ms - now_ms();
		if (left_ms <= 0)
			return 1;
		r = poll(&pfd, 1, (int)left_ms);
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}
