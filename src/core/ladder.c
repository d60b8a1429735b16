// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>
#include <strings.h>

#include "bls.h"
#include "glob.h"
#include "ladder.h"
#include "text.h"

static const unsigned int role_max[] = {
	[ROLE_SYSTEM] = RUNGS_SYSTEM_MAX,
	[ROLE_RECOVERY] = RUNGS_RECOVERY_MAX,
	[ROLE_RESET] = RUNGS_RESET_MAX,
};

static const enum role roles[] = {ROLE_SYSTEM, ROLE_RECOVERY, ROLE_RESET};

const char *ladder_dir(unsigned int type)
{
	return type == 2 ? "EFI/Linux" : "loader/entries";
}

static const char *globs_of(const struct config *c, enum role role)
{
	switch (role) {
	case ROLE_RECOVERY:
		return c->recovery;
	case ROLE_RESET:
		return c->reset;
	default:
		return c->system;
	}
}

/* Takes the next glob of a role off *rest. */
static bool next_glob(struct slice *rest, char glob[NAME_SIZE])
{
	struct slice word;

	while (slice_word(rest, &word))
		if (slice_copy(word, glob, NAME_SIZE) == 0)
			return true;
	return false;
}

int ladder_match(const struct config *c, const char *id, enum role *ret_role,
		 unsigned int *ret_pattern)
{
	char stem[NAME_SIZE], glob[NAME_SIZE];
	const char *dot = strrchr(id, '.');
	struct slice whole = {id, dot ? (size_t)(dot - id) : strlen(id)};

	if (slice_copy(whole, stem, sizeof(stem)) < 0)
		return 1;
	for (unsigned int i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		const char *globs = globs_of(c, roles[i]);
		struct slice rest = {globs, strlen(globs)};

		for (unsigned int n = 0; next_glob(&rest, glob); n++) {
			if (!glob_match(glob, stem))
				continue;
			*ret_role = roles[i];
			*ret_pattern = n;
			return 0;
		}
	}
	return 1;
}

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

/* Below 0 if a stands above b on the ladder. */
static int compare_rungs(const struct rung *a, const struct rung *b)
{
	struct bls_order x = {slice_of(a->sort_key), slice_of(a->machine_id), slice_of(a->version),
			      slice_of(a->id)};
	struct bls_order y = {slice_of(b->sort_key), slice_of(b->machine_id), slice_of(b->version),
			      slice_of(b->id)};

	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	if (a->pattern != b->pattern)
		return a->pattern < b->pattern ? -1 : 1;
	return bls_compare(&x, &y);
}

/* True if of two files of one id the file a is the one that counts. */
static bool counts_before(const struct rung *a, const struct rung *b, const char *booted_name)
{
	bool a_booted = strcasecmp(a->name, booted_name) == 0;
	bool b_booted = strcasecmp(b->name, booted_name) == 0;

	if (a_booted != b_booted)
		return a_booted;
	if (a->broken != b->broken)
		return b->broken;
	if (a->counter.present != b->counter.present)
		return a->counter.present;
	if (a->counter.left != b->counter.left)
		return a->counter.left > b->counter.left;
	if (a->counter.done != b->counter.done)
		return a->counter.done < b->counter.done;
	return a->place < b->place;
}

/* Does anything say which partition's file was booted? The loader's own name for it does, where
 * only one of the two has it. */
static bool is_ambiguous(const struct rung *have, const struct rung *entry, const char *booted_name)
{
	bool have_booted = strcasecmp(have->name, booted_name) == 0;
	bool entry_booted = strcasecmp(entry->name, booted_name) == 0;

	if (have_booted != entry_booted)
		return have_booted && have->ambiguous;
	return have->ambiguous || have->place != entry->place;
}

/* Makes one rung of two files with the same id. */
static void merge_twin(struct rung *have, const struct rung *entry, const char *booted_name)
{
	struct rung first = *have, second = *entry;
	bool same = strcasecmp(have->name, entry->name) == 0;

	if (counts_before(entry, have, booted_name)) {
		first = *entry;
		second = *have;
	}
	first.twin_plain = have->twin_plain || (first.counter.present && !second.counter.present);
	first.twin_counted = have->twin_counted || (!same && second.counter.present);
	first.ambiguous = is_ambiguous(have, entry, booted_name);
	first.twin_broken = second.broken && (!have->twin[0] || have->twin_broken);
	memcpy(first.twin, second.name, sizeof(first.twin));
	first.twin_place = second.place;
	*have = first;
}

