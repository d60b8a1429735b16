// SPDX-License-Identifier: LGPL-2.1-or-later
/* Process 1 of the user-mode Linux that tests/bench/esp/run boots. The disk is a loop device on a
 * file in memory. A peer is its sequence of system calls, as its source has it (systemd 257), not
 * the program. */
#include <fcntl.h>
#include <linux/loop.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "carrier.h"
#include "doors/log.h"
#include "doors/module.h"
#include "image.h"
#include "install.h"
#include "naive.h"
#include "trial.h"
#include "updates.h"

#define DISK	  "/run/disk"
#define NODE	  "/dev/loop0"
#define LAY	  "/run/lay"
#define SOURCE	  "/run/large.uki"
#define DISK_SIZE (260ll << 20)
#define UKI_SIZE  (60ll << 20)
#define ROUNDS	  3

struct cost {
	unsigned long long requests, sectors, flushes;
	double seconds;
};

struct bench {
	const char *name;
	int (*run)(struct machine *m, struct facts *f);
};

static struct device device = {.node = NODE, .block_size = 512};
static struct geometry geometry = {.device = &device, .block_size = 512};

static _Noreturn void give_up(const char *what)
{
	dprintf(STDOUT_FILENO, "failed: %s: %m\n", what);
	(void)syscall(SYS_reboot, 0xfee1dead, 0x28121969, RB_POWER_OFF, NULL);
	_exit(1);
}

