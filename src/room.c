// SPDX-License-Identifier: LGPL-2.1-or-later
#include "room.h"

#include <string.h>
#include <strings.h>

#include "counter.h"
#include "doors/log.h"
#include "leftover.h"
#include "text.h"

#define OWN_DIR	     "bootassess"
#define OWN_DIRS_MAX 16

static const char *const dirs[] = {"",	  "loader",    "loader/entries", "loader/bootassess",
				   "EFI", "EFI/Linux", OWN_DIR};

/* The folders of slots. */
struct own {
	char path[OWN_DIRS_MAX][NAME_SIZE];
	unsigned int n;
};

static int add_own(void *data, const struct volume_entry *e)
{
	struct own *own = data;
	struct text t;

	/* A directory of a power cut is to go. */
	if (!e->is_dir || own->n == OWN_DIRS_MAX ||
	    strncasecmp(e->name, LEFTOVER_PREFIX, strlen(LEFTOVER_PREFIX)) == 0)
		return 0;
	text_init(&t, own->path[own->n], NAME_SIZE);
	text_str(&t, OWN_DIR "/");
	text_str(&t, e->name);
	own->n += !t.full;
	return 0;
}

/* Calls fn for each of them, until it returns true. */
static bool any_dir(struct volume *v, bool (*fn)(struct volume *v, const char *dir, const void *),
		    const void *data)
{
	struct own own = {.n = 0};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (fn(v, dirs[i], data))
			return true;
	(void)volume_each(v, OWN_DIR, add_own, &own);
	for (unsigned int i = 0; i < own.n; i++)
		if (fn(v, own.path[i], data))
			return true;
	return false;
}

static bool lacks_room(struct volume *v, const char *dir, const void *data)
{
	(void)data;
	return volume_lacks_room(v, dir, ROOM_SLOTS) > 0;
}

static bool make_room(struct volume *v, const char *dir, const void *where)
{
	int r;

	if (!lacks_room(v, dir, NULL))
		return false;
	r = volume_make_room(v, dir, ROOM_SLOTS);
	if (r == 0)
		log_info("\"/%s\" on %s has room for more names now", dir, (const char *)where);
	else if (r < 0)
		log_warning("cannot make room for more names in \"/%s\" on %s: %s, ignoring", dir,
			    (const char *)where, strerror(-r));
	return false;
}

bool room_is_lacking(struct volume *v)
{
	return any_dir(v, lacks_room, NULL);
}

void room_make(struct volume *v, const char *where)
{
	volume_forget_cache(v); /* fsck.fat may have mended it */
	(void)any_dir(v, make_room, where);
}
