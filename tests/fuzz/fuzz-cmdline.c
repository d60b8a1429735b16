// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bls.h"
#include "cmdline.h"
#include "fuzz.h"

/* An id of an entry, with its suffix or without. */
static bool is_id(const char *s, bool needs_suffix)
{
	char whole[NAME_SIZE];
	struct text t;

	text_init(&t, whole, sizeof(whole));
	text_str(&t, s);
	text_str(&t, ".conf");
	return bls_valid_name(s, 1) || bls_valid_name(s, 2) ||
	       (!needs_suffix && !t.full && bls_valid_name(whole, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct slice invalid;
	struct cmdline c;

	cmdline_parse(text, size, &c, &invalid);
	must(c.deadline_s <= 86400 && (c.has_deadline || c.deadline_s == 0));
	must(c.txn <= UINT32_MAX);
	must(!c.slot[0] || is_id(c.slot, false));
	must(!c.booted[0] || is_id(c.booted, true));
	/* A UUID, or a disk and a number of an old partition table: "1234abcd-01". */
	must(strlen(c.esp) == 0 || strlen(c.esp) == 36 || strlen(c.esp) == 11);
	must(invalid.len == 0 || (invalid.s >= text && invalid.s + invalid.len <= text + size));
	return 0;
}
