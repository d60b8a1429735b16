// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doors/log.h"
#include "json.h"
#include "observe.h"
#include "overwrite.h"
#include "target.h"
#include "verb.h"

static void answer(const struct request *q, const char *id, bool may, const char *name,
		   const char *sentence, struct text *out)
{
	if (q->json) {
		text_char(out, '{');
		json_string(out, "id", id);
		json_bool(out, "canOverwrite", may);
		json_string(out, "reason", may ? NULL : name);
		text_str(out, "}\n");
		return;
	}
	text_str(out, may ? "yes" : "no: ");
	if (!may) {
		text_str(out, name);
		text_str(out, ": ");
		text_str(out, sentence);
	}
	text_char(out, '\n');
}

/* Only looks, so it needs no lock: what it says is true of the moment in which it was asked. */
enum status can_overwrite_run(struct machine *m, const struct request *q, struct text *out)
{
	enum overwrite o = OVERWRITE_UNKNOWN;
	const char *id = q->id;
	struct facts f;
	int rung;

	m->cmdline.disabled = false; /* a slot is no freer with bootassess=0 */
	m->config.esp_timeout_s = 0;
	machine_reach(m);
	observe(m, EVENT_EDIT, &f);
	if (!verb_is_blind(&f) && !f.disabled) {
		rung = target_find(&f, &m->config, q->id);
		if (rung < 0) {
			answer(q, id, false, "no-rung", "it is on no rung of the ladder", out);
			return STATUS_REFUSED;
		}
		id = f.ladder.rung[rung].id;
		o = overwrite_check(&f, rung);
	}
	answer(q, id, o == OVERWRITE_YES, overwrite_name(o), overwrite_sentence(o), out);
	return o == OVERWRITE_YES ? STATUS_DONE : STATUS_REFUSED;
}
