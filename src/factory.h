/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Writes the EFI variable by which the systemd of this initramfs is asked for a factory reset at
 * the next boot. 0, or negative errno with a phrase in why. */
int factory_request(struct machine *m, struct text *why);

/* Deletes these variables, whichever systemd they are for, where they are there. Best effort: what
 * cannot be deleted is logged. */
void factory_withdraw(const struct machine *m);
