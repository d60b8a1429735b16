// SPDX-License-Identifier: LGPL-2.1-or-later
#include "grub-starts.h"

#include <string.h>

#include "act.h"
#include "doors/log.h"
#include "history-note.h"
#include "loader.h"
#include "plan.h"

static void change_counter(struct machine *m, struct facts *f, enum op_type type, int rung,
			   struct counter to)
{
	struct plan p = {.verdict = VERDICT_PROCEED, .reason = REASON_EDITED, .target = -1};

	plan_add(&p, (struct op){.type = type, .rung = rung, .to = to});
	(void)act(m, f, &p);
}

/* The last start is this boot, which is counted with those before it, if nobody has done it. */
static void count_lost(struct machine *m, struct facts *f, const struct loader_starts *s)
{
	const struct rung *r = &f->ladder.rung[s->rung];
	unsigned int lost = s->n > 1 ? s->n - 1 : 0;
	unsigned int own = f->booted.counted || f->booted.counted_here ? 0 : 1;

	if (lost == 0)
		return;
	log_warning("starts of \"%s\" by GRUB, before this one, that did not come so far as its "
		    "initramfs: %u",
		    r->id, lost);
	if (r->counter.present && !r->missing && !r->ambiguous)
		change_counter(m, f, OP_COUNT, s->rung, counter_next(&r->counter, lost + own));
}

static void mark_dead(struct machine *m, struct facts *f, int rung)
{
	const struct rung *r = &f->ladder.rung[rung];
	char text[NAME_SIZE + 64];
	struct text t;

	if (r->missing || r->ambiguous || ladder_state(r, &r->counter) == RUNG_EXHAUSTED)
		return;
	log_err("GRUB passed \"%s\" over: it was started again and again, and did not come so far "
		"as its initramfs",
		r->id);
	change_counter(m, f, OP_MARK, rung, counter_bad());
	text_init(&t, text, sizeof(text));
	text_str(&t, "GRUB passed over ");
	text_str(&t, r->id);
	history_note(m, f, NULL, NULL, text);
}

static void forget(struct machine *m)
{
	int r = loader_forget_starts(m);

	if (r < 0)
		log_err("cannot forget in grubenv how often GRUB started its default: %s, so it "
			"may pass it over",
			strerror(-r));
}

void grub_starts_answer(struct machine *m, struct facts *f)
{
	struct loader_starts s;

	if (f->disabled || f->kexeced)
		return;
	loader_read_starts(m, &f->ladder, &s);
	if (!s.is_there)
		return;
	if (s.rung >= 0 && s.rung == f->booted.rung) {
		count_lost(m, f, &s);
		forget(m);
	} else if (!s.is_over) {
		forget(m);
	} else if (f->booted.known && s.rung >= 0) {
		mark_dead(m, f, s.rung);
	}
}
