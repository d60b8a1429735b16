// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "prose.h"
#include "rungs.h"
#include "say.h"

#define ON_NO_RUNG ", which is on no rung"

static void text_number(struct text *t, long value, const char *one, const char *many)
{
	text_uint(t, (unsigned long)value, 0);
	say(t, " ", value == 1 ? one : many);
}

static void text_span(struct text *t, unsigned long seconds)
{
	bool is_hours = seconds >= 3600 && seconds % 3600 == 0;
	bool is_minutes = seconds > 60 && seconds % 60 == 0;

	text_uint(t, is_hours ? seconds / 3600 : is_minutes ? seconds / 60 : seconds, 0);
	text_str(t, is_hours ? " h" : is_minutes ? " min" : " s");
}

void prose_counter(const struct counter *c, struct text *t)
{
	if (c->left > 0)
		text_number(t, c->left, "try left", "tries left");
	else
		text_str(t, "no tries left");
	text_str(t, ", ");
	text_uint(t, (unsigned long)c->done, 0);
	text_str(t, " done");
}

void prose_counted(const struct report *r, struct text *t)
{
	const struct facts *f = &r->facts;

	if (f->booted.counted)
		text_str(t, f->kexeced ? "charged before the kexec" : "by the boot loader");
	else if (f->booted.counted_here && !r->is_blessed)
		text_str(t, "by bootassess");
}

static void standing_of_counter(const struct report *r, const struct rung *rung, struct text *t)
{
	const struct counter *c = &rung->counter;

	if (!c->present)
		text_str(t, "good: it proved itself before");
	else if (rung->role != ROLE_SYSTEM)
		text_str(t, "on its budget, which the bless of a system slot refills");
	else if (c->left > 0)
		text_str(t, "on probation: not blessed yet");
	else if (!ladder_is_exhausted(&r->m->config, rung, c))
		text_str(t, "on its last try: not blessed yet");
	else
		text_str(t, "exhausted, and not blessed yet");
}

void prose_standing(const struct report *r, struct text *t)
{
	const struct rung *rung = report_booted(r);

	if (r->facts.failed)
		text_str(t, "given up in this boot");
	else if (rung->missing)
		text_str(t, r->facts.blind ? "its file cannot be read" : "its file is not there");
	else if (r->is_blessed && rung->counter.present)
		text_str(t, "blessed in this boot; has tries until the next bless");
	else if (r->is_blessed)
		text_str(t, "blessed in this boot");
	else
		standing_of_counter(r, rung, t);
}

void prose_above(const struct report *r, struct text *t)
{
	for (int i = 0; i < r->facts.booted.rung; i++) {
		const struct rung *rung = &r->facts.ladder.rung[i];

		say(t, i > 0 ? ", " : "", rung->id, " ",
		    rung_state_name(ladder_state(rung, &rung->counter)));
	}
}

/* What the reason of an assess event means. */
static const struct {
	enum reason reason;
	const char *sentence;
} sentences[] = {
	{REASON_DISABLED, "bootassess=0 was on the command line, or this is a crash kernel"},
	{REASON_NO_LADDER, "no boot entry matches System=, Recovery= or Reset="},
	{REASON_UNKNOWN_ENTRY, "it could not tell which entry was booted"},
	{REASON_FOREIGN_ENTRY, "the booted entry is on no rung"},
	{REASON_PINNED, "the booted entry is pinned: its tries do not count"},
	{REASON_KEXEC_LOST, "a kexec had not arrived"},
	{REASON_NOT_REACHED, "a switch had not arrived"},
	{REASON_GOOD, "it had no counter, so it proved itself before"},
	{REASON_TRYING, "it has tries, and this boot is one of them"},
	{REASON_LAST_TRY, "this boot is its last try"},
	{REASON_EXHAUSTED, "its tries are used up"},
	{REASON_HOLD_STAY, "no rung is left, and Hold=stay keeps it in recovery"},
	{REASON_ALL_EXHAUSTED, "no rung is left"},
	{REASON_CANNOT_SWITCH, "its tries are used up, but no other rung could be reached"},
	{REASON_DEBUG_SHELL, "rd.break or rd.shell was on the command line"},
};