static void set_up(void)
{
	static const char *const dirs[] = {"/proc",	      "/sys",  "/dev", "/run",
					   "/run/bootassess", ESP_DIR, LAY,    "/out"};
	static const char *const modules[] = {"vfat", "nls_cp437", "nls_iso8859-1", "loop", NULL};

	for (size_t i = 0; i < 4; i++)
		(void)mkdir(dirs[i], 0755);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	(void)mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	(void)mount("tmpfs", "/run", "tmpfs", 0, "size=600m");
	for (size_t i = 4; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(dirs[i], 0755);
	(void)mount("none", "/out", "hostfs", 0, getenv("OUT"));
	(void)dup2(open("/out/tap", O_WRONLY | O_CREAT | O_APPEND, 0644), STDOUT_FILENO);
	(void)dup2(open("/out/stderr", O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
	log_setup(LOG_TARGET_STDERR, LOG_DOOR_INFO);
	if (module_load(modules) != 0)
		give_up("modules");
}

static void run_mkfs(void)
{
	char *argv[] = {"mkfs.vfat", "-F", "32", "-s", "2", NODE, NULL};
	char *env[] = {"LD_LIBRARY_PATH=/lib", NULL};
	posix_spawn_file_actions_t to_file;
	int status = -1;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&to_file);
	(void)posix_spawn_file_actions_addopen(&to_file, STDOUT_FILENO, "/run/mkfs.log",
					       O_WRONLY | O_CREAT, 0600);
	if (posix_spawn(&pid, "/mkfs.vfat", &to_file, NULL, argv, env) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		give_up("mkfs.vfat");
}

static void put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		give_up(path);
	(void)close(fd);
}

static void put_vendor(const char *name, size_t len)
{
	static char data[20000];
	char path[100];

	memset(data, 'v', sizeof(data));
	(void)snprintf(path, sizeof(path), LAY "/EFI/vendor/%s", name);
	put(path, data, len);
}

static size_t make_uki(uint8_t *uki)
{
	static uint8_t kernel[IMAGE_MAX];
	const struct image_section sections[2] = {{".linux", kernel, (uint32_t)image_x86(kernel)},
						  {".osrel", "ID=old\n", 7}};

	return image_uki(uki, 0x8664, sections, 2);
}

/* A fresh file system with two slots of each type. */
static void lay_out(void)
{
	static const char *const dirs[] = {"loader", "loader/entries", "EFI", "EFI/Linux",
					   "EFI/vendor"};
	static uint8_t uki[IMAGE_MAX];
	size_t n = make_uki(uki);
	char path[100];

	run_mkfs();
	if (mount(NODE, LAY, "vfat", 0, NULL) < 0)
		give_up("mount");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		(void)snprintf(path, sizeof(path), LAY "/%s", dirs[i]);
		(void)mkdir(path, 0755);
	}
	put(LAY "/loader/entries/active+3-0.conf", "linux /EFI/Linux/active.efi\n", 28);
	put(LAY "/EFI/Linux/active.efi", uki, n);
	put(LAY "/EFI/Linux/passive.efi", uki, n);
	put_vendor("shim.bin", 9000);
	put_vendor("grub.bin", 20000);
	if (umount(LAY) < 0)
		give_up("umount");
}

static void make_source(void)
{
	static uint8_t uki[IMAGE_MAX], block[65536];
	size_t n = make_uki(uki);
	int fd = open(SOURCE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	memset(block, 'u', sizeof(block));
	if (fd < 0 || write(fd, uki, n) != (ssize_t)n)
		give_up(SOURCE);
	for (long long at = (long long)n; at < UKI_SIZE; at += (long long)sizeof(block))
		if (write(fd, block, sizeof(block)) < 0)
			give_up(SOURCE);
	(void)close(fd);
}

static void attach(void)
{
	int file = open(DISK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int loop = open(NODE, O_RDWR | O_CLOEXEC);

	if (file < 0 || ftruncate(file, DISK_SIZE) < 0 || loop < 0 ||
	    ioctl(loop, LOOP_SET_FD, file) < 0)
		give_up(NODE);
	(void)close(file);
}

static struct cost read_cost(void)
{
	unsigned long long v[17] = {0};
	FILE *f = fopen("/sys/block/loop0/stat", "re");
	struct timespec now;

	for (size_t i = 0; f && i < 17; i++)
		if (fscanf(f, "%llu", &v[i]) != 1)
			break;
	if (f)
		(void)fclose(f);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct cost){v[4], v[6], v[15], (double)now.tv_sec + (double)now.tv_nsec / 1e9};
}

/* The time is that of the operation, the writes are those until it is unmounted. */
static struct cost measure(const struct bench *b)
{
	static const struct operation op = {.entry = "loader/entries/active.conf",
					    .is_companion = true};
	struct trial t = {.geometry = &geometry, .op = &op};
	struct cost start, stop, end;
	struct machine m;
	struct facts f;
	int r;

	lay_out();
	sync();
	if (trial_open(&t, &m, &f) < 0)
		give_up("open");
	start = read_cost();
	r = b->run(&m, &f);
	stop = read_cost();
	machine_close(&m);
	end = read_cost();
	if (r < 0)
		dprintf(STDOUT_FILENO, "%s: failed: %s\n", b->name, strerror(-r));
	return (struct cost){end.requests - start.requests, end.sectors - start.sectors,
			     end.flushes - start.flushes, stop.seconds - start.seconds};
}

static int count(struct machine *m, struct facts *f)
{
	const struct counter to = counter_make(2, 1);
	int rung = ladder_find(&f->ladder, "active.conf");
	char name[NAME_SIZE];

	return rung < 0 ? -1 : carrier_set(m, &f->ladder.rung[rung], &to, false, name);
}

static int install_large(struct machine *m, struct facts *f)
{
	struct install what = {.id = "passive.efi", .linux_file.fd = -1};
	struct install_cost cost = {0};
	char why[400] = "";
	int r;

	observe(m, EVENT_EDIT, f);
	observe_settings(m, f);
	what.uki = (struct install_file){
		.path = SOURCE, .fd = open(SOURCE, O_RDONLY | O_CLOEXEC), .size = UKI_SIZE};
	what.uki.size = (uint64_t)lseek(what.uki.fd, 0, SEEK_END);
	r = install_slot(m, f, &what, &cost, why, sizeof(why));
	(void)close(what.uki.fd);
	if (r < 0)
		dprintf(STDOUT_FILENO, "install: %s\n", why);
	return r;
}

/* Opens a directory of the ESP, which is writable from then on. */
static int begin(struct machine *m, const char *dir)
{
	int r = machine_begin_write(m, PLACE_ESP);

	return r < 0 ? r : root_open_dir(m->store[PLACE_ESP].fd, dir);
}

/* fd of a new file with the content of the large UKI. */
static int copy_file(int dirfd, const char *name)
{
	static char block[131072];
	int from = open(SOURCE, O_RDONLY | O_CLOEXEC);
	int to = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)n) != n)
			give_up("copy");
	(void)close(from);
	return to;
}

