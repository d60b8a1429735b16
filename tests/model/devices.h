/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The kinds of devices that test-states.c plays, and the worlds that they start from. */
#include "explore.h"

enum pin { PIN_NONE, PIN_DEFAULT, PIN_PREFERRED };
enum reset_kind { NO_RESET, RESET_RUNG, RESET_WIPES, RESET_BOTH };

/* A kind of device. */
struct class
{
	const char *name;
	unsigned int n_system;
	unsigned int tries; /* of each role; reset has one less, but at least one */
	bool has_recovery;
	enum reset_kind reset;
	enum loader loader; /* 0: systemd-boot */
	enum pin pin;
	bool no_kexec;
	bool no_oneshot;
	int hold, on_failure;
	bool is_unsure;
	unsigned int troubles; /* set of 1 << enum trouble */
	bool has_cuts;
	bool is_long;	 /* not in `make check-fast` */
	bool is_longest; /* only in `make soak-model` */
};

/* A kexec or a reset that comes to nothing is always tried. */
#define SOME  (1u << T_ONESHOT_LOST | 1u << T_ONESHOT_FAILS | 1u << T_UNCOUNTED | 1u << T_UNWRITABLE)
#define FIXED (1u << T_NAMES_FIXED)

#define SYSTEM(slots, all_tries) .n_system = (slots), .tries = (all_tries), .has_recovery = true

#define LONG(called, ...)                                      \
	{                                                      \
		.name = (called), .is_long = true, __VA_ARGS__ \
	}
#define LONGEST(called, ...)                                      \
	{                                                         \
		.name = (called), .is_longest = true, __VA_ARGS__ \
	}

static const struct class classes[] = {
	{.name = "defaults", SYSTEM(2, 3), .reset = RESET_RUNG},
	LONG("two slots", SYSTEM(2, 2), .reset = RESET_RUNG),
	{.name = "two slots, power cuts", SYSTEM(2, 1), .has_cuts = true},
	{.name = "two slots, troubles", SYSTEM(2, 1), .troubles = SOME},
	{.name = "names fixed", SYSTEM(1, 1), .troubles = FIXED},
	{.name = "no kexec", SYSTEM(2, 2), .reset = RESET_RUNG, .no_kexec = true},
	LONG("wipe", SYSTEM(2, 1), .reset = RESET_WIPES, .no_kexec = true, .has_cuts = true),
	{.name = "one slot, both resets", SYSTEM(1, 2), .reset = RESET_BOTH, .has_cuts = true},
	{.name = "three slots", SYSTEM(3, 1), .reset = RESET_WIPES},
	{.name = "OnFailure=next", SYSTEM(2, 2), .on_failure = ON_FAILURE_NEXT},
	{.name = "Hold=stay", SYSTEM(2, 1), .reset = RESET_RUNG, .hold = HOLD_STAY},
	{.name = "Hold=poweroff", SYSTEM(2, 1), .hold = HOLD_POWEROFF},
	{.name = "unknown entry", SYSTEM(2, 1), .reset = RESET_BOTH, .is_unsure = true},
	{.name = "no one-shot", SYSTEM(2, 2), .no_oneshot = true, .no_kexec = true},
	{.name = "default active*", SYSTEM(2, 1), .pin = PIN_DEFAULT},
	{.name = "preferred", SYSTEM(2, 1), .pin = PIN_PREFERRED},
	{.name = "firmware", SYSTEM(2, 1), .reset = RESET_RUNG, .loader = LOADER_FIRMWARE},
	{.name = "GRUB", SYSTEM(2, 2), .loader = LOADER_GRUB, .no_kexec = true},
	{.name = "no loader", SYSTEM(2, 1), .loader = LOADER_NONE},
	/* the rest in `make check` */
	LONG("defaults, power cuts", SYSTEM(2, 3), .has_cuts = true),
	LONG("troubles, next", SYSTEM(2, 1), .on_failure = ON_FAILURE_NEXT, .troubles = SOME),
	LONG("default active*, cuts", SYSTEM(1, 2), .pin = PIN_DEFAULT, .has_cuts = true),
	LONG("firmware, cuts", SYSTEM(1, 2), .loader = LOADER_FIRMWARE, .has_cuts = true),
	LONG("GRUB, troubles", SYSTEM(2, 1), .loader = LOADER_GRUB, .troubles = SOME),
	/* `make soak-model` */
	LONGEST("defaults, cuts and reset", SYSTEM(2, 3), .reset = RESET_RUNG, .has_cuts = true),
	LONGEST("both resets, cuts", SYSTEM(2, 2), .reset = RESET_BOTH, .has_cuts = true),
	LONGEST("three slots, defaults", SYSTEM(3, 3)),
	LONGEST("default active*, all cuts", SYSTEM(2, 2), .pin = PIN_DEFAULT, .has_cuts = true),
	LONGEST("firmware, all cuts", SYSTEM(2, 2), .loader = LOADER_FIRMWARE, .has_cuts = true),
	LONGEST("two slots, all troubles", SYSTEM(2, 2), .troubles = SOME),
	LONGEST("next, cuts", SYSTEM(2, 2), .on_failure = ON_FAILURE_NEXT, .has_cuts = true),
};

