// SPDX-License-Identifier: LGPL-2.1-or-later
#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "block-sysfs.h"
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

static int describe(int sysfs, const char *disk, blkid_partition part, struct block_partition *ret)
{
	const char *uuid = blkid_partition_get_uuid(part);
	struct block_partition found = {0};
	char name[sizeof(found.node)];
	int number = blkid_partition_get_partno(part);

	if (!uuid || strlen(uuid) >= sizeof(found.partuuid) || strlen(disk) >= sizeof(found.disk))
		return -EINVAL;
	if (!block_sysfs_partition(sysfs, disk, number, name, sizeof(name)))
		return -ENODEV;
	if (block_sysfs_node(name, found.node, sizeof(found.node)) < 0)
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
static void scan_disk(void *data, int sysfs, const char *disk)
{
	struct scan *scan = data;
	blkid_partlist list = NULL;
	blkid_probe probe;
	char node[64];

	if (!block_sysfs_may_have_table(sysfs, disk) ||
	    block_sysfs_node(disk, node, sizeof(node)) < 0)
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

int block_find_esp(const char *partuuid, struct block_partition *ret_esp,
		   struct block_partition *ret_xbootldr, unsigned int *ret_n_esps)
{
	struct scan scan = {.partuuid = partuuid};
	int r;

	r = block_sysfs_each(scan_disk, &scan);
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

/* Of the file system of $BOOT. */
struct search {
	const char *key; /* as libblkid calls it */
	const char *value;
	bool is_exact; /* letter case counts */
	bool is_mapped;
	unsigned int n;
	struct block_partition found; /* the first */
};

static const struct {
	const char *tag, *key;
	bool is_exact;
} block_tags[] = {
	{"UUID=", "UUID", false},
	{"LABEL=", "LABEL", true},
	{"PARTUUID=", "PART_ENTRY_UUID", false},
	{"PARTLABEL=", "PART_ENTRY_NAME", true},
};

static int read_name(const char *name, struct search *ret)
{
	struct search s = {.key = "UUID", .value = name};

	for (size_t i = 0; i < sizeof(block_tags) / sizeof(block_tags[0]); i++) {
		size_t len = strlen(block_tags[i].tag);

		if (strncasecmp(name, block_tags[i].tag, len) != 0)
			continue;
		s.key = block_tags[i].key;
		s.is_exact = block_tags[i].is_exact;
		s.value = name + len;
		break;
	}
	/* A path or another tag is not guessed at; a label may hold anything. */
	if (!s.value[0] ||
	    (s.value == name && strspn(name, "0123456789abcdefABCDEF-") != strlen(name)))
		return -EINVAL;
	*ret = s;
	return 0;
}

bool block_is_filesystem_name(const char *name)
{
	struct search s;

	return read_name(name, &s) == 0;
}

/* What libblkid says of a device: the file system, and its partition. NULL: nothing, or more than
 * one thing, which is nothing that anybody should mount. */
static blkid_probe probe_content(const char *node)
{
	blkid_probe probe = blkid_new_probe_from_filename(node);

	if (!probe)
		return NULL;
	if (blkid_probe_enable_superblocks(probe, 1) == 0 &&
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
							     BLKID_SUBLKS_UUID |
							     BLKID_SUBLKS_LABEL) == 0 &&
	    blkid_probe_enable_partitions(probe, 1) == 0 &&
	    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS) == 0 &&
	    blkid_do_safeprobe(probe) == 0)
		return probe;
	blkid_free_probe(probe);
	return NULL;
}

/* Half of a mirror that is not assembled yet shows the partitions of the whole: to mount one of
 * them would change one half only. */
static bool is_array_member(const char *disk)
{
	blkid_probe probe;
	char node[64];
	bool is_member;

	if (block_sysfs_node(disk, node, sizeof(node)) < 0)
		return true;
	probe = blkid_new_probe_from_filename(node);
	if (!probe)
		return true;
	is_member = blkid_probe_enable_superblocks(probe, 1) < 0 ||
		    blkid_probe_filter_superblocks_usage(probe, BLKID_FLTR_ONLYIN,
							 BLKID_USAGE_RAID) < 0 ||
		    blkid_do_probe(probe) != 1;
	blkid_free_probe(probe);
	return is_member;
}

static bool matches(const struct search *s, blkid_probe probe)
{
	const char *usage = get_value(probe, "USAGE"), *value = get_value(probe, s->key);

	if (!usage || strcmp(usage, "filesystem") != 0 || !value)
		return false;
	return (s->is_exact ? strcmp(value, s->value) : strcasecmp(value, s->value)) == 0;
}

static bool describe_content(int sysfs, const char *name, blkid_probe probe,
			     struct block_partition *ret)
{
	return copy_text(get_value(probe, "TYPE"), ret->type, sizeof(ret->type)) && ret->type[0] &&
	       copy_text(get_value(probe, "PART_ENTRY_UUID"), ret->partuuid,
			 sizeof(ret->partuuid)) &&
	       block_sysfs_disk(sysfs, name, ret->disk, sizeof(ret->disk)) == 0 &&
	       (strcmp(ret->disk, name) == 0 || !is_array_member(ret->disk));
}

/* Any failure means that this device is passed over. */
static void search_device(void *data, int sysfs, const char *name)
{
	struct block_partition found = {0};
	struct search *s = data;
	blkid_probe probe;

	if (!block_sysfs_may_have_files(sysfs, name, s->is_mapped) ||
	    block_sysfs_node(name, found.node, sizeof(found.node)) < 0)
		return;
	probe = probe_content(found.node);
	if (!probe)
		return;
	if (matches(s, probe) && describe_content(sysfs, name, probe, &found) && s->n++ == 0)
		s->found = found;
	blkid_free_probe(probe);
}

int block_find_filesystem(const char *name, struct block_partition *ret)
{
	struct search s;
	int r;

	r = read_name(name, &s);
	if (r == 0)
		r = block_sysfs_each(search_device, &s);
	s.is_mapped = true;
	if (r == 0 && s.n == 0)
		r = block_sysfs_each(search_device, &s);
	if (r < 0)
		return r;
	if (s.n != 1)
		return s.n == 0 ? BLOCK_NONE : BLOCK_AMBIGUOUS;
	*ret = s.found;
	return BLOCK_FOUND;
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
	if (!block_sysfs_partition(sysfs, disk, (int)e->number, name, sizeof(name)) ||
	    block_sysfs_node(name, e->node, sizeof(e->node)) < 0) {
		e->node[0] = '\0';
		return;
	}
	e->read_only = block_sysfs_is_read_only(sysfs, name);
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
	r = block_sysfs_node(disk, node, sizeof(node));
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
