/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Gives this process a mount namespace of its own, from which nothing propagates back (MS_SLAVE:
 * what others mount still arrives). Once per process. 0 or negative errno. */
int mount_unshare(void);

/* Mounts a file system of this type (source: device node) at an existing directory: read-only,
 * nosuid,nodev,noexec,noatime and, since Linux 5.10, nosymfollow (then -ELOOP is what a path with a
 * symbolic link gives); no helper, no fstab, no mtab. FAT: umask=0077; FAT and ext:
 * errors=remount-ro. A journal is replayed, also by a read-only mount, unless the device is
 * write-protected. Where the device is mounted writable elsewhere, only this mount is read-only
 * (the kernel has one file system per device; its options umask and errors are then those of the
 * first mount). A device that is busy is tried for 2 s. 0 or negative errno (-ENODEV: the kernel
 * has no such type; -EINVAL also when an nls module is missing or it is something else). */
int mount_boot(const char *source, const char *type, const char *target);

/* The same for FAT. */
int mount_fat(const char *source, const char *target);

/* Makes that private mount writable. Public mounts of the same device keep their own flags.
 * *is_shared: set if the file system was writable before, so others write to it; for
 * mount_make_read_only(). Left as it is where this mount is writable already. 0 or negative errno
 * (-EROFS, -EACCES: write-protected device; -EROFS also where a public mount is writable but its
 * file system is not: the kernel found an error in it, and that mount would become writable too;
 * -EINVAL: target is no mount point). target: as it was given to mount_boot(), absolute, without
 * symbolic links. */
int mount_make_writable(const char *target, bool *is_shared);

/* Makes it read-only again, and with it the file system, unless others write to it. 0 or negative
 * errno, as above. */
int mount_make_read_only(const char *target, bool is_shared);

/* Whether another mount of the same file system can be seen, read-only ones too: 1, 0, or negative
 * errno. Other mount namespaces cannot be seen. */
int mount_has_others(const char *target);

/* Mounts efivarfs at /sys/firmware/efi/efivars unless it is mounted. 0; 1 if this machine has no
 * EFI; negative errno. */
int mount_efivarfs(void);

/* Mounts securityfs at /sys/kernel/security unless it is mounted. 0; 1 if the kernel has none;
 * negative errno. */
int mount_securityfs(void);

/* Unmounts what mount_boot() mounted. 0 or negative errno. */
int mount_release(const char *target);
