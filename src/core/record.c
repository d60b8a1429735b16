// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "bls.h"

static const char first_line[] = "bootassess record 1\n";

/* The last line, "crc=XXXXXXXX\n", has a fixed place. */
static const char crc_key[] = "crc=";
#define HEX_DIGITS  8 /* as add_hex() writes */
#define CRC_AT	    (RECORD_SIZE - 1 - HEX_DIGITS)
#define CRC_LINE_AT (CRC_AT - (sizeof(crc_key) - 1))

/* A counter's digits are kept up to this width: INT_MAX has as many, and the worst case has to fit
 * into the sector. */
#define WIDTH_MAX 10

static const char *const state_words[] = {
	[RECORD_NONE] = "none",	    [RECORD_OPEN] = "open", [RECORD_ARRIVED] = "arrived",
	[RECORD_CLOSED] = "closed", [RECORD_HOLD] = "hold",
};
#define N_STATES (sizeof(state_words) / sizeof(state_words[0]))

/* The letter is for `used=`, where all have to fit on one short line. */
static const struct {
	uint8_t method;
	char letter;
	const char *word;
} methods[] = {
	{METHOD_NONE, '-', "none"},
	{METHOD_KEXEC, 'k', "kexec"},
	{METHOD_FIRMWARE, 'f', "firmware"},
	{METHOD_ORDER, 'o', "order"},
};
#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

/* CRC-32 as in ISO 3309 (zlib, gzip), so that other tools can check it. */
static uint32_t crc32_add(uint32_t crc, unsigned char byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	return crc;
}

static uint32_t crc32(const char *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++)
		crc = crc32_add(crc, (unsigned char)data[i]);
	return ~crc;
}

uint32_t record_hash(const char *id)
{
	uint32_t crc = UINT32_MAX;

	for (; *id; id++)
		crc = crc32_add(crc, (unsigned char)char_lower(*id));
	return ~crc != 0 ? ~crc : 1;
}

static unsigned int n_tried(const struct record *r)
{
	return r->n_tried < RECORD_TRIED_MAX ? r->n_tried : RECORD_TRIED_MAX;
}

bool record_has_tried(const struct record *r, const char *id)
{
	uint32_t hash = record_hash(id);

	for (unsigned int i = 0; i < n_tried(r); i++)
		if (r->tried[i] == hash)
			return true;
	return false;
}

void record_add_tried(struct record *r, const char *id)
{
	if (r->n_tried >= RECORD_TRIED_MAX || record_has_tried(r, id))
		return;
	r->tried[r->n_tried++] = record_hash(id);
}

static void add_hex(struct text *t, uint32_t value)
{
	static const char hex[] = "0123456789abcdef";

	for (int shift = 28; shift >= 0; shift -= 4)
		text_char(t, hex[value >> shift & 15]);
}

static void add_line(struct text *t, const char *key, const char *value)
{
	text_str(t, key);
	text_char(t, '=');
	text_str(t, value);
	text_char(t, '\n');
}

static void add_number(struct text *t, const char *key, unsigned long value)
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

static void add_counter(struct text *t, const struct counter *c)
{
	text_str(t, "tries=");
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

static void add_methods(struct text *t, const struct record *r)
{
	const char *last = methods[0].word;

	for (size_t i = 0; i < N_METHODS; i++)
		if (methods[i].method == r->method)
			last = methods[i].word;
	add_line(t, "method", last);

	text_str(t, "used=");
	for (size_t i = 0; i < N_METHODS; i++)
		if (r->methods_used & methods[i].method)
			text_char(t, methods[i].letter);
	text_char(t, '\n');
}

/* The number of the release, that of the command line, and a letter for each kexec that was lost:
 * `l` for one, `L` if the last one was. */
static void add_kexec(struct text *t, const struct record *r)
{
	if (r->kexec_kernel == 0)
		return;
	text_str(t, "kexec=");
	add_hex(t, r->kexec_kernel);
	add_hex(t, r->kexec_cmdline);
	for (unsigned int i = 0; i < r->kexec_losses && i < RECORD_LOSSES_MAX; i++)
		text_char(t, r->kexec_lost && i == 0 ? 'L' : 'l');
	text_char(t, '\n');
}

void record_encode(const struct record *r, char sector[RECORD_SIZE])
{
	char buf[RECORD_SIZE + 1];
	struct text t;
	uint32_t crc;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, first_line);
	add_line(&t, "state", state_words[r->state < N_STATES ? r->state : RECORD_NONE]);
	add_line(&t, "target", r->target);
	add_counter(&t, &r->target_counter);
	add_methods(&t, r);
	add_number(&t, "txn", r->txn);
	add_number(&t, "rounds", r->rounds);
	add_line(&t, "boot", r->boot_id);
	text_str(&t, "tried=");
	for (unsigned int i = 0; i < n_tried(r); i++)
		add_hex(&t, r->tried[i]);
	text_char(&t, '\n');
	add_kexec(&t, r);

	while (t.len < CRC_LINE_AT)
		text_char(&t, '\n');
	text_str(&t, crc_key);
	crc = crc32(buf, CRC_AT);
	add_hex(&t, crc);
	text_char(&t, '\n');
	memcpy(sector, buf, RECORD_SIZE);
}

static int read_state(struct slice value, struct record *r)
{
	for (uint8_t i = 0; i < N_STATES; i++)
		if (slice_is(value, state_words[i])) {
			r->state = i;
			return 0;
		}
	return -EINVAL;
}

