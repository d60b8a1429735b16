// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "doors/efivar.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "observe.h"
#include "repair.h"
#include "tries-files.h"
#include "tries.h"

bool carrier_is_file(const struct machine *m, const struct rung *r)
{
	if (m->loader->finds_by_name)
		return false;
	return m->loader->kind != LOADER_NONE || counter_parse(r->name, NULL) == COUNTER_NONE;
}

enum place carrier_place(const struct machine *m, const struct rung *r)
{
	return carrier_is_file(m, r) ? machine_boot_place(m) : r->place;
}

const char *carrier_verb(const struct machine *m, const struct rung *r)
{
	return carrier_is_file(m, r) ? "write the tries file of" : "rename";
}

void carrier_log_file(const struct rung *r, const struct counter *to)
{
	if (to->present)
		log_notice("the counter of \"%s\" is now +%d-%d", r->id, to->left, to->done);
	else
		log_notice("\"%s\" has no counter any more", r->id);
}

static int move(struct machine *m, enum place place, const char *dir, const char *old_name,
		const char *new_name)
{
	struct volume v;
	int e;

	if (machine_begin_alone(m, place, &v) < 0)
		return CARRIER_MOUNTED;
	e = volume_rename(&v, dir, old_name, new_name);
	if (e < 0 && !v.is_unsure)
		e = CARRIER_MOUNTED; /* the kernel says it in its own words, or finds a way */
	machine_end_alone(m, place, &v);
	return e == VOLUME_ELSEWHERE ? CARRIER_MOUNTED : e;
}

int carrier_move(struct machine *m, const struct rung *r, const char *new_name)
{
	return move(m, r->place, ladder_dir(r->type), r->name, new_name);
}

/* The loader's next name: doors/esp.h. A UKI is not copied. */
static int rename_unreserved(const struct store *s, const struct rung *r, const char *new_name)
{
	const char *dir = ladder_dir(r->type);
	int e = -EFBIG;

	if (r->type == 1 && s->target[0] && s->is_fat) /* elsewhere a rename is one step */
		e = esp_rename_by_copy(s->fd, dir, r->name, new_name);
	if (e == -EFBIG || e == -ENOSPC)
		e = esp_rename(s->fd, dir, r->name, new_name);
	return e;
}

static int rename_mounted(struct machine *m, const struct rung *r, bool is_reserved,
			  const char *new_name)
{
	const struct store *s = &m->store[r->place];
	int e = machine_begin_write(m, r->place);

	if (e < 0)
		return e == -EACCES ? -EROFS : e; /* a write-protected device gives either */
	if (is_reserved)
		e = esp_rename_reserved(s->fd, ladder_dir(r->type), r->name, new_name);
	else
		e = rename_unreserved(s, r, new_name);
	machine_end_write(m, r->place);
	return e;
}

static int set_name(struct machine *m, const struct rung *r, const struct counter *to,
		    bool is_reserved, char new_name[NAME_SIZE])
{
	int e;

	e = counter_format(r->id, to, new_name);
	if (e < 0 || strcmp(r->name, new_name) == 0)
		return e;
	e = repair_store(m, r->place); /* before this: of two names it may take one away */
	if (e < 0)
		return e;
	e = carrier_move(m, r, new_name);
	return e == CARRIER_MOUNTED ? rename_mounted(m, r, is_reserved, new_name) : e;
}

/* One tries file becomes another: that may be one sector, too. */
static int move_file(struct machine *m, enum place place, const struct rung *r, const char *name)
{
	struct tries_files list;
	int e = tries_files_find(m->store[place].fd, r->id, &list);

	if (e < 0)
		return e;
	if (list.n != 1 || !name[0])
		return CARRIER_MOUNTED;
	if (strcasecmp(list.file[0].name, name) == 0)
		return 0;
	return move(m, place, OBSERVE_DIR, list.file[0].name, name);
}

static int write_file_mounted(struct machine *m, const struct rung *r, const char *name)
{
	enum place place = machine_boot_place(m);
	int e = machine_begin_write(m, place);

	if (e < 0)
		return e == -EACCES ? -EROFS : e; /* a write-protected device gives either */
	e = tries_files_write(m->store[place].fd, r->id, name);
	machine_end_write(m, place);
	return e;
}

/* With "" there is none afterwards. */
static int write_file(struct machine *m, const struct rung *r, const char *name)
{
	enum place place = machine_boot_place(m);
	int e = m->store[place].fd < 0 ? -ENODEV : repair_store(m, place);

	if (e == 0)
		e = move_file(m, place, r, name);
	return e == CARRIER_MOUNTED ? write_file_mounted(m, r, name) : e;
}

