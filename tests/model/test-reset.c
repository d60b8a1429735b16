// SPDX-License-Identifier: LGPL-2.1-or-later
/* ResetMethod=wipe: every small device that has it is played to its end, with the power gone after
 * each of the first operations too. A wipe is bounded by ResetTries=, comes after recovery and
 * after a Reset= entry, and what it mends comes up; where it is refused, or mends nothing, the
 * device holds and tries again. */
#include "boots.h"

#include <stdlib.h>

#define RESET_CUTS 12
/* `make soak` plays all devices (MODEL_FULL=1), a check one of so many, and `make check-fast`
 * (MODEL_QUICK=1) fewer: no number of fates or starts divides it, so each of them has its turn. */
#define STRIDE 7
#define QUICK  23

static unsigned int n_seen, stride;

static void play_cuts(const struct device *d)
{
	struct trip t;

	for (int cut = 0; cut < RESET_CUTS; cut++)
		play_device(d, cut, &t);
}

/* Loader, store and fates given. */
static void play_wipes(struct device d)
{
	struct trip t;

	if (n_seen++ % stride != 0)
		return;
	for (d.wipe = WIPE_MENDS; d.wipe <= WIPE_REFUSED; d.wipe++)
		for (unsigned int bits = 0; bits < 9; bits++) {
			d.stays = bits & 1;
			d.on_failure = bits & 2 ? ON_FAILURE_NEXT : ON_FAILURE_RETRY;
			d.unsure = bits & 4;
			d.unseen = bits & 8;
			play_device(&d, -1, &t);
			if ((d.unsure || is_unseen(&d)) && t.wipes > 0)
				fail_device(&d, "a wipe, although not all is known");
			if (bits == 0 && d.wipe != WIPE_IDLE)
				play_cuts(&d);
		}
}

/* Which fates and starts a rung may have here. */
static bool set_rung(struct device *d, int i, unsigned int k)
{
	d->fate[i] = k % N_FATES;
	d->start[i] = k / N_FATES;
	if (d->fate[i] == ABSENT)
		return d->start[i] == GOOD && i != ACTIVE;
	return i != RESET || d->fate[i] == NO_ROOT;
}

static void play_rung(struct device *d, int i)
{
	if (i == N) {
		play_wipes(*d);
		return;
	}
	for (unsigned int k = 0; k < N_FATES * N_STARTS; k++)
		if (set_rung(d, i, k))
			play_rung(d, i + 1);
}

static void test_wipes(void **state)
{
	(void)state;
	stride = getenv("MODEL_QUICK") ? QUICK : STRIDE;
	if (getenv("MODEL_FULL"))
		stride = 1;
	for (unsigned int bits = 0; bits < 4; bits++) {
		struct device d = {
			.loader_counts = true,
			.pinned = bits & 1,
			.loader_oneshots = bits & 2,
		};

		play_rung(&d, ACTIVE);
	}
	assert_int_not_equal(n_wipes, 0);
	print_message("%u devices, %u power cuts, %u decisions, %u wipes, after at most %u boots "
		      "of a device\n",
		      n_devices, n_cuts, n_decisions, n_wipes, most_boots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wipes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
