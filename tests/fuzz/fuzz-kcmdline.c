// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "cmdline.h"
#include "kcmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input: 0 or 1 for verbatim, then lines: append, token; all that follows is the base. */
static void take(struct slice *rest, char *buf, size_t size)
{
	struct slice line = {0};

	if (!slice_line(rest, &line) || slice_copy(line, buf, size) < 0)
		buf[0] = '\0';
}

/* Whatever the base was: the system that arrives must find out who it is. */
static void check_identity(const char *buf, const struct kcmdline *k)
{
	struct cmdline c;

	cmdline_parse(buf, strlen(buf), &c, NULL);
	if (strcmp(c.booted, k->id) != 0 || c.txn != k->txn)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = {(const char *)data + 1, size > 0 ? size - 1 : 0};
	char append[256], token[64], buf[KCMDLINE_SIZE];
	const char *what = NULL;
	struct kcmdline k = {.append = append, .token = token, .id = "passive.conf", .txn = 7};

	if (size == 0)
		return 0;
	k.is_verbatim = data[0] & 1;
	k.max = data[0] & 2 ? 200 : 4096;
	take(&rest, append, sizeof(append));
	take(&rest, token, sizeof(token));
	k.base = rest;
	if (kcmdline_compose(&k, buf, &what) < 0) {
		if (!what)
			__builtin_trap();
		return 0;
	}
	if (strlen(buf) > k.max || strpbrk(buf, "\n\r\v\f\x1b\x7f"))
		__builtin_trap();
	if (k.is_verbatim && (strlen(buf) > rest.len || memcmp(buf, rest.s, strlen(buf)) != 0))
		__builtin_trap();
	if (!k.is_verbatim)
		check_identity(buf, &k);
	return 0;
}
