/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Watches a directory (path relative to dirfd) for files that are new, or were written: inotify(7),
 * IN_CREATE, IN_MOVED_TO, IN_CLOSE_WRITE. Returns an fd, or negative errno. */
int notice_open(int dirfd, const char *path);

/* Waits until a file has come, or power_awake_ms() shows this. fd -1: only for the time. 1: one has
 * come (all that came are forgotten by the next call); 0: the time has; negative errno. */
int notice_wait(int fd, uint64_t until_ms);
