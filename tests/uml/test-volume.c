// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names changed by one sector, and what the kernel's vfat says of it afterwards: FAT12, 16, 32, and
 * one with sectors of 4096 bytes, on disks without a table (ubda...) that tests/uml/run makes. It
 * looks at them once more with mtools and fsck.fat. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carrier.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "tap.h"

#define ENTRIES "loader/entries"
#define TARGET	"/run/store"

static const char *node;
static struct volume volume;

/* Requests and sectors of 512 that were written to the disk so far. */
static void read_stat(unsigned long *requests, unsigned long *sectors)
{
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/sys/block/%s/stat", node + strlen("/dev/"));
	f = fopen(path, "re");
	if (!f || fscanf(f, "%*u %*u %*u %*u %lu %*u %lu", requests, sectors) != 2)
		*requests = *sectors = 0;
	if (f)
		(void)fclose(f);
}

static bool file_holds(const char *path, const char *text)
{
	char buf[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		(void)close(fd);
	return n >= 0 && strcmp(buf, text) == 0;
}

static int count_names(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		(void)closedir(d);
	return n - 2;
}

/* The kernel sees this name, with this content, and as many names as there were. */
static void check_mounted(const char *name, const char *content, int n)
{
	char path[300];

	EQ(mount_fat(node, TARGET), 0, "setup: mount");
	(void)snprintf(path, sizeof(path), TARGET "/" ENTRIES "/%s", name);
	OK(file_holds(path, content), "volume: the kernel reads \"%s\"", name);
	EQ(count_names(TARGET "/" ENTRIES), n, "volume: as many names as before");
	EQ(volume_open(node, true, &volume), -EBUSY, "volume: not while it is mounted");
	EQ(volume_open(node, false, &volume), 0, "volume: but for reading");
	EQ(volume_rename(&volume, ENTRIES, name, "x.conf"), -EBADF, "volume: which cannot rename");
	EQ(volume_forget(&volume, ENTRIES, name), -EBADF, "volume: nor forget");
	volume_close(&volume);
	EQ(mount_release(TARGET), 0, "setup: unmount");
}

static void play_counter(unsigned int block_size)
{
	static const char *const names[] = {"active+3-0.conf", "active+2-1.conf",
					    "active+1-2.conf", "active+0-3.conf",
					    "active.conf",     "active+3-0.conf"};
	unsigned long r0, s0, r1, s1;

	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
		EQ(volume_open(node, true, &volume), 0, "volume_open");
		EQ(volume.block_size, block_size, "volume: block size");
		read_stat(&r0, &s0);
		EQ(volume_rename(&volume, ENTRIES, names[i - 1], names[i]), 0, "volume_rename");
		read_stat(&r1, &s1);
		OK(!volume.is_unsure, "volume: it is sure");
		volume_close(&volume);
		EQ(s1 - s0, block_size / 512, "volume: one block is written");
		OK(r1 - r0 >= 1 && r1 - r0 <= 2, "volume: by one request, and a flush");
		check_mounted(names[i], "active+3-0.conf\n", 7);
	}
}

static bool has_name;

static int note_name(void *data, const struct volume_entry *e)
{
	has_name |= strcmp(e->name, data) == 0;
	return volume_check_chain(&volume, e) == CHAIN_WHOLE && e->is_whole ? 0 : -EUCLEAN;
}

static bool volume_has(char *name)
{
	has_name = false;
	EQ(volume_each(&volume, ENTRIES, note_name, name), 0, "volume_each");
	return has_name;
}

static void test_refusals(bool is_large)
{
	EQ(volume_open(node, true, &volume), 0, "volume_open");
	EQ(volume_rename(&volume, ENTRIES, "none.conf", "x.conf"), -ENOENT, "volume: absent");
	EQ(volume_rename(&volume, "loader/none", "a", "b"), -ENOENT, "volume: no directory");
	EQ(volume_rename(&volume, ENTRIES "/passive.conf", "a", "b"), -ENOTDIR, "volume: a file");
	EQ(volume_rename(&volume, ENTRIES, "passive.conf", "ACTIVE+3-0.conf"), -EEXIST,
	   "volume: the name of another, in another case");
	EQ(volume_rename(&volume, ENTRIES, "passive.conf", "active~1.con"), -EEXIST,
	   "volume: the short name of another");
	EQ(volume_rename(&volume, ENTRIES, "passive.conf", "a b.conf"), VOLUME_ELSEWHERE,
	   "volume: a name that is not plain");
	EQ(volume_rename(&volume, ENTRIES, "passive.conf", "passive-much-longer.conf"),
	   VOLUME_ELSEWHERE, "volume: no free slot before it");
	EQ(volume_rename(&volume, ENTRIES, "PLAIN", "other"), VOLUME_ELSEWHERE,
	   "volume: it has a short name only");
	if (!is_large)
		EQ(volume_rename(&volume, ENTRIES, "straddle+3-0.conf", "straddle+2-1.conf"),
		   VOLUME_ELSEWHERE, "volume: in two blocks");
	OK(!volume.is_unsure, "volume: nothing was written");
	OK(volume_has((char[]){"straddle+3-0.conf"}), "volume: it stays");
	volume_close(&volume);
	check_mounted("active+3-0.conf", "active+3-0.conf\n", 7);
}

