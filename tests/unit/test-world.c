// SPDX-License-Identifier: LGPL-2.1-or-later
/* The model of loader and device: the timelines of bootassess(7), one boot after the other. */
#include "leave.h"
#include "world-device.h"

static const struct world_fate healthy,
	panic = {.outcome = OUTCOME_PANIC}, no_root = {.outcome = OUTCOME_NO_ROOT},
	hang = {.outcome = OUTCOME_HANG}, fail = {.outcome = OUTCOME_FAIL};

static struct world_boot b;

static void spend(int rung)
{
	d.ladder.rung[rung].counter = counter_make(0, 4);
}

/* One boot: the entry as it starts ("active+2-1.conf"), what the last run decided ("" = none ran),
 * and how it ends. */
static void play(const struct world_fate *fate, const char *entry, const char *decided,
		 enum world_end end)
{
	char name[NAME_SIZE] = "none", words[64] = "";
	int next = world_next(&d, &w);

	world_boot(&d, &w, fate, &b);
	assert_int_equal(b.rung, next);
	if (b.rung >= 0)
		(void)counter_format(ids[b.rung], &b.counter, name);
	if (b.n_runs > 0)
		(void)snprintf(words, sizeof(words), "%s %s",
			       verdict_name(b.run[b.n_runs - 1].plan.verdict),
			       reason_name(b.run[b.n_runs - 1].plan.reason));
	assert_string_equal(name, entry);
	assert_string_equal(words, decided);
	assert_int_equal(b.end, end);
}

static void check_counter(int rung, struct counter expected)
{
	assert_true(counter_is_same(&w.counter[rung], &expected));
}

/* An update that panics: three tries, all by the loader, then passive by its own order. */
static void test_panic(void **state)
{
	(void)state;
	arm(ACTIVE);
	start();
	play(&panic, "active+2-1.conf", "", END_RESTART);
	assert_true(b.has_changed && b.counted);
	play(&panic, "active+1-2.conf", "", END_RESTART);
	play(&panic, "active+0-3.conf", "", END_RESTART);
	play(&healthy, "passive.conf", "proceed good", END_UP);
	assert_int_equal(b.n_runs, 2);
	assert_int_equal(b.run[0].event, EVENT_ASSESS);
	assert_int_equal(b.run[1].event, EVENT_BLESS);
	play(&healthy, "passive.conf", "proceed good", END_UP);
	assert_false(b.has_changed);
}

/* The same with `default active*`: the loader insists on it, and the one-shot leads to passive. */
static void test_pinned_panic(void **state)
{
	(void)state;
	arm(ACTIVE);
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	start();
	for (int i = 0; i < 3; i++)
		world_boot(&d, &w, &no_root, &b);
	assert_int_equal(b.run[1].plan.method, METHOD_FIRMWARE);
	play(&healthy, "passive.conf", "proceed good", END_UP);
	/* its bless made the loader select it */
	assert_string_equal(w.settings.value[SETTING_DEFAULT_VARIABLE], "passive.conf");
	play(&healthy, "passive.conf", "proceed good", END_UP);
}

