// SPDX-License-Identifier: LGPL-2.1-or-later
/* The ring of what happened: F22 (a torn write), F34 (a rollback with no trace). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "history.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

static char ring[HISTORY_SIZE + SECTOR_SIZE];

static void put_event(uint32_t seq, const char *event)
{
	struct history_entry e = {.seq = seq, .verdict = "retry", .reason = "failed"};

	memcpy(e.event, event, strlen(event) + 1);
	history_encode(&e, ring + seq % HISTORY_SLOTS * SECTOR_SIZE);
}

static void put(uint32_t seq)
{
	put_event(seq, "fail");
}

static const uint32_t starts[] = {1,	     0, 31, 32, 0x7ffffff0, 0x80000000, UINT32_MAX - 15,
				  UINT32_MAX};

/* The first entries and the last ones, whatever number the first one had, also over the end of all
 * numbers. */
static void test_ring(void **state)
{
	uint32_t seqs[100];
	struct history h;

	(void)state;
	for (size_t s = 0; s < N(starts); s++) {
		memset(ring, '\n', sizeof(ring));
		for (unsigned int i = 0; i < 100; i++) {
			unsigned int n = i + 1 < HISTORY_SLOTS ? i + 1 : HISTORY_SLOTS;

			seqs[i] = i > 0 ? history_next_seq(&h) : starts[s];
			put(seqs[i]);
			history_read(ring, HISTORY_SIZE, &h);
			assert_int_equal(h.n, n);
			assert_int_equal(h.bad, 0);
			for (unsigned int k = 0; k < n; k++) {
				bool is_first = k + HISTORY_KEPT >= n;
				unsigned int want = is_first ? n - 1 - k : i - k;

				assert_int_equal(h.entry[k].seq, seqs[want]);
				if (k > 0) /* only behind the first ones, once the ring is full */
					assert_int_equal(history_has_gap(&h, k),
							 i >= HISTORY_SLOTS &&
								 k + HISTORY_KEPT == n);
			}
		}
		/* What was passed over is no more than has to be. */
		assert_true(seqs[99] - seqs[0] == 99 + 3 * HISTORY_KEPT ||
			    seqs[99] - seqs[0] == 99 + 2 * HISTORY_KEPT);
	}
}

/* A bless ends what is to stay, and what comes after it stays then. */
static void test_ring_bless(void **state)
{
	struct history h;

	(void)state;
	for (size_t s = 0; s < N(starts); s++) {
		uint32_t first;

		memset(ring, '\n', sizeof(ring));
		for (unsigned int i = 0; i < 70; i++) {
			put(i > 0 ? history_next_seq(&h) : starts[s]);
			history_read(ring, HISTORY_SIZE, &h);
		}
		put_event(history_next_seq(&h), "bless");
		history_read(ring, HISTORY_SIZE, &h);
		assert_int_equal(history_next_seq(&h), h.entry[0].seq + 1);
		first = h.entry[0].seq + 1;
		for (unsigned int i = 0; i < 70; i++) {
			put(history_next_seq(&h));
			history_read(ring, HISTORY_SIZE, &h);
			assert_int_equal(h.n, HISTORY_SLOTS);
		}
		for (unsigned int k = 0; k < HISTORY_KEPT; k++)
			assert_int_equal(h.entry[HISTORY_SLOTS - 1 - k].seq, (uint32_t)(first + k));
	}
}

/* An entry that cannot be read is missing there, also one of those that are to stay. */
static void test_gap(void **state)
{
	struct history h;

	(void)state;
	memset(ring, '\n', sizeof(ring));
	for (uint32_t seq = 1; seq <= 10; seq++)
		put(seq);
	history_read(ring, HISTORY_SIZE, &h);
	for (unsigned int k = 1; k < h.n; k++)
		assert_false(history_has_gap(&h, k));
	ring[4 * SECTOR_SIZE] = 'x';
	history_read(ring, HISTORY_SIZE, &h);
	assert_int_equal(history_next_seq(&h), 11);
	for (unsigned int k = 1; k < h.n; k++)
		assert_int_equal(history_has_gap(&h, k), h.entry[k].seq == 3);
}

