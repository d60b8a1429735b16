/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "world.h"

/* Of world.kexec_losses: more are as many. */
#define PLAY_LOSSES_MAX 3

/* A boot that is played: what world_boot() and the runs of the programs in it share. */
struct play {
	const struct world_device *d;
	const struct world_fate *fate;
	struct world *w;
	struct world_boot *b;
	bool kexeced;
	bool counted_here; /* a note of act(): the booted rung's counter was written in this boot */
	bool blessed;	   /* the same of settle() */
	bool is_over;	   /* it was left, or the power went: b->end says which */
	struct facts f;	   /* of the run that is played; its ladder is there from the start */
};

/* One run of a program for this event: observe(), the plan, act() or settle(). p->b->rung is on the
 * ladder, and no more than WORLD_RUNS_MAX are played. True if this boot may go on; else it is over,
 * and p->b->end says how. */
bool play_run(struct play *p, enum event event);
