/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* What other programs do, call by call. None of them is safe on vfat. */
int naive_bless(struct machine *m, struct facts *f);	/* systemd-bless-boot */
int naive_replace(struct machine *m, struct facts *f);	/* the textbook: rename over the old file */
int naive_truncate(struct machine *m, struct facts *f); /* an editor, a shell's > */
int naive_exchange(struct machine *m, struct facts *f); /* bootupd */
int naive_copy(struct machine *m, struct facts *f);	/* install(1), as kernel-install calls it */
