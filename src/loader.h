/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loaders/loader.h"
#include "machine.h"

/* The boot loader of this machine, through the table of its functions (loaders/loader.h). All need
 * machine_reach() before. A store is made writable only for the loaders that write there, and by
 * systemd-boot only where its variables cannot be written. */

/* Finds out which one it is, unless Loader= says so: systemd-boot (or one that says in the same
 * variables what it started); GRUB, where there is an environment block and bootassess.slot= on the
 * command line; the firmware, where the path of what it started leads to one entry; GRUB, where
 * there is an environment block and this kernel came by kexec, but not on an EFI machine whose
 * variables cannot be reached; none, where bootassess.slot= is there, or no EFI; else systemd-boot.
 * Sets m->loader. */
void loader_find(struct machine *m);

/* "systemd-boot", "firmware", "grub", "none". */
const char *loader_name(enum loader kind);

/* What the functions of a loader see of this machine, nothing of it writable: for those who look
 * more closely. Valid until the machine is released. */
void loader_get_io(const struct machine *m, struct loader_io *ret);

/* What cannot be done with it: set of METHOD_FIRMWARE, METHOD_ORDER. */
unsigned int loader_lacks(const struct machine *m);

void loader_read_oneshot(const struct machine *m, const struct ladder *l, char ret_id[NAME_SIZE],
			 bool *ret_is_stale);
void loader_read_settings(const struct machine *m, const struct ladder *l, struct settings *ret);

void loader_read_starts(const struct machine *m, const struct ladder *l, struct loader_starts *ret);

/* 0; 1 if there was nothing to be done; negative errno. */
int loader_forget_starts(struct machine *m);
int loader_set_oneshot(struct machine *m, const struct rung *r);
int loader_delete_oneshot(struct machine *m);
int loader_unpin(struct machine *m);
int loader_prefer(struct machine *m, const struct settings *s, const struct rung *r);
int loader_pin(struct machine *m, const struct settings *s, const struct rung *r);
int loader_release(struct machine *m, const struct settings *s, const struct rung *r);
