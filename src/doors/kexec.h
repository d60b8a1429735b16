/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Loading and starting another kernel: kexec_file_load(2) only. kexec_load(2), which no kernel can
 * check, is never used, and neither is KEXEC_FILE_NO_INITRAMFS: without an initrd a kernel on an
 * EFI machine reads the address of one from a table that is stale after a kexec, and panics. */

/* Makes an empty memory file (memfd_create: close-on-exec, sealable, not executable where the
 * kernel knows that flag). Returns the fd or negative errno. */
int kexec_memfd(const char *name);

/* Copies size bytes of a file from offset to the end of a memory file, in pieces of 256 KiB: no
 * more is ever resident in this process. 0; -ENODATA if the file ends before; other negative errno
 * (-ENOSPC, -ENOMEM, -EFBIG), the memory file then holds a part. *ret_at: the offset in the file of
 * the piece that it stopped at, also on errors. */
int kexec_copy(int from_fd, uint64_t offset, uint64_t size, int memfd, uint64_t *ret_at);

/* Appends bytes (data NULL: so many NULs). 0 or negative errno. */
int kexec_append(int memfd, const void *data, size_t len);

/* Seals the memory file against every change (F_SEAL_WRITE, GROW, SHRINK, SEAL). 0 or negative
 * errno. */
int kexec_seal(int memfd);

/* Loads kernel, initrd (both are needed) and command line. Takes what was loaded before its place.
 * 0 or negative errno as in kexec_file_load(2): -EPERM, -ENOEXEC, -EINVAL, -ENOMEM,
 * -EADDRNOTAVAIL, -ENODATA, -ENOKEY, -EKEYREJECTED, -ENOSYS ... */
int kexec_load_file(int kernel_fd, int initrd_fd, const char *cmdline);

/* False only if the kernel says that it has no kexec_file_load(2): Debian's for arm64 are built
 * with kexec_load(2) alone, which /sys does not tell apart. Loads and unloads nothing, but is one
 * of the loads that kernel.kexec_load_limit_reboot counts. */
bool kexec_has_file_load(void);

/* Forgets what is loaded. 0 or negative errno (-EPERM where loading is not allowed either). */
int kexec_unload(void);

/* Starts what is loaded: reboot(LINUX_REBOOT_CMD_KEXEC), after sync(2). Returns only if that
 * failed: negative errno (-EINVAL: nothing is loaded). */
int kexec_jump(void);
