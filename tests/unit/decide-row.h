/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Facts in short, plan in words: what the tables of the tests of decide() are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide.h"
#include "explain.h"

#define THIS_BOOT  "11111111-2222-3333-4444-555555555555"
#define OTHER_BOOT "99999999-8888-7777-6666-555555555555"

enum {
	COUNTED = 1,
	BLIND = 2,
	DISABLED = 4,
	PERSON = 8,
	IO_ERROR = 16,
	NO_RECORD = 32,
	NO_COUNTER = 64,
	HERE = 128,
	KEXECED = 256,
	UNKNOWN = 512,
	SAME_BOOT = 1024,
	NO_BOOT_ID = 2048,
	FIT = 4096,		/* for a kexec */
	MARKED = 8192,		/* the record says that its kexec was lost */
	OTHER_KERNEL = 16384,	/* another one than the record's is running */
	CHARGED = 32768,	/* passive.conf, in this boot, from +3-0 */
	STUCK = 65536,		/* that cannot be taken back */
	STALE = 131072,		/* efibc.ko left its one-shot */
	ONESHOT = 262144,	/* LoaderEntryOneShot names an entry */
	ONLY_FIRMWARE = 524288, /* --method=firmware */
	SHARED = 1 << 20,	/* the check failed on another system rung too */
	RECOVERED = 1 << 21,	/* and recovery was entered for that */
};

struct row {
	const char *what;
	enum event event;
	const char *ladder; /* file names; `!` in front: broken, `-`: missing, `&`: ambiguous */
	const char *booted; /* id; NULL = on no rung */
	unsigned int flags;
	const char *config; /* "" = defaults */
	const char *record; /* "STATE TARGET METHODS-USED [TRIED]", "" = none; of another boot */
	unsigned int unfit; /* kexec is, without FIT */
	const char *want;   /* "VERDICT REASON: OPERATION; OPERATION" */
};

static const char *take_word(const char *s, char *word)
{
	size_t n = strcspn(s, " ");

	memcpy(word, s, n);
	word[n] = '\0';
	return s[n] ? s + n + 1 : s + n;
}

static void fill_ladder(struct ladder *l, const struct config *c, const char *names)
{
	char word[NAME_SIZE];

	while (*names) {
		struct rung r = {.type = 1};
		const char *name = word;

		names = take_word(names, word);
		r.broken = word[0] == '!';
		r.missing = word[0] == '-';
		r.ambiguous = word[0] == '&';
		name += r.broken || r.missing || r.ambiguous;
		memcpy(r.name, name, strlen(name) + 1);
		assert_int_equal(counter_strip(name, r.id), 0);
		(void)counter_parse(name, &r.counter);
		assert_int_equal(ladder_match(c, r.id, &r.role, &r.pattern), 0);
		ladder_offer(l, &r, "");
	}
}

static void fill_record(struct record *r, const struct ladder *l, const char *text)
{
	static const char *const states[] = {"none", "open", "hold", "arrived", "closed"};
	char word[NAME_SIZE];
	int rung;

	if (!*text)
		return;
	text = take_word(text, word);
	for (uint8_t i = 0; i < 5; i++)
		if (strcmp(word, states[i]) == 0)
			r->state = i;
	text = take_word(text, word);
	if (strcmp(word, "-") != 0)
		memcpy(r->target, word, sizeof(r->target));
	r->methods_used = (uint8_t)(*text - '0');
	r->method = METHOD_KEXEC;
	if (r->methods_used & (METHOD_FIRMWARE | METHOD_ORDER))
		r->method = METHOD_FIRMWARE;
	text = take_word(text, word);
	if (*text)
		record_add_tried(r, text);
	memcpy(r->boot_id, OTHER_BOOT, sizeof(r->boot_id));
	r->txn = 7;
	rung = ladder_find(l, r->target);
	/* Where the ladder shows +2-1 or +0-3, the target was +3 when the record was written. */
	if (rung >= 0 && l->rung[rung].counter.present)
		r->target_counter = counter_make(3, 0);
}

static void fill_facts(struct facts *f, const struct config *c, const struct row *row)
{
	memset(f, 0, sizeof(*f));
	f->event = row->event;
	f->disabled = row->flags & DISABLED;
	f->person = row->flags & PERSON;
	f->blind = row->flags & BLIND;
	f->unsure = row->flags & IO_ERROR;
	f->kexeced = row->flags & KEXECED;
	f->record_unwritable = row->flags & NO_RECORD;
	f->counter_unwritable = row->flags & NO_COUNTER;
	f->unfit = row->unfit;
	f->against = row->flags & FIT ? 0 : AGAINST_SUPPORT;
	if (row->flags & (CHARGED | STUCK))
		f->against = AGAINST_LOAD;
	f->opened = row->flags & (CHARGED | STUCK);
	f->oneshot = row->flags & (STALE | ONESHOT);
	f->shared_fault = row->flags & (SHARED | RECOVERED);
	f->shared_recovery = row->flags & RECOVERED;
	f->kernel = row->flags & OTHER_KERNEL ? 2 : 1;
	f->stale_oneshot = row->flags & STALE;
	memcpy(f->boot_id, THIS_BOOT, sizeof(f->boot_id));
	fill_ladder(&f->ladder, c, row->ladder);
	fill_record(&f->record, &f->ladder, row->record);
	f->record.kexec_kernel = f->record.state != RECORD_NONE;
	f->record.kexec_lost = row->flags & MARKED;
	f->record.kexec_losses = row->flags & MARKED ? 1 : 0;
	if (row->flags & NO_BOOT_ID)
		f->boot_id[0] = f->record.boot_id[0] = '\0';
	if (row->flags & SAME_BOOT)
		memcpy(f->record.boot_id, f->boot_id, sizeof(f->record.boot_id));
	if (row->flags & (CHARGED | STUCK)) {
		f->charge.made = true;
		f->charge.stuck = row->flags & STUCK;
		f->charge.rung = ladder_find(&f->ladder, "passive.conf");
		f->charge.was = counter_make(3, 0);
	}
	f->booted.rung = -1;
	f->booted.known = row->booted && !(row->flags & UNKNOWN);
	f->booted.counted = row->flags & COUNTED;
	f->booted.counted_here = row->flags & HERE;
	if (!row->booted)
		return;
	memcpy(f->booted.id, row->booted, strlen(row->booted) + 1);
	f->booted.rung = ladder_find(&f->ladder, row->booted);
}

static void plan_words(const struct facts *f, const struct plan *p, char buf[2048])
{
	struct text t;

	text_init(&t, buf, 2048);
	text_str(&t, verdict_name(p->verdict));
	text_char(&t, ' ');
	text_str(&t, reason_name(p->reason));
	text_str(&t, ": ");
	for (unsigned int i = 0; i < p->n_ops; i++) {
		if (i > 0)
			text_str(&t, "; ");
		explain_op(f, p, &p->op[i], &t);
	}
}

static inline void run_row(const struct row *row, const char *pin)
{
	char got[2048];
	struct config c;
	struct facts f;
	struct plan p;

	config_defaults(&c);
	config_parse(&c, row->config, strlen(row->config), NULL, NULL);
	fill_facts(&f, &c, row);
	memcpy(f.pin, pin, strlen(pin) + 1);
	decide(&f, &c, &p);
	plan_words(&f, &p, got);
	if (strcmp(got, row->want) != 0)
		fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
}
