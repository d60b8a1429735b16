/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "stage.h"

/* What kexec-check found out about one rung. */
struct show {
	const struct rung *rung;
	unsigned int against; /* set of enum against */
	bool is_configured;   /* Method= has kexec */
	bool locked;	      /* facts.locked */
	bool outlives;	      /* a watchdog outlives the kexec */
	bool is_whole; /* the image is sound, and stage is filled in; else why says why not */
	char why[3 * NAME_SIZE];
	struct stage stage;
	uint64_t available; /* bytes of memory, 0 = unknown */
};

/* True if nothing speaks against it. */
bool show_is_possible(const struct show *s);

/* All of it for a person; the verdict is the last line. */
void show_text(const struct show *s, struct text *t);

/* All of it as one JSON object and a newline; bootassess(8) describes it. */
void show_json(const struct show *s, struct text *t);

/* The object for a rung that cannot be switched to at all. */
void show_refusal_json(const char *why, struct text *t);
