// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/log.h"
#include "sim.h"

#define LIST_SIZE 700 /* of what a line of the log holds */

static struct slice cut_at(struct slice *s, const char *at)
{
	struct slice after = {at + 1, s->len - (size_t)(at + 1 - s->s)};

	s->len = (size_t)(at - s->s);
	return after;
}

static const char *find_last(struct slice s, char c)
{
	return s.len > 0 ? memrchr(s.s, c, s.len) : NULL;
}

/* Takes `=HOW` and `@N` off the end of an item. False if they are not understood: that is logged.
 */
static bool take_fate(struct slice *item, struct sim_fate *ret)
{
	const struct slice whole = *item;
	unsigned long from = 1;
	const char *at;

	*ret = (struct sim_fate){OUTCOME_PANIC, 1};
	at = find_last(*item, '@');
	if (at && (slice_uint(cut_at(item, at), SIM_BOOTS_MAX, &from) < 0 || from == 0)) {
		log_err("--fail=: what follows `@` in \"%.*s\" is the number of a boot, 1 to %d",
			(int)whole.len, whole.s, SIM_BOOTS_MAX);
		return false;
	}
	ret->from = (unsigned int)from;
	at = find_last(*item, '=');
	if (at)
		ret->how = outcome_find(cut_at(item, at));
	if (ret->how != OUTCOMES && ret->how != OUTCOME_HEALTHY)
		return true;
	log_err("--fail=: what follows `=` in \"%.*s\" is panic, no-root, hang or fail",
		(int)whole.len, whole.s);
	return false;
}

static void refuse_id(const struct ladder *l, struct slice id)
{
	char list[LIST_SIZE];
	struct text t;

	text_init(&t, list, sizeof(list));
	for (unsigned int i = 0; i < l->n; i++) {
		if (l->rung[i].missing)
			continue;
		text_char(&t, ' ');
		text_str(&t, l->rung[i].id);
	}
	log_err("--fail=: \"%.*s\" is on no rung of the ladder, which has:%s", (int)id.len, id.s,
		list);
}

static bool parse_item(const struct sim *s, struct slice item, struct sim_fate *fate)
{
	const struct ladder *l = &s->device.ladder;
	struct sim_fate one = {OUTCOME_PANIC, 1};
	int rung = ladder_find_word(l, item);

	/* `=` and `@` may be part of a name. */
	if (rung < 0 && !take_fate(&item, &one))
		return false;
	if (slice_is(item, "all")) {
		for (unsigned int i = 0; i < l->n; i++)
			fate[i] = one;
		return true;
	}
	if (rung < 0)
		rung = ladder_find_word(l, item);
	if (rung < 0 || l->rung[rung].missing) {
		refuse_id(l, item);
		return false;
	}
	fate[rung] = one;
	return true;
}

bool sim_parse_fail(const struct sim *s, const char *words, struct sim_fate *fate)
{
	struct slice rest = {words ? words : "", words ? strlen(words) : 0}, item;
	const char *comma;

	while (rest.len > 0) {
		item = rest;
		comma = memchr(rest.s, ',', rest.len);
		rest = comma ? cut_at(&item, comma) : (struct slice){NULL, 0};
		if (!parse_item(s, item, fate))
			return false;
	}
	return true;
}
