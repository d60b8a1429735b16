// SPDX-License-Identifier: LGPL-2.1-or-later
/* The key of a world: it tells what matters for what comes next, and nothing that only counts up.
 */
#include "world-device.h"

static bool is_same_key(const struct world *x, const struct world *y)
{
	uint8_t a[WORLD_KEY_SIZE], c[WORLD_KEY_SIZE];
	unsigned int n = world_key(&d, x, a);

	return world_key(&d, y, c) == n && memcmp(a, c, n) == 0;
}

/* A key tells what matters, and nothing that only counts up. */
static void test_key(void **state)
{
	struct world x;

	(void)state;
	arm(ACTIVE);
	start();
	x = w;
	x.boots = 7;
	x.record.txn = 9;
	set_text(x.record.boot_id, "12");
	assert_true(is_same_key(&w, &x));
#define DIFFERS(change)                            \
	do {                                       \
		x = w;                             \
		change;                            \
		assert_false(is_same_key(&w, &x)); \
	} while (0)
	DIFFERS(x.counter[ACTIVE].left = x.name[ACTIVE].left = 1);
	DIFFERS(x.counter[ACTIVE].done = x.name[ACTIVE].done = 1);
	DIFFERS(x.counter[ACTIVE].left_width = 2);
	DIFFERS(x.counter[ACTIVE].done_width = 2);
	DIFFERS(x.counter[PASSIVE] = counter_make(0, 0));
	DIFFERS(x.counter[ACTIVE].left = 300);
	DIFFERS(x.name[ACTIVE].left--);
	DIFFERS(set_text(x.settings.value[SETTING_DEFAULT_VARIABLE], "*"));
	DIFFERS(set_text(x.settings.saved, ids[PASSIVE]));
	DIFFERS(x.record.state = RECORD_CLOSED);
	DIFFERS(x.record.rounds = 1);
	DIFFERS(x.record.refunds = 1);
	DIFFERS(x.record.relapses = 1);
	DIFFERS(x.record.resets = 1);
	DIFFERS(x.record.kexec_lost = true);
	DIFFERS(x.record.kexec_losses = 1);
	DIFFERS(x.record.kexec_kernel = 1);
	DIFFERS(x.oneshot = ACTIVE);
	DIFFERS(x.jump = ACTIVE);
	DIFFERS(x.kexec_losses = 1);
	DIFFERS(x.failed_checks = 1);
	DIFFERS(x.shared_recovery = true);
	DIFFERS(x.parked = 2);
	DIFFERS(x.record_damaged = true);
	x = w; /* where a record led matters while it is open */
	set_text(x.record.target, ids[PASSIVE]);
	assert_true(is_same_key(&w, &x));
	w.record.state = RECORD_OPEN;
	DIFFERS(set_text(x.record.target, ids[PASSIVE]));
	DIFFERS(set_text(x.record.target, "other.conf"));
	DIFFERS(x.record.method = METHOD_KEXEC);
	DIFFERS(x.record.methods_used = METHOD_KEXEC);
	DIFFERS(x.record.target_counter = counter_make(1, 0));
	DIFFERS(record_add_tried(&x.record, ids[RECOVERY]));
#undef DIFFERS
}

/* The longest: all rungs, widest counters, each other than its name. */
static void test_key_size(void **state)
{
	const struct counter wide = {true, INT32_MAX, INT32_MAX, 250, 250};
	uint8_t key[WORLD_KEY_SIZE + 1];

	(void)state;
	d.ladder.n = RUNGS_MAX;
	start();
	for (unsigned int i = 0; i < RUNGS_MAX; i++) {
		w.counter[i] = w.name[i] = wide;
		w.name[i].done--;
	}
	for (int i = 0; i < SETTINGS; i++)
		set_text(w.settings.value[i], "*");
	set_text(w.settings.saved, "*");
	w.record.state = RECORD_OPEN;
	w.record.target_counter = wide;
	key[WORLD_KEY_SIZE] = 0xa5;
	/* below the limit: nothing was cut off */
	assert_true(world_key(&d, &w, key) < WORLD_KEY_SIZE);
	assert_int_equal(key[WORLD_KEY_SIZE], 0xa5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_key, setup),
		cmocka_unit_test_setup(test_key_size, setup),
	};

	return cmocka_run_group_tests_name("world-key", tests, NULL, NULL);
}
