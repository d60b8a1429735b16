// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

static const struct record typical = {
	.state = RECORD_OPEN,
	.method = METHOD_KEXEC,
	.methods_used = METHOD_KEXEC,
	.rounds = 2,
	.txn = 17,
	.target_counter = {true, 3, 0, 1, 1},
	.target = "passive.conf",
	.boot_id = "0c1e3b8e-2f1a-4c55-9d6e-3f5b8a7c9d10",
	.tried = {0xcbf43926, 0x00000001},
	.n_tried = 2,
	.kexec_kernel = 0x0123abcd,
	.kexec_lost = true,
	.kexec_losses = 2,
	.kexec_cmdline = 0x89abcdef,
	.refunds = 3,
	.relapses = 2,
	.resets = 1,
};

static void assert_same(const struct record *a, const struct record *b)
{
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->method, b->method);
	assert_int_equal(a->methods_used, b->methods_used);
	assert_int_equal(a->rounds, b->rounds);
	assert_int_equal(a->txn, b->txn);
	assert_int_equal(a->target_counter.present, b->target_counter.present);
	assert_int_equal(a->target_counter.left, b->target_counter.left);
	assert_int_equal(a->target_counter.done, b->target_counter.done);
	assert_int_equal(a->target_counter.left_width, b->target_counter.left_width);
	assert_int_equal(a->target_counter.done_width, b->target_counter.done_width);
	assert_string_equal(a->target, b->target);
	assert_string_equal(a->boot_id, b->boot_id);
	assert_int_equal(a->n_tried, b->n_tried);
	assert_memory_equal(a->tried, b->tried, sizeof(a->tried));
	assert_int_equal(a->kexec_kernel, b->kexec_kernel);
	assert_int_equal(a->kexec_lost, b->kexec_lost);
	assert_int_equal(a->kexec_losses, b->kexec_losses);
	assert_int_equal(a->kexec_cmdline, b->kexec_cmdline);
	assert_int_equal(a->refunds, b->refunds);
	assert_int_equal(a->relapses, b->relapses);
	assert_int_equal(a->resets, b->resets);
}

static void round_trip(const struct record *r)
{
	char sector[RECORD_SIZE];
	struct record back;

	record_encode(r, sector);
	assert_int_equal(record_decode(sector, sizeof(sector), &back), 0);
	assert_same(r, &back);
}