static void test_write_errors(void)
{
	for (int nth = 1; nth <= 2; nth++) {
		EQ(volume_open(node, true, &volume), 0, "volume_open");
		wrap_start();
		wrap_fail_call(nth, EIO);
		EQ(volume_rename(&volume, ENTRIES, "active+3-0.conf", "active+2-1.conf"), -EIO,
		   "volume: EIO");
		OK(volume.is_unsure, "volume: either name may be there");
		wrap_start();
		EQ(volume_has((char[]){"active+2-1.conf"}), nth == 2, "volume: it is");
		volume_close(&volume);
	}
	EQ(volume_open(node, true, &volume), 0, "volume_open");
	wrap_start();
	EQ(volume_rename(&volume, ENTRIES, "active+2-1.conf", "active+3-0.conf"), 0, "and back");
	EQ_STR(strstr(wrap_trace(), "fdatasync") ? "flushed" : "", "flushed", "volume: flushed");
	EQ(wrap_calls(), 2, "volume: one write, one flush");
	volume_close(&volume);
}

/* The entry of a device; type 2: a UKI. */
static struct machine machine;

static int count_down(unsigned int type, const char *name, bool is_reserved)
{
	struct rung r = {.type = type, .place = PLACE_ESP};
	char new_name[NAME_SIZE];
	struct counter c;
	int e;

	(void)snprintf(r.name, sizeof(r.name), "%s", name);
	(void)counter_strip(name, r.id);
	(void)counter_parse(name, &c);
	c = counter_next(&c, 1);
	wrap_start();
	e = carrier_set(&machine, &r, &c, is_reserved, new_name);
	OK(machine.store[PLACE_ESP].fd >= 0, "carrier: it is mounted again");
	return e;
}

static bool has(const char *path)
{
	return root_exists(machine.store[PLACE_ESP].fd, path);
}

static void open_machine(void)
{
	struct store *s = &machine.store[PLACE_ESP];

	machine = (struct machine){
		.lock = -1, .hold = -1, .efivars = -1, .watchdog.fd = -1, .loader = &loader_sdboot};
	machine.store[PLACE_XBOOTLDR].fd = -1;
	EQ(root_open(NULL, &machine.root), 0, "setup");
	EQ(mount_fat(node, TARGET), 0, "setup: mount");
	s->fd = root_open_dir(machine.root.fd, TARGET + 1);
	(void)snprintf(s->target, sizeof(s->target), "%s", TARGET);
	(void)snprintf(s->type, sizeof(s->type), "vfat");
	s->is_fat = true;
	(void)snprintf(s->node, sizeof(s->node), "%s", node);
	s->is_fat = true;
}

/* The one sector first; where that cannot be, each kind in its own way through the mount. */
static void test_carrier(bool is_large)
{
	open_machine();
	EQ(count_down(1, "active+3-0.conf", false), 0, "carrier: by one sector");
	OK(strncmp(wrap_trace(), "pwrite ", 7) == 0 && !strstr(wrap_trace(), "rename"),
	   "carrier: nothing else");
	OK(has(ENTRIES "/active+2-1.conf") && !has(ENTRIES "/active+3-0.conf"), "carrier: name");
	EQ(count_down(1, "straddle+3-0.conf", false), 0, "carrier: two blocks, an entry");
	EQ(strstr(wrap_trace(), "rename-noreplace .bootassess-0>straddle+2-1.conf") == NULL,
	   is_large, "carrier: it is copied");
	EQ(strstr(wrap_trace(), "unlink straddle+3-0.conf") == NULL, is_large,
	   "carrier: and the old one goes");
	OK(has(ENTRIES "/straddle+2-1.conf") && !has(ENTRIES "/straddle+3-0.conf"),
	   "carrier: name");
	EQ(count_down(2, "straddle+3-0.efi", false), 0, "carrier: two blocks, a UKI");
	EQ(strstr(wrap_trace(), "rename-noreplace straddle+3-0.efi>straddle+2-1.efi") == NULL,
	   is_large, "carrier: it is not copied");
	OK(has("EFI/Linux/straddle+2-1.efi") && !has("EFI/Linux/straddle+3-0.efi"),
	   "carrier: name");
	EQ(count_down(1, "passive.conf", true), 0, "carrier: no counter, nothing to do");
	EQ(count_down(1, "none+3-0.conf", false), -ENOENT, "carrier: absent");
	machine_release(&machine);
	root_close(&machine.root);
}

