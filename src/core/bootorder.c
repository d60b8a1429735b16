// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "bootorder.h"

/* One that may stand for its rung: it does what the rung's own would do. */
static bool is_plain(const struct bootorder_option *o, int rung)
{
	return o->rung == rung && !o->has_data;
}

static bool starts(const struct bootorder_option *o)
{
	return o->is_active && !o->is_stale;
}

/* Below 0 if a is the one to keep of the two. */
static int compare_options(const struct bootorder_option *a, const struct bootorder_option *b)
{
	if (a->is_stale != b->is_stale)
		return a->is_stale - b->is_stale;
	if (a->is_active != b->is_active)
		return b->is_active - a->is_active;
	return a->number - b->number;
}

/* The option that stays for a rung, or NULL. */
static const struct bootorder_option *find_best(const struct bootorder_facts *f, int rung)
{
	const struct bootorder_option *best = NULL;

	for (unsigned int i = 0; i < f->n; i++) {
		const struct bootorder_option *o = &f->option[i];

		if (is_plain(o, rung) && (!best || compare_options(o, best) < 0))
			best = o;
	}
	return best;
}

/* One with optional data of its own boots the rung too, and is nobody's duplicate. */
static bool has_special(const struct bootorder_facts *f, int rung)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct bootorder_option *o = &f->option[i];

		if (o->rung == rung && o->has_data && starts(o))
			return true;
	}
	return false;
}

static void add_op(struct bootorder_plan *p, enum bootorder_op_type type, uint16_t number, int rung,
		   bool is_new)
{
	p->op[p->n_ops++] = (struct bootorder_op){type, number, rung, is_new};
}

/* The place of the first one in the order is that of the one that stays, if it may have it. */
static void drop_from_order(struct bootorder_plan *p, uint16_t number, uint16_t keep, bool moves)
{
	int place = loadopt_order_find(&p->order, number);
	int its = loadopt_order_find(&p->order, keep);

	if (moves && place >= 0 && (its < 0 || place < its)) {
		loadopt_order_remove(&p->order, keep);
		p->order.number[loadopt_order_find(&p->order, number)] = keep;
	}
	loadopt_order_remove(&p->order, number);
}

/* What BootCurrent names says what runs, and what BootNext names is to come: those are left to the
 * next bless, but for their place. */
static void drop_duplicates(const struct bootorder_facts *f, int rung, uint16_t keep,
			    struct bootorder_plan *p)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct bootorder_option *o = &f->option[i];

		if (!is_plain(o, rung) || o->number == keep)
			continue;
		drop_from_order(p, o->number, keep, f->rung[rung].is_good || starts(o));
		if (o->number != f->next && o->number != f->current)
			add_op(p, BOOTORDER_DELETE, o->number, rung, false);
	}
}

static bool is_used(const struct bootorder_facts *f, const struct bootorder_plan *p,
		    uint16_t number)
{
	if (number == f->next || number == f->current || loadopt_order_find(&f->order, number) >= 0)
		return true;
	for (unsigned int i = 0; i < f->n; i++)
		if (f->option[i].number == number)
			return true;
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].number == number)
			return true;
	return false;
}

/* The lowest one that nothing names: a number that BootOrder names already would get that place. */
static int find_free(const struct bootorder_facts *f, const struct bootorder_plan *p)
{
	for (unsigned int number = 0; number <= UINT16_MAX; number++)
		if (!is_used(f, p, (uint16_t)number))
			return (int)number;
	return -1;
}

/* The place in the order of a rung's option, -1 = it has none there. */
static int place_of(const struct bootorder_plan *p, int number)
{
	return number < 0 ? -1 : loadopt_order_find(&p->order, (uint16_t)number);
}

/* Behind the last one of the ladder that comes before it by its role: recovery is not to be started
 * before a slot of the system. Else in front of the ladder, or of all. */
