// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "fat.h"
#include "text.h"

#define DELETED	      0xe5
#define LAST_PART     0x40
#define ATTR_READONLY 0x01
#define ATTR_LABEL    0x08
#define ATTR_DIR      0x10
#define ATTR_LONG     0x0f
#define CASE_BASE     0x08 /* flags of Windows NT at 12: this part is in lower case */
#define CASE_SUFFIX   0x10
#define UNITS	      13 /* of a name in one slot */

/* The raw fields, before any of them is believed. */
struct boot {
	uint32_t sector_size, cluster_sectors, reserved, n_fats, root_entries, sectors, fat_sectors;
	bool is_fat32;
};

static bool is_power_of_2(uint32_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

static struct boot read_fields(const uint8_t *p)
{
	struct boot b = {.sector_size = read_u16(p + 11),
			 .cluster_sectors = p[13],
			 .reserved = read_u16(p + 14),
			 .n_fats = p[16],
			 .root_entries = read_u16(p + 17),
			 .sectors = read_u16(p + 19),
			 .fat_sectors = read_u16(p + 22)};

	b.is_fat32 = b.fat_sectors == 0;
	if (b.sectors == 0)
		b.sectors = read_u32(p + 32);
	if (b.is_fat32)
		b.fat_sectors = read_u32(p + 36);
	return b;
}

/* Each field for itself. */
static bool is_sane(const struct boot *b, const uint8_t *p)
{
	uint8_t media = p[21];

	if (p[510] != 0x55 || p[511] != 0xaa || (media != 0xf0 && media < 0xf8))
		return false;
	if (!is_power_of_2(b->sector_size) || b->sector_size < 512 || b->sector_size > 4096)
		return false;
	if (!is_power_of_2(b->cluster_sectors) || b->reserved == 0 || b->n_fats == 0 ||
	    b->fat_sectors == 0)
		return false;
	if (!b->is_fat32)
		return b->root_entries > 0 && b->root_entries * FAT_SLOT_SIZE % b->sector_size == 0;
	/* A version that nobody knows; only one FAT is kept up to date, and which one is a matter
	 * of taste. */
	return b->root_entries == 0 && read_u16(p + 42) == 0 && !(read_u16(p + 40) & 0x80);
}

static unsigned int type_of(const struct boot *b, uint64_t n_clusters)
{
	if (b->is_fat32)
		return n_clusters <= 0x0ffffff4 ? 32 : 0;
	if (n_clusters <= 4084)
		return 12;
	return n_clusters <= 65524 ? 16 : 0;
}

/* 0 in its field is 1, as Linux has it: whether it is one its signatures tell. */
static uint64_t fsinfo_of(const struct boot *b, const uint8_t *p)
{
	uint32_t sector = read_u16(p + 48);

	if (!b->is_fat32)
		return 0;
	if (sector == 0)
		sector = 1;
	return sector < b->reserved ? (uint64_t)sector * b->sector_size : 0;
}

int fat_parse_boot(const uint8_t boot[512], uint64_t size, struct fat_layout *ret)
{
	const struct boot b = read_fields(boot);
	uint64_t fat_bytes, data_sector, n_clusters, n_entries;
	struct fat_layout l = {0};

	if (!is_sane(&b, boot) || size / b.sector_size < b.sectors)
		return -EUCLEAN;
	l.sector_size = b.sector_size;
	l.cluster_size = b.sector_size * b.cluster_sectors;
	l.root_size = b.root_entries * FAT_SLOT_SIZE;
	fat_bytes = (uint64_t)b.fat_sectors * b.sector_size;
	data_sector = b.reserved + (uint64_t)b.n_fats * b.fat_sectors + l.root_size / b.sector_size;
	if (data_sector >= b.sectors)
		return -EUCLEAN;
	n_clusters = (b.sectors - data_sector) / b.cluster_sectors;
	l.type = type_of(&b, n_clusters);
	if (n_clusters == 0 || l.type == 0)
		return -EUCLEAN;
	/* As Linux does it: what the FAT has no entry for is not there. */
	n_entries = fat_bytes * 8 / l.type;
	l.end_cluster = (uint32_t)(n_entries < n_clusters + 2 ? n_entries : n_clusters + 2);
	l.fat_at = (uint64_t)b.reserved * b.sector_size;
	l.data_at = data_sector * b.sector_size;
	l.root_at = b.is_fat32 ? 0 : l.data_at - l.root_size;
	l.root_cluster = b.is_fat32 ? read_u32(boot + 44) : 0;
	if (b.is_fat32 && !fat_has_cluster(&l, l.root_cluster))
		return -EUCLEAN;
	l.n_fats = b.n_fats;
	l.fat_size = fat_bytes;
	l.fsinfo_at = fsinfo_of(&b, boot);
	/* Linux sets it for all three types. */
	l.is_dirty = boot[b.is_fat32 ? 65 : 37] & 1;
	*ret = l;
	return 0;
}

bool fat_has_cluster(const struct fat_layout *l, uint32_t cluster)
{
	return cluster >= 2 && cluster < l->end_cluster;
}

uint64_t fat_cluster_at(const struct fat_layout *l, uint32_t cluster)
{
	return l->data_at + (uint64_t)(cluster - 2) * l->cluster_size;
}

uint64_t fat_entry_at(const struct fat_layout *l, uint32_t cluster)
{
	return l->fat_at + (uint64_t)cluster * l->type / 8;
}

uint32_t fat_next(const struct fat_layout *l, uint32_t cluster, const uint8_t *entry)
{
	uint32_t next, mask;

	if (l->type == 32) {
		mask = 0x0fffffff;
		next = read_u32(entry) & mask;
	} else {
		mask = l->type == 12 ? 0xfff : 0xffff;
		next = read_u16(entry);
		next = l->type == 12 && cluster % 2 ? next >> 4 : next & mask;
	}
	if (next >= (mask & ~7u))
		return FAT_END;
	return fat_has_cluster(l, next) ? next : FAT_BROKEN;
}

static uint32_t mask_of(const struct fat_layout *l)
{
	return l->type == 32 ? 0x0fffffff : l->type == 16 ? 0xffff : 0xfff;
}

/* The half of a FAT12's third byte that belongs to the other entry. */
static bool is_upper(const struct fat_layout *l, uint32_t cluster)
{
	return l->type == 12 && cluster % 2;
}

bool fat_is_free(const struct fat_layout *l, uint32_t cluster, const uint8_t *entry)
{
	uint32_t value = l->type == 32 ? read_u32(entry) : read_u16(entry);

	if (is_upper(l, cluster))
		value >>= 4;
	return (value & mask_of(l)) == 0;
}

static void put_u16(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
}

void fat_put_next(const struct fat_layout *l, uint32_t cluster, uint8_t *entry, uint32_t next)
{
	uint32_t mask = mask_of(l), value = l->type == 32 ? read_u32(entry) : read_u16(entry);

	next &= mask; /* FAT_END becomes all ones */
	if (is_upper(l, cluster)) {
		next <<= 4;
		mask <<= 4;
	}
	value = (value & ~mask) | next;
	put_u16(entry, value);
	if (l->type == 32)
		put_u16(entry + 2, value >> 16);
}

bool fat_count_taken(uint8_t fsinfo[512])
{
	uint32_t n = read_u32(fsinfo + 488);

	if (read_u32(fsinfo) != 0x41615252 || read_u32(fsinfo + 484) != 0x61417272 || n == 0 ||
	    n == UINT32_MAX)
		return false;
	put_u16(fsinfo + 488, n - 1);
	put_u16(fsinfo + 490, (n - 1) >> 16);
	return true;
}

static uint8_t checksum_of(const uint8_t *slot)
{
	uint8_t sum = 0;

	for (int i = 0; i < 11; i++)
		sum = (uint8_t)((sum << 7 | sum >> 1) + slot[i]);
	return sum;
}

/* Where the i-th unit of a name lies in a slot. */
static unsigned int unit_at(unsigned int i)
{
	if (i < 5)
		return 1 + 2 * i;
	return i < 11 ? 14 + 2 * (i - 5) : 28 + 2 * (i - 11);
}

static void take_part(struct fat_scan *s, const uint8_t *slot)
{
	unsigned int nth = slot[0] & ~LAST_PART & 0xff;

	if (slot[0] & LAST_PART) {
		/* Parts that came before belong to nothing, and are not free either. */
		if (s->next > 0 || s->n_long > 0 || s->is_orphaned)
			s->n_free = 0;
		s->is_orphaned = nth == 0 || nth > FAT_LONG_SLOTS;
		s->n_long = s->is_orphaned ? 0 : nth;
		s->checksum = slot[13];
	} else if (s->next == 0 || nth != s->next || slot[13] != s->checksum) {
		s->is_orphaned = true;
	}
	if (s->is_orphaned) {
		s->n_long = s->next = s->n_free = 0;
		return;
	}
	for (unsigned int i = 0; i < UNITS; i++)
		s->unit[(nth - 1) * UNITS + i] = read_u16(slot + unit_at(i));
	s->next = nth - 1;
}

static size_t unit_count(const struct fat_scan *s)
{
	size_t n = 0;

	while (n < (size_t)s->n_long * UNITS && s->unit[n] != 0)
		n++;
	return n;
}

static void take_entry(struct fat_scan *s, const uint8_t *slot)
{
	size_t n = unit_count(s);

	s->is_whole = !s->is_orphaned;
	if (s->n_long > 0 &&
	    (s->next > 0 || s->checksum != checksum_of(slot) || n == 0 || n > FAT_NAME_MAX))
		s->is_whole = false;
	if (!s->is_whole)
		s->n_long = s->n_free = 0;
}

bool fat_slot_is_free(const uint8_t slot[FAT_SLOT_SIZE])
{
	return slot[0] == 0 || slot[0] == DELETED;
}

enum fat_slot fat_scan_slot(struct fat_scan *s, const uint8_t slot[FAT_SLOT_SIZE])
{
	if (s->is_over)
		*s = (struct fat_scan){0};
	if (slot[0] == 0)
		return FAT_SLOT_END;
	if (slot[0] == DELETED) {
		if (s->n_long > 0 || s->is_orphaned)
			*s = (struct fat_scan){0};
		if (s->n_free < FAT_LONG_SLOTS)
			s->n_free++;
		return FAT_SLOT_FREE;
	}
	if (slot[11] == ATTR_LONG) {
		take_part(s, slot);
		return FAT_SLOT_LONG;
	}
	s->is_over = true;
	if (slot[11] & ATTR_LABEL)
		return FAT_SLOT_LABEL;
	take_entry(s, slot);
	return FAT_SLOT_ENTRY;
}

static void put_utf8(struct text *t, uint32_t c)
{
	if (c < 0x80) {
		text_char(t, (char)c);
		return;
	}
	if (c < 0x800) {
		text_char(t, (char)(0xc0 | c >> 6));
	} else {
		if (c >= 0x10000) {
			text_char(t, (char)(0xf0 | c >> 18));
			text_char(t, (char)(0x80 | (c >> 12 & 0x3f)));
		} else {
			text_char(t, (char)(0xe0 | c >> 12));
		}
		text_char(t, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	text_char(t, (char)(0x80 | (c & 0x3f)));
}

/* A half of a surrogate pair alone is no character. */
static uint32_t next_character(const uint16_t *unit, size_t n, size_t *i)
{
	uint32_t c = unit[(*i)++];

	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c > 0xdbff || *i == n || unit[*i] < 0xdc00 || unit[*i] > 0xdfff)
		return 0xfffd;
	return 0x10000 + ((c & 0x3ff) << 10) + (unit[(*i)++] & 0x3ffu);
}

void fat_scan_name(const struct fat_scan *s, const uint8_t *slot, char name[FAT_TEXT_SIZE])
{
	size_t n = unit_count(s), i = 0;
	struct text t;

	if (n == 0) {
		fat_short_name(slot, name);
		return;
	}
	text_init(&t, name, FAT_TEXT_SIZE);
	while (i < n)
		put_utf8(&t, next_character(s->unit, n, &i));
}

static void put_short(struct text *t, const uint8_t *p, size_t len, bool is_lower)
{
	while (len > 0 && p[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < len; i++) {
		char c = char_is_printable((char)p[i]) ? (char)p[i] : '?';

		text_char(t, is_lower ? char_lower(c) : c);
	}
}

void fat_short_name(const uint8_t *slot, char name[FAT_SHORT_SIZE])
{
	struct text t;

	text_init(&t, name, FAT_SHORT_SIZE);
	put_short(&t, slot, 8, slot[12] & CASE_BASE);
	if (memcmp(slot + 8, "   ", 3) == 0)
		return;
	text_char(&t, '.');
	put_short(&t, slot + 8, 3, slot[12] & CASE_SUFFIX);
}

uint32_t fat_slot_cluster(const struct fat_layout *l, const uint8_t *slot)
{
	uint32_t high = l->type == 32 ? read_u16(slot + 20) : 0;

	return high << 16 | read_u16(slot + 26);
}

uint32_t fat_slot_size(const uint8_t *slot)
{
	return read_u32(slot + 28);
}

bool fat_slot_is_dir(const uint8_t *slot)
{
	return slot[11] & ATTR_DIR;
}

bool fat_slot_is_read_only(const uint8_t *slot)
{
	return slot[11] & ATTR_READONLY;
}

bool fat_slot_is_dot(const uint8_t *slot)
{
	return memcmp(slot, ".          ", 11) == 0 || memcmp(slot, "..         ", 11) == 0;
}

bool fat_is_plain_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!char_is_alpha(name[i]) && !char_is_digit(name[i]) &&
		    !strchr("+-_.@~^", name[i]))
			return false;
	return len > 0 && len <= FAT_NAME_MAX && name[len - 1] != '.';
}

unsigned int fat_long_slots(const char *name)
{
	return (unsigned int)((strlen(name) + UNITS - 1) / UNITS);
}

/* One part: behind the end of the name there is one NUL, where there is room for it, and 0xffff. */
static void put_part(uint8_t *slot, unsigned int nth, unsigned int n, const char *name,
		     uint8_t checksum)
{
	size_t len = strlen(name), from = (size_t)(nth - 1) * UNITS;

	memset(slot, 0, FAT_SLOT_SIZE);
	slot[0] = (uint8_t)(nth == n ? nth | LAST_PART : nth);
	slot[11] = ATTR_LONG;
	slot[13] = checksum;
	for (unsigned int i = 0; i < UNITS; i++) {
		uint8_t *p = slot + unit_at(i);

		if (from + i <= len)
			p[0] = (uint8_t)name[from + i];
		else
			p[0] = p[1] = 0xff;
	}
}

int fat_put_long_name(uint8_t *slots, unsigned int n_slots, const char *name)
{
	const uint8_t *entry = slots + (size_t)n_slots * FAT_SLOT_SIZE;
	unsigned int n = fat_long_slots(name);

	if (n > n_slots)
		return -ENOSPC;
	for (unsigned int i = 0; i < n_slots; i++) {
		uint8_t *slot = slots + (size_t)i * FAT_SLOT_SIZE;
		unsigned int nth = n_slots - i;

		if (nth > n)
			slot[0] = DELETED;
		else
			put_part(slot, nth, n, name, checksum_of(entry));
	}
	return 0;
}