static const char *sentence_of(struct slice word)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (slice_is(word, reason_name(sentences[i].reason)))
			return sentences[i].sentence;
	return NULL;
}

/* The line is "assess: VERDICT (REASON): ...". */
void prose_assessed(const struct report *r, struct text *t)
{
	const char *from = strchr(r->assessed, '('), *to = from ? strchr(from, ')') : NULL;
	const char *verdict = strchr(r->assessed, ' ');
	struct slice reason;

	if (!to || !verdict || verdict > from) {
		text_str(t, "none: bootassess-initrd did not run in the initramfs");
		return;
	}
	reason = (struct slice){from + 1, (size_t)(to - from - 1)};
	text_slice(t, (struct slice){verdict + 1, (size_t)(to - verdict)});
	if (sentence_of(reason))
		say(t, ": ", sentence_of(reason));
}

static const struct op *find_op(const struct plan *p, enum op_type type)
{
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == type)
			return &p->op[i];
	return NULL;
}

static void text_against(unsigned int against, struct text *t)
{
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		if (against & 1u << i)
			say(t, " ", against_name(1u << i));
}

static void text_way(const struct report *r, const struct plan *p, struct text *t)
{
	const struct rung *rung = &r->facts.ladder.rung[p->target];

	say(t, rung->id, " (", role_name(rung->role), ") by ", method_name(p->method));
	if (p->method != METHOD_KEXEC && p->against != 0) {
		text_str(t, "; no kexec:");
		text_against(p->against, t);
	}
}

/* The loader chooses; where that is another entry, it is said. */
static void text_again(const struct report *r, struct text *t)
{
	int next = r->next.rung;

	if (next >= 0 && next == r->facts.booted.rung)
		say(t, " and try ", r->facts.booted.id, " again");
	else if (next >= 0)
		say(t, "; the boot loader then starts ", r->facts.ladder.rung[next].id);
	else if (r->next.foreign[0])
		say(t, "; the boot loader then starts ", r->next.foreign, ON_NO_RUNG);
	else
		text_str(t, "; the boot loader then chooses");
}

/* What makes an entry as good as unknown to decide(). */
static const char *why_unknown(const struct report *r)
{
	if (r->facts.blind)
		return "the boot entries cannot be read";
	if (!r->facts.booted.known)
		return "it is not known which entry runs";
	if (report_booted(r) && report_booted(r)->missing)
		return "the file of this entry is not there";
	return "ESP and XBOOTLDR hold different files of this entry";
}

static void text_why_stuck(const struct report *r, const struct plan *p, struct text *t)
{
	switch (p->reason) {
	case REASON_UNKNOWN_ENTRY:
		say(t, "; nothing is counted: ", why_unknown(r));
		break;
	case REASON_FOREIGN_ENTRY:
		text_str(t, "; nothing is counted: this entry is on no rung");
		break;
	case REASON_PINNED:
		text_str(t, "; nothing is counted: this entry is pinned");
		break;
	case REASON_CANNOT_SWITCH:
		text_str(t, "; no other rung can be reached");
		break;
	default:
		break;
	}
}

static void text_retry(const struct report *r, const struct plan *p, struct text *t)
{
	const struct op *wait = find_op(p, OP_WAIT), *arm = find_op(p, OP_ARM);

	if (wait) {
		text_str(t, "wait ");
		text_span(t, wait->seconds);
		text_str(t, ", then ");
	}
	text_str(t, "restart");
	text_again(r, t);
	if (arm) {
		text_str(t, "; it then has ");
		prose_counter(&arm->to, t);
	}
	text_why_stuck(r, p, t);
	if (p->reason == REASON_ALL_EXHAUSTED)
		text_str(t, "; no rung is left then, and the device is reset");
}

static void text_hold(const struct report *r, const struct plan *p, struct text *t)
{
	const struct op *wait = find_op(p, OP_WAIT);

	text_str(t, "hold, no rung is left: ");
	if (p->target >= 0) {
		text_str(t, "stay in ");
		text_way(r, p, t);
		return;
	}
	text_str(t, "give system and recovery their tries again, ");
	if (find_op(p, OP_POWEROFF)) {
		text_str(t, "power off");
	} else if (find_op(p, OP_HALT)) {
		text_str(t, "halt");
	} else if (wait) {
		text_str(t, "wait ");
		text_span(t, wait->seconds);
		text_str(t, ", restart");
	} else {
		text_str(t, "restart");
	}
}

