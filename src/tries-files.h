/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"
#include "tries-file.h"

/* The tries files of $BOOT (core/tries-file.h): empty files in loader/bootassess. Which rungs have
 * their counters there, carrier_is_file() says. */

/* Of these files one id has not more that are looked at; with more, each write takes some away. */
#define TRIES_FILES_MAX 8

/* The tries files of one id, the one that speaks first. */
struct tries_files {
	struct {
		char name[NAME_SIZE];
		struct counter counter;
	} file[TRIES_FILES_MAX];
	unsigned int n;
};

/* Gives the rungs whose counters are there what these say. What looks like a counter of one, but
 * cannot be read or has content, is logged, and changes nothing. 0, also where there are none;
 * negative errno, logged: nothing is known of them. */
int tries_files_read(const struct machine *m, struct ladder *l);

/* Finds those of one id. fd: of the root directory of $BOOT. 0; negative errno, then n is 0. */
int tries_files_find(int fd, const char *id, struct tries_files *ret);

/* Makes this the only tries file of the id, or with "" leaves none, through a writable mount. The
 * new name is there, and durable, before the one that spoke goes; those that do not speak go first.
 * 0; negative errno (-EEXIST: there is a file with content of this name): what spoke before may
 * still do. */
int tries_files_write(int fd, const char *id, const char *name);
