// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "grubenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOCK_MAX 4096

/* What is set can be got, what is taken out cannot, and nobody else's variable changes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char block[BLOCK_MAX], other[BLOCK_MAX] = "", after[BLOCK_MAX] = "", value[64] = "";
	static const char next[] = "act\\ive\n";
	size_t where = 0;
	int had_other;

	if (size > sizeof(block))
		return 0;
	memcpy(block, data, size);
	if (grubenv_check(block, size, &where) < 0) {
		if (where > size || grubenv_set(block, size, "next_entry", next) != -EBADMSG ||
		    memcmp(block, data, size) != 0)
			__builtin_trap();
		return 0;
	}
	had_other = grubenv_get(block, size, "saved_entry", other, sizeof(other));
	if (grubenv_set(block, size, "next_entry", next) >= 0 &&
	    (grubenv_get(block, size, "next_entry", value, sizeof(value)) != 0 ||
	     strcmp(value, next) != 0 || grubenv_set(block, size, "next_entry", next) != 1))
		__builtin_trap();
	if (grubenv_get(block, size, "saved_entry", after, sizeof(after)) != had_other ||
	    strcmp(other, after) != 0)
		__builtin_trap();
	if (grubenv_set(block, size, "next_entry", NULL) < 0 ||
	    grubenv_get(block, size, "next_entry", value, sizeof(value)) != 1 ||
	    grubenv_check(block, size, &where) < 0)
		__builtin_trap();
	return 0;
}
