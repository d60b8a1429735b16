// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "version.h"

static int sign(int r)
{
	return (r > 0) - (r < 0);
}

/* Three versions, one a line: an order, whatever they are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct slice v[3];
	char *copy[3];

	for (int i = 0; i < 3; i++) {
		v[i] = take_line(&in);
		copy[i] = copy_of(v[i]);
		v[i].s = copy[i];
	}
	for (int i = 0; i < 3; i++) {
		must(version_compare(v[i], v[i]) == 0);
		for (int k = 0; k < 3; k++)
			must(sign(version_compare(v[i], v[k])) ==
			     -sign(version_compare(v[k], v[i])));
	}
	if (version_compare(v[0], v[1]) <= 0 && version_compare(v[1], v[2]) <= 0)
		must(version_compare(v[0], v[2]) <= 0);
	if (version_compare(v[0], v[1]) < 0 && version_compare(v[1], v[2]) == 0)
		must(version_compare(v[0], v[2]) < 0);
	for (int i = 0; i < 3; i++)
		free(copy[i]);
	return 0;
}
