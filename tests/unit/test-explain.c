// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a person, and a program, is told of a plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain.h"

static void add_rung(struct facts *f, enum role role, const char *id, int left, int done)
{
	struct rung *r = &f->ladder.rung[f->ladder.n++];

	r->role = role;
	memcpy(r->id, id, strlen(id) + 1);
	if (left >= 0)
		r->counter = counter_make(left, done);
}

/* active was booted and is left for passive. */
static void make(struct facts *f, struct plan *p)
{
	memset(f, 0, sizeof(*f));
	memset(p, 0, sizeof(*p));
	add_rung(f, ROLE_SYSTEM, "active.conf", 0, 4);
	add_rung(f, ROLE_SYSTEM, "passive.conf", 3, 0);
	f->event = EVENT_ASSESS;
	f->booted.known = true;
	f->booted.via = VIA_LOADER;
	memcpy(f->booted.id, "active.conf", sizeof("active.conf"));
	p->counter = f->ladder.rung[0].counter;
	plan_verdict(p, VERDICT_SWITCH, REASON_EXHAUSTED);
	p->target = 1;
	p->method = METHOD_FIRMWARE;
	p->against = AGAINST_SUPPORT | AGAINST_LOAD;
	memcpy(p->record.target, "passive.conf", sizeof("passive.conf"));
	p->record.method = METHOD_FIRMWARE;
	plan_add_record(p, RECORD_OPEN);
	plan_add(p, (struct op){.type = OP_ONESHOT, .rung = 1});
	plan_add(p, (struct op){.type = OP_WAIT, .seconds = 60});
	plan_add(p, (struct op){.type = OP_REBOOT});
}

static void is(void (*explain)(const struct facts *, const struct plan *, struct text *),
	       const struct facts *f, const struct plan *p, const char *want)
{
	char buf[4096];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	explain(f, p, &t);
	assert_string_equal(buf, want);
}

static void test_line(void **state)
{
	struct facts f;
	struct plan p;

	(void)state;
	make(&f, &p);
	is(explain_line, &f, &p,
	   "assess: switch (exhausted): active.conf +0-4 -> passive.conf by firmware; no kexec: "
	   "support load");
	p.against = 0;
	f.booted.via = VIA_KEXEC;
	is(explain_line, &f, &p,
	   "assess: switch (exhausted): active.conf +0-4 via kexec -> passive.conf by firmware");
	p.target = -1;
	f.booted.known = false;
	is(explain_line, &f, &p, "assess: switch (exhausted)");
}

static void test_obstacle(void **state)
{
	struct facts f;
	struct plan p;

	(void)state;
	make(&f, &p);
	f.event = EVENT_EDIT;
	plan_verdict(&p, VERDICT_PROCEED, REASON_REFUSED);
	p.obstacle = OBSTACLE_AMBIGUOUS;
	is(explain_line, &f, &p,
	   "edit: proceed (refused): active.conf +0-4; ambiguous passive.conf");
	p.target = 0;
	is(explain_line, &f, &p, "edit: proceed (refused): active.conf +0-4; ambiguous");
	f.booted.known = false;
	is(explain_line, &f, &p, "edit: proceed (refused); ambiguous active.conf");
	p.target = -1;
	is(explain_line, &f, &p, "edit: proceed (refused); ambiguous");
}

