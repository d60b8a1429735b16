// SPDX-License-Identifier: LGPL-2.1-or-later
/* src/stage.c as it is on arm64, under other names: its zboot kernels are unpacked. */
#include "kernel.h"

#undef ARCH_NATIVE
#define ARCH_NATIVE ARCH_ARM64

#define stage_check stage_check_arm64
#define stage_copy  stage_copy_arm64
#define stage_load  stage_load_arm64
#define stage_close stage_close_arm64

#include "../../src/stage.c"
