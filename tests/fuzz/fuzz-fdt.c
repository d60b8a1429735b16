// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fdt.h"
#include "fuzz.h"

#define HEADER 40

static size_t word_at(const uint8_t *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* The strings begin at the block's beginning, or behind a NUL byte, and end within it. */
static bool has_string(const uint8_t *block, size_t len, const char *name)
{
	size_t n = strlen(name) + 1;

	for (size_t i = 0; i + n <= len; i++)
		if ((i == 0 || block[i - 1] == 0) && memcmp(block + i, name, n) == 0)
			return true;
	return false;
}

/* As the input is, and once more with a sound header in front of it: a name in a line, and the
 * block. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = {0xd0, 0x0d, 0xfe, 0xed};
	struct input in = {data, size};
	uint8_t *tree = calloc(1, size + HEADER);
	char name[32];

	if (!tree || size > UINT16_MAX)
		abort();
	take_string(&in, name, sizeof(name));
	if (fdt_has_property(data, size, name)) {
		must(size >= HEADER && memcmp(data, magic, sizeof(magic)) == 0);
		must(word_at(data + 12) + word_at(data + 32) <= size);
		must(has_string(data + word_at(data + 12), word_at(data + 32), name));
	}
	memcpy(tree, magic, sizeof(magic));
	tree[15] = HEADER;
	tree[34] = (uint8_t)(in.left >> 8);
	tree[35] = (uint8_t)in.left;
	if (in.left > 0)
		memcpy(tree + HEADER, in.data, in.left);
	must(fdt_has_property(tree, HEADER + in.left, name) == has_string(in.data, in.left, name));
	must(!fdt_has_property(tree, HEADER - 1, name));
	free(tree);
	return 0;
}
