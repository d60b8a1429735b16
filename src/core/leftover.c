// SPDX-License-Identifier: LGPL-2.1-or-later
#include "leftover.h"

#include <string.h>

#include "mirror.h"
#include "text.h"

/* What ".bootassess-0" becomes as a short name. */
#define SHORT_PREFIX "BOOTAS~"

/* Where the number of a short name that was made of a long one begins, at its "~"; NULL: it was
 * not. */
static const char *find_number(const char *name)
{
	const char *tilde = strrchr(name, '~'), *digit;

	if (!tilde || tilde == name || !char_is_digit(tilde[1]))
		return NULL;
	for (digit = tilde + 1; char_is_digit(*digit); digit++)
		;
	return *digit == '\0' || *digit == '.' ? tilde : NULL;
}

bool leftover_is_temporary(const struct leftover_entry *e)
{
	if (strncasecmp(e->name, LEFTOVER_PREFIX, sizeof(LEFTOVER_PREFIX) - 1) == 0)
		return true;
	return e->is_short && strncasecmp(e->name, SHORT_PREFIX, sizeof(SHORT_PREFIX) - 1) == 0 &&
	       find_number(e->name) && !strchr(e->name, '.');
}

static bool is_nameless(const struct leftover_entry *e)
{
	return e->is_short && !e->is_dir && find_number(e->name) && !leftover_is_temporary(e);
}

/* Takes ".off", ".off1" ..., ".mirror" away: how a bless puts a file aside, an update a slot, and a
 * mirror one that it brings up to date. */
static bool strip_off(char *name)
{
	char *dot = strrchr(name, '.');
	const char *digit;

	if (!dot || dot == name)
		return false;
	if (strcasecmp(dot, MIRROR_OFF) == 0) {
		*dot = '\0';
		return true;
	}
	if (strncasecmp(dot, ".off", 4) != 0)
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
	if (e->is_dir || !e->name[0] || leftover_is_temporary(e) || is_nameless(e))
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

/* Only a bless makes a pair of this one and a plain name; to do that again there is no try. */
static bool is_last_try(const struct counter *c)
{
	return c->present && c->left == 0 && c->done < COUNTER_BAD_DONE;
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
		return x.counter.present ? !is_last_try(&x.counter) : is_last_try(&y.counter);
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

/* What is in a directory is for the update that made it. */
static void judge_temporary(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++)
		if (k != i && is_shared(&e[i], &e[k])) {
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_SHARED, k);
			return;
		}
	if (e[i].is_broken)
		set(&e[i], LEFTOVER_FORGET, LEFTOVER_BROKEN, i);
	else if (e[i].is_dir && !e[i].is_empty)
		set(&e[i], LEFTOVER_TELL, LEFTOVER_TEMPORARY, i);
	else /* without a cluster there is nothing that could be another's */
		set(&e[i], e[i].cluster ? LEFTOVER_UNLINK : LEFTOVER_FORGET, LEFTOVER_TEMPORARY, i);
}

/* A short name is made of the first characters of a long one, without its dots; what a short name
 * cannot have becomes "_". */
static bool is_made_of(const char *alias, const char *name)
{
	const char *end = find_number(alias);

	for (; end && alias < end; alias++, name++) {
		while (*name == '.')
			name++;
		if (!*name || char_lower(*alias) != (*name == '+' ? '_' : char_lower(*name)))
			return false;
	}
	return end;
}

bool leftover_may_be_copy(const struct leftover_entry *e, unsigned int i, unsigned int k)
{
	return k != i && !e[k].is_dir && e[k].name[0] && e[k].size == e[i].size &&
	       is_usable(&e[k]) && !is_nameless(&e[k]) && !leftover_is_temporary(&e[k]) &&
	       is_made_of(e[i].name, e[k].name);
}

/* Of two names of one chain the one stays that has a long name, whatever it claims. */
static bool is_second_name(const struct leftover_entry *e, unsigned int i, unsigned int k)
{
	if (k == i || !is_shared(&e[i], &e[k]) || leftover_is_temporary(&e[k]))
		return false;
	return is_usable(&e[k]) >= is_usable(&e[i]) && (!is_nameless(&e[k]) || k < i);
}

static void judge_nameless(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++)
		if (is_second_name(e, i, k)) {
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_SHARED, k);
			return;
		}
	if (!is_usable(&e[i])) {
		set(&e[i], LEFTOVER_FORGET, LEFTOVER_NAMELESS, i);
		return;
	}
	set(&e[i], LEFTOVER_TELL, LEFTOVER_NAMELESS, i);
	for (unsigned int k = 0; k < n && e[i].verdict == LEFTOVER_TELL; k++)
		if (leftover_may_be_copy(e, i, k))
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_COPIED, k);
}

/* Of all names of one chain and one id, all but the one that claims least are given up. Of three
 * (+1-2, +0-3, none) each may claim less than another: what is given up already does not count, so
 * that one stays. A chain that two ids have is no rename of ours. */
static void judge_shared(struct leftover_entry *e, unsigned int n, unsigned int i)
{
	for (unsigned int k = 0; k < n; k++) {
		if (k == i || !is_shared(&e[i], &e[k]) || leftover_is_temporary(&e[k]) ||
		    is_nameless(&e[k]) || e[k].verdict == LEFTOVER_FORGET)
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
	if (leftover_is_temporary(&e[i]) || is_nameless(&e[i]) || e[i].is_our_dir)
		return true;
	if (e[i].is_dir)
		return false;
	for (unsigned int k = 0; k < n; k++)
		if (k != i && is_same_id(&e[i], &e[k]))
			return true;
	return false;
}

void leftover_judge_tries(struct leftover_entry *e, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (is_nameless(&e[i]) && e[i].cluster == 0 && e[i].size == 0)
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_NAMELESS, i);
}

/* Each step relies on the verdicts of the ones before it. */
void leftover_judge(struct leftover_entry *e, unsigned int n, bool has_entries)
{
	for (unsigned int i = 0; i < n; i++)
		if (leftover_is_temporary(&e[i]))
			judge_temporary(e, n, i);
		else if (e[i].is_our_dir && e[i].is_broken)
			set(&e[i], LEFTOVER_FORGET, LEFTOVER_BROKEN, i);
	if (!has_entries)
		return;
	for (unsigned int i = 0; i < n; i++)
		if (is_nameless(&e[i]))
			judge_nameless(e, n, i);
		else if (!leftover_is_temporary(&e[i]) && !e[i].is_dir)
			judge_shared(e, n, i);
	for (unsigned int i = 0; i < n; i++)
		if (e[i].verdict == LEFTOVER_KEEP && !e[i].is_dir && !is_usable(&e[i]))
			judge_unusable(e, n, i);
	for (unsigned int i = 0; i < n; i++)
		if (e[i].verdict == LEFTOVER_KEEP && !e[i].is_dir && is_usable(&e[i]))
			judge_counted(e, n, i);
}
