// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "history.h"
#include "story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Puts the CRC on, else nothing would ever come through. */
static void seal(char sector[SECTOR_SIZE])
{
	uint32_t crc = UINT32_MAX;

	memcpy(sector + SECTOR_SIZE - 13, "crc=", 4);
	for (int i = 0; i < SECTOR_SIZE - 9; i++)
		crc = sector_crc_add(crc, (unsigned char)sector[i]);
	for (int i = 0; i < 8; i++)
		sector[SECTOR_SIZE - 9 + i] = "0123456789abcdef"[~crc >> (28 - 4 * i) & 15];
	sector[SECTOR_SIZE - 1] = '\n';
}

/* What was read is written and read again, and then stays. */
static void round_trip(const struct history_entry *e)
{
	char again[SECTOR_SIZE], third[SECTOR_SIZE];
	struct history_entry back;

	history_encode(e, again);
	if (history_decode(again, SECTOR_SIZE, &back) < 0)
		__builtin_trap();
	history_encode(&back, third);
	if (memcmp(again, third, SECTOR_SIZE) != 0)
		__builtin_trap();
}

static void tell(const struct history *h)
{
	static struct facts f = {.booted.rung = -1};
	const struct story s = {.f = &f, .h = h};
	char buf[16384];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	story_tell(&s, &t);
	story_line(&s, &t);
	for (size_t i = 0; i < t.len; i++)
		if (!char_is_printable(buf[i]))
			__builtin_trap();
}

/* The input as the file, and once more with the CRC on each sector. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char ring[HISTORY_SIZE];
	struct history h;

	history_read((const char *)data, size, &h);
	memset(ring, '\n', sizeof(ring));
	memcpy(ring, data, size < sizeof(ring) ? size : sizeof(ring));
	for (size_t at = 0; at < sizeof(ring) && at < size; at += SECTOR_SIZE)
		seal(ring + at);
	history_read(ring, sizeof(ring), &h);
	if (h.n + h.bad > HISTORY_SLOTS)
		__builtin_trap();
	for (unsigned int i = 0; i < h.n; i++)
		round_trip(&h.entry[i]);
	for (unsigned int i = 1; i < h.n; i++)
		if (h.entry[0].seq - h.entry[i].seq <= h.entry[0].seq - h.entry[i - 1].seq)
			__builtin_trap();
	tell(&h);
	return 0;
}