static int copy_and_fsync(struct machine *m, struct facts *f)
{
	int dir = begin(m, "EFI/Linux"), fd = copy_file(dir, "passive.efi");
	int r = fsync(fd);

	(void)f;
	(void)close(fd);
	(void)close(dir);
	return r;
}

static int copy_and_sync(struct machine *m, struct facts *f)
{
	int dir = begin(m, "EFI/Linux");

	(void)f;
	(void)close(copy_file(dir, "passive.efi"));
	(void)close(dir);
	sync();
	return 0;
}

/* copy_file_with_version_check() of bootctl: a temporary, fsync of it and of its directory, rename,
 * and one syncfs at the end. */
static int copy_as_bootctl(struct machine *m, struct facts *f)
{
	int dir = begin(m, "EFI/Linux"), fd = copy_file(dir, ".#passive.efi");
	bool is_done = fsync(fd) == 0 && fsync(dir) == 0 &&
		       renameat(dir, ".#passive.efi", dir, "passive.efi") == 0 && syncfs(dir) == 0;

	(void)f;
	(void)close(fd);
	(void)close(dir);
	return is_done ? 0 : -1;
}

/* The directory of UKIs copied as a whole, and exchanged. */
static int copy_directory(struct machine *m, struct facts *f)
{
	int dir = begin(m, "EFI"), new;
	bool is_done = mkdirat(dir, ".btmp.Linux", 0755) == 0;

	(void)f;
	new = root_open_dir(dir, ".btmp.Linux");
	(void)close(copy_file(new, "active.efi"));
	(void)close(copy_file(new, "passive.efi"));
	(void)close(new);
	is_done = is_done && renameat2(dir, ".btmp.Linux", dir, "Linux", RENAME_EXCHANGE) == 0 &&
		  syncfs(dir) == 0;
	(void)close(dir);
	return is_done ? 0 : -1;
}

static void tell(const struct bench *b)
{
	struct cost c = measure(b);

	dprintf(STDOUT_FILENO, "%-46s %12llu bytes %6llu sectors %5llu requests %3llu flushes\n",
		b->name, c.sectors * 512, c.sectors, c.requests, c.flushes);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Taken in turn. */
static void tell_time(const struct bench *ours, const struct bench *theirs)
{
	double a[ROUNDS], b[ROUNDS], ratio[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		a[i] = measure(ours).seconds;
		b[i] = measure(theirs).seconds;
		ratio[i] = a[i] / b[i];
	}
	qsort(a, ROUNDS, sizeof(*a), compare);
	qsort(b, ROUNDS, sizeof(*b), compare);
	qsort(ratio, ROUNDS, sizeof(*ratio), compare);
	dprintf(STDOUT_FILENO,
		"time, medians of %d: %s %.2f s, %s %.2f s: ratio %.2f (%.2f to %.2f)\n", ROUNDS,
		ours->name, a[ROUNDS / 2], theirs->name, b[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0],
		ratio[ROUNDS - 1]);
}

int main(void)
{
	static const struct bench list[] = {
		{"count of an entry", count},
		{"  sequence of systemd-bless-boot", naive_bless},
		{"install of a UKI of 60 MB", install_large},
		{"  cp, fsync", copy_and_fsync},
		{"  cp, sync", copy_and_sync},
		{"  sequence of bootctl", copy_as_bootctl},
		{"  copy of the directory, two UKIs, exchange", copy_directory},
	};

	if (getpid() != 1 || !getenv("OUT"))
		return 2;
	set_up();
	attach();
	make_source();
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		tell(&list[i]);
	tell_time(&list[2], &list[3]);
	dprintf(STDOUT_FILENO, "# end\n");
	sync();
	(void)syscall(SYS_reboot, 0xfee1dead, 0x28121969, RB_POWER_OFF, NULL);
	return 1;
}
