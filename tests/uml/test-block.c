// SPDX-License-Identifier: LGPL-2.1-or-later
/* Disks: ubda ESP and XBOOTLDR, ubdb garbage, ubdc GPT without ESP but with XBOOTLDR, ubdd ext4;
 * images for loop devices in /out. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doors/block.h"
#include "tap.h"

/* The same names in tests/uml/run. */
#define ESP	    "aaaaaaaa-0001-4000-8000-00000000000a"
#define ESP_UPPER   "AAAAAAAA-0001-4000-8000-00000000000A"
#define XBOOTLDR    "aaaaaaaa-0002-4000-8000-00000000000a"
#define SECOND_ESP  "bbbbbbbb-0001-4000-8000-00000000000b"
#define TWO_BOOTS   "cccccccc-0001-4000-8000-00000000000c"
#define UNKNOWN_ESP "ffffffff-0001-4000-8000-00000000000f"

static struct block_partition esp, xbootldr;
static unsigned int n_esps;

static int find(const char *partuuid)
{
	esp = xbootldr = (struct block_partition){.node = "untouched"};
	n_esps = 99;
	return block_find_esp(partuuid, &esp, &xbootldr, &n_esps);
}

/* Makes /dev/loopN of an image, with its partitions. */
static void attach(int number, const char *image)
{
	struct loop_config config = {.info.lo_flags = LO_FLAGS_PARTSCAN | LO_FLAGS_READ_ONLY};
	char node[32];
	int fd;

	(void)snprintf(node, sizeof(node), "/dev/loop%d", number);
	fd = open(node, O_RDONLY | O_CLOEXEC);
	config.fd = (unsigned int)open(image, O_RDONLY | O_CLOEXEC);
	EQ(ioctl(fd, LOOP_CONFIGURE, &config), 0, image);
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

static void test_one_esp(void)
{
	EQ(find(""), BLOCK_FOUND, "block: the only ESP");
	EQ_STR(esp.node, "/dev/ubda1", "block: node");
	EQ_STR(esp.disk, "ubda", "block: disk");
	EQ_STR(esp.partuuid, ESP, "block: PARTUUID");
	EQ_STR(xbootldr.node, "/dev/ubda2", "block: XBOOTLDR of the same disk");
	EQ_STR(xbootldr.partuuid, XBOOTLDR, "block: XBOOTLDR");
	EQ(n_esps, 1, "block: number of ESPs");
	EQ(find(ESP_UPPER), BLOCK_FOUND, "block: PARTUUID in upper case");
	EQ_STR(esp.node, "/dev/ubda1", "block: by PARTUUID");
	EQ(find(UNKNOWN_ESP), BLOCK_NONE, "block: another PARTUUID is not this one");
	EQ(n_esps, 1, "block: but one was seen");
}

static void test_two_esps(void)
{
	attach(0, "/out/second.img");
	EQ(find(""), BLOCK_AMBIGUOUS, "block: two ESPs and no PARTUUID");
	EQ_STR(esp.node, "untouched", "block: nothing is returned");
	EQ(n_esps, 2, "block: two were seen");
	EQ(find(ESP), BLOCK_FOUND, "block: two ESPs, by PARTUUID");
	EQ_STR(esp.node, "/dev/ubda1", "block: the first");
	EQ(find(SECOND_ESP), BLOCK_FOUND, "block: two ESPs, by PARTUUID");
	EQ_STR(esp.node, "/dev/loop0p1", "block: `p` after a digit");
	EQ_STR(xbootldr.node, "", "block: XBOOTLDR of another disk is not taken");
	EQ_STR(xbootldr.disk, "", "block: nor told of");
	detach(0);

	attach(0, "/out/clone.img");
	EQ(find(ESP), BLOCK_AMBIGUOUS, "block: the same PARTUUID twice");
	detach(0);
	attach(0, "/out/mbr.img");
	EQ(find(""), BLOCK_FOUND, "block: type ef in an MBR is not meant");
	EQ(n_esps, 1, "block: nor counted");
	detach(0);
	attach(0, "/out/twoboots.img");
	EQ(find(TWO_BOOTS), BLOCK_FOUND, "block: ESP with two XBOOTLDR");
	EQ_STR(xbootldr.node, "", "block: neither is taken");
	OK(xbootldr.disk[0], "block: but there are some");
	detach(0);
}

/* Makes a device mapper copy of a whole disk, as multipath does. */
static bool map_disk(int control, const char *node)
{
	struct {
		struct dm_ioctl dm;
		struct dm_target_spec spec;
		char parameters[64];
	} request = {
		.dm = {.version = {DM_VERSION_MAJOR},
		       .data_size = sizeof(request),
		       .data_start = sizeof(struct dm_ioctl),
		       .name = "map"},
	};
	unsigned long long size = 0;
	struct stat st;
	int fd = open(node, O_RDONLY | O_CLOEXEC);

	if (fstat(fd, &st) < 0 || ioctl(fd, BLKGETSIZE64, &size) < 0)
		return false;
	(void)close(fd);
	if (ioctl(control, DM_DEV_CREATE, &request) < 0)
		return false;
	request.dm.dev = 0; /* filled in; a name and a number together are refused */
	request.dm.data_size = sizeof(request);
	request.dm.target_count = 1;
	request.dm.flags = DM_READONLY_FLAG;
	request.spec.length = size / 512;
	(void)strcpy(request.spec.target_type, "linear");
	(void)snprintf(request.parameters, sizeof(request.parameters), "%u:%u 0", major(st.st_rdev),
		       minor(st.st_rdev));
	if (ioctl(control, DM_TABLE_LOAD, &request) < 0)
		return false;
	request.dm.dev = 0;
	request.dm.flags = 0;
	request.dm.target_count = 0;
	return ioctl(control, DM_DEV_SUSPEND, &request) == 0;
}

static void unmap_disk(int control)
{
	struct dm_ioctl dm = {.version = {DM_VERSION_MAJOR},
			      .data_size = sizeof(dm),
			      .data_start = sizeof(dm),
			      .name = "map"};

	EQ(ioctl(control, DM_DEV_REMOVE, &dm), 0, "setup: unmap");
}

static void test_holders(void)
{
	int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);

	attach(0, "/out/second.img");
	OK(map_disk(control, "/dev/loop0"), "setup: dm");
	OK(exists("/sys/class/block/loop0/holders/dm-0"), "setup: dm holds loop0");
	EQ(find(""), BLOCK_FOUND, "block: a disk that something else holds is passed over");
	EQ_STR(esp.node, "/dev/ubda1", "block: the free one");
	EQ(find(SECOND_ESP), BLOCK_NONE, "block: no node is made up for a dm device");
	unmap_disk(control);
	detach(0);
	(void)close(control);
}

