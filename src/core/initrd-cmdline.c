// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "cmdline.h"
#include "initrd.h"

/* The last value of an option, as the kernel and the scripts take it. .s NULL: it is not there;
 * empty: it has none. */
static struct slice find_option(struct slice cmdline, const char *name)
{
	struct slice word, found = {0};
	size_t len = strlen(name);

	while (cmdline_next_word(&cmdline, &word)) {
		word = cmdline_unquote(word);
		if (word.len < len || memcmp(word.s, name, len) != 0)
			continue;
		if (word.len == len)
			found = (struct slice){word.s + len, 0};
		else if (word.s[len] == '=')
			found = cmdline_unquote(
				(struct slice){word.s + len + 1, word.len - len - 1});
	}
	return found;
}

static void tell(initrd_finding_fn fn, void *data, const char *what, const char *bad,
		 const char *good)
{
	fn(data, what, bad ? INITRD_BAD : INITRD_OK, bad ? bad : good);
}

/* Below 0 it restarts at once, 0 is to wait for ever. */
static const char *judge_panic(struct slice value)
{
	unsigned long seconds;

	if (!value.s)
		return "panic= is not set: a kernel that panics hangs for ever";
	if (value.len > 0 && value.s[0] == '-') {
		value.s++;
		value.len--;
	}
	if (slice_uint(value, 86400, &seconds) < 0)
		return "panic= has no number of seconds: a kernel that panics hangs for ever";
	return seconds == 0 ? "panic=0: a kernel that panics hangs for ever" : NULL;
}

static bool is_off(struct slice value)
{
	return value.s && (slice_is(value, "0") || slice_is(value, "no") || slice_is(value, "off"));
}

/* dracut.cmdline(7): the shell is the default, and rd.emergency= is heard only without it. */
static void judge_dracut(struct slice cmdline, initrd_finding_fn fn, void *data)
{
	struct slice action = find_option(cmdline, "rd.emergency");
	bool has_shell = !is_off(find_option(cmdline, "rd.shell"));
	bool restarts = action.s && slice_is(action, "reboot");

	tell(fn, data, "shell",
	     has_shell ? "rd.shell=0 is not set: what fails ends in a shell that waits for a "
			 "keyboard"
		       : NULL,
	     "rd.shell=0");
	tell(fn, data, "emergency",
	     restarts ? NULL
		      : "rd.emergency=reboot is not set: what fails switches the machine off, or "
			"halts it",
	     "rd.emergency=reboot");
}

void initrd_judge_cmdline(enum initrd_maker maker, struct slice cmdline, initrd_finding_fn fn,
			  void *data)
{
	const char *bad = NULL;
	struct cmdline c;

	tell(fn, data, "panic", judge_panic(find_option(cmdline, "panic")), "panic= restarts");
	if (maker == INITRD_DRACUT)
		judge_dracut(cmdline, fn, data);
	cmdline_parse(cmdline.s, cmdline.len, &c, NULL);
	if (c.disabled)
		bad = "bootassess=0: nothing is assessed";
	else if (c.person)
		bad = "it asks for a shell (rd.break, break or rd.shell): nothing that fails is "
		      "acted on";
	else if (c.rescue)
		bad = "systemd.unit= leads to a shell";
	if (bad)
		tell(fn, data, "bootassess", bad, "");
}
