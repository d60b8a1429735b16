/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* What a power cut left on a file system of $BOOT is put right before anything is written there:
 * before it, because a free cluster that a leftover still names would be given to another file.
 * Our temporaries begin with ".bootassess-"; nobody else's file is ever taken away, and nothing
 * that shares a cluster with a live file is unlinked: its name is forgotten (doors/volume.h). */

/* Looks at the partition (not mounted by us at that moment), and mends what is ours to mend; each
 * thing that was done is logged. Once per run and store; called by machine_begin_write(). Under
 * --root= it looks at the directory only. 0: all is well now, or nothing is to be done about it;
 * negative errno: nothing must be written there (-EUCLEAN: it is damaged in a way that a write
 * would make worse, and that is logged). */
int repair_store(struct machine *m, enum place place);
