/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A small device for the tests of core/world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

enum { ACTIVE, PASSIVE, RECOVERY, RESET, N };

static const char *const ids[N] = {"active.conf", "passive.conf", "recovery.conf", "reset.conf"};

static struct world_device d;
static struct world w;

static void set_text(char *buf, const char *text)
{
	memcpy(buf, text, strlen(text) + 1);
}

static void start(void)
{
	world_start(&d, NULL, -1, &w);
}

static void arm(int rung)
{
	d.ladder.rung[rung].counter = counter_make(3, 0);
}

/* systemd-boot before 260, no kexec; active and passive are good. */
static int setup(void **state)
{
	static const enum role roles[N] = {ROLE_SYSTEM, ROLE_SYSTEM, ROLE_RECOVERY, ROLE_RESET};

	(void)state;
	memset(&d, 0, sizeof(d));
	config_defaults(&d.config);
	set_text(d.config.reset, "reset");
	d.counts = d.clears_oneshot = true;
	d.settings = (struct settings){.loader = LOADER_SDBOOT, .known = true};
	d.against = AGAINST_SUPPORT;
	d.ladder.n = N;
	for (int i = 0; i < N; i++) {
		struct rung *r = &d.ladder.rung[i];

		r->role = roles[i];
		r->type = 1;
		r->sort_key[0] = (char)('a' + i);
		set_text(r->id, ids[i]);
	}
	arm(RECOVERY);
	d.ladder.rung[RESET].counter = counter_make(2, 0);
	return 0;
}
