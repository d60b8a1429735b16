/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Where a record and a tries text are kept when $BOOT cannot be written. */
#define OBSERVE_RECORD_VARIABLE "BootAssessRecord"
#define OBSERVE_TRIES_VARIABLE	"BootAssessTries"
#define OBSERVE_DIR		"loader/bootassess"
#define OBSERVE_RECORD_FILE	"record"
#define OBSERVE_PIN_FILE	"pin"

/* Collects everything that decide() wants to know. Reads only; what cannot be read is logged and
 * stays unknown. Never fails. The machine must have been reached. */
void observe(const struct machine *m, enum event event, struct facts *ret);

/* Reads what the loader's settings select, and what became of this boot (past_read()), into *f:
 * what only the companion asks. After observe(). */
void observe_settings(const struct machine *m, struct facts *f);
