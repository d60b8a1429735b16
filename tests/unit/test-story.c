// SPDX-License-Identifier: LGPL-2.1-or-later
/* What `bootassess why` says (F34: a rollback with no trace of why). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "story.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

enum {
	KEXECED = 1,
	BLESSED = 2,
	PINNED = 4,
	OPEN = 8, /* a switch to passive.conf */
	DISABLED = 16,
	BLIND = 32,
	UNREAD = 64,
	FULL = 128, /* the ring is full of holds before that */
	BAD = 256,
	NOW = 512,   /* the record is of this boot */
	HERE = 1024, /* all of the history is of one boot */
	LATE = 2048, /* its second entry and what is after it came much later */
};

struct row {
	const char *what;
	const char *ladder; /* file names; `!` in front: broken, `-`: missing */
	const char *booted; /* NULL = not known */
	unsigned int flags;
	/* Oldest first: "EVENT VERDICT REASON BOOTED [TARGET METHOD [CHECK [TEXT]]]; ..." */
	const char *history;
	const char *line; /* "" = all is normal */
	const char *story;
};

#define TWO	"active.conf passive.conf recovery+3-0.conf"
#define HAS_TWO " The ladder also has: \"passive.conf\" (system), \"recovery.conf\" (recovery)."
#define EMPTY	" The history is empty: nothing but normal boots."
#define FAILS                                  \
	"emergency retry failed active.conf; " \
	"emergency retry failed active.conf; " \
	"assess switch exhausted active.conf passive.conf firmware"
#define FAILS_TOLD                                                                   \
	" \"active.conf\" did not get to its root file system, and the device was "  \
	"started again, 2 times. \"active.conf\" had no tries left, and the device " \
	"went to \"passive.conf\" by firmware."

