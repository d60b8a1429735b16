// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/root.h"
#include "listed.h"
#include "spell.h"
#include "text.h"

int spell_find_id(int efivars, const char *id, char spelt[NAME_SIZE])
{
	_cleanup_(listed_free) struct listed l = {0};
	char entry[NAME_SIZE];
	int r;

	r = listed_read(efivars, &l);
	if (r < 0)
		return r;
	memcpy(spelt, id, strlen(id) + 1);
	while (listed_next(&l, entry)) {
		if (!counter_same_id(entry, id))
			continue;
		memcpy(spelt, entry, strlen(entry) + 1);
		break;
	}
	return 0;
}

bool spell_has_counters(int efivars)
{
	_cleanup_(listed_free) struct listed l = {0};
	char entry[NAME_SIZE];

	if (listed_read(efivars, &l) < 0)
		return false;
	while (listed_next(&l, entry))
		if (counter_parse(entry, NULL) == 0)
			return true;
	return false;
}

int spell_pattern(const char *id, char pattern[NAME_SIZE])
{
	const char *dot = strrchr(id, '.');
	struct text t;

	text_init(&t, pattern, NAME_SIZE);
	if (!dot) {
		text_str(&t, id);
	} else {
		text_slice(&t, (struct slice){id, (size_t)(dot - id)});
		text_str(&t, "[+.]*");
		text_str(&t, dot + 1);
	}
	return t.full ? -ENAMETOOLONG : 0;
}
