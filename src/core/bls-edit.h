/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bls.h"

/* What a type #1 entry is to name from now on. */
struct bls_change {
	const char *image_key; /* for a new line: "linux"; a line linux, efi or uki that is there
				  keeps its key */
	const char *image;     /* "/bootassess/passive/linux.1" */
	const char *const *initrd;
	unsigned int n_initrd;
	const char *options; /* NULL = those lines stay */
	bool is_other;	     /* another system: devicetree, devicetree-overlay, extra, profile go */
};

/* Writes the entry anew: all other lines (title, version, sort-key, comments ...) stay as they are
 * and where they are; the image, the initrds and the options stand where the first line of each
 * was, else at the end. A text that is too long for t is marked as full. Source: UAPI.1 "Type #1
 * Boot Loader Entry Keys". */
void bls_rewrite_entry(const char *old, size_t len, const struct bls_change *c, struct text *t);
