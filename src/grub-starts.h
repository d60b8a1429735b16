/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* A kernel that dies before its initramfs counts nothing. Where GRUB counts the starts of its
 * default (grub/bootassess.cfg), this is the answer that it waits for, from the initramfs of the
 * boot in f. The default has arrived: starts before this one that had no answer are tries used, if
 * it has a counter, and the count is forgotten. GRUB passed it over: it is marked bad, and the
 * count stays, so that GRUB does so until its default is another. Another entry arrived for another
 * reason: the count is forgotten. Counters come first: a power cut after them counts once more.
 * What cannot be written is logged, ignoring. Changes f with them. */
void grub_starts_answer(struct machine *m, struct facts *f);
