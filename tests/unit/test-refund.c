// SPDX-License-Identifier: LGPL-2.1-or-later
/* F5: a planned restart before the bless takes no try. F6: nor does a resume from hibernation. */
#include "bless-row.h"

#include "refund.h"

enum { COUNTED = 1, HERE = 2, BLESSED = 4, LEAVING = 8, NO_COUNTER = 16, DAMAGED = 32 };

#define LADDER "active+2-1.conf passive.conf recovery+2-1.conf"
#define GIVEN  "refunded: record closed active.conf kexec rounds 0 txn 8; refund active.conf "

static const struct refund_row {
	const char *what, *ladder, *booted;
	unsigned int flags, past;
	const char *config, *record;
	unsigned int refunds;
	const char *want;
} rows[] = {
	{"the record first, then the try", LADDER, "active.conf", 0, COUNTED, "",
	 "closed active.conf 0", 0, GIVEN "+2-1 +3-0"},
	{"no record so far", LADDER, "active.conf", 0, COUNTED, "", "", 0,
	 "refunded: record closed rounds 0 txn 1; refund active.conf +2-1 +3-0"},
	{"counted by us", LADDER, "active.conf", 0, HERE, "", "closed active.conf 0", 0,
	 GIVEN "+2-1 +3-0"},
	{"the last try", "active+0-3.conf passive.conf", "active.conf", 0, COUNTED, "",
	 "closed active.conf 0", 2, GIVEN "+0-3 +1-2"},
	{"widths stay", "active+09-01.conf", "active.conf", 0, COUNTED, "", "closed active.conf 0",
	 0, GIVEN "+09-01 +10-00"},
	{"a charge of our kexec", "active.conf passive+2-1.conf", "passive.conf",
	 KEXECED | SAME_BOOT, COUNTED, "", "arrived passive.conf 1", 0,
	 "refunded: record arrived passive.conf kexec rounds 1 txn 8; refund passive.conf +2-1 "
	 "+3-0"},
	{"after a hold, which goes on", LADDER, "active.conf", 0, COUNTED, "", "hold - 2", 0,
	 "refunded: record hold rounds 2 txn 8; refund active.conf +2-1 +3-0"},
	{"a switch that arrived before", LADDER, "active.conf", 0, COUNTED, "",
	 "arrived active.conf 0", 0, GIVEN "+2-1 +3-0"},
	{"one of another boot that was lost stays", LADDER, "active.conf", 0, COUNTED, "",
	 "open passive.conf 0", 0,
	 "refunded: record open passive.conf kexec rounds 0 txn 8; refund active.conf +2-1 +3-0"},
	{"the last one in a row", LADDER, "active.conf", 0, COUNTED, "", "closed active.conf 0", 2,
	 GIVEN "+2-1 +3-0"},
	{"one too many", LADDER, "active.conf", 0, COUNTED, "", "closed active.conf 0", 3,
	 "refused:"},
	{"RefundReboots=0", LADDER, "active.conf", 0, COUNTED, "[Ladder]\nRefundReboots=0\n",
	 "closed active.conf 0", 0, "refused:"},
	{"RefundReboots=9", LADDER, "active.conf", 0, COUNTED, "[Ladder]\nRefundReboots=9\n",
	 "closed active.conf 0", 8, GIVEN "+2-1 +3-0"},
	{"no number above 9", LADDER, "active.conf", 0, COUNTED, "[Ladder]\nRefundReboots=9\n",
	 "closed active.conf 0", 9, "refused:"},
	{"blessed", LADDER, "active.conf", 0, COUNTED | BLESSED, "", "", 0, "refused:"},
	{"failed", LADDER, "active.conf", FAILED, COUNTED, "", "", 0, "refused:"},
	{"left by us", LADDER, "active.conf", 0, COUNTED | LEAVING, "", "", 0, "refused:"},
	{"a switch on its way", LADDER, "active.conf", SAME_BOOT, COUNTED, "",
	 "open passive.conf 0", 0, "refused:"},
	{"nobody counted", LADDER, "active.conf", 0, 0, "", "", 0, "refused:"},
	{"good", "active.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"no -DONE", "active+2.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"no try done", "active+3-0.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"exhausted", "active+0-4.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"bad", "active+0-9.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"recovery has a budget", LADDER, "recovery.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"unknown", LADDER, "", 0, COUNTED, "", "", 0, "refused:"},
	{"foreign", LADDER, "x.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"disabled", LADDER, "active.conf", DISABLED, COUNTED, "", "", 0, "refused:"},
	{"blind", LADDER, "active.conf", BLIND, COUNTED, "", "", 0, "refused:"},
	{"renamed by somebody", LADDER, "active.conf", RENAMED, COUNTED, "", "", 0, "refused:"},
	{"missing", "-active+2-1.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"ambiguous", "&active+2-1.conf", "active.conf", 0, COUNTED, "", "", 0, "refused:"},
	{"the name before is taken", "active+2-1.conf active+3-0.conf", "active.conf", 0, COUNTED,
	 "", "", 0, "refused:"},
	{"no record", LADDER, "active.conf", NO_RECORD, COUNTED, "", "", 0, "refused:"},
	{"no counter", LADDER, "active.conf", 0, COUNTED | NO_COUNTER, "", "", 0, "refused:"},
	{"nobody knows how many there were", LADDER, "active.conf", 0, COUNTED | DAMAGED, "", "", 0,
	 "refused:"},
	{"the counter is in a variable", "=active.conf passive.conf", "active.conf", 0, COUNTED, "",
	 "closed active.conf 0", 0, GIVEN "+0-3 +1-2"},
};

static void fill(struct facts *f, struct config *c, const struct refund_row *row)
{
	struct row base = {.ladder = row->ladder,
			   .booted = row->booted,
			   .flags = row->flags,
			   .record = row->record};

	read_config(c, row->config);
	fill_facts(f, c, &base);
	/* The loader says which of two files it was. */
	fill_ladder(&f->ladder, c, row->ladder, "active+2-1.conf");
	set_booted(f, row->booted);
	f->event = EVENT_SHUTDOWN;
	f->blessed = row->past & BLESSED;
	f->leaving = row->past & LEAVING;
	f->counter_unwritable = row->past & NO_COUNTER;
	f->record_damaged = row->past & DAMAGED;
	f->booted.counted = row->past & COUNTED;
	f->booted.counted_here = row->past & HERE;
	f->record.refunds = (uint8_t)row->refunds;
	f->record.relapses = 1;
	f->record.resets = 1;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		bool is_given = rows[i].want[4] == 'n'; /* refunded */
		char got[2048];
		struct config c;
		struct facts f;
		struct plan p;

		fill(&f, &c, &rows[i]);
		refund_plan(&f, &c, &p);
		plan_words(&f, &p, got);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", rows[i].what, got, rows[i].want);
		assert_int_equal(p.verdict, VERDICT_PROCEED);
		assert_int_equal(p.record.refunds, rows[i].refunds + is_given);
		assert_int_equal(p.record.relapses, 1);
		assert_int_equal(p.record.resets, 1);
	}
}

/* However often somebody restarts a slot that is never blessed, and whatever it was armed with: it
 * comes to its end after RefundReboots= more boots. */
static void test_bounded(void **state)
{
	struct config c;
	struct facts f;
	struct plan p;

	(void)state;
	for (unsigned long limit = 0; limit <= 9; limit++)
		for (int tries = 1; tries <= 8; tries++) {
			unsigned int boots = 0;

			fill(&f, &c, &rows[0]);
			c.refund_reboots = limit;
			c.tries = (unsigned long)tries;
			f.record.refunds = 0;
			f.ladder.rung[0].counter = counter_make(tries, 0);
			do {
				struct counter *now = &f.ladder.rung[0].counter;

				*now = counter_next(now, 1);
				if (ladder_is_exhausted(&c, &f.ladder.rung[0], now))
					break;
				boots++;
				refund_plan(&f, &c, &p);
				for (unsigned int i = 0; i < p.n_ops; i++)
					if (p.op[i].type == OP_REFUND)
						*now = p.op[i].to;
				f.record = p.record;
			} while (boots < 100);
			assert_int_equal(boots, (unsigned long)tries + limit);
		}
}

static void test_resume(void **state)
{
	static const struct {
		const char *what, *ladder, *booted, *slept;
		unsigned int flags, past;
		const char *want;
	} table[] = {
		{"one step", LADDER, "active.conf", "a+3-0.conf", 0, 0,
		 "refunded: refund active.conf +2-1 +3-0"},
		{"blessed, and counted all the same", LADDER, "active.conf", "a+3-0.conf", KEXECED,
		 BLESSED, "refunded: refund active.conf +2-1 +3-0"},
		{"recovery too: it is the same boot", LADDER, "recovery.conf", "a+3-0.conf", 0, 0,
		 "refunded: refund recovery.conf +2-1 +3-0"},
		{"after the last try", "active+0-4.conf", "active.conf", "a+0-3.conf", 0, 0,
		 "refunded: refund active.conf +0-4 +0-3"},
		{"no -DONE before", LADDER, "active.conf", "a+3.conf", 0, 0,
		 "refunded: refund active.conf +2-1 +3"},
		{"nobody counted", LADDER, "active.conf", "a+2-1.conf", 0, 0, "refused:"},
		{"two steps", LADDER, "active.conf", "a+4-0.conf", 0, 0, "refused:"},
		{"somebody changed it", LADDER, "active.conf", "a+1-2.conf", 0, 0, "refused:"},
		{"blessed meanwhile", "active.conf", "active.conf", "a+3-0.conf", 0, 0, "refused:"},
		{"there was none", "active.conf", "active.conf", "a.conf", 0, 0, "refused:"},
		{"unknown", LADDER, "", "a+3-0.conf", 0, 0, "refused:"},
		{"foreign", LADDER, "x.conf", "a+3-0.conf", 0, 0, "refused:"},
		{"disabled", LADDER, "active.conf", "a+3-0.conf", DISABLED, 0, "refused:"},
		{"blind", LADDER, "active.conf", "a+3-0.conf", BLIND, 0, "refused:"},
		{"failed", LADDER, "active.conf", "a+3-0.conf", FAILED, 0, "refused:"},
		{"left by us", LADDER, "active.conf", "a+3-0.conf", 0, LEAVING, "refused:"},
		{"missing", "-active+2-1.conf", "active.conf", "a+3-0.conf", 0, 0, "refused:"},
		{"ambiguous", "&active+2-1.conf", "active.conf", "a+3-0.conf", 0, 0, "refused:"},
		{"the name before is taken", "active+2-1.conf active+3-0.conf", "active.conf",
		 "a+3-0.conf", 0, 0, "refused:"},
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct refund_row row = {.ladder = table[i].ladder,
					 .booted = table[i].booted,
					 .flags = table[i].flags,
					 .past = table[i].past,
					 .config = "[Ladder]\nRefundReboots=0\n",
					 .record = "",
					 .refunds = 9};
		struct counter slept;
		char got[2048];
		struct config c;
		struct facts f;
		struct plan p;

		fill(&f, &c, &row);
		(void)counter_parse(table[i].slept, &slept);
		refund_plan_resume(&f, &slept, &p);
		plan_words(&f, &p, got);
		if (strcmp(got, table[i].want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", table[i].what, got, table[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests_name("refund", tests, NULL, NULL);
}