static const struct row rows[] = {
	{"good", TWO, "active.conf", 0, "", "",
	 "\"active.conf\" (system) runs; it is good." EMPTY HAS_TWO},
	{"on trial after an update", "active+2-1.conf passive.conf", "active.conf", 0,
	 "bless proceed blessed passive.conf", "",
	 "\"active.conf\" (system) runs; it is on trial, with 2 tries left after this one. The "
	 "history holds nothing else. The ladder also has: \"passive.conf\" (system)."},
	{"one try", "active+1-2.conf", "active.conf", 0, "", "",
	 "\"active.conf\" (system) runs; it is on trial, with 1 try left after this one." EMPTY},
	{"last try", "active+0-3.conf", "active.conf", 0, "", "",
	 "\"active.conf\" (system) runs; it has no tries left after this one." EMPTY},
	{"fell back, on trial", "active+0-4.conf passive+2-1.conf", "passive.conf", 0, FAILS,
	 "bootassess: \"active.conf\" had no tries left, and the device went to \"passive.conf\" "
	 "by firmware (see bootassess why)",
	 "\"passive.conf\" (system) runs; it is on trial, with 2 tries left after this one. So "
	 "far:" FAILS_TOLD " Not to be booted: \"active.conf\" (exhausted)."},
	{"fell back, since the last bless", "active+0-4.conf passive.conf", "passive.conf", 0,
	 "fail retry failed active.conf; bless proceed blessed active.conf; " FAILS,
	 "bootassess: \"active.conf\" had no tries left, and the device went to \"passive.conf\" "
	 "by firmware (see bootassess why)",
	 "\"passive.conf\" (system) runs; it is good. Since the last bless:" FAILS_TOLD
	 " Not to be booted: \"active.conf\" (exhausted)."},
	{"fell back, blessed there", "active+0-4.conf passive.conf", "passive.conf", BLESSED,
	 FAILS "; bless proceed blessed passive.conf",
	 "bootassess: \"active.conf\" is exhausted (see bootassess why)",
	 "\"passive.conf\" (system) runs; it was blessed in this boot. Before the last "
	 "bless:" FAILS_TOLD " Not to be booted: \"active.conf\" (exhausted)."},
	{"all is well again", TWO, "active.conf", 0, FAILS "; bless proceed blessed passive.conf",
	 "",
	 "\"active.conf\" (system) runs; it is good. Nothing has happened since the last "
	 "bless." HAS_TWO},
	{"a person's work is no alarm", TWO, "active.conf", 0,
	 "bless proceed blessed active.conf; edit proceed edited active.conf - - - mark "
	 "passive.conf - +0-9",
	 "",
	 "\"active.conf\" (system) runs; it is good. Since the last bless: Somebody changed the "
	 "ladder by hand: mark passive.conf - +0-9." HAS_TWO},
	{"a failed check", "active+0-3.conf recovery+2-1.conf", "recovery.conf", KEXECED,
	 "fail switch failed active.conf recovery.conf kexec network no_carrier",
	 "bootassess: this is recovery, \"recovery.conf\" (see bootassess why)",
	 "\"recovery.conf\" (recovery) runs, started by kexec; it has 2 tries left after this one. "
	 "So far: \"active.conf\" was given up by its own system, and the device went to "
	 "\"recovery.conf\" by kexec, for the check \"network\" had failed: no_carrier. Not to be "
	 "booted: \"active.conf\" (exhausted)."},
	{"a fault that all share", TWO, "active.conf", 0,
	 "fail hold shared-fault active.conf - - network no_carrier",
	 "bootassess: \"active.conf\" failed as another slot had, and the device held (see "
	 "bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" failed as another "
	 "slot "
	 "had, and the device held (shared-fault), for the check \"network\" had failed: "
	 "no_carrier." HAS_TWO},
	{"recovery, good", "-active recovery.conf", "recovery.conf", 0, "",
	 "bootassess: this is recovery, \"recovery.conf\" (see bootassess why)",
	 "\"recovery.conf\" (recovery) runs; it is good." EMPTY},
	{"lost", TWO, "active.conf", OPEN,
	 "assess switch exhausted active.conf passive.conf kexec; assess switch kexec-lost "
	 "active.conf passive.conf firmware",
	 "bootassess: a switch to \"passive.conf\" has not arrived (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" had no tries left, "
	 "and "
	 "the device went to \"passive.conf\" by kexec. \"active.conf\" was booted "
	 "instead of \"passive.conf\", which was tried again by firmware. A switch to "
	 "\"passive.conf\" by kexec has not arrived." HAS_TWO},
	{"lost, and went on", TWO, "active.conf", 0,
	 "assess proceed good active.conf - - - the_kexec_never_arrived",
	 "bootassess: \"active.conf\" was booted (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" was booted: "
	 "the_kexec_never_arrived." HAS_TWO},
	{"held, for a long time", TWO, "active.conf", FULL, "deadline retry pinned active.conf",
	 "bootassess: \"active.conf\" did not come up in time, and the device was started again "
	 "(see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. As far as the history goes back: "
	 "No rung was left to boot after \"active.conf\", and the device held, 31 times. "
	 "\"active.conf\" did not come up in time, and the device was started again "
	 "(pinned)." HAS_TWO},
	{"asked for", TWO, "passive.conf", 0,
	 "switch switch requested active.conf passive.conf order",
	 "bootassess: \"active.conf\" was left on request, and the device went to \"passive.conf\" "
	 "by order (see bootassess why)",
	 "\"passive.conf\" (system) runs; it is good. So far: \"active.conf\" was left on request, "
	 "and the device went to \"passive.conf\" by order. The ladder also has: \"active.conf\" "
	 "(system), \"recovery.conf\" (recovery)."},
	{"of a later version", TWO, "active.conf", 0, "thaw refreeze moon active.conf",
	 "bootassess: \"active.conf\": thaw refreeze (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\": thaw refreeze "
	 "(moon)." HAS_TWO},
	{"an entry that is not known", TWO, "active.conf", 0, "fail switch shared-fault -",
	 "bootassess: a boot entry that is not known was given up by its own system, and the "
	 "device "
	 "went to another rung (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: A boot entry that is not known was "
	 "given up by its own system, and the device went to another rung (shared-fault)." HAS_TWO},
	{"pinned", TWO, "active.conf", PINNED, "",
	 "bootassess: pinned to \"active.conf\" (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. Somebody pinned the device to "
	 "\"active.conf\"." EMPTY HAS_TWO},
	{"not whole", "active.conf !passive.conf -recovery", "active.conf", 0, "",
	 "bootassess: \"passive.conf\" is broken (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good." EMPTY
	 " Not to be booted: \"passive.conf\" (broken)."},
	{"a missing rung is nobody's fault", "active.conf -passive -recovery", "active.conf", 0, "",
	 "", "\"active.conf\" (system) runs; it is good." EMPTY},
	{"unknown", TWO, NULL, 0, "",
	 "bootassess: which boot entry runs is not known (see bootassess why)",
	 "Which boot entry runs is not known." EMPTY
	 " The ladder also has: \"active.conf\" (system), \"passive.conf\" (system), "
	 "\"recovery.conf\" (recovery)."},
	{"foreign", TWO, "debian.conf", 0, "",
	 "bootassess: \"debian.conf\" runs, which is on no rung of the ladder (see bootassess why)",
	 "\"debian.conf\" runs, which is on no rung of the ladder." EMPTY
	 " The ladder also has: \"active.conf\" (system), \"passive.conf\" (system), "
	 "\"recovery.conf\" (recovery)."},
	{"no ladder", "-active -passive", "debian.conf", 0, "", "",
	 "\"debian.conf\" runs, which is on no rung of the ladder." EMPTY},
	{"disabled", "", NULL, DISABLED, "",
	 "bootassess: switched off for this boot (see bootassess why)",
	 "Boot assessment is switched off for this boot, or this is a crash kernel."},
	{"disabled, and it is known what runs", "active+2-1.conf", "active.conf", DISABLED, "",
	 "bootassess: switched off for this boot (see bootassess why)",
	 "Boot assessment is switched off for this boot, or this is a crash kernel. "
	 "\"active.conf\" "
	 "(system) runs; it is on trial, with 2 tries left after this one." EMPTY},
	{"blind", "", NULL, BLIND | UNREAD, "",
	 "bootassess: the boot entries cannot be read (see bootassess why)",
	 "The boot entries cannot be read. The history cannot be read."},
	{"on its way", "active.conf passive.conf", "active.conf", OPEN | NOW,
	 "switch switch requested active.conf passive.conf kexec",
	 "bootassess: a switch to \"passive.conf\" is on its way (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" was left on request, "
	 "and the device went to \"passive.conf\" by kexec. A switch to \"passive.conf\" by kexec "
	 "is on its way. The ladder also has: \"passive.conf\" (system)."},
	{"refused at the jump", TWO, "active.conf", HERE,
	 "fail switch failed active.conf passive.conf kexec; fail switch failed active.conf "
	 "passive.conf firmware",
	 "bootassess: \"active.conf\" was given up by its own system, and the device went to "
	 "\"passive.conf\" by firmware (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" was given up by its "
	 "own "
	 "system, and the device went to \"passive.conf\" by kexec, which came to nothing. "
	 "\"active.conf\" was given up by its own system, and the device went to \"passive.conf\" "
	 "by firmware." HAS_TWO},
	{"refused, and tried again in the same way", TWO, "active.conf", HERE,
	 "fail retry failed active.conf; fail retry failed active.conf; edit proceed edited "
	 "active.conf - - - pin_active.conf",
	 "",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" was given up by its "
	 "own "
	 "system, and the device was started again, which came to nothing. \"active.conf\" was "
	 "given up by its own system, and the device was started again. Somebody changed the "
	 "ladder by hand: pin_active.conf." HAS_TWO},
	{"long ago", TWO, "active.conf", LATE,
	 "fail retry failed active.conf; fail retry failed active.conf; fail retry failed "
	 "active.conf",
	 "bootassess: \"active.conf\" was given up by its own system, and the device was started "
	 "again (see bootassess why)",
	 "\"active.conf\" (system) runs; it is good. So far: \"active.conf\" was given up by its "
	 "own "
	 "system, and the device was started again. What happened next is no longer kept. "
	 "\"active.conf\" was given up by its own system, and the device was started again, 2 "
	 "times." HAS_TWO},
	{"bad sectors", TWO, "active.conf", BAD, "", "",
	 "\"active.conf\" (system) runs; it is good. The history holds no entry."
	 " 1 entry of the history cannot be read." HAS_TWO},
};

