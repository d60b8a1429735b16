// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/log.h"
#include "graph.h"
#include "say.h"

#define BIT(outcome) (1u << (unsigned int)(outcome))
#define DIES	     (BIT(OUTCOME_PANIC) | BIT(OUTCOME_HANG))
#define FAILS	     (DIES | BIT(OUTCOME_NO_ROOT) | BIT(OUTCOME_FAIL))

/* A name of somebody else in a string of the dot language. */
static void text_escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_char(t, '\\');
		text_printable_slice(t, (struct slice){s, 1});
	}
}

static void text_name(const struct graph_node *n, struct text *t)
{
	static const char *const names[] = {
		[GRAPH_GOOD] = "good", [GRAPH_COUNTED] = "counted", [GRAPH_SPENT] = "spent",
		[GRAPH_UP] = "up",     [GRAPH_HOLD] = "hold",	    [GRAPH_RESET] = "reset",
		[GRAPH_OFF] = "off",   [GRAPH_NOWHERE] = "nowhere",
	};

	if (n->rung >= 0) {
		text_char(t, 'r');
		text_uint(t, (unsigned long)n->rung, 0);
		text_char(t, '_');
	}
	if (n->kind != GRAPH_COUNTED) {
		text_str(t, names[n->kind]);
		return;
	}
	text_uint(t, (unsigned long)n->left, 0);
	text_char(t, '_');
	text_uint(t, (unsigned long)n->done, 0);
}

static void text_label(const struct graph_node *n, struct text *t)
{
	static const char *const labels[] = {
		[GRAPH_GOOD] = "good",
		[GRAPH_SPENT] = "spent",
		[GRAPH_UP] = "stays up",
		[GRAPH_HOLD] = "hold: wait,\\ntries again",
		[GRAPH_RESET] = "reset of the device,\\ntries again",
		[GRAPH_OFF] = "switched off",
		[GRAPH_NOWHERE] = "nothing to start",
	};

	if (n->kind != GRAPH_COUNTED) {
		text_str(t, labels[n->kind]);
		return;
	}
	text_char(t, '+');
	text_uint(t, (unsigned long)n->left, 0);
	text_char(t, '-');
	text_uint(t, (unsigned long)n->done, 0);
}

static const char *style_of(enum graph_kind kind)
{
	switch (kind) {
	case GRAPH_GOOD:
	case GRAPH_UP:
		return ", fillcolor=\"#d5efd5\"";
	case GRAPH_SPENT:
	case GRAPH_OFF:
	case GRAPH_NOWHERE:
		return ", fillcolor=\"#f4d0d0\"";
	case GRAPH_HOLD:
	case GRAPH_RESET:
		return ", shape=ellipse, fillcolor=\"#f6e7c1\"";
	default:
		return "";
	}
}

static void text_node(const struct graph *g, unsigned int i, struct text *t)
{
	const struct graph_node *n = &g->node[i];

	text_str(t, n->rung >= 0 ? "\t\t" : "\t");
	text_name(n, t);
	text_str(t, " [label=\"");
	text_label(n, t);
	say(t, "\"", style_of(n->kind), g->start == (int)i ? ", penwidth=3" : "", "];\n");
}

static void text_nodes(const struct sim *s, const struct graph *g, struct text *t)
{
	int rung = -1;

	for (unsigned int i = 0; i < g->n_nodes; i++) {
		if (g->node[i].rung != rung) {
			say(t, rung >= 0 ? "\t}\n" : "");
			rung = g->node[i].rung;
			if (rung >= 0) {
				text_str(t, "\tsubgraph cluster_");
				text_uint(t, (unsigned long)rung, 0);
				text_str(t, " {\n\t\tlabel=\"");
				text_escaped(t, s->device.ladder.rung[rung].id);
				text_str(t, "\";\n");
			}
		}
		text_node(g, i, t);
	}
	say(t, rung >= 0 ? "\t}\n" : "");
}

