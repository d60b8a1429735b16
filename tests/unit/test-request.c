// SPDX-License-Identifier: LGPL-2.1-or-later
/* The EFI variable that asks systemd for a factory reset. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "request.h"

#define BOOT_ID "11111111-2222-3333-4444-5555AAAABBBB"

static void test_version(void **state)
{
	(void)state;
	assert_int_equal(request_version("libsystemd-shared-257.so"), 257);
	assert_int_equal(request_version("libsystemd-shared-257.4-1.fc42.so"), 257);
	assert_int_equal(request_version("libsystemd-shared-258~rc1.so"), 258);
	assert_int_equal(request_version("libsystemd-core-258.so"), 0);
	assert_int_equal(request_version("libsystemd-shared-.so"), 0);
	assert_int_equal(request_version("libsystemd-shared-123456.so"), 0);
	assert_int_equal(request_version(""), 0);
	assert_string_equal(request_name(257), "FactoryReset");
	assert_string_equal(request_name(258), "FactoryResetRequest");
}

/* The content as text; its number of bytes has to fit. */
static int content(unsigned int version, const char *os_release, char got[REQUEST_SIZE])
{
	uint8_t data[REQUEST_SIZE];
	int n = request_content(version, os_release, BOOT_ID, data);

	for (int i = 0; i < n / 2; i++) {
		got[i] = (char)data[2 * i];
		assert_int_equal(data[2 * i + 1], 0);
	}
	if (n > 0)
		assert_int_equal(n, 2 * (strlen(got) + 1));
	return n;
}

static void test_old(void **state)
{
	static const uint8_t want[] = {'y', 0, 'e', 0, 's', 0, 0, 0};
	uint8_t data[REQUEST_SIZE];

	(void)state;
	assert_int_equal(request_content(257, "", "", data), sizeof(want));
	assert_memory_equal(data, want, sizeof(want));
}

static void test_new(void **state)
{
	char got[REQUEST_SIZE];

	(void)state;
	assert_true(content(258, "NAME=\"Debian\"\nID=debian\nVERSION_ID=\"13\"\n", got) > 0);
	assert_string_equal(got, "{\"osReleaseId\":\"debian\",\"osReleaseVersionId\":\"13\","
				 "\"bootId\":\"1111111122223333444"
				 "45555aaaabbbb\"}");
	assert_true(content(260, "IMAGE_ID='x'\nID=a\nID=b\nIMAGE_VERSION=1", got) > 0);
	assert_string_equal(got, "{\"osReleaseId\":\"b\",\"osReleaseImageId\":\"x\","
				 "\"osReleaseImageVersion\":\"1\","
				 "\"bootId\":\"11111111222233334444"
				 "5555aaaabbbb\"}");
}

static void test_refused(void **state)
{
	char got[REQUEST_SIZE], line[1200] = "ID=";
	uint8_t data[REQUEST_SIZE];

	(void)state;
	assert_int_equal(content(258, "NAME=x\nVERSION_ID=1\n", got), -ENODATA);
	assert_int_equal(content(258, "ID=\n", got), -ENODATA);
	assert_int_equal(request_content(258, "ID=a", "", data), -EINVAL);
	assert_int_equal(request_content(258, "ID=a", "1234", data), -EINVAL);
	memset(line + 3, 'a', 1100);
	assert_int_equal(content(258, line, got), -ENODATA);
	/* what JSON escapes takes room, until there is none */
	memset(line, 0, sizeof(line));
	memcpy(line, "ID=", 3);
	memset(line + 3, '\x01', 200);
	assert_int_equal(content(258, line, got), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_old),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
