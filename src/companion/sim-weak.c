// SPDX-License-Identifier: LGPL-2.1-or-later
#include "say.h"
#include "sim.h"

struct sentence {
	char buf[SIM_SENTENCE_SIZE];
	struct text t;
};

static struct text *begin(struct sentence *w)
{
	text_init(&w->t, w->buf, sizeof(w->buf));
	return &w->t;
}

static bool is_there(const struct rung *r)
{
	return !r->missing;
}

static void weak_rung(const struct rung *r, sim_warn_fn warn, struct text *t)
{
	struct sentence w;

	if (r->twin[0]) {
		say(begin(&w), r->id, " has two files: remove one (see: bootassess status)");
		warn(w.buf, t);
	}

	if (is_there(r) && !r->broken)
		return;
	text_printable(begin(&w), r->id);
	say(&w.t, " (", role_name(r->role),
	    r->missing ? "): no boot entry matches"
		       : "): its entry, kernel or initrd is missing or not whole");
	warn(w.buf, t);
}

static unsigned int count_role(const struct ladder *l, enum role role)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < l->n; i++)
		n += l->rung[i].role == role && is_there(&l->rung[i]) && !l->rung[i].broken;
	return n;
}

static void weak_ladder(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	const struct ladder *l = &s->device.ladder;

	for (unsigned int i = 0; i < l->n; i++)
		weak_rung(&l->rung[i], warn, t);
	if (count_role(l, ROLE_SYSTEM) < 2)
		warn("there are not two system slots that can boot", t);
	if (count_role(l, ROLE_RECOVERY) == 0)
		warn("there is no recovery: when the system slots fail, no rung is left", t);
	if (s->device.unsure)
		warn("an entry could not be judged: nothing is reset", t);
}

/* The first rung that is there and that this setting does not select: with it the loader's order
 * means something else than the ladder. -1: there is none. */
static int find_passed_over(const struct sim *s, enum setting by)
{
	const struct ladder *l = &s->device.ladder;

	for (unsigned int i = 0; i < l->n; i++)
		if (is_there(&l->rung[i]) && !choose_matches(&s->world.settings, by, &l->rung[i]))
			return (int)i;
	return -1;
}

/* `preferred` passes over what has no tries left; a default does not. */
static void weak_default(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	struct choice c = choose_next(&s->device.ladder, &s->world.settings);
	bool is_default = c.by == SETTING_DEFAULT_VARIABLE || c.by == SETTING_DEFAULT_FILE;
	struct sentence w;

	if (c.rung < 0 || !s->device.counts || !is_default || find_passed_over(s, c.by) < 0)
		return;
	say(begin(&w), setting_name(&s->world.settings, c.by), " names ",
	    s->device.ladder.rung[c.rung].id,
	    ", which systemd-boot then starts also without tries left: ",
	    c.by == SETTING_DEFAULT_FILE ? "take the line away" : "bootassess unpin takes it away");
	warn(w.buf, t);
}

/* Which of the two systemd-boot has first in its menu, both good. */
static bool is_before(const struct sim *s, unsigned int a, unsigned int b)
{
	const struct settings none = {.loader = s->world.settings.loader, .known = true};
	struct ladder two = {.n = 2};

	two.rung[0] = s->device.ladder.rung[a];
	two.rung[1] = s->device.ladder.rung[b];
	for (unsigned int i = 0; i < two.n; i++) {
		two.rung[i].counter = (struct counter){0};
		two.rung[i].in_variable = false;
		two.rung[i].twin[0] = '\0';
	}
	return choose_next(&two, &none).rung != 1;
}

/* Two rungs that the loader has the other way round. */
static bool find_disorder(const struct sim *s, unsigned int *ret_first, unsigned int *ret_second)
{
	const struct ladder *l = &s->device.ladder;

	for (unsigned int i = 0; i < l->n; i++)
		for (unsigned int j = i + 1; j < l->n; j++) {
			if (!is_there(&l->rung[i]) || !is_there(&l->rung[j]) || is_before(s, i, j))
				continue;
			*ret_first = i;
			*ret_second = j;
			return true;
		}
	return false;
}

