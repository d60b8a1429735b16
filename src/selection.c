// SPDX-License-Identifier: LGPL-2.1-or-later
#include "selection.h"
#include "loaders/sdboot.h"

typedef int (*select_fn)(int efivars, int esp, const struct settings *s, const char *id);

static int select_entry(struct machine *m, select_fn fn, const struct settings *s, const char *id)
{
	int r = fn(m->efivars, -1, s, id);

	if (r >= 0 || machine_begin_write(m, PLACE_ESP) < 0)
		return r;
	r = fn(m->efivars, m->store[PLACE_ESP].fd, s, id);
	machine_end_write(m, PLACE_ESP);
	return r;
}

int selection_prefer(struct machine *m, const struct settings *s, const char *id)
{
	return select_entry(m, sdboot_prefer, s, id);
}

int selection_pin(struct machine *m, const struct settings *s, const char *id)
{
	return select_entry(m, sdboot_pin, s, id);
}
