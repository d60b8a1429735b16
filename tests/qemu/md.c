// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Makes a region of a file a member of a clean RAID 1 of two, with metadata 1.0, at its end:
 *
 *	md FILE FIRST_MIB MIB ROLE
 *
 * The data is what is there already; it ends 128 KiB before the region does. Source: Linux,
 * include/uapi/linux/raid/md_p.h (struct mdp_superblock_1) and drivers/md/md.c (calc_sb_1_csum).
 */
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <linux/raid/md_p.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS 2

static union {
	struct mdp_superblock_1 sb;
	uint32_t words[128];
} u;

static uint32_t checksum(void)
{
	size_t size = sizeof(u.sb) + MEMBERS * sizeof(u.sb.dev_roles[0]);
	uint64_t sum = 0;

	for (size_t i = 0; i < size / 4; i++)
		sum += le32toh(u.words[i]);
	return (uint32_t)sum + (uint32_t)(sum >> 32);
}

static void fill(uint64_t sectors, uint64_t super_offset, unsigned int role)
{
	struct mdp_superblock_1 *sb = &u.sb;

	sb->magic = htole32(MD_SB_MAGIC);
	sb->major_version = htole32(1);
	memcpy(sb->set_uuid, "bootassess-test", 16);
	strcpy(sb->set_name, "boot");
	sb->level = htole32(1);
	sb->size = sb->data_size = htole64(sectors - 256);
	sb->raid_disks = sb->max_dev = htole32(MEMBERS);
	sb->super_offset = htole64(super_offset);
	sb->dev_number = htole32(role);
	memcpy(sb->device_uuid, "bootassess-dev", 15);
	sb->device_uuid[15] = (uint8_t)role;
	sb->events = htole64(1);
	sb->resync_offset = UINT64_MAX;
	for (unsigned int i = 0; i < MEMBERS; i++)
		sb->dev_roles[i] = htole16((uint16_t)i);
	sb->sb_csum = htole32(checksum());
}

int main(int argc, char **argv)
{
	uint64_t first, sectors, super_offset;
	int fd;

	if (argc != 5)
		errx(2, "usage: md FILE FIRST_MIB MIB ROLE");
	first = strtoull(argv[2], NULL, 10) * 2048;
	sectors = strtoull(argv[3], NULL, 10) * 2048;
	super_offset = (sectors - 16) & ~(uint64_t)7;
	fill(sectors, super_offset, (unsigned int)strtoul(argv[4], NULL, 10));
	fd = open(argv[1], O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, &u, sizeof(u), (off_t)(first + super_offset) * 512) != sizeof(u))
		err(1, "%s", argv[1]);
	return 0;
}
