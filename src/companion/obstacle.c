// SPDX-License-Identifier: LGPL-2.1-or-later
#include "obstacle.h"
#include "entries.h"

static void text_file(struct text *t, unsigned int type, const char *name, enum place place)
{
	char path[ENTRIES_PATH_SIZE];

	entries_path(type, name, path);
	text_char(t, '"');
	text_str(t, path);
	text_str(t, "\" on ");
	text_str(t, place_name(place));
}

static void text_both(const struct rung *r, struct text *t)
{
	text_file(t, r->type, r->name, r->place);
	text_str(t, " and ");
	text_file(t, r->type, r->twin, r->twin_place);
}

/* The name under which the boot loader started it, where it says so. */
static void text_claimed(const struct machine *m, const struct facts *f, struct text *t)
{
	if (f->kexeced || !m->sdboot.counted_name[0])
		return;
	text_str(t, "; LoaderBootCountPath names \"");
	text_str(t, m->sdboot.counted_name);
	text_char(t, '"');
}

static void text_missing(const struct machine *m, const struct facts *f, const struct rung *r,
			 bool is_booted, struct text *t)
{
	text_str(t, "put its file back: there is no boot entry \"");
	text_str(t, is_booted ? f->booted.id : r->id);
	text_str(t, "\" on any partition");
	if (is_booted)
		text_claimed(m, f, t);
}

static void text_renamed(const struct machine *m, const struct rung *r, struct text *t)
{
	text_str(t, "if it is the one that runs: bootassess mark good ");
	text_str(t, r->id);
	text_str(t,
		 "; somebody renamed it since it was started, and it may be another one: the boot "
		 "loader started \"");
	text_str(t, m->sdboot.counted_name);
	text_str(t, "\", but the entry is now ");
	text_file(t, r->type, r->name, r->place);
}

void obstacle_text(const struct machine *m, const struct facts *f, const struct plan *p,
		   struct text *t)
{
	int i = p->target >= 0 ? p->target : f->booted.rung;
	const struct rung *r = &f->ladder.rung[i < 0 ? 0 : i];

	switch (p->obstacle) {
	case OBSTACLE_FAILED:
		text_str(t, "this boot was given up already; if it is good all the same: "
			    "bootassess mark good ");
		text_str(t, f->booted.id);
		break;
	case OBSTACLE_MISSING:
		text_missing(m, f, r, i == f->booted.rung, t);
		break;
	case OBSTACLE_AMBIGUOUS:
		text_str(t,
			 "remove one of two files that are the same entry, for nothing says which "
			 "one is started: ");
		text_both(r, t);
		break;
	case OBSTACLE_UNPROVED:
		text_str(t,
			 "remove the file that was not booted: two are the same entry, and nothing "
			 "says which one was: ");
		text_both(r, t);
		text_claimed(m, f, t);
		break;
	case OBSTACLE_RENAMED:
		text_renamed(m, r, t);
		break;
	default:
		text_str(t, "it cannot be done");
		break;
	}
}
