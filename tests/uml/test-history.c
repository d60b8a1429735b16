// SPDX-License-Identifier: LGPL-2.1-or-later
/* The history on the kernel's vfat (ubda1): made once as a whole, then one request of one sector
 * for each entry, and nothing else (F22: an in-place write that was torn). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/esp.h"
#include "doors/mount.h"
#include "history-note.h"
#include "history-store.h"
#include "tap.h"

#define BOOK	  "loader/bootassess"
#define FILE_PATH BOOK "/" HISTORY_STORE_FILE
#define ONE_WRITE "pwrite history; fdatasync history; "

static struct machine machine;
static int dirfd;

struct disk {
	unsigned long writes, sectors;
};

/* Documentation/block/stat.rst: write requests and sectors of the whole disk. */
static struct disk read_disk(void)
{
	struct disk d = {0, 0};
	FILE *f = fopen("/sys/block/ubda/stat", "re");

	if (!f || fscanf(f, "%*u %*u %*u %*u %lu %*u %lu", &d.writes, &d.sectors) != 2)
		OK(false, "setup: statistics of the disk");
	if (f)
		(void)fclose(f);
	return d;
}

static int set_writable(bool writable)
{
	static bool is_shared;

	return writable ? mount_make_writable("/mnt", &is_shared)
			: mount_make_read_only("/mnt", is_shared);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static void set_up(void)
{
	EQ(mount_unshare(), 0, "setup");
	EQ(mount_fat("/dev/ubda1", "/mnt"), 0, "setup");
	dirfd = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EQ(fchdir(dirfd), 0, "setup");
	EQ(root_open(NULL, &machine.root), 0, "setup");
	machine.store[PLACE_ESP].fd = dirfd;
	memcpy(machine.store[PLACE_ESP].target, "/mnt", 5);
	machine.store[PLACE_XBOOTLDR].fd = -1;
}

static void check_newest(unsigned int n, const char *text)
{
	struct history h;

	EQ(history_store_read(&machine, &h), 0, "history: read");
	EQ(h.n, n, "history: entries");
	EQ(h.bad, 0, "history: no bad sector");
	EQ_STR(h.entry[0].text, text, "history: newest");
	for (unsigned int i = 1; i < h.n; i++)
		if (h.entry[i - 1].seq <= h.entry[i].seq)
			OK(false, "history: order at %u", i);
}

static void note(const char *text)
{
	static const struct facts f = {.event = EVENT_FAIL, .booted.rung = -1};
	static const struct plan p = {.verdict = VERDICT_RETRY, .target = -1};

	history_note(&machine, &f, &p, NULL, text);
}

/* The whole sequence through our own mount, which is read-only before and after. */
static void test_note(void)
{
	char text[16];

	(void)history_store_read(&machine, &(struct history){0});
	wrap_start();
	note("first");
	OK(strstr(wrap_trace(), "rename .bootassess-") && strstr(wrap_trace(), ">history; "),
	   "history: made by a temporary: %s", wrap_trace());
	EQ(size_of(FILE_PATH), HISTORY_SIZE, "history: its size");
	check_newest(1, "first");
	for (int i = 2; i <= 70; i++) {
		(void)snprintf(text, sizeof(text), "entry %d", i);
		wrap_start();
		note(text);
		if (strcmp(wrap_trace(), ONE_WRITE) != 0)
			OK(false, "history: entry %d: %s", i, wrap_trace());
	}
	EQ_STR(wrap_trace(), ONE_WRITE, "history: one write in place");
	EQ(size_of(FILE_PATH), HISTORY_SIZE, "history: its size stays");
	check_newest(HISTORY_SLOTS, "entry 70");
	EQ(put(FILE_PATH, "x", 1), -1, "history: the mount is read-only again");
}

/* An fsync with nothing to write is a flush, which may be counted as a request without sectors. */
static unsigned long count_flush(void)
{
	int fd = open(FILE_PATH, O_RDWR | O_CLOEXEC);
	struct disk before = read_disk(), after;

	EQ(fdatasync(fd), 0, "setup");
	after = read_disk();
	EQ(after.sectors - before.sectors, 0, "setup");
	(void)close(fd);
	return after.writes - before.writes;
}

/* What a disk sees of it. */
static void test_request(void)
{
	char sector[SECTOR_SIZE];
	struct disk before, after;
	unsigned long n_flush;

	memset(sector, '\n', sizeof(sector));
	EQ(set_writable(true), 0, "setup");
	for (unsigned int i = 0; i < HISTORY_SLOTS; i += 31) {
		sync();
		n_flush = count_flush();
		before = read_disk();
		EQ(esp_write_sector_at(dirfd, BOOK, "history", i, sector), 0,
		   "esp_write_sector_at");
		after = read_disk();
		EQ(after.writes - before.writes, 1 + n_flush, "esp_write_sector_at: one request");
		EQ(after.sectors - before.sectors, 1, "esp_write_sector_at: one sector");
	}
	EQ(set_writable(false), 0, "setup");
	check_newest(HISTORY_SLOTS - 2, "entry 70"); /* number 64 and 63 were in these slots */
}

static void test_refused(void)
{
	char sector[SECTOR_SIZE];

	memset(sector, 'x', sizeof(sector));
	EQ(esp_write_sector_at(dirfd, BOOK, "history", 0, sector), -EROFS,
	   "esp_write_sector_at: read-only");
	EQ(set_writable(true), 0, "setup");
	wrap_start();
	EQ(esp_write_sector_at(dirfd, BOOK, "history", HISTORY_SLOTS, sector), -ERANGE,
	   "esp_write_sector_at: behind the end");
	EQ(put(BOOK "/short", sector, 511), 0, "setup");
	EQ(esp_write_sector_at(dirfd, BOOK, "short", 0, sector), -ERANGE,
	   "esp_write_sector_at: a file of less than a sector");
	EQ(esp_write_sector_at(dirfd, BOOK, "none", 0, sector), -ENOENT,
	   "esp_write_sector_at: no file");
	EQ(esp_write_sector_at(dirfd, "loader", "bootassess", 0, sector), -EISDIR,
	   "esp_write_sector_at: a directory");
	EQ(esp_write_sector_at(dirfd, "none", "history", 0, sector), -ENOENT,
	   "esp_write_sector_at: no directory");
	EQ_STR(wrap_trace(), "", "esp_write_sector_at: nothing was written");
	EQ(size_of(FILE_PATH), HISTORY_SIZE, "esp_write_sector_at: no file grew");
	wrap_start();
	wrap_fail_sync(1, EIO);
	EQ(esp_write_sector_at(dirfd, BOOK, "history", 1, sector), -EIO,
	   "esp_write_sector_at: EIO");
	wrap_start();
	EQ(unlink(BOOK "/short"), 0, "setup");
	EQ(set_writable(false), 0, "setup");
}

/* A file of another size: what it holds is kept, and it is as it should be afterwards. */
static void test_size(void)
{
	struct history h;

	EQ(set_writable(true), 0, "setup");
	EQ(truncate(FILE_PATH, 7L * SECTOR_SIZE + 100), 0, "setup"); /* 2 to 6 stay */
	EQ(set_writable(false), 0, "setup");
	note("after a cut");
	EQ(size_of(FILE_PATH), HISTORY_SIZE, "history: whole again");
	EQ(history_store_read(&machine, &h), 0, "history: read");
	EQ(h.n, 6, "history: what there was is kept");
	EQ(h.entry[0].seq, 7, "history: the numbers go on");

	EQ(set_writable(true), 0, "setup");
	EQ(truncate(FILE_PATH, HISTORY_SIZE + 5), 0, "setup");
	EQ(set_writable(false), 0, "setup");
	wrap_start();
	note("longer");
	EQ_STR(wrap_trace(), ONE_WRITE, "history: a longer file is left so");
	EQ(size_of(FILE_PATH), HISTORY_SIZE + 5, "history: its size stays");
}

void test_history(void)
{
	set_up();
	test_note();
	test_request();
	test_refused();
	test_size();
	/* What the image is compared with afterwards knows nothing of a history. */
	EQ(set_writable(true), 0, "setup");
	EQ(unlink(FILE_PATH), 0, "setup");
	EQ(set_writable(false), 0, "setup");
	EQ(chdir("/"), 0, "setup");
	(void)close(dirfd);
	EQ(mount_release("/mnt"), 0, "done: released");
}
