// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "activate.h"
#include "announce.h"
#include "decide.h"
#include "doors/log.h"
#include "explain.h"
#include "history-note.h"
#include "json.h"
#include "loader.h"
#include "nvram.h"
#include "past.h"
#include "restart.h"
#include "switch.h"
#include "target.h"
#include "verb.h"

#define LINE_SIZE (4 * NAME_SIZE)

static bool has_tries(const struct rung *r, bool force)
{
	if (ladder_state(r, &r->counter) != RUNG_EXHAUSTED)
		return true;
	if (force) {
		log_warning("\"%s\" has no tries left, and is booted all the same", r->id);
		return true;
	}
	log_err("refused: \"%s\" has no tries left; bootassess rearm %s gives it some, --force "
		"boots it once without",
		r->id, r->id);
	return false;
}

static bool is_fit(const struct rung *r, bool force)
{
	enum rung_state state = ladder_state(r, &r->counter);

	if (state == RUNG_MISSING)
		log_err("refused: \"%s\" has no boot entry", r->id);
	else if (state == RUNG_BROKEN)
		log_err("refused: \"%s\" cannot boot: its entry, its kernel or its initrd is not "
			"whole",
			r->id);
	else
		return has_tries(r, force);
	return false;
}

/* Nothing else has the say about the next boot. */
static bool is_free(const struct facts *f, const struct rung *r)
{
	if (f->pin[0] && strcmp(f->pin, r->id) != 0)
		log_err("refused: \"%s\" is pinned; bootassess unpin comes first", f->pin);
	else if (f->record.state == RECORD_OPEN && !counter_same_id(f->record.target, r->id))
		log_err("refused: a switch to \"%s\" is under way, which the next boot goes on "
			"with",
			f->record.target);
	else
		return true;
	return false;
}

/* A kexec needs no loader. */
static bool can_tell(const struct request *q, const struct activation *a, const struct rung *r)
{
	if (a->how != ACTIVATE_NONE || q->kexec)
		return true;
	log_err("refused: this boot loader cannot be told to start \"%s\": it is none that is "
		"known, "
		"or it does not say so; --kexec goes there without it",
		r->id);
	return false;
}

static const char *what_it_does(const struct activation *a)
{
	switch (a->how) {
	case ACTIVATE_ALREADY:
		return a->drops_oneshot ? " is the next one: LoaderEntryOneShot named another entry"
					: " is the next one already";
	case ACTIVATE_PREFER:
		return " is the next one: the boot loader's settings select it";
	case ACTIVATE_ONESHOT:
		return a->lasts ? " is the next one, once: the bless of its boot makes that last"
				: " is the next one, once: after that the boot loader chooses by "
				  "itself";
	default:
		return "";
	}
}

static void say(const struct machine *m, const struct request *q, const struct facts *f, int rung,
		const struct activation *a)
{
	const struct plan p = {.reason = REASON_EDITED, .target = -1};
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_str(&t, q->dry_run ? "activate (dry run): " : "activate: ");
	text_str(&t, f->ladder.rung[rung].id);
	text_str(&t, what_it_does(a));
	announce(m, q, ANNOUNCE_ACTIVATED, f, &p, rung, line, NULL);
}

static void show_json(const struct facts *f, int rung, const struct activation *a, struct text *out)
{
	text_init(out, out->buf, out->size);
	text_char(out, '{');
	json_string(out, "id", f->ladder.rung[rung].id);
	json_string(out, "how", activate_name(a->how));
	json_string(out, "anchor", a->anchor >= 0 ? f->ladder.rung[a->anchor].id : NULL);
	json_bool(out, "lasts", a->lasts);
	text_str(out, "}\n");
}

static void remember(struct machine *m, const struct facts *f, int rung)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_str(&t, "activate ");
	text_str(&t, f->ladder.rung[rung].id);
	history_note(m, f, NULL, NULL, line);
}

/* The anchor comes first: it changes nothing of what is started, so that a power cut after it is
 * none. */
static int tell_once(struct machine *m, const struct request *q, const struct facts *f, int rung,
		     const struct activation *a)
{
	const struct rung *r = &f->ladder.rung[rung];
	int e = 0;

	if (a->anchor >= 0)
		e = loader_prefer(m, &f->settings, &f->ladder.rung[a->anchor]);
	/* efibc.ko would write over it: the bless after a kexec does the rest. */
	return e < 0 || q->kexec ? e : loader_set_oneshot(m, r);
}

