/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Images of boot entries for test-stage.c, as small as they can be. */

#define IMAGE_MAX 65536

struct image_section {
	const char *name;
	const void *data;
	uint32_t size; /* 0 = this section is left out */
};

/* Writes a UKI of these sections; each is filled up with 0xcc to 512 bytes. Returns its size. */
size_t image_uki(uint8_t out[IMAGE_MAX], uint16_t machine, const struct image_section *s,
		 unsigned int n);

/* Where the content of the nth section lies in it. */
uint32_t image_section_at(const uint8_t *uki, unsigned int nth);

/* A bzImage, an Image of arm64, and the latter as a zboot image around what it was packed to, and
 * the size that it then unpacks to. Each returns its size. */
#define IMAGE_INIT_SIZE 0x123000u
size_t image_x86(uint8_t out[IMAGE_MAX]);
size_t image_arm64(uint8_t out[IMAGE_MAX]);
size_t image_zboot(uint8_t out[IMAGE_MAX], const char *compression, const void *packed, size_t len,
		   uint32_t unpacked_size);
