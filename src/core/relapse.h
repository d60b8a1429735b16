/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"

/* A slot that is blessed, and fails later in the same boot, would be armed, started and blessed for
 * ever. So these failures are counted in the record: as many as the role has tries, and the slot is
 * left. After such a failure the slot has a counter that shows it (DONE 1, before the next start),
 * and the bless of that start keeps the count; one of a boot that comes after a good one ends it. A
 * boot that had lasted this long since its start begins a new count: seconds. */
#define RELAPSE_FORGET_S 86400

/* True if this failure is the last one that is forgiven: a system rung, blessed in this boot, whose
 * relapses with this one reach Tries=; or, with OnFailure=next, any of one that has a counter, but
 * for a boot that had lasted. Without a record that can be written never. */
bool relapse_is_final(const struct facts *f, const struct config *c, const struct plan *p);

/* Marks the booted rung as bad (OP_MARK), also in p->counter, and sets the count back: it is left.
 */
void relapse_mark(const struct facts *f, struct plan *p);

/* A relapse that is forgiven is counted: the record is written first, with p->record.relapses.
 * False, and nothing, if this failure is none. */
bool relapse_note(const struct facts *f, struct plan *p);
