/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* The reset that the initramfs does itself, for act(). */

/* OP_WIPE: checks every partition of ResetWipe=, and that ResetHook= is there, before anything is
 * touched; wipes; runs the hook. Other events see it as a hold, and the watchdogs are fed. 0; or
 * ACT_AGAIN with f->reset_refused and a line in m->why: what is wrong, which is logged too. With
 * --root= no disk is looked at. */
int resetting_wipe(struct machine *m, struct facts *f);

/* For another process: restarts the machine by force if a reset of this boot should be over by now
 * (ResetTimeoutSec=, and 10 minutes for all else). It was counted before it began. Else it returns.
 * What hangs may be the disk: nothing is unmounted. */
void resetting_end_hang(const struct machine *m);

/* OP_REQUEST: asks systemd for a factory reset at the next boot, by the EFI variable that the
 * systemd of this initramfs knows: FactoryReset up to 257, FactoryResetRequest from 258 on. Only
 * one of them: the other would stay, and reset again after an update. 0 or ACT_AGAIN, as above. */
int resetting_request(struct machine *m, struct facts *f);
