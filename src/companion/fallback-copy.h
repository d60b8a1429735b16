/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* FallbackPath=yes: makes EFI/BOOT/BOOTX64.EFI on the ESP a copy of the UKI of the booted rung,
 * which was blessed just now. Nothing is done where FallbackPath= is off, the firmware is not the
 * boot loader, the rung is not of the system or was not started by the firmware in this boot, is no
 * type #2 entry, or the copy is in step. What is there is replaced only if it is a UKI too: another
 * boot loader (or its shim) is nobody's to replace. The new file is written beside the old one,
 * read back and exchanged, so there is a whole one at each moment; room for both is needed.
 *
 * What was done, and why it was not, is logged; the bless goes on whatever happens. f: after
 * settle(). */
void fallback_copy(struct machine *m, const struct facts *f);
