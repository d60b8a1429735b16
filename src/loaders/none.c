// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

/* Something boots something, and nobody can tell it what: U-Boot's own scripts, PXE, a fixed entry.
 * Counting and kexec alone do it. */
const struct loader_ops loader_none = {.kind = LOADER_NONE, .oneshot = "a one-shot"};
