// SPDX-License-Identifier: LGPL-2.1-or-later
#include <strings.h>

#include "fuzz.h"
#include "tries-file.h"

/* What a name says is written as a name that says the same. */
static void check_round_trip(const char *id, const struct counter *c)
{
	char counted[NAME_SIZE], name[NAME_SIZE];
	struct counter back;

	if (tries_file_name(id, "active+1.conf", c, name) < 0)
		return;
	must(name[0] && tries_file_parse(name, id, &back) == TRIES_FILE_FOUND);
	must(counter_is_same(&back, c));
	if (tries_file_name(id, "active.conf", c, counted) == 0)
		must(c->present ? strcmp(counted, name) == 0 : !counted[0]);
}

/* An id, and two names, one a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[NAME_SIZE], plain[NAME_SIZE], name[2][NAME_SIZE];
	struct counter c[2] = {{0}, {0}};
	struct input in = {data, size};

	take_string(&in, id, sizeof(id));
	/* An id is what is left of a name. */
	if (counter_strip(id, plain) < 0 || strcmp(id, plain) != 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		enum tries_file found;

		take_string(&in, name[i], sizeof(name[i]));
		found = tries_file_parse(name[i], id, &c[i]);
		must((found == TRIES_FILE_FOUND) == counter_same_id(name[i], id));
		if (found == TRIES_FILE_FOUND)
			check_round_trip(id, &c[i]);
		else
			must(!c[i].present);
	}
	must(!tries_file_wins(&c[0], &c[0]));
	if (counter_is_same(&c[0], &c[1]))
		must(!tries_file_wins(&c[0], &c[1]) && !tries_file_wins(&c[1], &c[0]));
	else
		must(tries_file_wins(&c[0], &c[1]) != tries_file_wins(&c[1], &c[0]));
	return 0;
}
