/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/volume.h"

/* Room for names in the directories that we make names in, before the kernel has to grow one:
 * doors/volume.h tells why. The root, loader, loader/entries, loader/bootassess, EFI, EFI/Linux,
 * bootassess and the directories in that. One that is not there, cannot be read, or cannot grow, is
 * passed over. A directory that was just made has the 14 slots of one small cluster at least, and
 * is looked at by the next run. */

/* The longest name of an entry (21 slots), and a temporary of ours beside it (2). Names that are
 * shorter, and more of them, do as well: they are deleted before the next run. */
#define ROOM_SLOTS 24

/* True if room_make() has something to do. It only reads. */
bool room_is_lacking(struct volume *v);

/* Makes room where there is none, on a volume that we have alone. Each directory that grew, and a
 * failure, is logged: Linux then grows the directory, in its own order. where: for these lines,
 * "ESP". */
void room_make(struct volume *v, const char *where);