static unsigned int find_place(const struct bootorder_facts *f, const struct bootorder_plan *p,
			       unsigned int rung, const int number_of[RUNGS_MAX])
{
	int last = -1, first = -1;

	for (unsigned int i = 0; i < f->n_rungs; i++) {
		int at = place_of(p, number_of[i]);

		if (f->rung[i].role <= f->rung[rung].role && at > last)
			last = at;
		if (at >= 0 && (first < 0 || at < first))
			first = at;
	}
	if (last >= 0)
		return (unsigned int)last + 1;
	return first < 0 ? 0 : (unsigned int)first;
}

/* Where it could not start it may have stood before all others: what is not good comes last. */
static void write_anew(const struct bootorder_facts *f, int rung, uint16_t number,
		       struct bootorder_plan *p)
{
	add_op(p, BOOTORDER_WRITE, number, rung, false);
	if (!f->rung[rung].is_good && loadopt_order_find(&p->order, number) >= 0) {
		loadopt_order_remove(&p->order, number);
		loadopt_order_insert(&p->order, p->order.n, number);
	}
}

/* The number that a rung has from now on, -1 = none. */
static int settle_rung(const struct bootorder_facts *f, int rung, struct bootorder_plan *p)
{
	const struct bootorder_option *best = find_best(f, rung);
	int number;

	if (best) {
		drop_duplicates(f, rung, best->number, p);
		if (f->rung[rung].can_start && !starts(best))
			write_anew(f, rung, best->number, p);
		return best->number;
	}
	if (!f->rung[rung].can_start || has_special(f, rung))
		return -1;
	number = find_free(f, p);
	if (number >= 0)
		add_op(p, BOOTORDER_WRITE, (uint16_t)number, rung, true);
	return number;
}

static void add_to_order(const struct bootorder_facts *f, unsigned int rung,
			 const int number_of[RUNGS_MAX], struct bootorder_plan *p)
{
	int number = number_of[rung];
	unsigned int at;

	if (number < 0 || !f->rung[rung].can_start || f->rung[rung].role == ROLE_RESET ||
	    loadopt_order_find(&p->order, (uint16_t)number) >= 0 || p->order.n == LOADOPT_ORDER_MAX)
		return;
	at = f->rung[rung].is_good ? find_place(f, p, rung, number_of) : p->order.n;
	loadopt_order_insert(&p->order, at, (uint16_t)number);
}

static void add_all(const struct bootorder_facts *f, bool are_good, const int number_of[RUNGS_MAX],
		    struct bootorder_plan *p)
{
	for (unsigned int i = 0; i < f->n_rungs; i++)
		if (f->rung[i].is_good == are_good)
			add_to_order(f, i, number_of, p);
}

/* Of a number that stands there twice the first one stays. */
static void copy_order(const struct loadopt_order *from, struct loadopt_order *to)
{
	to->n = 0;
	for (unsigned int i = 0; i < from->n; i++)
		if (loadopt_order_find(to, from->number[i]) < 0)
			to->number[to->n++] = from->number[i];
}

static bool is_same_order(const struct loadopt_order *a, const struct loadopt_order *b)
{
	return a->n == b->n && memcmp(a->number, b->number, a->n * sizeof(a->number[0])) == 0;
}

void bootorder_plan(const struct bootorder_facts *f, struct bootorder_plan *ret)
{
	int number_of[RUNGS_MAX];

	ret->n_ops = 0;
	copy_order(&f->order, &ret->order);
	for (unsigned int i = 0; i < f->n_rungs; i++)
		number_of[i] = settle_rung(f, (int)i, ret);
	if (f->first >= 0 && f->rung[f->first].is_good)
		add_to_order(f, (unsigned int)f->first, number_of, ret);
	add_all(f, true, number_of, ret);
	add_all(f, false, number_of, ret);
	ret->changes_order = !is_same_order(&f->order, &ret->order);
}

void bootorder_give_up(struct bootorder_plan *p, uint16_t number)
{
	loadopt_order_remove(&p->order, number);
	p->changes_order = true;
}
