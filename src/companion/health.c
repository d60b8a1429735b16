// SPDX-License-Identifier: LGPL-2.1-or-later
#include "health.h"

#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/log.h"
#include "doors/mount.h"
#include "entries.h"
#include "fsck.h"
#include "json.h"
#include "repair.h"
#include "say.h"

#define CHECK_S 20
#define MIB	(1u << 20)

static uint64_t size_of(const struct machine *m, enum place place, struct slice path)
{
	char buf[4 * NAME_SIZE];
	uint64_t size;

	if (path.len == 0 || slice_copy(path, buf, sizeof(buf)) < 0 ||
	    dir_file_size(m->store[place].fd, buf, &size) < 0)
		return 0;
	return size;
}

/* All files that the entry of a slot names, and itself where it is a UKI. */
static uint64_t slot_size(const struct machine *m, const struct rung *r)
{
	char path[ENTRIES_PATH_SIZE], text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;
	uint64_t size;

	if (r->type == 2) {
		entries_path(r->type, r->name, path);
		return size_of(m, r->place, (struct slice){path, strlen(path)});
	}
	if (entries_read_type1(m, r->place, r->name, text, &e) < 0)
		return 0;
	size = size_of(m, r->place, e.efi) + size_of(m, r->place, e.uki) +
	       size_of(m, r->place, e.linux_path);
	for (unsigned int i = 0; i < e.n_initrd; i++)
		size += size_of(m, r->place, e.initrd[i]);
	return size;
}

static void read_update(const struct machine *m, const struct ladder *l, struct health *h)
{
	for (unsigned int i = 0; i < l->n; i++) {
		const struct rung *r = &l->rung[i];
		uint64_t size = r->missing ? 0 : slot_size(m, r);

		if (size > h->store[r->place].update)
			h->store[r->place].update = size;
	}
}

/* The dirty bit belongs to whoever writes at the moment. */
static void read_store(const struct machine *m, enum place place, struct health_store *s)
{
	const struct store *store = &m->store[place];
	struct repair_view view;
	uint64_t cluster;
	int r;

	s->is_there = store->fd >= 0;
	if (!s->is_there)
		return;
	r = repair_look(m, place, &view);
	if (r < 0)
		log_debug("cannot look at %s: %s", place_name(place), strerror(-r));
	s->is_looked_at = r == 0;
	s->n_leftovers = view.n_leftovers;
	if (!view.is_known)
		return;
	s->has_dirty_bit = r == 0 && store->is_fat && mount_has_others(store->target) == 0;
	s->is_dirty = s->has_dirty_bit && view.is_dirty;
	s->has_free = esp_room(store->fd, &s->free, &cluster) == 0;
}

static void check_store(const struct machine *m, enum place place, struct health_store *s)
{
	struct fsck found;
	int r;

	if (!s->is_there || !m->store[place].node[0] || !m->store[place].is_fat)
		return;
	r = fsck_run(m, m->store[place].node, false, CHECK_S, &found);
	if (r < 0) {
		log_warning("cannot check the file system of %s: %s", place_name(place),
			    r == -ENOENT ? "there is no fsck.fat" : strerror(-r));
		return;
	}
	s->is_checked = true;
	s->is_clean = found.is_clean;
	memcpy(s->complaint, found.first, sizeof(s->complaint));
}

void health_check(const struct machine *m, struct health *h)
{
	for (enum place place = 0; place < PLACES; place++)
		check_store(m, place, &h->store[place]);
}

void health_read(const struct machine *m, const struct facts *f, const struct history *h,
		 struct health *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (enum place place = 0; place < PLACES; place++)
		read_store(m, place, &ret->store[place]);
	read_update(m, &f->ladder, ret);
	for (unsigned int i = 0; i < h->n && !ret->last_repair.event[0]; i++)
		if (strcmp(h->entry[i].event, HISTORY_REPAIR) == 0)
			ret->last_repair = h->entry[i];
}

/* Room is rounded down, and what is needed up. */
static void text_mib(struct text *t, uint64_t bytes, bool is_up)
{
	text_uint(t, (unsigned long)((bytes + (is_up ? MIB - 1 : 0)) / MIB), 0);
	text_str(t, " MiB");
}

