/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* The operator's pin, loader/bootassess/pin on $BOOT: one sector, the id, and newlines. A pin that
 * is taken away leaves newlines alone, so that the sector is written in place and no chain is
 * freed. observe() reads it. */
#define PIN_STORE_SIZE 512

/* Pins this id, or (NULL) none. 0; 1 if it was so already; negative errno (-ENAMETOOLONG). */
int pin_store_write(struct machine *m, const char *id);
