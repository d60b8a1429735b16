// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootorder.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* A ladder of active, passive, recovery and reset (rungs 0 to 3), all of which can start. An option
 * in words: its number, and what it starts, with `-` inactive, `~` stale, `@` data of its own, `x`
 * nobody's: "1a 2p 7x -3r". */
static const char rungs[] = "aprR";

static int rung_of(char c)
{
	const char *found = strchr(rungs, c);

	return found && c ? (int)(found - rungs) : -1;
}

static void add_option(struct bootorder_facts *f, const char *word)
{
	struct bootorder_option *o = &f->option[f->n++];
	char *end;

	*o = (struct bootorder_option){.is_active = true};
	for (; strchr("-~@", *word); word++) {
		o->is_active = o->is_active && *word != '-';
		o->is_stale = o->is_stale || *word == '~';
		o->has_data = o->has_data || *word == '@';
	}
	o->number = (uint16_t)strtoul(word, &end, 10);
	o->rung = rung_of(*end);
}

static void set_facts(struct bootorder_facts *f, const char *options, const char *order)
{
	char buf[256], *word, *rest = buf;

	memset(f, 0, sizeof(*f));
	f->n_rungs = 4;
	f->first = f->next = f->current = -1;
	for (unsigned int i = 0; i < 4; i++) {
		f->rung[i].role = i < 2 ? ROLE_SYSTEM : i == 2 ? ROLE_RECOVERY : ROLE_RESET;
		f->rung[i].can_start = f->rung[i].is_good = true;
	}
	strcpy(buf, options);
	while ((word = strtok_r(rest, " ", &rest)))
		add_option(f, word);
	strcpy(buf, order);
	rest = buf;
	while ((word = strtok_r(rest, " ", &rest)))
		f->order.number[f->order.n++] = (uint16_t)atoi(word);
}

static void put_number(char *buf, int number)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%d", number);
	strcat(buf, digits);
}

/* "del 3, new 4p, write 1a; 4 1 2", or nothing behind `;` if the order stays. */
static void tell(const struct bootorder_plan *p, char buf[512])
{
	buf[0] = '\0';
	for (unsigned int i = 0; i < p->n_ops; i++) {
		const struct bootorder_op *op = &p->op[i];
		const char name[] = {rungs[op->rung], '\0'};

		strcat(buf, i > 0 ? ", " : "");
		strcat(buf, op->type == BOOTORDER_DELETE ? "del " : op->is_new ? "new " : "write ");
		put_number(buf, op->number);
		strcat(buf, name);
	}
	strcat(buf, ";");
	for (unsigned int i = 0; p->changes_order && i < p->order.n; i++) {
		strcat(buf, " ");
		put_number(buf, p->order.number[i]);
	}
}

struct vector {
	const char *options, *order, *plan;
	int first, next, current;
};

/* What was done leaves nothing to do. */
static void check_again(const struct bootorder_facts *f, const struct bootorder_plan *p)
{
	struct bootorder_facts after = *f;
	struct bootorder_plan again;

	after.order = p->order;
	after.next = after.current = -1;
	for (unsigned int i = 0; i < p->n_ops; i++) {
		struct bootorder_option *o = after.option;

		while (o < after.option + after.n && o->number != p->op[i].number)
			o++;
		if (p->op[i].type == BOOTORDER_DELETE) {
			*o = after.option[--after.n];
			continue;
		}
		after.n += p->op[i].is_new;
		*o = (struct bootorder_option){
			.number = p->op[i].number, .rung = p->op[i].rung, .is_active = true};
	}
	bootorder_plan(&after, &again);
	for (unsigned int i = 0; i < again.n_ops; i++) /* what BootCurrent named goes now */
		assert_int_equal(again.op[i].type, BOOTORDER_DELETE);
	assert_false(again.changes_order);
}

static void check(const struct vector *v, const struct bootorder_facts *f)
{
	struct bootorder_plan p;
	char buf[512];

	bootorder_plan(f, &p);
	tell(&p, buf);
	if (strcmp(buf, v->plan) != 0)
		fail_msg("\"%s\", order %s: \"%s\", not \"%s\"", v->options, v->order, buf,
			 v->plan);
	check_again(f, &p);
}

