// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "counter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts of a name put together again give the name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[NAME_SIZE + 8] = "", id[NAME_SIZE], again[NAME_SIZE];
	struct counter c;

	memcpy(name, data, size < sizeof(name) ? size : sizeof(name) - 1);
	(void)counter_parse(name, &c);
	if (counter_strip(name, id) == 0 && counter_format(id, &c, again) == 0 &&
	    strcmp(name, again) != 0)
		__builtin_trap();
	c = counter_next(&c, size > 0 ? data[0] : 1);
	if (c.left < 0 || c.done < 0)
		__builtin_trap();
	return 0;
}
