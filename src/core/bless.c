// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "bless.h"

static const struct rung *booted_rung(const struct facts *f)
{
	return &f->ladder.rung[f->booted.rung];
}

static bool has_ladder(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (!f->ladder.rung[i].missing)
			return true;
	return false;
}

/* Was the record written in this boot? One without a boot id never was. */
static bool is_of_this_boot(const struct facts *f)
{
	return f->boot_id[0] && strcmp(f->record.boot_id, f->boot_id) == 0;
}

static bool is_record_for_us(const struct facts *f)
{
	return counter_same_id(f->record.target, f->booted.id);
}

/* The id is compared as it is: what looks like a counter in it is a part of it. */
static bool is_counted_name_of(const char *value, const char *id)
{
	char stripped[NAME_SIZE];

	return counter_parse(value, NULL) == 0 && counter_strip(value, stripped) == 0 &&
	       slice_is((struct slice){stripped, strlen(stripped)}, id);
}

/* What the bless leaves of the booted rung's counter: a slot that was started by a kexec has yet to
 * prove that the loader can boot it. */
static struct counter booted_after(const struct facts *f, const struct config *c)
{
	const struct rung *r = booted_rung(f);

	if (c->count_good || (f->kexeced && r->counter.present))
		return counter_make((int)ladder_tries(c, r->role), 0);
	return (struct counter){0};
}

/* Another rung's twin that could boot keeps its name; the booted rung's are parked. */
static bool is_taken(const struct facts *f, unsigned int i, const struct counter *to)
{
	const struct rung *r = &f->ladder.rung[i];
	char name[NAME_SIZE];

	return (int)i != f->booted.rung && r->twin[0] && !r->twin_broken &&
	       counter_format(r->id, to, name) == 0 &&
	       slice_is((struct slice){name, strlen(name)}, r->twin);
}

/* The operation on the counter of a rung. A bless of a system rung gives recovery and reset their
 * tries back, where they can be renamed. False if nothing is to be changed. */
static bool find_op(const struct facts *f, const struct config *c, unsigned int i, struct op *ret)
{
	const struct rung *r = &f->ladder.rung[i];
	struct counter to;

	if ((int)i == f->booted.rung)
		to = booted_after(f, c);
	else if (r->role != ROLE_SYSTEM && !r->missing && !r->ambiguous)
		to = counter_make((int)ladder_tries(c, r->role), 0);
	else
		return false;
	if (counter_is_same(&r->counter, &to) || is_taken(f, i, &to))
		return false;
	*ret = (struct op){.type = to.present ? OP_ARM : OP_BLESS, .rung = (int)i, .to = to};
	return true;
}

static void plan_counter(const struct facts *f, const struct config *c, struct plan *p)
{
	struct op op;

	if (booted_after(f, c).present)
		p->reason = REASON_REARMED;
	else
		p->reason = booted_rung(f)->counter.present ? REASON_BLESSED : REASON_GOOD;
	if (find_op(f, c, (unsigned int)f->booted.rung, &op))
		plan_add(p, op);
}

/* What a power cut left under the new name of a rung is put aside before. */
static void plan_refill(const struct facts *f, const struct config *c, struct plan *p)
{
	struct op op;

	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if ((int)i == f->booted.rung || !find_op(f, c, i, &op))
			continue;
		if (r->twin[0] && r->twin_broken)
			plan_add(p, (struct op){.type = OP_PARK, .rung = (int)i});
		plan_add(p, op);
	}
}

/* Changes a copy of the facts to how the bless leaves the entries. A file that can be renamed shows
 * its counter again. */
static void apply_counters(const struct facts *f, const struct config *c, struct facts *after)
{
	struct rung *booted = &after->ladder.rung[f->booted.rung];
	struct op op;

	for (unsigned int i = 0; i < f->ladder.n; i++) {
		if (!find_op(f, c, i, &op))
			continue;
		after->ladder.rung[i].counter = op.to;
		after->ladder.rung[i].in_variable = false;
	}
	booted->twin[0] = '\0';
	booted->twin_plain = booted->twin_counted = false;
}

/* Would a setting of ours be heard? LoaderEntryPreferred passes over what has no tries left, and a
 * name that cannot be changed may say that for ever. */
static bool can_prefer(const struct facts *after)
{
	struct settings s = after->settings;
	enum setting by = s.has_preferred ? SETTING_PREFERRED_VARIABLE : SETTING_DEFAULT_VARIABLE;

	s.ids_have_counters = false;
	memcpy(s.value[by], after->booted.id, sizeof(s.value[by]));
	return choose_next(&after->ladder, &s).rung == after->booted.rung;
}

/* Does a setting send the loader past the blessed rung? The loader's own order may: it is nobody's
 * choice of a rung. */
static bool is_passed_over(const struct facts *after)
{
	struct choice next = choose_next(&after->ladder, &after->settings);

	/* Without saved_entry GRUB starts the first one of its menu, whichever that is. */
	if (after->settings.loader == LOADER_GRUB && after->settings.known &&
	    !after->settings.value[SETTING_DEFAULT_VARIABLE][0])
		return true;
	return next.by != SETTING_ORDER &&
	       !choose_matches(&after->settings, next.by, booted_rung(after));
}

/* `activate` chose the next boot while this one had yet to be blessed: that is the newer word. */
static bool is_activated(const struct facts *after)
{
	int next = choose_next(&after->ladder, &after->settings).rung;

	return after->activated[0] && next >= 0 &&
	       counter_same_id(after->activated, after->ladder.rung[next].id);
}

/* LoaderEntryDefault is taken also where it has no tries left, so a slot that the loader never
 * booted must not be named there: it is tried once, and the bless of that boot names it. */
