/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "text.h"

/* EFI variable payloads, without the 4 bytes of attributes that efivarfs puts in front.
 * Source: systemd.io/BOOT_LOADER_INTERFACE. Load options: loadopt.h. */

/* Bits of LoaderFeatures. */
#define LOADVAR_FEATURE_ONESHOT	  ((uint64_t)1 << 3)
#define LOADVAR_FEATURE_COUNTING  ((uint64_t)1 << 4)
#define LOADVAR_FEATURE_PREFERRED ((uint64_t)1 << 19)

/* Turns one UTF-16LE string into ASCII. The terminating NUL may be missing; nothing but NULs may
 * follow it. Only printable ASCII (0x20..0x7e) is a name or path here: everything else, an odd
 * length and an empty string are -EINVAL; too long for size is -ENAMETOOLONG. buf is written only
 * on 0. */
int loadvar_string(const uint8_t *data, size_t len, char *buf, size_t size);

/* Writes a string as UTF-16LE with its NUL. Returns the number of bytes, or -ENAMETOOLONG if it
 * does not fit into size or is 1024 characters or longer, -EINVAL if it is not printable ASCII. */
int loadvar_from_string(const char *s, uint8_t *data, size_t size);

/* Takes the next id of LoaderEntries off *data and *len (NUL-separated; the last NUL may be
 * missing, more of them at the end are padding). 0, or 1 at the end. An id that is no printable
 * ASCII or too long gives -EINVAL and is skipped: the caller may go on. */
int loadvar_next_id(const uint8_t **data, size_t *len, char id[NAME_SIZE]);

/* Reads LoaderFeatures: a little-endian u64. 0, or -EINVAL if it is not 8 bytes. */
int loadvar_features(const uint8_t *data, size_t len, uint64_t *ret);

/* Takes the file name of an entry off a clean path: `\loader\entries\NAME.conf` (type 1) or
 * `\EFI\Linux\NAME.efi` (type 2); `/` is taken for `\`; letter case of the folders and the suffix
 * does not matter. Returns the type, 1 or 2; 0 if the path is clean but leads elsewhere (no entry,
 * or no bls_valid_name()); -EINVAL if it is not clean: relative, `.` or `..`, an empty part (also
 * at the end). name is written only for 1 and 2. */
int loadvar_entry_path(const char *path, char name[NAME_SIZE]);

/* Compares two paths on a FAT file system: `/` and `\` are the same, so are upper and lower case, a
 * leading separator and doubled ones do not matter. An empty path equals nothing, not even another
 * empty one. */
bool loadvar_same_path(struct slice a, struct slice b);

/* Reads BootCurrent: a little-endian u16. 0 or -EINVAL. */
int loadvar_boot_current(const uint8_t *data, size_t len, uint16_t *ret);

/* True for a UUID in its text form (8-4-4-4-12 hexadecimal digits, any case). */
bool loadvar_is_uuid(const char *s);

/* A PARTUUID and its terminator, with room to spare. */
#define PARTUUID_SIZE 40

/* Reads a PARTUUID as the kernel writes it: a UUID (GPT), or 8 and 2 hexadecimal digits (MBR); a
 * leading "PARTUUID=" is skipped. 0 and the lower-case text, or -EINVAL. */
int loadvar_partuuid(struct slice s, char ret[PARTUUID_SIZE]);
