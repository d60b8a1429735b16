/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"

/* What "why" is told from. */
struct story {
	const struct facts *f;	 /* as observed now */
	const struct history *h; /* may be empty */
	bool is_blessed;	 /* in this boot, by us */
	bool is_unread;		 /* the history could not be read */
};

/* True if there is nothing to tell a person who did not ask: a system slot runs that was booted as
 * it should be, no system slot is exhausted or broken, nothing is pinned or on its way, and what
 * happened last is a bless or a change by a person. A machine without a ladder is normal too. */
bool story_is_normal(const struct story *s);

/* How the device got where it is, in plain sentences: what runs, what happened since the last bless
 * (or, if that was the last thing and all is not well, before it), what is on its way, what the
 * ladder lacks. One paragraph, no newline. */
void story_tell(const struct story *s, struct text *t);

/* The most important of it as one line without newline; nothing if all is normal. */
void story_line(const struct story *s, struct text *t);
