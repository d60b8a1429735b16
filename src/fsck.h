/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* What fsck.fat(8) says of a FAT file system. */
struct fsck {
	bool is_clean;	 /* exit status 0 */
	bool has_errors; /* exit status 1: there are some; those that it was to mend it has */
	bool has_shared; /* two files have clusters together */
	char first[120]; /* its first complaint, printable; "" = none */
};

/* True if this machine has that program. Not with --root=. */
bool fsck_is_there(const struct machine *m);

/* Runs fsck.fat -a (is_repair) or -n on a partition ("/dev/vda1"), at most timeout_s; what it
 * writes is logged, at info with -a, else at debug. 0, whatever it found; -ENOENT if there is no
 * fsck.fat; -ETIMEDOUT; -EIO if it failed; other negative errno. Not with --root= (-ENOENT). */
int fsck_run(const struct machine *m, const char *node, bool is_repair, unsigned int timeout_s,
	     struct fsck *ret);