static void test_carrier_busy(void)
{
	int fd, value;

	open_machine();
	fd = openat(machine.store[PLACE_ESP].fd, ENTRIES "/passive.conf", O_RDONLY | O_CLOEXEC);
	EQ(count_down(1, "active+2-1.conf", true), 0, "carrier: a file is open");
	OK(strstr(wrap_trace(), "rename active+2-1.conf>active+1-2.conf"), "carrier: reserved");
	(void)close(fd);
	(void)mkdirat(machine.root.fd, "run/other", 0755);
	EQ(mount(node, "/run/other", "vfat", MS_RDONLY, NULL), 0, "setup");
	EQ(count_down(1, "active+1-2.conf", false), 0, "carrier: mounted elsewhere");
	OK(strstr(wrap_trace(), "rename-noreplace .bootassess-0>active+0-3.conf"),
	   "carrier: copied");
	EQ(umount("/run/other"), 0, "setup");
	value = 1;
	fd = open(node, O_RDONLY | O_CLOEXEC);
	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: write-protected");
	EQ(count_down(1, "active+0-3.conf", false), -EROFS, "carrier: write-protected");
	value = 0;
	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: no longer");
	(void)close(fd);
	/* The disk goes away meanwhile. */
	EQ(machine_begin_alone(&machine, PLACE_ESP, &volume), 0, "machine_begin_alone");
	EQ(volume_rename(&volume, ENTRIES, "active+0-3.conf", "active+3-0.conf"), 0, "and back");
	(void)snprintf(machine.store[PLACE_ESP].node, sizeof(machine.store[PLACE_ESP].node),
		       "/dev/none");
	machine_end_alone(&machine, PLACE_ESP, &volume);
	OK(machine.store[PLACE_ESP].fd < 0 && machine.is_blind, "it cannot be mounted again");
	EQ(machine_begin_alone(&machine, PLACE_ESP, &volume), -ENOENT, "and that is all");
	EQ(machine_begin_write(&machine, PLACE_ESP), -ENODEV, "nor to be written");
	machine_release(&machine);
	root_close(&machine.root);
}

static void test_device(const char *path, unsigned int block_size)
{
	tap_note("volume on %s, blocks of %u", path, block_size);
	node = path;
	play_counter(block_size);
	test_refusals(block_size > 512);
	test_write_errors();
	test_carrier(block_size > 512);
	test_carrier_busy();
	EQ(volume_open(node, true, &volume), 0, "volume_open");
	OK(!volume_is_dirty(&volume), "volume: clean");
	EQ(volume_forget(&volume, ENTRIES, "straddle+2-1.conf"), 0, "volume_forget");
	OK(!volume_has((char[]){"straddle+2-1.conf"}), "volume_forget: it is gone");
	volume_close(&volume);
	check_mounted("active+3-0.conf", "active+3-0.conf\n", 6);
}

/* A disk whose blocks have 4096 bytes. */
static void make_loop(const char *image)
{
	struct loop_config config = {.block_size = 4096};
	int fd = open("/dev/loop0", O_RDWR | O_CLOEXEC);

	config.fd = (unsigned int)open(image, O_RDWR | O_CLOEXEC);
	EQ(ioctl(fd, LOOP_CONFIGURE, &config), 0, "setup: loop");
	(void)close((int)config.fd);
	(void)close(fd);
}

void test_volume(void)
{
	static const char *const modules[] = {"vfat", "nls_cp437", "nls_iso8859-1", "loop", NULL};

	EQ(module_load(modules), 0, "setup: modules");
	EQ(mount_unshare(), 0, "setup");
	(void)mkdirat(AT_FDCWD, TARGET, 0755);
	test_device("/dev/ubda", 512);
	test_device("/dev/ubdb", 512);
	test_device("/dev/ubdc", 512);
	test_device("/dev/ubdd", 512); /* a file system of 4096 on a disk of 512 */
	make_loop("/dev/ubde");
	test_device("/dev/loop0", 4096);
	EQ(volume_open("/dev/ubdf", true, &volume), -EUCLEAN, "volume: garbage");
	EQ(volume_open("/dev/none", true, &volume), -ENOENT, "volume: no such device");
}
