// SPDX-License-Identifier: LGPL-2.1-or-later
#include "leftover.h"

#include <string.h>

#include "text.h"

bool leftover_is_temporary(const char *name)
{
	return strncasecmp(name, LEFTOVER_PREFIX, sizeof(LEFTOVER_PREFIX) - 1) == 0;
}

/* Takes ".off", ".off1" ... away: how a bless puts a file aside, and an update a slot. */
static bool strip_off(char *name)
{
	char *dot = strrchr(name, '.');
	const char *digit;

	if (!dot || dot == name || strncasecmp(dot, ".off", 4) != 0)
		return false;
	for (digit = dot + 4; char_is_digit(*digit); digit++)
		;
	if (*digit)
		return false;
	*dot = '\0';
	return true;
}

/* What the name of an entry says. */
struct claim {
	char id[NAME_SIZE]; /* "" = nothing, it is no entry */
	struct counter counter;
	bool is_off;
};

static void read_claim(const struct leftover_entry *e, struct claim *ret)
{
	char name[NAME_SIZE];

	memset(ret, 0, sizeof(*ret));
	if (e->is_dir || !e->name[0] || leftover_is_temporary(e->name))
		return;
	memcpy(name, e->name, sizeof(name));
	ret->is_off = strip_off(name);
	(void)counter_parse(name, &ret->counter);
	(void)counter_strip(name, ret->id);
}

static bool is_same_id(const struct leftover_entry *a, const struct leftover_entry *b)
{
	struct claim x, y;

	read_claim(a, &x);
	read_claim(b, &y);
	return x.id[0] && y.id[0] && counter_same_id(x.id, y.id);
}

static bool is_shared(const struct leftover_entry *a, const struct leftover_entry *b)
{
	return a->cluster != 0 && a->cluster == b->cluster;
}

static bool is_usable(const struct leftover_entry *e)
{
	return e->size > 0 && !e->is_broken;
}

/* True if a claims less than b. */
static bool claims_less(const struct leftover_entry *a, const struct leftover_entry *b)
{
	struct claim x, y;

	read_claim(a, &x);
	read_claim(b, &y);
	if (is_usable(a) != is_usable(b))
		return is_usable(a);
	if (x.is_off != y.is_off)
		return x.is_off;
	if (x.counter.present != y.counter.present)
		return x.counter.present;
	if (x.counter.left != y.counter.left)
		return x.counter.left < y.counter.left;
	return x.counter.done > y.counter.done;
}

static void set(struct leftover_entry *e, enum leftover verdict, enum leftover_cause cause,
		unsigned int other)
{
	e->verdict = verdict;
	e->cause = cause;
	e->other = other;
}

/* A directory is never unlinked: what is in it is for the update that made it. */
static void judge_temporary(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++)
		if (k != i && is_shared(&e[i], &e[k])) {
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_SHARED, k);
			return;
		}
	if (e[i].is_dir)
		set(&e[i], LEFTOVER_TELL, LEFTOVER_TEMPORARY, i);
	else if (e[i].is_broken)
		set(&e[i], LEFTOVER_FORGET, LEFTOVER_BROKEN, i);
	else /* without a cluster there is nothing that could be another's */
		set(&e[i], e[i].cluster ? LEFTOVER_UNLINK : LEFTOVER_FORGET, LEFTOVER_TEMPORARY, i);
}

/* Of all names of one chain and one id, all but the one that claims least are given up. A chain
 * that two ids have is no rename of ours. */
static void judge_shared(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++) {
		if (k == i || !is_shared(&e[i], &e[k]) || leftover_is_temporary(e[k].name))
			continue;
		if (!is_same_id(&e[i], &e[k])) {
			if (e[i].verdict == LEFTOVER_KEEP)
				set(&e[i], LEFTOVER_TELL, LEFTOVER_SHARED, k);
		} else if (claims_less(&e[k], &e[i]) || (!claims_less(&e[i], &e[k]) && k < i)) {
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_SHARED, k);
			return;
		}
	}
}

static void judge_unusable(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++)
		if (k != i && is_same_id(&e[i], &e[k]) && is_usable(&e[k]) &&
		    e[k].verdict != LEFTOVER_FORGET) {
			set(&e[i], LEFTOVER_FORGET, e[i].size ? LEFTOVER_BROKEN : LEFTOVER_EMPTY,
			    k);
			return;
		}
}

/* A count that copies the entry leaves both for a moment, each with a chain of its own. */
static void judge_counted(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	struct claim old, new;

	read_claim(&e[i], &old);
	for (unsigned int k = 0; k < n; k++) {
		if (k == i || !is_same_id(&e[i], &e[k]) || e[i].size != e[k].size ||
		    !is_usable(&e[k]) || e[k].verdict != LEFTOVER_KEEP)
			continue;
		read_claim(&e[k], &new);
		if (!old.is_off && !new.is_off && counter_is_next(&old.counter, 1, &new.counter)) {
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_COUNTED, k);
			return;
		}
	}
}

bool leftover_needs_chain(const struct leftover_entry *e, unsigned int n, unsigned int i)
{
	if (e[i].is_dir)
		return false;
	if (leftover_is_temporary(e[i].name))
		return true;
	for (unsigned int k = 0; k < n; k++)
		if (k != i && is_same_id(&e[i], &e[k]))
			return true;
	return false;
}

/* Each step relies on the verdicts of the ones before it. */
void leftover_judge(struct leftover_entry *e, unsigned int n, bool has_entries)
{
	for (unsigned int i = 0; i < n; i++)
		if (leftover_is_temporary(e[i].name))
			judge_temporary(e, n, i);
	if (!has_entries)
		return;
	for (unsigned int i = 0; i < n; i++)
		if (!leftover_is_temporary(e[i].name) && !e[i].is_dir)
			judge_shared(e, n, i);
	for (unsigned int i = 0; i < n; i++)
		if (e[i].verdict == LEFTOVER_KEEP && !e[i].is_dir && !is_usable(&e[i]))
			judge_unusable(e, n, i);
	for (unsigned int i = 0; i < n; i++)
		if (e[i].verdict == LEFTOVER_KEEP && !e[i].is_dir && is_usable(&e[i]))
			judge_counted(e, n, i);
}
