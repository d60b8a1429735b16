/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ladder.h"

/* What a loader with systemd-boot's interface says that decides nothing, and people want to see.
 * Source: systemd.io/BOOT_LOADER_INTERFACE. */
struct sdboot_info {
	char loader[128];	 /* LoaderInfo: "systemd-boot 257.13"; "" = not said */
	char oneshot[NAME_SIZE]; /* LoaderEntryOneShot as it stands; "" = not set */
	bool has_entries;	 /* LoaderEntries is there */
	unsigned int listed;	 /* set of rungs (bit i: index i) that it lists */
};

/* Reads that. efivars: directory fd, or -1 on a machine without. A variable that cannot be read or
 * understood is as good as absent; sdboot_read() names it. */
void sdboot_info_read(int efivars, const struct ladder *l, struct sdboot_info *ret);