static void test_plan(void **state)
{
	static const struct vector vectors[] = {
		/* Whole, in any order, whatever else is there. */
		{"1a 2p 3r 4R", "1 2 3", ";", -1, -1, -1},
		{"1a 2p 3r 4R", "3 2 1", ";", -1, -1, -1},
		{"1a 2p 3r 4R 7x -8x", "8 1 7 2 9 3", ";", -1, -1, -1},
		/* A person put reset there. */
		{"1a 2p 3r 4R", "1 2 3 4", ";", -1, -1, -1},
		/* Missing: behind the last one of its role; reset is in no order. */
		{"1a 3r 4R", "1 3", "new 0p; 1 0 3", -1, -1, -1},
		{"0x 1a 3r 4R", "0 1 3 9", "new 2p; 0 1 2 3 9", -1, -1, -1},
		{"1a 2p 3r", "1 2 3", "new 0R;", -1, -1, -1},
		/* The number of something that BootOrder names already is not used. */
		{"1a 3r 4R", "0 1 3", "new 2p; 0 1 2 3", -1, -1, -1},
		{"1a 3r 4R", "1 3", "new 5p; 1 5 3", -1, 0, 2},
		/* Nothing of the ladder: in front, who asks for it first of all. */
		{"0x", "0", "new 1a, new 2p, new 3r, new 4R; 1 2 3 0", -1, -1, -1},
		{"0x", "0", "new 1a, new 2p, new 3r, new 4R; 2 1 3 0", 1, -1, -1},
		{"", "", "new 0a, new 1p, new 2r, new 3R; 0 1 2", -1, -1, -1},
		/* Recovery alone is there: not before it. */
		{"3r 4R 7x", "7 3", "new 0a, new 1p; 7 0 1 3", -1, -1, -1},
		/* There, but not in the order. */
		{"1a 2p 3r 4R 0x", "0 2", "; 0 2 1 3", -1, -1, -1},
		{"1a 2p 3r 4R", "", "; 1 2 3", -1, -1, -1},
		/* Duplicates: the lowest stays, where the first one stood. */
		{"1a 5a 2p 3r 4R", "5 2 1 3", "del 5a; 1 2 3", -1, -1, -1},
		{"1a 5a 2p 3r 4R", "1 2 5 3", "del 5a; 1 2 3", -1, -1, -1},
		{"5a 1a 0a 2p 3r 4R", "5 2 3", "del 5a, del 1a; 0 2 3", -1, -1, -1},
		{"1a 5a 2p 3r 4R", "1 2 3", "del 5a;", -1, -1, -1},
		{"1a 2p 3r 4R", "1 2 1 3 2", "; 1 2 3", -1, -1, -1},
		/* The lowest active one; one that is whole before one that is stale. */
		{"-1a 5a 2p 3r 4R", "1 5 2 3", "del 1a; 5 2 3", -1, -1, -1},
		{"~1a 5a 2p 3r 4R", "1 2 3", "del 1a; 5 2 3", -1, -1, -1},
		{"~1a -5a 2p 3r 4R", "1 2 3", "del 1a, write 5a; 5 2 3", -1, -1, -1},
		/* What BootCurrent and BootNext name is left to the next time. */
		{"1a 5a 2p 3r 4R", "5 2 1 3", "; 1 2 3", -1, -1, 5},
		{"1a 5a 2p 3r 4R", "5 2 1 3", "; 1 2 3", -1, 5, -1},
		/* Written anew where it is. */
		{"~1a 2p 3r 4R", "1 2 3", "write 1a;", -1, -1, -1},
		{"1a -2p 3r 4R", "1 2 3", "write 2p;", -1, -1, -1},
		{"1a ~-2p 3r 4R", "1 3", "write 2p; 1 2 3", -1, -1, -1},
		/* Data of its own: nobody's duplicate, and good enough to boot it. */
		{"1a @5a 2p 3r 4R", "5 1 2 3", ";", -1, -1, -1},
		{"@5a 2p 3r 4R", "5 2 3", ";", -1, -1, -1},
		{"@-5a 2p 3r 4R", "5 2 3", "new 0a; 5 2 0 3", -1, -1, -1},
		{"@~5a 2p 3r 4R", "5 2 3", "new 0a; 5 2 0 3", -1, -1, -1},
	};
	struct bootorder_facts f;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		set_facts(&f, vectors[i].options, vectors[i].order);
		f.first = vectors[i].first;
		f.next = vectors[i].next;
		f.current = vectors[i].current;
		check(&vectors[i], &f);
	}
}