static const char *take(const char *s, const char *end, char *word, size_t size)
{
	size_t n = strcspn(s, end);

	assert_true(n < size);
	memcpy(word, s, n);
	word[n] = '\0';
	if (strcmp(word, "-") == 0)
		word[0] = '\0';
	return s[n] ? s + n + 1 : s + n;
}

static void read_entry(const char *s, struct history_entry *e)
{
	s = take(s, " ", e->event, sizeof(e->event));
	s = take(s, " ", e->verdict, sizeof(e->verdict));
	s = take(s, " ", e->reason, sizeof(e->reason));
	s = take(s, " ", e->booted, sizeof(e->booted));
	s = take(s, " ", e->target, sizeof(e->target));
	s = take(s, " ", e->method, sizeof(e->method));
	s = take(s, " ", e->check, sizeof(e->check));
	(void)take(s, "", e->text, sizeof(e->text));
}

static void read_entries(const struct row *row, struct history *h)
{
	const char *s = row->history;
	char one[256];

	h->bad = row->flags & BAD ? 1 : 0;
	for (unsigned int i = 0; (row->flags & FULL) && i < HISTORY_SLOTS - 1; i++, h->n++) {
		read_entry("assess hold all-exhausted active.conf", &h->entry[h->n]);
		h->entry[h->n].seq = h->n;
		h->entry[h->n].uptime_s = h->n; /* another uptime is no other thing */
	}
	while (*s) {
		s = take(s, ";", one, sizeof(one));
		read_entry(one + strspn(one, " "), &h->entry[h->n]);
		h->entry[h->n].seq = h->n;
		if (row->flags & HERE)
			memcpy(h->entry[h->n].boot_id, "1", 2);
		if ((row->flags & LATE) && h->n > 0)
			h->entry[h->n].seq += 1000;
		h->n++;
	}
	history_order(h);
}

