/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What asks systemd for a factory reset at the next boot: an EFI variable, whose name and content
 * changed with systemd 258. */

#define REQUEST_SIZE	 1024
#define REQUEST_NEW_FROM 258 /* the first version with FactoryResetRequest */

/* The version of systemd that a file of it tells: 257 for "libsystemd-shared-257.so" and
 * "libsystemd-shared-257.4-1.fc42.so". 0 if the file tells none. */
unsigned int request_version(const char *file);

/* The name of the variable for this version. */
const char *request_name(unsigned int version);

/* Its content, as efivarfs takes it (without attributes): UTF-16 with its NUL. Up to 257 "yes";
 * from 258 on a JSON object that says which system asked, and in which boot: os_release is the text
 * of os-release(5), boot_id a UUID with dashes. Returns the number of bytes; -ENODATA if os_release
 * has no ID; -EINVAL for a boot_id that is none; -ENAMETOOLONG. Source: systemd-repart(8) of 257;
 * systemd.io/FACTORY_RESET and systemd-factory-reset(8) of 258. */
int request_content(unsigned int version, const char *os_release, const char *boot_id,
		    uint8_t data[REQUEST_SIZE]);
