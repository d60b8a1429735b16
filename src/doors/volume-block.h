/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "volume.h"

/* What the parts of this door share: nobody else needs it. */

#define VOLUME_WINDOW 4096u /* what is read at once; the largest block of a device */

enum volume_window { VOLUME_WINDOW_DIR, VOLUME_WINDOW_FAT, VOLUME_WINDOWS };

/* Reads len bytes at an offset; where it is alone, all three must be those of whole blocks, and buf
 * is one of its own. 0 or negative errno. */
int volume_read(const struct volume *v, unsigned char *buf, uint64_t at, uint64_t len);

/* Makes len bytes at an offset readable; they lie in one sector. *ret holds until the next call for
 * this window, or the next write. 0; -EUCLEAN if they lie outside; other negative errno. */
int volume_load(struct volume *v, enum volume_window window, uint64_t at, uint64_t len,
		const uint8_t **ret);

/* The bytes of the entry of a cluster in the first FAT: 2, or 4 for FAT32. 0; -EUCLEAN: there is no
 * such cluster; other negative errno. */
int volume_read_entry(struct volume *v, uint32_t cluster, uint8_t ret[4]);

/* The first cluster of a directory; 0 = the root. 0; -ENOENT; -ENOTDIR; -EUCLEAN; other negative
 * errno. */
int volume_find_dir(struct volume *v, const char *path, uint32_t *ret);

/* A buffer of VOLUME_WINDOW bytes for what is to be written. */
unsigned char *volume_block(const struct volume *v);

/* Writes this buffer, one block of the device, as one request, flushes, and looks whether the disk
 * has it. 0; negative errno, with is_unsure set. */
int volume_write_block(struct volume *v, uint64_t at);
