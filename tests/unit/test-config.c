// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

/* The warnings of one text, as `LINE: PHRASE` lines. */
static char warnings[4096];

static void remember(void *data, unsigned int line, const char *what)
{
	size_t len = strlen(warnings);

	assert_ptr_equal(data, warnings);
	snprintf(warnings + len, sizeof(warnings) - len, "%u: %s\n", line, what);
}

/* Without padding, so that memcmp() sees only what config.c set. */
static void defaults(struct config *c)
{
	memset(c, 0, sizeof(*c));
	config_defaults(c);
}

static void parse(struct config *c, const char *text)
{
	warnings[0] = '\0';
	config_parse(c, text, strlen(text), remember, warnings);
}

static void test_defaults(void **state)
{
	struct config c;

	(void)state;
	memset(&c, 0xff, sizeof(c));
	config_defaults(&c);
	assert_string_equal(c.system, "active passive");
	assert_string_equal(c.recovery, "recovery");
	assert_string_equal(c.reset, "");
	assert_int_equal(c.tries, 3);
	assert_int_equal(c.recovery_tries, 3);
	assert_int_equal(c.reset_tries, 2);
	assert_false(c.count_good);
	assert_int_equal(c.hold, HOLD_RETRY);
	assert_int_equal(c.hold_delay_s, 3600);
	assert_int_equal(c.methods, METHOD_KEXEC | METHOD_FIRMWARE);
	assert_int_equal(c.max_hops, 1);
	assert_string_equal(c.kexec_append, "");
	assert_string_equal(c.slot_token, "");
	assert_int_equal(c.on_failure, ON_FAILURE_RETRY);
	assert_false(c.secure_boot_kexec);
	assert_false(c.kexec_without_watchdog);
	assert_int_equal(c.esp_timeout_s, 20);
	assert_int_equal(c.deadline_s, 180);
	assert_string_equal(c.esp, "");
	assert_int_equal(c.watchdog_s, 0);
	assert_string_equal(c.watchdog_module, "");
	assert_int_equal(c.boot_deadline_s, 600);
	assert_int_equal(c.recovery_deadline_s, 86400);
	assert_int_equal(c.refund_reboots, 3);
	assert_int_equal(c.recovery_timeout_s, 600);
	assert_int_equal(c.recovery_repeat_s, 900);
	assert_int_equal(c.reset_method, RESET_ENTRY);
	assert_string_equal(c.reset_wipe, "");
	assert_string_equal(c.reset_hook, "");
	assert_int_equal(c.reset_timeout_s, 600);
}

/* Every default is a value that the parser takes, and gives what config_defaults() gave. */
static void test_describe(void **state)
{
	const char *section, *key, *value;
	struct config c, d;
	unsigned int i;
	char text[512];

	(void)state;
	defaults(&d);
	for (i = 0; config_describe(i, &section, &key, &value); i++) {
		defaults(&c);
		snprintf(text, sizeof(text), "[%s]\n%s=%s\n", section, key, value);
		parse(&c, text);
		assert_string_equal(warnings, "");
		assert_memory_equal(&c, &d, sizeof(c));
	}
	assert_int_equal(i, 41);
	assert_false(config_describe(~0u, &section, &key, &value));
}

