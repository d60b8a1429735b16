/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plan.h"
#include "verb.h"

/* Gives this boot up, as the verb fail does. event: EVENT_FAIL, or EVENT_DEADLINE. *ret_verdict:
 * what was decided; VERDICT_RETRY also where another run restarts the machine already, or nothing
 * could be decided. Returns only where the machine is not restarted by it, or the service manager
 * has taken the restart. */
enum status fail_boot(struct machine *m, const struct request *q, enum event event,
		      enum verdict *ret_verdict, struct text *out);
