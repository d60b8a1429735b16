// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "announce.h"
#include "doors/log.h"
#include "history-note.h"
#include "install.h"
#include "json.h"
#include "say.h"
#include "target.h"
#include "verb.h"

#define LINE_SIZE (4 * NAME_SIZE)

static void remember(struct machine *m, const struct facts *f, const char *id)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	say(&t, "remove ", id);
	history_note(m, f, NULL, NULL, line);
}

static void tell(const struct machine *m, const struct request *q, const struct facts *f, int rung,
		 const char *id, struct text *out)
{
	const struct plan p = {.reason = REASON_EDITED, .target = -1};
	char line[LINE_SIZE];
	struct text t;

	if (q->json) {
		text_char(out, '{');
		json_string(out, "verb", "remove");
		json_string(out, "id", id);
		json_bool(out, "dryRun", q->dry_run);
		text_str(out, "}\n");
	}
	text_init(&t, line, sizeof(line));
	say(&t, "remove: \"", id, q->dry_run ? "\" would be removed" : "\" is removed");
	if (rung >= 0)
		announce(m, q, ANNOUNCE_EDITED, f, &p, rung, line, NULL);
	else
		log_notice("%s", line);
}

/* 1 = it was one that a power cut left disabled, 0 = it is none, negative: refused. */
static int remove_disabled(struct machine *m, const struct request *q, const struct facts *f,
			   struct text *out)
{
	int rung = q->id ? ladder_find_word(&f->ladder, (struct slice){q->id, strlen(q->id)}) : -1;
	char why[LINE_SIZE] = "", id[NAME_SIZE];
	int r;

	if (!q->id || (rung >= 0 && !f->ladder.rung[rung].missing))
		return 0;
	r = install_remove_disabled(m, q->id, q->dry_run, id, why, sizeof(why));
	if (r < 0)
		log_err("remove: refused: %s", why);
	if (r <= 0)
		return r;
	if (!q->dry_run)
		remember(m, f, id);
	tell(m, q, f, -1, id, out);
	return 1;
}

enum status remove_run(struct machine *m, const struct request *q, struct text *out)
{
	char why[LINE_SIZE] = "";
	struct facts f;
	int rung, r;

	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	r = remove_disabled(m, q, &f, out);
	if (r != 0)
		return r < 0 ? STATUS_REFUSED : STATUS_DONE;
	rung = target_find(&f, &m->config, q->id);
	if (rung < 0)
		return STATUS_REFUSED;
	if (install_remove(m, &f, rung, q->force, q->dry_run, why, sizeof(why)) < 0) {
		log_err("remove: refused: %s", why);
		return STATUS_REFUSED;
	}
	if (!q->dry_run)
		remember(m, &f, f.ladder.rung[rung].id);
	tell(m, q, &f, rung, f.ladder.rung[rung].id, out);
	return STATUS_DONE;
}