static struct world_device device;
static const struct class *class;

static void set_rung(unsigned int i, enum role role, const char *id)
{
	struct rung *r = &device.ladder.rung[i];

	r->role = role;
	r->type = 1;
	memcpy(r->id, id, strlen(id) + 1);
	(void)snprintf(r->sort_key, sizeof(r->sort_key), "%u", i);
}

static void make_ladder(void)
{
	static const char *const ids[] = {"active.conf", "passive.conf", "third.conf",
					  "fourth.conf"};
	unsigned int n = 0;

	for (; n < class->n_system; n++)
		set_rung(n, ROLE_SYSTEM, ids[n]);
	if (class->has_recovery)
		set_rung(n++, ROLE_RECOVERY, "recovery.conf");
	if (class->reset == RESET_RUNG || class->reset == RESET_BOTH)
		set_rung(n++, ROLE_RESET, "reset.conf");
	device.ladder.n = n;
}

static void make_settings(void)
{
	struct settings *s = &device.settings;

	s->loader = class->loader ? class->loader : LOADER_SDBOOT;
	s->known = s->loader != LOADER_NONE;
	s->has_preferred = class->pin == PIN_PREFERRED;
	if (class->pin == PIN_DEFAULT)
		memcpy(s->value[SETTING_DEFAULT_FILE], "active*", sizeof("active*"));
	if (s->loader == LOADER_FIRMWARE || s->loader == LOADER_GRUB)
		memcpy(s->value[SETTING_DEFAULT_VARIABLE], "active.conf", sizeof("active.conf"));
	device.counts = s->loader == LOADER_SDBOOT;
	device.clears_oneshot = s->loader != LOADER_NONE;
	device.unfit = s->loader == LOADER_SDBOOT ? 0
		       : s->loader == LOADER_NONE ? METHOD_FIRMWARE | METHOD_ORDER
						  : METHOD_ORDER;
	if (class->no_oneshot)
		device.unfit |= METHOD_FIRMWARE;
	device.against = class->no_kexec ? AGAINST_SUPPORT : 0;
}

static void make_device(void)
{
	struct config *c = &device.config;

	memset(&device, 0, sizeof(device));
	config_defaults(c);
	c->tries = c->recovery_tries = class->tries;
	c->reset_tries = class->tries > 1 ? class->tries - 1 : 1;
	c->hold = class->hold;
	c->on_failure = class->on_failure;
	if (class->reset >= RESET_WIPES) {
		c->reset_method = RESET_WIPE;
		memcpy(c->reset_wipe, "data", sizeof("data"));
	}
	device.unsure = class->is_unsure;
	make_ladder();
	make_settings();
}

/* Each rung good, with all its tries, and with none (or with none for long); the record missing and
 * unreadable. */
static void add_starts(void)
{
	unsigned int n = 1;
	struct world w;

	for (unsigned int i = 0; i < device.ladder.n; i++)
		n *= 3;
	for (unsigned int k = 0; k < 4 * n; k++) {
		unsigned int rest = k / 4;

		world_start(&device, NULL, -1, &w);
		for (unsigned int i = 0; i < device.ladder.n; i++, rest /= 3) {
			int tries = (int)ladder_tries(&device.config, device.ladder.rung[i].role);

			if (rest % 3 == 1)
				w.counter[i] = counter_make(tries, 0);
			else if (rest % 3 == 2)
				w.counter[i] =
					counter_make(0, k & 2 ? COUNTER_RETURN_DONE : tries + 1);
			w.name[i] = w.counter[i];
		}
		w.record_damaged = k & 1;
		(void)find_node(&w, NO_PARENT, 0, 0);
	}
}