static void test_all(void **state)
{
	static const char text[] =
		"# bootassess.conf\n"
		"[Ladder]\r\n"
		"System = a* b \r\n"
		"\tRecovery=\n"
		"Reset=wipe\n"
		"; a comment\n"
		"Tries=1\nRecoveryTries=8\nResetTries=5\nRefundReboots=9\n"
		"CountGood=YES\nHold=poweroff\nHoldDelaySec=1h 30min\n"
		"[Switch]\n"
		"Method=firmware\nMaxHops=0\nKexecAppend=nomodeset a=\"b c\" # x\n"
		"SlotToken=SLOT-X\n"
		"OnFailure=next\nSecureBootKexec=on\nKexecWithoutWatchdog=1\n"
		"\n[Initrd]\n"
		"EspTimeoutSec=0\nDeadlineSec=0\n"
		"ESP=PARTUUID=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n"
		"[Watchdog]\n"
		"Watchdog=1min\nWatchdogModule=wdat_wdt iTCO_wdt\n"
		"BootDeadlineSec=off\nRecoveryDeadlineSec=60\n"
		"[Check]\nCheckTimeoutSec=2min\nCheckRetries=0\nCheckRetryDelaySec=1\n"
		"SettleSec=1h\nParallel=16\nSharedFault=continue\n"
		"[Recovery]\nRecoveryTimeoutSec=1h\nRecoveryRepeatSec=off\n"
		"[Reset]\nResetMethod=wipe\nResetWipe=data var\nResetHook=/usr/bin/make-data\n"
		"ResetTimeoutSec=1d\n"
		"[Ladder]\n"
		"Tries=2";
	struct config c;

	(void)state;
	defaults(&c);
	parse(&c, text);
	assert_string_equal(warnings, "");
	assert_string_equal(c.system, "a* b");
	assert_string_equal(c.recovery, "");
	assert_string_equal(c.reset, "wipe");
	assert_int_equal(c.tries, 2);
	assert_int_equal(c.recovery_tries, 8);
	assert_int_equal(c.reset_tries, 5);
	assert_true(c.count_good);
	assert_int_equal(c.hold, HOLD_POWEROFF);
	assert_int_equal(c.hold_delay_s, 5400);
	assert_int_equal(c.methods, METHOD_FIRMWARE);
	assert_int_equal(c.max_hops, 0);
	assert_string_equal(c.slot_token, "SLOT-X");
	assert_string_equal(c.kexec_append, "nomodeset a=\"b c\" # x");
	assert_int_equal(c.on_failure, ON_FAILURE_NEXT);
	assert_true(c.secure_boot_kexec);
	assert_true(c.kexec_without_watchdog);
	assert_int_equal(c.esp_timeout_s, 0);
	assert_int_equal(c.deadline_s, 0);
	assert_int_equal(c.check_timeout_s, 120);
	assert_int_equal(c.check_retries, 0);
	assert_int_equal(c.check_retry_delay_s, 1);
	assert_int_equal(c.settle_s, 3600);
	assert_int_equal(c.parallel, 16);
	assert_int_equal(c.shared_fault, SHARED_FAULT_CONTINUE);
	assert_string_equal(c.esp, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	assert_int_equal(c.watchdog_s, 60);
	assert_string_equal(c.watchdog_module, "wdat_wdt iTCO_wdt");
	assert_int_equal(c.boot_deadline_s, 0);
	assert_int_equal(c.recovery_deadline_s, 60);
	assert_int_equal(c.refund_reboots, 9);
	assert_int_equal(c.recovery_timeout_s, 3600);
	assert_int_equal(c.recovery_repeat_s, 0);
	assert_int_equal(c.reset_method, RESET_WIPE);
	assert_string_equal(c.reset_wipe, "data var");
	assert_string_equal(c.reset_hook, "/usr/bin/make-data");
	assert_int_equal(c.reset_timeout_s, 86400);
}

static void test_words(void **state)
{
	static const char *const words[] = {"retry", "stay", "poweroff", "halt"};
	static const int values[] = {HOLD_RETRY, HOLD_STAY, HOLD_POWEROFF, HOLD_HALT};
	struct config c;
	char text[64];

	(void)state;
	for (size_t i = 0; i < N(words); i++) {
		snprintf(text, sizeof(text), "[Ladder]\nHold=%s\n", words[i]);
		parse(&c, text);
		assert_string_equal(warnings, "");
		assert_int_equal(c.hold, values[i]);
	}
	parse(&c, "[Switch]\nMethod=firmware  kexec\tkexec\n");
	assert_int_equal(c.methods, METHOD_KEXEC | METHOD_FIRMWARE);
	parse(&c, "[Switch]\nMethod=kexec\n");
	assert_int_equal(c.methods, METHOD_KEXEC);
	parse(&c, "[Switch]\nOnFailure=retry\n");
	assert_int_equal(c.on_failure, ON_FAILURE_RETRY);
}

static void test_spans(void **state)
{
	static const struct {
		const char *value;
		unsigned long seconds; /* 0 = refused */
	} vectors[] = {
		{"1", 1},
		{"90", 90},
		{"90s", 90},
		{"90 sec", 90},
		{"2m", 120},
		{"2min", 120},
		{"1h", 3600},
		{"24h", 86400},
		{"1d", 86400},
		{"1h 30min", 5400},
		{"1h30min5", 5405},
		{"1m 1m", 120},
		{"0h 5s", 5},
		{"0", 0},
		{"86401", 0},
		{"2d", 0},
		{"1d 1s", 0},
		{"99999999999999999999d", 0},
		{"18446744073709551615 2", 0},
		{"99999999999999999999d 1s", 0},
		{"213503982334602d", 0},
		{"", 0},
		{"h", 0},
		{"1x", 0},
		{"1H", 0},
		{"1.5h", 0},
		{"-1", 0},
		{"1h # an hour", 0},
	};
	struct config c;
	char text[64];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		unsigned long expected = vectors[i].seconds ? vectors[i].seconds : 4711;

		defaults(&c);
		c.hold_delay_s = 4711;
		snprintf(text, sizeof(text), "[Ladder]\nHoldDelaySec=%s", vectors[i].value);
		parse(&c, text);
		CHECK(vectors[i].value, c.hold_delay_s == expected);
		CHECK(vectors[i].value, (warnings[0] != '\0') == (vectors[i].seconds == 0));
	}
}

