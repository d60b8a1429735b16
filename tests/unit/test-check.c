// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"

static struct checks checks;

static int offer(enum check_kind kind, enum check_source source, const char *name,
		 enum check_file file)
{
	return check_offer(&checks, kind, source, name, file);
}

/* "required:etc:10-a wanted:usr:x(masked)" */
static void assert_checks(const char *want)
{
	static const char *const sources[] = {"usr", "etc", "gb-usr", "gb-etc"};
	char got[1024];
	struct text t;

	text_init(&t, got, sizeof(got));
	for (unsigned int i = 0; i < checks.n; i++) {
		const struct check *c = &checks.check[i];

		text_str(&t, i > 0 ? " " : "");
		text_str(&t, check_kind_name(c->kind));
		text_char(&t, ':');
		text_str(&t, sources[c->source]);
		text_char(&t, ':');
		text_str(&t, c->name);
		text_str(&t, c->masked ? "(masked)" : "");
		text_str(&t, c->by_shell ? "(bash)" : "");
	}
	assert_string_equal(got, want);
}

static int clear(void **state)
{
	(void)state;
	memset(&checks, 0, sizeof(checks));
	return 0;
}

static void test_dirs(void **state)
{
	(void)state;
	assert_string_equal(check_dir(CHECK_REQUIRED, CHECK_USR),
			    "usr/lib/bootassess/check/required.d");
	assert_string_equal(check_dir(CHECK_WANTED, CHECK_GREENBOOT_ETC),
			    "etc/greenboot/check/wanted.d");
	assert_string_equal(check_dir(CHECK_RED, CHECK_GREENBOOT_USR), "usr/lib/greenboot/red.d");
	assert_null(check_dir(CHECK_GREEN, CHECK_ETC));
	assert_string_equal(check_dir(CHECK_RECOVERY, CHECK_ETC), "etc/bootassess/recovery.d");
	assert_null(check_dir(CHECK_RECOVERY, CHECK_GREENBOOT_ETC));
}

static void test_order(void **state)
{
	(void)state;
	assert_int_equal(offer(CHECK_RED, CHECK_GREENBOOT_ETC, "z", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_WANTED, CHECK_USR, "a", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_GREENBOOT_ETC, "10", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_GREENBOOT_USR, "20", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, "20", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "30", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "10", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "1", CHECK_FILE_PROGRAM), 0);
	assert_checks("required:usr:1 required:usr:10 required:etc:20 required:usr:30 "
		      "required:gb-usr:20 required:gb-etc:10 wanted:usr:a red:gb-etc:z");
}

/* Ours: /etc before /usr/lib, whichever was read first. Greenboot's: both. */
static void test_override(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		enum check_source first = i == 0 ? CHECK_USR : CHECK_ETC;
		enum check_source second = i == 0 ? CHECK_ETC : CHECK_USR;

		(void)clear(state);
		assert_int_equal(offer(CHECK_REQUIRED, first, "a", CHECK_FILE_PROGRAM), 0);
		assert_int_equal(offer(CHECK_REQUIRED, second, "a", CHECK_FILE_PROGRAM), 0);
		assert_checks("required:etc:a");
	}
	(void)clear(state);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "a", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, "a", CHECK_FILE_MASK), 0);
	assert_int_equal(offer(CHECK_WANTED, CHECK_ETC, "a", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "b", CHECK_FILE_MASK), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, "b", CHECK_FILE_PROGRAM), 0);
	assert_checks("required:etc:a(masked) required:etc:b wanted:etc:a");
	(void)clear(state);
	assert_int_equal(offer(CHECK_GREEN, CHECK_GREENBOOT_USR, "a", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_GREEN, CHECK_GREENBOOT_ETC, "a", CHECK_FILE_PROGRAM), 0);
	assert_checks("green:gb-usr:a green:gb-etc:a");
}

