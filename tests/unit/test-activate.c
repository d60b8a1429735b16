// SPDX-License-Identifier: LGPL-2.1-or-later
/* How a rung is made the next one; and that the loader then starts it, and still does after its
 * bless. */
#include "bless-row.h"

#include "activate.h"

static const struct activate_row {
	const char *what, *ladder, *booted, *target;
	unsigned int flags;
	const char *preferred, *variable, *conf, *oneshot;
	const char *want; /* "HOW ANCHOR", and " drops", " lasts" */
} rows[] = {
	{"an armed slot, a default", "passive.conf active+3-0.conf", "passive.conf", "active.conf",
	 0, "", "passive.conf", "", "", "oneshot - lasts"},
	{"a default in loader.conf", "passive.conf active+3-0.conf", "passive.conf", "active.conf",
	 0, "", "", "passive*", "", "oneshot - lasts"},
	{"nothing is set, the order has passive first", "passive.conf active+3-0.conf",
	 "passive.conf", "active.conf", 0, "", "", "", "", "oneshot passive.conf lasts"},
	{"a default of all", "passive.conf active+3-0.conf", "passive.conf", "active.conf", 0, "",
	 "*", "", "", "oneshot passive.conf lasts"},
	{"no good slot that could be named", "passive+2-1.conf active+3-0.conf", "passive.conf",
	 "active.conf", 0, "", "", "", "", "oneshot -"},
	{"the loader's choice has a counter, what runs has none",
	 "passive+2-1.conf b.conf active+3-0.conf", "b.conf", "active.conf", 0, "", "", "", "",
	 "oneshot b.conf lasts"},
	{"the order has it first", "active.conf passive+3-0.conf", "active.conf", "passive.conf", 0,
	 "", "", "", "", "already - lasts"},
	{"a good slot", GOOD, "passive.conf", "active.conf", 0, "", "passive.conf", "", "",
	 "preferred - lasts"},
	{"a good slot, nothing is set", GOOD, "passive.conf", "active.conf", 0, "", "", "", "",
	 "preferred - lasts"},
	{"it is the next one", GOOD, "active.conf", "active.conf", 0, "", "active.conf", "", "",
	 "already - lasts"},
	{"but for a one-shot", GOOD, "active.conf", "active.conf", 0, "", "active.conf", "",
	 "passive.conf", "already - drops lasts"},
	{"its own one-shot", "passive.conf active+3-0.conf", "passive.conf", "active.conf", 0, "",
	 "passive.conf", "", "active+3-0.conf", "already - lasts"},
	{"its own one-shot, which no bless would make last", "passive.conf active+3-0.conf",
	 "passive.conf", "active.conf", 0, "", "", "", "active.conf", "oneshot passive.conf lasts"},
	{"a one-shot is replaced", "passive.conf active+3-0.conf", "passive.conf", "active.conf", 0,
	 "", "passive.conf", "", "recovery.conf", "oneshot - lasts"},
	{"preferred takes an armed slot", "passive.conf active+3-0.conf", "passive.conf",
	 "active.conf", FEATURE, "", "passive.conf", "", "", "preferred - lasts"},
	{"and a one-shot goes", "passive.conf active+3-0.conf", "passive.conf", "active.conf",
	 FEATURE, "passive.conf", "", "", "recovery.conf", "preferred - drops lasts"},
	{"preferred passes over it", "passive.conf active+0-3.conf", "passive.conf", "active.conf",
	 FEATURE, "", "passive.conf", "", "", "oneshot - lasts"},
	{"a default does not, and is not asked", "passive.conf active+0-3.conf", "passive.conf",
	 "active.conf", FEATURE, "passive.conf", "active.conf", "", "", "oneshot - lasts"},
	{"the name says no tries, whatever the variable says", "passive.conf =active+0-3.conf",
	 "passive.conf", "active.conf", FEATURE, "passive.conf", "", "", "", "oneshot - lasts"},
	{"recovery once", "passive.conf recovery+3-0.conf", "passive.conf", "recovery.conf",
	 FEATURE, "", "passive.conf", "", "", "oneshot -"},
	{"a good recovery once", "active.conf recovery.conf", "active.conf", "recovery.conf", 0, "",
	 "active.conf", "", "", "oneshot -"},
	{"another loader", GOOD, "active.conf", "passive.conf", OTHER_LOADER, "", "", "", "",
	 "oneshot -"},
	{"that has no one-shot", GOOD, "active.conf", "passive.conf", OTHER_LOADER | NO_FIRMWARE,
	 "", "", "", "", "none -"},
	{"no one-shot for an armed slot", "passive.conf active+3-0.conf", "passive.conf",
	 "active.conf", NO_FIRMWARE, "", "passive.conf", "", "", "none -"},
	{"none is needed for a good one", GOOD, "passive.conf", "active.conf", NO_FIRMWARE, "", "",
	 "", "", "preferred - lasts"},
	{"ids with counters", "passive.conf active+3-0.conf", "passive.conf", "active.conf",
	 OLD_IDS, "", "passive*", "", "", "oneshot - lasts"},
};