void prose_plan(const struct report *r, const struct plan *p, struct text *t)
{
	switch (p->verdict) {
	case VERDICT_RETRY:
		text_retry(r, p, t);
		break;
	case VERDICT_SWITCH:
		text_str(t, "leave for ");
		text_way(r, p, t);
		break;
	case VERDICT_HOLD:
		text_hold(r, p, t);
		break;
	case VERDICT_RESET:
		text_str(t, "no rung is left: reset the device, restart");
		break;
	default:
		say(t, "nothing: ",
		    p->reason == REASON_DISABLED    ? "bootassess is disabled"
		    : p->reason == REASON_NO_LADDER ? "there is no ladder"
						    : "rd.break or rd.shell was given");
		break;
	}
}

static bool is_of_this_boot(const struct facts *f)
{
	return f->boot_id[0] && strcmp(f->record.boot_id, f->boot_id) == 0;
}

void prose_record(const struct report *r, struct text *t)
{
	const struct record *record = &r->facts.record;
	bool is_here = is_of_this_boot(&r->facts);

	if (record->state == RECORD_HOLD) {
		text_str(t,
			 is_here ? "a hold began in this boot" : "a hold, which this boot ended");
		return;
	}
	if (record->state == RECORD_NONE || !record->target[0])
		return;
	say(t, "to ", record->target, " by ", method_name(record->method));
	if (record->state == RECORD_OPEN)
		text_str(t, is_here ? ", under way" : ", has not arrived");
	else if (record->state == RECORD_ARRIVED && is_here)
		text_str(t, ", which is this boot");
	else
		text_str(t, ", over");
}

void prose_reset(const struct report *r, struct text *t)
{
	const struct config *c = &r->m->config;
	unsigned int used = r->facts.record.resets;

	if (c->reset_method == RESET_ENTRY)
		return;
	say(t, c->reset_method == RESET_WIPE ? "wipe" : "systemd", ", ");
	text_uint(t, used < c->reset_tries ? used : c->reset_tries, 0);
	text_str(t, " of ");
	text_uint(t, c->reset_tries, 0);
	text_str(t, " used");
}

void prose_next_entry(const struct report *r, struct text *t)
{
	const char *id = report_next_id(r);

	say(t, id ? id : "not known", r->next.foreign[0] ? ON_NO_RUNG : "");
}

void prose_next(const struct report *r, struct text *t)
{
	text_str(t, r->next.by);
	if (r->next.is_oneshot)
		text_str(t, ", for one start");
}

void prose_kexec(const struct report *r, struct text *t)
{
	unsigned int against = r->if_failed.against;

	if (!r->is_kexec_configured) {
		text_str(t, "not configured");
	} else if (!(r->m->config.methods & METHOD_KEXEC)) {
		text_str(t, "left out: systemd is not running");
	} else if (against == 0) {
		text_str(t, "nothing known against it");
	} else {
		text_str(t, "left out:");
		text_against(against, t);
		text_str(t, " (see: bootassess kexec-check)");
	}
}

/* One warning is put together here before it is told. */
#define WARNING_SIZE (4 * NAME_SIZE)

struct warning {
	char buf[WARNING_SIZE];
	struct text t;
};

static void begin(struct warning *w)
{
	text_init(&w->t, w->buf, sizeof(w->buf));
}

static void warn_broken(const struct rung *rung, prose_fn warn, struct text *t)
{
	struct warning w;

	if (!rung->broken)
		return;
	begin(&w);
	say(&w.t, rung->id, " cannot boot: its entry, kernel or initrd is missing or not whole");
	warn(w.buf, t);
}

