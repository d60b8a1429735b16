/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "verb.h"

/* Leaves for a rung (index, or -1: the next one), as the verb does. f: of EVENT_SWITCH, with the
 * lock held; before that restart_prepare(). why: in somebody's words, for the journal and the
 * history; NULL = a person asks. STATUS_DONE: the restart is under way. STATUS_REFUSED: that is
 * logged. */
enum status switch_to(struct machine *m, const struct request *q, struct facts *f, int target,
		      const char *why, struct text *out);
