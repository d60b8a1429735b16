/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Where everything lies in a FAT file system. Offsets are bytes from the start of the partition. */
struct fat_layout {
	unsigned int type; /* 12, 16, 32: bits of an entry of the FAT */
};
