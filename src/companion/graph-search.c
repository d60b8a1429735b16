// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doors/root.h"
#include "graph.h"

/* Worlds that wait, and worlds that were seen: so much memory, and no more. */
#define QUEUE_MAX 8192
#define SEEN_MAX  (1u << 17) /* a power of two */
/* Of one node so many worlds are played on: others differ in rungs that are far away. */
#define PER_NODE_MAX 16384

struct search {
	const struct sim *s;
	struct graph *g;
	struct world *queue; /* a ring */
	unsigned int first, n;
	uint64_t *seen; /* hashes of their keys, 0 = free */
	unsigned int n_seen;
};

static void free_search(struct search *x)
{
	free(x->queue);
	free(x->seen);
}

/* FNV-1a. Two worlds of one hash would be taken for one: that is a matter of 2^-32 here. */
static uint64_t hash_of(const uint8_t *key, unsigned int len)
{
	uint64_t h = 14695981039346656037u;

	for (unsigned int i = 0; i < len; i++)
		h = (h ^ key[i]) * 1099511628211u;
	return h ? h : 1;
}

/* True if this world was not seen before, and is noted now. */
static bool note_world(struct search *x, const struct world *w)
{
	uint8_t key[WORLD_KEY_SIZE];
	uint64_t h = hash_of(key, world_key(&x->s->device, w, key));
	unsigned int i = h & (SEEN_MAX - 1);

	for (; x->seen[i] != 0; i = (i + 1) & (SEEN_MAX - 1))
		if (x->seen[i] == h)
			return false;
	if (x->n_seen > SEEN_MAX / 2) {
		x->g->is_cut = true;
		return false;
	}
	x->seen[i] = h;
	x->n_seen++;
	return true;
}

static void push(struct search *x, const struct world *w)
{
	if (x->n == QUEUE_MAX) {
		x->g->is_cut = true;
		return;
	}
	x->queue[(x->first + x->n++) % QUEUE_MAX] = *w;
}

static struct world pop(struct search *x)
{
	unsigned int i = x->first;

	x->first = (x->first + 1) % QUEUE_MAX;
	x->n--;
	return x->queue[i];
}

/* Index of the node, which is added if it is new. */
static unsigned int find_node(struct graph *g, struct graph_node node)
{
	for (unsigned int i = 0; i < g->n_nodes; i++)
		if (g->node[i].kind == node.kind && g->node[i].rung == node.rung &&
		    g->node[i].left == node.left && g->node[i].done == node.done)
			return i;
	if (g->n_nodes == GRAPH_NODES_MAX) {
		g->is_cut = true;
		return GRAPH_NODES_MAX - 1;
	}
	g->node[g->n_nodes] = node;
	return g->n_nodes++;
}

static void add_edge(struct graph *g, struct graph_edge e)
{
	for (unsigned int i = 0; i < g->n_edges; i++) {
		struct graph_edge *old = &g->edge[i];

		if (old->from != e.from || old->to != e.to || old->method != e.method)
			continue;
		old->outcomes |= e.outcomes;
		old->is_late &= e.is_late;
		return;
	}
	if (g->n_edges < GRAPH_EDGES_MAX)
		g->edge[g->n_edges++] = e;
	else
		g->is_cut = true;
}

static unsigned int special(struct graph *g, enum graph_kind kind)
{
	return find_node(g, (struct graph_node){.kind = kind, .rung = -1});
}

/* The node of a start: what is known of it is found by playing a boot that changes nothing of ours.
 */
static unsigned int node_of(const struct sim *s, struct graph *g, const struct world *w)
{
	const struct world_fate fate = {.outcome = OUTCOME_PANIC};
	struct world copy = *w;
	struct world_boot b;

	world_boot(&s->device, &copy, &fate, &b);
	if (b.rung < 0)
		return special(g, GRAPH_NOWHERE);
	if (!b.counter.present)
		return find_node(g, (struct graph_node){.kind = GRAPH_GOOD, .rung = b.rung});
	if (ladder_is_exhausted(&s->device.config, &s->device.ladder.rung[b.rung], &b.counter))
		return find_node(g, (struct graph_node){.kind = GRAPH_SPENT, .rung = b.rung});
	return find_node(g, (struct graph_node){.kind = GRAPH_COUNTED,
						.rung = b.rung,
						.left = b.counter.left,
						.done = b.counter.done});
}

static const struct plan *last_plan(const struct world_boot *b)
{
	return b->n_runs > 0 ? &b->run[b->n_runs - 1].plan : NULL;
}

/* With a target it is Hold=stay, which is a switch. */
static bool is_held(const struct world_boot *b)
{
	return last_plan(b) && last_plan(b)->verdict == VERDICT_HOLD && last_plan(b)->target < 0;
}

