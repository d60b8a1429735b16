/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The graph of the worlds of a device: every world that can be reached from its starts by any
 * sequence of fates, and every boot between them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define EXPLORE_RUNGS 6

/* What else goes wrong in a boot; after the last one: the power goes after so many operations. */
enum trouble {
	T_NONE,
	T_KEXEC_REFUSED,
	T_KEXEC_LOST,
	T_WIPE_REFUSED,
	T_ONESHOT_LOST,
	T_ONESHOT_FAILS,
	T_UNCOUNTED,
	T_NAMES_FIXED,
	T_UNWRITABLE,
	T_CUT,
};

/* OUTCOME_FAIL after the bless. */
#define OUTCOME_LATE OUTCOMES
#define OUTCOMES_ALL (OUTCOMES + 1)
#define CUTS_MAX     40

/* A boot of the graph. */
struct edge {
	uint32_t to;
	uint8_t outcome;
	uint8_t trouble; /* enum trouble; T_CUT + n: after n operations */
	int8_t rung;
	uint8_t end;
	unsigned int has_reset : 1, waits : 1, holds : 1, blesses : 1, kexeced : 1, counted : 1,
		has_counter : 1, /* what was started, before it was counted */
		spent : 1,	 /* the same, and had no legitimate try left */
		passed_over : 1; /* the loader started it, and another one was left */
};

#define RECORD_SLOTS 65536

/* A world, packed: the record and the loader's settings are kept in tables. */
struct node {
	uint8_t counter[EXPLORE_RUNGS], name[EXPLORE_RUNGS];
	uint32_t record;
	uint16_t settings;
	int8_t oneshot, jump;
	uint8_t losses, failed, parked, bits;
	uint32_t parent, first; /* the world it was reached from; its first edge */
	uint8_t outcome, trouble;
};

static struct {
	const struct world_device *d;
	bool has_cuts;
	unsigned int troubles; /* set of 1 << enum trouble, of those after T_WIPE_REFUSED */
	struct node *node;
	uint32_t n, n_room;
	uint32_t *slot; /* hash table of nodes, + 1 */
	uint32_t n_slots;
	struct edge *edge;
	uint32_t n_edges, n_edges_room;
	struct record *record;
	uint32_t n_records, n_records_room;
	uint32_t record_slot[RECORD_SLOTS]; /* the same for the records */
	struct settings *settings;
	uint32_t n_settings, n_settings_room;
	unsigned long n_boots; /* played */
	uint32_t at;	       /* the boot that is played now begins here, with this fate */
	unsigned int outcome, trouble;
} g;

#define GROW(array, n, room)                                                   \
	do {                                                                   \
		if ((n) == (room)) {                                           \
			(room) = (room) ? 2 * (room) : 256;                    \
			(array) = realloc((array), sizeof(*(array)) * (room)); \
			if (!(array))                                          \
				abort();                                       \
		}                                                              \
	} while (0)

static uint32_t hash(const void *data, unsigned int size)
{
	const uint8_t *bytes = data;
	uint32_t h = 2166136261u;

	for (unsigned int i = 0; i < size; i++)
		h = (h ^ bytes[i]) * 16777619u;
	return h ^ h >> 15;
}

#define COUNTER_NO 0xff

/* How often an exhausted entry was started is no matter until it looks like one that was marked bad
 * (+0-9): those between are taken for one. Worlds with +0-8
 * are among the starts. */
#define DONE_MAX (int)(g.d->config.tries + 1)

static uint8_t pack_counter(const struct counter *c)
{
	int done = c->left == 0 && c->done > DONE_MAX && c->done < COUNTER_RETURN_DONE ? DONE_MAX
										       : c->done;

	return c->present ? (uint8_t)(c->left << 4 | done) : COUNTER_NO;
}

static struct counter unpack_counter(uint8_t c)
{
	return c == COUNTER_NO ? (struct counter){0} : counter_make(c >> 4, c & 0xf);
}

/* Numbers that only count up, and what nobody asks of a record that is not open, are left out. */
static uint32_t pack_record(const struct record *r)
{
	struct counter then;
	struct record k;
	uint32_t i;

	memset(&k, 0, sizeof(k));
	k.state = r->state;
	k.rounds = r->rounds > 0;
	k.refunds = r->refunds;
	k.relapses = r->relapses;
	k.resets = r->resets;
	k.txn = 5;
	k.kexec_kernel = r->kexec_kernel;
	k.kexec_lost = r->kexec_lost;
	k.kexec_losses = r->kexec_losses;
	if (r->state)
		k.boot_id[0] = '0';
	if (r->state == RECORD_OPEN) {
		k.method = r->method;
		k.methods_used = r->methods_used;
		then = unpack_counter(pack_counter(&r->target_counter));
		k.target_counter.present = then.present;
		k.target_counter.left = then.left;
		k.target_counter.done = then.done;
		k.target_counter.left_width = then.left_width;
		k.target_counter.done_width = then.done_width;
		memcpy(k.target, r->target, strlen(r->target));
		k.n_tried = r->n_tried;
		memcpy(k.tried, r->tried, sizeof(k.tried[0]) * r->n_tried);
	}
	for (i = hash(&k, sizeof(k)) % RECORD_SLOTS; g.record_slot[i]; i = (i + 1) % RECORD_SLOTS)
		if (memcmp(&g.record[g.record_slot[i] - 1], &k, sizeof(k)) == 0)
			return g.record_slot[i] - 1;
	GROW(g.record, g.n_records, g.n_records_room);
	if (2 * g.n_records > RECORD_SLOTS)
		abort();
	g.record[g.n_records] = k;
	g.record_slot[i] = g.n_records + 1;
	return g.n_records++;
}