static void next(struct text *t)
{
	if (t->len > 0)
		text_str(t, ", ");
}

void health_text(const struct health_store *s, struct text *t)
{
	if (s->has_free) {
		text_mib(t, s->free, false);
		text_str(t, " free");
	}
	if (s->has_free && s->update > 0) {
		text_str(t, ", an update needs ");
		text_mib(t, s->update, true);
	}
	if (s->n_leftovers > 0) {
		next(t);
		text_uint(t, s->n_leftovers, 0);
		text_str(t, s->n_leftovers > 1 ? " leftovers" : " leftover");
		text_str(t, " of a power cut");
	}
	if (s->is_dirty) {
		next(t);
		text_str(t, "not unmounted in good order");
	}
	if (s->is_checked) {
		next(t);
		text_str(t, s->is_clean ? "checked: clean" : "checked: ");
		if (!s->is_clean)
			text_printable(t, s->complaint[0] ? s->complaint : "has errors");
	}
}

static void json_maybe(struct text *t, const char *key, bool is_known, bool value)
{
	if (is_known)
		json_bool(t, key, value);
	else
		json_string(t, key, NULL);
}

static void json_bytes(struct text *t, const char *key, bool is_known, uint64_t value)
{
	if (is_known)
		json_number(t, key, value);
	else
		json_string(t, key, NULL);
}

static void json_store(const struct health_store *s, const char *key, struct text *t)
{
	if (!s->is_there) {
		json_string(t, key, NULL);
		return;
	}
	json_open(t, key, '{');
	json_maybe(t, "isDirty", s->has_dirty_bit, s->is_dirty);
	json_bytes(t, "leftovers", s->is_looked_at, s->n_leftovers);
	json_bytes(t, "freeBytes", s->has_free, s->free);
	json_bytes(t, "updateBytes", s->update > 0, s->update);
	json_maybe(t, "isClean", s->is_checked, s->is_clean);
	json_string(t, "complaint", s->complaint[0] ? s->complaint : NULL);
	text_char(t, '}');
}

void health_json(const struct health *h, struct text *t)
{
	const struct history_entry *e = &h->last_repair;

	json_open(t, "fileSystems", '{');
	json_store(&h->store[PLACE_ESP], "esp", t);
	json_store(&h->store[PLACE_XBOOTLDR], "xbootldr", t);
	text_char(t, '}');
	if (!e->event[0]) {
		json_string(t, "lastRepair", NULL);
		return;
	}
	json_open(t, "lastRepair", '{');
	json_number(t, "seq", e->seq);
	json_bytes(t, "time", e->time_s > 0, e->time_s);
	json_string(t, "text", e->text);
	text_char(t, '}');
}

static void warn_store(const struct health_store *s, enum place place,
		       void (*warn)(const char *sentence, struct text *t), struct text *t)
{
	char buf[4 * NAME_SIZE];
	struct text w;

	text_init(&w, buf, sizeof(buf));
	if (s->n_leftovers > 0) {
		say(&w, place_name(place),
		    " has leftovers of a power cut: the next verb that "
		    "writes puts that right");
		warn(buf, t);
	}
	text_init(&w, buf, sizeof(buf));
	if (s->is_dirty) {
		say(&w, place_name(place),
		    " was not unmounted in good order: the next verb that "
		    "writes has fsck.fat check it, if it is there");
		warn(buf, t);
	}
	text_init(&w, buf, sizeof(buf));
	if (s->is_checked && !s->is_clean) {
		say(&w, "fsck.fat finds errors on ", place_name(place));
		warn(buf, t);
	}
	text_init(&w, buf, sizeof(buf));
	if (s->has_free && s->free < s->update) {
		say(&w, place_name(place),
		    " has too little room for an update beside the old "
		    "version: its slot cannot boot while it is written");
		warn(buf, t);
	}
}

void health_each_warning(const struct health *h, void (*warn)(const char *sentence, struct text *t),
			 struct text *t)
{
	for (enum place place = 0; place < PLACES; place++)
		warn_store(&h->store[place], place, warn, t);
}
