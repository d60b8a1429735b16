// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz.h"
#include "leftover.h"

#define ENTRIES_MAX 16

static const char *const ids[] = {"active.conf", "passive.conf"};
#define NO_ID 2

/* A name in a directory, and the id that it speaks of. */
struct made {
	struct leftover_entry e;
	unsigned int id;
};

static void make_name(struct input *in, struct made *m)
{
	static const char *const counters[] = {"", "+3", "+2-1", "+1-2", "+0-3", "+0-9"};
	static const char *const offs[] = {"", "", ".off", ".mirror"};
	static const char *const others[] = {".bootassess-0", "ACTIVE~1.CON", "ACTIVE~2.CON",
					     "PASSIV~1.CON",  "BOOTAS~1",     "ACTIVE_1.CON"};
	unsigned int kind = take_below(in, 16);
	struct text t;

	text_init(&t, m->e.name, sizeof(m->e.name));
	m->id = NO_ID;
	if (kind < 8) {
		m->id = kind & 1;
		text_slice(&t, (struct slice){ids[m->id], strlen(ids[m->id]) - 5});
		text_str(&t, counters[take_below(in, 6)]);
		text_str(&t, ".conf");
		text_str(&t, offs[kind >> 1]);
	} else if (kind < 14) {
		text_str(&t, others[kind - 8]);
		m->e.is_short = kind > 8;
	} else {
		take_string(in, m->e.name, 40);
	}
}

static unsigned int make_all(struct input *in, struct made *m)
{
	unsigned int n = 0;

	for (; n < ENTRIES_MAX && in->left > 0; n++) {
		unsigned int flags = take_byte(in);

		memset(&m[n], 0, sizeof(m[n]));
		make_name(in, &m[n]);
		m[n].e.cluster = flags & 3;
		m[n].e.size = flags & 4 ? 0 : 100 + (flags >> 3 & 1);
		m[n].e.is_broken = flags >> 4 == 1;
		m[n].e.is_dir = m[n].id == NO_ID && flags >> 4 == 2;
		m[n].e.is_our_dir = m[n].e.is_dir && flags & 8;
		m[n].e.is_empty = m[n].e.is_dir && flags & 4;
	}
	return n;
}

static bool is_given_up(const struct leftover_entry *e)
{
	return e->verdict == LEFTOVER_FORGET || e->verdict == LEFTOVER_UNLINK;
}

/* Never is the last usable file of an id given up. */
static void check_usable(const struct made *m, const struct leftover_entry *e, unsigned int n,
			 unsigned int id)
{
	bool was_there = false, is_there = false;

	for (unsigned int i = 0; i < n; i++) {
		bool is_usable = m[i].id == id && e[i].size > 0 && !e[i].is_broken;

		was_there |= is_usable;
		is_there |= is_usable && !is_given_up(&e[i]);
	}
	must(!was_there || is_there);
}

static void check_verdicts(const struct leftover_entry *e, unsigned int n, bool has_entries)
{
	for (unsigned int i = 0; i < n; i++) {
		must(e[i].verdict <= LEFTOVER_TELL && e[i].cause <= LEFTOVER_COPIED);
		must(e[i].other < n &&
		     (e[i].verdict == LEFTOVER_KEEP) == (e[i].cause == LEFTOVER_NONE));
		must(e[i].verdict != LEFTOVER_UNLINK || leftover_is_temporary(&e[i]));
		if (e[i].cause == LEFTOVER_SHARED)
			must(e[i].other != i && e[i].cluster == e[e[i].other].cluster);
		if (!has_entries && is_given_up(&e[i]))
			must(leftover_is_temporary(&e[i]) || e[i].is_our_dir);
		/* A chain is freed only if it is sound and nobody else's. */
		for (unsigned int k = 0; e[i].verdict == LEFTOVER_UNLINK && k < n; k++)
			must(k == i || !e[i].cluster || e[k].cluster != e[i].cluster);
	}
}

static void judge(const struct made *m, unsigned int n, bool has_entries)
{
	struct leftover_entry e[ENTRIES_MAX];

	for (unsigned int i = 0; i < n; i++) {
		e[i] = m[i].e;
		(void)leftover_needs_chain(&m->e, 1, 0);
	}
	leftover_judge(e, n, has_entries);
	check_verdicts(e, n, has_entries);
	for (unsigned int id = 0; id < NO_ID; id++)
		check_usable(m, e, n, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct made m[ENTRIES_MAX];
	unsigned int n = make_all(&in, m);

	if (n == 0)
		return 0;
	judge(m, n, true);
	judge(m, n, false);
	return 0;
}
