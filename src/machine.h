/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "cmdline.h"
#include "config.h"
#include "doors/root.h"
#include "doors/volume.h"
#include "doors/watchdog.h"
#include "ladder.h"
#include "loaders/loader.h"

/* A file system of $BOOT. */
struct store {
	int fd;		   /* its root directory, -1 = there is none */
	char target[64];   /* where we mounted it; "" = a directory of --root=, always writable */
	char partuuid[37]; /* lower case; "" = a directory of --root=, or no partition */
	char node[64];	   /* its device, "/dev/vda1"; "" = a directory of --root= */
	char disk[32];	   /* that it is on, as in /sys/class/block; "" as above */
	char type[16];	   /* of the file system, "vfat"; "" as above */
	bool is_fat;	   /* or a directory of --root=: what is right for FAT is done to it */
	bool is_shared;	   /* while we write: others do too */
	bool is_repaired;  /* repair_store() was here */
};

/* How a running system is left. */
enum leave { LEAVE_REBOOT, LEAVE_KEXEC, LEAVE_POWEROFF, LEAVE_HALT };

/* The tries of feed_until() to open the watchdog, one after the other. Its alone. */
struct feed_tries {
	uint64_t pause_s; /* until the next one; 0 = that is the first */
	bool is_busy;	  /* somebody else has it */
	bool is_over;	  /* there is none that can be opened */
	bool has_told;	  /* the service manager knows */
};

/* What one run holds open: everything that observe() reads and act() writes goes through this. */
struct machine {
	struct root root;
	char boot_id[37]; /* "" = not known */
	struct cmdline cmdline;
	uint32_t cmdline_number; /* record_hash() of the whole of it */
	struct config config;
	bool is_crash_kernel;
	bool is_kexeced;
	bool stops_watchdog;	  /* the service manager does, before a kexec */
	int lock;		  /* held while this run decides and acts; -1 = not held */
	int hold;		  /* held while it waits in a hold */
	unsigned int lock_wait_s; /* this run can wait for the lock so much longer than others */
	int efivars;		  /* -1 = no EFI variables */
	struct watchdog watchdog; /* that this run feeds */
	struct feed_tries feed_tries;
	struct sdboot sdboot;
	const struct loader_ops *loader; /* never NULL: see loader_find() */
	struct store store[PLACES];
	uint64_t waited_ms; /* for the disks that hold $BOOT */
	/* How to leave instead of by reboot(2): the companion asks the service manager. A kexec
	 * goes into what is loaded. 0 if that is under way. NULL in the initramfs. */
	int (*leave)(enum leave how);
	unsigned int fsck_s; /* a file system that was not unmounted in good order may be checked
				for so long, twice; 0 = not in this run */
	bool is_mirror;	     /* a view of a machine, with a further ESP in the place of the ESP */
	/* Finishes or takes back an update that a power cut ended (install.h). NULL in the
	 * initramfs, which leaves it as it is. */
	int (*recover)(struct machine *m, enum place place);
	/* For the history: the health check that failed, and why this boot is given up, in
	 * somebody's words; NULL = none. The caller's. */
	const char *failed_check, *why;
	char refusal[256]; /* why a reset came to nothing */
	bool is_blind;	   /* boot entries must exist, but their file system could not be reached */
};

/* Opens the root, reads command line and configuration: everything that is cheap. dir: of --root=,
 * or NULL. What is not there or not understood is logged, and its default taken. 0; negative errno
 * only if the root itself cannot be opened. */
int machine_open(const char *dir, struct machine *ret);

/* Reaches the EFI variables and $BOOT: loads modules, waits for the disk (at most EspTimeoutSec),
 * mounts it read-only in a mount namespace of our own. What cannot be reached stays -1 and is
 * logged. Never fails. */
void machine_reach(struct machine *m);

/* Unmounts $BOOT again; machine_reach() brings it back. */
void machine_release(struct machine *m);

/* Unmounts and closes everything. */
void machine_close(struct machine *m);

/* One run at a time: assess, emergency and deadline may come together. Waits for another run, but
 * not for ever: one that hangs must not stop the deadline. Logged, ignoring, if the lock cannot be
 * had. */
void machine_lock(struct machine *m);

/* Waits until the uptime clock shows this second, without the lock, and feeds the watchdogs
 * meanwhile. is_hold: others see that as a hold. */
void machine_wait_until(struct machine *m, uint64_t uptime_s, bool is_hold);

/* The same without a wait, for a reset. Ends with machine_close() at the latest. Where the hold
 * cannot be shown, logged, the lock is kept. */
void machine_begin_hold(struct machine *m);
void machine_end_hold(struct machine *m);

/* True if another run waits in a hold on purpose: nothing is to be done then. */
bool machine_is_holding(const struct machine *m);

/* True if another run waits on purpose, in a hold or before it starts the machine again. */
bool machine_is_waiting(const struct machine *m);

/* Makes a store writable for a moment, and read-only again. 0 or negative errno (-ENOENT: there is
 * no such store; -ENODEV: there was, and it could not be mounted again). */
int machine_begin_write(struct machine *m, enum place place);
void machine_end_write(struct machine *m, enum place place);

/* Gives up our mount of a store for a moment, and opens its partition for us alone (volume_open()).
 * 0: machine_end_alone() must follow. Negative errno, and everything is as it was: -EBUSY (somebody
 * else has it mounted, or a file of it is open here), -ENOENT (there is no such store), -ENODEV (it
 * is a directory of --root=, or no FAT), -EROFS, -EUCLEAN ... */
int machine_begin_alone(struct machine *m, enum place place, struct volume *ret);

/* Closes it and mounts the store again: read-only, with a new fd. Where that fails, logged, there
 * is no such store any more: its fd is -1, and the machine is blind. */
void machine_end_alone(struct machine *m, enum place place, struct volume *v);

/* The place that holds what is ours (UAPI.1 $BOOT): the file system of Boot=, which has the place
 * of XBOOTLDR; XBOOTLDR if there is one; else the ESP. */
enum place machine_boot_place(const struct machine *m);

/* Of these notes: the role of the booted entry (role_name()), and that late userspace has come to
 * its bless, whatever became of that. */
#define NOTE_ROLE     "role"
#define NOTE_BLESSING "blessing"

/* Notes for later runs in the same boot, files named by the boot id in /run/bootassess: "assess",
 * "emergency", "deadline", "fail" (it ran; what it decided), "counted" (this boot is), "booted"
 * (the id that a kexec started), "blessed" (the id), "leaving" (the uptime of a restart that
 * systemd has taken), "resetting" (the uptime at which a reset must be over; empty: it is).
 * Reading: true if the note is there. Setting: a failure is logged, ignoring.
 */
bool machine_has_note(const struct machine *m, const char *note);
bool machine_read_note(const struct machine *m, const char *note, char text[NAME_SIZE]);
void machine_set_note(const struct machine *m, const char *note, const char *text);

/* The first line of a note that may have more, cut where it is longer. True if there is one and it
 * is not empty. buf is written only then. */
bool machine_read_note_line(const struct machine *m, const char *note, char *buf, size_t size);
