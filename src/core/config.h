/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* Ways to leave for another rung; bits, so that a set of them is a number. */
enum method {
	METHOD_NONE = 0,
	METHOD_KEXEC = 1,
	METHOD_FIRMWARE = 2,
	METHOD_ORDER = 4,
};

enum hold { HOLD_RETRY, HOLD_STAY, HOLD_POWEROFF, HOLD_HALT };
enum on_failure { ON_FAILURE_RETRY, ON_FAILURE_NEXT };
/* What starts the kernel; auto: found out. */
enum loader { LOADER_AUTO, LOADER_SDBOOT, LOADER_FIRMWARE, LOADER_GRUB, LOADER_NONE };
enum reset_method { RESET_ENTRY, RESET_WIPE, RESET_SYSTEMD };
enum shared_fault { SHARED_FAULT_HOLD, SHARED_FAULT_CONTINUE };

#define CONFIG_PATTERNS_SIZE 512

/* bootassess.conf(5). The defaults stand in the table in config.c. */
struct config {
	/* [Ladder] */
	char system[CONFIG_PATTERNS_SIZE]; /* globs, blank-separated, in order */
	char recovery[CONFIG_PATTERNS_SIZE];
	char reset[CONFIG_PATTERNS_SIZE];
	char mirrors[CONFIG_PATTERNS_SIZE];		  /* MirrorESP=: PARTUUIDs of further ESPs,
							     blank-separated: mirror_partuuid() */
	unsigned long tries, recovery_tries, reset_tries; /* 1..8 */
	bool count_good;
	unsigned long refund_reboots; /* 0..9 */
	int hold;		      /* enum hold */
	unsigned long hold_delay_s;   /* 1..86400 */
	/* [Switch] */
	unsigned long methods;	/* set of enum method: kexec, firmware */
	unsigned long max_hops; /* 0..1 */
	char kexec_append[CONFIG_PATTERNS_SIZE];
	char slot_token[CONFIG_PATTERNS_SIZE]; /* replaced by the target's id without suffix; "" =
						  nothing is replaced */
	int on_failure;			       /* enum on_failure */
	bool secure_boot_kexec;
	bool kexec_without_watchdog;
	/* [Initrd] */
	unsigned long esp_timeout_s; /* 0..600 */
	unsigned long deadline_s;    /* 0 = none, 10..86400 */
	char esp[40]; /* ESP=: PARTUUID of the ESP where LoaderDevicePartUUID is not there */
	/* [Watchdog] */
	unsigned long watchdog_s;		    /* 0 = off, 5..86400 */
	char watchdog_module[CONFIG_PATTERNS_SIZE]; /* its driver; "" = by the hardware */
	unsigned long boot_deadline_s;		    /* 0 = none, 60..86400 */
	unsigned long recovery_deadline_s;	    /* the same for recovery and reset */
	/* [Check] */
	unsigned long check_timeout_s;	   /* 1..3600 */
	unsigned long check_retries;	   /* 0..10 */
	unsigned long check_retry_delay_s; /* 0..3600 */
	unsigned long settle_s;		   /* 0..3600 */
	unsigned long parallel;		   /* 1..16 */
	int shared_fault;		   /* enum shared_fault */
	/* [Recovery] */
	unsigned long recovery_timeout_s; /* of one hook: 1..86400 */
	unsigned long recovery_repeat_s;  /* 0 = run the hooks once, 1..86400 */
	/* [Reset] */
	int reset_method;		       /* enum reset_method */
	char reset_wipe[CONFIG_PATTERNS_SIZE]; /* PARTLABELs, blank-separated */
	char reset_hook[CONFIG_PATTERNS_SIZE]; /* absolute path of a program in the initramfs */
	unsigned long reset_timeout_s;	       /* of the hook: 1..86400 */
	/* [Loader] */
	int loader;			    /* enum loader */
	char boot[CONFIG_PATTERNS_SIZE];    /* UUID=, LABEL=, PARTUUID= or PARTLABEL= of the file
					       system of $BOOT; "" = ESP and XBOOTLDR by their types */
	char grubenv[CONFIG_PATTERNS_SIZE]; /* path there or on the ESP; "" = looked for */
	bool fallback_path;		    /* EFI/BOOT/BOOTX64.EFI is kept in step */
};

/* Told about each line that was not understood: its number (1..), and what is wrong, as one phrase
 * in the style "unknown key \"Tires\", ignoring". */
typedef void (*config_warn_fn)(void *data, unsigned int line, const char *what);

/* Fills in the defaults. */
void config_defaults(struct config *c);

/* Reads INI text (sections, Key=value, # and ; comments on lines of their own; sections and keys
 * may come again: the last value counts) on top of *c. A line that is not understood changes
 * nothing and is told to warn (may be NULL); an unknown section is told once, with its own line.
 * Sections, keys and units are case-sensitive (libeconf merges them so), words are not. Time spans:
 * a number of seconds, or numbers with the units s, sec, min, m, h, d ("1h 30min"). Never fails. */
void config_parse(struct config *c, const char *text, size_t len, config_warn_fn warn, void *data);

/* One line of the table per call, i = 0..: section, key and default, for --help and the manual's
 * check. False after the last. */
bool config_describe(unsigned int i, const char **section, const char **key, const char **value);

/* The first key that the initramfs reads and that has another value in b than in a; NULL = none.
 * What is only of late userspace (sections Check and Recovery) may differ. */
const char *config_difference(const struct config *a, const struct config *b);