/* Where a boot leads, if that is no start: -1 if it is one. */
static int find_end(const struct sim *s, struct graph *g, const struct world_boot *b)
{
	if (b->end == END_UP && s->device.ladder.rung[b->rung].role != ROLE_SYSTEM)
		return (int)find_node(g, (struct graph_node){.kind = GRAPH_UP, .rung = b->rung});
	if (b->end == END_OFF)
		return (int)special(g, GRAPH_OFF);
	return -1;
}

/* What comes between a boot and the next start, or -1. */
static int find_between(struct graph *g, const struct world_boot *b)
{
	if (b->has_reset)
		return (int)special(g, GRAPH_RESET);
	return is_held(b) && b->end != END_OFF ? (int)special(g, GRAPH_HOLD) : -1;
}

static void draw(struct search *x, unsigned int from, const struct world *after,
		 const struct world_boot *b, struct graph_edge e)
{
	int end = find_end(x->s, x->g, b), between = find_between(x->g, b);

	e.from = from;
	if (between >= 0) {
		e.to = (unsigned int)between;
		e.method = METHOD_NONE;
		add_edge(x->g, e);
		e.from = e.to;
		e.outcomes = 0;
	}
	e.to = end >= 0 ? (unsigned int)end : node_of(x->s, x->g, after);
	add_edge(x->g, e);
	if (end < 0 && note_world(x, after))
		push(x, after);
}

/* Its outcome is of no matter where the assess event has left it. */
static bool is_left(const struct world_boot *b)
{
	return b->n_runs > 0 && b->run[0].plan.verdict != VERDICT_PROCEED;
}

static void play_outcome(struct search *x, unsigned int from, const struct world *w,
			 enum outcome outcome)
{
	const struct world_fate fate = {.outcome = outcome};
	struct world after = *w;
	struct graph_edge e = {.outcomes = 1u << outcome, .is_late = w->record.rounds > 0};
	struct world_boot b;

	world_boot(&x->s->device, &after, &fate, &b);
	if (b.rung < 0)
		return;
	if (is_left(&b))
		e.outcomes = 0;
	if (last_plan(&b) && last_plan(&b)->target >= 0)
		e.method = last_plan(&b)->method;
	draw(x, from, &after, &b, e);
}

static void play_world(struct search *x, const struct world *w)
{
	unsigned int from = node_of(x->s, x->g, w);

	if (x->g->node[from].n == PER_NODE_MAX) {
		x->g->is_cut = true;
		return;
	}
	x->g->node[from].n++;
	for (enum outcome outcome = OUTCOME_HEALTHY; outcome < OUTCOMES; outcome++)
		play_outcome(x, from, w, outcome);
}

/* Rungs as they stand on the ladder; of each the good one, then more tries first. */
static int compare_nodes(const struct graph_node *a, const struct graph_node *b)
{
	if ((a->rung < 0) != (b->rung < 0))
		return a->rung < 0 ? 1 : -1;
	if (a->rung != b->rung)
		return a->rung < b->rung ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->left != b->left)
		return a->left > b->left ? -1 : 1;
	return (a->done > b->done) - (a->done < b->done);
}

static int compare_edges(const void *p, const void *q)
{
	const struct graph_edge *a = p, *b = q;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return (a->method > b->method) - (a->method < b->method);
}

/* Ranks, not a sort in place: the edges name their nodes by index. */
static void sort_graph(struct graph *g)
{
	struct graph_node sorted[GRAPH_NODES_MAX];
	unsigned int rank[GRAPH_NODES_MAX];

	for (unsigned int i = 0; i < g->n_nodes; i++) {
		rank[i] = 0;
		for (unsigned int j = 0; j < g->n_nodes; j++)
			rank[i] += compare_nodes(&g->node[j], &g->node[i]) < 0;
		sorted[rank[i]] = g->node[i];
	}
	memcpy(g->node, sorted, g->n_nodes * sizeof(*sorted));
	for (unsigned int i = 0; i < g->n_edges; i++) {
		g->edge[i].from = rank[g->edge[i].from];
		g->edge[i].to = rank[g->edge[i].to];
	}
	if (g->start >= 0)
		g->start = (int)rank[g->start];
	qsort(g->edge, g->n_edges, sizeof(*g->edge), compare_edges);
}

int graph_search(const struct sim *s, struct graph *ret)
{
	_cleanup_(free_search) struct search x = {.s = s, .g = ret};
	struct world w;

	memset(ret, 0, sizeof(*ret));
	x.queue = calloc(QUEUE_MAX, sizeof(*x.queue));
	x.seen = calloc(SEEN_MAX, sizeof(*x.seen));
	if (!x.queue || !x.seen)
		return -ENOMEM;
	ret->start = (int)node_of(s, ret, &s->world);
	(void)note_world(&x, &s->world);
	push(&x, &s->world);
	while (x.n > 0) {
		w = pop(&x);
		play_world(&x, &w);
	}
	sort_graph(ret);
	return 0;
}
