// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>

#include "pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t file_size = size + 0x2000, where = 0;
	struct pe_section s;
	int r;

	r = pe_find_section(data, size, file_size, ".linux", &s, &where);
	if (r == 0 && (s.offset > file_size || s.size > file_size - s.offset))
		__builtin_trap();
	if (where > file_size)
		__builtin_trap();
	return 0;
}
