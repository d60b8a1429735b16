/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"

/* Every state that a power cut in the middle of these requests can leave on the disk. A flush makes
 * all that came before it durable; of what came since then any part may be there: any subset of the
 * requests, and of their blocks (a block of the device is written as a whole or not at all). */
struct states {
	unsigned int n_requests, n_blocks, n_flushes; /* of the log */
	uint64_t n_tried, n_distinct;
	bool is_sampled; /* an epoch was too long: its prefixes, single blocks, and a sample */
};

/* Called for each distinct state, which is on the device then. is_after: the operation had returned
 * before the cut. text: how it came about, for a person. */
typedef void (*state_fn)(void *data, bool is_after, const char *text);

/* log[0..n) was recorded over the base of the device; n_before: so many of them came before the
 * operation returned. max_bits: an epoch of so many blocks is tried in all its subsets; of a longer
 * one about max_samples states. The same states in the same order for the same log. */
void states_each(struct device *d, const struct request *log, size_t n, size_t n_before,
		 unsigned int max_bits, unsigned int max_samples, state_fn fn, void *data,
		 struct states *ret);
