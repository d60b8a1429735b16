// SPDX-License-Identifier: LGPL-2.1-or-later
/* Directories that grow, on disks without a table (ubda...) that tests/uml/run makes: what the
 * kernel and fsck.fat say of them, also where it was cut after each of its steps. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/module.h"
#include "doors/mount.h"
#include "doors/run.h"
#include "doors/volume.h"
#include "tap.h"

#define TARGET "/run/store"
#define SLOTS  24

static const char *node, *dir;
static struct volume volume;
static unsigned int n_files;

static void name_file(char path[320], const char *name)
{
	(void)snprintf(path, 320, TARGET "/%s/%s", dir, name);
}

static void begin_write(void)
{
	bool is_shared;

	EQ(mount_fat(node, TARGET), 0, "setup: mount");
	EQ(mount_make_writable(TARGET, &is_shared), 0, "setup: writable");
}

static int ask(unsigned int n_slots)
{
	int r;

	EQ(volume_open(node, false, &volume), 0, "setup: volume_open");
	r = volume_lacks_room(&volume, dir, n_slots);
	volume_close(&volume);
	return r;
}

static int make(unsigned int n_slots)
{
	int r;

	EQ(volume_open(node, true, &volume), 0, "setup: volume_open");
	r = volume_make_room(&volume, dir, n_slots);
	volume_close(&volume);
	return r;
}

/* Files until no slot is left: these names have one each. The clusters behind the directory are
 * free then, and full of something. */
static void fill(void)
{
	static char litter[8 * 4096];
	char path[320], name[32];

	begin_write();
	name_file(path, "");
	EQ(mkdir(path, 0755), 0, "setup: mkdir");
	memset(litter, 'L', sizeof(litter));
	EQ(put(TARGET "/LITTER", litter, sizeof(litter)), 0, "setup: put");
	EQ(mount_release(TARGET), 0, "setup: unmount");
	for (n_files = 0; ask(1) == 0; n_files++) {
		begin_write();
		(void)snprintf(name, sizeof(name), "F%u", n_files);
		name_file(path, name);
		EQ(put(path, name, strlen(name)), 0, "setup: put");
		EQ(mount_release(TARGET), 0, "setup: unmount");
	}
	begin_write();
	EQ(unlink(TARGET "/LITTER"), 0, "setup: unlink");
	EQ(mount_release(TARGET), 0, "setup: unmount");
}

