/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* What a 64-bit program or library needs to be started: call n is told the n-th, from 0. First its
 * interpreter (a path, "/lib64/ld-linux-x86-64.so.2"), if it has one, then the names of its
 * libraries ("libblkid.so.1"). The slice leads into data. 0; 1: there are no more; -EINVAL if this
 * is no such file (little endian), or it is cut off or damaged. Source: System V ABI, chapters 4
 * and 5. */
int elf_needs(const uint8_t *data, size_t len, unsigned int n, struct slice *ret);
