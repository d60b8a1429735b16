/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How much of the start of a file holds everything that pe_find_section() reads. */
#define PE_HEAD_SIZE 4096

/* Where a section's content lies in the file. */
struct pe_section {
	uint64_t offset;
	uint64_t size; /* the smaller of VirtualSize and SizeOfRawData: without padding */
};

/* Finds a section of a PE file by name (at most 8 bytes) in the first `len` bytes of it (up to
 * PE_HEAD_SIZE are looked at). Everything is checked against the size of the whole file. 0; -ENOENT
 * if there is no such section; -EINVAL if this is no PE file, is truncated or its tables lie
 * outside of it; *ret_where (may be NULL) is then the offset of what is wrong. Of several sections
 * of one name the first counts (the base profile of a UKI comes first). Source: PE/COFF
 * specification, sections 2 to 4; UAPI.5. */
int pe_find_section(const uint8_t *head, size_t len, uint64_t file_size, const char *name,
		    struct pe_section *ret, uint64_t *ret_where);
