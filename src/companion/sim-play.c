// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doors/root.h"
#include "sim.h"

/* A world, and how often each rung was started, as far as that matters. */
struct key {
	uint8_t world[WORLD_KEY_SIZE];
	uint16_t started[RUNGS_MAX];
	unsigned int len;
};

struct player {
	const struct sim *s;
	const struct sim_fate *fate;
	struct world w;
	uint16_t started[RUNGS_MAX];
	struct key *seen;    /* seen[i]: before boot i + 1 */
	struct flags *flags; /* flags[i]: of boot i + 1 */
};

/* What must be known of a boot when it turns out to be one of a loop. */
struct flags {
	int8_t rung;
	bool is_silent, is_held, is_shared, is_cut_off;
};

static void free_player(struct player *p)
{
	free(p->seen);
	free(p->flags);
}

/* A hold makes the next one longer, and changes nothing else: the key does not tell how long it is,
 * so that a loop shows in its second round and not after a week. */
static void make_key(const struct player *p, struct key *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->len = world_key(&p->s->device, &p->w, ret->world);
	for (unsigned int i = 0; i < p->s->device.ladder.n; i++)
		ret->started[i] = p->started[i] < p->fate[i].from ? p->started[i] : UINT16_MAX;
}

/* The boot after which the world was the same as now, or -1. */
static int find_same(const struct player *p, unsigned int n, const struct key *k)
{
	for (unsigned int i = 0; i < n; i++)
		if (p->seen[i].len == k->len && memcmp(p->seen[i].world, k->world, k->len) == 0 &&
		    memcmp(p->seen[i].started, k->started, sizeof(k->started)) == 0)
			return (int)i;
	return -1;
}

/* A rung that is broken comes to nothing, whatever else is said of it. */
static struct world_fate next_fate(const struct player *p)
{
	int rung = world_next(&p->s->device, &p->w);
	struct world_fate fate = {.outcome = OUTCOME_HEALTHY};

	if (rung < 0)
		return fate;
	if (p->s->device.ladder.rung[rung].broken)
		fate.outcome = OUTCOME_PANIC;
	else if (p->fate[rung].how != OUTCOME_HEALTHY &&
		 p->started[rung] + 1u >= p->fate[rung].from)
		fate.outcome = p->fate[rung].how;
	return fate;
}

/* Its turn to fail is still to come. */
static bool is_pending(const struct player *p, int rung)
{
	return p->fate[rung].how != OUTCOME_HEALTHY && p->started[rung] < p->fate[rung].from;
}

static void note_boot(const struct player *p, const struct world_boot *b, unsigned int number,
		      struct sim_result *ret)
{
	struct flags f = {.rung = (int8_t)b->rung, .is_silent = b->n_runs == 0};

	for (unsigned int i = 0; i < b->n_runs; i++) {
		const struct plan *plan = &b->run[i].plan;

		/* With a target it is Hold=stay, which gives no tries. */
		f.is_held |= plan->verdict == VERDICT_HOLD && plan->target < 0;
		f.is_shared |= plan->reason == REASON_SHARED_FAULT;
		f.is_cut_off |= plan->reason == REASON_CANNOT_SWITCH;
	}
	p->flags[number - 1] = f;
	ret->boots = number;
	ret->holds += f.is_held;
	ret->resets += b->has_reset;
	ret->waited_s += b->wait_s;
	if (ret->reset_boot == 0 && b->has_reset)
		ret->reset_boot = number;
	if (ret->recovery_boot == 0 && b->rung >= 0 &&
	    p->s->device.ladder.rung[b->rung].role == ROLE_RECOVERY)
		ret->recovery_boot = number;
}

static struct choice choose(const struct player *p)
{
	struct ladder l = p->s->device.ladder;

	for (unsigned int i = 0; i < l.n; i++) {
		l.rung[i].counter = p->w.name[i];
		l.rung[i].in_variable = false; /* else its name is read once more */
	}
	return choose_next(&l, &p->w.settings);
}

/* Boots from + 1 to the last one come again and again. */
static void end_in_loop(const struct player *p, unsigned int from, struct sim_result *ret)
{
	ret->end = SIM_LOOP;
	ret->loop_from = from + 1;
	ret->loop_to = ret->boots;
	ret->loop_rung = p->flags[from].rung;
	ret->is_loop_silent = true;
	for (unsigned int i = from; i < ret->boots; i++) {
		ret->is_loop_silent &= p->flags[i].is_silent;
		ret->is_loop_held |= p->flags[i].is_held;
		ret->is_loop_shared |= p->flags[i].is_shared;
		ret->is_loop_cut_off |= p->flags[i].is_cut_off;
		if (p->flags[i].rung != ret->loop_rung)
			ret->loop_rung = -1;
	}
	ret->loop_choice = choose(p);
	if (ret->loop_rung >= 0)
		ret->loop_counter = p->w.name[ret->loop_rung];
}

static void end_up(const struct player *p, const struct world_boot *b, struct sim_result *ret)
{
	const struct world_run *last = b->n_runs > 0 ? &b->run[b->n_runs - 1] : NULL;
	enum reason reason = last ? last->plan.reason : REASON_REFUSED;

	ret->end = SIM_RUNS;
	ret->rung = b->rung;
	ret->is_blessed =
		last && last->event == EVENT_BLESS &&
		(reason == REASON_BLESSED || reason == REASON_REARMED || reason == REASON_GOOD);
	ret->next = world_next(&p->s->device, &p->w);
}

/* One boot. True if it was the last one. */
static bool play_boot(struct player *p, unsigned int number, sim_fn fn, void *data,
		      struct sim_result *ret)
{
	struct world_fate fate = next_fate(p);
	struct world before = p->w;
	struct world_boot b;

	world_boot(&p->s->device, &p->w, &fate, &b);
	note_boot(p, &b, number, ret);
	if (b.rung >= 0 && p->started[b.rung] < UINT16_MAX)
		p->started[b.rung]++;
	if (fn)
		fn(data, &(struct sim_boot){number, &before, &fate, &b});
	switch (b.end) {
	case END_UP:
		if (is_pending(p, b.rung))
			return false;
		end_up(p, &b, ret);
		return true;
	case END_OFF:
		ret->end = SIM_OFF;
		return true;
	case END_NOWHERE:
		ret->end = SIM_NOWHERE;
		return true;
	default:
		return false;
	}
}

int sim_play(const struct sim *s, const struct sim_fate *fate, unsigned int max_boots, sim_fn fn,
	     void *data, struct sim_result *ret)
{
	_cleanup_(free_player) struct player p = {.s = s, .fate = fate, .w = s->world};
	struct key k;
	int same;

	memset(ret, 0, sizeof(*ret));
	ret->rung = ret->next = ret->loop_rung = -1;
	p.seen = calloc(max_boots, sizeof(*p.seen));
	p.flags = calloc(max_boots, sizeof(*p.flags));
	if (!p.seen || !p.flags)
		return -ENOMEM;
	ret->end = SIM_LIMIT;
	for (unsigned int n = 0; n < max_boots; n++) {
		make_key(&p, &k);
		same = find_same(&p, n, &k);
		if (same >= 0) {
			end_in_loop(&p, (unsigned int)same, ret);
			return 0;
		}
		p.seen[n] = k;
		if (play_boot(&p, n + 1, fn, data, ret))
			return 0;
	}
	return 0;
}
