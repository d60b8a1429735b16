/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "record.h"

/* Writes the record to $BOOT, or into a variable where that cannot be written; the other place then
 * holds no older one. 0 or negative errno: it is written nowhere. */
int record_store_write(struct machine *m, const struct record *r);
