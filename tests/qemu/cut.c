// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cut DISK LOG SEED: makes of DISK, as it was before, what a power cut leaves of it. LOG: what
 * QEMU's blklogwrites has written down, the format of dm-log-writes (its superblock and its entries
 * take a sector each). A generator with this seed picks the moment. What was written before the
 * last flush is on the disk, of what came since any part, as drives do it: the first requests, some
 * requests, or some sectors. Prints what it did. 0, or 1 with a message.
 */
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECTOR	   512
#define LOG_MAGIC  0x6a736677736872ULL
#define LOG_FLUSH  1 /* what came before is durable */
#define LOG_FUA	   2 /* this is durable by itself */
#define MAX_WRITES 65536

/* A request of this many sectors is the firmware's: its FAT driver writes a name with the 64 KiB
 * around it. It arrives as a whole or not at all: torn between two sectors of names it would lose
 * the file, and nobody but the loader could help that. */
#define FIRMWARE_SECTORS 128

struct log_entry {
	uint64_t sector, n_sectors, flags, data_len; /* little endian */
};

struct write {
	uint64_t to, from, n; /* sectors of the disk, of the log, how many */
	uint64_t flags;
};

enum order { IN_ORDER, REQUESTS, SECTORS, ORDERS };

static const char *const order_names[ORDERS] = {
	[IN_ORDER] = "the first requests",
	[REQUESTS] = "some requests",
	[SECTORS] = "some sectors",
};

static uint64_t state;

/* Source: splitmix64, S. Vigna, public domain. */
static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return below ? (z ^ (z >> 31)) % below : 0;
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* QEMU was killed: what the log says of its length may be old, its last entry cut short. */
static size_t read_log(int fd, struct write *list)
{
	uint64_t super[SECTOR / 8], end = (uint64_t)lseek(fd, 0, SEEK_END) / SECTOR, at = 1;
	struct log_entry e;
	size_t n = 0;

	if (end == 0)
		return 0; /* a boot of a good slot writes nothing */
	if (pread(fd, super, SECTOR, 0) != SECTOR || le64toh(super[0]) != LOG_MAGIC)
		errx(1, "this is no log of writes");
	for (; n < MAX_WRITES && at < end; n++) {
		if (pread(fd, &e, sizeof(e), (off_t)(at * SECTOR)) != sizeof(e))
			break;
		list[n] = (struct write){.to = le64toh(e.sector),
					 .from = at + 1,
					 .n = le64toh(e.n_sectors),
					 .flags = le64toh(e.flags)};
		at += 1 + list[n].n;
		if (at > end || (list[n].n == 0 && list[n].flags == 0))
			break;
	}
	return n;
}

/* Which moment: after the entry before this one. */
static size_t last_flush(const struct write *list, size_t moment)
{
	while (moment > 0 && !(list[moment - 1].flags & LOG_FLUSH))
		moment--;
	return moment;
}

static void write_sectors(int disk, int log, const struct write *w, uint64_t first, uint64_t n)
{
	char block[SECTOR];

	for (uint64_t i = first; i < first + n; i++)
		if (pread(log, block, SECTOR, (off_t)((w->from + i) * SECTOR)) != SECTOR ||
		    pwrite(disk, block, SECTOR, (off_t)((w->to + i) * SECTOR)) != SECTOR)
			err(1, "sector %" PRIu64, w->to + i);
}

/* Returns how many sectors of the request reached the disk. */
static uint64_t write_some(int disk, int log, const struct write *w, enum order order)
{
	uint64_t kept = 0;

	if (w->n == FIRMWARE_SECTORS && order == SECTORS)
		order = REQUESTS;
	if (w->flags & LOG_FUA || (order == REQUESTS && draw(2))) {
		write_sectors(disk, log, w, 0, w->n);
		return w->n;
	}
	if (order != SECTORS)
		return 0;
	for (uint64_t i = 0; i < w->n; i++) {
		if (!draw(2))
			continue;
		write_sectors(disk, log, w, i, 1);
		kept++;
	}
	return kept;
}

/* Some requests, the last of them torn. */
static uint64_t write_first(int disk, int log, const struct write *list, size_t n, uint64_t total)
{
	uint64_t left = draw(total + 1), kept = left;

	for (size_t i = 0; i < n; i++) {
		uint64_t now = list[i].n < left ? list[i].n : left;

		left -= now;
		if (now == list[i].n || list[i].n != FIRMWARE_SECTORS)
			write_sectors(disk, log, &list[i], 0, now);
	}
	return kept;
}

int main(int argc, char **argv)
{
	static struct write list[MAX_WRITES];
	size_t n, flush, moment;
	uint64_t total = 0, kept = 0;
	enum order order;
	int disk, log;

	if (argc != 4)
		errx(1, "usage: cut DISK LOG SEED");
	disk = open_file(argv[1], O_RDWR);
	log = open_file(argv[2], O_RDONLY);
	state = strtoull(argv[3], NULL, 10);
	n = read_log(log, list);
	moment = draw(n + 1);
	flush = last_flush(list, moment);
	order = (enum order)draw(ORDERS);
	for (size_t i = 0; i < flush; i++)
		write_sectors(disk, log, &list[i], 0, list[i].n);
	for (size_t i = flush; i < moment; i++)
		total += list[i].n;
	if (order == IN_ORDER)
		kept = write_first(disk, log, &list[flush], moment - flush, total);
	for (size_t i = flush; i < moment && order != IN_ORDER; i++)
		kept += write_some(disk, log, &list[i], order);
	printf("cut: seed %s: %zu entries, cut after %zu, %zu requests since the flush; %s: "
	       "%" PRIu64 " of %" PRIu64 " sectors\n",
	       argv[3], n, moment, moment - flush, order_names[order], kept, total);
	return 0;
}