static void words_of(const struct facts *f, const struct activation *a, char buf[256])
{
	struct text t;

	text_init(&t, buf, 256);
	text_str(&t, activate_name(a->how));
	text_char(&t, ' ');
	text_str(&t, a->anchor >= 0 ? f->ladder.rung[a->anchor].id : "-");
	text_str(&t, a->drops_oneshot ? " drops" : "");
	text_str(&t, a->lasts ? " lasts" : "");
}

static void prefer(struct facts *f, int rung)
{
	enum setting by =
		f->settings.has_preferred ? SETTING_PREFERRED_VARIABLE : SETTING_DEFAULT_VARIABLE;

	f->settings.ids_have_counters = false;
	copy_name(f->settings.value[by], f->ladder.rung[rung].id);
}

/* The boot that follows, counted by the loader, and its bless. */
static bool lasts(const struct facts *before, const struct config *c, int rung)
{
	struct facts f = *before;
	struct rung *r = &f.ladder.rung[rung];
	struct plan p;

	r->counter = counter_next(&r->counter, 1);
	(void)counter_format(r->id, &r->counter, r->name);
	set_booted(&f, r->id);
	bless_plan(&f, c, &p);
	r->counter.present = r->in_variable = false;
	for (unsigned int i = 0; i < p.n_ops; i++)
		if (p.op[i].type == OP_PREFER)
			prefer(&f, rung);
	return choose_next(&f.ladder, &f.settings).rung == rung;
}

/* What the loader chooses after the bless of the boot in which `activate` ran; f->activated is the
 * note of that. -2: the bless sets a one-shot. */
static int chosen_after_bless(const struct facts *before, const struct config *c)
{
	struct facts f = *before;
	struct plan p;

	f.event = EVENT_BLESS;
	bless_plan(&f, c, &p);
	f.ladder.rung[f.booted.rung].counter.present = false;
	for (unsigned int i = 0; i < p.n_ops; i++) {
		if (p.op[i].type == OP_ONESHOT)
			return -2;
		if (p.op[i].type == OP_PREFER)
			prefer(&f, f.booted.rung);
	}
	return choose_next(&f.ladder, &f.settings).rung;
}

static void check_stands(const struct facts *before, const struct config *c, int rung,
			 const struct activation *a, bool was_oneshot)
{
	struct facts f = *before;

	copy_name(f.activated, f.ladder.rung[rung].id);
	f.oneshot = a->how == ACTIVATE_ONESHOT || (was_oneshot && !a->drops_oneshot);
	if (f.oneshot)
		assert_int_not_equal(chosen_after_bless(&f, c), -2);
	else if (f.settings.known && a->how != ACTIVATE_NONE)
		assert_int_equal(chosen_after_bless(&f, c), rung);
}

