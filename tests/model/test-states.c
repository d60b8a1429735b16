// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every world that a device can come to, by every sequence of fates, and what bootassess(7) "What
 * is proved" promises of all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "devices.h"
#include "explore.h"
#include "plan-rules.h"

static unsigned long n_states, n_edges, n_boots;

/* --- the story of a broken promise --- */

static void print_counter(const struct counter *c)
{
	if (c->present)
		print_message("+%d-%d", c->left, c->done);
	else
		print_message("good");
}

static const char *trouble_name(unsigned int trouble)
{
	static const char *const names[] = {"",
					    ", kexec refused",
					    ", kexec lost",
					    ", reset refused",
					    ", one-shot not heard",
					    ", one-shot cannot be set",
					    ", not counted by the loader",
					    ", names cannot be changed",
					    ", nothing can be written",
					    ", power cut"};

	return names[trouble < T_CUT ? trouble : T_CUT];
}

static const char *const ends[] = {"up",  "restart",	      "the power comes again", "kexec",
				   "off", "nothing to start", "no end of it"};

static void print_run(const struct world_run *run)
{
	print_message("; %s: %s %s", event_name(run->event), verdict_name(run->plan.verdict),
		      reason_name(run->plan.reason));
	if (run->plan.target >= 0)
		print_message(" -> %s by %s", device.ladder.rung[run->plan.target].id,
			      method_name(run->plan.method));
}

/* Plays one boot of the story again, as a line. */
static void print_boot(struct world *w, unsigned int number, unsigned int outcome,
		       unsigned int trouble)
{
	struct world_fate fate = fate_of(outcome, trouble);
	static struct world_boot b;

	world_boot(&device, w, &fate, &b);
	print_message("  %2u  %-10s ", number, b.rung >= 0 ? device.ladder.rung[b.rung].id : "-");
	print_counter(&b.counter);
	print_message(" by %s: %s%s", via_name(b.via),
		      outcome == OUTCOME_LATE ? "fails after its bless"
					      : outcome_name((enum outcome)outcome),
		      trouble_name(trouble));
	if (trouble >= T_CUT)
		print_message(" after operation %u", trouble - T_CUT);
	for (unsigned int i = 0; i < b.n_runs; i++)
		print_run(&b.run[i]);
	print_message("%s; %s\n", b.wait_s ? "; waits" : "", ends[b.end]);
}

static void print_world(const struct world *w)
{
	print_message("  at first:");
	for (unsigned int i = 0; i < device.ladder.n; i++) {
		print_message(" %s ", device.ladder.rung[i].id);
		print_counter(&w->counter[i]);
	}
	print_message("%s\n", w->record_damaged ? ", the record cannot be read" : "");
}

/* The shortest way to this node. Returns the number of boots; *w is the world there. */
static unsigned int print_way(uint32_t node, struct world *w)
{
	static uint32_t way[1024];
	unsigned int n = 0;

	for (uint32_t i = node; g.node[i].parent != NO_PARENT && n < 1024; i = g.node[i].parent)
		way[n++] = i;
	unpack(&g.node[n ? g.node[way[n - 1]].parent : node], w);
	print_world(w);
	for (unsigned int i = 0; i < n; i++)
		print_boot(w, i + 1, g.node[way[n - 1 - i]].outcome,
			   g.node[way[n - 1 - i]].trouble);
	return n;
}

static void fail_at(const char *name, uint32_t node, const struct edge *e, const char *what)
{
	unsigned int n;
	struct world w;

	device.watch = NULL;
	print_message("%s, device \"%s\": %s\n", name, class->name, what);
	n = print_way(node, &w);
	if (e)
		print_boot(&w, n + 1, e->outcome, e->trouble);
	fail_msg("invariant %s is broken", name);
}

/* --- what holds of each boot --- */

static bool is_pinned_elsewhere(const struct world *w)
{
	for (int i = 0; i < SETTINGS; i++)
		if (w->settings.value[i][0] && strcmp(w->settings.value[i], "*") != 0)
			return true;
	return false;
}

