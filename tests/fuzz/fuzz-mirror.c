// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "core/mirror.h"
#include "fuzz.h"
#include "loadvar.h"

static void check_list(const struct mirror_list *l)
{
	must(l->n <= MIRROR_ENTRIES_MAX);
	for (unsigned int i = 0; i < l->n; i++) {
		const struct mirror_entry *e = &l->entry[i];

		must(mirror_find(l, e->type, e->name) && mirror_is_meant(e, e->id));
		must(mirror_has_id(l, e) && !strchr(e->name, '/'));
		if (i > 0 && e[-1].type == e->type)
			must(strcmp(e[-1].name, e->name) <= 0);
	}
}

/* A file of the mirror is at most one file of the booted ESP, whose own name it has, or one that is
 * not there. */
static void check_counterparts(const struct mirror_list *mirror, const struct mirror_list *booted)
{
	for (unsigned int i = 0; i < booted->n; i++) {
		const struct mirror_entry *e = &booted->entry[i];
		const struct mirror_entry *m = mirror_counterpart(mirror, booted, e);

		if (!m)
			continue;
		must(m->type == e->type);
		must(mirror_find(booted, m->type, m->name) == NULL ||
		     mirror_find(booted, m->type, m->name) ==
			     mirror_find(booted, e->type, e->name));
	}
}

static void check_partuuids(const struct config *c)
{
	char word[NAME_SIZE];
	int r = 0;

	for (unsigned int i = 0; r != 1; i++) {
		r = mirror_partuuid(c, i, word);
		must(r == 0 || r == 1 || r == -EINVAL);
		must(r != 0 || (i < MIRRORS_MAX && loadvar_is_uuid(word)));
		must(i <= CONFIG_PATTERNS_SIZE);
	}
}

/* MirrorESP=, then names, one a line, whose first byte says where. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mirror_list mirror, booted;
	struct input in = {data, size};
	char name[300];
	struct config c;

	config_defaults(&c);
	take_string(&in, c.mirrors, sizeof(c.mirrors));
	check_partuuids(&c);
	mirror.n = booted.n = 0;
	while (in.left > 0) {
		unsigned int flags = take_byte(&in);

		take_string(&in, name, sizeof(name));
		(void)mirror_add(flags & 1 ? &mirror : &booted, &c, flags & 2 ? 2 : 1, name);
	}
	check_list(&mirror);
	check_list(&booted);
	check_counterparts(&mirror, &booted);
	(void)mirror_is_complete(&booted, &c);
	return 0;
}
