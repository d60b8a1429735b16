/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* True if the running kernel knows this file system type (/proc/filesystems). */
bool module_has_filesystem(const char *type);

/* Loads the modules that the names or aliases (NULL-terminated; "fs-vfat", "nls_cp437") stand for,
 * by libkmod, compressed ones too; built in or already loaded is fine. libkmod is opened with
 * dlopen(3) here and only here, because it brings libcrypto into the memory of every boot otherwise
 * (3 MiB, which stay: so ask module_has_filesystem() first). A module that modprobe.d forbids, by a
 * blacklist for aliases or by an "install" line, is not loaded; no command is run. Returns how many
 * names could not be found or loaded (logged by the caller, which knows whether they matter), or
 * negative errno (-ELIBACC: libkmod could not be opened). */
int module_load(const char *const *names);

/* Loads, as module_load() does, the modules that the devices of this machine ask for (modalias of
 * each device below sys/bus of rootfd), but only those whose path holds this folder
 * ("/kernel/drivers/watchdog/"). Returns for how many devices one was loaded, or was there already;
 * negative errno as above. */
int module_load_for_devices(int rootfd, const char *folder);
