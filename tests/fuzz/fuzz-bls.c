// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>

#include "bls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bls_entry e;
	struct bls_order a = {0}, b = {0};

	if (bls_parse_entry((const char *)data, size, &e) < 0)
		return 0;
	if (e.n_initrd > BLS_INITRDS_MAX || e.n_options > BLS_OPTIONS_MAX)
		__builtin_trap();
	for (unsigned int i = 0; i < e.n_options; i++)
		if (e.options[i].s < (const char *)data ||
		    e.options[i].s + e.options[i].len > (const char *)data + size)
			__builtin_trap();
	a = (struct bls_order){e.sort_key, e.machine_id, e.version, e.linux_path};
	b = (struct bls_order){e.sort_key, e.machine_id, e.linux_path, e.version};
	if ((bls_compare(&a, &b) < 0) != (bls_compare(&b, &a) > 0) || bls_compare(&a, &a) != 0)
		__builtin_trap();
	return 0;
}
