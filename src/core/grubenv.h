/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "text.h"

/* GRUB's environment block: a first line, lines NAME=VALUE, where `\` quotes the next character (a
 * newline too), lines of comment that begin with `#`, and `#` up to its end. Its size never
 * changes. Source: GRUB grub-core/lib/envblk.c. */

/* What is longer is left alone: it could not be written as a whole. grub-editenv makes 1024 bytes.
 */
#define GRUBENV_MAX 16384

/* 0 if it can be understood as a whole; -EBADMSG if not: *ret_where is the offset of what is wrong.
 */
int grubenv_check(const char *block, size_t len, size_t *ret_where);

/* Value of a variable; of two lines the last one counts, as for GRUB. 0; 1: there is none, buf is
 * untouched; -EBADMSG; -ENAMETOOLONG: it does not fit, and buf has its beginning. */
int grubenv_get(const char *block, size_t len, const char *name, char *buf, size_t size);

/* Gives a variable a value, or with NULL takes it out. All else stays as it is. 0; 1: it was so
 * before; -EBADMSG; -ENOSPC; -EINVAL: no name of a variable. Where it is not 0, nothing is changed.
 */
int grubenv_set(char *block, size_t len, const char *name, const char *value);
