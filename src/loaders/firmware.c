// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

/* UKIs that the firmware starts by its Boot#### variables. */
const struct loader_ops loader_firmware = {.kind = LOADER_FIRMWARE, .oneshot = "BootNext"};
