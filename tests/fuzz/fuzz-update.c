// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "update.h"

/* Puts first line and CRC on, else nothing would ever come through. */
static void seal(char sector[SECTOR_SIZE])
{
	static const char first[] = "bootassess update 1\n";
	uint32_t crc = UINT32_MAX;

	memcpy(sector, first, strlen(first));
	memcpy(sector + SECTOR_SIZE - 13, "crc=", 4);
	for (int i = 0; i < SECTOR_SIZE - 9; i++)
		crc = sector_crc_add(crc, (unsigned char)sector[i]);
	for (int i = 0; i < 8; i++)
		sector[SECTOR_SIZE - 9 + i] = "0123456789abcdef"[~crc >> (28 - 4 * i) & 15];
	sector[SECTOR_SIZE - 1] = '\n';
}

static void check_update(const struct update *u, const char *sector)
{
	must(u->step <= UPDATE_REMOVE && u->n_paths <= UPDATE_PATHS);
	must(memchr(u->id, 0, sizeof(u->id)) != NULL);
	for (unsigned int i = 0; i < u->n_paths; i++)
		must(u->path[i].s >= sector &&
		     u->path[i].s + u->path[i].len <= sector + SECTOR_SIZE);
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_printable(s.s[i]))
			return false;
	return s.len > 0;
}

/* Those that can be written, in their order, up to where the room ends. */
static void check_paths(const struct update *a, const struct update *b)
{
	unsigned int k = 0;

	for (unsigned int i = 0; i < a->n_paths && k < b->n_paths; i++)
		if (is_printable(a->path[i]) && a->path[i].len == b->path[k].len &&
		    memcmp(a->path[i].s, b->path[k].s, b->path[k].len) == 0)
			k++;
	must(k == b->n_paths);
}

static void check_same(const struct update *a, const struct update *b)
{
	must(a->step == b->step && a->type == b->type && a->number == b->number);
	must(strcmp(a->id, b->id) == 0);
	must(counter_is_same(&a->was, &b->was) && counter_is_same(&a->tries, &b->tries));
	check_paths(a, b);
}

/* What was read is written and read again; in pieces its sum is the same as in one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char sector[SECTOR_SIZE], again[SECTOR_SIZE];
	struct update_sum whole, parts;
	struct update u, back;

	if (update_decode((const char *)data, size, &u) == 0)
		check_update(&u, (const char *)data);
	memset(sector, '\n', sizeof(sector));
	if (size > 0)
		memcpy(sector + 20, data, size < 470 ? size : 470);
	seal(sector);
	if (update_decode(sector, sizeof(sector), &u) == 0) {
		check_update(&u, sector);
		if (update_encode(&u, again) == 0) {
			must(update_decode(again, sizeof(again), &back) == 0);
			check_same(&u, &back);
		}
	}
	update_sum_start(&whole, size);
	update_sum_add(&whole, data, size);
	update_sum_start(&parts, size);
	update_sum_add(&parts, data, size / 3);
	update_sum_add(&parts, data + size / 3, size - size / 3);
	must(update_sum_end(&whole) == update_sum_end(&parts));
	return 0;
}