static void test_no_check(void **state)
{
	static const char *const names[] = {"",		 ".a",	  "a~",		"a.bak",
					    "a.old",	 "a.new", "a.orig",	"a.rpmnew",
					    "a.rpmsave", "a.swp", "a.dpkg-dist"};
	char name[NAME_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, names[i], CHECK_FILE_PROGRAM), 1);
	memset(name, 'a', NAME_SIZE);
	name[NAME_SIZE] = '\0';
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, name, CHECK_FILE_PROGRAM), 1);
	/* what nobody may execute is of no account, so it does not take another one's place */
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, "a", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, "a", CHECK_FILE_PLAIN), 1);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_ETC, "rpm.sh", CHECK_FILE_PROGRAM), 0);
	/* greenboot reads its *.sh by bash, executable or not */
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_GREENBOOT_ETC, "b.sh", CHECK_FILE_PLAIN), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_GREENBOOT_ETC, "c.sh", CHECK_FILE_PROGRAM), 0);
	assert_int_equal(offer(CHECK_REQUIRED, CHECK_GREENBOOT_ETC, "d", CHECK_FILE_PLAIN), 1);
	assert_checks("required:usr:a required:etc:rpm.sh required:gb-etc:b.sh(bash) "
		      "required:gb-etc:c.sh(bash)");
}

static void test_full(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < CHECKS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%04d", CHECKS_MAX - i);
		assert_int_equal(offer(CHECK_WANTED, CHECK_USR, name, CHECK_FILE_PROGRAM), 0);
	}
	assert_false(checks.dropped);
	assert_int_equal(offer(CHECK_WANTED, CHECK_USR, "x", CHECK_FILE_PROGRAM), -ENOSPC);
	assert_true(checks.dropped);
	assert_int_equal(checks.n, CHECKS_MAX);
	assert_string_equal(checks.check[0].name, "0001");
	/* the place of one that is there is free */
	assert_int_equal(offer(CHECK_WANTED, CHECK_ETC, "0001", CHECK_FILE_MASK), 0);
	assert_true(checks.check[0].masked);
}

static bool is_disabled(const char *conf, const char *name)
{
	return check_is_disabled((struct slice){conf, strlen(conf)}, name);
}

static void test_disabled(void **state)
{
	(void)state;
	assert_false(is_disabled("", "a.sh"));
	assert_false(is_disabled("DISABLED_HEALTHCHECKS=()", "a.sh"));
	assert_true(is_disabled("DISABLED_HEALTHCHECKS=(\"a.sh\" 'b.sh' c.sh)\n", "a.sh"));
	assert_true(is_disabled("DISABLED_HEALTHCHECKS=(\"a.sh\" 'b.sh' c.sh)\n", "b.sh"));
	assert_true(is_disabled("DISABLED_HEALTHCHECKS=(\"a.sh\" 'b.sh' c.sh)\n", "c.sh"));
	assert_false(is_disabled("DISABLED_HEALTHCHECKS=(\"a.sh\" 'b.sh' c.sh)\n", "a"));
	assert_true(is_disabled("X=1\r\n  DISABLED_HEALTHCHECKS=(\r\n\"a.sh\"\r\n)\n", "a.sh"));
	assert_false(is_disabled("DISABLED_HEALTHCHECKS=(x)\na.sh\n", "a.sh"));
	assert_false(is_disabled("#DISABLED_HEALTHCHECKS=(a.sh)\n", "a.sh"));
	assert_false(is_disabled("DISABLED_HEALTHCHECKS=(a.sh)\nDISABLED_HEALTHCHECKS=(b.sh)\n",
				 "a.sh"));
	/* a list without end goes on to the end */
	assert_true(is_disabled("DISABLED_HEALTHCHECKS=(b.sh\na.sh", "a.sh"));
	assert_true(is_disabled("DISABLED_HEALTHCHECKS=(a.sh", "a.sh"));
	assert_false(is_disabled("DISABLED_HEALTHCHECKS=(\"", ""));
	/* every cut, for the sanitizers */
	for (size_t len = 0; len < 45; len++)
		(void)check_is_disabled(
			(struct slice){"DISABLED_HEALTHCHECKS=(\"a.sh\" 'b.sh' c.sh)\n", len},
			"c.sh");
}

static void test_line(void **state)
{
	struct check c = {.name = "a"};
	char longer[2 * CHECK_LINE_MAX];

	(void)state;
	check_note_line(&c, "one", 3);
	assert_string_equal(c.line, "one");
	check_note_line(&c, " \t", 2);
	check_note_line(&c, "", 0);
	assert_string_equal(c.line, "one");
	check_note_line(&c, "\ta\033[0m\0b\r", 9);
	assert_string_equal(c.line, "a?[0m?b");
	memset(longer, 'x', sizeof(longer));
	check_note_line(&c, longer, sizeof(longer));
	assert_int_equal(strlen(c.line), CHECK_LINE_MAX - 1);
}

