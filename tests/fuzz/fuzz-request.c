// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "fuzz.h"
#include "request.h"

/* Printable, and one object: braces and quotes of values are escaped. */
static void check_object(const uint8_t *data, int n)
{
	bool in_string = false;
	int depth = 0;

	for (int i = 0; i + 2 < n; i += 2) {
		char c = (char)data[i];

		must(char_is_printable(c) && data[i + 1] == 0);
		if (in_string && c == '\\')
			i += 2;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string)
			depth += (c == '{') - (c == '}');
		must(depth == 1 || i + 4 >= n);
	}
	must(!in_string && depth == 0);
}

/* A file name in a line; the rest is os-release(5). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char boot_id[] = "01234567-89ab-cdef-0123-456789abcdef";
	struct input in = {data, size};
	char file[128], os_release[4096];
	uint8_t out[REQUEST_SIZE];
	unsigned int version;
	int r;

	take_string(&in, file, sizeof(file));
	version = request_version(file);
	must(version <= 9999 && request_name(version)[0]);
	must(version == 0 || strstr(file, "libsystemd-shared-") == file);
	memset(os_release, 0, sizeof(os_release));
	memcpy(os_release, in.data,
	       in.left < sizeof(os_release) ? in.left : sizeof(os_release) - 1);
	r = request_content(REQUEST_NEW_FROM, os_release, boot_id, out);
	must(r > 0 ? r <= REQUEST_SIZE : r == -ENODATA || r == -ENAMETOOLONG);
	if (r > 0)
		check_object(out, r);
	if (strncmp(file, boot_id, strlen(boot_id)) != 0)
		must(strlen(file) == 36 ||
		     request_content(REQUEST_NEW_FROM, os_release, file, out) == -EINVAL);
	must(request_content(257, os_release, boot_id, out) == 8);
	return 0;
}
