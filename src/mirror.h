/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "machine.h"

/* One further ESP (MirrorESP=) that holds the same boot entries as the booted one. */
struct mirror {
	struct store store; /* fd -1 = closed */
};

/* How it differs from the booted ESP. */
struct mirror_diff {
	unsigned int n; /* entries and files that differ */
	char what[512]; /* the first of them, blank-separated paths; cut where there are more */
	/* Entries, and their paths, that the booted ESP has broken: the mirror's own stay. */
	unsigned int n_kept;
	char kept[512];
	char failed[2 * NAME_SIZE]; /* path of the first that could not be written; "" = none */
};

/* Finds the partition on any disk, without a wait, and mounts it read-only beside the ESP of m,
 * which is reached. With --root=DIR it is DIR/mirror/PARTUUID. 0; 1 if it is the booted ESP itself;
 * -ENODEV if there is none; -EEXIST if there are two (a cloned disk); other negative errno. */
int mirror_open(const struct machine *m, const char *partuuid, struct mirror *ret);
void mirror_close(struct mirror *s);

/* What a run over a mirror is about. */
struct mirror_ask {
	/* The verb removed the entry of this id (a person's word): the mirror's goes too. NULL =
	 * none. Other entries that the booted ESP does not have go only where
	 * mirror_is_complete(). */
	const char *removed;
	bool is_thorough; /* of mirror_look(): files by content, each byte of them */
};

/* Compares, and writes nothing: entries on the ladder, the files that they name, loader.conf, the
 * pin. Entries by content, what they name and UKIs by size and time. 0 or negative errno. */
int mirror_look(const struct machine *m, const struct mirror *s, const struct mirror_ask *ask,
		struct mirror_diff *ret);

/* Makes the mirror the same as the booted ESP, an entry at a time: its name (with the counter), new
 * files, the entry; at the end what the booted ESP does not have goes (entries on the ladder, and
 * files that only they named). All is compared by content. Each step is durable: a power cut leaves
 * each entry of the mirror whole or off (MIRROR_OFF), the next run finishes. What cannot boot on
 * the booted ESP is neither copied nor removed. An entry that fails, for want of room say, stays as
 * it was, or off if some of its files are replaced; the next entries follow all the same, and
 * nothing is removed then. ret: what was written. 0; negative errno: the first one. */
int mirror_sync(const struct machine *m, struct mirror *s, const struct mirror_ask *ask,
		struct mirror_diff *ret);