static uint16_t pack_settings(const struct settings *s)
{
	for (uint32_t i = 0; i < g.n_settings; i++)
		if (memcmp(&g.settings[i], s, sizeof(*s)) == 0)
			return (uint16_t)i;
	GROW(g.settings, g.n_settings, g.n_settings_room);
	g.settings[g.n_settings] = *s;
	return (uint16_t)g.n_settings++;
}

static void pack(const struct world *w, struct node *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int i = 0; i < g.d->ladder.n; i++) {
		ret->counter[i] = pack_counter(&w->counter[i]);
		ret->name[i] = pack_counter(&w->name[i]);
	}
	ret->record = pack_record(&w->record);
	ret->settings = pack_settings(&w->settings);
	ret->oneshot = (int8_t)w->oneshot;
	ret->jump = (int8_t)w->jump;
	ret->losses = w->kexec_losses;
	ret->failed = (uint8_t)w->failed_checks;
	ret->parked = (uint8_t)w->parked;
	ret->bits = (uint8_t)(w->shared_recovery | w->record_damaged << 1);
}

static void unpack(const struct node *k, struct world *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int i = 0; i < g.d->ladder.n; i++) {
		ret->counter[i] = unpack_counter(k->counter[i]);
		ret->name[i] = unpack_counter(k->name[i]);
	}
	ret->record = g.record[k->record];
	ret->settings = g.settings[k->settings];
	ret->oneshot = k->oneshot;
	ret->jump = k->jump;
	ret->kexec_losses = k->losses;
	ret->failed_checks = k->failed;
	ret->parked = k->parked;
	ret->shared_recovery = k->bits & 1;
	ret->record_damaged = k->bits & 2;
}

#define PACKED offsetof(struct node, parent)

static void grow_slots(void)
{
	free(g.slot);
	g.n_slots = g.n_slots ? 2 * g.n_slots : 1u << 14;
	g.slot = calloc(g.n_slots, sizeof(g.slot[0]));
	if (!g.slot)
		abort();
	for (uint32_t i = 0; i < g.n; i++) {
		uint32_t at = hash(&g.node[i], PACKED) & (g.n_slots - 1);

		while (g.slot[at])
			at = (at + 1) & (g.n_slots - 1);
		g.slot[at] = i + 1;
	}
}

/* The node of this world, a new one if it was not seen before. */
static uint32_t find_node(const struct world *w, uint32_t parent, unsigned int outcome,
			  unsigned int trouble)
{
	struct node k;
	uint32_t at;

	if (2 * g.n >= g.n_slots)
		grow_slots();
	pack(w, &k);
	for (at = hash(&k, PACKED) & (g.n_slots - 1); g.slot[at]; at = (at + 1) & (g.n_slots - 1))
		if (memcmp(&g.node[g.slot[at] - 1], &k, PACKED) == 0)
			return g.slot[at] - 1;
	k.parent = parent;
	k.outcome = (uint8_t)outcome;
	k.trouble = (uint8_t)trouble;
	GROW(g.node, g.n, g.n_room);
	g.node[g.n] = k;
	g.slot[at] = g.n + 1;
	return g.n++;
}

static struct world_fate fate_of(unsigned int outcome, unsigned int trouble)
{
	return (struct world_fate){
		.outcome = outcome == OUTCOME_LATE ? OUTCOME_FAIL : (enum outcome)outcome,
		.late = outcome == OUTCOME_LATE,
		.kexec_refused = trouble == T_KEXEC_REFUSED,
		.kexec_lost = trouble == T_KEXEC_LOST,
		.wipe_refused = trouble == T_WIPE_REFUSED,
		.oneshot_lost = trouble == T_ONESHOT_LOST,
		.oneshot_fails = trouble == T_ONESHOT_FAILS,
		.uncounted = trouble == T_UNCOUNTED,
		.names_fixed = trouble == T_NAMES_FIXED,
		.unwritable = trouble == T_UNWRITABLE,
		.has_cut = trouble >= T_CUT,
		.cut = trouble >= T_CUT ? trouble - T_CUT : 0,
	};
}

/* Set of the types of all operations that were carried out. */
static unsigned int types_of(const struct world_boot *b)
{
	unsigned int types = 0;

	for (unsigned int i = 0; i < b->n_runs; i++)
		for (unsigned int k = 0; k < b->run[i].plan.n_ops; k++)
			types |= 1u << b->run[i].plan.op[k].type;
	return types;
}

static bool is_startable_name(const struct world *w, unsigned int i)
{
	const struct rung *r = &g.d->ladder.rung[i];

	return !r->missing && !r->broken && (!w->name[i].present || w->name[i].left > 0);
}

