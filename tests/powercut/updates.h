/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"

/* Installs and removes, of made-up files that are always the same. All of the slot passive: 0 or
 * negative errno. */
int update_uki(struct machine *m, struct facts *f);
int update_new_uki(struct machine *m, struct facts *f);	  /* of a slot active2 that is not there */
int update_kernel(struct machine *m, struct facts *f);	  /* kernel, initrd and options */
int update_too_large(struct machine *m, struct facts *f); /* must be refused */
int remove_uki(struct machine *m, struct facts *f);
int update_tree(struct machine *m, struct facts *f); /* of the entry passive.conf */
int copy_uki(struct machine *m, struct facts *f);    /* active over passive */
int remove_entry(struct machine *m, struct facts *f);
