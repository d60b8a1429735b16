/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* The most that a zboot kernel may say that it unpacks to. */
#define UNPACK_MAX_SIZE (256ull << 20)

/* Unpacks size bytes at offset of a file ("gzip" by libz, "zstd" or "zstd22" by libzstd, both
 * opened with dlopen(3) here and only here, when a zboot kernel needs them) to the end of a memory
 * file, in pieces of at most 256 KiB, and not more than max bytes; what comes after the compressed
 * stream is ignored. A zstd stream also takes its window, which its header names: "zstd22" up to
 * 128 MiB, and no more is allowed (-EBADMSG). 0; -EOPNOTSUPP for another compression; -ELIBACC if
 * the library cannot be opened; -EBADMSG for broken data, also if it ends early; -EFBIG above max;
 * other negative errno. *ret_at: the offset in the file up to which it was read, also on errors. */
int unpack_file(const char *compression, int from_fd, uint64_t offset, uint64_t size, uint64_t max,
		int memfd, uint64_t *ret_at);