static bool is_shown(const struct world *w)
{
	for (unsigned int i = 0; i < device.ladder.n; i++)
		if (!counter_is_same(&w->counter[i], &w->name[i]))
			return false;
	return true;
}

static const char *check_kexec(const struct world_boot *b, const struct world *after)
{
	for (unsigned int i = 0; i < b->n_runs; i++) {
		const struct plan *p = &b->run[i].plan;

		if (p->method == METHOD_KEXEC && p->verdict != VERDICT_PROCEED &&
		    (b->via == VIA_KEXEC || device.against))
			return "a kexec that nobody allowed";
	}
	return after->kexec_losses > RECORD_LOSSES_MAX ? "a kexec after two that were lost" : NULL;
}

static const char *check_data(const struct world *before, const struct world_boot *b)
{
	bool is_unknown = device.unsure || device.blind || before->record_damaged;

	for (unsigned int i = 0; i < b->n_runs; i++) {
		const struct plan *p = &b->run[i].plan;
		bool resets = p->verdict == VERDICT_RESET ||
			      (p->verdict == VERDICT_SWITCH &&
			       device.ladder.rung[p->target].role == ROLE_RESET);

		if (resets && is_unknown)
			return "a reset, although not all is known";
	}
	return NULL;
}

/* A good slot that is well, and of which no switch is under way. */
static const char *check_healthy(const struct world *before, const struct world_boot *b,
				 const struct world *after, const struct edge *e)
{
	const struct rung *r = &device.ladder.rung[b->rung];
	bool is_meant = before->record.state != RECORD_OPEN && before->jump < 0;

	if (e->outcome != OUTCOME_HEALTHY || e->trouble != T_NONE || r->role != ROLE_SYSTEM ||
	    e->has_counter || before->name[b->rung].present || !is_meant)
		return NULL;
	if (b->end != END_UP)
		return "a healthy good slot is left";
	if (after->counter[b->rung].present)
		return "a healthy good slot is given a counter";
	return NULL;
}

static const char *check_loader(const struct world *before, const struct edge *e)
{
	bool is_order = device.settings.loader == LOADER_SDBOOT && before->oneshot < 0 &&
			!is_pinned_elsewhere(before) && is_shown(before);

	return is_order && e->passed_over ? "an exhausted rung is started before another one"
					  : NULL;
}

/* How many resets an entry has left: one without a counter has no end. The way back is none, and a
 * kexec that has yet to arrive has taken none. */
static int entry_budget(const struct world *w, unsigned int i)
{
	const struct record *r = &w->record;
	bool is_charged = r->state == RECORD_OPEN && r->method == METHOD_KEXEC && !r->kexec_lost &&
			  counter_same_id(r->target, device.ladder.rung[i].id) &&
			  counter_is_next(&r->target_counter, 1, &w->counter[i]);
	const struct counter *c = is_charged ? &r->target_counter : &w->counter[i];
	int rest = (int)device.config.reset_tries - c->done;

	if (device.ladder.rung[i].role != ROLE_RESET || counter_is_return(c))
		return 0;
	if (!c->present)
		return 1000;
	return c->left > rest ? c->left : rest > 0 ? rest : 0;
}

static int budget(const struct world *w)
{
	int left = (int)device.config.reset_tries - w->record.resets;

	if (left < 0 || w->record_damaged || class->reset < RESET_WIPES)
		left = 0;
	for (unsigned int i = 0; i < device.ladder.n; i++)
		left += entry_budget(w, i);
	return left;
}

/* Between two blesses each reset takes one of them, and nothing gives any
 * back. That somebody
 * counts is for troubles and "What cannot be helped" to say. */
