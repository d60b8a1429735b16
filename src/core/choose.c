// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "bls.h"
#include "choose.h"
#include "glob.h"

/* A file as the loader sees it: a rung has two of them where it has a twin. */
struct file {
	const struct rung *rung;
	const char *name; /* as it stands on the disk; NULL = id and counter */
	struct counter counter;
};

/* What the loader looks at. */
struct view {
	const struct ladder *ladder;
	const struct settings *settings;
	const struct counter *names; /* of the rungs; NULL = the ladder says them */
	unsigned int parked;	     /* set of rungs whose twin does not count */
};

/* The files are numbered: two for each rung, the second one is its twin. False if there is no such
 * file. What counts for the loader is the name, not what the EFI variable says. */
static bool find_file(const struct view *v, unsigned int number, struct file *ret)
{
	const struct rung *r = &v->ladder->rung[number / 2];
	bool is_twin = number % 2 == 1;

	if (r->missing || (is_twin && (!r->twin[0] || v->parked & 1u << number / 2)))
		return false;
	*ret = (struct file){.rung = r, .counter = r->counter};
	if (is_twin)
		ret->name = r->twin;
	else if (v->names)
		ret->counter = v->names[number / 2];
	else if (r->in_variable && r->name[0])
		ret->name = r->name;
	if (ret->name)
		(void)counter_parse(ret->name, &ret->counter);
	return true;
}

static bool is_spent(const struct counter *c)
{
	return c->present && c->left == 0;
}

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

/* Below 0 if the loader's menu has a above b. The counters decide last of all, and only between two
 * that have one; but no tries left come after everything else. */
static int compare_files(const struct file *a, const struct file *b)
{
	const struct rung *p = a->rung, *q = b->rung;
	struct bls_order x = {slice_of(p->sort_key), slice_of(p->machine_id), slice_of(p->version),
			      slice_of(p->id)};
	struct bls_order y = {slice_of(q->sort_key), slice_of(q->machine_id), slice_of(q->version),
			      slice_of(q->id)};
	int r = is_spent(&a->counter) - is_spent(&b->counter);

	if (r == 0)
		r = bls_compare(&x, &y);
	if (r != 0 || !a->counter.present || !b->counter.present)
		return r;
	if (a->counter.left != b->counter.left)
		return a->counter.left > b->counter.left ? -1 : 1;
	return (a->counter.done > b->counter.done) - (a->counter.done < b->counter.done);
}

static bool is_preferred(enum setting by)
{
	return by == SETTING_PREFERRED_VARIABLE || by == SETTING_PREFERRED_FILE;
}

/* The pattern of a setting, or "" where the loader has none to go by. */
static const char *pattern_of(const struct settings *s, enum setting by)
{
	if (!s->known || by >= SETTINGS || (is_preferred(by) && !s->has_preferred))
		return "";
	return strcmp(s->value[by], "@saved") == 0 ? s->saved : s->value[by];
}

/* An id is never empty, so that no setting means no match. */
static bool matches(const struct settings *s, enum setting by, const struct file *f)
{
	const char *pattern = pattern_of(s, by);
	char name[NAME_SIZE];

	if (!pattern[0] || !s->ids_have_counters)
		return pattern[0] && glob_match(pattern, f->rung->id);
	if (f->name)
		return glob_match(pattern, f->name);
	(void)counter_format(f->rung->id, &f->counter, name);
	return glob_match(pattern, name[0] ? name : f->rung->id);
}

/* The first file in the loader's order that a setting selects, or with SETTING_ORDER of all. */
static int first_rung(const struct view *v, enum setting by)
{
	struct file best = {0}, f;

	if (by != SETTING_ORDER && !pattern_of(v->settings, by)[0])
		return -1;
	for (unsigned int i = 0; i < 2 * v->ladder->n; i++) {
		if (!find_file(v, i, &f))
			continue;
		if (by != SETTING_ORDER && !matches(v->settings, by, &f))
			continue;
		if (is_preferred(by) && is_spent(&f.counter))
			continue;
		if (!best.rung || compare_files(&f, &best) < 0)
			best = f;
	}
	return best.rung ? (int)(best.rung - v->ladder->rung) : -1;
}

static struct choice choose(const struct view *v)
{
	struct choice c = {.rung = -1, .by = SETTING_PREFERRED_VARIABLE};
	const struct settings *s = v->settings;

	if (!s->known)
		return (struct choice){.rung = -1, .by = SETTING_ORDER};
	for (; c.by < SETTING_ORDER; c.by++) {
		c.rung = first_rung(v, c.by);
		if (c.rung >= 0)
			return c;
	}
	if (s->loader != LOADER_FIRMWARE && s->loader != LOADER_GRUB)
		c.rung = first_rung(v, SETTING_ORDER);
	return c;
}

struct choice choose_next(const struct ladder *l, const struct settings *s)
{
	return choose(&(struct view){.ladder = l, .settings = s});
}

struct choice choose_next_by_names(const struct ladder *l, const struct settings *s,
				   const struct counter *names, unsigned int parked)
{
	return choose(&(struct view){l, s, names, parked});
}

bool choose_matches(const struct settings *s, enum setting by, const struct rung *r)
{
	struct ladder one = {.n = 1};
	struct view v = {.ladder = &one, .settings = s};
	struct file f;

	one.rung[0] = *r;
	for (unsigned int i = 0; i < 2; i++)
		if (find_file(&v, i, &f) && matches(s, by, &f))
			return true;
	return false;
}

bool choose_matches_id(const struct settings *s, enum setting by, const char *id)
{
	const char *pattern = pattern_of(s, by);
	struct counter c = {0};

	if (!pattern[0] || !glob_match(pattern, id))
		return false;
	(void)counter_parse(id, &c);
	return !is_preferred(by) || !is_spent(&c);
}

const char *setting_name(const struct settings *s, enum setting setting)
{
	static const char *const names[] = {
		[SETTING_PREFERRED_VARIABLE] = "LoaderEntryPreferred",
		[SETTING_PREFERRED_FILE] = "preferred in loader.conf",
		[SETTING_DEFAULT_VARIABLE] = "LoaderEntryDefault",
		[SETTING_DEFAULT_FILE] = "default in loader.conf",
		[SETTING_ORDER] = "the loader's own order",
	};

	if (setting == SETTING_DEFAULT_VARIABLE && s->loader == LOADER_FIRMWARE)
		return "BootOrder";
	if (setting == SETTING_DEFAULT_VARIABLE && s->loader == LOADER_GRUB)
		return "saved_entry in grubenv";
	return names[setting];
}
