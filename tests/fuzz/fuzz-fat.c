// SPDX-License-Identifier: LGPL-2.1-or-later
/* A boot sector, and behind it the slots of a directory. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "fat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLOTS 64

static void check_layout(const uint8_t *boot, uint64_t size)
{
	struct fat_layout l;
	uint32_t last;

	if (fat_parse_boot(boot, size, &l) < 0)
		return;
	last = l.end_cluster - 1;
	if (!fat_has_cluster(&l, last) || fat_has_cluster(&l, l.end_cluster))
		__builtin_trap();
	if (fat_entry_at(&l, last) + (l.type == 32 ? 4 : 2) > l.data_at ||
	    fat_cluster_at(&l, last) + l.cluster_size > size || l.fat_at >= l.data_at)
		__builtin_trap();
	if (l.type != 32 && (l.root_at <= l.fat_at || l.root_at + l.root_size != l.data_at))
		__builtin_trap();
	for (size_t i = 0; i + 4 <= 512; i++) {
		uint32_t next = fat_next(&l, (uint32_t)i, boot + i);

		if (next != FAT_END && next != FAT_BROKEN && !fat_has_cluster(&l, next))
			__builtin_trap();
	}
}

/* The entry at nth gets another name in the slots that it has. */
static void check_rename(const uint8_t *slots, unsigned int nth, const struct fat_scan *s,
			 const char *new_name)
{
	unsigned int n = s->n_free + s->n_long;
	uint8_t copy[(2 * FAT_LONG_SLOTS + 1) * FAT_SLOT_SIZE];
	char name[FAT_TEXT_SIZE];
	struct fat_scan t = {0};

	if (n > nth || n > 2 * FAT_LONG_SLOTS)
		__builtin_trap();
	memcpy(copy, slots + (size_t)(nth - n) * FAT_SLOT_SIZE, (size_t)(n + 1) * FAT_SLOT_SIZE);
	if (fat_put_long_name(copy, n, new_name) < 0) {
		if (fat_long_slots(new_name) <= n)
			__builtin_trap();
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		if (fat_scan_slot(&t, copy + (size_t)i * FAT_SLOT_SIZE) == FAT_SLOT_ENTRY)
			__builtin_trap();
	if (fat_scan_slot(&t, copy + (size_t)n * FAT_SLOT_SIZE) != FAT_SLOT_ENTRY || !t.is_whole)
		__builtin_trap();
	fat_scan_name(&t, copy + (size_t)n * FAT_SLOT_SIZE, name);
	if (strcmp(name, new_name) != 0 ||
	    memcmp(copy + (size_t)n * FAT_SLOT_SIZE, slots + (size_t)nth * FAT_SLOT_SIZE,
		   FAT_SLOT_SIZE) != 0)
		__builtin_trap();
}

static void check_slots(const uint8_t *slots, size_t n)
{
	char name[FAT_TEXT_SIZE], alias[FAT_SHORT_SIZE];
	struct fat_scan s = {0};

	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *slot = slots + (size_t)i * FAT_SLOT_SIZE;

		if (fat_scan_slot(&s, slot) != FAT_SLOT_ENTRY)
			continue;
		fat_scan_name(&s, slot, name);
		fat_short_name(slot, alias);
		if (strlen(name) >= sizeof(name) || strlen(alias) >= sizeof(alias))
			__builtin_trap();
		check_rename(slots, i, &s, "active.conf");
		check_rename(slots, i, &s, "active+2-1.conf");
		check_rename(slots, i, &s, "a-name-that-needs-three-slots+0-9.conf");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t boot[512] = {0}, slots[SLOTS * FAT_SLOT_SIZE] = {0};
	size_t n = size < sizeof(boot) ? size : sizeof(boot);

	memcpy(boot, data, n);
	boot[510] = 0x55;
	boot[511] = 0xaa;
	check_layout(boot, 1ull << 22);
	check_layout(boot, 1ull << 44);
	size -= n;
	if (size > sizeof(slots))
		size = sizeof(slots);
	memcpy(slots, data + n, size);
	check_slots(slots, size / FAT_SLOT_SIZE);
	return 0;
}
