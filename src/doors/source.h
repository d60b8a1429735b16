/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <time.h>

/* A file that a person names, anywhere: symbolic links are followed. */
struct source {
	int fd;
	uint64_t size;
	struct timespec mtime;
};

/* Opens a regular file for reading. 0; -EINVAL if it is none; other negative errno. */
int source_open(const char *path, struct source *ret);
void source_close(struct source *s);
