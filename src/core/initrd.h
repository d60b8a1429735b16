/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "cpio.h"

/* An initramfs, unpacked: the archives that the kernel unpacks one after the other. The data is the
 * caller's. cpio_next() has gone through each to its end mark. */
#define INITRD_ARCHIVES_MAX 32
struct initrd {
	struct {
		const uint8_t *data;
		size_t len;
	} archive[INITRD_ARCHIVES_MAX];
	unsigned int n;
};

/* Who made it. */
enum initrd_maker {
	INITRD_UNKNOWN,
	INITRD_DRACUT,
	INITRD_MKINITCPIO,
	INITRD_INITRAMFS_TOOLS,
};
enum initrd_maker initrd_maker(const struct initrd *i);
const char *initrd_maker_name(enum initrd_maker maker); /* "dracut"; "an unknown generator" */

/* True if systemd is its init. */
bool initrd_has_systemd(const struct initrd *i);

/* Told about each file, of several with one name also about those that are replaced. False ends
 * the walk. */
typedef bool (*initrd_fn)(void *data, const struct cpio_entry *e);
void initrd_each(const struct initrd *i, initrd_fn fn, void *data);

/* Finds a file, by its path without `/` in front; what was unpacked last counts. Links are
 * followed, /lib and /bin are those in /usr, and a hard link has the content of its other name.
 * False if it is not there, or a link leads nowhere. */
bool initrd_find(const struct initrd *i, const char *path, struct cpio_entry *ret);

/* What the machine needs of it. */
struct initrd_needs {
	const struct config *config; /* of the running system */
	bool has_efi;		     /* the machine has EFI variables */
	bool has_vfat;		     /* the boot entries, or some of them, lie on an ESP */
	const char *boot_type; /* the type of the file system of Boot=, as the kernel calls it; "" =
				  not known, or Boot= is not set */
};

/* Told about each thing that was looked at: a word ("program", "libraries", "modules", "start",
 * "configuration"), how it is, and a sentence. */
enum initrd_mark { INITRD_OK, INITRD_UNSURE, INITRD_BAD };
typedef void (*initrd_finding_fn)(void *data, const char *what, enum initrd_mark mark,
				  const char *text);

/* Is bootassess in it, with all that it takes? */
void initrd_judge(const struct initrd *i, const struct initrd_needs *needs, initrd_finding_fn fn,
		  void *data);

/* Is this command line (the words "panic", "shell", "emergency", "bootassess") fit for a device
 * without a keyboard, in an image of this maker? */
void initrd_judge_cmdline(enum initrd_maker maker, struct slice cmdline, initrd_finding_fn fn,
			  void *data);
