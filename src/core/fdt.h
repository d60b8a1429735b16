/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The flattened device tree that the kernel was started with, as in /sys/firmware/fdt. Source: the
 * Devicetree Specification 0.4, chapter 5.
 *
 * True if some node of it has a property of this name. Only the strings block is looked at: values,
 * the kernel command line among them, are elsewhere. False for all that is no device tree or ends
 * too early. */
bool fdt_has_property(const uint8_t *data, size_t len, const char *name);
