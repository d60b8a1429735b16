// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names in efivarfs that nearly are those of boot options, each in front of a page that cannot be
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "doors/dir.h"
#include "doors/efivar.h"
#include "loaders/bootvars.h"

static const char *const names[] = {
	"Boot0001-" EFIVAR_GLOBAL,
	"Boot0002", /* nothing behind its number: its end is the end of what may be read */
	"Boot0003-",
	"Boot0004-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", /* somebody else's */
	"Boot000A-" EFIVAR_GLOBAL,
	"Boot000b-" EFIVAR_GLOBAL,
	"BootOrder-" EFIVAR_GLOBAL,
	"Boot00001-" EFIVAR_GLOBAL,
	"Boot000",
	"Boot",
	"",
};
#define N (sizeof(names) / sizeof(names[0]))

static char *page;
static size_t page_size;

/* In place of the door. */
int dir_each_file(int dir, const char *path, dir_fn fn, void *data)
{
	(void)dir;
	assert_string_equal(path, ".");
	for (size_t i = 0; i < N; i++) {
		size_t size = strlen(names[i]) + 1;
		char *name = page + page_size - size;
		int r;

		memcpy(name, names[i], size);
		r = fn(data, name);
		if (r != 0)
			return r;
	}
	return 0;
}

static void test_list(void **state)
{
	struct loadopt_order list;

	(void)state;
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	page = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	assert_true(page != MAP_FAILED);
	assert_int_equal(mprotect(page + page_size, page_size, PROT_NONE), 0);
	assert_int_equal(bootvars_list(-1, &list), 0);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.number[0], 1);
	assert_int_equal(list.number[1], 0xa);
	munmap(page, 2 * page_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
