// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "loadvar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const uint8_t *data, size_t size)
{
	char s[NAME_SIZE], back[NAME_SIZE], name[NAME_SIZE];
	uint8_t utf16[2 * NAME_SIZE];
	int n;

	if (loadvar_string(data, size, s, sizeof(s)) < 0)
		return;
	n = loadvar_from_string(s, utf16, sizeof(utf16));
	if (n < 0 || loadvar_string(utf16, (size_t)n, back, sizeof(back)) < 0 ||
	    strcmp(s, back) != 0)
		__builtin_trap();
	(void)loadvar_entry_path(s, name);
	(void)loadvar_is_uuid(s);
	(void)loadvar_partuuid((struct slice){s, strlen(s)}, name);
	(void)loadvar_same_path((struct slice){s, strlen(s)}, (struct slice){s, strlen(s) / 2});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *rest = data;
	size_t left = size, before = size + 1;
	char id[NAME_SIZE];

	check_string(data, size);
	while (loadvar_next_id(&rest, &left, id) <= 0) {
		if (left >= before)
			__builtin_trap();
		before = left;
	}
	return 0;
}
