/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "install.h"
#include "verb.h"

/* Runs an install that is complete but for what the request says (force, dry_run, progress), and
 * tells what came of it. name: of the verb, "install" or "copy". */
enum status installing_run(struct machine *m, const struct request *q, const char *name,
			   struct install *w, struct facts *f, struct text *out);

/* The id of a slot with its suffix, as a person names it: that of an entry that is there, else one
 * with the suffix that is said, else with this one. False if it is too long. */
bool installing_id(const struct facts *f, const char *word, const char *suffix, char id[NAME_SIZE]);
