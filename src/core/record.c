// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "bls.h"

static const char first_line[] = "bootassess record 1\n";

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

uint32_t record_hash(const char *id)
{
	uint32_t crc = UINT32_MAX;

	for (; *id; id++)
		crc = sector_crc_add(crc, (unsigned char)char_lower(*id));
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

static void add_methods(struct text *t, const struct record *r)
{
	const char *last = methods[0].word;

	for (size_t i = 0; i < N_METHODS; i++)
		if (methods[i].method == r->method)
			last = methods[i].word;
	sector_add(t, "method", last);

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
	sector_add_hex(t, r->kexec_kernel);
	sector_add_hex(t, r->kexec_cmdline);
	for (unsigned int i = 0; i < r->kexec_losses && i < RECORD_LOSSES_MAX; i++)
		text_char(t, r->kexec_lost && i == 0 ? 'L' : 'l');
	text_char(t, '\n');
}

static void add_digit(struct text *t, uint8_t count)
{
	text_uint(t, count < RECORD_COUNT_MAX ? count : RECORD_COUNT_MAX, 1);
}

/* A digit each for refunds, relapses, resets. */
static void add_counts(struct text *t, const struct record *r)
{
	if (r->refunds == 0 && r->relapses == 0 && r->resets == 0)
		return;
	text_str(t, "did=");
	add_digit(t, r->refunds);
	add_digit(t, r->relapses);
	add_digit(t, r->resets);
	text_char(t, '\n');
}

void record_encode(const struct record *r, char sector[RECORD_SIZE])
{
	char buf[SECTOR_SIZE + 1];
	struct text t;

	sector_start(&t, buf, first_line);
	sector_add(&t, "state", state_words[r->state < N_STATES ? r->state : RECORD_NONE]);
	sector_add(&t, "target", r->target);
	sector_add_counter(&t, "tries", &r->target_counter);
	add_methods(&t, r);
	sector_add_uint(&t, "txn", r->txn);
	sector_add_uint(&t, "rounds", r->rounds);
	sector_add(&t, "boot", r->boot_id);
	text_str(&t, "tried=");
	for (unsigned int i = 0; i < n_tried(r); i++)
		sector_add_hex(&t, r->tried[i]);
	text_char(&t, '\n');
	add_kexec(&t, r);
	add_counts(&t, r);
	sector_finish(&t, sector);
}

static int read_state(struct slice value, struct record *r)
{
	for (unsigned int i = 0; i < N_STATES; i++)
		if (slice_is(value, state_words[i])) {
			r->state = (uint8_t)i;
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

static int read_counter(struct slice value, struct record *r)
{
	return sector_get_counter(value, &r->target_counter);
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
	return sector_get_printable(value, r->boot_id, sizeof(r->boot_id));
}

/* More come from another version; that there is no room left is all that counts then. */
static int read_tried(struct slice value, struct record *r)
{
	uint32_t hash;

	r->n_tried = 0;
	while (value.len > 0) {
		if (sector_take_hex(&value, &hash) < 0)
			return -EINVAL;
		if (r->n_tried < RECORD_TRIED_MAX)
			r->tried[r->n_tried++] = hash;
	}
	return 0;
}

/* A letter that is not known comes from a later version. */
static int read_kexec(struct slice value, struct record *r)
{
	if (sector_take_hex(&value, &r->kexec_kernel) < 0 ||
	    sector_take_hex(&value, &r->kexec_cmdline) < 0)
		return -EINVAL;
	for (size_t i = 0; i < value.len; i++) {
		r->kexec_lost |= value.s[i] == 'L';
		r->kexec_losses +=
			char_lower(value.s[i]) == 'l' && r->kexec_losses < RECORD_LOSSES_MAX;
	}
	return 0;
}

/* More digits come from a later version. */
static int read_counts(struct slice value, struct record *r)
{
	uint8_t *const counts[] = {&r->refunds, &r->relapses, &r->resets};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (i >= value.len || !char_is_digit(value.s[i]))
			return -EINVAL;
		*counts[i] = (uint8_t)(value.s[i] - '0');
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
	{"kexec", read_kexec},	 {"did", read_counts},
};

/* A key that is not known comes from a later version in another slot: no reason to forget a switch.
 */
static int read_value(struct slice key, struct slice value, struct record *r)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (slice_is(key, readers[i].key))
			return readers[i].read(value, r);
	return 0;
}

int record_decode(const char *sector, size_t len, struct record *ret)
{
	struct slice rest, key, value;
	struct record record = {0};
	int n = sector_open(sector, len, first_line, &rest);

	if (n < 0)
		return n;
	while ((n = sector_next(&rest, &key, &value)) > 0)
		if (read_value(key, value, &record) < 0)
			return -EINVAL;
	if (n < 0)
		return n;
	/* "none" is written so that an old record can be wiped; it is not a record. */
	if (record.state == RECORD_NONE)
		return -EINVAL;
	*ret = record;
	return 0;
}
