// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bless.h"
#include "announce.h"
#include "doors/log.h"
#include "explain.h"
#include "factory.h"
#include "fallback-copy.h"
#include "history-note.h"
#include "loader.h"
#include "nvram.h"
#include "obstacle.h"
#include "past.h"
#include "settle.h"
#include "verb.h"

#define LINE_SIZE (8 * NAME_SIZE)

/* An install may hold the lock for long, and a good boot is not to be lost for that. The unit has
 * 5 min. */
#define LOCK_WAIT_S 200

/* A note: this boot was blessed, as a whole. */
#define NOTE_BLESSED "blessed"

/* What was decided, and what is to be said about it. */
static enum status say(const struct machine *m, const struct request *q, const struct facts *f,
		       const struct plan *p, enum announcement what, const char *more)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	explain_line(f, p, &t);
	if (more) {
		text_str(&t, ": ");
		text_str(&t, more);
	}
	announce(m, q, what, f, p, -1, line, more);
	return what == ANNOUNCE_REFUSED ? STATUS_REFUSED : STATUS_DONE;
}

/* A restart of the unit, or a soft-reboot: what a person has changed since is not overruled, but
 * one that gave the boot up after its bless is heard. */
static bool is_done_already(const struct machine *m)
{
	return machine_has_note(m, NOTE_BLESSED) && !machine_has_note(m, event_name(EVENT_FAIL));
}

/* Nothing is written. The boot entries are read only for one who wants to see them. */
static enum status say_done_already(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f = {.event = EVENT_BLESS, .booted.rung = -1};
	struct plan p = {.reason = REASON_GOOD, .target = -1};

	f.booted.known = machine_read_note(m, NOTE_BLESSED, f.booted.id);
	m->config.esp_timeout_s = 0; /* it was there */
	if (q->json && !verb_begin(m, q, EVENT_BLESS, &f))
		return STATUS_REFUSED;
	p.against = f.against;
	p.record = f.record;
	if (f.booted.rung >= 0)
		p.counter = f.ladder.rung[f.booted.rung].counter;
	if (q->json)
		verb_show(&f, &p, q, out);
	return say(m, q, &f, &p, ANNOUNCE_BLESSED, "blessed already in this boot");
}

/* Why there is nothing that could be blessed; NULL if there is. */
static const char *find_nothing(const struct facts *f, const struct plan *p)
{
	switch (p->reason) {
	case REASON_DISABLED:
		return "bootassess=0 is on the kernel command line, or this is a crash kernel: "
		       "nothing is blessed";
	case REASON_NO_LADDER:
		return "there is no boot entry for any rung: nothing is blessed";
	case REASON_FOREIGN_ENTRY:
		return "it is on no rung of the ladder: nothing is blessed";
	case REASON_BUDGET:
		return f->ladder.rung[f->booted.rung].role == ROLE_RESET
			       ? "reset gets its tries back when a system slot is blessed"
			       : "recovery gets its tries back when a system slot is blessed";
	default:
		return NULL;
	}
}

/* The decision is one that a bless cannot go on with. */
static bool is_refused(const struct facts *f, const struct plan *p)
{
	return p->reason == REASON_REFUSED || p->reason == REASON_UNKNOWN_ENTRY ||
	       (p->reason == REASON_NO_LADDER && verb_is_blind(f));
}

static enum status refuse(const struct machine *m, const struct request *q, const struct facts *f,
			  const struct plan *p)
{
	char why[LINE_SIZE];
	struct text t;

	text_init(&t, why, sizeof(why));
	if (p->reason == REASON_REFUSED)
		obstacle_text(m, f, p, &t);
	else if (verb_is_blind(f))
		text_str(&t, "the boot entries cannot be read: nothing is blessed");
	else
		text_str(&t, "which boot entry runs is not known: nothing is blessed");
	return say(m, q, f, p, ANNOUNCE_REFUSED, why);
}

/* A request for a factory reset that systemd never took would wipe a slot that is well, maybe after
 * an update. Before the bless forgets that there was one. */
static void withdraw_reset(const struct machine *m, const struct facts *f, const struct plan *p)
{
	if (!find_nothing(f, p) && (f->record.resets > 0 || f->record_damaged))
		factory_withdraw(m);
}

static enum status bless(struct machine *m, const struct request *q, struct facts *f,
			 const struct plan *p)
{
	const struct facts before = *f; /* the line tells what was, as the plan was made */
	struct plan refused = *p;
	/* The loader may start another entry, and the plan knew nothing of that: once more. */
	const char *note = f->settings.unread ? NOTE_HALF_BLESSED : NOTE_BLESSED;
	int r;

	withdraw_reset(m, f, p);
	r = settle(m, f, p);
	refused.reason = REASON_REFUSED;
	if (r != 0)
		return say(m, q, &before, &refused, ANNOUNCE_REFUSED,
			   "it could not be written, or not for certain");
	/* The slot itself is blessed, whatever was left undone beside it. */
	if (!find_nothing(f, p))
		history_note_bless(m, &before, p);
	if (f->incomplete) {
		machine_set_note(m, NOTE_HALF_BLESSED, f->booted.id);
		return say(m, q, &before, p, ANNOUNCE_REFUSED, "not all of it could be written");
	}
	if (!find_nothing(f, p)) {
		fallback_copy(m, f);
		machine_set_note(m, note, f->booted.id);
	}
	return say(m, q, &before, p, ANNOUNCE_BLESSED, find_nothing(f, p));
}

/* Before the plan: it may be that BootOrder is to name an option that is made here. A failure is
 * told, and the bless goes on. */
static void repair_options(struct machine *m, struct facts *f, struct plan *p)
{
	if (is_refused(f, p) || find_nothing(f, p) ||
	    nvram_repair(m, f, f->booted.rung, false, NULL) != 0)
		return;
	loader_read_settings(m, &f->ladder, &f->settings);
	bless_plan(f, &m->config, p);
}

enum status bless_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	struct plan p;

	if (!q->dry_run)
		machine_set_note(m, NOTE_BLESSING, "");
	m->lock_wait_s = LOCK_WAIT_S;
	if (!q->dry_run && !verb_lock(m))
		return STATUS_REFUSED;
	if (is_done_already(m))
		return say_done_already(m, q, out);
	if (!verb_begin(m, q, EVENT_BLESS, &f))
		return STATUS_REFUSED;
	bless_plan(&f, &m->config, &p);
	if (!q->dry_run)
		repair_options(m, &f, &p);
	verb_show(&f, &p, q, out);
	if (is_refused(&f, &p))
		return refuse(m, q, &f, &p);
	if (q->dry_run)
		return say(m, q, &f, &p, ANNOUNCE_BLESSED, find_nothing(&f, &p));
	return bless(m, q, &f, &p);
}
