/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* A note: the bless of this boot took the counter, but could not do all the rest. */
#define NOTE_HALF_BLESSED "half-blessed"

/* A note: the id that `activate` made the next one, in this boot. */
#define NOTE_ACTIVATED "activated"

/* Reads what became of this boot so far into *f: failed, blessed, activated, lasted, leaving. From
 * the notes of this boot, and proc/uptime. What is not there is false. */
void past_read(const struct machine *m, struct facts *f);

/* Seconds since the kernel started, suspend included, as proc/uptime says; 0 = not known. */
uint32_t past_uptime_s(const struct machine *m);
