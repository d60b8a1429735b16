/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much of the start of a file holds everything that is read here: a table of 96 sections alone
 * takes 3840 bytes, behind headers of 400 and more. */
#define PE_HEAD_SIZE 8192

/* Machine types (PE/COFF section 3.3.1). */
#define PE_MACHINE_X86_64 0x8664
#define PE_MACHINE_ARM64  0xaa64

/* What is wrong with a file, and where. */
struct fault {
	uint64_t where;	  /* offset in the file */
	const char *what; /* one phrase, a constant: "sections overlap" */
};

/* Where a section's content lies in the file. */
struct pe_section {
	uint64_t offset;
	uint64_t size; /* the smaller of VirtualSize and SizeOfRawData: without padding. 0 = absent,
			  or empty */
};

/* The sections of a UKI that are used (UAPI.5 "UKI Components"). */
enum pe_part { PE_LINUX, PE_INITRD, PE_UCODE, PE_CMDLINE, PE_OSREL, PE_UNAME, PE_PARTS };

struct pe_uki {
	uint16_t machine; /* PE_MACHINE_* */
	struct pe_section part[PE_PARTS];
	unsigned int profiles; /* sections .profile: a multi-profile image has any */
	bool has_devicetree;   /* a section .dtb or .dtbauto that the stub would look at */
};

/* Its name: ".linux". */
const char *pe_part_name(enum pe_part part);

/* Finds a section of a PE file by name (at most 8 bytes) in the first `len` bytes of it (up to
 * PE_HEAD_SIZE are looked at). Everything is checked against the size of the whole file. 0; -ENOENT
 * if there is no such section; -EINVAL if this is no PE file, is truncated or its tables lie
 * outside of it; *ret_where (may be NULL) is then the offset of what is wrong. Of several sections
 * of one name the first counts (the base profile of a UKI comes first). Source: PE/COFF
 * specification, sections 2 to 4; UAPI.5. */
int pe_find_section(const uint8_t *head, size_t len, uint64_t file_size, const char *name,
		    struct pe_section *ret, uint64_t *ret_where);

/* Reads a UKI strictly, as before a kexec: PE32+, an EFI application (subsystem 10), at most 96
 * sections, all headers and the section table within the head and within SizeOfHeaders, every
 * section within the file (64-bit sums), none inside the headers, no two contents overlapping (also
 * of sections that we do not use), none of the names we use twice in one profile, `.linux` and
 * `.osrel` there and not empty. Of a multi-profile image it reads what the stub starts if nobody
 * chooses: the base profile (what comes before the first `.profile`), overridden by the sections of
 * profile 0 (up to the second `.profile`).
 * 0; -ENOENT for a PE file without any section `.linux`: no UKI, and nothing more of it was
 * checked; -EINVAL with *ret_fault (not NULL) for everything else: where is then the offset of the
 * wrong field of a header, or of the section's row in the table. *ret is written only on 0.
 * Source: PE/COFF specification, sections 2 to 4; UAPI.5 "Multi-Profile UKIs". */
int pe_parse_uki(const uint8_t *head, size_t len, uint64_t file_size, struct pe_uki *ret,
		 struct fault *ret_fault);

/* True if the PE32+ file (an EFI stub kernel) carries a signature: a certificate table (data
 * directory 4) that is not empty and lies within the file. Whether it is any good is the kernel's
 * business. */
bool pe_is_signed(const uint8_t *head, size_t len, uint64_t file_size);