/* What cannot start gets nothing, and keeps what it has. */
static void test_cannot_start(void **state)
{
	static const struct vector vectors[] = {
		{"2p 3r 4R", "2 3", ";", -1, -1, -1},
		{"-1a 2p 3r 4R", "1 2 3", ";", -1, -1, -1},
		{"1a 2p 3r 4R", "2 3", ";", -1, -1, -1},
		{"1a 5a 2p 3r 4R", "5 2 3", "del 5a; 1 2 3", -1, -1, -1},
	};
	struct bootorder_facts f;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		set_facts(&f, vectors[i].options, vectors[i].order);
		f.rung[0].can_start = false;
		check(&vectors[i], &f);
	}
}

/* What is not good (active) comes before nothing that is there. */
static void test_not_good(void **state)
{
	static const struct vector vectors[] = {
		{"9x", "9", "new 0a, new 1p, new 2r, new 3R; 1 2 9 0", -1, -1, -1},
		{"9x", "9", "new 0a, new 1p, new 2r, new 3R; 1 2 9 0", 0, -1, 9},
		{"2p 3r 4R 9x", "2 3 9", "new 0a; 2 3 9 0", -1, -1, -1},
		{"2p 3r 4R 9x", "2 3 9", "new 0a; 2 3 9 0", 0, -1, -1},
		{"3r 4R 9x", "9 3", "new 0a, new 1p; 9 1 3 0", 0, -1, -1},
		{"1a 2p 3r 4R", "", "; 2 3 1", -1, -1, -1},
		/* It starts there already. */
		{"1a 2p 3r 4R", "1 2 3", ";", -1, -1, -1},
		{"1a 3r 4R", "1 3", "new 0p; 1 0 3", -1, -1, -1},
		{"1a 5a 2p 3r 4R", "5 2 1 3", "del 5a; 1 2 3", -1, -1, -1},
		/* It did not start there. */
		{"-1a 2p 3r 4R", "1 2 3", "write 1a; 2 3 1", -1, -1, -1},
		{"~1a 2p 3r 4R", "1 2 3", "write 1a; 2 3 1", 0, -1, -1},
		{"-0a 5a 2p 3r 4R", "0 2 5 3", "del 0a; 2 5 3", -1, -1, -1},
		{"-0a 5a 2p 3r 4R", "0 2 3", "del 0a; 2 3 5", -1, -1, -1},
	};
	struct bootorder_facts f;

	(void)state;
	for (size_t i = 0; i < N(vectors); i++) {
		set_facts(&f, vectors[i].options, vectors[i].order);
		f.rung[0].is_good = false;
		f.first = vectors[i].first;
		f.next = vectors[i].next;
		f.current = vectors[i].current;
		check(&vectors[i], &f);
	}
}

static void test_give_up(void **state)
{
	struct bootorder_facts f;
	struct bootorder_plan p;
	char buf[512];

	(void)state;
	set_facts(&f, "1a 3r 4R 7x", "7 1 3");
	bootorder_plan(&f, &p);
	tell(&p, buf);
	assert_string_equal(buf, "new 0p; 7 1 0 3");
	bootorder_give_up(&p, 0);
	tell(&p, buf);
	assert_string_equal(buf, "new 0p; 7 1 3");
}

/* As many as can be read: no room in the order for another one. */
static void test_full(void **state)
{
	static struct bootorder_facts f;
	static struct bootorder_plan p;

	(void)state;
	set_facts(&f, "", "");
	for (unsigned int i = 0; i < LOADOPT_ORDER_MAX; i++) {
		f.option[i] = (struct bootorder_option){
			.number = (uint16_t)i, .rung = -1, .is_active = true};
		f.order.number[i] = (uint16_t)i;
	}
	f.n = f.order.n = LOADOPT_ORDER_MAX;
	bootorder_plan(&f, &p);
	assert_int_equal(p.n_ops, 4);
	assert_int_equal(p.op[0].number, LOADOPT_ORDER_MAX);
	assert_false(p.changes_order);

	/* All of them the same one. */
	for (unsigned int i = 0; i < LOADOPT_ORDER_MAX; i++)
		f.option[i].rung = 1;
	bootorder_plan(&f, &p);
	assert_int_equal(p.n_ops, 3 + LOADOPT_ORDER_MAX - 1);
	assert_int_equal(p.order.n, 3);
	assert_true(p.changes_order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),	 cmocka_unit_test(test_cannot_start),
		cmocka_unit_test(test_not_good), cmocka_unit_test(test_give_up),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("bootorder", tests, NULL, NULL);
}