static int read_target(struct slice value, struct record *r)
{
	int n = slice_copy(value, r->target, sizeof(r->target));

	if (n < 0)
		return -EINVAL;
	return value.len == 0 || bls_valid_name(r->target, 1) || bls_valid_name(r->target, 2)
		       ? 0
		       : -EINVAL;
}

/* The counter is spelt as in a file name, so its one parser reads it. */
static int read_counter(struct slice value, struct record *r)
{
	char name[2 * WIDTH_MAX + 4];
	struct text t;

	if (value.len == 0)
		return 0;
	text_init(&t, name, sizeof(name));
	text_slice(&t, value);
	text_char(&t, '.');
	if (t.full || strrchr(name, '+') != name || counter_parse(name, &r->target_counter) != 0)
		return -EINVAL;
	return 0;
}

static int read_method(struct slice value, struct record *r)
{
	for (size_t i = 0; i < N_METHODS; i++)
		if (slice_is(value, methods[i].word)) {
			r->method = methods[i].method;
			return 0;
		}
	return -EINVAL;
}

static int read_used(struct slice value, struct record *r)
{
	for (size_t c = 0; c < value.len; c++) {
		size_t i = 1;

		while (i < N_METHODS && methods[i].letter != value.s[c])
			i++;
		if (i == N_METHODS)
			return -EINVAL;
		r->methods_used |= methods[i].method;
	}
	return 0;
}

static int read_txn(struct slice value, struct record *r)
{
	unsigned long txn;
	int n = slice_uint(value, UINT32_MAX, &txn);

	if (n == 0)
		r->txn = (uint32_t)txn;
	return n;
}

static int read_rounds(struct slice value, struct record *r)
{
	unsigned long rounds;
	int n = slice_uint(value, UINT8_MAX, &rounds);

	if (n == 0)
		r->rounds = (uint8_t)rounds;
	return n;
}

static int read_boot_id(struct slice value, struct record *r)
{
	for (size_t i = 0; i < value.len; i++)
		if (!char_is_printable(value.s[i]))
			return -EINVAL;
	return slice_copy(value, r->boot_id, sizeof(r->boot_id));
}

static int hex_value(char c)
{
	return char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10;
}

/* Takes a number as add_hex() writes it off the slice. */
static int take_hex(struct slice *s, uint32_t *ret)
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

static int read_tried(struct slice value, struct record *r)
{
	r->n_tried = 0;
	while (value.len > 0) {
		if (r->n_tried == RECORD_TRIED_MAX || take_hex(&value, &r->tried[r->n_tried]) < 0)
			return -EINVAL;
		r->n_tried++;
	}
	return 0;
}

/* A letter that is not known comes from a later version. */
static int read_kexec(struct slice value, struct record *r)
{
	if (take_hex(&value, &r->kexec_kernel) < 0 || take_hex(&value, &r->kexec_cmdline) < 0)
		return -EINVAL;
	for (size_t i = 0; i < value.len; i++) {
		r->kexec_lost |= value.s[i] == 'L';
		r->kexec_losses +=
			char_lower(value.s[i]) == 'l' && r->kexec_losses < RECORD_LOSSES_MAX;
	}
	return 0;
}

static const struct {
	const char *key;
	int (*read)(struct slice value, struct record *r);
} readers[] = {
	{"state", read_state},	 {"target", read_target}, {"tries", read_counter},
	{"method", read_method}, {"used", read_used},	  {"txn", read_txn},
	{"rounds", read_rounds}, {"boot", read_boot_id},  {"tried", read_tried},
	{"kexec", read_kexec},
};

/* A key that is not known comes from a later version in another slot: no reason to forget a switch.
 */
static int read_line(struct slice line, struct record *r)
{
	const char *equals = line.len > 0 ? memchr(line.s, '=', line.len) : NULL;
	struct slice key, value;

	if (line.len == 0)
		return 0;
	if (!equals)
		return -EINVAL;
	key = (struct slice){line.s, (size_t)(equals - line.s)};
	value = (struct slice){equals + 1, line.len - key.len - 1};
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (slice_is(key, readers[i].key))
			return readers[i].read(value, r);
	return 0;
}

static bool is_crc_good(const char *sector)
{
	char digits[HEX_DIGITS + 1];
	struct text t;

	text_init(&t, digits, sizeof(digits));
	add_hex(&t, crc32(sector, CRC_AT));
	return memcmp(sector + CRC_LINE_AT, crc_key, sizeof(crc_key) - 1) == 0 &&
	       memcmp(sector + CRC_AT, digits, HEX_DIGITS) == 0 && sector[RECORD_SIZE - 1] == '\n';
}

int record_decode(const char *sector, size_t len, struct record *ret)
{
	const size_t first_len = sizeof(first_line) - 1;
	struct slice rest, line;
	struct record record = {0};

	if (len != RECORD_SIZE || memcmp(sector, first_line, first_len) != 0 ||
	    !is_crc_good(sector))
		return -EINVAL;

	rest = (struct slice){sector + first_len, CRC_LINE_AT - first_len};
	while (slice_line(&rest, &line))
		if (read_line(line, &record) < 0)
			return -EINVAL;
	/* "none" is written so that an old record can be wiped; it is not a record. */
	if (record.state == RECORD_NONE)
		return -EINVAL;
	*ret = record;
	return 0;
}