static const char *check_resets(const struct world *before, const struct world *after,
				const struct edge *e)
{
	int was = budget(before), is = budget(after);
	bool is_countless = e->trouble == T_UNCOUNTED || e->trouble == T_NAMES_FIXED ||
			    e->trouble == T_UNWRITABLE;

	if (e->blesses || was >= 1000 || is_countless)
		return NULL;
	if (is > was)
		return "a reset more is allowed, without a bless";
	return e->has_reset && is >= was ? "a reset that nobody counted" : NULL;
}

static void check_boot(uint32_t from, const struct world *before, const struct world_boot *b,
		       const struct world *after, const struct edge *e)
{
	const char *what;

	if (b->end == END_LOOP || b->end == END_NOWHERE ||
	    (b->end == END_OFF && device.config.hold < HOLD_POWEROFF))
		fail_at("no-dead-end", from, e, "a boot without an exit");
	what = check_kexec(b, after);
	if (what)
		fail_at("one-kexec", from, e, what);
	what = check_data(before, b);
	if (what)
		fail_at("unknown-keeps-data", from, e, what);
	what = check_healthy(before, b, after, e);
	if (what)
		fail_at("healthy-stays", from, e, what);
	what = check_resets(before, after, e);
	if (what)
		fail_at("resets-bounded", from, e, what);
	what = check_loader(before, e);
	if (what)
		fail_at("exhausted-last", from, e, what);
}

/* Each single plan on the way: as in test-decide-all. */
static void check_plan(void *data, const struct facts *f, const struct plan *p)
{
	struct edge e = {.outcome = (uint8_t)g.outcome, .trouble = (uint8_t)g.trouble};
	const char *rule = f->event <= EVENT_FAIL ? broken_rule(f, &device.config, p) : NULL;

	(void)data;
	if (rule) {
		device.watch = NULL;
		fail_at(rule, g.at, &e, "the last plan is wrong");
	}
}

/* --- ways through the graph --- */

/* What a look at the graph makes of an edge: it is not looked at, it ends the way, it leads on. */
enum look { LOOK_NO, LOOK_END, LOOK_ON };
typedef enum look (*look_fn)(const struct edge *e);

static enum role role_of(const struct edge *e)
{
	return device.ladder.rung[e->rung].role;
}

/* A boot that dies where nobody sees it: see "What cannot be helped". The loader has to count it,
 * and may not come back to it when no try is left; a kexec that died is seen by its record. */
static bool is_unseen(const struct edge *e)
{
	if (e->outcome == OUTCOME_PANIC)
		return !e->kexeced && (!e->counted || e->spent);
	/* assess did run, and leaves one that is spent, if there is more than a kexec that is lost.
	 */
	if (e->outcome == OUTCOME_HANG)
		return !e->has_counter || (e->spent && class->loader == LOADER_NONE);
	return false;
}

/* Troubles that come finitely often are in the worlds already, from each of which the ways begin.
 * These may come always. */
static bool is_lasting(const struct edge *e)
{
	return e->trouble == T_NONE || e->trouble == T_KEXEC_REFUSED ||
	       e->trouble == T_KEXEC_LOST || e->trouble == T_WIPE_REFUSED;
}

static bool is_bad(const struct edge *e)
{
	return e->outcome != OUTCOME_HEALTHY && e->outcome != OUTCOME_LATE;
}

/* The ladder is at its end. Where a kexec is the only way, and it was lost, there is only the wait
 * left. */
static bool is_over(const struct edge *e)
{
	return e->holds || e->has_reset || e->end == END_OFF ||
	       (e->waits && class->loader == LOADER_NONE);
}

/* No rung is well: the way to a reset, or to a hold. */
static enum look look_reset(const struct edge *e)
{
	if (!is_lasting(e) || is_unseen(e) || !is_bad(e))
		return LOOK_NO;
	return is_over(e) ? LOOK_END : LOOK_ON;
}

/* The way to recovery. */
static enum look look_recovery(const struct edge *e)
{
	if (!is_lasting(e) || is_unseen(e) || !is_bad(e))
		return LOOK_NO;
	return is_over(e) || role_of(e) == ROLE_RECOVERY ? LOOK_END : LOOK_ON;
}