static void test_text(void **state)
{
	struct facts f;
	struct plan p;

	(void)state;
	make(&f, &p);
	p.against = 0;
	f.booted.counted = true;
	f.ladder.rung[0].ambiguous = f.ladder.rung[0].twin_plain = true;
	f.ladder.rung[0].in_variable = true;
	f.ladder.rung[1].in_file = f.ladder.rung[1].twin_counted = true;
	f.ladder.rung[1].place = PLACE_XBOOTLDR;
	add_rung(&f, ROLE_RECOVERY, "recovery", -1, 0);
	f.ladder.rung[2].missing = f.ladder.rung[2].in_file = true;
	is(explain_text, &f, &p,
	   "assess: switch (exhausted): active.conf +0-4 -> passive.conf by firmware\n"
	   "ladder:\n"
	   "  * system active.conf +0-4: exhausted, on the ESP, counted in an EFI variable, also "
	   "on "
	   "the other partition, with a twin that has no counter, this boot was counted\n"
	   "    system passive.conf +3-0: armed, on XBOOTLDR, counted in a tries file, with a twin "
	   "that has another counter\n"
	   "    recovery recovery: missing\n"
	   "operations:\n"
	   "    record open passive.conf firmware\n"
	   "    oneshot passive.conf\n"
	   "    wait 60\n"
	   "    reboot\n");
	f.ladder.n = 0;
	f.booted.rung = p.target = -1;
	f.booted.known = false;
	p.n_ops = 0;
	is(explain_text, &f, &p,
	   "assess: switch (exhausted)\nladder:\n    (no rung)\noperations:\n    (none)\n");
}

static void test_json(void **state)
{
	struct facts f;
	struct plan p;

	(void)state;
	make(&f, &p);
	p.n_ops = 2;
	is(explain_json, &f, &p,
	   "{\"event\":\"assess\",\"verdict\":\"switch\",\"reason\":\"exhausted\",\"booted\":{"
	   "\"id\":\"active.conf\",\"role\":\"system\",\"left\":0,\"done\":4,\"via\":\"loader\","
	   "\"counted\":false},\"target\":{\"id\":\"passive.conf\",\"role\":\"system\"},\"method\":"
	   "\"firmware\",\"against_kexec\":[\"support\",\"load\"],\"operations\":[\"record open "
	   "passive.conf firmware\",\"oneshot passive.conf\"],\"ladder\":[{\"id\":\"active.conf\","
	   "\"role\":\"system\",\"state\":\"exhausted\",\"left\":0,\"done\":4},{\"id\":"
	   "\"passive.conf\",\"role\":\"system\",\"state\":\"armed\",\"left\":3,\"done\":0}]}\n");
	f.event = EVENT_BLESS;
	f.booted.rung = -1;
	f.ladder.n = p.n_ops = 0;
	p.counter = (struct counter){0};
	p.obstacle = OBSTACLE_FAILED;
	p.target = -1;
	p.against = 0;
	is(explain_json, &f, &p,
	   "{\"event\":\"bless\",\"verdict\":\"switch\",\"reason\":\"exhausted\",\"obstacle\":"
	   "\"failed\",\"booted\":{\"id\":\"active.conf\",\"role\":null,\"left\":null,\"done\":"
	   "null,"
	   "\"via\":\"loader\",\"counted\":false},\"target\":null,\"method\":\"firmware\","
	   "\"against_kexec\":[],\"operations\":[],\"ladder\":[]}\n");
}

/* What does not fit is left out, and the words for all of them differ. */
static void test_plan(void **state)
{
	struct plan p = {.n_ops = 0};

	(void)state;
	for (unsigned int i = 0; i < PLAN_OPS_MAX + 2; i++)
		plan_add(&p, (struct op){.type = OP_WAIT, .seconds = i});
	assert_int_equal(p.n_ops, PLAN_OPS_MAX);
	assert_int_equal(p.op[PLAN_OPS_MAX - 1].seconds, PLAN_OPS_MAX - 1);
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		for (unsigned int k = 0; k < i; k++)
			assert_string_not_equal(against_name(1u << i), against_name(1u << k));
	for (unsigned int i = 0; i <= REASON_REFUNDED; i++)
		for (unsigned int k = 0; k < i; k++)
			assert_string_not_equal(reason_name(i), reason_name(k));
	assert_string_equal(method_name(METHOD_NONE), "none");
	assert_string_equal(method_name(METHOD_ORDER), "order");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line), cmocka_unit_test(test_obstacle),
		cmocka_unit_test(test_text), cmocka_unit_test(test_json),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
