/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "machine.h"
#include "text.h"

/* bootassess(8) repeats these. */
enum status {
	STATUS_DONE = 0,    /* done, or "yes" */
	STATUS_REFUSED = 1, /* refused, failed, or "no" */
	STATUS_USAGE = 2,
};

/* What the command line asks for. */
struct request {
	const char *id; /* of a rung as a person writes it, NULL = not said */
	const char *root;
	unsigned long methods; /* set of enum method, 0 = as configured */
	bool dry_run, json, forget;
};

/* A verb works on an open machine that nothing was read of but command line and configuration. What
 * it has to say goes into out, for standard output; what goes wrong is logged. Only main() prints.
 */
enum status switch_run(struct machine *m, const struct request *q, struct text *out);
enum status kexec_check_run(struct machine *m, const struct request *q, struct text *out);

/* Takes the lock that every run holds which changes something. False if it cannot be had: that is
 * logged. */
bool verb_lock(struct machine *m);
