// SPDX-License-Identifier: LGPL-2.1-or-later
#include "refund.h"
#include "announce.h"
#include "check-note.h"
#include "doors/log.h"
#include "doors/service.h"
#include "explain.h"
#include "settle.h"
#include "verb.h"

#define LINE_SIZE (4 * NAME_SIZE)

/* Notes: the name that showed the counter of the booted entry before a sleep, "" = it had none; and
 * that this boot has given its try back. */
#define NOTE_SLEPT    "slept"
#define NOTE_REFUNDED "refunded"

static void tell(const struct machine *m, const struct request *q, const struct facts *f,
		 const struct plan *p, const char *why)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	explain_line(f, p, &t);
	text_str(&t, ": ");
	text_str(&t, why);
	announce(m, q, ANNOUNCE_REFUNDED, f, p, -1, line, why);
}

static enum status carry_out(struct machine *m, const struct request *q, struct facts *f,
			     const struct plan *p, const char *why)
{
	const struct facts before = *f; /* the line tells what was */

	if (p->reason != REASON_REFUNDED) {
		log_debug("refund: there is nothing to give back");
		return STATUS_DONE;
	}
	if (!q->dry_run && settle(m, f, p) != 0) {
		log_err("refund: this boot of \"%s\" counts as one that came to nothing",
			before.booted.id);
		return STATUS_REFUSED;
	}
	tell(m, q, &before, p, why);
	return STATUS_DONE;
}

/* Reads only, and waits for nobody: the machine is to sleep. */
static enum status note_sleep(struct machine *m, const struct request *q, struct text *out)
{
	struct request look = *q;
	char name[NAME_SIZE] = "";
	struct facts f;

	look.dry_run = true;
	if (!verb_begin(m, &look, EVENT_SHUTDOWN, &f))
		return STATUS_REFUSED;
	if (f.booted.known && f.booted.rung >= 0) {
		const struct rung *r = &f.ladder.rung[f.booted.rung];

		if (r->counter.present && counter_format(r->id, &r->counter, name) < 0)
			name[0] = '\0';
	}
	if (!q->dry_run)
		machine_set_note(m, NOTE_SLEPT, name);
	if (q->root || q->dry_run) {
		text_str(out, name[0] ? name : "nothing to remember");
		text_char(out, '\n');
	}
	return STATUS_DONE;
}

/* F6: the loader has counted the start of the kernel that only brought this one back. */
static enum status resume(struct machine *m, const struct request *q, struct text *out)
{
	struct counter slept = {.present = false};
	char name[NAME_SIZE];
	struct facts f;
	struct plan p;

	if (!machine_read_note(m, NOTE_SLEPT, name) || counter_parse(name, &slept) != 0) {
		log_debug("refund: there was no counter before the sleep");
		return STATUS_DONE;
	}
	if (!verb_begin(m, q, EVENT_SHUTDOWN, &f))
		return STATUS_REFUSED;
	if (!f.booted.known || !counter_same_id(name, f.booted.id)) {
		log_warning("refund: \"%s\" ran before the sleep, and the boot loader has started "
			    "something else: nothing is given back",
			    name);
		return STATUS_DONE;
	}
	refund_plan_resume(&f, &slept, &p);
	verb_show(&f, &p, q, out);
	if (!q->dry_run)
		machine_set_note(m, NOTE_SLEPT, "");
	return carry_out(m, q, &f, &p, "a resume from hibernation is no start of the system");
}

static void say_number(const struct config *c, const struct plan *p, struct text *t)
{
	text_str(t, "it ends in good order, and may be tried again; ");
	text_uint(t, p->record.refunds, 0);
	text_str(t, " of ");
	text_uint(t, c->refund_reboots, 0);
	text_str(t, " in a row");
}

static enum status shut_down(struct machine *m, const struct request *q, struct text *out)
{
	char check[NAME_SIZE], line[CHECK_LINE_MAX], why[LINE_SIZE];
	enum status status;
	struct facts f;
	struct plan p;
	struct text t;

	if (!verb_begin(m, q, EVENT_SHUTDOWN, &f))
		return STATUS_REFUSED;
	f.failed |= check_note_read(m, check, line);
	/* A boot gives back once, also where a soft-reboot has made it go on. */
	f.leaving |= machine_has_note(m, NOTE_REFUNDED);
	refund_plan(&f, &m->config, &p);
	verb_show(&f, &p, q, out);
	text_init(&t, why, sizeof(why));
	say_number(&m->config, &p, &t);
	status = carry_out(m, q, &f, &p, why);
	if (status == STATUS_DONE && p.reason == REASON_REFUNDED && !q->dry_run)
		machine_set_note(m, NOTE_REFUNDED, f.booted.id);
	return status;
}

enum status refund_run(struct machine *m, const struct request *q, struct text *out)
{
	/* A shutdown and a sleep wait for this. */
	if (m->config.esp_timeout_s > VERB_WAIT_MAX_S)
		m->config.esp_timeout_s = VERB_WAIT_MAX_S;
	if (q->sleep)
		return note_sleep(m, q, out);
	if (q->resumed)
		return resume(m, q, out);
	/* Each shutdown of a healthy device: nothing is asked, locked or mounted for it. */
	if (machine_has_note(m, "blessed")) {
		log_debug("refund: this boot was blessed, there is nothing to give back");
		return STATUS_DONE;
	}
	if (!q->dry_run && !q->root && !service_is_stopping()) {
		log_info("refund: the machine is not going down, nothing is given back");
		return STATUS_DONE;
	}
	return shut_down(m, q, out);
}
