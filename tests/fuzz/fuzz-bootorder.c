// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bootorder.h"
#include "fuzz.h"

static void fill(struct bootorder_facts *f, struct input *in)
{
	memset(f, 0, sizeof(*f));
	f->n_rungs = 1 + take_below(in, 6);
	f->first = (int)take_below(in, f->n_rungs + 1) - 1;
	f->next = (int)take_below(in, 12) - 1;
	f->current = (int)take_below(in, 12) - 1;
	for (unsigned int i = 0; i < f->n_rungs; i++) {
		unsigned int flags = take_byte(in);

		f->rung[i].role = i + 2 < f->n_rungs   ? ROLE_SYSTEM
				  : i + 1 < f->n_rungs ? ROLE_RECOVERY
						       : (enum role)(flags >> 2 & 1 ? 0 : 2);
		f->rung[i].can_start = flags & 1;
		f->rung[i].is_good = flags & 2;
	}
	for (f->n = 0; f->n < 12 && in->left > 1; f->n++) {
		unsigned int flags = take_byte(in);
		struct bootorder_option *o = &f->option[f->n];

		o->number = (uint16_t)f->n;
		o->rung = (int)take_below(in, f->n_rungs + 1) - 1;
		o->is_active = !(flags & 1);
		o->is_stale = flags & 2 && o->rung >= 0;
		o->has_data = flags & 4;
		if (flags & 8)
			loadopt_order_insert(&f->order, flags >> 4, o->number);
	}
}

static int find_option(const struct bootorder_facts *f, uint16_t number)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->option[i].number == number)
			return (int)i;
	return -1;
}

/* Carries it out. */
static void apply(struct bootorder_facts *f, const struct bootorder_plan *p)
{
	for (unsigned int i = 0; i < p->n_ops; i++) {
		const struct bootorder_op *op = &p->op[i];
		int at = find_option(f, op->number);

		must(op->rung >= 0 && op->rung < (int)f->n_rungs);
		if (op->type == BOOTORDER_DELETE) {
			must(at >= 0 && f->option[at].rung == op->rung);
			must(op->number != f->next && op->number != f->current);
			f->option[at] = f->option[--f->n];
			continue;
		}
		must((at < 0) == op->is_new && f->rung[op->rung].can_start);
		must(at < 0 || f->option[at].rung == op->rung);
		at = at < 0 ? (int)f->n++ : at;
		f->option[at] = (struct bootorder_option){
			.number = op->number, .rung = op->rung, .is_active = true};
	}
	f->order = p->order;
}

/* Whatever stands there for somebody else, in its order. */
static void check_others(const struct bootorder_facts *f, const struct bootorder_plan *p)
{
	int last = -1;

	for (unsigned int i = 0; i < f->order.n; i++) {
		int at = find_option(f, f->order.number[i]), now;

		if (at >= 0 && f->option[at].rung >= 0)
			continue;
		now = loadopt_order_find(&p->order, f->order.number[i]);
		must(now > last);
		last = now;
	}
}

/* What is there afterwards is whole: a second plan has nothing to do. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct bootorder_facts f;
	struct bootorder_plan p;

	fill(&f, &in);
	bootorder_plan(&f, &p);
	must(p.n_ops <= LOADOPT_ORDER_MAX + RUNGS_MAX && p.order.n <= LOADOPT_ORDER_MAX);
	for (unsigned int i = 0; i < p.order.n; i++)
		must(loadopt_order_find(&p.order, p.order.number[i]) == (int)i);
	check_others(&f, &p);
	apply(&f, &p);
	bootorder_plan(&f, &p);
	must(!p.changes_order && p.n_ops == 0);
	return 0;
}