/* The same, where slots come up, are blessed, and fail after it. */
static enum look look_relapse(const struct edge *e)
{
	if (!is_lasting(e) || is_unseen(e) || e->outcome == OUTCOME_HEALTHY)
		return LOOK_NO;
	return is_over(e) || role_of(e) == ROLE_RECOVERY ? LOOK_END : LOOK_ON;
}

static int healthy; /* the rung that is well from now on */

/* Recovery that stays up, and Hold=poweroff, need a person. */
static enum look look_blessed(const struct edge *e)
{
	if (!is_lasting(e) || is_unseen(e))
		return LOOK_NO;
	if (e->rung == healthy)
		return e->outcome != OUTCOME_HEALTHY ? LOOK_NO
		       : e->end == END_UP	     ? LOOK_END
						     : LOOK_ON;
	return is_bad(e) ? LOOK_ON : LOOK_NO;
}

/* All are well, but for the power. */
static enum look look_well(const struct edge *e)
{
	if (e->trouble != T_NONE || e->outcome != OUTCOME_HEALTHY)
		return LOOK_NO;
	return e->end == END_UP ? LOOK_END : LOOK_ON;
}

static uint16_t *length; /* of the longest way from each node, 0 = not known yet */
static struct {
	uint32_t node, edge;
} * stack;

#define ON_STACK 0xffff
#define NO_WAY	 0xfffe /* known: no edge leads on */

static void fail_cycle(const char *name, unsigned int depth, uint32_t node)
{
	struct world w;
	unsigned int n, i = 0;

	device.watch = NULL;
	print_message("%s, device \"%s\": boots go round for ever\n", name, class->name);
	n = print_way(stack[0].node, &w);
	print_message("  and from here:\n");
	for (i = 0; i <= depth; i++) {
		const struct edge *e = &g.edge[stack[i].edge - 1];

		if (stack[i].node == node)
			print_message("  again and again:\n");
		print_boot(&w, ++n, e->outcome, e->trouble);
	}
	fail_msg("invariant %s is broken", name);
}

/* The longest way from one node, in boots, up to the first edge that ends it. */
static void walk(const char *name, look_fn look, uint32_t start)
{
	unsigned int depth = 0;

	stack[0].node = start;
	stack[0].edge = g.node[start].first;
	length[start] = ON_STACK;
	for (;;) {
		uint32_t node = stack[depth].node, at = stack[depth].edge;
		const struct edge *e = &g.edge[at];
		enum look l;

		if (at == edges_end(node)) {
			uint16_t most = 0;

			for (uint32_t i = g.node[node].first; i < at; i++) {
				uint16_t len = 0;

				l = look(&g.edge[i]);
				if (l == LOOK_NO)
					continue;
				if (l == LOOK_ON && length[g.edge[i].to] != NO_WAY)
					len = length[g.edge[i].to];
				if (len + 1 > most)
					most = len + 1;
			}
			length[node] = most ? most : NO_WAY;
			if (depth-- == 0)
				return;
			continue;
		}
		stack[depth].edge++;
		l = look(e);
		if (l != LOOK_ON)
			continue;
		if (length[e->to] == ON_STACK)
			fail_cycle(name, depth, e->to);
		if (length[e->to])
			continue;
		length[e->to] = ON_STACK;
		stack[++depth].node = e->to;
		stack[depth].edge = g.node[e->to].first;
	}
}