/* All the way down, and round: recovery, reset, and what a reset arms. */
static void test_ladder(void **state)
{
	(void)state;
	start();
	play(&no_root, "active.conf", "retry good", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
	play(&no_root, "active+1-2.conf", "retry failed", END_RESTART);
	play(&no_root, "active+0-3.conf", "switch failed", END_RESTART);
	play(&panic, "passive.conf", "", END_RESTART);
	/* good slots that panic are not counted: the loader's own order has passive first */
	play(&no_root, "passive.conf", "retry good", END_RESTART);
	play(&hang, "passive+1-2.conf", "proceed trying", END_RESTART);
	play(&no_root, "passive+0-3.conf", "switch failed", END_RESTART);
	play(&panic, "recovery+2-1.conf", "", END_RESTART);
	play(&no_root, "recovery+1-2.conf", "retry failed", END_RESTART);
	play(&no_root, "recovery+0-3.conf", "switch failed", END_RESTART);
	assert_false(b.has_reset);
	play(&healthy, "reset+1-1.conf", "proceed edited", END_RESTART);
	assert_true(b.has_reset);
	assert_int_equal(b.run[1].event, EVENT_EDIT);
	play(&healthy, "active+2-1.conf", "proceed blessed", END_UP);
	check_counter(ACTIVE, (struct counter){0});
	check_counter(RECOVERY, counter_make(3, 0));
	check_counter(RESET, counter_make(2, 0));
}

/* Nothing is left: the device waits, longer each time, and tries all again. */
static void test_hold(void **state)
{
	(void)state;
	d.ladder.n = 2;
	spend(PASSIVE);
	arm(ACTIVE);
	start();
	play(&panic, "active+2-1.conf", "", END_RESTART);
	play(&panic, "active+1-2.conf", "", END_RESTART);
	play(&no_root, "active+0-3.conf", "hold all-exhausted", END_RESTART);
	assert_int_equal(b.wait_s, d.config.hold_delay_s);
	for (int i = 0; i < 6; i++)
		world_boot(&d, &w, &no_root, &b);
	assert_int_equal(b.wait_s, 2 * d.config.hold_delay_s);
	d.config.hold = HOLD_POWEROFF;
	start();
	play(&panic, "active+2-1.conf", "", END_RESTART);
	play(&panic, "active+1-2.conf", "", END_RESTART);
	play(&no_root, "active+0-3.conf", "hold all-exhausted", END_OFF);
	play(&healthy, "active+2-1.conf", "proceed blessed", END_UP);
}

/* Past the firmware: charged by us, and proved to the loader by the boot after. */
static void test_kexec(void **state)
{
	(void)state;
	d.against = 0;
	arm(PASSIVE);
	spend(ACTIVE);
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	start();
	play(&healthy, "active+0-5.conf", "switch exhausted", END_KEXEC);
	assert_int_equal(w.jump, PASSIVE);
	play(&healthy, "passive+2-1.conf", "proceed rearmed", END_UP);
	assert_true(b.via == VIA_KEXEC && b.counted);
	assert_int_equal(w.record.state, RECORD_ARRIVED);
	play(&healthy, "passive+2-1.conf", "proceed blessed", END_UP);
	assert_true(b.via == VIA_LOADER);
}

/* A kexec that is refused gives the charge back, and the one-shot leads there. */
static void test_refused_kexec(void **state)
{
	struct world_fate refused = {.outcome = OUTCOME_NO_ROOT, .kexec_refused = true};

	(void)state;
	d.against = 0;
	arm(PASSIVE);
	spend(ACTIVE);
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	start();
	play(&refused, "active+0-5.conf", "switch exhausted", END_RESTART);
	assert_int_equal(b.run[0].plan.method, METHOD_FIRMWARE);
	assert_int_equal(w.oneshot, PASSIVE);
	play(&healthy, "passive+2-1.conf", "proceed blessed", END_UP);
	assert_int_equal(w.oneshot, -1);
}

/* One that hangs is lost, the charge with it; so is one whose kernel dies. */
static void test_lost_kexec(void **state)
{
	struct world_fate lost = {.kexec_lost = true};

	(void)state;
	d.against = 0;
	arm(PASSIVE);
	spend(ACTIVE);
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	for (int is_dead = 0; is_dead < 2; is_dead++) {
		start();
		play(is_dead ? &healthy : &lost, "active+0-5.conf", "switch exhausted",
		     is_dead ? END_KEXEC : END_RESTART);
		check_counter(PASSIVE, counter_make(2, 1));
		if (is_dead)
			play(&panic, "passive+2-1.conf", "", END_RESTART);
		assert_int_equal(w.kexec_losses, 1);
		play(&healthy, "active+0-6.conf", "switch kexec-lost", END_RESTART);
		check_counter(PASSIVE, counter_make(3, 0));
		play(&healthy, "passive+2-1.conf", "proceed blessed", END_UP);
		assert_int_equal(w.kexec_losses, 1);
	}
}

/* The power goes before each operation of the boot that leaves active: always, the device comes to
 * passive. */
static void test_cuts(void **state)
{
	struct world_fate cut = {.outcome = OUTCOME_NO_ROOT, .has_cut = true};

	(void)state;
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	d.ladder.rung[ACTIVE].counter = counter_make(1, 2);
	for (;; cut.cut++) {
		start();
		world_boot(&d, &w, &cut, &b);
		if (b.end != END_CUT)
			break;
		assert_int_equal(b.n_ops, cut.cut);
		for (int i = 0; i < 4 && world_next(&d, &w) == ACTIVE; i++)
			world_boot(&d, &w, &no_root, &b);
		world_boot(&d, &w, &healthy, &b);
		assert_int_equal(b.rung, PASSIVE);
		assert_int_equal(b.end, END_UP);
	}
	assert_int_equal(b.end, END_RESTART);
	/* record, one-shot, restart */
	assert_int_equal(cut.cut, 3);
}

/* A cut counts the operations of all runs of a boot: here the assess has none, and the bless four.
 */
static void test_cut_bless(void **state)
{
	struct world_fate cut = {.has_cut = true, .cut = 1};

	(void)state;
	arm(ACTIVE);
	spend(RECOVERY);
	start();
	play(&cut, "active+2-1.conf", "proceed blessed", END_CUT);
	check_counter(ACTIVE, (struct counter){0});
	check_counter(RECOVERY, counter_make(0, 4));
	cut.cut = 0;
	start();
	play(&cut, "active+2-1.conf", "proceed blessed", END_CUT);
	check_counter(ACTIVE, counter_make(2, 1));
	cut = (struct world_fate){.has_cut = true, .cut = 1, .uncounted = true};
	start();
	play(&cut, "active+3-0.conf", "proceed blessed", END_CUT);
	assert_int_equal(b.run[0].n_done, 1);
	check_counter(ACTIVE, counter_make(2, 1));
}

/* Who does not count, or cannot: the second witness does. */
static void test_uncounted(void **state)
{
	struct world_fate fate = {.outcome = OUTCOME_NO_ROOT, .uncounted = true};

	(void)state;
	arm(ACTIVE);
	start();
	play(&fate, "active+3-0.conf", "retry failed", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
	assert_false(b.counted);
	d.counts = false;
	fate.uncounted = false;
	start();
	play(&fate, "active+3-0.conf", "retry failed", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
	/* in the variable: the loader still reads the old name */
	fate.names_fixed = true;
	start();
	play(&fate, "active+3-0.conf", "retry failed", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
	assert_int_equal(w.name[ACTIVE].left, 3);
	/* nowhere: nothing changes, so it waits */
	fate.unwritable = true;
	start();
	play(&fate, "active+3-0.conf", "retry failed", END_RESTART);
	assert_false(b.has_changed);
	assert_int_equal(b.wait_s, DECIDE_WAIT_S);
}

/* A one-shot that is not heard: order takes its place. */
static void test_order(void **state)
{
	struct world_fate lost = {.outcome = OUTCOME_NO_ROOT, .oneshot_lost = true};

	(void)state;
	set_text(d.settings.value[SETTING_DEFAULT_FILE], "active*");
	d.ladder.rung[ACTIVE].counter = counter_make(1, 2);
	start();
	play(&lost, "active+0-3.conf", "switch failed", END_RESTART);
	play(&lost, "active+0-4.conf", "switch not-reached", END_RESTART);
	assert_int_equal(b.run[0].plan.method, METHOD_ORDER);
	assert_string_equal(w.settings.value[SETTING_DEFAULT_VARIABLE], "*");
	play(&healthy, "passive+2-1.conf", "proceed blessed", END_UP);
	/* the same at once, where we see that it cannot be set */
	lost = (struct world_fate){.outcome = OUTCOME_NO_ROOT, .oneshot_fails = true};
	start();
	play(&lost, "active+0-3.conf", "switch failed", END_RESTART);
	assert_int_equal(b.run[1].plan.method, METHOD_ORDER);
}

/* A check that fails: on one slot it is the slot, on both it is what they share. */
static void test_checks(void **state)
{
	(void)state;
	d.config.tries = 1;
	d.ladder.rung[ACTIVE].counter = d.ladder.rung[PASSIVE].counter = counter_make(1, 0);
	start();
	play(&fail, "active+0-1.conf", "switch failed", END_RESTART);
	assert_int_equal(w.failed_checks, 1u << ACTIVE);
	play(&fail, "passive+0-1.conf", "switch shared-fault", END_RESTART);
	assert_true(w.shared_recovery);
	play(&hang, "recovery+2-1.conf", "proceed trying", END_RESTART);
	play(&healthy, "active+0-1.conf", "proceed blessed", END_UP);
	assert_true(w.failed_checks == 0 && !w.shared_recovery);
	/* recovery was there already: a hold, and each round is judged anew */
	start();
	w.failed_checks = 1u << PASSIVE;
	w.shared_recovery = true;
	play(&fail, "active+0-1.conf", "hold shared-fault", END_RESTART);
	assert_true(w.failed_checks == 0 && w.shared_recovery);
}

/* A slot that fails after each bless is left after as many as it has tries. */
static void test_relapses(void **state)
{
	struct world_fate late = {.outcome = OUTCOME_FAIL, .late = true};

	(void)state;
	start();
	w.failed_checks = 1u << RECOVERY;
	play(&late, "active.conf", "retry good", END_RESTART);
	assert_int_equal(b.n_runs, 3);
	/* so its bless ended nothing */
	assert_int_equal(w.failed_checks, 1u << RECOVERY | 1u << ACTIVE);
	play(&late, "active+1-2.conf", "retry good", END_RESTART);
	assert_int_equal(w.record.relapses, 2);
	play(&late, "active+1-2.conf", "switch relapsed", END_RESTART);
	assert_true(leave_is_marked(&w.counter[ACTIVE]));
	play(&healthy, "passive.conf", "proceed good", END_UP);
}

/* ResetMethod=wipe: recovery is spent, and the device is reset from the initramfs. */
static void test_wipe(void **state)
{
	struct world_fate refused = {.wipe_refused = true};

	(void)state;
	d.config.reset_method = RESET_WIPE;
	set_text(d.config.reset_wipe, "data");
	d.ladder.n = 3;
	spend(PASSIVE);
	spend(RECOVERY);
	spend(ACTIVE);
	start();
	play(&healthy, "active+0-5.conf", "reset all-exhausted", END_RESTART);
	assert_true(b.has_reset);
	assert_int_equal(w.record.resets, 1);
	start();
	play(&refused, "active+0-5.conf", "hold all-exhausted", END_RESTART);
	assert_true(!b.has_reset && b.wait_s > 0);
}

/* What a loader without an order of its own starts: its default, and one-shots. A slot that is to
 * be tried again gets one. */
static void test_other_loaders(void **state)
{
	(void)state;
	d.counts = false;
	d.settings.loader = LOADER_FIRMWARE;
	d.unfit = METHOD_ORDER;
	set_text(d.settings.value[SETTING_DEFAULT_VARIABLE], ids[ACTIVE]);
	arm(PASSIVE);
	world_start(&d, NULL, PASSIVE, &w);
	play(&no_root, "passive+3-0.conf", "retry failed", END_RESTART);
	assert_int_equal(w.oneshot, PASSIVE);
	play(&panic, "passive+2-1.conf", "", END_RESTART);
	play(&healthy, "active.conf", "proceed good", END_UP);
	world_start(&d, NULL, PASSIVE, &w);
	play(&healthy, "passive+3-0.conf", "proceed blessed", END_UP);
	play(&healthy, "passive.conf", "proceed good", END_UP);
	/* GRUB that cannot take it away starts it again; we delete it */
	d.settings.loader = LOADER_GRUB;
	d.clears_oneshot = false;
	world_start(&d, NULL, PASSIVE, &w);
	play(&panic, "passive+3-0.conf", "", END_RESTART);
	play(&hang, "passive+3-0.conf", "proceed trying", END_RESTART);
	assert_int_equal(w.oneshot, -1);
	play(&panic, "active.conf", "", END_RESTART);
	/* nothing can be told to it, and a kexec is the only way */
	d.settings = (struct settings){.loader = LOADER_NONE};
	d.unfit = METHOD_FIRMWARE | METHOD_ORDER;
	d.against = 0;
	start();
	for (int i = 0; i < 3; i++)
		world_boot(&d, &w, &no_root, &b);
	assert_int_equal(b.end, END_KEXEC);
	play(&healthy, "passive+2-1.conf", "proceed rearmed", END_UP);
}

/* systemd-boot 260 and later: preferred passes over what has no tries left; and @saved. */
static void test_settings(void **state)
{
	(void)state;
	d.settings.has_preferred = true;
	set_text(d.settings.value[SETTING_PREFERRED_VARIABLE], ids[PASSIVE]);
	arm(PASSIVE);
	start();
	for (int i = 0; i < 3; i++)
		world_boot(&d, &w, &panic, &b);
	play(&healthy, "active.conf", "proceed good", END_UP);
	assert_string_equal(w.settings.value[SETTING_PREFERRED_VARIABLE], ids[PASSIVE]);
	set_text(d.settings.value[SETTING_PREFERRED_VARIABLE], "@saved");
	world_start(&d, NULL, PASSIVE, &w);
	world_boot(&d, &w, &panic, &b);
	assert_string_equal(w.settings.saved, ids[PASSIVE]);
	assert_int_equal(world_next(&d, &w), PASSIVE);
}

static void test_nothing_there(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++)
		d.ladder.rung[i].missing = true;
	start();
	play(&healthy, "none", "", END_NOWHERE);
	d.ladder.rung[RECOVERY].missing = false;
	world_start(&d, NULL, ACTIVE, &w);
	play(&healthy, "recovery+2-1.conf", "proceed budget", END_UP);
}

/* The operator's pin keeps a slot that never comes up. */
static void test_pin(void **state)
{
	(void)state;
	set_text(d.pin, ids[ACTIVE]);
	spend(ACTIVE);
	set_text(d.settings.value[SETTING_DEFAULT_VARIABLE], ids[ACTIVE]);
	start();
	play(&no_root, "active+0-5.conf", "retry pinned", END_RESTART);
	assert_int_equal(b.wait_s, DECIDE_WAIT_S);
}

/* Restarted in good order before its bless: the try comes back, a few times. */
static void test_refund(void **state)
{
	struct world_fate shut_down = {.shut_down = true};

	(void)state;
	arm(ACTIVE);
	start();
	for (unsigned long i = 0; i < d.config.refund_reboots; i++) {
		play(&shut_down, "active+2-1.conf", "proceed refunded", END_RESTART);
		check_counter(ACTIVE, counter_make(3, 0));
	}
	play(&shut_down, "active+2-1.conf", "proceed refused", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
	/* none where nobody could count */
	shut_down.unwritable = true;
	d.ladder.rung[ACTIVE].counter = counter_make(2, 1);
	start();
	play(&shut_down, "active+2-1.conf", "proceed refused", END_RESTART);
	check_counter(ACTIVE, counter_make(2, 1));
}

/* A bless that can be written nowhere leaves all as it is; in the variable it is one. */
static void test_stuck_bless(void **state)
{
	struct world_fate stuck = {.unwritable = true};

	(void)state;
	arm(ACTIVE);
	start();
	w.failed_checks = 1u << PASSIVE;
	play(&stuck, "active+3-0.conf", "proceed blessed", END_UP);
	assert_int_equal(b.run[1].n_done, 0);
	check_counter(ACTIVE, counter_make(3, 0));
	assert_int_equal(w.failed_checks, 1u << PASSIVE);
	stuck = (struct world_fate){.names_fixed = true};
	play(&stuck, "active+3-0.conf", "proceed blessed", END_UP);
	check_counter(ACTIVE, (struct counter){0});
	assert_int_equal(w.name[ACTIVE].left, 3);
	/* a loader that can rename the file again goes by its name */
	play(&panic, "active+2-1.conf", "", END_RESTART);
}

/* Passive is good, as the variable says; its name says that it is spent, so the loader passes over
 * what its setting names. A bless sees the names too, and has nothing to correct. */
static void test_fixed_name(void **state)
{
	(void)state;
	d.settings.has_preferred = true;
	set_text(d.settings.value[SETTING_PREFERRED_VARIABLE], ids[PASSIVE]);
	start();
	w.name[PASSIVE] = counter_make(0, 4);
	play(&healthy, "active.conf", "proceed good", END_UP);
	assert_int_equal(b.run[1].plan.n_ops, 0);
}

/* A twin that could not boot is put aside by the bless, and the loader does not see it any more. */
static void test_twin(void **state)
{
	(void)state;
	arm(ACTIVE);
	set_text(d.ladder.rung[ACTIVE].twin, "active+3-0.conf");
	d.ladder.rung[ACTIVE].twin_broken = d.ladder.rung[ACTIVE].twin_counted = true;
	start();
	play(&healthy, "active+2-1.conf", "proceed blessed", END_UP);
	assert_int_equal(w.parked, 1u << ACTIVE);
	play(&healthy, "active.conf", "proceed good", END_UP);
	assert_int_equal(b.run[1].plan.n_ops, 0);
	w.counter[ACTIVE] = w.name[ACTIVE] = counter_bad();
	assert_int_equal(world_next(&d, &w), PASSIVE);
}

/* What a record that cannot be read has counted is unknown until one is written. */
static void test_damaged_record(void **state)
{
	(void)state;
	d.config.reset_method = RESET_WIPE;
	set_text(d.config.reset_wipe, "data");
	d.ladder.n = 1;
	spend(ACTIVE);
	start();
	w.record_damaged = true;
	play(&healthy, "active+0-5.conf", "hold all-exhausted", END_RESTART);
	assert_false(w.record_damaged);
}

static void count_plan(void *data, const struct facts *f, const struct plan *p)
{
	unsigned int *n = data;

	assert_int_equal(f->booted.rung, ACTIVE);
	assert_int_equal(p->n_ops > 0, *n > 0);
	++*n;
}

/* Each plan is shown, also those that cannot be carried out. */
static void test_watch(void **state)
{
	struct world_fate stuck = {.outcome = OUTCOME_NO_ROOT, .oneshot_fails = true};
	unsigned int n = 0;

	(void)state;
	d.watch = count_plan;
	d.watch_data = &n;
	d.ladder.rung[ACTIVE].counter = counter_make(1, 2);
	start();
	world_boot(&d, &w, &stuck, NULL);
	/* assess, emergency by firmware, by order */
	assert_int_equal(n, 3);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOMES; i++) {
		const char *name = outcome_name((enum outcome)i);

		assert_int_equal(outcome_find((struct slice){name, strlen(name)}), i);
	}
	assert_int_equal(outcome_find((struct slice){"panics", 6}), OUTCOMES);
	assert_int_equal(outcome_find((struct slice){"", 0}), OUTCOMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_panic, setup),
		cmocka_unit_test_setup(test_pinned_panic, setup),
		cmocka_unit_test_setup(test_ladder, setup),
		cmocka_unit_test_setup(test_hold, setup),
		cmocka_unit_test_setup(test_kexec, setup),
		cmocka_unit_test_setup(test_refused_kexec, setup),
		cmocka_unit_test_setup(test_lost_kexec, setup),
		cmocka_unit_test_setup(test_cuts, setup),
		cmocka_unit_test_setup(test_cut_bless, setup),
		cmocka_unit_test_setup(test_uncounted, setup),
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_checks, setup),
		cmocka_unit_test_setup(test_relapses, setup),
		cmocka_unit_test_setup(test_wipe, setup),
		cmocka_unit_test_setup(test_other_loaders, setup),
		cmocka_unit_test_setup(test_settings, setup),
		cmocka_unit_test_setup(test_nothing_there, setup),
		cmocka_unit_test_setup(test_pin, setup),
		cmocka_unit_test_setup(test_refund, setup),
		cmocka_unit_test_setup(test_stuck_bless, setup),
		cmocka_unit_test_setup(test_fixed_name, setup),
		cmocka_unit_test_setup(test_twin, setup),
		cmocka_unit_test_setup(test_damaged_record, setup),
		cmocka_unit_test_setup(test_watch, setup),
		cmocka_unit_test_setup(test_names, setup),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
