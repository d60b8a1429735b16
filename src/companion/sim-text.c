// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "say.h"
#include "sim.h"

void sim_counter(const struct counter *c, struct text *t)
{
	if (!c->present) {
		text_str(t, "good");
		return;
	}
	text_char(t, '+');
	text_uint(t, (unsigned long)c->left, c->left_width);
	if (c->done_width == 0)
		return;
	text_char(t, '-');
	text_uint(t, (unsigned long)c->done, c->done_width);
}

void sim_span(uint64_t seconds, struct text *t)
{
	static const struct {
		unsigned int seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	bool is_first = true;

	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t n = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (n == 0 && (i < 3 || !is_first))
			continue;
		text_str(t, is_first ? "" : " ");
		text_uint(t, n, 0);
		say(t, " ", units[i].unit);
		is_first = false;
	}
}

static void text_boots(unsigned int n, struct text *t)
{
	text_uint(t, n, 0);
	text_str(t, n == 1 ? " boot" : " boots");
}

static void text_runs(const struct sim *s, const struct sim_result *r, struct text *t)
{
	const struct ladder *l = &s->device.ladder;

	text_printable(t, l->rung[r->rung].id);
	say(t, " runs", r->is_blessed ? ", blessed" : "", ", after ");
	text_boots(r->boots, t);
	if (r->next >= 0 && r->next != r->rung) {
		text_str(t, "; the next start leads to ");
		text_printable(t, l->rung[r->next].id);
	}
}

/* One rung again and again, and no event that would end that. */
static void text_stuck(const struct sim *s, const struct sim_result *r, struct text *t)
{
	const char *id = s->device.ladder.rung[r->loop_rung].id;
	enum setting by = r->loop_choice.by;

	text_str(t, "the boot loader never gets past ");
	text_printable(t, id);
	if (r->is_loop_cut_off)
		text_str(t, ": no other rung can be entered");
	else if (!r->loop_counter.present)
		text_str(t, ": it has no counter, so nobody counts its failures");
	else if (!s->device.counts)
		text_str(t, ": this loader counts nothing");
	else if (s->device.ladder.rung[r->loop_rung].twin[0])
		text_str(t, ": it has two files, of which one is played only");
	else if (r->loop_choice.rung < 0)
		text_str(t, ": what it goes by cannot be read");
	else if (r->loop_choice.rung == r->loop_rung && by < SETTING_ORDER)
		say(t, ": ", setting_name(&s->device.settings, by), " names it");
	else
		text_str(t, ": no other entry has tries left");
}

static void text_loop(const struct sim *s, const struct sim_result *r, struct text *t)
{
	if (r->loop_rung >= 0 && !r->is_loop_held)
		text_stuck(s, r, t);
	else if (r->is_loop_shared)
		text_str(t, "no rung runs: a check that fails on two slots is taken for a fault "
			    "that all share (SharedFault=), so it holds");
	else if (r->is_loop_held)
		text_str(t, "no rung runs: it holds, gives the tries again and starts over");
	else
		text_str(t, "no rung runs, and nothing ends that");
	text_str(t, "; it goes round for ever: boot ");
	text_uint(t, r->loop_from, 0);
	if (r->loop_to > r->loop_from) {
		text_str(t, " to ");
		text_uint(t, r->loop_to, 0);
	}
	text_str(t, r->is_loop_held ? " again, with longer holds, up to a day each" : " again");
}

void sim_result_text(const struct sim *s, const struct sim_result *r, struct text *t)
{
	switch (r->end) {
	case SIM_RUNS:
		text_runs(s, r, t);
		break;
	case SIM_LOOP:
		text_loop(s, r, t);
		break;
	case SIM_OFF:
		text_str(t, "switched off after ");
		text_boots(r->boots, t);
		text_str(t, ", until somebody starts it: no rung is left, and Hold= says so");
		break;
	case SIM_NOWHERE:
		text_str(t, "the boot loader has nothing on the ladder to start, after ");
		text_boots(r->boots, t);
		break;
	case SIM_LIMIT:
		text_str(t, "not at its end after ");
		text_boots(r->boots, t);
		text_str(t, ": more are played with --boots=");
		break;
	}
}

const char *sim_end_name(enum sim_end end)
{
	static const char *const names[] = {"runs", "loop", "off", "nowhere", "limit"};

	return names[end];
}
