// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sector.h"

#include <errno.h>
#include <string.h>

/* The last line, "crc=XXXXXXXX\n", has a fixed place. */
static const char crc_key[] = "crc=";
#define HEX_DIGITS  8 /* as sector_add_hex() writes */
#define CRC_AT	    (SECTOR_SIZE - 1 - HEX_DIGITS)
#define CRC_LINE_AT (CRC_AT - (sizeof(crc_key) - 1))

/* A counter's digits are kept up to this width: INT_MAX has as many, and the worst case has to fit
 * into the sector. */
#define WIDTH_MAX 10

/* CRC-32 as in ISO 3309 (zlib, gzip), so that other tools can check it. By halves of a byte: whole
 * UKIs are summed up too. */
uint32_t sector_crc_add(uint32_t crc, unsigned char byte)
{
	static const uint32_t steps[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	crc ^= byte;
	crc = crc >> 4 ^ steps[crc & 15];
	return crc >> 4 ^ steps[crc & 15];
}

static uint32_t crc32(const char *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++)
		crc = sector_crc_add(crc, (unsigned char)data[i]);
	return ~crc;
}

void sector_start(struct text *t, char buf[SECTOR_SIZE + 1], const char *first_line)
{
	text_init(t, buf, SECTOR_SIZE + 1);
	text_str(t, first_line);
}

void sector_add(struct text *t, const char *key, const char *value)
{
	text_str(t, key);
	text_char(t, '=');
	text_str(t, value);
	text_char(t, '\n');
}

void sector_add_uint(struct text *t, const char *key, unsigned long value)
{
	text_str(t, key);
	text_char(t, '=');
	text_uint(t, value, 0);
	text_char(t, '\n');
}

static unsigned int limit_width(unsigned int width)
{
	return width < WIDTH_MAX ? width : WIDTH_MAX;
}

void sector_add_counter(struct text *t, const char *key, const struct counter *c)
{
	text_str(t, key);
	text_char(t, '=');
	if (c->present) {
		text_char(t, '+');
		text_uint(t, c->left < 0 ? 0 : (unsigned long)c->left, limit_width(c->left_width));
	}
	if (c->present && c->done_width > 0) {
		text_char(t, '-');
		text_uint(t, c->done < 0 ? 0 : (unsigned long)c->done, limit_width(c->done_width));
	}
	text_char(t, '\n');
}

void sector_add_hex(struct text *t, uint32_t value)
{
	static const char hex[] = "0123456789abcdef";

	for (int shift = 28; shift >= 0; shift -= 4)
		text_char(t, hex[value >> shift & 15]);
}

size_t sector_room(const struct text *t)
{
	return t->len < CRC_LINE_AT ? CRC_LINE_AT - t->len : 0;
}

void sector_finish(struct text *t, char sector[SECTOR_SIZE])
{
	if (t->len > CRC_LINE_AT)
		t->len = CRC_LINE_AT;
	while (t->len < CRC_LINE_AT)
		text_char(t, '\n');
	text_str(t, crc_key);
	sector_add_hex(t, crc32(t->buf, CRC_AT));
	text_char(t, '\n');
	memcpy(sector, t->buf, SECTOR_SIZE);
}

static bool is_crc_good(const char *sector)
{
	char digits[HEX_DIGITS + 1];
	struct text t;

	text_init(&t, digits, sizeof(digits));
	sector_add_hex(&t, crc32(sector, CRC_AT));
	return memcmp(sector + CRC_LINE_AT, crc_key, sizeof(crc_key) - 1) == 0 &&
	       memcmp(sector + CRC_AT, digits, HEX_DIGITS) == 0 && sector[SECTOR_SIZE - 1] == '\n';
}

int sector_open(const char *sector, size_t len, const char *first_line, struct slice *ret_rest)
{
	const size_t first_len = strlen(first_line);

	if (len != SECTOR_SIZE || memcmp(sector, first_line, first_len) != 0 ||
	    !is_crc_good(sector))
		return -EINVAL;
	*ret_rest = (struct slice){sector + first_len, CRC_LINE_AT - first_len};
	return 0;
}

int sector_next(struct slice *rest, struct slice *ret_key, struct slice *ret_value)
{
	struct slice line;
	const char *equals;

	do {
		if (!slice_line(rest, &line))
			return 0;
	} while (line.len == 0);
	equals = memchr(line.s, '=', line.len);
	if (!equals)
		return -EINVAL;
	*ret_key = (struct slice){line.s, (size_t)(equals - line.s)};
	*ret_value = (struct slice){equals + 1, line.len - ret_key->len - 1};
	return 1;
}

/* The counter is spelt as in a file name, so its one parser reads it. */
int sector_get_counter(struct slice value, struct counter *ret)
{
	char name[2 * WIDTH_MAX + 4];
	struct text t;

	if (value.len == 0)
		return 0;
	text_init(&t, name, sizeof(name));
	text_slice(&t, value);
	text_char(&t, '.');
	if (t.full || strrchr(name, '+') != name || counter_parse(name, ret) != 0)
		return -EINVAL;
	return 0;
}

int sector_get_printable(struct slice value, char *buf, size_t size)
{
	for (size_t i = 0; i < value.len; i++)
		if (!char_is_printable(value.s[i]))
			return -EINVAL;
	return slice_copy(value, buf, size);
}

static int hex_value(char c)
{
	return char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10;
}

int sector_take_hex(struct slice *s, uint32_t *ret)
{
	uint32_t value = 0;

	if (s->len < HEX_DIGITS)
		return -EINVAL;
	for (size_t i = 0; i < HEX_DIGITS; i++) {
		if (!char_is_hex(s->s[i]))
			return -EINVAL;
		value = value << 4 | (uint32_t)hex_value(s->s[i]);
	}
	*s = (struct slice){s->s + HEX_DIGITS, s->len - HEX_DIGITS};
	*ret = value;
	return 0;
}
