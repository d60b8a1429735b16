/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* Writes a file as a whole or not at all, for a reader that comes at any moment: a temporary
 * ".NAME.XXXXXX" in the same directory, mode 0644, fsync, rename. The temporary does not end as the
 * file does, so that a collector of *.prom passes it over. path: relative to the working directory
 * if it does not begin with a slash; a symbolic link of that name is replaced. 0 or negative errno
 * (-EISDIR, -ENOENT: no such directory, ...): the old file is as it was, and nothing is left
 * behind. A signal that ends the process may leave the temporary. */
int textfile_write(const char *path, const char *text, size_t len);
