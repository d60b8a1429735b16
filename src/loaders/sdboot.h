/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "choose.h"
#include "counter.h"

#define SDBOOT_PATH_SIZE 512

/* What systemd-boot (or a loader and stub with the same interface) left in EFI variables.
 * Source: systemd.io/BOOT_LOADER_INTERFACE. */
struct sdboot {
	bool present;	/* a loader with this interface ran: it says which entry it chose, or who it
			   is */
	bool is_sdboot; /* it is systemd-boot itself: the only one known to keep its own order and
			   counters */
	unsigned int version; /* of systemd-boot; 0 = not said */
	bool has_features;
	uint64_t features;	      /* LOADVAR_FEATURE_* */
	char selected[NAME_SIZE];     /* id that it chose, without counter; "" = not said */
	char counted_name[NAME_SIZE]; /* file name that it gave the entry; "" = it counted nothing
				       */
	unsigned int counted_type;    /* 1 or 2, as ladder_dir() */
	bool counted_unclean;	      /* LoaderBootCountPath is there, but leads to no entry */
	char partuuid[40];	      /* partition that it came from, lower case; "" = not said */
	char image[SDBOOT_PATH_SIZE]; /* LoaderImageIdentifier: its own path; "" = not said */
	char stub_image[SDBOOT_PATH_SIZE]; /* StubImageIdentifier; "" = not said */
	bool oneshot;			   /* LoaderEntryOneShot is set */
	bool stale_oneshot; /* LoaderEntryOneShot is "kexec reboot", which efibc.ko writes at every
			       kexec: no entry */
	bool unread;	    /* one of them was not garbage, but an error that may pass */
	const char *garbage[8]; /* names of variables that could not be understood */
	unsigned int n_garbage;
};

/* Reads all that. efivars: directory fd, or -1 on a machine without (then nothing is present). A
 * variable that cannot be read or understood is as good as absent and is named in `garbage`. */
void sdboot_read(int efivars, struct sdboot *ret);

/* Sets LoaderEntryOneShot: the entry that is booted next, once. id: without counter; name: its file
 * as it is now. The loader finds only what it spells itself: up to systemd 252 its ids hold the
 * counter (LoaderEntries shows that), later they do not, and since 258 they are in lower case. 0 or
 * negative errno. */
int sdboot_set_oneshot(int efivars, const char *id, const char *name);

/* True if the loader would honour that: LoaderFeatures say so, or it is systemd-boot and has none.
 */
bool sdboot_has_oneshot(const struct sdboot *s);

/* Deletes LoaderEntryOneShot. 0 or negative errno. */
int sdboot_delete_oneshot(int efivars);

/* Takes the default away from whatever it names, so that the loader takes the first entry in its
 * own order, in which bad ones come last: LoaderEntryDefault becomes `*`; where no variable can be
 * written and none is set, loader.conf on the ESP is changed in place. esp: its directory,
 * writable, or -1. 0 or negative errno. */
int sdboot_unpin(int efivars, int esp);

/* Reads what decides about its next start. efivars, esp: directory fds or -1. What cannot be read
 * is logged, and as good as not set. */
void sdboot_read_settings(int efivars, int esp, const struct sdboot *s, struct settings *ret);

/* Makes the settings select this entry: LoaderEntryPreferred where the loader has it, else
 * LoaderEntryDefault; where no variable can be written and none is in force, the `default` of
 * loader.conf (and its `preferred`, if it has one that is heard). The value is what the loader
 * compares ids with: the id as LoaderEntries spells it, or, where its ids hold counters, a pattern
 * for the id with any counter. esp: its directory, writable, or -1. 0; 1 if it was so already;
 * negative errno. */
int sdboot_prefer(int efivars, int esp, const struct settings *s, const char *id);

/* The operator's pin, tries left or not: LoaderEntryDefault, and LoaderEntryPreferred too where the
 * loader has that. As sdboot_prefer(). */
int sdboot_pin(int efivars, int esp, const struct settings *s, const char *id);

/* Deletes LoaderEntryPreferred and LoaderEntryDefault where their value selects this id by name:
 * the loader's own configuration has its say again. 0; 1 if there was nothing; negative errno. */
int sdboot_release(int efivars, const struct settings *s, const char *id);

/* A line of loader.conf. */
struct sdboot_line {
	unsigned int number; /* 1.. */
	const char *key;     /* "preferred" or "default" */
	char value[NAME_SIZE];
};

/* Finds the line of loader.conf that selects this id by name, if it is heard: no variable overrules
 * it. Of two the stronger one. efivars, esp: directory fds or -1. */
bool sdboot_find_line(int efivars, int esp, const struct settings *s, const char *id,
		      struct sdboot_line *ret);

/* A `default` in loader.conf that names a counted file of this id names the id from now on. 0; 1 if
 * there is none; negative errno. */
int sdboot_correct(int esp, const char *id);
