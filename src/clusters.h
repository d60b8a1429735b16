/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/volume.h"

/* Whether all clusters of a file are its own: follows the chains of everything on the file system.
 * dir: the directory that it is in, "loader/bootassess"; e: of its name, cluster and size. 1; 0 if
 * another file or directory has one of them too, or nobody can tell (its chain has a loop,
 * directories lie too deep); negative errno. */
int clusters_are_own(struct volume *v, const char *dir, const struct volume_entry *e);
