/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Reads the configuration of a running system, where it lies in pieces (bootassess.conf(5)), into
 * m->config; the initramfs has one merged file, which machine_open() reads. What is not understood
 * is logged with file and line, and ignored. */
void settings_read(struct machine *m);
