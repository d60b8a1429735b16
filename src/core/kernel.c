// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "text.h"

/* Offsets within the header of a bzImage (boot.rst). */
#define X86_SETUP_SECTS	    0x1f1
#define X86_SYSSIZE	    0x1f4 /* in units of 16 bytes */
#define X86_BOOT_FLAG	    0x1fe
#define X86_HEADER	    0x202
#define X86_VERSION	    0x206
#define X86_LOADFLAGS	    0x211
#define X86_XLOADFLAGS	    0x236
#define X86_CMDLINE_SIZE    0x238
#define X86_INIT_SIZE	    0x260
#define X86_HEADER_END	    0x264
#define X86_LOADED_HIGH	    1
#define X86_64_ABOVE_4G	    3 /* XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G */
#define X86_SECTOR	    512
#define X86_SETUP_SECTS_OLD 4 /* what 0 stands for */

/* Offsets within an arm64 Image (booting.rst). */
#define ARM64_IMAGE_SIZE  16
#define ARM64_FLAGS	  24
#define ARM64_BIG_ENDIAN  1
#define ARM64_MAGIC	  0x38
#define ARM64_HEADER_END  0x40
#define ARM64_CMDLINE_MAX 2047 /* COMMAND_LINE_SIZE without the terminator */

/* Offsets within a zboot image (zboot-header.S). */
#define ZBOOT_TYPE	   4
#define ZBOOT_PAYLOAD_AT   8
#define ZBOOT_PAYLOAD_SIZE 12
#define ZBOOT_COMPRESSION  24
#define ZBOOT_HEADER_END   0x40

/* A kernel of which we hold the first len bytes. */
struct image {
	const uint8_t *data;
	size_t len;
	uint64_t size;
	struct fault fault;
};

static int wrong(struct image *image, uint64_t where, const char *what)
{
	image->fault = (struct fault){where, what};
	return -EINVAL;
}

uint16_t kernel_machine(enum arch arch)
{
	switch (arch) {
	case ARCH_X86_64:
		return PE_MACHINE_X86_64;
	case ARCH_ARM64:
		return PE_MACHINE_ARM64;
	case ARCH_NONE:
		break;
	}
	return 0;
}

/* A copy that was cut short is found by syssize only. */
static int check_bzimage_size(struct image *image)
{
	uint64_t setup = image->data[X86_SETUP_SECTS];
	uint64_t rest = (uint64_t)read_u32(image->data + X86_SYSSIZE) * 16;

	if (setup == 0)
		setup = X86_SETUP_SECTS_OLD;
	setup = (setup + 1) * X86_SECTOR;
	if (setup > image->size)
		return wrong(image, X86_SETUP_SECTS, "setup longer than the image");
	if (rest == 0)
		return wrong(image, X86_SYSSIZE, "syssize 0");
	if (rest > image->size - setup)
		return wrong(image, X86_SYSSIZE, "kernel cut short");
	return 0;
}

static int parse_bzimage(struct image *image, struct kernel_image *kernel)
{
	const uint8_t *data = image->data;

	if (image->len < X86_HEADER_END)
		return wrong(image, image->len, "kernel shorter than its header");
	if (read_u16(data + X86_BOOT_FLAG) != 0xaa55)
		return wrong(image, X86_BOOT_FLAG, "no kernel");
	if (memcmp(data + X86_HEADER, "HdrS", 4) != 0)
		return wrong(image, X86_HEADER, "no kernel");
	if (read_u16(data + X86_VERSION) < 0x020c)
		return wrong(image, X86_VERSION, "boot protocol before 2.12");
	if (!(data[X86_LOADFLAGS] & X86_LOADED_HIGH))
		return wrong(image, X86_LOADFLAGS, "no bzImage");
	if ((data[X86_XLOADFLAGS] & X86_64_ABOVE_4G) != X86_64_ABOVE_4G)
		return wrong(image, X86_XLOADFLAGS, "no 64-bit entry, or not loadable above 4 GiB");
	kernel->cmdline_max = read_u32(data + X86_CMDLINE_SIZE);
	if (kernel->cmdline_max == 0)
		return wrong(image, X86_CMDLINE_SIZE, "cmdline_size 0");
	kernel->init_size = read_u32(data + X86_INIT_SIZE);
	if (kernel->init_size == 0)
		return wrong(image, X86_INIT_SIZE, "init_size 0");
	kernel->format = KERNEL_BZIMAGE;
	return check_bzimage_size(image);
}

/* An Image does not say how long its file is; that it is no shorter only its PE sections say. */
static int check_image_sections(struct image *image)
{
	struct pe_section text;
	uint64_t where;

	if (memcmp(image->data, "MZ", 2) == 0 &&
	    pe_find_section(image->data, image->len, image->size, ".text", &text, &where) ==
		    -EINVAL)
		return wrong(image, where, "wrong PE header, or kernel cut short");
	return 0;
}

