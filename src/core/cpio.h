/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* An archive as the kernel unpacks it. Source: Documentation/driver-api/early-userspace/
 * buffer-format.rst, init/initramfs.c. */

/* One file of it; the pointers lead into the archive. */
struct cpio_entry {
	struct slice name; /* without a `/` or `./` in front */
	uint32_t mode;	   /* st_mode */
	uint32_t inode, links;
	uint32_t device[2];
	struct slice content; /* of a symbolic link: where it leads */
};

bool cpio_is_file(const struct cpio_entry *e);
bool cpio_is_link(const struct cpio_entry *e);
bool cpio_is_executable(const struct cpio_entry *e); /* a file that somebody may execute */

/* True if an archive (newc, with or without checksums) begins here. */
bool cpio_begins(const uint8_t *data, size_t len);

/* Reads the file at *at (multiple of 4, 0..len; the archive begins at 0) and moves *at behind it.
 * 0; CPIO_END: that was the end mark, *at is behind it; -EINVAL with *ret_what (a constant phrase):
 * it is cut off or damaged there, *at stays. Checksums are not looked at, as by the kernel that
 * boots from it. */
#define CPIO_END 1
int cpio_next(const uint8_t *data, size_t len, size_t *at, struct cpio_entry *ret,
	      const char **ret_what);
