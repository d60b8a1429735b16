// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "json.h"
#include "mirrors.h"
#include "say.h"

#define LINE_SIZE (2 * sizeof(((struct mirror_diff *)0)->what) + 2 * NAME_SIZE)

/* Opens it, and compares. An enum mirror_state, or negative errno; *ret is the caller's to close.
 */
static int look(const struct machine *m, const char *partuuid, const struct mirror_ask *ask,
		struct mirror *ret, struct mirror_diff *diff)
{
	int r = mirror_open(m, partuuid, ret);

	if (r == -ENODEV)
		return MIRROR_MISSING;
	if (r != 0)
		return r < 0 ? r : MIRROR_BOOTED;
	r = mirror_look(m, ret, ask, diff);
	if (r < 0)
		return r;
	return diff->n > 0 || diff->n_kept > 0 ? MIRROR_DIFFERS : MIRROR_SAME;
}

/* False if there is no further one. */
static bool look_at(const struct machine *m, struct mirror_status *s, unsigned int i)
{
	const struct mirror_ask ask = {.removed = NULL};
	struct mirror mirror = {.store.fd = -1};
	int r = mirror_partuuid(&m->config, i, s->partuuid);

	if (r > 0)
		return false;
	if (r < 0) {
		s->state = MIRROR_INVALID;
		return true;
	}
	r = look(m, s->partuuid, &ask, &mirror, &s->diff);
	s->state = r < 0 ? MIRROR_UNREADABLE : (enum mirror_state)r;
	s->error = r < 0 ? r : 0;
	mirror_close(&mirror);
	return true;
}

void mirrors_look(const struct machine *m, struct mirrors *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (m->store[PLACE_ESP].fd < 0)
		return;
	while (ret->n <= MIRRORS_MAX && look_at(m, &ret->mirror[ret->n], ret->n))
		ret->n++;
	ret->has_xbootldr = ret->n > 0 && m->store[PLACE_XBOOTLDR].fd >= 0;
}

const char *mirrors_state_name(enum mirror_state state)
{
	static const char *const names[] = {
		[MIRROR_SAME] = "same",
		[MIRROR_DIFFERS] = "differs",
		[MIRROR_BOOTED] = "booted",
		[MIRROR_MISSING] = "missing",
		[MIRROR_UNREADABLE] = "unreadable",
		[MIRROR_INVALID] = "invalid",
	};

	return names[state];
}

/* What was found, or written. */
static void tell(const char *partuuid, const struct mirror_diff *d, int r)
{
	if (r < 0)
		log_warning(
			"cannot bring the mirror \"%s\" of the ESP up to date: %s: %s; the next "
			"run goes on there",
			partuuid, d->failed[0] ? d->failed : "it cannot be read", strerror(-r));
	else if (d->n > 0)
		log_notice("the mirror \"%s\" follows the ESP: %s", partuuid, d->what);
	if (d->n_kept > 0)
		log_warning("the mirror \"%s\" does not follow where the ESP has what cannot boot: "
			    "%s",
			    partuuid, d->kept);
}

static void follow(const struct machine *m, const char *partuuid, const struct mirror_ask *ask)
{
	struct mirror mirror = {.store.fd = -1};
	struct mirror_diff diff = {0};
	int r = look(m, partuuid, ask, &mirror, &diff);

	if (r == MIRROR_MISSING)
		log_warning("the mirror \"%s\" of the ESP is not there: it stays as it is",
			    partuuid);
	if (mirror.store.fd >= 0 &&
	    (diff.n > 0 || r < 0)) /* what can be read follows all the same */
		r = mirror_sync(m, &mirror, ask, &diff);
	tell(partuuid, &diff, r);
	mirror_close(&mirror);
}

void mirrors_follow(const struct machine *m, const struct mirror_ask *ask)
{
	char partuuid[NAME_SIZE];
	int r;

	if (m->store[PLACE_ESP].fd < 0)
		return;
	for (unsigned int i = 0; (r = mirror_partuuid(&m->config, i, partuuid)) <= 0; i++) {
		if (r == 0)
			follow(m, partuuid, ask);
		else
			log_warning("MirrorESP=: \"%s\" is no PARTUUID, or more than %d are given, "
				    "ignoring",
				    partuuid, MIRRORS_MAX);
	}
}

static void say_state(const struct mirror_status *s, struct text *t)
{
	switch (s->state) {
	case MIRROR_DIFFERS:
		if (s->diff.n > 0)
			say(t, " differs: ", s->diff.what,
			    " (the next bless or rearm brings it up to date)");
		if (s->diff.n_kept > 0)
			say(t, s->diff.n > 0 ? ", and" : "",
			    " does not follow where the ESP has what cannot boot: ", s->diff.kept);
		return;
	case MIRROR_MISSING:
		text_str(t, " is not there");
		return;
	case MIRROR_UNREADABLE:
		say(t, " cannot be read: ", strerror(-s->error));
		return;
	default:
		say(t, " of MirrorESP= is no PARTUUID, or one too many");
	}
}

void mirrors_warn(const struct mirrors *s, void (*warn)(const char *sentence, struct text *t),
		  struct text *t)
{
	for (unsigned int i = 0; i < s->n; i++) {
		const struct mirror_status *one = &s->mirror[i];
		char line[LINE_SIZE];
		struct text sentence;

		if (one->state == MIRROR_SAME || one->state == MIRROR_BOOTED)
			continue;
		text_init(&sentence, line, sizeof(line));
		say(&sentence, "the mirror ", one->partuuid);
		say_state(one, &sentence);
		warn(line, t);
	}
	if (s->has_xbootldr)
		warn("the entries on XBOOTLDR are not mirrored: MirrorESP= is for those on the ESP",
		     t);
}

static void json_words(const char *words, struct text *t)
{
	struct slice rest = {words, strlen(words)}, word;
	char path[sizeof(((struct mirror_diff *)0)->what)];

	while (slice_word(&rest, &word))
		if (slice_copy(word, path, sizeof(path)) == 0)
			json_element(t, path);
}

static void json_paths(const struct mirror_diff *d, struct text *t)
{
	json_open(t, "differs", '[');
	json_words(d->what, t);
	json_words(d->kept, t);
	text_char(t, ']');
}

void mirrors_json(const struct mirrors *s, struct text *t)
{
	json_open(t, "mirrors", '[');
	for (unsigned int i = 0; i < s->n; i++) {
		json_open(t, NULL, '{');
		json_string(t, "partUUID", s->mirror[i].partuuid);
		json_string(t, "state", mirrors_state_name(s->mirror[i].state));
		json_paths(&s->mirror[i].diff, t);
		text_char(t, '}');
	}
	text_char(t, ']');
}
