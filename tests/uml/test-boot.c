// SPDX-License-Identifier: LGPL-2.1-or-later
/* $BOOT named by Boot=, on other file systems than FAT. Disks: ubda an MBR with ext4 in partition
 * 1; ubdb FAT without a table; ubdc GPT with an ESP. Copies of the first one are made in /out. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/raid/md_p.h>
#include <linux/raid/md_u.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "carrier.h"
#include "doors/block.h"
#include "doors/esp.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "history-store.h"
#include "repair.h"
#include "settling.h"
#include "tap.h"

/* The same in tests/uml/run. */
#define EXT4_UUID     "e4e4e4e4-0001-4000-8000-0000000000e4"
#define EXT4_PARTUUID "b007b007-01"
#define FAT_UUID      "FA7F-A7FA"
#define ESP_PARTUUID  "eeeeeeee-0001-4000-8000-00000000000e"
#define TARGET	      "/run/bootassess/xbootldr"

static struct block_partition found;

static int find(const char *name)
{
	found = (struct block_partition){.node = "untouched"};
	return block_find_filesystem(name, &found);
}

static void configure(const char *boot)
{
	char text[200];

	(void)mkdir("/etc", 0755);
	(void)mkdir("/etc/bootassess", 0755);
	(void)snprintf(text, sizeof(text), "[Initrd]\nEspTimeoutSec=1\n[Loader]\nBoot=%s\n", boot);
	EQ(put("/etc/bootassess/bootassess.conf", text, strlen(text)), 0, "setup: Boot=");
}

static void reach(const char *boot)
{
	configure(boot);
	EQ(machine_open(NULL, &device), 0, "setup: machine_open");
	machine_reach(&device);
}

/* Copies a device, or a file, from its beginning. */
static void copy(const char *from, const char *to)
{
	static char buf[1 << 20];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n, written = 0;

	while ((n = read(in, buf, sizeof(buf))) > 0 && written >= 0)
		written = write(out, buf, (size_t)n);
	OK(in >= 0 && out >= 0 && n == 0 && written > 0, "setup: a copy of %s", from);
	(void)close(in);
	(void)close(out);
}

static void attach(int number, const char *image, unsigned int flags)
{
	struct loop_config config = {.info.lo_flags = LO_FLAGS_PARTSCAN | flags};
	char node[32];
	int fd;

	(void)snprintf(node, sizeof(node), "/dev/loop%d", number);
	fd = open(node, O_RDWR | O_CLOEXEC);
	config.fd = (unsigned int)open(image, O_RDWR | O_CLOEXEC);
	EQ(ioctl(fd, LOOP_CONFIGURE, &config), 0, "setup: attach");
	(void)close((int)config.fd);
	(void)close(fd);
}

static void detach(int number)
{
	char node[32];
	int fd;

	(void)snprintf(node, sizeof(node), "/dev/loop%d", number);
	fd = open(node, O_RDONLY | O_CLOEXEC);
	EQ(ioctl(fd, LOOP_CLR_FD, 0), 0, "setup: detach");
	(void)close(fd);
}

