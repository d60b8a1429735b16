// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "mutate.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))
#define CHECK(what, condition)                                \
	do {                                                  \
		if (!(condition))                             \
			fail_msg("%s: %s", what, #condition); \
	} while (0)

#define KERNEL_SIZE 0x9000
#define BZIMAGE_LEN 0x264
#define SETUP_SIZE  (10 * 512)
#define ZBOOT_LEN   0x40
#define IMAGE_LEN   0x180

/* A setup of 10 sectors, and all the rest. */
static void make_bzimage(uint8_t head[KERNEL_HEAD_SIZE])
{
	memset(head, 0, KERNEL_HEAD_SIZE);
	put(head + 0x1f1, 1, 9);
	put(head + 0x1f4, 4, (KERNEL_SIZE - SETUP_SIZE) / 16);
	put(head + 0x1fe, 2, 0xaa55);
	memcpy(head + 0x202, "HdrS", 4);
	put(head + 0x206, 2, 0x020c);
	put(head + 0x211, 1, 1);
	put(head + 0x236, 2, 3);
	put(head + 0x238, 4, 2047);
	put(head + 0x260, 4, 0x30000);
}

/* With the PE header of an EFI stub, two sections, and .data up to the end. */
static void make_image(uint8_t head[KERNEL_HEAD_SIZE])
{
	const size_t coff = 0x44, optional = coff + 20, table = optional + 160;

	memset(head, 0, KERNEL_HEAD_SIZE);
	memcpy(head, "MZ", 2);
	put(head + 16, 8, 0x20000);
	put(head + 24, 8, 0xa);
	memcpy(head + 0x38, "ARMd", 4);
	put(head + 0x3c, 4, 0x40);
	memcpy(head + 0x40, "PE\0\0", 4);
	put(head + coff, 2, PE_MACHINE_ARM64);
	put(head + coff + 2, 2, 2);
	put(head + coff + 16, 2, 160);
	put(head + optional, 2, 0x20b);
	put(head + optional + 108, 4, 6);
	memcpy(head + table, ".text", 5);
	put(head + table + 16, 4, 0x5000);
	put(head + table + 20, 4, 0x1000);
	memcpy(head + table + 40, ".data", 5);
	put(head + table + 40 + 16, 4, 0x3000);
	put(head + table + 40 + 20, 4, 0x6000);
}

static void make_zboot(uint8_t head[KERNEL_HEAD_SIZE])
{
	memset(head, 0, KERNEL_HEAD_SIZE);
	memcpy(head, "MZ\0\0zimg", 8);
	put(head + 8, 4, 0x2000);
	put(head + 12, 4, KERNEL_SIZE - 0x2000);
	memcpy(head + 24, "zstd22", 6);
	put(head + 0x3c, 4, 0x40);
}

static int parse(enum arch arch, const uint8_t *head, size_t len, uint64_t size,
		 struct kernel_image *ret, struct fault *ret_fault)
{
	uint8_t *copy = copy_of(head, len);
	int r;

	r = kernel_parse(arch, copy, len, size, ret, ret_fault);
	free(copy);
	return r;
}

static void test_good(void **state)
{
	uint8_t head[KERNEL_HEAD_SIZE];
	struct fault fault = {0};
	struct kernel_image k;

	(void)state;
	make_bzimage(head);
	assert_int_equal(parse(ARCH_X86_64, head, BZIMAGE_LEN, KERNEL_SIZE, &k, &fault), 0);
	assert_true(k.format == KERNEL_BZIMAGE && !k.is_signed && k.payload.size == 0);
	assert_int_equal(k.init_size, 0x30000);
	assert_int_equal(k.cmdline_max, 2047);
	assert_true(corpus_has("kernel", "bzimage", head, BZIMAGE_LEN));
	/* A setup of 0 sectors is one of 4: less, so that the same file is longer than it must. */
	head[0x1f1] = 0;
	assert_int_equal(parse(ARCH_X86_64, head, BZIMAGE_LEN, KERNEL_SIZE, &k, &fault), 0);
	assert_int_equal(parse(ARCH_X86_64, head, BZIMAGE_LEN, KERNEL_SIZE - 5 * 512, &k, &fault),
			 0);

	make_image(head);
	assert_int_equal(parse(ARCH_ARM64, head, IMAGE_LEN, KERNEL_SIZE, &k, &fault), 0);
	assert_true(k.format == KERNEL_IMAGE && !k.is_signed && k.payload.size == 0);
	assert_int_equal(k.init_size, 0x20000);
	assert_int_equal(k.cmdline_max, 2047);
	assert_true(corpus_has("kernel", "image", head, IMAGE_LEN));
	/* Without an EFI stub there is no PE header. */
	put(head, 4, 0x14000000);
	assert_int_equal(parse(ARCH_ARM64, head, 0x40, KERNEL_SIZE, &k, &fault), 0);

	make_zboot(head);
	assert_int_equal(parse(ARCH_ARM64, head, ZBOOT_LEN, KERNEL_SIZE, &k, &fault), 0);
	assert_true(k.format == KERNEL_ZBOOT && k.init_size == 0 && k.cmdline_max == 2047);
	assert_int_equal(k.payload.offset, 0x2000);
	assert_int_equal(k.payload.size, KERNEL_SIZE - 0x2000);
	assert_string_equal(k.compression, "zstd22");
	assert_true(corpus_has("kernel", "zboot", head, ZBOOT_LEN));
	assert_null(fault.what);
}

static const struct mutation bad_bzimages[] = {
	{"bad-x86-empty", .len = UINT64_MAX},
	{"bad-x86-cut-in-header", .len = 0x263, .where = 0x263},
	{"bad-x86-no-boot-flag", {{0x1fe, 2, 0x55aa}}, .where = 0x1fe},
	{"bad-x86-no-magic", {{0x202, 4, 0}}, .where = 0x202},
	{"bad-x86-magic-case", {{0x202, 4, 0x73726448}}, .where = 0x202},
	{"bad-x86-protocol-2.11", {{0x206, 2, 0x020b}}, .where = 0x206},
	{"bad-x86-protocol-1.15", {{0x206, 2, 0x010f}}, .where = 0x206},
	{"bad-x86-zimage", {{0x211, 1, 0xfe}}, .where = 0x211},
	{"bad-x86-no-64-bit-entry", {{0x236, 2, 2}}, .where = 0x236},
	{"bad-x86-below-4g-only", {{0x236, 2, 1}}, .where = 0x236},
	{"bad-x86-xloadflags-0", {{0x236, 2, 0}}, .where = 0x236},
	{"bad-x86-cmdline-size-0", {{0x238, 4, 0}}, .where = 0x238},
	{"bad-x86-init-size-0", {{0x260, 4, 0}}, .where = 0x260},
	{"bad-x86-setup-outside", {{0x1f1, 1, 0x48}}, .where = 0x1f1},
	{"bad-x86-no-room-behind-setup", {{0x1f1, 1, 0x47}}, .where = 0x1f4},
	{"bad-x86-syssize-0", {{0x1f4, 4, 0}}, .where = 0x1f4},
	{"bad-x86-syssize-one-more", {{0x1f4, 4, 0x7c1}}, .where = 0x1f4},
	{"bad-x86-syssize-wraps", {{0x1f4, 4, 0x10000001}}, .where = 0x1f4},
	{"bad-x86-syssize-most", {{0x1f4, 4, 0xffffffff}}, .where = 0x1f4},
	{"bad-x86-cut-by-one", .size = KERNEL_SIZE - 1, .where = 0x1f4},
	{"bad-x86-cut-in-half", .size = KERNEL_SIZE / 2, .where = 0x1f4},
	{"bad-x86-cut-in-setup", .size = SETUP_SIZE - 1, .where = 0x1f1},
	{"bad-x86-setup-0-cut-in-setup",
	 {{0x1f1, 1, 0}},
	 .size = 5 * 512 - 1,
	 .len = BZIMAGE_LEN,
	 .where = 0x1f1},
};

static const struct mutation bad_images[] = {
	{"bad-arm64-empty", .len = UINT64_MAX},
	{"bad-arm64-cut-in-header", .len = 0x3f, .where = 0x3f},
	{"bad-arm64-no-magic", {{0x38, 4, 0}}, .where = 0x38},
	{"bad-arm64-riscv-magic", {{0x38, 4, 0x05435352}}, .where = 0x38},
	{"bad-arm64-big-endian", {{24, 1, 0xb}}, .where = 24},
	{"bad-arm64-image-size-0", {{16, 8, 0}}, .where = 16},
	{"bad-arm64-image-size-below-file", {{16, 8, KERNEL_SIZE - 1}}, .where = 16},
	{"bad-arm64-pe-header-outside", {{0x3c, 4, 0xfffffff0}}, .where = 0x3c},
	{"bad-arm64-97-sections", {{0x46, 2, 97}}, .where = 0x46},
	{"bad-arm64-section-outside", {{0xf8 + 16, 4, KERNEL_SIZE}}, .where = 0xf8},
	{"bad-arm64-cut-by-one", .size = KERNEL_SIZE - 1, .where = 0x120},
	{"bad-arm64-cut-in-half", .size = KERNEL_SIZE / 2, .where = 0xf8},
};

static const struct mutation bad_zboots[] = {
	{"bad-zboot-cut-in-header", .len = 0x3f, .where = 0x3f},
	{"bad-zboot-type", {{4, 4, 0x686d697a}}, .where = 0x38},
	{"bad-zboot-payload-at-0", {{8, 4, 0}}, .where = 8},
	{"bad-zboot-payload-in-header", {{8, 4, 0x3f}}, .where = 8},
	{"bad-zboot-payload-empty", {{12, 4, 0}}, .where = 12},
	{"bad-zboot-payload-outside", {{8, 4, 0x2001}}, .where = 8},
	{"bad-zboot-payload-wraps", {{12, 4, 0xffffe001}}, .where = 8},
	{"bad-zboot-no-compression", {{24, 8, 0}}, .where = 24},
	{"bad-zboot-compression-endless", {{24, 8, 0x7a7a7a7a7a7a7a7a}, {32, 1, 'z'}}, .where = 24},
	{"bad-zboot-compression-unprintable", {{24, 1, 0x1b}}, .where = 24},
	{"bad-zboot-cut-in-half", .size = KERNEL_SIZE / 2, .where = 8},
};

static void check_bad(enum arch arch, void (*make)(uint8_t *head), size_t full_len,
		      const struct mutation *table, size_t n)
{
	uint8_t head[KERNEL_HEAD_SIZE];

	for (size_t i = 0; i < n; i++) {
		const struct mutation *m = &table[i];
		size_t len = m->len == UINT64_MAX ? 0 : m->len ? m->len : full_len;
		struct fault fault = {.where = 4711};
		struct kernel_image k = {.init_size = 99};

		make(head);
		mutate(head, m);
		CHECK(m->name, parse(arch, head, len, m->size ? m->size : KERNEL_SIZE, &k,
				     &fault) == -EINVAL);
		CHECK(m->name, fault.where == m->where && fault.what);
		CHECK(m->name, k.init_size == 99);
		/* The head of a file that was cut behind it is sound. */
		CHECK(m->name, m->size > 0 || corpus_has("kernel", m->name, head, len));
	}
}

static void test_bad(void **state)
{
	(void)state;
	check_bad(ARCH_X86_64, make_bzimage, BZIMAGE_LEN, bad_bzimages, N(bad_bzimages));
	check_bad(ARCH_ARM64, make_image, IMAGE_LEN, bad_images, N(bad_images));
	check_bad(ARCH_ARM64, make_zboot, ZBOOT_LEN, bad_zboots, N(bad_zboots));
}

/* The heads of Debian's kernels, which are signed; a certificate of 1472 bytes comes last. */
static void test_real(void **state)
{
	static const struct {
		const char *name;
		enum arch arch;
		uint64_t size, init_size;
		uint64_t unsigned_size; /* up to the certificate; 4 KiB less is cut */
	} vectors[] = {
		{"kernel/real-6.1-x64", ARCH_X86_64, 0xd7e7c0, 53968896, 0xd7e200},
		{"kernel/real-6.12-x64", ARCH_X86_64, 0xb2a7c0, 58576896, 0xb2a200},
		{"kernel/real-6.1-aa64", ARCH_ARM64, 0x19f97c0, 27918336, 0x19f9200},
		{"kernel/real-6.12-aa64", ARCH_ARM64, 0x1d757c0, 31916032, 0x1d75200},
	};
	uint8_t head[KERNEL_HEAD_SIZE];

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		const char *name = vectors[i].name;
		size_t len = corpus_read(name, head, sizeof(head));
		enum arch arch = vectors[i].arch;
		uint64_t bare = vectors[i].unsigned_size;
		struct kernel_image k;
		struct fault fault;

		CHECK(name, parse(arch, head, len, vectors[i].size, &k, &fault) == 0);
		CHECK(name, k.is_signed && k.init_size == vectors[i].init_size);
		CHECK(name, k.cmdline_max == 2047);
		CHECK(name, parse(arch, head, len, bare, &k, &fault) == 0 && !k.is_signed);
		CHECK(name, parse(arch, head, len, bare - 1, &k, &fault) == -EINVAL);
		CHECK(name, parse(arch, head, len, bare / 2, &k, &fault) == -EINVAL);
		arch = arch == ARCH_X86_64 ? ARCH_ARM64 : ARCH_X86_64;
		CHECK(name, parse(arch, head, len, vectors[i].size, &k, &fault) == -EINVAL);
		CHECK(name, parse(ARCH_NONE, head, len, vectors[i].size, &k, &fault) == -EINVAL);
	}
}