static void test_verdict(void **state)
{
	static const enum check_result bad[] = {CHECK_FAILED, CHECK_KILLED, CHECK_TIMED_OUT,
						CHECK_NO_START};

	(void)state;
	assert_null(check_verdict(&checks));
	(void)offer(CHECK_REQUIRED, CHECK_USR, "a", CHECK_FILE_PROGRAM);
	(void)offer(CHECK_REQUIRED, CHECK_USR, "b", CHECK_FILE_PROGRAM);
	(void)offer(CHECK_REQUIRED, CHECK_USR, "c", CHECK_FILE_PROGRAM);
	(void)offer(CHECK_WANTED, CHECK_USR, "d", CHECK_FILE_PROGRAM);
	assert_null(check_verdict(&checks)); /* nothing was run */
	checks.check[0].result = CHECK_PASSED;
	checks.check[3].result = CHECK_FAILED;
	assert_null(check_verdict(&checks));
	checks.check[2].result = CHECK_FAILED;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		checks.check[1].result = bad[i];
		assert_ptr_equal(check_verdict(&checks), &checks.check[1]);
	}
}

static void test_result(void **state)
{
	static const struct {
		enum check_result result;
		int status;
		const char *want;
	} rows[] = {
		{CHECK_NOT_RUN, 0, "not run"},
		{CHECK_PASSED, 0, "passed"},
		{CHECK_FAILED, 3, "exit status 3"},
		{CHECK_KILLED, 11, "killed by signal 11"},
		{CHECK_TIMED_OUT, 15, "no end within 60 s"},
		{CHECK_NO_START, -ENOENT, "it cannot be started"},
		{CHECK_REPAIRED, 10, "it has repaired the device"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct check c = {.result = rows[i].result, .status = rows[i].status};
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		check_text_result(&c, 60, &t);
		assert_string_equal(buf, rows[i].want);
		assert_int_equal(check_has_failed(&c), i != 0 && i != 1 && i != 6);
	}
}

/* earlier_check in an earlier boot of earlier_id, as the history kept them. */
static bool is_shared(const struct facts *f, const char *check, const char *earlier_check,
		      const char *earlier_id)
{
	struct history_entry e = {.event = "fail"};

	history_set_name(e.booted, sizeof(e.booted), earlier_id);
	history_set_name(e.check, sizeof(e.check), earlier_check);
	return check_is_shared(f, check, &e);
}

/* F11: names that the history cannot keep as they are, and that begin alike. */
static void test_shared_long(void **state)
{
	char id[2][NAME_SIZE], check[2][NAME_SIZE];
	struct facts f = {.ladder.n = 2};

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(id[i], 'i', 120);
		memset(check[i], 'c', 120);
		id[i][120] = check[i][120] = (char)('0' + i);
		id[i][121] = check[i][121] = '\0';
		memcpy(f.ladder.rung[i].id, id[i], 122);
		f.ladder.rung[i].role = ROLE_SYSTEM;
	}
	f.booted.rung = 1;
	assert_true(is_shared(&f, check[0], check[0], id[0]));
	assert_false(is_shared(&f, check[0], check[1], id[0]));
	assert_false(is_shared(&f, check[0], check[0], id[1]));
	memcpy(f.ladder.rung[0].id, "f\xc3\xbcr.conf", 10);
	assert_true(is_shared(&f, "10-net", "10-net", "f\xc3\xbcr.conf"));
}