static void test_names(void)
{
	EQ(find("UUID=" EXT4_UUID), BLOCK_FOUND, "boot: UUID=");
	EQ_STR(found.node, "/dev/ubda1", "boot: its device");
	EQ_STR(found.disk, "ubda", "boot: its disk");
	EQ_STR(found.type, "ext4", "boot: its type");
	EQ_STR(found.partuuid, EXT4_PARTUUID, "boot: PARTUUID of an MBR");
	EQ(find("E4E4E4E4-0001-4000-8000-0000000000E4"), BLOCK_FOUND, "boot: a plain UUID");
	EQ(find("LABEL=BOOT"), BLOCK_FOUND, "boot: LABEL=");
	EQ(find("LABEL=boot"), BLOCK_NONE, "boot: a label is exact");
	EQ(find("partuuid=B007B007-01"), BLOCK_FOUND, "boot: PARTUUID=, letter case");
	EQ(find("PARTLABEL=the boot partition"), BLOCK_FOUND, "boot: PARTLABEL=");
	EQ_STR(found.node, "/dev/ubdc1", "boot: by PARTLABEL=");
	EQ(find("UUID=" FAT_UUID), BLOCK_FOUND, "boot: FAT");
	EQ_STR(found.node, "/dev/ubdb", "boot: a disk without a table");
	EQ_STR(found.disk, "ubdb", "boot: is its own disk");
	EQ_STR(found.type, "vfat", "boot: its type");
	EQ(find("UUID=b007b007"), BLOCK_NONE, "boot: no such file system");
	EQ_STR(found.node, "untouched", "boot: nothing is returned");
	EQ(find("/dev/ubda1"), -EINVAL, "boot: a path is no name");
	EQ(find("UUID="), -EINVAL, "boot: nor is an empty one");
	EQ(find("NAME=x"), -EINVAL, "boot: nor another tag");
}

/* Two of one name, half an array, and what something else holds. */
static void test_copies(void)
{
	copy("/dev/ubda", "/out/copy.img");
	attach(0, "/out/copy.img", LO_FLAGS_READ_ONLY);
	EQ(find("UUID=" EXT4_UUID), BLOCK_AMBIGUOUS, "boot: two of one UUID");
	EQ_STR(found.node, "untouched", "boot: neither is returned");
	reach("UUID=" EXT4_UUID);
	OK(device.is_blind && device.store[PLACE_XBOOTLDR].fd < 0, "boot: neither is mounted");
	machine_close(&device);
	detach(0);
}

/* An array of two loop devices, with metadata 0.90: like 1.0 at the end. */
static int start_array(bool is_new, int n_disks)
{
	mdu_array_info_t array = {.major_version = 0,
				  .minor_version = 90,
				  .level = 1,
				  .raid_disks = 2,
				  .nr_disks = 2,
				  .state = 1};
	int fd;

	(void)mknod("/dev/md0", S_IFBLK | 0600, makedev(MD_MAJOR, 0));
	fd = open("/dev/md0", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, SET_ARRAY_INFO, is_new ? &array : NULL) < 0)
		return -errno;
	for (int i = 0; i < n_disks; i++) {
		mdu_disk_info_t disk = {.number = i,
					.raid_disk = i,
					.major = LOOP_MAJOR,
					.state = is_new ? 1 << MD_DISK_ACTIVE | 1 << MD_DISK_SYNC
							: 0};
		struct stat st;
		char node[32];

		(void)snprintf(node, sizeof(node), "/dev/loop%d", i);
		if (stat(node, &st) < 0)
			return -errno;
		disk.minor = (int)minor(st.st_rdev);
		if (ioctl(fd, ADD_NEW_DISK, &disk) < 0)
			return -errno;
	}
	if (ioctl(fd, RUN_ARRAY, NULL) < 0)
		return -errno;
	(void)ioctl(fd, BLKRRPART);
	(void)close(fd);
	return 0;
}

static void stop_array(void)
{
	int fd = open("/dev/md0", O_RDONLY | O_CLOEXEC);

	EQ(ioctl(fd, STOP_ARRAY, NULL), 0, "setup: the array is stopped");
	(void)close(fd);
}

static void test_array_half(void)
{
	attach(0, "/out/a.img", 0);
	OK(exists("/dev/loop0p1"), "setup: the kernel shows the partition of a member");
	EQ(find("LABEL=RAID"), BLOCK_NONE, "boot: half an array is not taken");
	reach("LABEL=RAID");
	OK(device.is_blind, "boot: an array that does not come");
	machine_close(&device);
	EQ(start_array(false, 1), 0, "setup: a degraded array");
	EQ(find("LABEL=RAID"), BLOCK_FOUND, "boot: a degraded array");
	stop_array();
	detach(0);
}