static void test_machine(void **state)
{
	(void)state;
	assert_int_equal(kernel_machine(ARCH_X86_64), 0x8664);
	assert_int_equal(kernel_machine(ARCH_ARM64), 0xaa64);
	assert_int_equal(kernel_machine(ARCH_NONE), 0);
}

static void test_initrd(void **state)
{
	static const struct {
		const char *name;
		bool known;
		size_t len;
		const char *bytes;
	} vectors[] = {
		{"initrd-newc", true, 8, "070701ab"},
		{"initrd-newc-crc", true, 8, "070702ab"},
		{"initrd-gzip", true, 4, "\x1f\x8b\x08\x00"},
		{"initrd-bzip2", true, 4, "BZh9"},
		{"initrd-lzma", true, 5, "\x5d\x00\x00\x80\x00"},
		{"initrd-xz", true, 6, "\xfd\x37zXZ\x00"},
		{"initrd-lzo", true, 5, "\x89LZO\x00"},
		{"initrd-lz4-legacy", true, 4, "\x02\x21\x4c\x18"},
		{"initrd-zstd", true, 4, "\x28\xb5\x2f\xfd"},
		{"bad-initrd-empty", false, 0, ""},
		{"bad-initrd-zeros", false, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
		{"bad-initrd-cpio-odc", false, 8, "070707ab"},
		{"bad-initrd-cpio-cut", false, 5, "07070"},
		{"bad-initrd-cpio-old-binary", false, 4, "\xc7\x71\x00\x00"},
		{"bad-initrd-gzip-cut", false, 2, "\x1f\x8b"},
		{"bad-initrd-gzip-method", false, 4, "\x1f\x8b\x07\x00"},
		{"bad-initrd-bzip1", false, 4, "BZ0\x00"},
		{"bad-initrd-xz-cut", false, 5, "\xfd\x37zXZ"},
		{"bad-initrd-lz4-frame", false, 4, "\x04\x22\x4d\x18"},
		{"bad-initrd-zstd-skippable", false, 4, "\x50\x2a\x4d\x18"},
		{"bad-initrd-elf", false, 4, "\x7f\x45LF"},
		{"bad-initrd-squashfs", false, 4, "hsqs"},
		{"bad-initrd-text", false, 9, "<!DOCTYPE"},
	};

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		uint8_t *copy = copy_of((const uint8_t *)vectors[i].bytes, vectors[i].len);

		CHECK(vectors[i].name, initrd_is_known(copy, vectors[i].len) == vectors[i].known);
		CHECK(vectors[i].name, corpus_has("kernel", vectors[i].name, copy, vectors[i].len));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_bad),
		cmocka_unit_test(test_real),   cmocka_unit_test(test_machine),
		cmocka_unit_test(test_initrd),
	};

	return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
