// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "activate.h"

static enum setting our_setting(const struct facts *f)
{
	return f->settings.has_preferred ? SETTING_PREFERRED_VARIABLE : SETTING_DEFAULT_VARIABLE;
}

/* Would the loader heed a setting of ours? Preferred passes over what has no tries left. */
static bool is_heard(const struct facts *f, int rung)
{
	struct settings s = f->settings;
	struct choice next;

	s.ids_have_counters = false;
	memcpy(s.value[our_setting(f)], f->ladder.rung[rung].id, NAME_SIZE);
	next = choose_next(&f->ladder, &s);
	return next.rung == rung && next.by == our_setting(f);
}

/* A default that names a rung with a counter would boot it for ever, dead or not. Recovery and
 * reset are never to last. */
static bool may_be_named(const struct facts *f, const struct rung *r)
{
	return f->settings.known && r->role == ROLE_SYSTEM &&
	       (!r->counter.present || f->settings.has_preferred);
}

static enum activate_how choose_how(const struct facts *f, int rung)
{
	if (may_be_named(f, &f->ladder.rung[rung]) && is_heard(f, rung))
		return ACTIVATE_PREFER;
	return f->unfit & METHOD_FIRMWARE ? ACTIVATE_NONE : ACTIVATE_ONESHOT;
}

/* Is the rung the loader's choice once its boot was blessed? As bless_plan() sees it. */
static bool bless_moves(const struct facts *f, int rung)
{
	struct ladder after = f->ladder;
	struct choice next;

	after.rung[rung].counter.present = false;
	after.rung[rung].in_variable = false;
	next = choose_next(&after, &f->settings);
	return next.rung == rung || (next.by != SETTING_ORDER &&
				     !choose_matches(&f->settings, next.by, &after.rung[rung]));
}

static bool can_anchor(const struct facts *f, int anchor, int rung)
{
	const struct rung *r = anchor >= 0 ? &f->ladder.rung[anchor] : NULL;

	return r && anchor != rung && ladder_state(r, &r->counter) == RUNG_GOOD &&
	       is_heard(f, anchor);
}

/* What the loader would start, else what runs. */
static int find_anchor(const struct facts *f, int rung)
{
	int next = choose_next(&f->ladder, &f->settings).rung;

	if (can_anchor(f, next, rung))
		return next;
	return can_anchor(f, f->booted.rung, rung) ? f->booted.rung : -1;
}

/* For one boot, and what its bless is to find. */
static void plan_once(const struct facts *f, int rung, struct activation *a)
{
	a->drops_oneshot = false; /* it is replaced */
	a->lasts = f->settings.known && f->ladder.rung[rung].role == ROLE_SYSTEM;
	if (!a->lasts || bless_moves(f, rung))
		return;
	a->anchor = find_anchor(f, rung);
	a->lasts = a->anchor >= 0;
}

void activate_plan(const struct facts *f, const char *oneshot, int rung, struct activation *ret)
{
	bool is_named = oneshot[0] && counter_same_id(oneshot, f->ladder.rung[rung].id);

	*ret = (struct activation){.how = ACTIVATE_ALREADY, .anchor = -1, .lasts = true};
	ret->drops_oneshot = oneshot[0] && !is_named;
	if (f->settings.known && choose_next(&f->ladder, &f->settings).rung == rung)
		return;
	ret->how = choose_how(f, rung);
	ret->lasts = ret->how == ACTIVATE_PREFER;
	if (ret->how != ACTIVATE_ONESHOT)
		return;
	plan_once(f, rung, ret);
	if (is_named && ret->anchor < 0)
		ret->how = ACTIVATE_ALREADY;
}

const char *activate_name(enum activate_how how)
{
	static const char *const names[] = {
		[ACTIVATE_NONE] = "none",
		[ACTIVATE_ALREADY] = "already",
		[ACTIVATE_PREFER] = "preferred",
		[ACTIVATE_ONESHOT] = "oneshot",
	};

	return names[how];
}
