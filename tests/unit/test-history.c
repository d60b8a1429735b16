// SPDX-License-Identifier: LGPL-2.1-or-later
/* An entry of what happened: F22 (a torn write), F29 (no clock), F34 (a rollback with no trace). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "history.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

#define MAGIC "bootassess history 1\n"

static const struct history_entry typical = {
	.seq = 33,
	.event = "fail",
	.verdict = "switch",
	.reason = "failed",
	.booted = "active.conf",
	.role = "system",
	.counter = {true, 0, 3, 1, 1},
	.via = "loader",
	.target = "passive.conf",
	.method = "kexec",
	.check = "network",
	.text = "no carrier on eth0",
	.uptime_s = 605,
	.time_s = 1763731200,
	.boot_id = "0c1e3b8e-2f1a-4c55-9d6e-3f5b8a7c9d10",
	.version = "0.1",
};

static void assert_same(const struct history_entry *a, const struct history_entry *b)
{
	assert_int_equal(a->seq, b->seq);
	assert_string_equal(a->event, b->event);
	assert_string_equal(a->verdict, b->verdict);
	assert_string_equal(a->reason, b->reason);
	assert_string_equal(a->booted, b->booted);
	assert_string_equal(a->role, b->role);
	assert_true(counter_is_same(&a->counter, &b->counter));
	assert_string_equal(a->via, b->via);
	assert_string_equal(a->target, b->target);
	assert_string_equal(a->method, b->method);
	assert_string_equal(a->check, b->check);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->uptime_s, b->uptime_s);
	assert_int_equal(a->time_s, b->time_s);
	assert_string_equal(a->boot_id, b->boot_id);
	assert_string_equal(a->version, b->version);
}

/* A text of our own, with the CRC that belongs to it. */
static void make_sector(const char *text, char sector[SECTOR_SIZE])
{
	uint32_t crc = UINT32_MAX;
	char line[16];

	memset(sector, '\n', SECTOR_SIZE);
	memcpy(sector, text, strlen(text));
	memcpy(sector + SECTOR_SIZE - 13, "crc=", 4);
	for (size_t i = 0; i < SECTOR_SIZE - 9; i++) {
		crc ^= (unsigned char)sector[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	snprintf(line, sizeof(line), "%08x\n", (unsigned int)~crc);
	memcpy(sector + SECTOR_SIZE - 9, line, 9);
}

static void test_format(void **state)
{
	static const char text[] = MAGIC "seq=33\n"
					 "event=fail\n"
					 "verdict=switch\n"
					 "reason=failed\n"
					 "booted=active.conf\n"
					 "role=system\n"
					 "tries=+0-3\n"
					 "via=loader\n"
					 "method=kexec\n"
					 "uptime=605\n"
					 "time=1763731200\n"
					 "boot=0c1e3b8e-2f1a-4c55-9d6e-3f5b8a7c9d10\n"
					 "version=0.1\n"
					 "check=network\n"
					 "target=passive.conf\n"
					 "text=no carrier on eth0\n";
	static const struct history_entry least = {.event = "edit"};
	char sector[SECTOR_SIZE], expected[SECTOR_SIZE];
	struct history_entry back;

	(void)state;
	history_encode(&typical, sector);
	make_sector(text, expected);
	assert_memory_equal(sector, expected, SECTOR_SIZE);
	assert_int_equal(history_decode(sector, sizeof(sector), &back), 0);
	assert_same(&typical, &back);

	history_encode(&least, sector);
	make_sector(MAGIC "seq=0\nevent=edit\nuptime=0\n", expected);
	assert_memory_equal(sector, expected, SECTOR_SIZE);
	assert_int_equal(history_decode(sector, sizeof(sector), &back), 0);
	assert_same(&least, &back);
}

static void fill(char *field, size_t size, char c)
{
	memset(field, c, size - 1);
	field[size - 1] = '\0';
}

/* Whatever is in it, an entry is one valid sector: what is cut is the free text first. */
static void test_longest(void **state)
{
	struct history_entry e = typical, back;
	char sector[SECTOR_SIZE];

	(void)state;
	fill(e.text, sizeof(e.text), 't');
	fill(e.check, sizeof(e.check), 'c');
	history_encode(&e, sector);
	assert_int_equal(history_decode(sector, sizeof(sector), &back), 0);
	assert_same(&e, &back); /* with ids and numbers as they are, all of it fits */

	e.counter = (struct counter){true, INT_MAX, INT_MAX, 200, 200};
	e.seq = e.uptime_s = e.time_s = UINT32_MAX;
	fill(e.event, sizeof(e.event), 'e');
	fill(e.verdict, sizeof(e.verdict), 'v');
	fill(e.reason, sizeof(e.reason), 'r');
	fill(e.role, sizeof(e.role), 'r');
	fill(e.via, sizeof(e.via), 'v');
	fill(e.method, sizeof(e.method), 'm');
	fill(e.version, sizeof(e.version), '1');
	fill(e.booted, sizeof(e.booted), 'b');
	fill(e.target, sizeof(e.target), 'g');
	history_encode(&e, sector);
	assert_int_equal(history_decode(sector, sizeof(sector), &back), 0);
	assert_string_equal(back.booted, e.booted);
	assert_string_equal(back.check, e.check); /* what is compared later is never cut */
	assert_int_equal(strlen(back.target), 34);
	assert_string_equal(back.text, "");
	fill(e.target, 35, 'g');
	e.text[0] = '\0';
	assert_same(&e, &back);
}

static void test_damage(void **state)
{
	struct history_entry e = {.seq = 4711};
	char sector[SECTOR_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < SECTOR_SIZE; i++)
		for (int bit = 0; bit < 8; bit++) {
			history_encode(&typical, sector);
			sector[i] = (char)(sector[i] ^ 1 << bit);
			assert_int_equal(history_decode(sector, SECTOR_SIZE, &e), -EINVAL);
		}
	history_encode(&typical, sector);
	sector[SECTOR_SIZE] = '\n';
	assert_int_equal(history_decode(sector, SECTOR_SIZE - 1, &e), -EINVAL);
	assert_int_equal(history_decode(sector, SECTOR_SIZE + 1, &e), -EINVAL);
	assert_int_equal(history_decode(sector, 0, &e), -EINVAL);
	assert_int_equal(e.seq, 4711);
}

/* Sectors with the right CRC: what they say is checked all the same. */
static void test_content(void **state)
{
	static const struct {
		const char *text;
		int r;
	} vectors[] = {
		{MAGIC "seq=1\nevent=fail\n", 0},
		{MAGIC "\nseq=1\n\nevent=fail\n", 0},
		/* A later version may know more, also more words. */
		{MAGIC "seq=1\nevent=fail\nfuture=\x1b\n", 0},
		{MAGIC "seq=1\nevent=soft-reboot\nverdict=0-9\nreason=shared-fault\n", 0},
		{"bootassess history 2\nseq=1\nevent=fail\n", -EINVAL},
		{"bootassess record 1\nseq=1\nevent=fail\n", -EINVAL},
		{MAGIC "", -EINVAL},
		{MAGIC "seq=1\n", -EINVAL},
		{MAGIC "event=fail\n", -EINVAL},
		{MAGIC "event=fail\nseq=1\n", -EINVAL},
		{MAGIC "uptime=1\nevent=fail\n", -EINVAL}, /* a number, but not that one */
		{MAGIC "seq=\nevent=fail\n", -EINVAL},
		{MAGIC "seq=-1\nevent=fail\n", -EINVAL},
		{MAGIC "seq=4294967295\nevent=fail\n", 0},
		{MAGIC "seq=4294967296\nevent=fail\n", -EINVAL},
		{MAGIC "seq=1\nevent=\n", -EINVAL},
		{MAGIC "seq=1\nevent=Fail\n", -EINVAL},
		{MAGIC "seq=1\nevent=a b\n", -EINVAL},
		{MAGIC "seq=1\nevent=fifteen-letters\n", 0},
		{MAGIC "seq=1\nevent=sixteen--letters\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\nwhat\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\ntries=+1-2\n", 0},
		{MAGIC "seq=1\nevent=fail\ntries=\n", 0},
		{MAGIC "seq=1\nevent=fail\ntries=1\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\nuptime=1.5\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\ntime=x\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\nbooted=../x\n", 0}, /* it is only shown */
		{MAGIC "seq=1\nevent=fail\nbooted=\x1b[2J\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\ntext=\xc3\xa4\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\ncheck=\x7f\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\nboot=123456789012345678901234567890123456\n", 0},
		{MAGIC "seq=1\nevent=fail\nboot=1234567890123456789012345678901234567\n", -EINVAL},
		{MAGIC "seq=1\nevent=fail\nversion=123456789012345\n", 0},
		{MAGIC "seq=1\nevent=fail\nversion=1234567890123456\n", -EINVAL},
	};
	char sector[SECTOR_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		struct history_entry e = {.uptime_s = 4711};

		make_sector(vectors[i].text, sector);
		CHECK(vectors[i].text,
		      (history_decode(sector, sizeof(sector), &e) == 0) == (vectors[i].r == 0));
		CHECK(vectors[i].text, (e.uptime_s == 4711) == (vectors[i].r != 0));
	}
}

static void test_set(void **state)
{
	char field[8] = "old";

	(void)state;
	history_set(field, sizeof(field), NULL);
	assert_string_equal(field, "");
	history_set(field, sizeof(field), "1234567890");
	assert_string_equal(field, "1234567");
	history_set(field, sizeof(field), "a\n\x1b\xc3\x7f~");
	assert_string_equal(field, "a????~");
}

/* Two names are kept alike only if they are alike, however long they are. */
static void test_set_name(void **state)
{
	char a[HISTORY_ID], b[HISTORY_ID], name[NAME_SIZE];

	(void)state;
	history_set_name(a, sizeof(a), NULL);
	assert_string_equal(a, "");
	fill(name, HISTORY_ID, 'x'); /* the longest that fits */
	history_set_name(a, sizeof(a), name);
	assert_string_equal(a, name);

	fill(name, 101, 'x');
	history_set_name(a, sizeof(a), name);
	assert_int_equal(strlen(a), HISTORY_ID - 1);
	assert_int_equal(a[HISTORY_ID - 10], '~');
	name[99] = 'y';
	history_set_name(b, sizeof(b), name);
	assert_string_not_equal(a, b);
	name[99] = 'X';
	history_set_name(b, sizeof(b), name);
	assert_string_equal(a, b);

	history_set_name(a, sizeof(a), "f\xc3\xa4n");
	history_set_name(b, sizeof(b), "f\xc3\xb6n");
	assert_memory_equal(a, "f??n~", 5);
	assert_string_not_equal(a, b);
	history_set_name(a, 10, "1234567890");
	assert_int_equal(strlen(a), 9);
	assert_int_equal(a[0], '~');
}

static void make_facts(struct facts *f)
{
	memset(f, 0, sizeof(*f));
	f->event = EVENT_ASSESS;
	f->booted.known = true;
	f->booted.via = VIA_LOADER;
	memcpy(f->booted.id, "active.conf", 12);
	f->ladder.n = 2;
	memcpy(f->ladder.rung[0].id, "active.conf", 12);
	memcpy(f->ladder.rung[1].id, "recovery.conf", 14);
	f->ladder.rung[1].role = ROLE_RECOVERY;
	memcpy(f->boot_id, typical.boot_id, sizeof(f->boot_id));
}

/* A normal boot is never remembered: it would be a write in each. */
static void test_due(void **state)
{
	struct plan p = {.verdict = VERDICT_PROCEED, .target = -1};
	struct facts f;

	(void)state;
	make_facts(&f);
	for (int reason = 0; reason <= REASON_EDITED; reason++) {
		p.reason = (enum reason)reason;
		assert_false(history_is_due(&f, &p));
	}
	for (int verdict = VERDICT_RETRY; verdict <= VERDICT_HOLD; verdict++) {
		p.verdict = (enum verdict)verdict;
		assert_true(history_is_due(&f, &p));
	}
	/* A kexec is found lost once, by the plan that writes so. */
	p.verdict = VERDICT_PROCEED;
	p.record.kexec_lost = true;
	assert_false(history_is_due(&f, &p));
	plan_add(&p, (struct op){.type = OP_COUNT});
	assert_false(history_is_due(&f, &p));
	plan_add(&p, (struct op){.type = OP_RESTATE, .record_state = RECORD_OPEN});
	assert_true(history_is_due(&f, &p));
	p.op[1].type = OP_RECORD;
	assert_true(history_is_due(&f, &p));
	f.record.kexec_lost = true;
	assert_false(history_is_due(&f, &p));
}

static void test_describe(void **state)
{
	struct plan p = {.verdict = VERDICT_SWITCH, .reason = REASON_FAILED, .target = 1};
	struct history_entry e;
	struct facts f;

	(void)state;
	make_facts(&f);
	f.event = EVENT_FAIL;
	p.method = METHOD_KEXEC;
	p.counter = counter_make(0, 3);
	history_describe(&f, &p, "network", "no carrier on eth0", &e);
	e.seq = typical.seq;
	e.uptime_s = typical.uptime_s;
	e.time_s = typical.time_s;
	memcpy(e.version, typical.version, sizeof(e.version));
	assert_string_equal(e.target, "recovery.conf");
	memcpy(e.target, typical.target, sizeof(e.target));
	assert_same(&e, &typical);

	/* An entry that nobody knows, and no words. */
	memset(&f.booted, 0, sizeof(f.booted));
	f.booted.rung = -1;
	memset(f.booted.id, 'x', 10); /* not known: not to be told */
	p.target = -1;
	history_describe(&f, &p, NULL, NULL, &e);
	assert_string_equal(e.booted, "");
	assert_string_equal(e.role, "");
	assert_string_equal(e.via, "unknown");
	assert_string_equal(e.target, "");
	assert_string_equal(e.method, "");
	assert_string_equal(e.text, "");
}

/* Where nobody gives words, some events have their own. */
static void test_describe_words(void **state)
{
	struct plan p = {.verdict = VERDICT_PROCEED, .reason = REASON_EDITED, .target = -1};
	struct history_entry e;
	struct facts f;

	(void)state;
	make_facts(&f);
	f.event = EVENT_EDIT;
	plan_add(&p, (struct op){.type = OP_MARK, .rung = 0, .to = counter_make(0, 9)});
	plan_add(&p, (struct op){.type = OP_ARM, .rung = 1, .to = counter_make(3, 0)});
	history_describe(&f, &p, NULL, NULL, &e);
	assert_string_equal(e.text, "mark active.conf - +0-9; arm recovery.conf - +3-0");
	history_describe(&f, &p, NULL, "by me", &e);
	assert_string_equal(e.text, "by me");
	history_describe(&f, NULL, NULL, "pin active.conf", &e);
	assert_string_equal(e.event, "edit");
	assert_string_equal(e.verdict, "proceed");
	assert_string_equal(e.reason, "edited");
	assert_string_equal(e.text, "pin active.conf");

	f.event = EVENT_ASSESS;
	p.record.kexec_lost = true;
	p.op[0].type = OP_RESTATE;
	memcpy(f.record.target, "passive.conf", 13);
	history_describe(&f, &p, NULL, NULL, &e);
	assert_string_equal(e.text, "the kexec into passive.conf never arrived");
	history_describe(&f, &p, NULL, "", &e); /* no words are none */
	assert_string_equal(e.text, "the kexec into passive.conf never arrived");

	/* An id may be as long as a file name. */
	memset(f.booted.id, 'x', NAME_SIZE - 1);
	f.booted.id[1] = '\x07';
	history_describe(&f, &p, NULL, NULL, &e);
	assert_int_equal(strlen(e.booted), HISTORY_ID - 1);
	assert_int_equal(e.booted[1], '?');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_name),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_describe_words),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
