// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "announce.h"
#include "doors/log.h"
#include "history-note.h"
#include "loader.h"
#include "pin-store.h"
#include "target.h"
#include "verb.h"

#define LINE_SIZE (4 * NAME_SIZE)

static void say(const struct machine *m, const struct request *q, const struct facts *f, int rung,
		const char *verb, const char *id, const char *what)
{
	const struct plan p = {.reason = REASON_EDITED, .target = -1};
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_str(&t, verb);
	text_str(&t, id);
	text_str(&t, what);
	announce(m, q, ANNOUNCE_PINNED, f, &p, rung, line, NULL);
}

static void remember(struct machine *m, const struct facts *f, const char *verb, const char *id)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_str(&t, verb);
	text_str(&t, id[0] ? " " : "");
	text_str(&t, id);
	history_note(m, f, NULL, NULL, line);
}

static bool may_be_pinned(const struct rung *r)
{
	enum rung_state state = ladder_state(r, &r->counter);

	if (state == RUNG_MISSING || state == RUNG_BROKEN) {
		log_err("refused: \"%s\" %s", r->id,
			state == RUNG_MISSING ? "has no boot entry"
					      : "cannot boot: its entry, its kernel or its initrd "
						"is not whole");
		return false;
	}
	if (state == RUNG_EXHAUSTED)
		log_warning("\"%s\" has no tries left, and is pinned all the same: it is booted "
			    "again and again, whether it works or not",
			    r->id);
	return true;
}

/* It would lead the next boot elsewhere. */
static int drop_oneshot(struct machine *m)
{
	int e = loader_delete_oneshot(m);

	if (e < 0)
		log_warning("cannot delete %s, which says what boots next: %s", m->loader->oneshot,
			    strerror(-e));
	return e;
}

/* The pin comes first: the loader alone would be overruled by the next bless. */
static enum status pin(struct machine *m, const struct request *q, const struct facts *f, int rung)
{
	const char *id = f->ladder.rung[rung].id;
	int r = pin_store_write(m, id);

	if (r < 0) {
		log_err("cannot write the pin: %s; nothing is changed", strerror(-r));
		return STATUS_REFUSED;
	}
	remember(m, f, "pin", id);
	if (!f->settings.known) {
		say(m, q, f, rung, "pin: ", id,
		    " is pinned; this boot loader cannot be told: see to it yourself that it "
		    "starts it");
		return STATUS_DONE;
	}
	r = loader_pin(m, &f->settings, &f->ladder.rung[rung]);
	if (r < 0) {
		log_err("\"%s\" is pinned, but the boot loader cannot be told to start it: %s", id,
			strerror(-r));
		return STATUS_REFUSED;
	}
	if (f->oneshot)
		(void)drop_oneshot(m);
	say(m, q, f, rung, "pin: ", id,
	    " is pinned: the boot loader starts it and nothing leaves it, until bootassess unpin");
	return STATUS_DONE;
}

enum status pin_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	int rung;

	(void)out;
	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	rung = target_find(&f, &m->config, q->id);
	if (rung < 0 || !may_be_pinned(&f.ladder.rung[rung]))
		return STATUS_REFUSED;
	if (!q->dry_run)
		return pin(m, q, &f, rung);
	say(m, q, &f, rung, "pin: would pin ", f.ladder.rung[rung].id, "");
	return STATUS_DONE;
}

/* One that a bless after a kexec has set, say. */
static bool has_oneshot_of_rung(const struct machine *m, const struct facts *f)
{
	char oneshot[NAME_SIZE];
	bool is_stale;

	loader_read_oneshot(m, &f->ladder, oneshot, &is_stale);
	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (oneshot[0] && counter_same_id(oneshot, f->ladder.rung[i].id))
			return true;
	return false;
}

/* The settings that name a rung: of one, or of each. 0; 1 if there was nothing; negative errno. */
static int release_loader(struct machine *m, const struct facts *f, int rung)
{
	int r, ret = 1;

	for (unsigned int i = 0; f->settings.known && i < f->ladder.n; i++) {
		if (rung >= 0 && rung != (int)i)
			continue;
		r = loader_release(m, &f->settings, &f->ladder.rung[i]);
		if (r < 0)
			return r;
		if (r == 0)
			ret = 0;
	}
	return ret;
}

/* What a pin wrote into loader.conf, where no variable could be written, is not taken out: what
 * stood there before is not known. */
static bool is_left_in_file(const struct machine *m, const struct facts *f, const char *id)
{
	struct sdboot_line line;

	if (f->settings.loader != LOADER_SDBOOT || !f->settings.known ||
	    !sdboot_find_line(m->efivars, m->store[PLACE_ESP].fd, &f->settings, id, &line))
		return false;
	log_err("the boot loader still selects \"%s\": line %u of \"loader/loader.conf\" on the "
		"ESP "
		"is \"%s %s\"; take it out",
		id, line.number, line.key, line.value);
	return true;
}

/* The loader comes first: a pin that is left is found again, and can be taken back again. */
static enum status unpin(struct machine *m, const struct request *q, const struct facts *f,
			 int rung)
{
	int r = release_loader(m, f, rung), e;

	if (r >= 0 && has_oneshot_of_rung(m, f))
		r = drop_oneshot(m);
	if (r < 0) {
		log_err("cannot take back what the boot loader was told: %s; nothing is unpinned",
			strerror(-r));
		return STATUS_REFUSED;
	}
	e = pin_store_write(m, NULL);
	if (e < 0) {
		log_err("cannot take the pin away: %s", strerror(-e));
		return STATUS_REFUSED;
	}
	if (e == 0 || r == 0)
		remember(m, f, "unpin", f->pin);
	if (f->pin[0])
		say(m, q, f, ladder_find(&f->ladder, f->pin), "unpin: ", f->pin,
		    " is not pinned any more");
	else if (e == 0)
		say(m, q, f, rung, "unpin: ", "", "a pin of no rung is taken away");
	else if (r == 0)
		say(m, q, f, rung, "unpin: ", "",
		    "nothing was pinned; the boot loader is not told any more what to start");
	else
		log_notice("unpin: nothing is pinned");
	if (f->pin[0] && is_left_in_file(m, f, f->pin))
		return STATUS_REFUSED;
	return STATUS_DONE;
}

enum status unpin_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	int rung = -1;

	(void)out;
	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	if (q->id)
		rung = target_find(&f, &m->config, q->id);
	if (q->id && rung < 0)
		return STATUS_REFUSED;
	if (rung >= 0 && f.pin[0] && strcmp(f.pin, f.ladder.rung[rung].id) != 0) {
		log_err("refused: \"%s\" is pinned, not \"%s\"", f.pin, f.ladder.rung[rung].id);
		return STATUS_REFUSED;
	}
	if (!q->dry_run)
		return unpin(m, q, &f, rung);
	log_notice("unpin: would unpin %s", f.pin[0] ? f.pin : "nothing");
	return STATUS_DONE;
}