/* The name of the entry never changes, and so a line in the variable would go on to speak. */
static int set_file(struct machine *m, const struct rung *r, const struct counter *to)
{
	char name[NAME_SIZE];
	int e = tries_file_name(r->id, r->name, to, name);

	if (e < 0)
		return e;
	if (r->in_variable)
		(void)carrier_set_variable(m, r, to);
	e = write_file(m, r, name);
	if (e < 0 && r->in_variable)
		(void)carrier_set_variable(m, r, &r->counter);
	return e;
}

/* With Loader=none a tries file is heard when the name has no counter any more. */
static int drop_unheard(struct machine *m, const struct rung *r, const struct counter *to)
{
	struct tries_files list;

	if (m->loader->finds_by_name || to->present)
		return 0;
	if (tries_files_find(m->store[machine_boot_place(m)].fd, r->id, &list) < 0 || list.n == 0)
		return 0;
	return write_file(m, r, "");
}

int carrier_set(struct machine *m, const struct rung *r, const struct counter *to, bool is_reserved,
		char new_name[NAME_SIZE])
{
	int e;

	if (!carrier_is_file(m, r)) {
		e = drop_unheard(m, r, to);
		return e < 0 ? e : set_name(m, r, to, is_reserved, new_name);
	}
	memcpy(new_name, r->name, sizeof(r->name));
	return set_file(m, r, to);
}

int carrier_set_mounted(struct machine *m, const struct rung *r, const struct counter *to,
			char new_name[NAME_SIZE])
{
	char name[NAME_SIZE];
	int e;

	if (!carrier_is_file(m, r)) {
		e = counter_format(r->id, to, new_name);
		if (e < 0 || strcmp(r->name, new_name) == 0)
			return e;
		return esp_rename_reserved(m->store[r->place].fd, ladder_dir(r->type), r->name,
					   new_name);
	}
	memcpy(new_name, r->name, sizeof(r->name));
	e = tries_file_name(r->id, r->name, to, name);
	if (e < 0)
		return e;
	if (machine_boot_place(m) == r->place)
		return tries_files_write(m->store[r->place].fd, r->id, name);
	return write_file_mounted(m, r, name);
}

int carrier_read(const struct machine *m, struct rung *r)
{
	struct tries_files list;
	int e = 0;

	(void)counter_parse(r->name, &r->counter);
	r->in_file = false;
	if (!carrier_is_file(m, r))
		return 0;
	e = tries_files_find(m->store[machine_boot_place(m)].fd, r->id, &list);
	if (list.n == 0)
		return e;
	r->counter = list.file[0].counter;
	r->in_file = true;
	return 0;
}

int carrier_forget(struct machine *m, const struct rung *r)
{
	int e = carrier_is_file(m, r) ? write_file(m, r, "") : 0;

	(void)carrier_set_variable(m, r, NULL);
	return e;
}

int carrier_set_variable(const struct machine *m, const struct rung *r, const struct counter *c)
{
	char old[TRIES_SIZE], text[TRIES_SIZE];
	size_t old_len = 0;
	int len, e;

	if (m->efivars < 0)
		return -ENOENT;
	e = efivar_read(m->efivars, OBSERVE_TRIES_VARIABLE, EFIVAR_BOOTASSESS, (uint8_t *)old,
			sizeof(old), &old_len);
	/* The lines of the others must not go with an error that passes. Garbage may. */
	if (e < 0 && e != -EINVAL && e != -E2BIG)
		return e;
	if (e != 0)
		old_len = 0;
	len = tries_set(old, old_len, r->name, c, text, sizeof(text));
	if (len < 0)
		return len;
	if (len == 0)
		return efivar_delete(m->efivars, OBSERVE_TRIES_VARIABLE, EFIVAR_BOOTASSESS);
	return efivar_write(m->efivars, OBSERVE_TRIES_VARIABLE, EFIVAR_BOOTASSESS,
			    (const uint8_t *)text, (size_t)len);
}

void carrier_note(const struct machine *m, struct facts *f, int rung, const struct counter *to)
{
	struct rung *r = &f->ladder.rung[rung];

	r->counter = *to;
	r->in_file = !r->in_variable && carrier_is_file(m, r) &&
		     (to->present || counter_parse(r->name, NULL) == 0);
	if (rung != f->booted.rung)
		return;
	f->booted.counted_here = true;
	machine_set_note(m, "counted", f->booted.id);
}