static void test_array(void)
{
	static const char *const modules[] = {"md-mod", "raid1", NULL};

	EQ(module_load(modules), 0, "setup: raid1");
	copy("/out/raid.img", "/out/a.img");
	copy("/out/raid.img", "/out/b.img");
	attach(0, "/out/a.img", 0);
	attach(1, "/out/b.img", 0);
	EQ(start_array(true, 2), 0, "setup: an array");
	EQ(find("LABEL=RAID"), BLOCK_FOUND, "boot: a file system on RAID 1");
	EQ_STR(found.node, "/dev/md0p1", "boot: its device");
	EQ_STR(found.disk, "md0", "boot: its disk");
	reach("LABEL=RAID");
	OK(device.store[PLACE_XBOOTLDR].fd >= 0 && !device.is_blind, "boot: RAID 1 is mounted");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "boot: RAID 1 is written to");
	EQ(esp_write_file(device.store[PLACE_XBOOTLDR].fd, "loader/bootassess", "x", "mirrored", 8),
	   0, "boot: a file on RAID 1");
	machine_end_write(&device, PLACE_XBOOTLDR);
	machine_close(&device);
	stop_array();
	detach(0);
	detach(1);
	test_array_half();
}

static bool has_flags(const char *word)
{
	char line[1024];
	bool has = false;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	while (f && fgets(line, sizeof(line), f))
		has |= strstr(line, " " TARGET " ") && strstr(line, word);
	if (f)
		(void)fclose(f);
	return has;
}

static const struct rung *rung(const char *id)
{
	static struct rung none;

	observe(&device, EVENT_ASSESS, &facts);
	for (unsigned int i = 0; i < facts.ladder.n; i++)
		if (strcmp(facts.ladder.rung[i].id, id) == 0 && !facts.ladder.rung[i].missing)
			return &facts.ladder.rung[i];
	return &none;
}

static long long now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void test_reach(void)
{
	const struct store *s = &device.store[PLACE_XBOOTLDR];
	long long start_ms = now_ms();
	struct volume v;

	reach("UUID=" EXT4_UUID);
	OK(s->fd >= 0, "boot: ext4 is mounted");
	OK(now_ms() - start_ms < 900, "boot: without EFI the ESP is not waited for");
	EQ_STR(s->type, "ext4", "boot: ext4");
	OK(!s->is_fat && !device.is_blind, "boot: without EFI no ESP is missed");
	EQ(machine_boot_place(&device), PLACE_XBOOTLDR, "boot: what is ours goes there");
	OK(has_flags("ro,nosuid,nodev,noexec,noatime"), "boot: read-only, and so on");
	OK(has_flags("nosymfollow"), "boot: no links");
	EQ(machine_begin_alone(&device, PLACE_XBOOTLDR, &v), -ENODEV, "boot: never opened alone");
	EQ(carrier_move(&device, rung("active.conf"), "x.conf"), CARRIER_MOUNTED,
	   "boot: names are changed through the mount");
	machine_close(&device);
	OK(!has_flags("ext4"), "boot: unmounted");
}