static void plan_choice(const struct facts *after, struct plan *p)
{
	enum op_type type = OP_PREFER;

	if (after->kexeced && booted_rung(after)->counter.present && !after->settings.has_preferred)
		type = OP_ONESHOT;
	if (type == OP_ONESHOT
		    ? (after->oneshot && !after->stale_oneshot) || (after->unfit & METHOD_FIRMWARE)
		    : !can_prefer(after))
		return;
	plan_add(p, (struct op){.type = type, .rung = after->booted.rung});
}

static void plan_settings(const struct facts *f, const struct config *c, struct plan *p)
{
	struct facts after = *f;

	if (!f->settings.known)
		return;
	apply_counters(f, c, &after);
	/* That changes nothing of the choice below: the weakest setting names this rung or none. */
	if (is_counted_name_of(f->settings.value[SETTING_DEFAULT_FILE], f->booted.id))
		plan_add(p, (struct op){.type = OP_CORRECT, .rung = f->booted.rung});
	if (!f->pin[0] && !is_activated(&after) && is_passed_over(&after))
		plan_choice(&after, p);
}

/* The record of the kexec that started this boot is the proof of what runs: it has arrived, and the
 * next boot from the firmware closes it. */
static enum record_state state_after(const struct facts *f)
{
	return f->kexeced && is_record_for_us(f) ? RECORD_ARRIVED : RECORD_CLOSED;
}

/* The boot before this one was good to its end: what a failure leaves is a counter, with which this
 * start is the second. A bless that is run again after half of it failed proves nothing more. */
static bool is_relapse_over(const struct facts *f)
{
	const struct counter *now = &booted_rung(f)->counter;

	return f->record.relapses > 0 && (now->present ? now->done <= 1 : !f->blessed);
}

/* A bless ends these counts, and the doubt of a record that cannot be read. */
static bool has_counts(const struct facts *f)
{
	return f->record_damaged || f->record.rounds > 0 || f->record.refunds > 0 ||
	       f->record.resets > 0 || is_relapse_over(f);
}

/* An open record of this boot for another rung is a switch on its way. */
static void plan_record(const struct facts *f, struct plan *p)
{
	bool is_open = f->record.state == RECORD_OPEN;
	enum record_state state = state_after(f);

	if (f->record_unwritable || (!is_open && !has_counts(f)))
		return;
	if (is_open && is_of_this_boot(f) && !is_record_for_us(f))
		return;
	p->record.rounds = p->record.refunds = p->record.resets = 0;
	if (is_relapse_over(f))
		p->record.relapses = 0;
	if (state == f->record.state ||
	    f->record_damaged) /* only its number tells that it is newer */
		p->record.txn++;
	plan_add_record(p, state);
}

/* A good boot of recovery or reset proves nothing about the system: the budget stays as it is. */
static void bless_budget(const struct facts *f, struct plan *p)
{
	p->reason = REASON_BUDGET;
	if (f->record.state == RECORD_OPEN && is_record_for_us(f) && !f->record_unwritable)
		plan_add(p, (struct op){.type = OP_RESTATE, .record_state = state_after(f)});
}

static void bless_system(const struct facts *f, const struct config *c, struct plan *p)
{
	if (booted_rung(f)->twin[0])
		plan_add(p, (struct op){.type = OP_PARK, .rung = f->booted.rung});
	/* These go by the setting alone: a cut between the two must not take the old slot back. */
	if (f->settings.loader == LOADER_FIRMWARE || f->settings.loader == LOADER_GRUB) {
		plan_settings(f, c, p);
		plan_counter(f, c, p);
	} else {
		plan_counter(f, c, p);
		plan_settings(f, c, p);
	}
	plan_record(f, p);
	plan_refill(f, c, p);
}

/* What is wrong with a boot of any role. */
static enum obstacle find_obstacle(const struct facts *f)
{
	const struct rung *r = booted_rung(f);

	if (f->failed)
		return OBSTACLE_FAILED;
	if (r->missing)
		return OBSTACLE_MISSING;
	return r->ambiguous ? OBSTACLE_AMBIGUOUS : OBSTACLE_NONE;
}

/* What is wrong with the file that would be renamed. One file without a counter leaves no doubt. */
static enum obstacle find_doubt(const struct facts *f)
{
	const struct rung *r = booted_rung(f);

	if (!r->counter.present && !r->twin[0])
		return OBSTACLE_NONE;
	if (f->booted.unproved)
		return OBSTACLE_UNPROVED;
	return f->booted.renamed ? OBSTACLE_RENAMED : OBSTACLE_NONE;
}

static void bless_booted(const struct facts *f, const struct config *c, struct plan *p)
{
	bool is_system = booted_rung(f)->role == ROLE_SYSTEM;

	p->counter = booted_rung(f)->counter;
	p->obstacle = find_obstacle(f);
	if (p->obstacle == OBSTACLE_NONE && is_system)
		p->obstacle = find_doubt(f);
	if (p->obstacle != OBSTACLE_NONE) {
		p->reason = REASON_REFUSED;
		p->target = f->booted.rung;
	} else if (is_system) {
		bless_system(f, c, p);
	} else {
		bless_budget(f, p);
	}
}

void bless_plan(const struct facts *f, const struct config *c, struct plan *p)
{
	memset(p, 0, sizeof(*p));
	p->verdict = VERDICT_PROCEED;
	p->target = -1;
	p->against = f->against;
	p->record = f->record;
	if (f->disabled)
		p->reason = REASON_DISABLED;
	else if (!f->blind && !has_ladder(f))
		p->reason = REASON_NO_LADDER;
	else if (f->blind || !f->booted.known)
		p->reason = REASON_UNKNOWN_ENTRY;
	else if (f->booted.rung < 0)
		p->reason = REASON_FOREIGN_ENTRY;
	else
		bless_booted(f, c, p);
}