/* A text of our own, with the CRC that belongs to it. */
static void make_sector(const char *text, char sector[RECORD_SIZE])
{
	uint32_t crc = UINT32_MAX;
	char line[16];

	memset(sector, '\n', RECORD_SIZE);
	memcpy(sector, text, strlen(text));
	memcpy(sector + RECORD_SIZE - 13, "crc=", 4);
	for (size_t i = 0; i < RECORD_SIZE - 9; i++) {
		crc ^= (unsigned char)sector[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	snprintf(line, sizeof(line), "%08x\n", (unsigned int)~crc);
	memcpy(sector + RECORD_SIZE - 9, line, 9);
}

static void test_format(void **state)
{
	static const char text[] = "bootassess record 1\n"
				   "state=open\n"
				   "target=passive.conf\n"
				   "tries=+3-0\n"
				   "method=kexec\n"
				   "used=k\n"
				   "txn=17\n"
				   "rounds=2\n"
				   "boot=0c1e3b8e-2f1a-4c55-9d6e-3f5b8a7c9d10\n"
				   "tried=cbf4392600000001\n"
				   "kexec=0123abcd89abcdefLl\n"
				   "did=321\n";
	char sector[RECORD_SIZE], expected[RECORD_SIZE];

	(void)state;
	record_encode(&typical, sector);
	make_sector(text, expected);
	assert_memory_equal(sector, expected, RECORD_SIZE);
}

static void test_round_trip(void **state)
{
	struct record r;

	(void)state;
	round_trip(&typical);
	for (uint8_t s = RECORD_OPEN; s <= RECORD_HOLD; s++)
		for (uint8_t method = 0; method <= METHOD_ORDER; method = method ? method * 2 : 1)
			for (uint8_t used = 0; used < 8; used++) {
				r = typical;
				r.state = s;
				r.method = method;
				r.methods_used = used;
				round_trip(&r);
			}
	r = (struct record){.state = RECORD_HOLD, .rounds = 255, .txn = UINT32_MAX};
	round_trip(&r);
	r = (struct record){.state = RECORD_CLOSED, .target = "Foo.efi"};
	r.target_counter = (struct counter){true, 7, 0, 3, 0};
	round_trip(&r);
}

/* All of it at its longest still fits into a sector. */
static void test_longest(void **state)
{
	struct record r = {
		.state = RECORD_ARRIVED,
		.method = METHOD_FIRMWARE,
		.methods_used = METHOD_KEXEC | METHOD_FIRMWARE | METHOD_ORDER,
		.rounds = 255,
		.txn = UINT32_MAX,
		.target_counter = {true, INT_MAX, INT_MAX, 10, 10},
		.boot_id = "0c1e3b8e-2f1a-4c55-9d6e-3f5b8a7c9d10",
		.n_tried = RECORD_TRIED_MAX,
		.kexec_kernel = UINT32_MAX,
		.kexec_lost = true,
		.kexec_losses = RECORD_LOSSES_MAX,
		.kexec_cmdline = UINT32_MAX,
		.refunds = RECORD_COUNT_MAX,
		.relapses = RECORD_COUNT_MAX,
		.resets = RECORD_COUNT_MAX,
	};
	char sector[RECORD_SIZE];
	struct record back;

	(void)state;
	memset(r.target, 'x', sizeof(r.target));
	memcpy(r.target + NAME_SIZE - 6, ".conf", 6);
	memset(r.tried, 0xff, sizeof(r.tried));
	round_trip(&r);

	/* Wider than any number that we would write. */
	r.target_counter = (struct counter){true, 1, 2, 200, 11};
	record_encode(&r, sector);
	assert_int_equal(record_decode(sector, sizeof(sector), &back), 0);
	r.target_counter = (struct counter){true, 1, 2, 10, 10};
	assert_same(&r, &back);
}

/* Each counts in one digit. One that is not there is 0, as of an older version; what a later one
 * adds is passed over. */
static void test_counts(void **state)
{
	static const struct {
		const char *text;
		int refunds, relapses, resets;
	} vectors[] = {
		{"", 0, 0, 0},		 {"did=000\n", 0, 0, 0},  {"did=123\n", 1, 2, 3},
		{"did=9999\n", 9, 9, 9}, {"did=100x\n", 1, 0, 0},
	};
	char text[128], sector[RECORD_SIZE];
	struct record r;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		snprintf(text, sizeof(text), "bootassess record 1\nstate=open\n%s",
			 vectors[i].text);
		make_sector(text, sector);
		assert_int_equal(record_decode(sector, sizeof(sector), &r), 0);
		CHECK(text, r.refunds == vectors[i].refunds);
		CHECK(text, r.relapses == vectors[i].relapses);
		CHECK(text, r.resets == vectors[i].resets);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		r = typical;
		r.refunds = (uint8_t)(i / 100);
		r.relapses = (uint8_t)(i / 10 % 10);
		r.resets = (uint8_t)(i % 10);
		round_trip(&r);
	}
	r = typical;
	r.refunds = r.relapses = r.resets = 255;
	record_encode(&r, sector);
	assert_int_equal(record_decode(sector, sizeof(sector), &r), 0);
	assert_int_equal(r.refunds * 100 + r.relapses * 10 + r.resets, 999);
}

static void test_damage(void **state)
{
	char sector[RECORD_SIZE + 1];
	struct record r = {.txn = 4711};

	(void)state;
	for (size_t i = 0; i < RECORD_SIZE; i++)
		for (int bit = 0; bit < 8; bit++) {
			record_encode(&typical, sector);
			sector[i] = (char)(sector[i] ^ 1 << bit);
			assert_int_equal(record_decode(sector, RECORD_SIZE, &r), -EINVAL);
		}
	record_encode(&typical, sector);
	sector[RECORD_SIZE] = '\n';
	assert_int_equal(record_decode(sector, RECORD_SIZE - 1, &r), -EINVAL);
	assert_int_equal(record_decode(sector, RECORD_SIZE + 1, &r), -EINVAL);
	assert_int_equal(record_decode(sector, 0, &r), -EINVAL);
	memset(sector, 0, sizeof(sector));
	assert_int_equal(record_decode(sector, RECORD_SIZE, &r), -EINVAL);

	r.state = RECORD_NONE;
	record_encode(&r, sector);
	assert_int_equal(record_decode(sector, RECORD_SIZE, &r), -EINVAL);
	r.state = 99;
	record_encode(&r, sector);
	assert_int_equal(record_decode(sector, RECORD_SIZE, &r), -EINVAL);
	assert_int_equal(r.txn, 4711);
}

#define MAGIC "bootassess record 1\n"

/* Sectors with the right CRC: what they say is checked all the same. */
static void test_content(void **state)
{
	static const struct {
		const char *text;
		int r;
	} vectors[] = {
		{MAGIC "state=open\n", 0},
		{MAGIC "\n\nstate=hold\n", 0},
		/* A later version may know more. */
		{MAGIC "state=open\nfuture=x\n", 0},
		{MAGIC "", -EINVAL},
		{"bootassess record 2\nstate=open\n", -EINVAL},
		{"state=open\n", -EINVAL},
		{MAGIC "state=none\n", -EINVAL},
		{MAGIC "state=x\n", -EINVAL},
		{MAGIC "state=\n", -EINVAL},
		{MAGIC "state\n", -EINVAL},
		{MAGIC "state=open\nwhat\n", -EINVAL},
		{MAGIC "state=open\ntarget=\n", 0},
		{MAGIC "state=open\ntarget=a.conf\n", 0},
		{MAGIC "state=open\ntarget=../a.conf\n", -EINVAL},
		{MAGIC "state=open\ntarget=active\n", -EINVAL},
		{MAGIC "state=open\ntries=\n", 0},
		{MAGIC "state=open\ntries=+3\n", 0},
		{MAGIC "state=open\ntries=+2147483648\n", -EINVAL},
		{MAGIC "state=open\ntries=3\n", -EINVAL},
		{MAGIC "state=open\ntries=+3-\n", -EINVAL},
		{MAGIC "state=open\ntries=+1+3-0\n", -EINVAL},
		{MAGIC "state=open\ntries=x+3-0\n", -EINVAL},
		{MAGIC "state=open\ntries=+00000000001-00000000001\n", -EINVAL},
		{MAGIC "state=open\nmethod=order\n", 0},
		{MAGIC "state=open\nmethod=\n", -EINVAL},
		{MAGIC "state=open\nmethod=3\n", -EINVAL},
		{MAGIC "state=open\nused=kfo\n", 0},
		{MAGIC "state=open\nused=\n", 0},
		{MAGIC "state=open\nused=-\n", -EINVAL},
		{MAGIC "state=open\nused=kx\n", -EINVAL},
		{MAGIC "state=open\ntxn=4294967295\n", 0},
		{MAGIC "state=open\ntxn=4294967296\n", -EINVAL},
		{MAGIC "state=open\ntxn=\n", -EINVAL},
		{MAGIC "state=open\nrounds=255\n", 0},
		{MAGIC "state=open\nrounds=256\n", -EINVAL},
		{MAGIC "state=open\nboot=123456789012345678901234567890123456\n", 0},
		{MAGIC "state=open\nboot=1234567890123456789012345678901234567\n", -EINVAL},
		{MAGIC "state=open\nboot=\x1b\n", -EINVAL},
		{MAGIC "state=open\ntried=\n", 0},
		{MAGIC "state=open\ntried=0123ABCD\n", 0},
		{MAGIC "state=open\ntried=0123abc\n", -EINVAL},
		{MAGIC "state=open\ntried=0123abcg\n", -EINVAL},
		{MAGIC "state=open\ntried=0000000011111111222222223333333344444444\n", 0},
		/* Of a version with more room. */
		{MAGIC "state=open\ntried=000000001111111122222222333333334444444455555555\n", 0},
		{MAGIC "state=open\ntried=00000000111111112222222233333333444444445555555\n",
		 -EINVAL},
		{MAGIC "state=open\nkexec=0123ABCD00000000\n", 0},
		{MAGIC "state=open\nkexec=0123ABCD00000000xl\n", 0}, /* x: of a later version */
		{MAGIC "state=open\nkexec=0123ABCD0000000\n", -EINVAL},
		{MAGIC "state=open\nkexec=0123ABCD0000000x\n", -EINVAL},
		{MAGIC "state=open\nkexec=\n", -EINVAL},
		{MAGIC "state=open\ndid=012\n", 0},
		{MAGIC "state=open\ndid=01\n", -EINVAL},
		{MAGIC "state=open\ndid=\n", -EINVAL},
		{MAGIC "state=open\ndid=0x2\n", -EINVAL},
		{MAGIC "state=open\ndid=-01\n", -EINVAL},
	};
	char sector[RECORD_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct record r = {.txn = 4711};

		make_sector(vectors[i].text, sector);
		CHECK(vectors[i].text, record_decode(sector, sizeof(sector), &r) == vectors[i].r);
		CHECK(vectors[i].text, (r.txn == 4711) == (vectors[i].r != 0));
		CHECK(vectors[i].text, r.n_tried <= RECORD_TRIED_MAX);
	}
}

static void test_tried(void **state)
{
	struct record r = {0};
	char id[] = "a.conf";

	(void)state;
	/* The check value of this CRC. */
	assert_int_equal(record_hash("123456789"), 0xcbf43926);
	assert_int_equal(record_hash(""), 1); /* 0 stands for none */
	assert_int_equal(record_hash("PASSIVE.conf"), record_hash("passive.CONF"));
	assert_int_not_equal(record_hash("passive.conf"), record_hash("active.conf"));

	assert_false(record_has_tried(&r, "a.conf"));
	record_add_tried(&r, "a.conf");
	record_add_tried(&r, "A.conf");
	assert_int_equal(r.n_tried, 1);
	assert_true(record_has_tried(&r, "A.CONF"));
	assert_false(record_has_tried(&r, "b.conf"));
	for (id[0] = 'a'; id[0] <= 'z'; id[0]++)
		record_add_tried(&r, id);
	assert_int_equal(r.n_tried, RECORD_TRIED_MAX);
	assert_true(record_has_tried(&r, "e.conf"));
	assert_false(record_has_tried(&r, "f.conf"));

	/* Too many can only come from a caller's mistake. */
	r.n_tried = 255;
	assert_false(record_has_tried(&r, "g.conf"));
	record_add_tried(&r, "g.conf");
	assert_int_equal(r.n_tried, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),	cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_longest), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_counts),	cmocka_unit_test(test_content),
		cmocka_unit_test(test_tried),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
