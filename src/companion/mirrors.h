/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/mirror.h"
#include "mirror.h"
#include "text.h"

enum mirror_state {
	MIRROR_SAME,
	MIRROR_DIFFERS,
	MIRROR_BOOTED,	   /* it is the ESP that was booted from: the others follow it */
	MIRROR_MISSING,	   /* no partition of this PARTUUID */
	MIRROR_UNREADABLE, /* error says why */
	MIRROR_INVALID,	   /* the word is no PARTUUID, or there are too many */
};

/* The mirrors of MirrorESP= as they are. */
struct mirrors {
	struct mirror_status {
		char partuuid[NAME_SIZE]; /* the word as it stands, if it is MIRROR_INVALID */
		enum mirror_state state;
		int error; /* negative errno */
		struct mirror_diff diff;
	} mirror[MIRRORS_MAX + 1];
	unsigned int n;
	bool has_xbootldr; /* whose entries are not mirrored */
};

/* Looks at each, writes nothing. Mounts nothing without MirrorESP=. m: its ESP is reached. */
void mirrors_look(const struct machine *m, struct mirrors *ret);

/* "same", "differs", "booted", "missing", ... */
const char *mirrors_state_name(enum mirror_state state);

/* After a verb that may have changed the booted ESP: brings each mirror to what that holds now, one
 * after the other; nothing is written where nothing differs. A mirror that fails is logged with its
 * PARTUUID, and left to the next run. is_thorough: also files of one size and time are compared,
 * which reads all of them. m: with the lock held. */
void mirrors_follow(const struct machine *m, const struct mirror_ask *ask);

/* A sentence for each mirror that is not as it should be; t is passed on. */
void mirrors_warn(const struct mirrors *s, void (*warn)(const char *sentence, struct text *t),
		  struct text *t);

/* The array "mirrors" of status --json. */
void mirrors_json(const struct mirrors *s, struct text *t);
