/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Matches text against a shell pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `\` quotes; letter case of
 * ASCII ignored. The rules are fnmatch(3)'s without character classes, and systemd-boot's
 * efi_fnmatch() plus negation; a `[` that is never closed and a `\` at the end match nothing. Takes
 * at most strlen(pattern) * strlen(text) steps, whatever the pattern (fnmatch(3) may need
 * exponential time). */
bool glob_match(const char *pattern, const char *text);
