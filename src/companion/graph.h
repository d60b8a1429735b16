/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim.h"

/* What a node of the graph is. */
enum graph_kind {
	GRAPH_GOOD,    /* a rung that runs without a counter */
	GRAPH_COUNTED, /* with one that has, or had, a try for this boot */
	GRAPH_SPENT,   /* exhausted: it was started without a try */
	GRAPH_UP,      /* a rung that stays up, other than a system rung, which is blessed */
	GRAPH_HOLD,    /* no rung is left: it waits, and tries get new */
	GRAPH_RESET,   /* the device is reset: by a rung, or from the initramfs */
	GRAPH_OFF,     /* switched off */
	GRAPH_NOWHERE, /* the boot loader has nothing to start */
};

struct graph_node {
	enum graph_kind kind;
	int rung;	/* -1 for the last four */
	int left, done; /* GRAPH_COUNTED */
	unsigned int n; /* worlds of it that were played on */
};

/* One arrow: a boot of `from`, with one of these outcomes, and what was decided. */
struct graph_edge {
	unsigned int from, to; /* indices of the nodes */
	enum method method;    /* of a switch, METHOD_NONE: no switch */
	unsigned int outcomes; /* set of bits 1 << enum outcome; 0: whatever becomes of it */
	bool is_late;	       /* it was seen after a hold only */
};

#define GRAPH_NODES_MAX 256
#define GRAPH_EDGES_MAX 2048

struct graph {
	struct graph_node node[GRAPH_NODES_MAX]; /* sorted: by rung, then as a life goes */
	struct graph_edge edge[GRAPH_EDGES_MAX]; /* sorted: by nodes */
	unsigned int n_nodes, n_edges;
	int start;   /* the next start; -1 = nothing starts */
	bool is_cut; /* there are more worlds than were played: an arrow may be missing */
};

/* Plays every outcome in every world that the device can come to, breadth first, as far as worlds
 * of one node go on to differ. 0; -ENOMEM. */
int graph_search(const struct sim *s, struct graph *ret);