/* A one-shot of before goes last: until then the loader does what it would have done. */
static int tell_loader(struct machine *m, const struct request *q, const struct facts *f, int rung,
		       const struct activation *a)
{
	int e = 0;

	if (a->how == ACTIVATE_ONESHOT)
		e = tell_once(m, q, f, rung, a);
	else if (a->how == ACTIVATE_PREFER)
		e = loader_prefer(m, &f->settings, &f->ladder.rung[rung]);
	if (e >= 0 && a->drops_oneshot && !q->kexec)
		e = loader_delete_oneshot(m);
	if (e < 0)
		log_err("cannot tell the boot loader to start \"%s\": %s", f->ladder.rung[rung].id,
			strerror(-e));
	return e;
}

/* What was said decides where that leads: no record, as after a restart by somebody else. */
static enum status restart(struct machine *m, const struct request *q, struct facts *f, int rung,
			   struct text *out)
{
	struct plan p = {.verdict = VERDICT_SWITCH,
			 .reason = REASON_REQUESTED,
			 .target = rung,
			 .method = METHOD_FIRMWARE,
			 .record = f->record};
	int e;

	f->event = EVENT_SWITCH;
	if (f->booted.rung >= 0)
		p.counter = f->ladder.rung[f->booted.rung].counter;
	plan_add(&p, (struct op){.type = OP_REBOOT});
	restart_tell(m, q, ANNOUNCE_SWITCHED, f, &p, "activate --now", out);
	if (q->dry_run)
		return STATUS_DONE;
	m->why = "activate --now";
	e = restart_act(m, f, &p);
	m->why = NULL;
	if (e < 0)
		log_err("cannot restart the machine: %s; its next restart leads to \"%s\"",
			strerror(-e), f->ladder.rung[rung].id);
	return e == 0 ? STATUS_DONE : STATUS_REFUSED;
}

/* With what is known before anything is changed. */
static bool can_kexec(const struct machine *m, struct facts *f, int rung)
{
	struct plan p;

	f->event = EVENT_SWITCH;
	decide_switch(f, &m->config, rung, &p);
	f->event = EVENT_EDIT;
	return p.verdict == VERDICT_SWITCH;
}

static enum status leave_by_kexec(struct machine *m, const struct request *q, struct facts *f,
				  int rung, struct text *out)
{
	f->event = EVENT_SWITCH;
	return switch_to(m, q, f, rung, "activate --kexec", out);
}

static enum status activate(struct machine *m, const struct request *q, struct facts *f, int rung,
			    const struct activation *a, struct text *out)
{
	bool is_change = a->how > ACTIVATE_ALREADY || a->drops_oneshot;

	if (!q->dry_run && tell_loader(m, q, f, rung, a) < 0)
		return STATUS_REFUSED;
	if (!q->dry_run && !q->kexec) /* also where nothing was to be said: a bless would move it */
		machine_set_note(m, NOTE_ACTIVATED, f->ladder.rung[rung].id);
	if (!q->kexec || a->how == ACTIVATE_PREFER)
		say(m, q, f, rung, a);
	if (q->kexec)
		return leave_by_kexec(m, q, f, rung, out);
	if (q->now)
		return restart(m, q, f, rung, out);
	if (!q->dry_run && is_change)
		remember(m, f, rung);
	if (q->json)
		show_json(f, rung, a, out);
	return STATUS_DONE;
}

static void make_plan(struct machine *m, const struct facts *f, int rung, struct activation *ret)
{
	char oneshot[NAME_SIZE];
	bool is_stale;

	loader_read_oneshot(m, &f->ladder, oneshot, &is_stale);
	activate_plan(f, oneshot, rung, ret);
}

/* Only when nothing can be refused any more. What was missing may change what is to be said. */
static void repair_options(struct machine *m, const struct request *q, struct facts *f, int rung,
			   struct activation *a)
{
	if (q->dry_run || nvram_repair(m, f, f->booted.rung, false, NULL) != 0)
		return;
	loader_read_settings(m, &f->ladder, &f->settings);
	make_plan(m, f, rung, a);
}

enum status activate_run(struct machine *m, const struct request *q, struct text *out)
{
	struct activation a;
	struct facts f;
	int rung;

	if (!q->kexec)
		m->config.methods = METHOD_FIRMWARE; /* a plain restart */
	if (q->now || q->kexec)
		restart_prepare(m, q, RESTART_ASK);
	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	rung = target_find(&f, &m->config, q->id);
	if (rung < 0 || !is_fit(&f.ladder.rung[rung], q->force) ||
	    !is_free(&f, &f.ladder.rung[rung]))
		return STATUS_REFUSED;
	make_plan(m, &f, rung, &a);
	if (q->kexec && !can_kexec(m, &f, rung)) /* it says why */
		return leave_by_kexec(m, q, &f, rung, out);
	if (!can_tell(q, &a, &f.ladder.rung[rung]))
		return STATUS_REFUSED;
	repair_options(m, q, &f, rung, &a);
	return activate(m, q, &f, rung, &a, out);
}
