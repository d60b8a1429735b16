// SPDX-License-Identifier: LGPL-2.1-or-later
/* Every combination of ladder, counters, fates, loader and store, played to its end. */
#include <stdlib.h>

#include "boots.h"

/* `make check-fast` (MODEL_QUICK=1) plays one device of so many: no number of fates or starts. */
#define QUICK 13

static unsigned int n_shared;
static bool is_quick;

/* However a kexec ends, the device comes to the same end as without it: no try is lost, and none is
 * won. Only DONE of an exhausted rung may differ: the loader starts it once more. */
static void compare_trips(const struct trip *plain, const struct trip *t)
{
	for (int i = 0; i < N; i++)
		if (plain->w.counter[i].present != t->w.counter[i].present ||
		    plain->w.counter[i].left != t->w.counter[i].left)
			fail_device(t->d, "the counters end up different with kexec");
	if (plain->resets != t->resets)
		fail_device(t->d, "another number of resets with kexec");
}

/* Kexec is the only way: a kexec that was refused, or cut off, must not be the end of it. */
static void play_without_loader(struct device d)
{
	struct trip t;

	d.no_loader = true;
	for (d.kexec = WORKS; d.kexec < N_KEXECS; d.kexec++)
		play_device(&d, -1, &t);
}

static void play_shared(struct device d)
{
	struct trip t;
	bool has_cuts = d.loader_counts && !d.oneshot_fails;

	d.shared = true;
	for (d.kexec = UNFIT; d.kexec <= REFUSED; d.kexec++)
		for (int cut = -1; cut < (has_cuts && d.kexec == UNFIT ? CUTS : 0); cut++) {
			play_device(&d, cut, &t);
			n_shared += t.seen;
		}
}

static void play_kexecs(struct device d, const struct trip *plain)
{
	for (d.kexec = WORKS; d.kexec <= LOST; d.kexec++) {
		struct trip t;

		play_device(&d, -1, &t);
		if (is_in_reach(&d) && has_healthy(&d))
			compare_trips(plain, &t);
		for (int cut = 0; cut < CUTS && d.pinned && d.loader_counts; cut++)
			play_device(&d, cut, &t);
	}
}

/* Every combination of fates and starts, loader and store given. */
static void play_entries(struct device d, bool has_kexecs)
{
	unsigned int n = 1;
	struct trip t;

	for (int i = 0; i < N; i++)
		n *= N_FATES * N_STARTS;
	for (unsigned int k = 0; k < n; k += is_quick ? QUICK : 1) {
		unsigned int rest = k;
		bool is_double = false;

		for (int i = 0; i < N; i++) {
			d.fate[i] = rest % N_FATES;
			rest /= N_FATES;
			d.start[i] = rest % N_STARTS;
			rest /= N_STARTS;
			is_double |= d.fate[i] == ABSENT && d.start[i] != GOOD;
		}
		if (is_double || d.fate[ACTIVE] == ABSENT)
			continue; /* an absent entry has no counter; some entry there must be */
		play_device(&d, -1, &t);
		if (has_kexecs)
			play_kexecs(d, &t);
		if (d.pinned && !d.loader_counts && !d.loader_oneshots && !d.read_only && !d.frozen)
			play_without_loader(d);
		if (d.fate[ACTIVE] == HEALTHY && d.fate[PASSIVE] == HEALTHY)
			play_shared(d);
		/* and once with the power gone after each of the first operations */
		for (int cut = 0; cut < CUTS && d.loader_counts && !d.oneshot_fails; cut++)
			play_device(&d, cut, &t);
	}
}

static void test_all_devices(void **state)
{
	(void)state;
	is_quick = getenv("MODEL_QUICK") != NULL;
	for (unsigned int bits = 0; bits < 128; bits++) {
		/* a variable that fails is one way of many in which a one-shot comes to nothing */
		if ((bits & 8) && (!(bits & 4) || (bits & (16 | 64))))
			continue;
		/* a loader that cannot rename does not count either */
		if ((bits & (16 | 64)) && ((bits & 2) || (bits & (16 | 64)) == (16 | 64)))
			continue;
		play_entries(
			(struct device){
				.pinned = bits & 1,
				.loader_counts = bits & 2,
				.loader_oneshots = bits & 4,
				.oneshot_fails = bits & 8,
				.read_only = bits & 16,
				.frozen = bits & 64,
				.on_failure = bits & 32 ? ON_FAILURE_NEXT : ON_FAILURE_RETRY,
			},
			(bits & ~3u) == 4);
	}
	assert_int_not_equal(n_shared, 0);
	print_message("%u devices, %u power cuts, %u kexecs, %u shared faults, %u decisions; a "
		      "healthy rung is "
		      "reached after at "
		      "most %u boots, %u of them of reset\n",
		      n_devices, n_cuts, n_kexecs, n_shared, n_decisions, most_boots, most_resets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_devices)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
