// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tries-file.h"

#include <string.h>
#include <strings.h>

/* "active+..." and the same suffix: somebody meant a counter. */
static bool is_meant(const char *name, const char *id)
{
	const char *id_dot = strrchr(id, '.'), *dot = strrchr(name, '.');
	size_t stem = id_dot ? (size_t)(id_dot - id) : 0;

	return stem > 0 && dot && strcasecmp(dot, id_dot) == 0 && strlen(name) > stem &&
	       strncasecmp(name, id, stem) == 0 && name[stem] == '+';
}

enum tries_file tries_file_parse(const char *name, const char *id, struct counter *ret)
{
	char stripped[NAME_SIZE];

	if (counter_strip(name, stripped) < 0 || strcasecmp(stripped, id) != 0)
		return is_meant(name, id) ? TRIES_FILE_BROKEN : TRIES_FILE_OTHER;
	(void)counter_parse(name, ret);
	return TRIES_FILE_FOUND;
}

bool tries_file_wins(const struct counter *a, const struct counter *b)
{
	if (a->present != b->present)
		return a->present;
	if (a->done != b->done)
		return a->done > b->done;
	return a->left < b->left;
}

int tries_file_name(const char *id, const char *own_name, const struct counter *c,
		    char name[NAME_SIZE])
{
	name[0] = '\0';
	if (!c->present && counter_parse(own_name, NULL) == COUNTER_NONE)
		return 0;
	return counter_format(id, c, name);
}
