// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "cmdline.h"
#include "kcmdline.h"
#include "mutate.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                    \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("\"%s\": %s", what, #condition); \
	} while (0)

#define IDENTITY                                       \
	"bootassess.booted=passive.conf "              \
	"bootassess.txn=7 systemd.mask=systemd-bless-" \
	"boot.service"
#define OURS "panic=30 " IDENTITY

static int compose(struct kcmdline k, const char *base, size_t len, char buf[KCMDLINE_SIZE],
		   const char **ret_what)
{
	uint8_t *copy = copy_of((const uint8_t *)base, len);
	int r;

	k.base = (struct slice){(const char *)copy, len};
	k.id = k.id ? k.id : "passive.conf";
	k.append = k.append ? k.append : "";
	k.token = k.token ? k.token : "";
	k.max = k.max ? k.max : 2047;
	k.txn = 7;
	memset(buf, '~', KCMDLINE_SIZE);
	*ret_what = NULL;
	r = kcmdline_compose(&k, buf, ret_what);
	free(copy);
	return r;
}

static void test_compose(void **state)
{
	static const struct {
		const char *base, *append, *token, *expected;
	} vectors[] = {
		{"", 0, 0, OURS},
		{"  ", 0, 0, OURS},
		{"root=/dev/sda2 ro", 0, 0, "root=/dev/sda2 ro " OURS},
		{"ro \t\r\n \n", 0, 0, "ro " OURS},
		{"ro\tquiet", 0, 0, "ro\tquiet " OURS},
		{"ro \xc3\xa4", 0, 0, "ro \xc3\xa4 " OURS},
		/* panic= as a word of its own */
		{"panic=5 ro", 0, 0, "panic=5 ro " IDENTITY},
		{"ro panic=5", 0, 0, "ro panic=5 " IDENTITY},
		{"ro\tpanic=", 0, 0, "ro\tpanic= " IDENTITY},
		{"\"panic=5\"", 0, 0, "\"panic=5\" " IDENTITY},
		{"oops=panic", 0, 0, "oops=panic " OURS},
		{"x.panic=1", 0, 0, "x.panic=1 " OURS},
		{"panic", 0, 0, "panic " OURS},
		{"a=\"b panic=1\"", 0, 0, "a=\"b panic=1\" " OURS},
		/* KexecAppend= */
		{"ro", "nomodeset a=\"b c\"", 0, "ro panic=30 nomodeset a=\"b c\" " IDENTITY},
		{"", "nomodeset", 0, "panic=30 nomodeset " IDENTITY},
		/* `--` ends the options of the kernel. */
		{"ro -- single", 0, 0, "ro " OURS " -- single"},
		{"ro --", "x", 0, "ro panic=30 x " IDENTITY " --"},
		{"-- a -- b", 0, 0, OURS " -- a -- b"},
		{"ro \"--\" a", 0, 0, "ro " OURS " \"--\" a"},
		{"ro -- panic=5", 0, 0, "ro " OURS " -- panic=5"},
		{"panic=5 \t -- x", 0, 0, "panic=5 " IDENTITY " -- x"},
		{"ro --x x--", 0, 0, "ro --x x-- " OURS},
		{"a=\"b -- c\" d", 0, 0, "a=\"b -- c\" d " OURS},
		/* SlotToken= */
		{"root=SYSTEM-X ro", 0, "SYSTEM-X", "root=passive ro " OURS},
		{"SLOT", 0, "SLOT", "passive " OURS},
		{"ro x=@", 0, "@", "ro x=passive " OURS},
		{"ro", 0, "@", "ro " OURS},
		{"ro -- @", 0, "@", "ro " OURS " -- passive"},
		{"ro slot", 0, "SLOT", "ro slot " OURS},
		{"ro", "@", "@", "ro panic=30 @ " IDENTITY},
		{"@=5", 0, "@", "passive=5 " OURS},
		/* Words that only look like ours. */
		{"xbootassess.txn=5", 0, 0, "xbootassess.txn=5 " OURS},
		{"bootassess.debug", 0, 0, "bootassess.debug " OURS},
		{"a=\"b bootassess.txn=5\"", 0, 0, "a=\"b bootassess.txn=5\" " OURS},
	};
	char buf[KCMDLINE_SIZE];
	const char *what;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *base = vectors[i].base;
		struct kcmdline k = {.append = vectors[i].append, .token = vectors[i].token};
		struct cmdline c;

		CHECK(base, compose(k, base, strlen(base), buf, &what) == 0);
		assert_string_equal(buf, vectors[i].expected);
		CHECK(base, !what);
		cmdline_parse(buf, strlen(buf), &c, NULL);
		CHECK(base, strcmp(c.booted, "passive.conf") == 0 && c.txn == 7);
	}
	/* A UKI's .cmdline may be filled with NULs. */
	assert_int_equal(compose((struct kcmdline){0}, "ro\n\0\0", 5, buf, &what), 0);
	assert_string_equal(buf, "ro " OURS);
	assert_int_equal(
		compose((struct kcmdline){.id = "a.b.efi", .token = "@"}, "@", 1, buf, &what), 0);
	assert_string_equal(buf, "a.b panic=30 bootassess.booted=a.b.efi bootassess.txn=7 "
				 "systemd.mask=systemd-bless-boot.service");
}

