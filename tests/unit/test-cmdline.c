// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cmdline.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

static void parse(const char *text, struct cmdline *ret, const char *expected_invalid)
{
	struct slice invalid;

	cmdline_parse(text, strlen(text), ret, &invalid);
	CHECK(text, invalid.len == strlen(expected_invalid));
	CHECK(text, invalid.len == 0 || memcmp(invalid.s, expected_invalid, invalid.len) == 0);
}

static void test_flags(void **state)
{
	static const struct {
		const char *text;
		bool disabled, debug, dry_run, person;
		const char *invalid;
	} vectors[] = {
		{"", 0, 0, 0, 0, ""},
		{"root=/dev/sda1 ro quiet\n", 0, 0, 0, 0, ""},
		{"bootassess=0", 1, 0, 0, 0, ""},
		{"bootassess=no", 1, 0, 0, 0, ""},
		{"bootassess=Off", 1, 0, 0, 0, ""},
		{"bootassess=false", 1, 0, 0, 0, ""},
		{"bootassess=1", 0, 0, 0, 0, ""},
		{"bootassess", 0, 0, 0, 0, ""},
		{"bootassess=0 bootassess=1", 0, 0, 0, 0, ""},
		{"bootassess=1 bootassess=0", 1, 0, 0, 0, ""},
		{"bootassess=0 bootassess=2", 1, 0, 0, 0, "bootassess=2"},
		{"bootassess=", 0, 0, 0, 0, "bootassess="},
		{"xbootassess=0 bootassessx=0", 0, 0, 0, 0, ""},
		{"bootassess.debug", 0, 1, 0, 0, ""},
		{"bootassess.debug=0", 0, 0, 0, 0, ""},
		{"bootassess.debug=yes", 0, 1, 0, 0, ""},
		{"rd.bootassess.dry_run", 0, 0, 1, 0, ""},
		{"rd.bootassess.dry-run=1", 0, 0, 1, 0, ""},
		{"bootassess.dry_run", 0, 0, 0, 0, ""},
		{"rd.break", 0, 0, 0, 1, ""},
		{"rd.break=pre-mount", 0, 0, 0, 1, ""},
		{"break", 0, 0, 0, 1, ""},
		{"break=premount", 0, 0, 0, 1, ""},
		{"rd.shell", 0, 0, 0, 1, ""},
		{"rd.shell=1", 0, 0, 0, 1, ""},
		{"rd.shell=0", 0, 0, 0, 0, ""},
		{"rd.shell rd.shell=0", 0, 0, 0, 0, ""},
		{"rd.break rd.shell=0", 0, 0, 0, 1, ""},
		{"rd.shellx rd.breakx xbreak", 0, 0, 0, 0, ""},
		/* Words end at any white space, and only there. */
		{" \t bootassess.debug\trd.break\n", 0, 1, 0, 1, ""},
		{"\"bootassess.debug\"", 0, 1, 0, 0, ""},
		{"bootassess=\"0\"", 1, 0, 0, 0, ""},
		{"\"bootassess=0", 1, 0, 0, 0, ""},
		{"x=\"a rd.break b\"", 0, 0, 0, 0, ""},
		{"\"x rd.break\"", 0, 0, 0, 0, ""},
		{"x=\"a\" rd.break", 0, 0, 0, 1, ""},
		{"\"", 0, 0, 0, 0, ""},
		{"\"\" = =x", 0, 0, 0, 0, ""},
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *text = vectors[i].text;

		memset(&c, 0xff, sizeof(c));
		parse(text, &c, vectors[i].invalid);
		CHECK(text, c.disabled == vectors[i].disabled);
		CHECK(text, c.debug == vectors[i].debug);
		CHECK(text, c.dry_run == vectors[i].dry_run);
		CHECK(text, c.person == vectors[i].person);
		CHECK(text, !c.has_deadline && c.deadline_s == 0 && c.txn == 0);
		CHECK(text, !c.slot[0] && !c.booted[0] && !c.esp[0]);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool has_deadline;
		unsigned long deadline_s, txn;
		const char *invalid;
	} vectors[] = {
		{"rd.bootassess.deadline=0", true, 0, 0, ""},
		{"rd.bootassess.deadline=180", true, 180, 0, ""},
		{"rd.bootassess.deadline=86400", true, 86400, 0, ""},
		{"rd.bootassess.deadline=86401", false, 0, 0, "rd.bootassess.deadline=86401"},
		{"rd.bootassess.deadline=", false, 0, 0, "rd.bootassess.deadline="},
		{"rd.bootassess.deadline", false, 0, 0, "rd.bootassess.deadline"},
		{"rd.bootassess.deadline=60 rd.bootassess.deadline=1x", true, 60, 0,
		 "rd.bootassess.deadline=1x"},
		{"rd.bootassess.deadline=60 rd.bootassess.deadline=5", true, 5, 0, ""},
		{"bootassess.txn=1", false, 0, 1, ""},
		{"bootassess.txn=4294967295", false, 0, 4294967295, ""},
		{"bootassess.txn=4294967296", false, 0, 0, "bootassess.txn=4294967296"},
		{"bootassess.txn=7 bootassess.txn=0", false, 0, 7, "bootassess.txn=0"},
		{"bootassess.txn=-1", false, 0, 0, "bootassess.txn=-1"},
		{"bootassess.txn", false, 0, 0, "bootassess.txn"},
		/* The last word that is no good is told. */
		{"bootassess.txn=x bootassess=x rd.break", false, 0, 0, "bootassess=x"},
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *text = vectors[i].text;

		parse(text, &c, vectors[i].invalid);
		CHECK(text, c.has_deadline == vectors[i].has_deadline);
		CHECK(text, c.deadline_s == vectors[i].deadline_s);
		CHECK(text, c.txn == vectors[i].txn);
	}
}