static unsigned int count_role(const struct ladder *l, enum role role)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < l->n; i++)
		n += l->rung[i].role == role;
	return n;
}

static void insert_at(struct ladder *l, unsigned int at, const struct rung *entry)
{
	memmove(&l->rung[at + 1], &l->rung[at], (l->n - at) * sizeof(l->rung[0]));
	l->rung[at] = *entry;
	l->n++;
}

/* Makes room in a full role by giving up its last rung. */
static void drop_last(struct ladder *l, enum role role)
{
	unsigned int last = l->n;

	while (last > 0 && l->rung[last - 1].role != role)
		last--;
	memmove(&l->rung[last - 1], &l->rung[last], (l->n - last) * sizeof(l->rung[0]));
	l->n--;
	l->dropped = true;
}

void ladder_offer(struct ladder *l, const struct rung *entry, const char *booted_name)
{
	int twin = ladder_find(l, entry->id);
	unsigned int at = 0;

	/* A glob that is missing may read like the id of a file (`System=* active.conf`). */
	if (twin >= 0 && l->rung[twin].missing == entry->missing) {
		merge_twin(&l->rung[twin], entry, booted_name);
		return;
	}
	if (count_role(l, entry->role) == role_max[entry->role]) {
		for (unsigned int i = 0; i < l->n; i++)
			if (compare_rungs(entry, &l->rung[i]) < 0 && l->rung[i].role == entry->role)
				at = i + 1;
		if (at == 0) { /* it would be the last one itself */
			l->dropped = true;
			return;
		}
		drop_last(l, entry->role);
	}
	for (at = 0; at < l->n && compare_rungs(&l->rung[at], entry) <= 0;)
		at++;
	insert_at(l, at, entry);
}

static bool has_pattern(const struct ladder *l, enum role role, unsigned int pattern)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->rung[i].role == role && l->rung[i].pattern == pattern)
			return true;
	return false;
}

void ladder_finish(struct ladder *l, const struct config *c)
{
	for (unsigned int i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct rung gap = {.role = roles[i], .missing = true};
		struct slice rest = slice_of(globs_of(c, roles[i]));

		for (; next_glob(&rest, gap.id); gap.pattern++)
			if (!has_pattern(l, gap.role, gap.pattern) &&
			    count_role(l, gap.role) < role_max[gap.role])
				ladder_offer(l, &gap, "");
	}
}

int ladder_find(const struct ladder *l, const char *id)
{
	int missing = -1;

	for (unsigned int i = 0; i < l->n; i++) {
		if (strcasecmp(l->rung[i].id, id) != 0)
			continue;
		if (!l->rung[i].missing)
			return (int)i;
		if (missing < 0)
			missing = (int)i;
	}
	return missing;
}

int ladder_find_word(const struct ladder *l, struct slice word)
{
	for (unsigned int i = 0; i < l->n; i++) {
		const char *id = l->rung[i].id, *dot = strrchr(id, '.');
		struct slice stem = {id, dot ? (size_t)(dot - id) : 0};

		if (word.len > 0 && !l->rung[i].missing &&
		    (slice_is(word, id) ||
		     (stem.len == word.len && strncasecmp(stem.s, word.s, word.len) == 0)))
			return (int)i;
	}
	return -1;
}

enum rung_state ladder_state(const struct rung *r, const struct counter *now)
{
	if (r->missing)
		return RUNG_MISSING;
	if (r->broken)
		return RUNG_BROKEN;
	if (!now->present)
		return RUNG_GOOD;
	return now->left > 0 ? RUNG_ARMED : RUNG_EXHAUSTED;
}

unsigned int ladder_tries(const struct config *c, enum role role)
{
	switch (role) {
	case ROLE_RECOVERY:
		return (unsigned int)c->recovery_tries;
	case ROLE_RESET:
		return (unsigned int)c->reset_tries;
	default:
		return (unsigned int)c->tries;
	}
}

bool ladder_is_exhausted(const struct config *c, const struct rung *r, const struct counter *now)
{
	return now->present && now->left == 0 && now->done > (int)ladder_tries(c, r->role);
}

const char *role_name(enum role role)
{
	static const char *const names[] = {"system", "recovery", "reset"};

	return names[role];
}

const char *rung_state_name(enum rung_state state)
{
	static const char *const names[] = {"good", "armed", "exhausted", "missing", "broken"};

	return names[state];
}

const char *place_name(enum place place)
{
	return place == PLACE_XBOOTLDR ? "XBOOTLDR" : "the ESP";
}
