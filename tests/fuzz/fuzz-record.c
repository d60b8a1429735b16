// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "record.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Puts the CRC on, else nothing would ever come through. record_hash() is the same CRC for texts
 * in lower case. */
static void seal(char sector[RECORD_SIZE])
{
	char text[RECORD_SIZE - 8] = "";
	uint32_t crc;

	for (size_t i = 0; i < RECORD_SIZE - 13; i++)
		sector[i] = sector[i] ? char_lower(sector[i]) : '\n';
	memcpy(sector + RECORD_SIZE - 13, "crc=", 4);
	memcpy(text, sector, RECORD_SIZE - 9);
	crc = record_hash(text);
	for (int i = 0; i < 8; i++)
		sector[RECORD_SIZE - 9 + i] = "0123456789abcdef"[crc >> (28 - 4 * i) & 15];
	sector[RECORD_SIZE - 1] = '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char sector[RECORD_SIZE] = "", again[RECORD_SIZE], third[RECORD_SIZE];
	struct record r, back;

	(void)record_decode((const char *)data, size, &r);
	memcpy(sector, data, size < RECORD_SIZE ? size : RECORD_SIZE);
	seal(sector);
	if (record_decode(sector, RECORD_SIZE, &r) < 0)
		return 0;
	record_encode(&r, again);
	if (record_decode(again, RECORD_SIZE, &back) < 0)
		__builtin_trap();
	record_encode(&back, third);
	if (memcmp(again, third, RECORD_SIZE) != 0)
		__builtin_trap();
	return 0;
}
