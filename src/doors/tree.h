/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "source.h"

#define TREE_PATH_SIZE 200
#define TREE_DEPTH_MAX 8

/* Told about each regular file, open for reading until it returns. path: relative to the tree. A
 * negative return ends the walk with that errno. */
typedef int (*tree_fn)(void *data, const char *path, const struct source *file);

/* Calls fn for the files of a directory that a person names, and of those below it. 0; -ELOOP for a
 * symbolic link or a special file in it, or more levels than TREE_DEPTH_MAX; -ENAMETOOLONG; other
 * negative errno. */
int tree_each(const char *dir, tree_fn fn, void *data);
