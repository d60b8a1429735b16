// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/efivar.h"
#include "doors/root.h"
#include "listed.h"
#include "loadvar.h"
#include "sdboot-info.h"

#define STRING_SIZE 1024 /* payload of one string variable */

static void read_string(int efivars, const char *variable, char *buf, size_t size)
{
	uint8_t data[STRING_SIZE];
	size_t len;

	if (efivar_read(efivars, variable, EFIVAR_LOADER, data, sizeof(data), &len) != 0 ||
	    loadvar_string(data, len, buf, size) < 0)
		buf[0] = '\0';
}

static void read_entries(int efivars, const struct ladder *l, struct sdboot_info *ret)
{
	_cleanup_(listed_free) struct listed list = {0};
	char id[NAME_SIZE];

	if (listed_read(efivars, &list) < 0)
		return;
	ret->has_entries = list.is_there;
	while (listed_next(&list, id))
		for (unsigned int i = 0; i < l->n; i++)
			if (!l->rung[i].missing && counter_same_id(id, l->rung[i].id))
				ret->listed |= 1u << i;
}

void sdboot_info_read(int efivars, const struct ladder *l, struct sdboot_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (efivars < 0)
		return;
	read_string(efivars, "LoaderInfo", ret->loader, sizeof(ret->loader));
	read_string(efivars, "LoaderEntryOneShot", ret->oneshot, sizeof(ret->oneshot));
	read_entries(efivars, l, ret);
}