/* Everything that is ours, as it is on an ESP. */
static void test_write(void)
{
	const struct store *s = &device.store[PLACE_XBOOTLDR];
	struct counter two = counter_make(2, 1), good = {.present = false};
	struct history_entry entry = {.event = "test"};
	char name[NAME_SIZE];
	struct history h;
	int fd;

	reach("LABEL=BOOT");
	EQ(carrier_set(&device, rung("active.conf"), &two, false, name), 0, "boot: a count");
	EQ_STR(rung("active.conf")->name, "active+2-1.conf", "boot: counted");
	EQ(carrier_set(&device, rung("active.conf"), &good, true, name), 0, "boot: a bless");
	EQ_STR(rung("active.conf")->name, "active.conf", "boot: blessed");
	EQ(carrier_set(&device, rung("passive.conf"), &two, true, name), 0, "boot: tries file");
	OK(exists(TARGET "/loader/bootassess/passive+2-1.conf"), "boot: its name");
	OK(rung("passive.conf")->in_file && rung("passive.conf")->counter.left == 2,
	   "boot: and it counts");
	EQ(carrier_set(&device, rung("passive.conf"), &good, true, name), 0, "boot: its bless");
	OK(!exists(TARGET "/loader/bootassess/passive+2-1.conf"), "boot: takes it away");
	EQ(history_store_append(&device, &entry), 0, "boot: history");
	OK(history_store_read(&device, &h) == 0 && h.n == 1, "boot: and it is there");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup: writable");
	EQ(esp_write_file(s->fd, "loader/bootassess", "record", "a", 1), 0, "boot: a new file");
	EQ(esp_write_file(s->fd, "loader/bootassess", "record", "b", 1), 0, "boot: in place");
	EQ(esp_write_file(s->fd, "loader/bootassess", "record", "cc", 2), 0, "boot: by exchange");
	EQ(esp_rename_over(s->fd, "loader/bootassess", "record", "history"), 0, "boot: over");
	machine_end_write(&device, PLACE_XBOOTLDR);
	OK(has_flags("ro,nosuid,nodev,noexec,noatime,nosymfollow"), "boot: read-only again");
	fd = openat(s->fd, "probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	EQ(fd < 0 ? -errno : 0, -EROFS, "boot: and meant so");
	OK(file_is(TARGET "/loader/bootassess/history", "cc"), "boot: content");
	machine_close(&device);
}

/* A cut of esp_rename_reserved(), and a temporary. */
static void test_repair_names(void)
{
	const struct store *s = &device.store[PLACE_XBOOTLDR];

	reach("LABEL=BOOT");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup: writable");
	EQ(put(TARGET ENTRIES "passive+3-0.conf", "", 0), 0, "setup: an empty name");
	EQ(put(TARGET ENTRIES ".bootassess-0", "x", 1), 0, "setup: a temporary");
	machine_end_write(&device, PLACE_XBOOTLDR);
	machine_close(&device);
	reach("LABEL=BOOT");
	EQ(repair_store(&device, PLACE_XBOOTLDR), 0, "boot: repair");
	OK(!exists(TARGET ENTRIES "passive+3-0.conf"), "boot: the empty name is gone");
	OK(exists(TARGET ENTRIES "passive.conf"), "boot: the file is not");
	OK(exists(TARGET ENTRIES ".bootassess-0"), "boot: a temporary is for the companion");
	OK(s->fd >= 0 && has_flags(TARGET " ro"), "boot: still mounted read-only");
	machine_close(&device);
}

static void test_links(void)
{
	reach("LABEL=BOOT");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup: writable");
	EQ(symlink("passive.conf", TARGET ENTRIES "recovery.conf"), 0,
	   "setup: an entry that is a link");
	EQ(rename(TARGET "/vmlinuz.d/p", TARGET "/vmlinuz.d/real"), 0, "setup");
	EQ(symlink("real", TARGET "/vmlinuz.d/p"), 0, "setup: a kernel that is a link");
	machine_end_write(&device, PLACE_XBOOTLDR);
	OK(rung("passive.conf")->broken, "boot: a kernel that is a link is not taken");
	OK(facts.unsure, "boot: but a loader may take it");
	OK(rung("recovery.conf")->broken, "boot: nor is an entry that is a link");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup: writable");
	EQ(unlink(TARGET "/vmlinuz.d/p"), 0, "setup");
	EQ(rename(TARGET "/vmlinuz.d", TARGET "/real.d"), 0, "setup");
	EQ(symlink("real.d", TARGET "/vmlinuz.d"), 0, "setup: a folder that is a link");
	EQ(rename(TARGET "/real.d/real", TARGET "/real.d/p"), 0, "setup");
	machine_end_write(&device, PLACE_XBOOTLDR);
	OK(rung("passive.conf")->broken && facts.unsure, "boot: nor one behind a link");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "setup: writable");
	EQ(unlink(TARGET "/vmlinuz.d"), 0, "setup");
	EQ(rename(TARGET "/real.d", TARGET "/vmlinuz.d"), 0, "setup");
	EQ(unlink(TARGET ENTRIES "recovery.conf"), 0, "setup");
	machine_end_write(&device, PLACE_XBOOTLDR);
	OK(!rung("passive.conf")->broken, "boot: the file itself is");
	machine_close(&device);
}

