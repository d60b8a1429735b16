/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"
#include "text.h"

/* The boot options of the firmware (Boot####, BootOrder) for the ladder, made whole: what is
 * missing, stale or inactive is written anew, duplicates go, BootOrder names each
 * (core/bootorder.h). Only where the firmware is the boot loader. Written only on change; each
 * change is logged, and added as a line to out (NULL = nowhere). Needs the lock.
 * is_dry_run: nothing is written, out says what would be. first: rung whose new option comes before
 * those of the others if it is good, -1 = none.
 *
 * 0; 1 if nothing was to be changed; -EOPNOTSUPP: the boot loader is another one, or there are no
 * EFI variables; other negative errno, the first one of what could not be written (-ENOSPC: the
 * memory of the firmware is full), which is logged. All that could be written is then written. */
int nvram_repair(struct machine *m, const struct facts *f, int first, bool is_dry_run,
		 struct text *out);
