// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_kernel(enum arch arch, const uint8_t *data, size_t len, uint64_t size)
{
	struct fault fault = {0};
	struct kernel_image k;

	if (kernel_parse(arch, data, len, size, &k, &fault) < 0) {
		if (!fault.what || fault.where > size)
			__builtin_trap();
		return;
	}
	if (k.cmdline_max == 0 || (k.init_size == 0) != (k.format == KERNEL_ZBOOT) ||
	    (k.payload.size > 0) != (k.format == KERNEL_ZBOOT) || k.payload.offset > size ||
	    k.payload.size > size - k.payload.offset ||
	    !memchr(k.compression, 0, sizeof(k.compression)))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t sizes[] = {size, 0x9000, 1ull << 33};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_kernel(ARCH_X86_64, data, size, sizes[i]);
		check_kernel(ARCH_ARM64, data, size, sizes[i]);
	}
	(void)initrd_is_known(data, size);
	return 0;
}
