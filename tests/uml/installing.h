/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "install-job.h"

/* What test-install.c has for test-install-cut.c. */
struct install_file source(const char *path, const void *data, size_t len);
void recover(void);
void lay_out_uki(const char *name); /* the old UKI under this name */
void test_install_cut(uint8_t *uki, size_t len);
