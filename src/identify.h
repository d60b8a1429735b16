/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Finds out which entry was booted, by all witnesses there are (ARCHITECTURE.md "Which entry was
 * booted"), and fills in f->booted but for its counting. Needs f->record, f->ladder and f->kexeced.
 * Two witnesses that disagree make the entry unknown; that is logged. */
void identify_booted(const struct machine *m, struct facts *f);

/* True if the path of what the firmware itself started (the stub's, BootCurrent's) leads to exactly
 * one entry, which may be on no rung; or if that could not be read (an error, not its absence, nor
 * garbage): who took this for another loader would rename a file that the firmware finds by its
 * path. */
bool identify_by_firmware(const struct machine *m);
