/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "plan.h"
#include "stage.h"

/* The kexec of act(): what goes wrong is logged with its reason, noted in f->against, and answered
 * by ACT_AGAIN, so that decide() takes the next method. */

/* OP_STAGE: checks the target's image as a whole and copies it into memory files. Nothing that
 * lasts is changed, so nothing has to be taken back if it fails. With --root= it is only checked.
 */
int handover_stage(struct machine *m, struct facts *f, const struct plan *p, const struct op *op,
		   struct stage *s);

/* Unloads what is loaded, whoever did it; logged, ignoring, if that fails. */
void handover_unload(const struct machine *m);

/* OP_KEXEC: loads what was staged, gives back what we mounted, and jumps; in late userspace the
 * service manager does. Where that fails nothing stays loaded: a later reboot(8) would silently
 * start it. With --root= it does nothing. */
int handover_jump(struct machine *m, struct facts *f, struct stage *s);