static void warn_twin(const struct rung *rung, prose_fn warn, struct text *t)
{
	struct rung other = {.type = rung->type, .place = rung->twin_place};
	struct warning w;

	if (!rung->twin[0])
		return;
	memcpy(other.name, rung->twin, sizeof(other.name));
	begin(&w);
	say(&w.t, rung->id, " has two files: ");
	rungs_file(rung, &w.t);
	text_str(&w.t, ", and ");
	rungs_file(&other, &w.t);
	text_str(&w.t, "; remove one");
	warn(w.buf, t);
}

static void warn_booted(const struct report *r, prose_fn warn, struct text *t)
{
	const struct rung *rung = report_booted(r);
	const struct facts *f = &r->facts;
	bool is_counted = f->booted.counted || f->booted.counted_here || f->booted.renamed;

	if (f->booted.known && !rung)
		warn("the booted entry is on no rung: nothing guards this boot", t);
	if (!rung)
		return;
	if (rung->missing && !f->blind)
		warn("the file of the booted entry is not there any more", t);
	if (f->booted.unproved)
		warn("nothing says which of its files was booted: a bless would be refused", t);
	if (rung->counter.present && !is_counted && !r->is_blessed && !f->kexeced &&
	    r->m->loader->counts)
		warn("this boot was not counted by the boot loader", t);
}

/* Whom the loader starts next, against its better knowledge. */
static void warn_next(const struct report *r, prose_fn warn, struct text *t)
{
	int next = r->next.rung;
	const struct rung *rung = next >= 0 ? &r->facts.ladder.rung[next] : NULL;
	enum rung_state state = rung ? ladder_state(rung, &rung->counter) : RUNG_GOOD;
	struct warning w;

	if (r->next.foreign[0]) {
		begin(&w);
		say(&w.t, "the next start leads to ", r->next.foreign, ON_NO_RUNG, ": ", r->next.by,
		    " says so");
		warn(w.buf, t);
	}
	if (rung && rung->role == ROLE_RESET)
		warn("the next start leads to reset, which destroys data", t);
	if (state == RUNG_GOOD || state == RUNG_ARMED)
		return;
	begin(&w);
	say(&w.t, "the next start leads to ", rung->id, ", which is ", rung_state_name(state));
	if (r->next.can_move)
		say(&w.t, ": ", r->next.by, " says so (the bless of a good slot changes that)");
	warn(w.buf, t);
}

static void warn_pin(const struct report *r, prose_fn warn, struct text *t)
{
	const char *id = report_next_id(r);
	int next = r->next.rung;
	struct warning w;

	if (!r->facts.pin[0])
		return;
	begin(&w);
	say(&w.t, r->facts.pin, " is pinned: its tries do not count (bootassess unpin ends that)");
	warn(w.buf, t);
	if (!id || (next >= 0 && report_is_pinned(r, &r->facts.ladder.rung[next])))
		return;
	begin(&w);
	say(&w.t, "the boot loader does not know of the pin: it starts ", id);
	warn(w.buf, t);
}

static void warn_record(const struct report *r, prose_fn warn, struct text *t)
{
	const struct record *record = &r->facts.record;
	struct warning w;

	if (record->kexec_lost || record->kexec_losses > 0)
		warn("a kexec of this machine never arrived (bootassess kexec-check --forget "
		     "allows it again)",
		     t);
	if (record->rounds == 0)
		return;
	begin(&w);
	text_number(&w.t, record->rounds, "hold", "holds");
	text_str(&w.t, " since the last bless: no rung was left to boot");
	warn(w.buf, t);
}

void prose_each_warning(const struct report *r, prose_fn warn, struct text *t)
{
	const struct facts *f = &r->facts;

	if (f->blind)
		warn("the boot entries cannot be read: their partition is out of reach", t);
	else if (f->unsure)
		warn("an entry could not be judged: reset is not entered now", t);
	warn_booted(r, warn, t);
	warn_next(r, warn, t);
	warn_pin(r, warn, t);
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		warn_broken(&f->ladder.rung[i], warn, t);
		warn_twin(&f->ladder.rung[i], warn, t);
	}
	if (f->ladder.dropped)
		warn("more entries match than the ladder has room for: some are left out", t);
	warn_record(r, warn, t);
	mirrors_warn(&r->mirrors, warn, t);
	health_each_warning(&r->health, warn, t);
}
