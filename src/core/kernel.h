/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pe.h"

/* How much of the start of a kernel or initrd holds everything that is read here. */
#define KERNEL_HEAD_SIZE 4096
#define INITRD_HEAD_SIZE 16

enum arch { ARCH_NONE, ARCH_X86_64, ARCH_ARM64 };

/* The machine that this was built for; on any other one kexec is left out. */
#if defined(__x86_64__)
#define ARCH_NATIVE ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH_NATIVE ARCH_ARM64
#else
#define ARCH_NATIVE ARCH_NONE
#endif

/* PE_MACHINE_* of an architecture, 0 for ARCH_NONE. */
uint16_t kernel_machine(enum arch arch);

enum kernel_format {
	KERNEL_BZIMAGE, /* x86: Documentation/arch/x86/boot.rst */
	KERNEL_IMAGE,	/* arm64: Documentation/arch/arm64/booting.rst */
	KERNEL_ZBOOT,	/* an Image compressed into a PE file:
			   drivers/firmware/efi/libstub/zboot-header.S */
};

struct kernel_image {
	enum kernel_format format;
	uint64_t init_size;   /* memory that it takes when it starts: init_size, image_size; of a
				 zboot image not known before it is unpacked, then 0 */
	uint32_t cmdline_max; /* longest command line, without its terminator */
	bool is_signed;	      /* pe_is_signed() */
	struct pe_section payload; /* KERNEL_ZBOOT: the compressed kernel within the image */
	char compression[9]; /* KERNEL_ZBOOT: "gzip", "zstd22", "lzma" ..., as the header spells it
			      */
};

/* Checks a kernel by its first `len` bytes (up to KERNEL_HEAD_SIZE are looked at) and its size.
 * x86: 0xaa55, HdrS, protocol 2.12 or later, LOADED_HIGH, a 64-bit entry point and loadable above
 * 4 GiB (xloadflags bits 0 and 1), (setup_sects + 1) sectors within the image, which is not shorter
 * than they and syssize say (a signature may follow), syssize, init_size and cmdline_size not 0:
 * what kexec_file_load(2) asks, and what shows a cut. arm64: the magic at 0x38, little endian,
 * image_size not 0 and not below the size; one that is a PE file too (EFI stub) has all its
 * sections, which shows a cut; or zboot: its payload within the image and not empty, and the name
 * of a compression. 0; -EINVAL with *ret_fault (not NULL): the offset of the wrong field within the
 * image. *ret is written only on 0. Source: boot.rst "The Real-Mode Kernel Header"; booting.rst
 * "Call the kernel image"; kernel arch/x86/kernel/kexec-bzimage64.c,
 * arch/arm64/kernel/kexec_image.c. */
int kernel_parse(enum arch arch, const uint8_t *head, size_t len, uint64_t size,
		 struct kernel_image *ret, struct fault *ret_fault);

/* True if this is the beginning of an initrd: a cpio archive (newc 070701 and 070702; the kernel
 * takes no other) or one of the compressions that the kernel unpacks (gzip, bzip2, lzma, xz, lzo,
 * lz4, zstd). Source: kernel init/initramfs.c, lib/decompress*.c. */
bool initrd_is_known(const uint8_t *head, size_t len);
