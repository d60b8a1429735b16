// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>

#include "pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(const struct pe_section *s, uint64_t file_size)
{
	return s->offset <= file_size && s->size <= file_size - s->offset;
}

static void check_uki(const struct pe_uki *uki, uint64_t file_size)
{
	if (uki->part[PE_LINUX].size == 0 || uki->part[PE_OSREL].size == 0)
		__builtin_trap();
	for (int i = 0; i < PE_PARTS; i++) {
		const struct pe_section *a = &uki->part[i], *b;

		if (!is_within(a, file_size))
			__builtin_trap();
		for (b = uki->part; b < a; b++)
			if (a->size > 0 && b->size > 0 && a->offset < b->offset + b->size &&
			    b->offset < a->offset + a->size)
				__builtin_trap();
	}
}

static void check_file(const uint8_t *data, size_t size, uint64_t file_size)
{
	struct fault fault = {0};
	struct pe_section s;
	struct pe_uki uki;
	uint64_t where = 0;
	int r;

	r = pe_find_section(data, size, file_size, ".linux", &s, &where);
	if ((r == 0 && !is_within(&s, file_size)) || where > file_size)
		__builtin_trap();

	(void)pe_is_signed(data, size, file_size);
	r = pe_parse_uki(data, size, file_size, &uki, &fault);
	if (r == 0)
		check_uki(&uki, file_size);
	else if (r == -EINVAL && (!fault.what || fault.where > file_size))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The last one holds every section. */
	const uint64_t file_sizes[] = {size, size + 0x2000, 0x9000, 1ull << 33};

	for (size_t i = 0; i < sizeof(file_sizes) / sizeof(file_sizes[0]); i++)
		check_file(data, size, file_sizes[i]);
	return 0;
}