static void test_ring_empty(void **state)
{
	struct history h;

	(void)state;
	history_read(ring, 0, &h);
	assert_int_equal(h.n + h.bad, 0);
	assert_int_equal(history_next_seq(&h), 1);
	memset(ring, 0, sizeof(ring));
	history_read(ring, HISTORY_SIZE, &h);
	assert_int_equal(h.n + h.bad, 0);
	memset(ring, '\n', sizeof(ring));
	history_read(ring, HISTORY_SIZE, &h);
	assert_int_equal(h.n + h.bad, 0);
	memset(ring, 'x', sizeof(ring)); /* all the same, and yet somebody's */
	history_read(ring, HISTORY_SIZE, &h);
	assert_int_equal(h.n, 0);
	assert_int_equal(h.bad, HISTORY_SLOTS);
}

/* F22: a bad sector costs itself, and nothing else. */
static void test_ring_damage(void **state)
{
	struct history h;

	(void)state;
	memset(ring, '\n', sizeof(ring));
	for (uint32_t seq = 1; seq <= 40; seq++)
		put(seq);
	/* Torn in the middle: the old and the new one are both lost. */
	memset(ring + 8 * SECTOR_SIZE + 100, 'x', 200);
	memcpy(ring + 9 * SECTOR_SIZE, ring + 10 * SECTOR_SIZE, SECTOR_SIZE); /* at a wrong place */
	ring[20 * SECTOR_SIZE] = 'B';
	history_read(ring, HISTORY_SIZE, &h);
	assert_int_equal(h.n, 29);
	assert_int_equal(h.bad, 3);
	assert_int_equal(h.entry[0].seq, 39);
	assert_int_equal(h.entry[28].seq, 10);
	assert_int_equal(history_next_seq(&h), 40); /* again into the slot that was torn */

	/* A shorter file is what is there, and its last piece is no entry. */
	history_read(ring, 3 * SECTOR_SIZE + 100, &h);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.bad, 1);
	assert_int_equal(h.entry[0].seq, 34);
	history_read(ring, 3 * SECTOR_SIZE, &h);
	assert_int_equal(h.bad, 0);
	/* Of a longer one the rest is not looked at. */
	memset(ring + HISTORY_SIZE, 'x', SECTOR_SIZE);
	history_read(ring, sizeof(ring), &h);
	assert_int_equal(h.n, 29);
	assert_int_equal(h.bad, 3);
}

/* Whatever is between them, the newer number is the one that follows. */
static void test_order_far(void **state)
{
	struct history h = {.n = 2};

	(void)state;
	h.entry[0].seq = 1;
	h.entry[1].seq = 1 + (uint32_t)INT32_MAX;
	history_order(&h);
	assert_int_equal(h.entry[1].seq, 1);
	h.entry[0].seq = 1;
	h.entry[1].seq = 3 + (uint32_t)INT32_MAX;
	history_order(&h);
	assert_int_equal(h.entry[0].seq, 1);
}

/* Numbers that no ring of ours holds still give one order, each entry once. */
static void test_order_wild(void **state)
{
	uint32_t seed = 1;
	struct history h;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t sum = 0, again = 0;

		h.n = seed % (HISTORY_SLOTS + 1);
		for (unsigned int i = 0; i < h.n; i++) {
			seed = seed * 1664525 + 1013904223;
			h.entry[i] = (struct history_entry){.seq = seed};
			sum += seed;
		}
		history_order(&h);
		for (unsigned int i = 0; i < h.n; i++)
			again += h.entry[i].seq;
		assert_int_equal(sum, again);
		for (unsigned int i = 1; i < h.n; i++)
			assert_true(h.entry[0].seq - h.entry[i].seq >=
				    h.entry[0].seq - h.entry[i - 1].seq);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),	    cmocka_unit_test(test_ring_bless),
		cmocka_unit_test(test_gap),	    cmocka_unit_test(test_ring_empty),
		cmocka_unit_test(test_ring_damage), cmocka_unit_test(test_order_far),
		cmocka_unit_test(test_order_wild),
	};

	return cmocka_run_group_tests_name("history-ring", tests, NULL, NULL);
}
