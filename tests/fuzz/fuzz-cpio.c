// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>

#include "initrd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(const uint8_t *data, size_t size, struct slice s)
{
	const uint8_t *at = (const uint8_t *)s.s;

	return at >= data && at <= data + size && s.len <= (size_t)(data + size - at);
}

static void nothing(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	(void)data;
	if (!what || !text || mark > INITRD_BAD)
		__builtin_trap();
}

/* Each step goes on, and what it tells lies within the archive; what is whole can be judged. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct initrd i = {.archive = {{data, size}}, .n = 1};
	struct initrd_needs needs = {.has_efi = true, .has_vfat = true, .boot_type = "ext4"};
	const char *what = NULL;
	struct cpio_entry e;
	struct config c;
	size_t at = 0;
	int r = 0;

	while (r == 0) {
		size_t before = at;

		r = cpio_next(data, size, &at, &e, &what);
		if (at > size || (r == 0 && (at <= before || !is_within(data, size, e.name) ||
					     !is_within(data, size, e.content))))
			__builtin_trap();
		if (r < 0 && (r != -EINVAL || !what || at != before))
			__builtin_trap();
	}
	config_defaults(&c);
	needs.config = &c;
	initrd_judge(&i, &needs, nothing, NULL);
	return 0;
}
