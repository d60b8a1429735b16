/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* What the boot loader is told to select, as sdboot_prefer() and sdboot_pin(): by its variables,
 * which need no file system that is writable. Only where those cannot be written the ESP is made
 * writable, for its loader.conf. 0; 1 if it was so already; negative errno. */
int selection_prefer(struct machine *m, const struct settings *s, const char *id);
int selection_pin(struct machine *m, const struct settings *s, const char *id);
