// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names lie within the file, and end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s;
	int r = 0;

	for (unsigned int n = 0; r == 0 && n < 5000; n++) {
		r = elf_needs(data, size, n, &s);
		if (r != 0 && r != 1 && r != -EINVAL)
			__builtin_trap();
		if (r == 0 && ((const uint8_t *)s.s < data || s.len == 0 ||
			       (const uint8_t *)s.s + s.len >= data + size || s.s[s.len] != '\0'))
			__builtin_trap();
	}
	return 0;
}
