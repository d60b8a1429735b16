/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Finds the file systems of boot entries and mounts them: the one of Boot= in the place of
 * XBOOTLDR, and the ESP; without Boot= the ESP and XBOOTLDR beside it. Waits for their disks, at
 * most EspTimeoutSec; with Boot= on a machine without EFI, and without a name for it, not for the
 * ESP. What cannot be reached stays -1 and is logged; m->is_blind is set where that may hide boot
 * entries. Needs m->efivars and m->sdboot. m->root is opened anew in a mount namespace of our own.
 */
void reach_boot(struct machine *m);

/* Mounts a device there, and loads the modules that its file system needs. The fd of its root
 * directory, or negative errno. */
int reach_mount(const struct machine *m, const char *node, const char *type, const char *target);
