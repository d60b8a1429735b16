// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bls.h"
#include "counter.h"

#define ID "active.conf"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		__builtin_trap();
}

static bool is_counted_name(struct slice value)
{
	char name[NAME_SIZE];

	return slice_copy(value, name, sizeof(name)) == 0 && counter_parse(name, NULL) == 0 &&
	       counter_same_id(name, ID);
}

/* What is corrected names the id from then on, and nothing else is changed. */
static void check_correct(char *text, size_t size)
{
	struct slice before = bls_loader_conf_get(text, size, "default");
	bool is_wrong = is_counted_name(before);
	size_t len = before.len;
	unsigned int changed = bls_loader_conf_correct(text, size, ID);
	struct slice after = bls_loader_conf_get(text, size, "default");

	check(!is_wrong || changed > 0);
	check(is_wrong ? slice_is(after, ID) : after.len == len);
	check(bls_loader_conf_correct(text, size, ID) == 0);
}

/* Nothing is left to unpin after the first time. */
static void check_unpin(char *text, size_t size)
{
	struct slice value;

	(void)bls_loader_conf_unpin(text, size);
	value = bls_loader_conf_get(text, size, "default");
	check(bls_loader_conf_unpin(text, size) == 0);
	check(value.len == 0 || slice_is(value, "*"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size > 0 ? size : 1);

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	check_correct(text, size);
	check_unpin(text, size);
	free(text);
	return 0;
}