/* The longest way from anywhere. */
static unsigned int longest(const char *name, look_fn look)
{
	unsigned int most = 0;

	length = calloc(g.n, sizeof(*length));
	stack = calloc(g.n + 1, sizeof(*stack));
	assert_true(length && stack);
	for (uint32_t i = 0; i < g.n; i++) {
		if (!length[i])
			walk(name, look, i);
		if (length[i] != NO_WAY && length[i] > most)
			most = length[i];
	}
	free(length);
	free(stack);
	return most;
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The manual says the bounds of the defaults, after the name of each: "at most N boots". */
static unsigned int read_manual(const char *name)
{
	static char text[200000];
	static const char words[] = "at most ";
	FILE *f = fopen("src/man/bootassess.7.scd", "re");
	char title[64];
	const char *at;
	size_t len;

	if (!f)
		fail_msg("cannot open src/man/bootassess.7.scd: run this from the top folder");
	len = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[len] = '\0';
	(void)snprintf(title, sizeof(title), "\n*%s*\n", name);
	at = strstr(text, title);
	at = at ? strstr(at, words) : NULL;
	if (!at)
		fail_msg("bootassess(7) does not say \"%sN boots\" of %s", words, name);
	return (unsigned int)strtoul(at + strlen(words), NULL, 10);
}

/* The defaults come up to each bound, power cuts and a device without a reset do not exceed it. */
static void check_manual(const char *name, unsigned int bound)
{
	unsigned int said = read_manual(name);

	if (bound > said)
		fail_msg("invariant %s is broken: %u boots, device \"%s\"; bootassess(7): at most "
			 "%u",
			 name, bound, class->name, said);
	if (bound < said && strcmp(class->name, "defaults") == 0)
		fail_msg("bootassess(7) says at most %u boots of %s; it is %u", said, name, bound);
}

/* The kinds of devices that the manual speaks of. */
static bool is_in_manual(void)
{
	return class->n_system == 2 && class->tries == 3 && model_size() > SIZE_LITTLE;
}

/* Without a loader that we can tell, a kexec that is lost is the end of it; Hold=stay waits in
 * recovery for a person. */
static bool has_way_back(void)
{
	return class->loader != LOADER_NONE && class->hold != HOLD_STAY;
}

static void play_class(void)
{
	unsigned int to_recovery, relapses, to_end, to_bless = 0, to_up;
	double start = seconds();

	make_device();
	device.watch = check_plan;
	explore_start(&device, class->troubles, class->has_cuts);
	add_starts();
	explore(check_boot);
	to_recovery = longest("recovery-bound", look_recovery);
	to_end = longest("reset-bound", look_reset);
	relapses = longest("relapse-bound", look_relapse);
	to_up = longest("power-cut-safe", look_well);
	for (healthy = 0; healthy < (int)class->n_system && has_way_back(); healthy++) {
		unsigned int len = longest("blessed-at-last", look_blessed);

		if (len > to_bless)
			to_bless = len;
	}
	if (is_in_manual()) {
		check_manual("recovery-bound", to_recovery);
		check_manual("relapse-bound", relapses);
		check_manual("reset-bound", to_end);
		check_manual("blessed-at-last", to_bless);
		check_manual("power-cut-safe", to_up);
	}
	n_states += g.n;
	n_edges += g.n_edges;
	print_message("  %-24s %8u states, %9u transitions, recovery in %2u (%2u with relapses), "
		      "its end in %2u, blessed in "
		      "%2u, up in %u, %.1f s\n",
		      class->name, g.n, g.n_edges, to_recovery, relapses, to_end, to_bless, to_up,
		      seconds() - start);
}

static bool is_due(unsigned int i)
{
	if (model_size() == SIZE_LITTLE)
		return i == 0;
	if (class->is_longest)
		return model_size() == SIZE_FULL;
	return !class->is_long || model_size() > SIZE_QUICK;
}

static void test_states(void **state)
{
	const char *only = getenv("MODEL_CLASS"); /* one of them, by its name */

	(void)state;
	for (unsigned int i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		class = &classes[i];
		if (only ? strcmp(only, class->name) == 0 : is_due(i))
			play_class();
	}
	n_boots = g.n_boots;
	print_message("model: %lu states, %lu transitions, %lu boots played, %.1f s\n", n_states,
		      n_edges, n_boots, seconds());
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_states)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
