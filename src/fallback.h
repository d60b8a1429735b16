/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* The path that the firmware starts where no boot option leads anywhere. FallbackPath=yes keeps a
 * copy of the UKI there that was blessed last. Source: UEFI 2.10 section 3.5.1.1. */

#define FALLBACK_DIR "EFI/BOOT"

/* The name there for a kind of machine (PE_MACHINE_*): BOOTX64.EFI, BOOTAA64.EFI. NULL: we know
 * none. */
const char *fallback_name(uint16_t machine);

/* loader/bootassess/FALLBACK_NOTE on $BOOT: which entry the copy is of, a line with its id. */
#define FALLBACK_NOTE "fallback"

/* True if the copy (its path on the ESP) is of this file: as long, and with the same time of last
 * change (which copies keep). path: of the UKI, on a store. */
bool fallback_is_copy_of(const struct machine *m, const char *copy, enum place place,
			 const char *path);

/* The entry that this path is a copy of. 0; 1 if the path is another one, FallbackPath= is off,
 * nothing says whose copy it is, or that entry has changed since. */
int fallback_find(const struct machine *m, const char *path, char id[NAME_SIZE]);