static void read_ladder(const struct row *row, struct ladder *l)
{
	struct config c;
	const char *s = row->ladder;
	char word[NAME_SIZE];

	config_defaults(&c);
	while (*s) {
		struct rung *r = &l->rung[l->n++];
		const char *name = word;

		s = take(s, " ", word, sizeof(word));
		r->broken = word[0] == '!';
		r->missing = word[0] == '-';
		name += r->broken || r->missing;
		assert_int_equal(counter_strip(name, r->id), 0);
		(void)counter_parse(name, &r->counter);
		if (strstr(name, "recovery"))
			r->role = ROLE_RECOVERY;
	}
}

static void make_story(const struct row *row, struct facts *f, struct history *h, struct story *s)
{
	memset(f, 0, sizeof(*f));
	memset(h, 0, sizeof(*h));
	read_ladder(row, &f->ladder);
	read_entries(row, h);
	f->booted.rung = -1;
	f->booted.known = row->booted != NULL;
	if (row->booted) {
		memcpy(f->booted.id, row->booted, strlen(row->booted));
		f->booted.rung = ladder_find(&f->ladder, row->booted);
	}
	f->booted.via = row->flags & KEXECED ? VIA_KEXEC : VIA_LOADER;
	f->disabled = row->flags & DISABLED;
	f->blind = row->flags & BLIND;
	if (row->flags & PINNED)
		memcpy(f->pin, row->booted, strlen(row->booted));
	if (row->flags & NOW) {
		memcpy(f->boot_id, "1", 2);
		memcpy(f->record.boot_id, "1", 2);
	}
	if (row->flags & OPEN) {
		f->record.state = RECORD_OPEN;
		f->record.method = METHOD_KEXEC;
		memcpy(f->record.target, "passive.conf", 13);
	}
	*s = (struct story){f, h, row->flags & BLESSED, row->flags & UNREAD};
}

static void test_rows(void **state)
{
	char buf[4096];

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		static struct facts f;
		static struct history h;
		struct story s;
		struct text t;

		make_story(&rows[i], &f, &h, &s);
		text_init(&t, buf, sizeof(buf));
		story_tell(&s, &t);
		if (strcmp(buf, rows[i].story) != 0)
			fail_msg("%s:\n%s\nnot\n%s", rows[i].what, buf, rows[i].story);
		text_init(&t, buf, sizeof(buf));
		story_line(&s, &t);
		if (strcmp(buf, rows[i].line) != 0)
			fail_msg("%s:\n%s\nnot\n%s", rows[i].what, buf, rows[i].line);
		assert_int_equal(story_is_normal(&s), rows[i].line[0] == '\0');
	}
}

/* A text that is too small is cut, and nothing is written behind it. */
static void test_small(void **state)
{
	static struct facts f;
	static struct history h;
	struct story s;
	struct text t;
	char buf[65];

	(void)state;
	make_story(&rows[4], &f, &h, &s);
	for (size_t size = 1; size < sizeof(buf); size++) {
		memset(buf, '#', sizeof(buf));
		text_init(&t, buf, size);
		story_tell(&s, &t);
		assert_int_equal(buf[size], '#');
		assert_int_equal(strlen(buf), size - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_small),
	};

	return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
