/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Little-endian numbers at any address: 2, 4 or 8 bytes are read. */
static inline uint16_t read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t read_u32(const uint8_t *p)
{
	return read_u16(p) | (uint32_t)read_u16(p + 2) << 16;
}

static inline uint64_t read_u64(const uint8_t *p)
{
	return read_u32(p) | (uint64_t)read_u32(p + 4) << 32;
}
