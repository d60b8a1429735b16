/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "machine.h"

#define HISTORY_STORE_FILE "history" /* in OBSERVE_DIR */

/* Reads the history from $BOOT. 0; -ENOENT if there is none (or no $BOOT), or another negative
 * errno: *ret is then empty. A shorter or longer file: what is there. */
int history_store_read(const struct machine *m, struct history *ret);

/* Writes an entry, whose seq it sets, over the oldest one. A file that is as long as it should be:
 * one sector in place. One that is missing or shorter is written as a whole. 0 or negative errno
 * (-ENOENT: there is no $BOOT); the history is as it was, or has lost this entry. */
int history_store_append(struct machine *m, struct history_entry *e);
