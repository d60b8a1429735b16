/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "choose.h"
#include "ladder.h"
#include "record.h"

/* Why decide() is asked. */
enum event {
	EVENT_ASSESS,	 /* before the root file system is mounted */
	EVENT_EMERGENCY, /* something on the way to it failed */
	EVENT_DEADLINE,	 /* it did not come in time */
	EVENT_FAIL,	 /* late userspace says that this boot is no good */
	EVENT_SWITCH,	 /* a person asks for another rung: decide_switch() */
	EVENT_BLESS,	 /* late userspace says that this boot is good: bless_plan() */
	EVENT_EDIT,	 /* a person changes counters: edit_plan() */
	EVENT_SHUTDOWN,	 /* the machine goes down in good order: refund_plan() */
};

/* What speaks against a kexec in this boot; bits, so that a set of them is a number. */
enum against {
	AGAINST_SUPPORT = 1 << 0, /* the kernel has no kexec_file_load, or not for this machine */
	AGAINST_HOPS = 1 << 1,	  /* this kernel was itself started by kexec: MaxHops= */
	AGAINST_LOST = 1 << 2, /* the last kexec from a kernel of this release was, or two were */
	AGAINST_DISABLED = 1 << 3,    /* the sysctls kexec_load_disabled, kexec_load_limit_reboot */
	AGAINST_LOCKDOWN = 1 << 4,    /* the kernel is locked down, without SecureBootKexec=yes */
	AGAINST_SECURE_BOOT = 1 << 5, /* Secure Boot is on, without SecureBootKexec=yes */
	AGAINST_WATCHDOG = 1 << 6,    /* none outlives it, without KexecWithoutWatchdog=yes */
	/* found out on the way */
	AGAINST_IMAGE = 1 << 7,	    /* the target's entry cannot be given to a kexec */
	AGAINST_SIGNATURE = 1 << 8, /* its kernel is not signed, which lockdown asks for */
	AGAINST_MEMORY = 1 << 9,    /* there is not enough */
	AGAINST_LOAD = 1 << 10,	    /* the kernel refused it, or did not jump */
};
#define AGAINST_BITS 11

/* How the booted entry is known. */
enum via { VIA_UNKNOWN, VIA_LOADER, VIA_KEXEC };

/* All that decide() knows. Plain data, no pointers; zero is a legal value of everything and means
 * "unknown" or "no". */
struct facts {
	enum event event;
	bool disabled; /* bootassess=0, or a crash kernel */
	bool person;   /* rd.break or rd.shell: somebody is at the machine */
	bool blind;    /* boot entries must exist, but could not be read */
	bool unsure;   /* some entry could not be judged: reset is no target now */
	bool kexeced;  /* this kernel was started by kexec */
	bool locked;   /* lockdown or Secure Boot: a kexec adds nothing that is not signed */
	bool oneshot;  /* the loader's one-shot is set: LoaderEntryOneShot, BootNext, next_entry */
	bool stale_oneshot; /* it names nothing (efibc.ko: "kexec reboot"), or was not taken away by
			       this boot */
	uint32_t kernel;    /* record_hash() of the release of this kernel, 0 = unknown */

	struct ladder ladder;

	struct {
		bool known;
		enum via via;
		char id[NAME_SIZE]; /* without counter */
		int rung;	    /* index in the ladder, -1 = on no rung */
		bool counted;	    /* somebody else counted this boot */
		bool counted_here;  /* we did, earlier in this boot */
		bool unproved; /* there are two files of its id, and nothing says which was booted
				*/
		bool renamed;  /* the loader counted it under a name that is not there any more, and
				  it was not us who changed it */
	} booted;

	char pin[NAME_SIZE]; /* id that the operator pinned; "" = none */
	struct record record;
	char boot_id[37];

	/* What cannot be done in this boot: known beforehand, or found out by act(). */
	unsigned int against;	 /* set of enum against: with any, no kexec */
	unsigned int unfit;	 /* set of enum method: firmware, order */
	bool record_unwritable;	 /* neither on $BOOT nor in a variable */
	bool counter_unwritable; /* the same for the booted entry's counter */
	bool record_damaged;	 /* there is one, but it cannot be read: what it counted is lost */
	bool reset_refused;	 /* act(): ResetMethod= did not work, or would have hit the wrong
				    partition */

	/* Filled in by the companion only: observe_settings(). */
	struct settings settings;
	bool shared_fault;    /* the check that failed has failed on each other system rung that
				 could be started, since the last bless or hold:
				 check_is_fault_shared() */
	bool shared_failed;   /* it has failed on one of them at least: it may be shared */
	bool shared_recovery; /* and recovery was entered for that already */
	bool failed;	      /* `fail`, or `mark bad` of the booted entry, gave this boot up */
	bool blessed;	      /* this boot was blessed, by us, before */
	char activated[NAME_SIZE]; /* id that `activate` chose in this boot; "" = none */
	bool lasted;		   /* and has run for RELAPSE_FORGET_S */
	bool leaving;		   /* the machine goes down because we asked for it */
	bool incomplete; /* settle() could not write something of a bless or an edit, and said so */

	bool opened; /* act() has written an open record, and nothing came of it so far */

	/* A charge that act() made for a kexec in this boot. */
	struct {
		bool made;
		bool stuck; /* it cannot be taken back */
		int rung;
		struct counter was;
	} charge;
};

const char *event_name(enum event event);
const char *via_name(enum via via);
const char *against_name(enum against one);