static void test_verbatim(void **state)
{
	struct kcmdline k = {.is_verbatim = true, .append = "nomodeset", .token = "SLOT"};
	char buf[KCMDLINE_SIZE];
	const char *what;

	(void)state;
	assert_int_equal(compose(k, " ro  -- x \n", 11, buf, &what), 0);
	assert_string_equal(buf, " ro  -- x");
	assert_int_equal(compose(k, "", 0, buf, &what), 0);
	assert_string_equal(buf, "");
}

static void test_refused(void **state)
{
	static const struct {
		const char *base, *append, *token;
		bool is_verbatim;
	} vectors[] = {
		{"a\nb", 0, 0, false},
		{"a\rb", 0, 0, false},
		{"a\x1b[2J", 0, 0, false},
		{"a\x01", 0, 0, false},
		{"a\x7f", 0, 0, false},
		{"a\nb", 0, 0, true},
		{"\"a", 0, 0, false},
		{"a=\"b\" \"", 0, 0, true},
		{"@ @", 0, "@", false},
		{"aaa", 0, "aa", false},
		{"@", 0, "@", true},
		{"a@", 0, "a@", true},
		{"bootassess.booted=active.conf", 0, 0, false},
		{"ro bootassess.txn=1", 0, 0, false},
		{"ro bootassess.txn=1", 0, 0, true},
		{"ro \"bootassess.txn=1\"", 0, 0, false},
		{"ro -- bootassess.txn=1", 0, 0, false},
		{"ro bootassess.txn=", 0, 0, false},
		{"bootassess@.txn=1 ", "bootassess.txn=1", 0, false},
		/* The token's place is taken first. */
		{"a\"b\"", 0, "a\"", false},
		{"ro", "a\nb", 0, false},
		{"ro", "\"a", 0, false},
		{"ro", "a -- b", 0, false},
		{"ro", "--", 0, false},
		{"ro", "bootassess.booted=x.conf", 0, false},
	};
	char buf[KCMDLINE_SIZE];
	const char *what;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *base = vectors[i].base;
		struct kcmdline k = {.append = vectors[i].append,
				     .token = vectors[i].token,
				     .is_verbatim = vectors[i].is_verbatim};

		CHECK(base, compose(k, base, strlen(base), buf, &what) == -EINVAL);
		CHECK(base, what && buf[0] == '~');
	}
	assert_int_equal(compose((struct kcmdline){0}, "a\0b", 3, buf, &what), -EINVAL);
	assert_non_null(what);
	/* The id makes a word of ours. */
	assert_int_equal(compose((struct kcmdline){.id = "txn.conf", .token = "@"},
				 "bootassess.@=1", 14, buf, &what),
			 -EINVAL);
}

/* Up to the last byte, of the kernel and of the system call. */
static void test_length(void **state)
{
	const size_t room = KCMDLINE_SIZE - 1 - strlen(" " OURS);
	char base[2 * KCMDLINE_SIZE], buf[KCMDLINE_SIZE];
	struct kcmdline k = {0}, verbatim = {.is_verbatim = true};
	const char *what;

	(void)state;
	memset(base, 'x', sizeof(base));
	assert_int_equal(compose(k, base, room, buf, &what), 0);
	assert_int_equal(strlen(buf), KCMDLINE_SIZE - 1);
	assert_int_equal(compose(k, base, room + 1, buf, &what), -E2BIG);
	assert_true(what && buf[0] == '~');
	assert_int_equal(compose(k, base, sizeof(base), buf, &what), -E2BIG);
	assert_int_equal(compose(verbatim, base, KCMDLINE_SIZE - 1, buf, &what), 0);
	assert_int_equal(compose(verbatim, base, KCMDLINE_SIZE, buf, &what), -E2BIG);

	/* Quotes are even, but not in what fits. */
	base[0] = base[sizeof(base) - 1] = '"';
	assert_int_equal(compose(k, base, sizeof(base), buf, &what), -E2BIG);

	k.max = 200;
	assert_int_equal(compose(k, base + 1, 200 - strlen(" " OURS), buf, &what), 0);
	assert_int_equal(compose(k, base + 1, 201 - strlen(" " OURS), buf, &what), -E2BIG);
	verbatim.max = 3;
	assert_int_equal(compose(verbatim, base + 1, 3, buf, &what), 0);
	assert_int_equal(compose(verbatim, base + 1, 4, buf, &what), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_verbatim),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests_name("kcmdline", tests, NULL, NULL);
}
