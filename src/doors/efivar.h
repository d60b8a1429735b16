/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Vendor GUIDs. */
#define EFIVAR_LOADER "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define EFIVAR_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
/* systemd's. */
#define EFIVAR_SYSTEMD "8cf2644b-4b0b-428f-9387-6d876050dc67"
/* Ours. */
#define EFIVAR_BOOTASSESS "a43b6b5c-0f1f-4bb8-8f39-5b4f0a6f3c9e"

/* NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS: what every variable that we write has. */
#define EFIVAR_ATTRIBUTES 0x7u

/* Reads the payload of NAME-GUID in efivarfs (dirfd: its directory), without the 4 bytes of
 * attributes. 0 with *ret_len (0..size); 1 if it is absent (ENOENT, or a file of size 0, which
 * efivarfs shows while a variable is being made); -E2BIG if it is longer than size (buf holds the
 * first size bytes, *ret_len is size); -EINVAL if the file is shorter than its attributes; other
 * negative errno. The kernel limits the rate of reads by EINTR: 20 retries at once, then each 50
 * ms, 25 in all. Source: kernel fs/efivarfs/file.c; UEFI 2.10 section 8.2. */
int efivar_read(int dirfd, const char *name, const char *guid, uint8_t *buf, size_t size,
		size_t *ret_len);

/* True if this answer of efivar_read() says that something is there that may be readable another
 * time: an error. False for a value, for none, and for one that no reading makes better: too short
 * (-EINVAL, which is also what the kernel makes of a status that it does not know) or too long. */
bool efivar_is_unread(int r);

/* Writes the whole variable (EFIVAR_ATTRIBUTES and data, len 1..4092) in one write(2); takes the
 * immutable flag off before. What is there already byte for byte is not written again (NVRAM
 * wears). 0; 1 if nothing had to be written; negative errno (-EROFS, -ENOSPC, -EINVAL, -E2BIG for a
 * longer len ...). A new variable that was refused leaves no empty file. */
int efivar_write(int dirfd, const char *name, const char *guid, const uint8_t *data, size_t len);

/* Deletes it. 0; 1 if it was absent; negative errno. */
int efivar_delete(int dirfd, const char *name, const char *guid);

/* The bytes that new variables may still take, less what the kernel keeps. 0; -EOPNOTSUPP where
 * efivarfs does not tell (Linux before 6.5, or no efivarfs); other negative errno. */
int efivar_room(int dirfd, uint64_t *ret);