static void check_effect(const struct activate_row *row, struct facts *f, const struct config *c,
			 int rung, const struct activation *a)
{
	int was = choose_next(&f->ladder, &f->settings).rung;

	if (a->anchor >= 0) {
		prefer(f, a->anchor);
		if (f->ladder.rung[was].counter.present == false)
			assert_int_equal(choose_next(&f->ladder, &f->settings).rung, was);
	}
	if (a->how == ACTIVATE_PREFER)
		prefer(f, rung);
	check_stands(f, c, rung, a, row->oneshot[0]);
	if (f->settings.known && a->how != ACTIVATE_ONESHOT && a->how != ACTIVATE_NONE &&
	    !row->oneshot[0])
		assert_int_equal(choose_next(&f->ladder, &f->settings).rung, rung);
	if (f->settings.known && f->ladder.rung[rung].role == ROLE_SYSTEM &&
	    a->how != ACTIVATE_NONE && lasts(f, c, rung) != a->lasts)
		fail_msg("%s: what a bless leaves is %s", row->what, a->lasts ? "not it" : "it");
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		const struct activate_row *row = &rows[i];
		struct row facts = {.what = row->what,
				    .ladder = row->ladder,
				    .booted = row->booted,
				    .flags = row->flags,
				    .preferred = row->preferred,
				    .variable = row->variable,
				    .conf = row->conf};
		struct activation a;
		char got[256];
		struct config c;
		struct facts f;
		int rung;

		read_config(&c, "[Ladder]\nSystem=active b passive\n");
		fill_facts(&f, &c, &facts);
		f.event = EVENT_EDIT;
		rung = ladder_find(&f.ladder, row->target);
		assert_true(rung >= 0);
		activate_plan(&f, row->oneshot, rung, &a);
		words_of(&f, &a, got);
		if (strcmp(got, row->want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
		check_effect(row, &f, &c, rung, &a);
	}
}

/* `activate`, and the bless of the same boot, which would make its own slot the next one. */
static void test_bless_of_this_boot(void **state)
{
	static const struct {
		const char *what, *ladder, *activated, *preferred, *variable;
		unsigned int flags;
		const char *want;
	} rows_of_bless[] = {
		{"a default", "active+2-1.conf passive.conf", "passive.conf", "", "passive.conf", 0,
		 "passive.conf"},
		{"preferred", "active+2-1.conf passive+3-0.conf", "passive.conf", "passive.conf",
		 "", FEATURE, "passive.conf"},
		{"letter case", "active+2-1.conf passive.conf", "Passive.conf", "", "passive.conf",
		 0, "passive.conf"},
		{"nobody activated it", "active+2-1.conf passive.conf", "", "", "passive.conf", 0,
		 "active.conf"},
		{"another one was", "active+2-1.conf b.conf passive.conf", "b.conf", "",
		 "passive.conf", 0, "active.conf"},
		{"it lost its tries", "active+2-1.conf passive+0-3.conf", "passive.conf",
		 "passive.conf", "", FEATURE, "active.conf"},
		{"what runs was", "active+2-1.conf passive.conf", "active.conf", "", "passive.conf",
		 0, "active.conf"},
	};

	(void)state;
	for (size_t i = 0; i < N(rows_of_bless); i++) {
		struct row row = {.what = rows_of_bless[i].what,
				  .ladder = rows_of_bless[i].ladder,
				  .booted = "active.conf",
				  .flags = rows_of_bless[i].flags,
				  .preferred = rows_of_bless[i].preferred,
				  .variable = rows_of_bless[i].variable,
				  .conf = ""};
		struct config c;
		struct facts f;
		int got;

		read_config(&c, "[Ladder]\nSystem=active b passive\n");
		fill_facts(&f, &c, &row);
		copy_name(f.activated, rows_of_bless[i].activated);
		got = chosen_after_bless(&f, &c);
		if (got != ladder_find(&f.ladder, rows_of_bless[i].want))
			fail_msg("%s: rung %d, not %s", row.what, got, rows_of_bless[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
					   cmocka_unit_test(test_bless_of_this_boot)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
