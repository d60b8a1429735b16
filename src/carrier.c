// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "carrier.h"
#include "doors/efivar.h"
#include "doors/esp.h"
#include "observe.h"
#include "tries.h"

int carrier_rename(struct machine *m, const struct rung *r, const struct counter *to,
		   bool is_reserved, char new_name[NAME_SIZE])
{
	const char *dir = ladder_dir(r->type);
	int fd = m->store[r->place].fd, e;

	e = counter_format(r->id, to, new_name);
	if (e < 0 || strcmp(r->name, new_name) == 0)
		return e;
	e = machine_begin_write(m, r->place);
	if (e < 0)
		return e == -EACCES ? -EROFS : e; /* a write-protected device gives either */
	if (is_reserved)
		e = esp_rename_reserved(fd, dir, r->name, new_name);
	else
		e = esp_rename(fd, dir, r->name, new_name);
	machine_end_write(m, r->place);
	return e;
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
