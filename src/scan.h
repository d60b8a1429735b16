/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/volume.h"
#include "leftover.h"

/* Told about each entry of a directory that leftover_judge() would not simply keep: e[i] of the n
 * of that directory ("loader/entries"). A negative return ends the scan with that errno. */
typedef int (*scan_fn)(void *data, const char *dir, const struct leftover_entry *e, unsigned int i,
		       unsigned int n);

/* Looks through the root ("": only for what is ours), loader, EFI and bootassess, and all
 * below them (8 levels, 512 directories, -E2BIG). One that cannot be read is
 * passed over. 0; the errno of the first one that could not be read (-EUCLEAN: it is damaged;
 * -EFBIG: it has more than 1024 entries); or what fn returned. */
int scan_volume(struct volume *v, scan_fn fn, void *data);

/* The same for a directory of --root=, where no two files share anything; fewer places are looked
 * at. */
int scan_directory(int dirfd, scan_fn fn, void *data);