/* F11 */
static void test_shared(void **state)
{
	static struct facts f;
	static const char *const ids[] = {"active.conf", "passive.conf", "recovery.conf"};

	(void)state;
	f.ladder.n = 3;
	for (unsigned int i = 0; i < 3; i++) {
		memcpy(f.ladder.rung[i].id, ids[i], strlen(ids[i]) + 1);
		f.ladder.rung[i].role = i < 2 ? ROLE_SYSTEM : ROLE_RECOVERY;
	}
	f.booted.rung = 1;
	assert_true(is_shared(&f, "10-net", "10-net", "Active.conf"));
	assert_false(is_shared(&f, "10-net", "20-app", "active.conf"));
	assert_false(is_shared(&f, "", "", "active.conf"));
	assert_false(is_shared(&f, "10-net", "10-net", "passive.conf"));
	assert_false(is_shared(&f, "10-net", "10-net", "recovery.conf"));
	assert_false(is_shared(&f, "10-net", "10-net", "gone.conf"));
	f.booted.rung = 2;
	assert_false(is_shared(&f, "10-net", "10-net", "active.conf"));
	f.booted.rung = -1;
	assert_false(is_shared(&f, "10-net", "10-net", "active.conf"));
}

/* Every other slot that could be started has failed it, and there is one. */
static void test_fault_shared(void **state)
{
	static struct facts f;

	(void)state;
	f.ladder.n = 4;
	f.ladder.rung[3].role = ROLE_RECOVERY;
	f.booted.rung = 1;
	assert_false(check_is_fault_shared(&f, 0));
	assert_false(check_is_fault_shared(&f, 1u << 0)); /* the third one has yet to try */
	assert_true(check_is_fault_shared(&f, 1u << 0 | 1u << 2));
	f.ladder.rung[2].counter = counter_make(0, 4); /* or cannot */
	assert_true(check_is_fault_shared(&f, 1u << 0));
	f.ladder.rung[2].counter = counter_make(1, 2);
	assert_false(check_is_fault_shared(&f, 1u << 0));
	f.ladder.rung[2].broken = true;
	assert_true(check_is_fault_shared(&f, 1u << 0));
}

/* What the boot deadline has to leave to the checks. */
static void test_longest(void **state)
{
	struct config c;
	int i;

	(void)state;
	config_defaults(&c); /* 3 attempts of 60 s and 5 s to be killed, two pauses of 5 s: 205 s */
	assert_int_equal(check_longest_s(&checks, &c), 0);
	c.settle_s = 100;
	assert_int_equal(check_longest_s(&checks, &c), 0); /* nothing is waited for */
	c.settle_s = 0;
	for (i = 0; i < 3; i++) {
		char name[] = {(char)('a' + i), '\0'};

		assert_int_equal(offer(CHECK_REQUIRED, CHECK_USR, name, CHECK_FILE_PROGRAM), 0);
	}
	assert_int_equal(check_longest_s(&checks, &c), 3 * 205);
	c.parallel = 2;
	assert_int_equal(check_longest_s(&checks, &c), 2 * 205);
	c.settle_s = 100;
	assert_int_equal(check_longest_s(&checks, &c), 4 * 205 + 100);
	(void)offer(CHECK_WANTED, CHECK_ETC, "masked", CHECK_FILE_MASK);
	(void)offer(CHECK_WANTED, CHECK_ETC, "masked-too", CHECK_FILE_MASK);
	(void)offer(CHECK_WANTED, CHECK_ETC, "w", CHECK_FILE_PROGRAM);
	assert_int_equal(check_longest_s(&checks, &c), 5 * 205 + 100); /* not again at the end */
	(void)offer(CHECK_GREEN, CHECK_GREENBOOT_ETC, "g", CHECK_FILE_PROGRAM);
	(void)offer(CHECK_RED, CHECK_GREENBOOT_ETC, "r1", CHECK_FILE_PROGRAM);
	(void)offer(CHECK_RED, CHECK_GREENBOOT_ETC, "r2", CHECK_FILE_PROGRAM);
	assert_int_equal(check_longest_s(&checks, &c), 5 * 205 + 100 + 2 * 65); /* once each */
	c.check_timeout_s = 2; /* as long again to be killed */
	assert_int_equal(check_longest_s(&checks, &c), 5 * 22 + 100 + 2 * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirs),
		cmocka_unit_test_setup(test_order, clear),
		cmocka_unit_test_setup(test_override, clear),
		cmocka_unit_test_setup(test_no_check, clear),
		cmocka_unit_test_setup(test_full, clear),
		cmocka_unit_test(test_disabled),
		cmocka_unit_test(test_line),
		cmocka_unit_test_setup(test_verdict, clear),
		cmocka_unit_test_setup(test_longest, clear),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_shared_long),
		cmocka_unit_test(test_fault_shared),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
