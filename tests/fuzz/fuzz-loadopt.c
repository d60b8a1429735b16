// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdint.h>
#include <string.h>

#include "loadopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What we can write of it reads the same again. */
static void check_round_trip(const struct loadopt *o)
{
	uint8_t buf[LOADOPT_SIZE];
	struct loadopt back;
	int len = loadopt_build(o, buf, sizeof(buf));

	if (len < 0)
		return;
	if (loadopt_parse(buf, (size_t)len, &back) < 0 || back.path_error < 0 ||
	    strcmp(back.partition.partuuid, o->partition.partuuid) != 0 ||
	    strcmp(back.description, o->description) != 0 || strlen(back.path) != strlen(o->path))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t written[2 * LOADOPT_ORDER_MAX];
	struct loadopt_order order;
	char path[LOADOPT_PATH_SIZE];
	struct loadopt o;

	if (loadopt_parse(data, size, &o) == 0)
		check_round_trip(&o);
	else if (loadopt_path(data, size, path, sizeof(path)) != -22 /* EINVAL */)
		__builtin_trap();
	if (loadopt_order_parse(data, size, &order) == 0 &&
	    (loadopt_order_build(&order, written) != size ||
	     (size > 0 && memcmp(written, data, size) != 0)))
		__builtin_trap();
	return 0;
}
