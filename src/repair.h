/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* What a power cut left on a file system of $BOOT is put right before anything is written there:
 * before it, because a free cluster that a leftover still names would be given to another file.
 * Our temporaries begin with ".bootassess-"; nobody else's file is ever taken away, and nothing
 * that shares a cluster with a live file is unlinked: its name is forgotten (doors/volume.h).
 *
 * In this order: names are forgotten (core/leftover.h), on the partition that nobody has mounted;
 * fsck.fat looks, and repairs unless files share clusters, if it was not unmounted in good order or
 * clusters were lost, where there is one and machine.fsck_s allows it; directories get room for
 * more names (room.h); it is mounted again; a half-done update is finished (machine.recover);
 * temporaries are unlinked. The last two are the companion's alone. */

/* What there is to be mended. */
struct repair_view {
	bool is_known; /* false: it could not be looked at, or it is a directory of --root= */
	bool is_dirty; /* the dirty bit; speaks of a power cut only where nobody writes */
	unsigned int n_leftovers; /* names that a repair would take away, or tell about */
};

/* Looks only. 0; negative errno: *ret says what could be seen. */
int repair_look(const struct machine *m, enum place place, struct repair_view *ret);

/* Looks at the partition, and mends what is ours to mend; each thing that was done is logged, and
 * the history has one entry for all. Once per run and store: later calls do nothing. Called by
 * machine_begin_write(), and before facts are read by those that will write, for the names of
 * entries may change. Where nothing is to be done the file system stays mounted, and the cost is to
 * read its boot sector and some directories; else it is unmounted for a moment, and files that were
 * open there keep it from that. Under --root= it looks at the directory. 0: all is well now, or
 * nothing can be done about it and that is logged (fail towards booting); negative errno: $BOOT
 * cannot be mounted any more. */
int repair_store(struct machine *m, enum place place);

/* The same for all stores. */
void repair_stores(struct machine *m);
