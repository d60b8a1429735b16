/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* A file that is longer, and drop-ins beyond so many, are told as -E2BIG and not read. */
#define CONF_FILE_SIZE	 16384
#define CONF_DROPINS_MAX 64

/* Called for each file in the order of reading: its path without a leading slash, and its text
 * (terminated), or r: negative errno if it cannot be read. */
typedef void (*conf_fn)(void *data, const char *path, const char *text, size_t len, int r);

/* Finds and reads a configuration in etc, run and usr/lib below rootfd: the main file `name`
 * ("bootassess/bootassess.conf") of the first of these that has one, then the drop-ins
 * `name`.d/\*.conf by name, of several with one name that of the first of these directories. One
 * that is empty, or a link to /dev/null, is read as it is: it masks the others of its name. Links
 * are followed: people manage /etc with them. Source: UAPI.6 "Configuration Files Specification".
 *
 * Not by libeconf: 0.5.1 (Debian 12) knows no /run, takes the first of two equal keys where the
 * initramfs takes the last, and its econf_mergeFiles() writes past its memory when a section comes
 * twice in a file. */
void conf_read(int rootfd, const char *name, conf_fn fn, void *data);