void test_block(void)
{
	test_one_esp();
	test_two_esps();
	test_holders();
}

void test_block_none(void)
{
	EQ(find(""), BLOCK_NONE, "block: garbage and a GPT without ESP");
	EQ(n_esps, 0, "block: none was seen");
	EQ(find(ESP), BLOCK_NONE, "block: nor by PARTUUID");
	EQ_STR(esp.node, "untouched", "block: nothing is returned");
}

static long long now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A child that makes the kernel send events of that device, n times. */
static void send_events(const char *device, int n, int delay_ms)
{
	char path[100];

	if (fork() != 0)
		return;
	(void)snprintf(path, sizeof(path), "/sys/class/%s/uevent", device);
	for (int i = 0; i < n; i++) {
		(void)usleep((useconds_t)delay_ms * 1000);
		(void)put(path, "change", 6);
	}
	_exit(0);
}

/* Waits, and checks result and duration. */
static void expect_wait(int fd, int timeout_ms, int want, long long least_ms, long long most_ms,
			const char *name)
{
	long long start_ms = now_ms(), took_ms;
	int r = block_wait(fd, timeout_ms);

	took_ms = now_ms() - start_ms;
	EQ(r, want, name);
	if (took_ms < least_ms || took_ms > most_ms)
		tap_note("took %lld ms", took_ms);
	OK(took_ms >= least_ms && took_ms <= most_ms, "%s: in time", name);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

void test_block_wait(void)
{
	int fd = block_watch(), small = 1;

	OK(fd >= 0, "block_watch");
	OK(fcntl(fd, F_GETFD) & FD_CLOEXEC, "block_watch: O_CLOEXEC");
	expect_wait(fd, 100, 1, 100, 1000, "block_wait: nothing happens");
	expect_wait(fd, 0, 1, 0, 500, "block_wait: no time");
	send_events("mem/null", 5, 100);
	expect_wait(fd, 600, 1, 600, 1000, "block_wait: foreign events do not end or prolong it");
	(void)sleep(1);
	send_events("block/ubda", 1, 100);
	expect_wait(fd, 5000, 0, 50, 2000, "block_wait: a block event");
	send_events("block/ubda", 3, 1);
	(void)sleep(1);
	expect_wait(fd, 1000, 0, 0, 500, "block_wait: events that are queued");
	expect_wait(fd, 100, 1, 100, 1000, "block_wait: and all of them were drained");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	send_events("mem/null", 100, 0);
	(void)sleep(1);
	expect_wait(fd, 1000, 0, 0, 500, "block_wait: an overrun counts as an event");
	EQ(block_wait(-1, 10), -EBADF, "block_wait: errno comes back");
	(void)close(fd);
}
