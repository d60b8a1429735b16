// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Phrases go to a console. */
static void check_phrase(void *data, unsigned int line, const char *what)
{
	(void)data;
	for (; *what; what++)
		if (line == 0 || !char_is_printable(*what))
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c;

	config_defaults(&c);
	config_parse(&c, (const char *)data, size, check_phrase, NULL);
	if (c.tries < 1 || c.tries > 8 || c.methods < 1 || c.methods > 3 || c.hold < 0 ||
	    c.hold > HOLD_HALT || c.hold_delay_s < 1 || c.hold_delay_s > 86400 || c.max_hops > 1)
		__builtin_trap();
	return 0;
}