/* A journal to be replayed on a device that is write-protected. */
static void test_journal(void)
{
	EQ(mount("/dev/ubda1", "/mnt", "ext4", 0, NULL), 0, "setup: mounted writable");
	EQ(put("/mnt/new", "x", 1), 0, "setup: a write");
	sync();
	copy("/dev/ubda1", "/out/dirty.img");
	reach("LABEL=BOOT");
	OK(device.store[PLACE_XBOOTLDR].fd >= 0, "boot: mounted writable elsewhere");
	OK(has_flags("ro,nosuid"), "boot: ours is read-only");
	EQ(machine_begin_write(&device, PLACE_XBOOTLDR), 0, "boot: and can be written to");
	machine_end_write(&device, PLACE_XBOOTLDR);
	EQ(put("/mnt/new", "y", 1), 0, "boot: the other one stays writable");
	machine_close(&device);
	EQ(umount("/mnt"), 0, "setup: unmounted");
	attach(0, "/out/dirty.img", LO_FLAGS_READ_ONLY);
	EQ(mount_boot("/dev/loop0", "ext4", "/mnt"), 0, "boot: the journal is left alone");
	OK(exists("/mnt/vmlinuz.d"), "boot: and files are there");
	EQ(mount_release("/mnt"), 0, "boot: unmounted");
	detach(0);
}

static void test_fat(void)
{
	struct volume v;

	reach("UUID=" FAT_UUID);
	OK(device.store[PLACE_XBOOTLDR].is_fat, "boot: FAT is FAT");
	EQ(machine_begin_alone(&device, PLACE_XBOOTLDR, &v), 0, "boot: a disk is opened alone");
	machine_end_alone(&device, PLACE_XBOOTLDR, &v);
	OK(device.store[PLACE_XBOOTLDR].fd >= 0, "boot: and mounted again");
	machine_close(&device);
	reach("PARTUUID=" ESP_PARTUUID);
	OK(device.store[PLACE_ESP].fd >= 0 && device.store[PLACE_XBOOTLDR].fd < 0,
	   "boot: the ESP itself is the ESP only");
	OK(!device.is_blind, "boot: nothing is missed");
	machine_close(&device);
}

/* The disk comes while it is waited for; or never. */
static void test_wait(void)
{
	if (fork() == 0) {
		(void)usleep(200000);
		attach(0, "/out/late.img", 0);
		_exit(0);
	}
	reach("LABEL=LATE");
	OK(device.store[PLACE_XBOOTLDR].fd >= 0, "boot: a disk that comes late");
	machine_close(&device);
	(void)wait(NULL);
	detach(0);
	reach("LABEL=NEVER");
	OK(device.is_blind, "boot: one that never comes");
	OK(device.store[PLACE_ESP].fd >= 0, "boot: the ESP is there");
	EQ(machine_boot_place(&device), PLACE_ESP, "boot: XBOOTLDR is not");
	machine_close(&device);
	reach("/dev/ubda1");
	OK(!device.is_blind && device.store[PLACE_ESP].fd >= 0, "boot: what is no name is ignored");
	machine_close(&device);
}

void test_boot(void)
{
	static const char *const modules[] = {"vfat", "nls_cp437", "nls_iso8859-1", "loop", NULL};

	EQ(module_load(modules), 0, "setup: vfat");
	test_names();
	test_copies();
	test_reach();
	test_write();
	test_repair_names();
	test_links();
	test_journal();
	test_fat();
	test_array();
	test_wait();
}
