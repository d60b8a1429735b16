// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "bls.h"
#include "loadvar.h"
#include "mirror.h"

#define FAT_TIME_NS 2000000000 /* what FAT keeps of a time */

static bool is_same_name(const char *a, const char *b)
{
	return slice_is((struct slice){a, strlen(a)}, b);
}

/* Without MIRROR_OFF, if it has that. */
static bool take_off(char name[NAME_SIZE])
{
	size_t len = strlen(name), n = strlen(MIRROR_OFF);

	if (len <= n || !is_same_name(name + len - n, MIRROR_OFF))
		return false;
	name[len - n] = '\0';
	return true;
}

/* By name, so that each run does the same in the same order. */
static int insert(struct mirror_list *l, const struct mirror_entry *e)
{
	unsigned int i = l->n;

	if (l->n == MIRROR_ENTRIES_MAX)
		return -E2BIG;
	for (;
	     i > 0 && l->entry[i - 1].type == e->type && strcmp(l->entry[i - 1].name, e->name) > 0;
	     i--)
		l->entry[i] = l->entry[i - 1];
	l->entry[i] = *e;
	l->n++;
	return 0;
}

int mirror_add(struct mirror_list *l, const struct config *c, unsigned int type, const char *name)
{
	struct mirror_entry e = {.type = type};
	char plain[NAME_SIZE];

	if (strlen(name) >= sizeof(e.name))
		return 1;
	memcpy(e.name, name, strlen(name) + 1);
	memcpy(plain, e.name, sizeof(plain));
	e.is_off = take_off(plain);
	if (!bls_valid_name(plain, type) || counter_strip(plain, e.id) < 0 ||
	    ladder_match(c, e.id, &e.role, &e.pattern) != 0)
		return 1;
	return insert(l, &e);
}

const struct mirror_entry *mirror_find(const struct mirror_list *l, unsigned int type,
				       const char *name)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->entry[i].type == type && is_same_name(l->entry[i].name, name))
			return &l->entry[i];
	return NULL;
}

const struct mirror_entry *mirror_counterpart(const struct mirror_list *mirror,
					      const struct mirror_list *booted,
					      const struct mirror_entry *e)
{
	const struct mirror_entry *found = mirror_find(mirror, e->type, e->name);

	for (unsigned int i = 0; !found && i < mirror->n; i++) {
		const struct mirror_entry *m = &mirror->entry[i];

		if (m->type == e->type && is_same_name(m->id, e->id) &&
		    !mirror_find(booted, m->type, m->name))
			found = m;
	}
	return found;
}

bool mirror_has_id(const struct mirror_list *booted, const struct mirror_entry *e)
{
	for (unsigned int i = 0; i < booted->n; i++)
		if (booted->entry[i].type == e->type && is_same_name(booted->entry[i].id, e->id))
			return true;
	return false;
}

bool mirror_is_meant(const struct mirror_entry *e, const char *word)
{
	const char *dot = strrchr(e->id, '.');
	struct slice stem = {e->id, dot ? (size_t)(dot - e->id) : 0};

	return is_same_name(e->id, word) || (stem.len > 0 && slice_is(stem, word));
}

static bool has_all(const struct mirror_list *l, enum role role, const char *patterns)
{
	struct slice rest = {patterns, strlen(patterns)}, word;
	bool is_found = true;

	for (unsigned int number = 0; is_found && slice_word(&rest, &word); number++) {
		is_found = false;
		for (unsigned int i = 0; i < l->n; i++)
			is_found |= l->entry[i].role == role && l->entry[i].pattern == number;
	}
	return is_found;
}

bool mirror_is_complete(const struct mirror_list *booted, const struct config *c)
{
	return booted->n > 0 && has_all(booted, ROLE_SYSTEM, c->system) &&
	       has_all(booted, ROLE_RECOVERY, c->recovery);
}

bool mirror_is_same_time(int64_t a_ns, int64_t b_ns)
{
	return a_ns - b_ns < FAT_TIME_NS && b_ns - a_ns < FAT_TIME_NS;
}

int mirror_partuuid(const struct config *c, unsigned int number, char ret[NAME_SIZE])
{
	struct slice rest = {c->mirrors, strlen(c->mirrors)}, word;
	char uuid[PARTUUID_SIZE];

	for (unsigned int i = 0; slice_word(&rest, &word); i++) {
		if (i < number)
			continue;
		if (loadvar_partuuid(word, uuid) == 0 && i < MIRRORS_MAX) {
			memcpy(ret, uuid, sizeof(uuid));
			return 0;
		}
		if (slice_copy(word, ret, NAME_SIZE) < 0)
			memcpy(ret, "...", 4);
		return -EINVAL;
	}
	return 1;
}
