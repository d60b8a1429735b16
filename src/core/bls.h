/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "text.h"

/* More initrd lines than this make an entry unusable to us (-E2BIG). */
#define BLS_INITRDS_MAX 16

/* The same for options lines. */
#define BLS_OPTIONS_MAX 32

/* A type #1 entry (UAPI.1 "Type #1 Boot Loader Specification Entries"): the keys that decide about
 * order and sanity, and what a kexec needs. Slices point into the text that was parsed. */
struct bls_entry {
	struct slice title, sort_key, machine_id, version;
	struct slice linux_path; /* key linux */
	struct slice efi, uki;	 /* keys efi, uki */
	struct slice uki_url;	 /* key uki-url: nothing on this disk to check */
	struct slice initrd[BLS_INITRDS_MAX];
	unsigned int n_initrd;
	struct slice options[BLS_OPTIONS_MAX]; /* in order; one command line, joined with blanks */
	unsigned int n_options;
	struct slice devicetree; /* key devicetree or devicetree-overlay, the last one */
	struct slice profile;	 /* key profile: of a multi-profile UKI */
	struct slice architecture;
	struct slice extra; /* key extra, the last one: add-ons and credentials of a UKI */
};

/* Parses a type #1 entry. One pair of quotes around a value is taken off, as systemd-boot does.
 * Keys are case-sensitive. Unknown keys, comments and lines without a value are skipped; a key
 * given twice: the last one counts, initrd and options lines add up. 0; -E2BIG for more than
 * BLS_INITRDS_MAX initrds or BLS_OPTIONS_MAX options; -EINVAL if the text holds a NUL byte. *ret is
 * written only on 0. Source: UAPI.1 "Type #1 Boot Loader Entry Keys". */
int bls_parse_entry(const char *text, size_t len, struct bls_entry *ret);

/* The value of the last line `key value` in a loader.conf, or an empty slice.
 * Source: loader.conf(5). */
struct slice bls_loader_conf_get(const char *text, size_t len, const char *key);

/* Changes every `default` of a loader.conf to `*` (the first entry in the loader's own order, in
 * which bad ones come last) in place: the text keeps its length, the rest of it moves up, the end
 * is filled with newlines. Returns how many lines were changed. Source: loader.conf(5). */
unsigned int bls_loader_conf_unpin(char *text, size_t len);

/* Changes every `default` that is a name with a counter (`active+3.conf`) of this id to the id, in
 * place, as bls_loader_conf_unpin() does. Returns how many lines were changed. */
unsigned int bls_loader_conf_correct(char *text, size_t len, const char *id);

/* Order of two entries as systemd-boot's menu has it, counters left out of account: with a sort key
 * before without; sort key, machine id, newest version first; then the newest id first.
 * Below 0 if a comes first, 0, above 0. Source: UAPI.1 "Sorting"; boot.c boot_entry_compare(). */
struct bls_order {
	struct slice sort_key, machine_id, version, id;
};
int bls_compare(const struct bls_order *a, const struct bls_order *b);

/* True if the file name can be an entry: only [A-Za-z0-9] and + - _ . @ ~ ^, no leading dot, not
 * `auto-`, at most 255 bytes, suffix .conf (type 1) or .efi (type 2), letter case ignored. Source:
 * UAPI.1, bootspec.c. */
bool bls_valid_name(const char *name, unsigned int type);
