/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ladder.h"

/* What the loader starts next, if no one-shot says otherwise. Source: boot.c
 * config_select_default_entry() (up to 257: config_default_entry_select()), loader.conf(5). */

/* Who decides, the strongest first. */
enum setting {
	SETTING_PREFERRED_VARIABLE, /* LoaderEntryPreferred, from 260 on */
	SETTING_PREFERRED_FILE,	    /* `preferred` in loader.conf, from 260 on */
	SETTING_DEFAULT_VARIABLE,   /* LoaderEntryDefault; of other loaders the one that they have:
				     the first in BootOrder, saved_entry of GRUB */
	SETTING_DEFAULT_FILE,	    /* `default` in loader.conf */
	SETTINGS,
	SETTING_ORDER = SETTINGS, /* none: the first entry of systemd-boot's own order; other
				     loaders have none that is known */
};

/* The loader's settings. Zero: nothing is known of them. */
struct settings {
	enum loader loader;
	bool known;		/* what follows was read */
	bool unread;		/* something is there that could not be read, and may be later */
	bool has_preferred;	/* LoaderFeatures offer it; else both are not heard */
	bool ids_have_counters; /* up to 252: patterns are matched against the file name */
	char value[SETTINGS][NAME_SIZE]; /* a glob on ids, "@saved", "" = not set */
	char saved[NAME_SIZE]; /* LoaderEntryLastBooted: what "@saved" means; "" = not set */
};

struct choice {
	int rung; /* index in the ladder, -1 = none of it */
	enum setting by;
};

/* The rung that the loader starts next, among those of the ladder that are there (broken ones too:
 * it does not know, but for a kernel file that is missing, whose entry it hides). Preferred skips
 * entries without tries left, default takes them; a pattern that matches nothing is passed over.
 * Entries on no rung are not seen. rung -1 if the settings are not known, or no rung is there. */
struct choice choose_next(const struct ladder *l, const struct settings *s);

/* The same where the names are others than the rungs say: names[i] is the counter in the name of
 * rung i, and bit i of parked: it has no twin. */
struct choice choose_next_by_names(const struct ladder *l, const struct settings *s,
				   const struct counter *names, unsigned int parked);

/* True if this setting selects the rung by its pattern, whatever comes before it. */
bool choose_matches(const struct settings *s, enum setting by, const struct rung *r);

/* True if this setting selects an entry by its id, as LoaderEntries spells it: for entries on no
 * rung. Whether such a one has tries left, which preferred asks for, only an id with a counter
 * tells. */
bool choose_matches_id(const struct settings *s, enum setting by, const char *id);

/* "LoaderEntryPreferred", "preferred in loader.conf", ..., "the loader's own order"; "BootOrder",
 * "saved_entry in grubenv". */
const char *setting_name(const struct settings *s, enum setting setting);
