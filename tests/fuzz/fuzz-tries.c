// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "tries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first 16 bytes are a file name. What is set can be got. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counter c = counter_make(2, 1), back = {0};
	char name[17] = "", out[TRIES_SIZE];
	const char *text;
	int n;

	if (size < 16)
		return 0;
	memcpy(name, data, 16);
	text = (const char *)data + 16;
	size -= 16;
	(void)tries_get(text, size, name, &back);
	n = tries_set(text, size, name, &c, out, sizeof(out));
	if (n >= 0 && (n >= TRIES_SIZE || tries_get(out, (size_t)n, name, &back) != 0 ||
		       back.left != 2 || back.done != 1))
		__builtin_trap();
	n = tries_set(text, size, name, NULL, out, sizeof(out));
	if (n >= 0 && tries_get(out, (size_t)n, name, &back) != 1)
		__builtin_trap();
	return 0;
}
