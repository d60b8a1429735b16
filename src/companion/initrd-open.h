/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/map.h"
#include "initrd.h"

#define IMAGE_MAPS_MAX 48

/* An initramfs in memory: of each of its files, and what was packed in them. */
struct image {
	struct initrd initrd;
	struct map map[IMAGE_MAPS_MAX];
	unsigned int n_maps;
	const char *packed; /* the program that unpacked the last part, NULL = none was needed */
};

/* Appends a part of a file, as the kernel unpacks it: archives with zeros between them, then
 * perhaps one that is compressed. 0; negative errno with one phrase in why: "at offset 512: it is
 * cut off". End with image_close(), also after an error. */
int image_add(struct image *i, int fd, uint64_t offset, uint64_t size, struct text *why);

void image_close(struct image *i);