static void test_ids(void **state)
{
	static const struct {
		const char *text, *slot, *booted, *invalid;
	} vectors[] = {
		{"bootassess.slot=active.conf", "active.conf", "", ""},
		{"bootassess.slot=Foo.EFI", "Foo.EFI", "", ""},
		{"bootassess.slot=active", "active", "", ""},
		{"bootassess.booted=active", "", "", "bootassess.booted=active"},
		{"bootassess.slot=\"active.conf\"", "active.conf", "", ""},
		{"\"bootassess.slot=active.conf\"", "active.conf", "", ""},
		{"bootassess.slot=a.conf bootassess.slot=b.conf", "b.conf", "", ""},
		{"bootassess.slot=a.conf bootassess.slot=..", "a.conf", "", "bootassess.slot=.."},
		{"bootassess.slot=\"a b.conf\"", "", "", "bootassess.slot=\"a b.conf\""},
		{"bootassess.slot=a/b.conf", "", "", "bootassess.slot=a/b.conf"},
		{"bootassess.slot=", "", "", "bootassess.slot="},
		{"bootassess.slot", "", "", "bootassess.slot"},
		{"bootassess.booted=p.conf bootassess.slot=a.conf", "a.conf", "p.conf", ""},
		{"rd.bootassess.slot=a.conf", "", "", ""},
	};
	char text[400];
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		parse(vectors[i].text, &c, vectors[i].invalid);
		assert_string_equal(c.slot, vectors[i].slot);
		assert_string_equal(c.booted, vectors[i].booted);
	}

	memset(text, 'x', sizeof(text));
	memcpy(text, "bootassess.slot=", 16);
	memcpy(text + 16 + 250, ".conf", 6);
	parse(text, &c, "");
	assert_int_equal(strlen(c.slot), 255);
	memcpy(text + 16 + 250, "x.conf", 7);
	parse(text, &c, text);
	assert_string_equal(c.slot, "");
}

static void test_esp(void **state)
{
	struct cmdline c;

	(void)state;
	parse("rd.bootassess.esp=PARTUUID=C12A7328-F81F-11D2-BA4B-00A0C93EC93B", &c, "");
	assert_string_equal(c.esp, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	parse("rd.bootassess.esp=1234abcd-01", &c, "");
	assert_string_equal(c.esp, "1234abcd-01");
	parse("rd.bootassess.esp=/dev/sda1", &c, "rd.bootassess.esp=/dev/sda1");
	assert_string_equal(c.esp, "");
}

static void test_bytes(void **state)
{
	static const char text[] = "a\0bootassess.debug\0\0rd.break\0";
	struct cmdline c;

	(void)state;
	cmdline_parse(text, sizeof(text) - 1, &c, NULL);
	assert_true(c.debug);
	assert_true(c.person);
	/* Nothing behind len is read. */
	cmdline_parse("bootassess=01", 12, &c, NULL);
	assert_true(c.disabled);
	cmdline_parse(NULL, 0, &c, NULL);
	assert_false(c.disabled);
}

/* Who wants a shell of the running system; the last word counts. */
static void test_rescue(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{"", false},
		{"quiet systemd.unit=rescue.target", true},
		{"systemd.unit=emergency.target quiet", true},
		{"systemd.unit=\"emergency.target\"", true},
		{"systemd.unit=multi-user.target", false},
		{"systemd.unit=rescue.target systemd.unit=multi-user.target", false},
		{"systemd.unit=rescue.target systemd.unit", true},
		{"rd.systemd.unit=rescue.target", false},
		{"rescue", true},
		{"emergency", true},
		{"single", true},
		{"s", true},
		{"S", true},
		{"1", true},
		{"-b", true},
		{"1 5", false},
		{"3 single", true},
		{"single=1 rescue= x=1 s1 11 \"x single\"", false},
		{"root=/dev/s emergency.x rescue.target", false},
		{"rd.break", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cmdline c;

		cmdline_parse(rows[i].text, strlen(rows[i].text), &c, NULL);
		if (c.rescue != rows[i].want)
			fail_msg("\"%s\": rescue is %d", rows[i].text, c.rescue);
		assert_true(!c.person || strcmp(rows[i].text, "rd.break") == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rescue),	cmocka_unit_test(test_flags),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_ids),
		cmocka_unit_test(test_esp),	cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
