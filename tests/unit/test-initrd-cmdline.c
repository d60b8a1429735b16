// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a command line lacks for a machine that nobody sits at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initrd.h"

#define GOOD "panic=10 rd.shell=0 rd.emergency=reboot "

static const struct row {
	enum initrd_maker maker;
	const char *cmdline, *want; /* what is bad, the first letters of each */
} rows[] = {
	{INITRD_UNKNOWN, "panic=10", ""},
	{INITRD_UNKNOWN, "quiet", "panic= is not"},
	{INITRD_UNKNOWN, "panic=-1", ""},
	{INITRD_UNKNOWN, "panic=0", "panic=0:"},
	{INITRD_UNKNOWN, "panic=-0", "panic=0:"},
	{INITRD_UNKNOWN, "panic=", "panic= has no"},
	{INITRD_UNKNOWN, "panic", "panic= has no"},
	{INITRD_UNKNOWN, "panic=x", "panic= has no"},
	{INITRD_UNKNOWN, "panic=5 panic=0", "panic=0:"},
	{INITRD_UNKNOWN, "panic=0 \"panic=7\"", ""},
	{INITRD_UNKNOWN, "panic=\"7\"", ""},
	{INITRD_UNKNOWN, "panicky=7", "panic= is not"},
	{INITRD_UNKNOWN, "pani=7", "panic= is not"},
	{INITRD_DRACUT, GOOD, ""},
	{INITRD_DRACUT, "panic=10", "rd.shell=0 is not|rd.emergency=reboot is not"},
	{INITRD_DRACUT, GOOD "rd.shell", "rd.shell=0 is not|it asks for a shell"},
	{INITRD_DRACUT, GOOD "rd.shell=no", ""},
	{INITRD_DRACUT, GOOD "rd.shell=off", ""},
	{INITRD_DRACUT, GOOD "rd.emergency=halt", "rd.emergency=reboot is not"},
	{INITRD_MKINITCPIO, "panic=10", ""},
	{INITRD_DRACUT, GOOD "bootassess=0", "bootassess=0:"},
	{INITRD_DRACUT, GOOD "rd.break", "it asks for a shell"},
	{INITRD_INITRAMFS_TOOLS, "panic=1 systemd.unit=rescue.target", "systemd.unit= leads"},
};

static const char *left;

static void note(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	const struct row *row = data;
	size_t n = strcspn(left, "|");

	assert_non_null(what);
	if (mark == INITRD_OK)
		return;
	if (n == 0 || strncmp(text, left, n) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", row->cmdline, text, left);
	left += n + (left[n] == '|');
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice s = {rows[i].cmdline, strlen(rows[i].cmdline)};

		left = rows[i].want;
		initrd_judge_cmdline(rows[i].maker, s, note, (void *)(uintptr_t)&rows[i]);
		if (*left)
			fail_msg("%s: nobody said \"%s\"", rows[i].cmdline, left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
