// SPDX-License-Identifier: LGPL-2.1-or-later
#include "listed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doors/efivar.h"
#include "loadvar.h"

#define ENTRIES_SIZE (128 * 1024) /* 2,000 entries with names of 32 characters */

int listed_read(int efivars, struct listed *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->data = malloc(ENTRIES_SIZE); /* too large for the stack */
	if (!ret->data)
		return -ENOMEM;
	ret->rest = ret->data;
	ret->is_there = efivars >= 0 && efivar_read(efivars, "LoaderEntries", EFIVAR_LOADER,
						    ret->data, ENTRIES_SIZE, &ret->len) == 0;
	if (!ret->is_there)
		ret->len = 0;
	return 0;
}

bool listed_next(struct listed *l, char id[NAME_SIZE])
{
	int r;

	while ((r = loadvar_next_id(&l->rest, &l->len, id)) < 0)
		;
	return r == 0;
}

void listed_free(struct listed *l)
{
	free(l->data);
}
