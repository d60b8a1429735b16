// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/log.h"
#include "entries.h"
#include "initrd.h"
#include "observe.h"
#include "report.h"
#include "sim.h"
#include "slots.h"

/* As status does. EVENT_SWITCH: nothing is said of the boot that runs. */
static void read_report(struct machine *m, struct report *r)
{
	bool disabled = m->cmdline.disabled;

	memset(r, 0, sizeof(*r));
	r->m = m;
	m->config.esp_timeout_s = 0;
	m->cmdline.disabled = false;
	machine_reach(m);
	observe(m, EVENT_SWITCH, &r->facts);
	observe_settings(m, &r->facts);
	report_find_next(m, r);
	m->cmdline.disabled = disabled;
}

static bool has_entry(const struct ladder *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (!l->rung[i].missing)
			return true;
	return false;
}

/* Is there something to play? */
static bool can_play(const struct report *r)
{
	const struct facts *f = &r->facts;

	if (f->disabled)
		log_err("this is a crash kernel: ask the system itself");
	else if (verb_is_blind(f))
		log_err("the boot entries cannot be read");
	else if (!has_entry(&f->ladder))
		log_err("no boot entry matches System=, Recovery= or Reset=: there is no ladder");
	else if (r->next.foreign[0] && !r->next.is_oneshot)
		log_err("the boot loader starts \"%s\", which is on no rung, for ever: %s says so",
			r->next.foreign, r->next.by);
	else
		return true;
	return false;
}

/* What is taken as it is not, or not at all. */
static void warn_assumed(const struct machine *m, const struct report *r)
{
	if (m->cmdline.disabled)
		log_warning("bootassess=0 is on the command line of this boot: with it on all of "
			    "them nothing is decided; what follows is without it");
	if (r->next.foreign[0])
		log_warning("the next start leads once to \"%s\", which is on no rung: it is left "
			    "out",
			    r->next.foreign);
	if (r->facts.ladder.dropped)
		log_warning("more entries match than the ladder has room for: some are left out");
}

static void take_device(const struct machine *m, const struct facts *f, struct world_device *d)
{
	d->config = m->config;
	d->ladder = f->ladder;
	d->settings = f->settings;
	memcpy(d->pin, f->pin, sizeof(d->pin));
	d->counts = m->loader->counts;
	d->clears_oneshot = true; /* all do; in the table of the loaders it says what is stale */
	d->unfit = f->unfit;
	d->against = f->against & ~(unsigned int)AGAINST_HOPS;
	d->unsure = f->unsure;
	d->blind = f->blind;
}

/* --kexec: as if nothing spoke against one. --no-kexec: as if none were configured. */
static void choose_kexec(const struct request *q, struct sim *s, struct record *record)
{
	struct world_device *d = &s->device;

	if (q->kexec) {
		d->config.methods |= METHOD_KEXEC;
		d->config.max_hops = 1;
		d->against = 0;
		record->kexec_lost = false;
		record->kexec_losses = 0;
	} else if (q->no_kexec) {
		d->config.methods &= ~(unsigned long)METHOD_KEXEC;
	}
	s->has_kexec = d->config.methods & METHOD_KEXEC;
}

struct lines {
	char buf[ENTRIES_TEXT_SIZE];
	struct text line;
	struct sim *s;
	int rung;
};

static void tell_panic(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	struct lines *l = data;

	(void)text;
	if (mark == INITRD_BAD && strcmp(what, "panic") == 0)
		l->s->no_panic |= 1u << l->rung;
}

/* It comes in pieces; that of the running kernel (-1) is of no matter. */
static void take_cmdline(void *data, int rung, struct slice piece)
{
	struct lines *l = data;

	if (piece.s) {
		text_slice(&l->line, piece);
		text_char(&l->line, ' ');
		return;
	}
	l->rung = rung;
	if (rung >= 0)
		initrd_judge_cmdline(INITRD_UNKNOWN, (struct slice){l->line.buf, l->line.len},
				     tell_panic, l);
	text_init(&l->line, l->buf, sizeof(l->buf));
}

/* Where they cannot be read, nothing is said of them. */
static void read_cmdlines(const struct machine *m, struct sim *s)
{
	struct lines l = {.s = s};
	char why[512];
	struct text t;

	text_init(&t, why, sizeof(why));
	text_init(&l.line, l.buf, sizeof(l.buf));
	(void)slots_each_cmdline(m, &s->device.ladder, take_cmdline, &l, &t);
}

bool sim_read(struct machine *m, const struct request *q, struct sim *ret)
{
	struct record record;
	struct report r;

	memset(ret, 0, sizeof(*ret));
	read_report(m, &r);
	if (!can_play(&r))
		return false;
	warn_assumed(m, &r);
	take_device(m, &r.facts, &ret->device);
	ret->against = ret->device.against;
	ret->is_grub = m->loader->kind == LOADER_GRUB;
	read_cmdlines(m, ret);
	record = r.facts.record;
	choose_kexec(q, ret, &record);
	world_start(&ret->device, record.state == RECORD_NONE ? NULL : &record,
		    r.next.is_oneshot ? r.next.rung : -1, &ret->world);
	ret->world.record_damaged = r.facts.record_damaged;
	return true;
}
