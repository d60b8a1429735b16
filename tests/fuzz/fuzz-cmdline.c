// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>

#include "bls.h"
#include "cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice invalid;
	struct cmdline c;

	cmdline_parse((const char *)data, size, &c, &invalid);
	if (c.deadline_s > 86400 || c.txn > UINT32_MAX || invalid.len > size ||
	    (c.slot[0] && !bls_valid_name(c.slot, 1) && !bls_valid_name(c.slot, 2)))
		__builtin_trap();
	return 0;
}
