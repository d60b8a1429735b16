// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "decide.h"
#include "doors/log.h"
#include "target.h"

#define LIST_SIZE 700 /* of what a line of the log holds */

static int find_next(const struct facts *f, const struct config *c)
{
	struct config any_method = *c;
	struct facts fit = *f;
	struct plan p;

	any_method.methods = METHOD_KEXEC | METHOD_FIRMWARE;
	fit.unfit = fit.against = 0;
	decide_switch(&fit, &any_method, -1, &p);
	return p.target;
}

static void warn_unknown(const struct facts *f, const char *id)
{
	char list[LIST_SIZE];
	struct text t;

	text_init(&t, list, sizeof(list));
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		text_char(&t, ' ');
		text_str(&t, f->ladder.rung[i].id);
	}
	log_err("\"%s\" is on no rung of the ladder, which has:%s", id,
		list[0] ? list : " no rung that can be read");
}

int target_find(const struct facts *f, const struct config *c, const char *id)
{
	int i;

	if (!id)
		return find_next(f, c);
	i = ladder_find_word(&f->ladder, (struct slice){id, strlen(id)});
	if (i < 0) /* the pattern of a missing one */
		i = ladder_find(&f->ladder, id);
	if (i < 0)
		warn_unknown(f, id);
	return i;
}

static void refuse_state(const struct rung *r, struct text *t)
{
	enum rung_state state = ladder_state(r, &r->counter);

	text_str(t, r->id);
	text_str(t, " is ");
	text_str(t, rung_state_name(state));
	if (state == RUNG_EXHAUSTED)
		text_str(t, ": all its tries are used up; bootassess rearm gives it new ones");
	else if (state == RUNG_MISSING)
		text_str(t, ": no boot entry matches");
	else if (state == RUNG_BROKEN)
		text_str(t, ": its entry, its kernel or its initrd is not whole");
}

/* Each method says why not. */
static void refuse_methods(const struct facts *f, const struct plan *p, const struct rung *r,
			   unsigned long methods, struct text *t)
{
	text_str(t, "no method is left for ");
	text_str(t, r->id);
	if (f->record_unwritable) {
		text_str(t, ": the record cannot be written");
		return;
	}
	if (methods & METHOD_KEXEC) {
		text_str(t, "; no kexec:");
		for (unsigned int i = 0; i < AGAINST_BITS; i++) {
			if (!(p->against & 1u << i))
				continue;
			text_char(t, ' ');
			text_str(t, against_name(1u << i));
		}
		if (r->ambiguous)
			text_str(t, " it lies on both partitions");
	}
	if (methods & METHOD_FIRMWARE)
		text_str(t, "; no firmware: the boot loader has no one-shot that can be set");
}

bool target_can_boot(const struct facts *f, int target)
{
	const struct rung *r = &f->ladder.rung[target];
	enum rung_state state = ladder_state(r, &r->counter);

	return target != f->booted.rung && (state == RUNG_GOOD || state == RUNG_ARMED);
}

void target_refusal(const struct facts *f, const struct plan *p, int target, unsigned long methods,
		    struct text *t)
{
	const struct rung *r;

	if (f->disabled) {
		text_str(t,
			 "bootassess=0 is on the kernel command line, or this is a crash kernel");
		return;
	}
	if (target < 0) {
		text_str(t, f->blind ? "the boot entries cannot be read"
				     : "there is no rung to go on to");
		if (f->booted.known) {
			text_str(t, " after ");
			text_str(t, f->booted.id);
		}
		return;
	}
	r = &f->ladder.rung[target];
	if (target == f->booted.rung) {
		text_str(t, r->id);
		text_str(t, " is booted already");
	} else if (!target_can_boot(f, target)) {
		refuse_state(r, t);
	} else {
		refuse_methods(f, p, r, methods, t);
	}
}
