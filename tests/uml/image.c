// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "image.h"

#define COFF	 0x84 /* behind "PE\0\0" at 0x80 */
#define OPTIONAL (COFF + 20)
#define TABLE	 (OPTIONAL + 240)
#define HEADERS	 0x400

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value & 0xffff);
	put16(p + 2, value >> 16);
}

/* MZ, PE, COFF and optional header of an EFI application. */
static void put_pe(uint8_t *out, uint16_t machine)
{
	memset(out, 0, HEADERS);
	memcpy(out, "MZ", 2);
	put32(out + 0x3c, 0x80);
	memcpy(out + 0x80, "PE\0\0", 4);
	put16(out + COFF, machine);
	put16(out + COFF + 16, TABLE - OPTIONAL);
	put16(out + COFF + 18, 0x22);	    /* executable, large addresses */
	put16(out + OPTIONAL, 0x20b);	    /* PE32+ */
	put32(out + OPTIONAL + 32, 0x1000); /* alignment in memory, in the file */
	put32(out + OPTIONAL + 36, 512);
	put32(out + OPTIONAL + 56, 1 << 20); /* size in memory */
	put32(out + OPTIONAL + 60, HEADERS);
	put16(out + OPTIONAL + 68, 10);	 /* EFI application */
	put32(out + OPTIONAL + 108, 16); /* data directories */
}

size_t image_uki(uint8_t out[IMAGE_MAX], uint16_t machine, const struct image_section *s,
		 unsigned int n)
{
	uint32_t at = HEADERS, address = 0x1000;
	unsigned int n_sections = 0;

	put_pe(out, machine);
	for (unsigned int i = 0; i < n; i++) {
		uint32_t raw_size = (s[i].size + 511) / 512 * 512;
		uint8_t *header = out + TABLE + (size_t)n_sections * 40;

		if (s[i].size == 0)
			continue;
		memcpy(header, s[i].name, strlen(s[i].name));
		put32(header + 8, s[i].size);
		put32(header + 12, address);
		put32(header + 16, raw_size);
		put32(header + 20, at);
		put32(header + 36, 0x40000040); /* data, readable */
		memset(out + at, 0xcc, raw_size);
		memcpy(out + at, s[i].data, s[i].size);
		at += raw_size;
		address += (raw_size + 0xfff) / 0x1000 * 0x1000;
		n_sections++;
	}
	put16(out + COFF + 2, n_sections);
	return at;
}

uint32_t image_section_at(const uint8_t *uki, unsigned int nth)
{
	uint32_t at;

	memcpy(&at, uki + TABLE + (size_t)nth * 40 + 20, sizeof(at));
	return at;
}

static size_t noise(uint8_t *out, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		out[i] = (uint8_t)(i * 31 + (i >> 8));
	return to;
}

/* Documentation/arch/x86/boot.rst: one sector, then the setup of one, then the kernel. */
size_t image_x86(uint8_t out[IMAGE_MAX])
{
	const size_t size = 1024 + 6000;

	memset(out, 0, 1024);
	out[0x1f1] = 1;		       /* sectors of the setup */
	put32(out + 0x1f4, 6000 / 16); /* size of the kernel */
	put16(out + 0x1fe, 0xaa55);
	memcpy(out + 0x202, "HdrS", 4);
	put16(out + 0x206, 0x20f); /* protocol */
	out[0x211] = 1;		   /* loaded high */
	put16(out + 0x236, 3);	   /* 64 bit, above 4 GiB */
	put32(out + 0x238, 2047);  /* command line */
	put32(out + 0x260, IMAGE_INIT_SIZE);
	return noise(out, 1024, size);
}

/* Documentation/arch/arm64/booting.rst */
size_t image_arm64(uint8_t out[IMAGE_MAX])
{
	memset(out, 0, 64);
	put32(out + 16, IMAGE_INIT_SIZE); /* size in memory */
	put32(out + 24, 0xa);		  /* little endian, pages of 4 KiB, anywhere */
	memcpy(out + 0x38, "ARM\x64", 4);
	return noise(out, 64, 20000);
}

/* drivers/firmware/efi/libstub/zboot-header.S */
size_t image_zboot(uint8_t out[IMAGE_MAX], const char *compression, const void *packed, size_t len,
		   uint32_t unpacked_size)
{
	put_pe(out, 0xaa64);
	memcpy(out + 4, "zimg", 4);
	put32(out + 8, HEADERS);
	put32(out + 12, (uint32_t)len);
	memcpy(out + 24, compression, strlen(compression) + 1);
	put32(out + 0x38, 0x818223cd); /* Linux in a PE file */
	memcpy(out + HEADERS, packed, len);
	put32(out + HEADERS + len, unpacked_size);
	memset(out + HEADERS + len + 4, 0xcc, 100);
	return HEADERS + len + 104;
}
