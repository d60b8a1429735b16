/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Looks at a FAT file system as it lies in memory, by eyes of its own: each chain belongs to one
 * name, has no free, bad or impossible cluster, and the length that its size asks for. Lost
 * clusters are fine, so are long names without a short one (nobody sees them), and a second FAT
 * that lags behind. True, or a phrase in why. */
bool fat_check(const uint8_t *disk, char *why, size_t size);

/* What fsck.fat -n says of it: true if it finds nothing but that. */
bool fat_check_by_program(const char *node, char *why, size_t size);
