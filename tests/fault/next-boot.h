/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "snap.h"

/* What the firmware and systemd-boot do between two boots of a sample machine: the one-shot is
 * taken, else the same entry as before, or another one that boots; its boot is counted; nothing is
 * left in /run. now: what is there. False if the machine has no such loader; then only /run is
 * emptied, and the boot is another one. */
bool next_boot(const char *tree, const struct snap *now);
