/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "text.h"

/* Compares two versions as systemd-boot's menu does (strverscmp_improved): UAPI.10 "Version Format
 * Specification", but `1~` is older than `1`, `1^a` older than `1.a`, and a number newer than
 * letters. Below 0 if a is older, 0 if they are equal, above 0 if a is newer. Empty is
 * older than everything but `~`. */
int version_compare(struct slice a, struct slice b);