static bool is_whole(unsigned int i)
{
	char path[320], name[32], buf[32] = "";
	int fd;
	bool same;

	(void)snprintf(name, sizeof(name), "F%u", i);
	name_file(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	same = fd >= 0 && read(fd, buf, sizeof(buf) - 1) > 0 && strcmp(buf, name) == 0;
	(void)close(fd);
	return same;
}

/* The kernel reads each of them, and nothing new. */
static void check_files(int n_others)
{
	unsigned int n_whole = 0;
	char path[320];
	int n = 0;
	DIR *d;

	EQ(mount_fat(node, TARGET), 0, "setup: mount");
	for (unsigned int i = 0; i < n_files; i++)
		n_whole += is_whole(i);
	EQ(n_whole, n_files, "grow: each file is whole");
	name_file(path, "");
	d = opendir(path);
	errno = 0;
	while (d && readdir(d))
		n++;
	EQ(errno, 0, "grow: the directory can be read");
	if (d)
		(void)closedir(d);
	EQ(n, (int)n_files + n_others + 2, "grow: no other names");
	EQ(mount_release(TARGET), 0, "setup: unmount");
}

struct verdict {
	bool is_cut; /* what a cut may leave is no complaint */
	unsigned int n_complaints;
};

static void take_line(void *data, unsigned int which, const char *line, size_t len)
{
	static const char *const harmless[] = {"Reclaimed ", "Free cluster summary wrong",
					       "FATs differ"};
	struct verdict *v = data;
	bool is_harmless = len == 0 || line[0] == ' ' || line[0] == '/' || line[0] == '*' ||
			   strncmp(line, "fsck.fat", 8) == 0 || strncmp(line, "Leaving", 7) == 0 ||
			   memmem(line, len, "onversion", 9);

	(void)which;
	for (size_t i = 0; v->is_cut && i < 3; i++)
		is_harmless |= strncmp(line, harmless[i], strlen(harmless[i])) == 0;
	if (is_harmless)
		return;
	tap_note("fsck.fat: %.*s", (int)len, line);
	v->n_complaints++;
}

static void check_by_fsck(bool is_cut)
{
	static char program[] = "/usr/sbin/fsck.fat", option[] = "-n",
		    libs[] = "LD_LIBRARY_PATH=/lib";
	char device[32];
	char *const argv[] = {program, option, device, NULL}, *const env[] = {libs, NULL};
	struct verdict v = {.is_cut = is_cut};
	struct run run;
	int r;

	(void)snprintf(device, sizeof(device), "%s", node);
	r = run_start(&run, argv, env, 60000, 1000);
	while (r == 0 && run.state != RUN_ENDED)
		r = run_wait(&run, 1, run_now_ms() + 1000, -1, take_line, &v);
	EQ(r, 0, "setup: fsck.fat");
	EQ(v.n_complaints, 0, "grow: fsck.fat finds nothing");
	OK(run.status == 0 || (is_cut && run.status == 1), "grow: fsck.fat is content");
}

/* A number that any change of the FAT changes. */
static uint64_t hash_fats(void)
{
	static unsigned char buf[4096];
	uint64_t hash = 14695981039346656037ull, left;
	int fd = open(node, O_RDONLY | O_CLOEXEC);

	EQ(volume_open(node, false, &volume), 0, "setup: volume_open");
	left = volume.layout.n_fats * volume.layout.fat_size;
	(void)lseek(fd, (off_t)volume.layout.fat_at, SEEK_SET);
	for (; left > 0 && read(fd, buf, 512) == 512; left -= 512)
		for (size_t i = 0; i < 512; i++)
			hash = (hash ^ buf[i]) * 1099511628211ull;
	EQ(left, 0, "setup: read");
	volume_close(&volume);
	(void)close(fd);
	return hash;
}

/* The longest name and a temporary take what was made, and not a cluster. */
static void check_names(void)
{
	static const char temporary[] = ".bootassess-1";
	char path[320], name[256];
	uint64_t before = hash_fats();

	memset(name, 'n', 250);
	name[250] = '\0';
	begin_write();
	name_file(path, temporary);
	EQ(put(path, "", 0), 0, "grow: a temporary");
	name_file(path, name);
	EQ(put(path, "", 0), 0, "grow: a long name");
	EQ(mount_release(TARGET), 0, "setup: unmount");
	OK(hash_fats() == before, "grow: no cluster was taken for them");
	check_files(2);
}

static void test_whole(void)
{
	fill();
	EQ(ask(SLOTS), 1, "grow: no room");
	EQ(make(SLOTS), 0, "volume_make_room");
	EQ(ask(SLOTS), 0, "grow: room");
	wrap_start();
	EQ(make(SLOTS), 0, "volume_make_room: again");
	EQ(wrap_calls(), 0, "grow: nothing is written where there is room");
	check_files(0);
	check_by_fsck(false);
	check_names();
	check_by_fsck(false);
}

/* The first cluster that it grows by: cut before each of its writes and flushes. */
static void test_cut(void)
{
	int r = -EIO, nth;

	fill();
	for (nth = 1; r == -EIO && nth < 100; nth++) {
		wrap_start();
		wrap_fail_call(nth, EIO);
		r = make(8);
		wrap_start();
		check_files(0);
		check_by_fsck(true);
		if (ask(8) == 0)
			break; /* the link is there, the flush after it was cut */
	}
	OK(nth > 8, "grow: cut at so many places: %d", nth);
	EQ(make(SLOTS), 0, "volume_make_room: after them");
	check_files(0);
	check_names();
	check_by_fsck(true);
}

static void test_device(const char *path)
{
	tap_note("grow on %s", path);
	node = path;
	dir = "EFI/A";
	test_whole();
	dir = "EFI/B";
	test_cut();
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

void test_grow(void)
{
	static const char *const modules[] = {"vfat", "nls_cp437", "nls_iso8859-1", "loop", NULL};

	EQ(module_load(modules), 0, "setup: modules");
	EQ(mount_unshare(), 0, "setup");
	(void)mkdirat(AT_FDCWD, TARGET, 0755);
	test_device("/dev/ubda");
	test_device("/dev/ubdb");
	test_device("/dev/ubdc");
	make_loop("/dev/ubdd");
	test_device("/dev/loop0");
}
