/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "announce.h"
#include "plan.h"
#include "verb.h"

/* How much a verb wants the restart. */
enum resolve {
	RESTART_ASK,	/* a person does: who holds an inhibitor lock may say no */
	RESTART_INSIST, /* the boot has failed: no lock stops that, and what is refused is forced */
};

/* Prepares the machine for a verb that restarts it: how it is left, whether its watchdog outlives a
 * kexec, and what that and --method= leave of Method=. A kexec is not forced: after one that was
 * refused the plan takes another method. */
void restart_prepare(struct machine *m, const struct request *q, enum resolve resolve);

/* Says the decision: as announce(), in the kernel's log, where it is found after the restart, and
 * in out, as verb_show(). text: why, in somebody's words; "" = not said. */
void restart_tell(const struct machine *m, const struct request *q, enum announcement what,
		  const struct facts *f, const struct plan *p, const char *text, struct text *out);

/* act() for a plan that may restart the machine. Returns what that does. */
int restart_act(struct machine *m, struct facts *f, const struct plan *p);

/* True if the machine is about to go down already: the service manager has taken a restart of ours
 * in this boot, in the last RESTART_PATIENCE_S. After that time the restart hangs, or somebody has
 * cancelled it, and it is asked for again. */
#define RESTART_PATIENCE_S 300
bool restart_is_under_way(const struct machine *m);

/* Each restart_act() that is not the last one leaves one more note in the facts. */
#define RESTART_ROUNDS_MAX 8
