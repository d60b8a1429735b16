/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Attributes of a GPT partition that say that it is not data that could be given up: needed by the
 * platform, booted by a BIOS, read-only. Source: UEFI 2.10 table 5.8; UAPI.2. */
#define GPT_REQUIRED	((uint64_t)1 << 0)
#define GPT_LEGACY_BOOT ((uint64_t)1 << 2)
#define GPT_READ_ONLY	((uint64_t)1 << 60)

/* What a partition of this type (GUID as text, any case) holds, if it is one that boots or holds a
 * system, of any architecture: "a root file system". NULL for all others. Source: UAPI.2
 * Discoverable Partitions Specification; the types of boot loaders as sfdisk(8) knows them. */
const char *gpt_type_name(const char *guid);

/* True if that is a root or a /usr file system, of any architecture. */
bool gpt_is_system(const char *guid);
