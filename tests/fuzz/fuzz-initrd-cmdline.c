// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "initrd.h"

struct told {
	unsigned int n;
	bool panic_is_good, restarts, shell_is_off;
};

static void note(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	struct told *told = data;
	bool is_good = mark == INITRD_OK;

	must(what && text && mark <= INITRD_BAD);
	told->n++;
	told->panic_is_good |= strcmp(what, "panic") == 0 && is_good;
	told->restarts |= strcmp(what, "emergency") == 0 && is_good;
	told->shell_is_off |= strcmp(what, "shell") == 0 && is_good;
}

static bool holds(struct slice s, const char *word)
{
	return s.len > 0 && memmem(s.s, s.len, word, strlen(word)) != NULL;
}

/* What is praised stands in the command line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice cmdline = {(const char *)data, size};

	for (enum initrd_maker maker = INITRD_UNKNOWN; maker <= INITRD_INITRAMFS_TOOLS; maker++) {
		struct told told = {0};

		must(initrd_maker_name(maker)[0]);
		initrd_judge_cmdline(maker, cmdline, note, &told);
		must(told.n >= (maker == INITRD_DRACUT ? 3 : 1));
		must(!told.panic_is_good || holds(cmdline, "panic="));
		must(!told.shell_is_off || maker == INITRD_DRACUT);
		must(!told.restarts || holds(cmdline, "rd.emergency="));
	}
	return 0;
}
