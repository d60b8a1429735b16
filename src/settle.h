/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "plan.h"

/* Carries out the plan of a bless (EVENT_BLESS), an edit (EVENT_EDIT) or a refund (EVENT_SHUTDOWN),
 * operation by operation, each durable before the next. Unlike act() it is asked once: there is no
 * other plan for these events, so what fails is logged with what that means, and f->incomplete is
 * set. Keeps f's ladder as it is on the disk. 0; a negative errno if a file of the rung itself
 * could not be renamed, or the disk did not confirm it: in a bless the plan ends there, in an edit
 * the other rungs go on. In a refund it ends also where the record could not be written.
 *
 * park: the names are NAME.off, NAME.off1 .. NAME.off9, the first that is free, else the last one
 * is replaced. bless, arm, mark: where nobody can write the partition, the counter goes into the
 * EFI variable BootAssessTries. */
int settle(struct machine *m, struct facts *f, const struct plan *p);
