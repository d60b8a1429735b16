/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* kexec_file_load on x86 takes 2047 bytes, of which it keeps 30 for elfcorehdr=: 2017 with the
 * terminator. arm64 has the same 2048. Source: kernel arch/x86/kernel/kexec-bzimage64.c. */
#define KCMDLINE_SIZE 2017

/* The command line of a kernel that is about to be kexec'd. */
struct kcmdline {
	struct slice base;  /* the entry's own; of a UKI the whole section .cmdline */
	const char *append; /* KexecAppend=; "" = nothing */
	const char *token;  /* SlotToken=; "" = nothing is replaced */
	const char *id;	    /* of the target, "passive.conf" */
	uint32_t txn;	    /* of the record */
	bool is_verbatim;   /* lockdown or Secure Boot: nothing is added, nothing replaced */
	uint32_t max;	    /* kernel_image.cmdline_max */
};

/* Writes: the base, blanks, tabs, line ends and NULs at its end taken off, the token (if it is
 * there exactly once) replaced by the id without its suffix, then (before a word `--`, behind which
 * the kernel reads no options) panic=30 if the base has no panic=, KexecAppend,
 * `bootassess.booted=ID bootassess.txn=N systemd.mask=systemd-bless-boot.service`. is_verbatim: the
 * base without its end, and nothing else. 0; -EINVAL with *ret_what (not NULL; a constant phrase)
 * for a control character or a NUL inside, an odd number of double quotes (both also in
 * KexecAppend), one of the words that are ours alone (bootassess.booted=, bootassess.txn=) in base
 * or KexecAppend, `--` in KexecAppend, a token that comes more than once, is_verbatim with the
 * token in the base; -E2BIG (with *ret_what) if it is longer than max or KCMDLINE_SIZE - 1. buf is
 * written only on 0. */
int kcmdline_compose(const struct kcmdline *k, char buf[KCMDLINE_SIZE], const char **ret_what);
