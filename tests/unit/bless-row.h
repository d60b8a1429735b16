/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Facts in short, plan in words: what the tables of the tests of bless, edit and overwrite are made
 * of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bless.h"
#include "explain.h"
#include "text.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

#define THIS_BOOT  "11111111-2222-3333-4444-555555555555"
#define OTHER_BOOT "99999999-8888-7777-6666-555555555555"

static inline const char *take_word(const char *s, char word[NAME_SIZE])
{
	size_t n = strcspn(s, " ");

	memset(word, 0, NAME_SIZE);
	memcpy(word, s, n);
	return s[n] ? s + n + 1 : s + n;
}

static inline void copy_name(char to[NAME_SIZE], const char *from)
{
	memset(to, 0, NAME_SIZE);
	memcpy(to, from, strlen(from));
}

static inline void read_config(struct config *c, const char *text)
{
	config_defaults(c);
	config_parse(c, text, strlen(text), NULL, NULL);
}

/* File names; `!` in front: broken, `-`: missing, `&`: ambiguous, `=`: counted in the variable as
 * +0-3, whatever the name says. A second one of an id is a twin. booted: the name that the loader
 * says it gave, or "". */
static inline void fill_ladder(struct ladder *l, const struct config *c, const char *names,
			       const char *booted)
{
	char word[NAME_SIZE];

	memset(l, 0, sizeof(*l));
	while (*names) {
		struct rung r = {.type = 1};
		const char *name = word;

		names = take_word(names, word);
		r.broken = word[0] == '!';
		r.missing = word[0] == '-';
		r.ambiguous = word[0] == '&';
		r.in_variable = word[0] == '=';
		name += r.broken || r.missing || r.ambiguous || r.in_variable;
		copy_name(r.name, name);
		assert_int_equal(counter_strip(name, r.id), 0);
		(void)counter_parse(name, &r.counter);
		if (r.in_variable)
			r.counter = counter_make(0, 3);
		assert_int_equal(ladder_match(c, r.id, &r.role, &r.pattern), 0);
		ladder_offer(l, &r, booted);
	}
}

/* "STATE TARGET ROUNDS", "" = none. */
static inline void fill_record(struct record *r, const char *text, const char *boot_id)
{
	static const char *const states[] = {"none", "open", "hold", "arrived", "closed"};
	char word[NAME_SIZE];

	memset(r, 0, sizeof(*r));
	if (!*text)
		return;
	text = take_word(text, word);
	for (uint8_t i = 0; i < 5; i++)
		if (strcmp(word, states[i]) == 0)
			r->state = i;
	text = take_word(text, word);
	if (strcmp(word, "-") != 0)
		copy_name(r->target, word);
	r->rounds = (uint8_t)(*text ? *text - '0' : 0);
	r->method = METHOD_KEXEC;
	r->kexec_losses = 1;
	r->txn = 7;
	memcpy(r->boot_id, boot_id, strlen(boot_id) + 1);
}

static inline void set_booted(struct facts *f, const char *id)
{
	f->booted.known = id[0];
	f->booted.rung = ladder_find(&f->ladder, id);
	copy_name(f->booted.id, id);
}

/* "REASON: OPERATION; OPERATION" */
static inline void plan_words(const struct facts *f, const struct plan *p, char buf[2048])
{
	struct text t;

	text_init(&t, buf, 2048);
	text_str(&t, reason_name(p->reason));
	if (p->obstacle != OBSTACLE_NONE) {
		text_char(&t, ' ');
		text_str(&t, obstacle_name(p->obstacle));
		text_char(&t, ' ');
		text_str(&t, p->target >= 0 ? f->ladder.rung[p->target].id : "-");
	}
	text_char(&t, ':');
	for (unsigned int i = 0; i < p->n_ops; i++) {
		text_str(&t, i > 0 ? "; " : " ");
		explain_op(f, p, &p->op[i], &t);
		if (p->op[i].type == OP_RECORD) {
			text_str(&t, " rounds ");
			text_uint(&t, p->record.rounds, 0);
			text_str(&t, " txn ");
			text_uint(&t, p->record.txn, 0);
		}
	}
}

enum {
	KEXECED = 1,
	DISABLED = 2,
	BLIND = 4,
	FAILED = 8,
	UNPROVED = 16,
	RENAMED = 32,
	NO_RECORD = 64,
	SAME_BOOT = 128, /* wrote the record */
	FEATURE = 256,	 /* the loader has preferred */
	OTHER_LOADER = 512,
	OLD_IDS = 1024, /* ids of the loader hold counters */
	ONESHOT = 2048, /* is set */
	NO_FIRMWARE = 4096,
};

struct row {
	const char *what, *ladder;
	const char *booted; /* id; "" = not known */
	unsigned int flags;
	const char *config, *record, *pin; /* NULL = "" */
	const char *preferred, *variable, *conf;
	const char *want;
};

static inline const char *or_empty(const char *s)
{
	return s ? s : "";
}

static inline void fill_facts(struct facts *f, const struct config *c, const struct row *row)
{
	memset(f, 0, sizeof(*f));
	f->event = EVENT_BLESS;
	f->kexeced = row->flags & KEXECED;
	f->disabled = row->flags & DISABLED;
	f->blind = row->flags & BLIND;
	f->failed = row->flags & FAILED;
	f->oneshot = row->flags & ONESHOT;
	f->unfit = row->flags & NO_FIRMWARE ? METHOD_FIRMWARE : 0;
	f->record_unwritable = row->flags & NO_RECORD;
	memcpy(f->boot_id, THIS_BOOT, sizeof(f->boot_id));
	fill_ladder(&f->ladder, c, row->ladder, "");
	fill_record(&f->record, or_empty(row->record),
		    row->flags & SAME_BOOT ? THIS_BOOT : OTHER_BOOT);
	set_booted(f, row->booted);
	f->booted.via = row->flags & KEXECED ? VIA_KEXEC : VIA_LOADER;
	f->booted.unproved = row->flags & UNPROVED;
	f->booted.renamed = row->flags & RENAMED;
	copy_name(f->pin, or_empty(row->pin));
	f->settings.known = !(row->flags & OTHER_LOADER);
	f->settings.has_preferred = row->flags & FEATURE;
	f->settings.ids_have_counters = row->flags & OLD_IDS;
	copy_name(f->settings.value[SETTING_PREFERRED_VARIABLE], or_empty(row->preferred));
	copy_name(f->settings.value[SETTING_DEFAULT_VARIABLE], or_empty(row->variable));
	copy_name(f->settings.value[SETTING_DEFAULT_FILE], or_empty(row->conf));
}

static inline void run_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		char got[2048];
		struct config c;
		struct facts f;
		struct plan p;

		read_config(&c, or_empty(row->config));
		fill_facts(&f, &c, row);
		bless_plan(&f, &c, &p);
		plan_words(&f, &p, got);
		assert_int_equal(p.verdict, VERDICT_PROCEED);
		if (strcmp(got, row->want) != 0)
			fail_msg("%s:\n  got  %s\n  want %s", row->what, got, row->want);
	}
}

#define FULL " passive.conf recovery+3-0.conf"
#define GOOD "active.conf passive.conf recovery+3-0.conf"