static int parse_image(struct image *image, struct kernel_image *kernel)
{
	const uint8_t *data = image->data;

	if (image->len < ARM64_HEADER_END)
		return wrong(image, image->len, "kernel shorter than its header");
	if (memcmp(data + ARM64_MAGIC, "ARMd", 4) != 0)
		return wrong(image, ARM64_MAGIC, "no kernel");
	if (data[ARM64_FLAGS] & ARM64_BIG_ENDIAN)
		return wrong(image, ARM64_FLAGS, "big endian");
	kernel->init_size = read_u64(data + ARM64_IMAGE_SIZE);
	if (kernel->init_size == 0)
		return wrong(image, ARM64_IMAGE_SIZE, "image_size 0");
	if (kernel->init_size < image->size)
		return wrong(image, ARM64_IMAGE_SIZE, "image_size below the file's size");
	kernel->format = KERNEL_IMAGE;
	kernel->cmdline_max = ARM64_CMDLINE_MAX;
	return check_image_sections(image);
}

static bool is_zboot(const struct image *image)
{
	return image->len >= ZBOOT_HEADER_END && memcmp(image->data, "MZ", 2) == 0 &&
	       memcmp(image->data + ZBOOT_TYPE, "zimg", 4) == 0;
}

static int parse_zboot(struct image *image, struct kernel_image *kernel)
{
	const char *name = (const char *)image->data + ZBOOT_COMPRESSION;
	size_t name_len = strnlen(name, sizeof(kernel->compression));
	struct pe_section payload = {
		.offset = read_u32(image->data + ZBOOT_PAYLOAD_AT),
		.size = read_u32(image->data + ZBOOT_PAYLOAD_SIZE),
	};

	if (payload.offset < ZBOOT_HEADER_END)
		return wrong(image, ZBOOT_PAYLOAD_AT, "payload inside the header");
	if (payload.size == 0)
		return wrong(image, ZBOOT_PAYLOAD_SIZE, "payload empty");
	if (payload.offset + payload.size > image->size)
		return wrong(image, ZBOOT_PAYLOAD_AT, "payload outside of the file");
	if (name_len == 0 || name_len == sizeof(kernel->compression))
		return wrong(image, ZBOOT_COMPRESSION, "no compression");
	for (size_t i = 0; i < name_len; i++)
		if (!char_is_printable(name[i]))
			return wrong(image, ZBOOT_COMPRESSION, "no compression");
	memcpy(kernel->compression, name, name_len);
	kernel->format = KERNEL_ZBOOT;
	kernel->payload = payload;
	kernel->cmdline_max = ARM64_CMDLINE_MAX;
	return 0;
}

static int parse(enum arch arch, struct image *image, struct kernel_image *kernel)
{
	switch (arch) {
	case ARCH_X86_64:
		return parse_bzimage(image, kernel);
	case ARCH_ARM64:
		return is_zboot(image) ? parse_zboot(image, kernel) : parse_image(image, kernel);
	case ARCH_NONE:
		break;
	}
	return wrong(image, 0, "no kexec on this machine");
}

int kernel_parse(enum arch arch, const uint8_t *head, size_t len, uint64_t size,
		 struct kernel_image *ret, struct fault *ret_fault)
{
	struct image image = {.data = head, .len = len, .size = size};
	struct kernel_image kernel = {0};
	int r;

	if (image.len > KERNEL_HEAD_SIZE)
		image.len = KERNEL_HEAD_SIZE;
	if (image.len > size)
		image.len = (size_t)size;

	r = parse(arch, &image, &kernel);
	if (r < 0) {
		*ret_fault = image.fault;
		return r;
	}
	kernel.is_signed = pe_is_signed(image.data, image.len, size);
	*ret = kernel;
	return 0;
}

bool initrd_is_known(const uint8_t *head, size_t len)
{
	static const struct {
		size_t len;
		uint8_t bytes[6];
	} magics[] = {
		{6, {'0', '7', '0', '7', '0', '1'}},
		{6, {'0', '7', '0', '7', '0', '2'}},
		{3, {0x1f, 0x8b, 8}},		    /* gzip */
		{3, {'B', 'Z', 'h'}},		    /* bzip2 */
		{2, {0x5d, 0}},			    /* lzma */
		{6, {0xfd, '7', 'z', 'X', 'Z', 0}}, /* xz */
		{4, {0x89, 'L', 'Z', 'O'}},	    /* lzo */
		{4, {0x02, 0x21, 0x4c, 0x18}},	    /* lz4, the legacy format */
		{4, {0x28, 0xb5, 0x2f, 0xfd}},	    /* zstd */
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= magics[i].len && memcmp(head, magics[i].bytes, magics[i].len) == 0)
			return true;
	return false;
}