/* "fails", "dies", "no root, check". */
static void text_outcomes(unsigned int outcomes, struct text *t)
{
	static const struct {
		unsigned int set;
		const char *words;
	} names[] = {
		{FAILS, "fails"},
		{BIT(OUTCOME_HEALTHY), "healthy"},
		{DIES, "dies"},
		{BIT(OUTCOME_PANIC), "panic"},
		{BIT(OUTCOME_HANG), "hang"},
		{BIT(OUTCOME_NO_ROOT), "no root"},
		{BIT(OUTCOME_FAIL), "check"},
	};
	const char *comma = "";

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((outcomes & names[i].set) != names[i].set)
			continue;
		say(t, comma, names[i].words);
		outcomes &= ~names[i].set;
		comma = ", ";
	}
}

static void text_decision(const struct graph_edge *e, unsigned int outcomes, struct text *t)
{
	text_outcomes(outcomes, t);
	if (e->method != METHOD_NONE)
		say(t, outcomes != 0 ? ": " : "",
		    e->method == METHOD_FIRMWARE ? "one-shot" : method_name(e->method));
}

/* The ladder goes from left to right; what leads back to the left, or to the good node of a rung,
 * has no say in that. */
static bool is_backward(const struct graph_node *from, const struct graph_node *to)
{
	if (to->kind == GRAPH_GOOD)
		return true;
	return to->rung >= 0 && (from->rung < 0 || to->rung < from->rung);
}

/* Arrows between the same two nodes are one, with a line for each way. A good slot that is healthy
 * stays what it is: that is not drawn. */
static unsigned int text_edge(const struct graph *g, unsigned int i, struct text *t)
{
	const struct graph_edge *e = &g->edge[i];
	unsigned int n = 0, healthy = e->from == e->to ? BIT(OUTCOME_HEALTHY) : 0;
	bool is_late = true;

	if (healthy && e->outcomes == healthy)
		return 1;

	text_char(t, '\t');
	text_name(&g->node[e->from], t);
	text_str(t, " -> ");
	text_name(&g->node[e->to], t);
	text_str(t, " [label=\"");
	for (; i + n < g->n_edges && e[n].from == e->from && e[n].to == e->to; n++) {
		text_str(t, n > 0 ? "\\n" : "");
		text_decision(&e[n], e[n].outcomes & ~healthy, t);
		is_late &= e[n].is_late;
	}
	say(t, "\"", is_late ? ", style=dotted" : "",
	    is_backward(&g->node[e->from], &g->node[e->to]) ? ", constraint=false" : "", "];\n");
	return n;
}

static void text_graph(const struct sim *s, const struct graph *g, struct text *t)
{
	if (g->is_cut)
		text_str(t, "// The ladder is too long to play every world: an arrow may be "
			    "missing.\n");
	text_str(t, "digraph bootassess {\n"
		    "\trankdir=LR;\n"
		    "\tranksep=0.3;\n"
		    "\tnodesep=0.25;\n"
		    "\tnode [shape=box, style=\"rounded,filled\", fillcolor=white, "
		    "fontname=\"sans-serif\", fontsize=11];\n"
		    "\tedge [fontname=\"sans-serif\", fontsize=9];\n"
		    "\tgraph [fontname=\"sans-serif\", fontsize=12];\n");
	text_nodes(s, g, t);
	for (unsigned int i = 0; i < g->n_edges;)
		i += text_edge(g, i, t);
	text_str(t, "}\n");
}

enum status graph_run(struct machine *m, const struct request *q, struct text *out)
{
	struct graph g;
	struct sim s;
	int r;

	if (!sim_read(m, q, &s))
		return STATUS_REFUSED;
	r = graph_search(&s, &g);
	if (r < 0) {
		log_err("%s", strerror(-r));
		return STATUS_REFUSED;
	}
	text_graph(&s, &g, out);
	if (!out->full)
		return STATUS_DONE;
	text_init(out, out->buf, out->size);
	log_err("the graph of this ladder is too large to print");
	return STATUS_REFUSED;
}