static void describe(const struct world *before, const struct world_boot *b, struct edge *e)
{
	const struct counter *c = &before->counter[b->rung];

	e->rung = (int8_t)b->rung;
	e->end = b->end;
	e->has_reset = b->has_reset;
	e->waits = b->wait_s > 0;
	e->kexeced = b->via == VIA_KEXEC;
	e->counted = b->counted;
	e->has_counter = c->present;
	e->spent = c->present && c->left == 0 &&
		   c->done >= (int)ladder_tries(&g.d->config, g.d->ladder.rung[b->rung].role);
	for (unsigned int i = 0; i < b->n_runs; i++) {
		e->blesses |= b->run[i].event == EVENT_BLESS &&
			      g.d->ladder.rung[b->rung].role == ROLE_SYSTEM;
		e->holds |= b->run[i].plan.verdict == VERDICT_HOLD;
	}
	for (unsigned int i = 0; i < g.d->ladder.n; i++)
		e->passed_over |= b->via == VIA_LOADER && before->name[b->rung].present &&
				  before->name[b->rung].left == 0 && is_startable_name(before, i);
}

/* Called for each boot: the world before it, what happened, the world after it. */
typedef void (*boot_fn)(uint32_t from, const struct world *before, const struct world_boot *b,
			const struct world *after, const struct edge *e);

/* Plays one boot and notes it. Returns the types of its operations; *ret_n_ops: how many. */
static unsigned int play_edge(uint32_t from, const struct world *before, unsigned int outcome,
			      unsigned int trouble, boot_fn check, unsigned int *ret_n_ops)
{
	struct world_fate fate = fate_of(outcome, trouble);
	struct world w = *before;
	static struct world_boot b;
	struct edge e = {.outcome = (uint8_t)outcome, .trouble = (uint8_t)trouble};

	g.at = from;
	g.outcome = outcome;
	g.trouble = trouble;
	world_boot(g.d, &w, &fate, &b);
	g.n_boots++;
	*ret_n_ops = b.n_ops;
	if (b.rung < 0) /* nothing on the ladder is there */
		return 0;
	describe(before, &b, &e);
	e.to = find_node(&w, from, outcome, trouble);
	check(from, before, &b, &w, &e);
	/* The same end once is enough. */
	for (uint32_t i = g.node[from].first; i < g.n_edges; i++)
		if (g.edge[i].to == e.to && g.edge[i].outcome == e.outcome &&
		    g.edge[i].end == e.end && g.edge[i].has_reset == e.has_reset &&
		    g.edge[i].waits == e.waits && (g.edge[i].trouble < T_CUT) == (trouble < T_CUT))
			return types_of(&b);
	GROW(g.edge, g.n_edges, g.n_edges_room);
	g.edge[g.n_edges++] = e;
	return types_of(&b);
}

/* The troubles that make a difference where these operations are carried out. */
static bool is_trouble_for(unsigned int trouble, unsigned int types)
{
	switch (trouble) {
	case T_KEXEC_REFUSED:
	case T_KEXEC_LOST:
		return types & 1u << OP_KEXEC;
	case T_WIPE_REFUSED:
		return types & (1u << OP_WIPE | 1u << OP_REQUEST);
	case T_ONESHOT_LOST:
	case T_ONESHOT_FAILS:
		return types & 1u << OP_ONESHOT;
	case T_UNCOUNTED:
		return g.d->counts;
	default:
		return true;
	}
}

static void expand(uint32_t from, boot_fn check)
{
	unsigned int unused;
	struct world before;

	unpack(&g.node[from], &before);
	g.node[from].first = g.n_edges;
	for (unsigned int outcome = 0; outcome < OUTCOMES_ALL; outcome++) {
		unsigned int n_ops, types;

		types = play_edge(from, &before, outcome, T_NONE, check, &n_ops);
		for (unsigned int t = T_NONE + 1; t < T_CUT; t++)
			if ((g.troubles & 1u << t) && is_trouble_for(t, types))
				(void)play_edge(from, &before, outcome, t, check, &unused);
		for (unsigned int cut = 0; g.has_cuts && cut < n_ops; cut++)
			(void)play_edge(from, &before, outcome, T_CUT + cut, check, &unused);
	}
}

static void explore_start(const struct world_device *d, unsigned int troubles, bool has_cuts)
{
	g.d = d;
	g.troubles = troubles | 1u << T_KEXEC_REFUSED | 1u << T_KEXEC_LOST | 1u << T_WIPE_REFUSED;
	g.has_cuts = has_cuts;
	g.n = g.n_edges = g.n_records = g.n_settings = 0;
	free(g.slot);
	g.slot = NULL;
	memset(g.record_slot, 0, sizeof(g.record_slot));
	g.n_slots = 0;
}

#define NO_PARENT UINT32_MAX

static void explore(boot_fn check)
{
	for (uint32_t i = 0; i < g.n; i++)
		expand(i, check);
}

static uint32_t edges_end(uint32_t node)
{
	return node + 1 < g.n ? g.node[node + 1].first : g.n_edges;
}