/* What a bad line changes: nothing. What it says: all of it. */
static void test_warnings(void **state)
{
	static const struct {
		const char *text, *warnings;
	} vectors[] = {
		{"[Ladder]\nTires=3\n", "2: unknown key \"Tires\" in section [Ladder], ignoring\n"},
		{"[Ladder]\ntries=4\n", "2: unknown key \"tries\" in section [Ladder], ignoring\n"},
		{"[Ladder]\nESP=x\n",
		 "2: unknown key \"ESP\" in section [Ladder] (it belongs to [Initrd]), ignoring\n"},
		{"[Ladder]\nTries=9\nTries=0\n",
		 "2: Tries=\"9\" is out of range, allowed is 1 to 8, ignoring\n"
		 "3: Tries=\"0\" is out of range, allowed is 1 to 8, ignoring\n"},
		{"[Ladder]\nTries=3 # three\n",
		 "2: Tries=\"3 # three\" is not understood, allowed is 1 to 8, ignoring\n"},
		{"[Ladder]\nTries=\n",
		 "2: Tries=\"\" is not understood, allowed is 1 to 8, ignoring\n"},
		{"[Ladder]\nHold=wait\n",
		 "2: Hold=\"wait\" is not understood, allowed is one of retry, stay, poweroff, "
		 "halt, ignoring\n"},
		{"[Ladder]\nCountGood=maybe\n",
		 "2: CountGood=\"maybe\" is not understood, allowed is yes or no, ignoring\n"},
		{"[Ladder]\nHoldDelaySec=soon\n",
		 "2: HoldDelaySec=\"soon\" is not understood, allowed is 1 to 86400 seconds, or "
		 "with units like \"1h 30min\", ignoring\n"},
		{"[Switch]\nMethod=kexec order\nMethod=\n",
		 "2: Method=\"kexec order\" is not understood, allowed is one or more of kexec, "
		 "firmware, ignoring\n"
		 "3: Method=\"\" is not understood, allowed is one or more of kexec, firmware, "
		 "ignoring\n"},
		{"[Switch]\nMaxHops=2\n",
		 "2: MaxHops=\"2\" is out of range, allowed is 0 to 1, ignoring\n"},
		{"[Initrd]\nDeadlineSec=9\nDeadlineSec=86401\n",
		 "2: DeadlineSec=\"9\" is out of range, allowed is 0 or 10 to 86400 seconds, "
		 "ignoring\n"
		 "3: DeadlineSec=\"86401\" is out of range, allowed is 0 or 10 to 86400 seconds, "
		 "ignoring\n"},
		{"[Initrd]\nEspTimeoutSec=601\n",
		 "2: EspTimeoutSec=\"601\" is out of range, allowed is 0 to 600 seconds, "
		 "ignoring\n"},
		{"[Initrd]\nESP=/dev/sda1\n",
		 "2: ESP=\"/dev/sda1\" is not understood, allowed is a PARTUUID like "
		 "c12a7328-f81f-11d2-ba4b-00a0c93ec93b, ignoring\n"},
		/* F14: what is shorter than any initramfs. `off` is a word of spans with 0 only. */
		{"[Watchdog]\nWatchdog=4\nBootDeadlineSec=59\nRecoveryDeadlineSec=2d\n",
		 "2: Watchdog=\"4\" is out of range, allowed is 0 or 5 to 86400 seconds, ignoring\n"
		 "3: BootDeadlineSec=\"59\" is out of range, allowed is 0 or 60 to 86400 seconds, "
		 "ignoring\n"
		 "4: RecoveryDeadlineSec=\"2d\" is out of range, allowed is 0 or 60 to 86400 "
		 "seconds, ignoring\n"},
		{"[Ladder]\nHoldDelaySec=off\n[Watchdog]\nWatchdog=Off\n",
		 "2: HoldDelaySec=\"off\" is not understood, allowed is 1 to 86400 seconds, or "
		 "with "
		 "units like \"1h 30min\", ignoring\n"
		 "4: Watchdog=\"Off\" is not understood, allowed is 0 or 5 to 86400 seconds, or "
		 "with units like \"1h 30min\", ignoring\n"},
		{"Tries=4\n[Ladder]\nwhat\n\x1b[31m\xff\n",
		 "1: key \"Tries\" before any section, ignoring\n"
		 "3: line without \"=\": \"what\", ignoring\n"
		 "4: line without \"=\": \"?[31m?\", ignoring\n"},
		{"[Lader]\nTries=4\nwhat\n[ladder]\nTries=4\n",
		 "1: unknown section \"Lader\" and its keys, ignoring\n"
		 "4: unknown section \"ladder\" and its keys, ignoring\n"},
		{"[Ladder\nTries=4\n[\nTries=4\n[]\n",
		 "1: section line \"[Ladder\" does not end with \"]\", ignoring\n"
		 "3: section line \"[\" does not end with \"]\", ignoring\n"
		 "5: unknown section \"\" and its keys, ignoring\n"},
		{"[Ladder]\n=3\n", "2: unknown key \"\" in section [Ladder], ignoring\n"},
		{"[Ladder]\n"
		 "Tries=1234567890123456789012345678901234567890123456789012345678901\n",
		 "2: Tries=\"123456789012345678901234567890123456789012345678901234567890...\" "
		 "is out of range, allowed is 1 to 8, ignoring\n"},
		{"\n\r\n# x\n;y\n  # z\n", ""},
		{"", ""},
	};
	struct config c, d;

	(void)state;
	defaults(&d);
	for (size_t i = 0; i < N(vectors); i++) {
		defaults(&c);
		parse(&c, vectors[i].text);
		assert_string_equal(warnings, vectors[i].warnings);
		assert_memory_equal(&c, &d, sizeof(c));
		config_parse(&c, vectors[i].text, strlen(vectors[i].text), NULL, NULL);
		assert_memory_equal(&c, &d, sizeof(c));
	}
}

