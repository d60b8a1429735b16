// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "carrier.h"
#include "doors/efivar.h"
#include "doors/esp.h"
#include "observe.h"
#include "repair.h"
#include "tries.h"

int carrier_move(struct machine *m, const struct rung *r, const char *new_name)
{
	struct volume v;
	int e;

	if (machine_begin_alone(m, r->place, &v) < 0)
		return CARRIER_MOUNTED;
	e = volume_rename(&v, ladder_dir(r->type), r->name, new_name);
	if (e < 0 && !v.is_unsure)
		e = CARRIER_MOUNTED; /* the kernel says it in its own words, or finds a way */
	machine_end_alone(m, r->place, &v);
	return e == VOLUME_ELSEWHERE ? CARRIER_MOUNTED : e;
}

/* The loader's next name: doors/esp.h. A UKI is not copied. */
static int rename_unreserved(const struct store *s, const struct rung *r, const char *new_name)
{
	const char *dir = ladder_dir(r->type);
	int e = -EFBIG;

	if (r->type == 1 && s->target[0])
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

int carrier_rename(struct machine *m, const struct rung *r, const struct counter *to,
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

int carrier_set_variable(const struct machine *m, const struct rung *r, const struct counter *c)
{
	char old[TRIES_SIZE], text[TRIES_SIZE];
	size_t old_len = 0;
	int len;

	if (m->efivars < 0)
		return -ENOENT;
	if (efivar_read(m->efivars, OBSERVE_TRIES_VARIABLE, EFIVAR_BOOTASSESS, (uint8_t *)old,
			sizeof(old), &old_len) != 0)
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
	f->ladder.rung[rung].counter = *to;
	if (rung != f->booted.rung)
		return;
	f->booted.counted_here = true;
	machine_set_note(m, "counted", f->booted.id);
}
