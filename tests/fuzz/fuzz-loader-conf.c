// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing is left to unpin after the first time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size > 0 ? size : 1);
	struct slice value;

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	(void)bls_loader_conf_unpin(text, size);
	value = bls_loader_conf_get(text, size, "default");
	if (bls_loader_conf_unpin(text, size) != 0 || (value.len > 0 && !slice_is(value, "*")))
		__builtin_trap();
	free(text);
	return 0;
}