static void test_long(void **state)
{
	char text[CONFIG_PATTERNS_SIZE + 64] = "[Ladder]\nSystem=";
	size_t at = strlen(text);
	struct config c;

	(void)state;
	defaults(&c);
	memset(text + at, 'x', CONFIG_PATTERNS_SIZE);
	parse(&c, text);
	assert_string_equal(warnings, "2: System= is too long, at most 511 bytes are allowed, "
				      "ignoring\n");
	assert_string_equal(c.system, "active passive");
	text[at + CONFIG_PATTERNS_SIZE - 1] = '\0';
	parse(&c, text);
	assert_string_equal(warnings, "");
	assert_int_equal(strlen(c.system), CONFIG_PATTERNS_SIZE - 1);
}

static void test_nul(void **state)
{
	static const char text[] = "[Ladder]\nSystem=a\0b\nTries=4\n";
	struct config c;

	(void)state;
	defaults(&c);
	warnings[0] = '\0';
	config_parse(&c, text, sizeof(text) - 1, remember, warnings);
	assert_string_equal(warnings, "2: System=\"a?b\" is not understood, allowed is text "
				      "without NUL bytes, ignoring\n");
	assert_string_equal(c.system, "active passive");
	assert_int_equal(c.tries, 4);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) > 0);
	assert_int_equal(fclose(file), 0);
	return text;
}

/* The manual and the commented file name every key of the table, with its default. */
static void test_documents(void **state)
{
	const char *section, *key, *value;
	char *manual = read_file("src/man/bootassess.conf.5.scd");
	char *example = read_file("src/bootassess.conf");
	char line[256];

	(void)state;
	for (unsigned int i = 0; config_describe(i, &section, &key, &value); i++) {
		(void)snprintf(line, sizeof(line), "*%s=*", key);
		if (!strstr(manual, line))
			fail_msg("bootassess.conf(5) does not describe %s", line);
		(void)snprintf(line, sizeof(line), "\n#%s=%s\n", key, value);
		if (!strstr(example, line))
			fail_msg("src/bootassess.conf has no line %s", line);
	}
	free(manual);
	free(example);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents), cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_describe),  cmocka_unit_test(test_all),
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_spans),
		cmocka_unit_test(test_warnings),  cmocka_unit_test(test_long),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