/* The order of the ladder is heard only where we run: what dies before leaves it to the loader. */
static void weak_order(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	const struct ladder *l = &s->device.ladder;
	unsigned int first, second;
	struct sentence w;

	if (!s->device.counts || !find_disorder(s, &first, &second))
		return;
	say(begin(&w), "the boot loader has ", l->rung[second].id, " before ", l->rung[first].id,
	    " in its menu: give each a sort-key, in the order of the ladder");
	warn(w.buf, t);
}

static void weak_pin(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	struct sentence w;

	if (!s->device.pin[0])
		return;
	say(begin(&w), s->device.pin, " is pinned: nothing leaves it (bootassess unpin ends that)");
	warn(w.buf, t);
}

/* Who has no counter is good for the loader, whatever becomes of it before our program runs. */
static void weak_good(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	const struct ladder *l = &s->device.ladder;
	struct sentence w;

	if (!s->device.counts) {
		if (!s->is_grub)
			warn("this loader counts nothing: a default whose kernel dies before the "
			     "initramfs is started for ever",
			     t);
		return;
	}
	for (unsigned int i = 0; i < l->n && !s->device.config.count_good; i++) {
		if (!is_there(&l->rung[i]) || s->world.counter[i].present ||
		    l->rung[i].role != ROLE_SYSTEM)
			continue;
		say(begin(&w), l->rung[i].id,
		    " is good and has no counter: if its kernel dies before the initramfs one day, "
		    "nobody counts that (CountGood=yes keeps one)");
		warn(w.buf, t);
	}
}

static void text_against(unsigned int against, struct text *t)
{
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		if (against & 1u << i)
			say(t, " ", against_name(1u << i));
}

static void weak_methods(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	unsigned int against = s->device.against;
	bool has_kexec = s->has_kexec && against == 0;
	struct sentence w;

	if (s->has_kexec && !has_kexec) {
		text_against(against, (say(begin(&w), "no kexec:"), &w.t));
		text_str(&w.t, " (see: bootassess kexec-check)");
		warn(w.buf, t);
	}
	if ((s->device.unfit & METHOD_FIRMWARE) && !has_kexec)
		warn("the boot loader has no one-shot and there is no kexec: no rung is left for "
		     "another",
		     t);
}

static void weak_panic(const struct sim *s, unsigned int rungs, sim_warn_fn warn, struct text *t)
{
	unsigned int n = 0;
	struct sentence w;

	begin(&w);
	for (unsigned int i = 0; i < s->device.ladder.n; i++)
		if (s->no_panic & rungs & 1u << i)
			say(&w.t, n++ > 0 ? ", " : "", s->device.ladder.rung[i].id);
	if (n == 0)
		return;
	text_str(&w.t, n == 1 ? " has no panic= on its command line: "
			      : " have no panic= on their command lines: ");
	text_str(&w.t, "a kernel that panics hangs there, until a watchdog ends it");
	warn(w.buf, t);
}

static void weak_hang(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	if (s->device.config.watchdog_s == 0)
		warn("Watchdog= is not set: only a watchdog that the firmware started, or the "
		     "deadlines, end a hang",
		     t);
}

static void weak_hold(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	if (s->device.config.hold == HOLD_POWEROFF || s->device.config.hold == HOLD_HALT)
		warn("Hold= switches the device off when no rung is left: it waits for somebody",
		     t);
	else if (s->device.config.hold == HOLD_STAY)
		warn("Hold=stay: when no rung is left, recovery waits for somebody", t);
}

void sim_each_weakness(const struct sim *s, sim_warn_fn warn, struct text *t)
{
	weak_ladder(s, warn, t);
	weak_pin(s, warn, t);
	weak_default(s, warn, t);
	weak_order(s, warn, t);
	weak_good(s, warn, t);
	weak_methods(s, warn, t);
	weak_panic(s, UINT32_MAX, warn, t);
	weak_hang(s, warn, t);
	weak_hold(s, warn, t);
}

void sim_each_note(const struct sim *s, const struct sim_fate *fate, sim_warn_fn warn,
		   struct text *t)
{
	unsigned int panics = 0;
	bool hangs = false;

	for (unsigned int i = 0; i < s->device.ladder.n; i++) {
		panics |= fate[i].how == OUTCOME_PANIC ? 1u << i : 0;
		hangs |= fate[i].how == OUTCOME_HANG;
	}
	weak_panic(s, panics, warn, t);
	if (hangs)
		weak_hang(s, warn, t);
	if (s->is_grub)
		warn("GRUB's own count of a default that dies is not played", t);
}
