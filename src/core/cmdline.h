/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "counter.h"
#include "text.h"

/* What bootassess reads from the kernel command line; bootassess(7) lists the options. */
struct cmdline {
	bool disabled;	   /* bootassess=0 (or no, off, false) */
	bool debug;	   /* bootassess.debug */
	bool dry_run;	   /* rd.bootassess.dry_run */
	bool person;	   /* rd.break, break, rd.shell or rd.shell=1: somebody wants a shell */
	bool rescue;	   /* systemd.unit=rescue.target or emergency.target, or their short words:
			      somebody works there */
	bool has_deadline; /* rd.bootassess.deadline= was there and valid */
	unsigned long
		deadline_s;   /* 0 = none, else seconds since the kernel's start, at most 86400 */
	char slot[NAME_SIZE]; /* bootassess.slot=: id of this entry, with or without suffix, from a
				 loader that says nothing; "" = not given */
	char booted[NAME_SIZE]; /* bootassess.booted=: id that our own kexec started */
	unsigned long txn; /* bootassess.txn=: number of the record of that kexec, 0 = not given */
	char esp[40]; /* rd.bootassess.esp=PARTUUID=... ("PARTUUID=" may be missing): lower case;
			 "" = not given */
};

/* Reads the command line (blank-separated words, double quotes group as in the kernel's parser, `-`
 * and `_` in a name are the same; the last one of several counts). A value that is out of range,
 * too long or no valid id is skipped; `invalid` (may be NULL) is set to the last such word, else to
 * an empty slice. Never fails. */
void cmdline_parse(const char *text, size_t len, struct cmdline *ret, struct slice *invalid);

/* Takes the next word, quotes and all, off *rest, as the kernel does. False at the end. */
bool cmdline_next_word(struct slice *rest, struct slice *ret);

/* Takes the quotes off `"..."`; a missing closing one is as good as there (kernel next_arg()). */
struct slice cmdline_unquote(struct slice s);
