// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fdt.h"

#include <string.h>

/* The header: big-endian words. */
#define FDT_MAGIC	 0xd00dfeed
#define FDT_STRINGS_AT	 12
#define FDT_STRINGS_SIZE 32
#define FDT_HEADER_END	 40

static uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool fdt_has_property(const uint8_t *data, size_t len, const char *name)
{
	const char *string, *end;
	uint32_t at, size;

	if (len < FDT_HEADER_END || read_be32(data) != FDT_MAGIC)
		return false;
	at = read_be32(data + FDT_STRINGS_AT);
	size = read_be32(data + FDT_STRINGS_SIZE);
	if (at > len || size > len - at)
		return false;
	string = (const char *)data + at;
	end = string + size;
	while (string < end) {
		size_t n = strnlen(string, (size_t)(end - string));

		if (string + n < end && strcmp(string, name) == 0)
			return true;
		string += n + 1;
	}
	return false;
}
