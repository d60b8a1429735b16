/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doors/dir.h"
#include "entries.h"
#include "kcmdline.h"
#include "kernel.h"
#include "ladder.h"
#include "machine.h"

/* One file of the boot entry, or a section of it. */
struct stage_part {
	char file[NAME_SIZE]; /* as the entry spells it, cut where it is longer; "" = the entry */
	const char *section;  /* of a UKI, NULL = the whole file */
	int fd;		      /* -1 = none; the parts of a UKI share one */
	uint64_t offset, size;
	struct dir_mark mark; /* of the whole file, when it was checked */
};

#define STAGE_INITRDS_MAX 18 /* BLS_INITRDS_MAX, and .ucode and .initrd of a UKI */

/* A boot entry on its way to kexec_file_load(2): first checked, then copied. Initialise with
 * STAGE_INIT, end with stage_close(), also after an error. */
struct stage {
	char entry[ENTRIES_PATH_SIZE]; /* "loader/entries/passive.conf" */
	bool is_uki;
	struct stage_part kernel; /* the file that holds it, or .linux within */
	struct kernel_image image;
	struct stage_part initrd[STAGE_INITRDS_MAX]; /* in the order of loading */
	unsigned int n_initrds;
	uint64_t initrd_size;	/* all of them, each padded to 4 bytes */
	uint64_t needed;	/* bytes of memory until it runs: 2S + I + K + 32 MiB (S: kernel and
				   initrd, I: initrd, K: init_size; of a zboot kernel what it says
				   that it unpacks to, after stage_copy() what it did, which may be
				   more) */
	uint64_t unpacked_size; /* of a zboot kernel: what it says, 0..256 MiB */
	char cmdline[KCMDLINE_SIZE];
	/* after stage_copy() */
	int kernel_memfd, initrd_memfd;
};

#define STAGE_INIT                                                           \
	{                                                                    \
		.kernel = {.fd = -1}, .kernel_memfd = -1, .initrd_memfd = -1 \
	}

/* Opens and checks everything that the rung's entry names, nothing is copied or changed: a UKI (a
 * type #2 entry, the key uki, or the keys efi and linux where they name one), or a type #1 entry
 * with linux, initrd lines in order, and options (which replace a UKI's .cmdline, as the stub does;
 * but not if is_verbatim, as it does under Secure Boot). An entry without an initrd gets an empty
 * archive. Refused, because a kexec would start something else than the loader does: another
 * machine, devicetree (also a UKI that brings one), extra, a UKI together with initrd lines,
 * `profile` other than 0, `efi` that is no UKI, uki-url, more than one of linux, efi and uki. txn,
 * is_verbatim: as in struct kcmdline. 0, or negative errno with one phrase in why (size bytes) that
 * names file and offset: "loader/entries/passive.conf: \\linux: offset 514: no kernel". */
int stage_check(const struct machine *m, const struct rung *r, uint32_t txn, bool is_verbatim,
		struct stage *s, char *why, size_t size);

/* Copies kernel and initrd into sealed memory files; a file that changed size or time since
 * stage_check() is -ESTALE. A zboot kernel is unpacked, up to the size that it says (-EFBIG).
 * The copies are checked again (-EINVAL), and image and needed then say what is true of them. 0 or
 * negative errno, why as above: "...: /initrd: offset 262144: Input/output error", "...: /linux: in
 * memory: offset 514: no kernel". At most 2 MiB more are resident meanwhile, and the window of a
 * zstd stream. */
int stage_copy(struct stage *s, char *why, size_t size);

/* Loads what was copied, and checks that the kernel says so (/sys/kernel/kexec_loaded): whatever
 * was loaded before is unloaded first. may_be_raw: the kernel is to see the UKI file itself first,
 * as a kernel that takes UKIs could then check the signature of the whole (-ENOEXEC, -EINVAL: it
 * cannot); that is one more of the loads that kexec_load_limit_reboot counts; a file that changed
 * since stage_check() is -ESTALE. 0 or negative errno, why as above. After an error nothing stays
 * loaded, but what was there before and could not be unloaded. */
int stage_load(const struct machine *m, const struct stage *s, bool may_be_raw, char *why,
	       size_t size);

/* Closes all, and makes it STAGE_INIT again; what the kernel holds stays loaded. */
void stage_close(struct stage *s);
