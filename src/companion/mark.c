// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "counters.h"
#include "doors/log.h"
#include "target.h"

/* The rung that is meant: the booted one where none is named. -1, and logged, if there is none. */
static int find_rung(const struct machine *m, const struct request *q, const struct facts *f)
{
	if (q->id)
		return target_find(f, &m->config, q->id);
	if (f->booted.rung < 0 && f->booted.known)
		log_err("refused: \"%s\" runs, which is on no rung of the ladder; name an entry",
			f->booted.id);
	else if (f->booted.rung < 0)
		log_err("refused: which boot entry runs is not known; name it");
	return f->booted.rung;
}

/* A mark may leave recovery alone. */
static void warn_nothing_left(const struct facts *f)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];
		enum rung_state state = ladder_state(r, &r->counter);

		if (r->role == ROLE_SYSTEM && (state == RUNG_GOOD || state == RUNG_ARMED))
			return;
	}
	log_warning("no system slot is left that can boot; bootassess rearm gives them their tries "
		    "again");
}

enum status mark_run(struct machine *m, const struct request *q, struct text *out)
{
	bool is_good = strcmp(q->word, "good") == 0;
	enum status status;
	struct facts f;
	int rung;

	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	rung = find_rung(m, q, &f);
	if (rung < 0)
		return STATUS_REFUSED;
	status = counters_change(m, q, &f, is_good ? EDIT_GOOD : EDIT_BAD, 1u << rung, out);
	if (is_good || status != STATUS_DONE || q->dry_run)
		return status;
	if (rung == f.booted.rung) /* a health check says so: no bless overrules it */
		machine_set_note(m, event_name(EVENT_FAIL), "mark bad\n");
	warn_nothing_left(&f);
	return status;
}
