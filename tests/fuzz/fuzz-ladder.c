// SPDX-License-Identifier: LGPL-2.1-or-later
#include <strings.h>

#include "bls.h"
#include "fuzz.h"
#include "ladder.h"

#define NAMES_MAX 24

/* A person may leave the suffix out. */
static void check_words(const struct ladder *l, const struct rung *r)
{
	size_t len = strlen(r->id), stem = (size_t)(strrchr(r->id, '.') - r->id);
	int found = ladder_find_word(l, (struct slice){r->id, stem});

	must(ladder_find_word(l, (struct slice){r->id, len}) >= 0);
	/* `+3.conf` has an id that is nothing but a suffix. */
	must(stem == 0 || (found >= 0 && strncasecmp(l->rung[found].id, r->id, stem) == 0));
	must(ladder_find_word(l, (struct slice){r->id, 0}) == -1);
}

static void check_ladder(const struct ladder *l, const struct config *c)
{
	must(l->n <= RUNGS_MAX);
	for (unsigned int i = 0; i < l->n; i++) {
		const struct rung *r = &l->rung[i], *before = &l->rung[i > 0 ? i - 1 : 0];
		char id[NAME_SIZE];
		unsigned int pattern;
		enum role role;

		must(before->role <= r->role);
		must(before->role < r->role || before->pattern <= r->pattern);
		must(r->missing ? ladder_find(l, r->id) >= 0 : ladder_find(l, r->id) == (int)i);
		if (r->missing)
			continue;
		must(ladder_match(c, r->id, &role, &pattern) == 0);
		must(role == r->role && pattern == r->pattern);
		must(counter_strip(r->name, id) == 0 && strcasecmp(id, r->id) == 0);
		check_words(l, r);
	}
}

static void offer(struct ladder *l, const struct config *c, const char *name, unsigned int flags,
		  const char *booted)
{
	struct rung r = {.type = flags & 1 ? 2 : 1,
			 .place = flags & 2 ? PLACE_XBOOTLDR : PLACE_ESP};

	r.broken = flags & 4;
	memcpy(r.name, name, strlen(name) + 1);
	(void)counter_parse(name, &r.counter);
	if (bls_valid_name(name, r.type) && counter_strip(name, r.id) == 0 &&
	    ladder_match(c, r.id, &r.role, &r.pattern) == 0)
		ladder_offer(l, &r, booted);
}

/* Three lines of globs, the name that was booted, and a byte and a name in each further line. The
 * order in which a directory tells its names does not matter for what is on the ladder. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[NAMES_MAX][NAME_SIZE];
	unsigned int flags[NAMES_MAX], n = 0;
	struct ladder l = {.n = 0}, back = {.n = 0};
	struct input in = {data, size};
	char booted[NAME_SIZE];
	struct config c;

	config_defaults(&c);
	take_string(&in, c.system, sizeof(c.system));
	take_string(&in, c.recovery, sizeof(c.recovery));
	take_string(&in, c.reset, sizeof(c.reset));
	take_string(&in, booted, sizeof(booted));
	for (; n < NAMES_MAX && in.left > 0; n++) {
		flags[n] = take_byte(&in);
		take_string(&in, name[n], sizeof(name[n]));
	}
	for (unsigned int i = 0; i < n; i++) {
		offer(&l, &c, name[i], flags[i], booted);
		offer(&back, &c, name[n - 1 - i], flags[n - 1 - i], booted);
	}
	must(l.dropped == back.dropped && l.n == back.n);
	for (unsigned int i = 0; i < l.n; i++)
		must(l.dropped || ladder_find(&back, l.rung[i].id) >= 0);
	ladder_finish(&l, &c);
	check_ladder(&l, &c);
	return 0;
}
