// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "act.h"
#include "doors/kexec.h"
#include "doors/log.h"
#include "doors/watchdog.h"
#include "fitness.h"
#include "handover.h"

#define WHY_SIZE (3 * NAME_SIZE)
#define MIB	 (1ull << 20)

static int refuse(struct facts *f, enum against against, const char *why)
{
	log_err("no kexec: %s: %s", against_name(against), why);
	f->against |= against;
	return ACT_AGAIN;
}

/* Is it signed as lockdown wants it, and is there room for it? */
static int judge(struct facts *f, const struct stage *s, uint64_t available)
{
	unsigned int against = fitness_image(f, s, available);

	if (against & AGAINST_SIGNATURE)
		return refuse(f, AGAINST_SIGNATURE, s->entry);
	if (!(against & AGAINST_MEMORY))
		return 0;
	log_err("no kexec: %s: %llu MiB are needed, %llu MiB are there",
		against_name(AGAINST_MEMORY), (unsigned long long)((s->needed + MIB - 1) / MIB),
		(unsigned long long)(available / MIB));
	f->against |= AGAINST_MEMORY;
	return ACT_AGAIN;
}

/* What is in memory needs its files no more, and they would keep $BOOT from being unmounted for the
 * charge. */
static void close_files(struct stage *s)
{
	for (unsigned int i = 0; i < s->n_initrds; i++) {
		if (s->initrd[i].fd != s->kernel.fd)
			closep(&s->initrd[i].fd);
		s->initrd[i].fd = -1;
	}
	closep(&s->kernel.fd);
	s->kernel.fd = -1;
}

/* A kernel that takes UKIs itself would verify the whole of it. */
static bool may_load_raw(const struct machine *m, const struct facts *f)
{
	return f->locked && fitness_may_load_twice(m);
}

int handover_stage(struct machine *m, struct facts *f, const struct plan *p, const struct op *op,
		   struct stage *s)
{
	uint64_t available = fitness_memory(m);
	char why[WHY_SIZE];
	int r;

	stage_close(s);
	if (stage_check(m, &f->ladder.rung[op->rung], p->record.txn, f->locked, s, why,
			sizeof(why)) < 0)
		return refuse(f, AGAINST_IMAGE, why);
	r = judge(f, s, available);
	if (r != 0 || m->root.is_test)
		return r;
	if (stage_copy(s, why, sizeof(why)) < 0)
		return refuse(f, AGAINST_IMAGE, why);
	if (!may_load_raw(m, f))
		close_files(s);
	/* A packed kernel shows only now what is in it. */
	return judge(f, s, available);
}

/* Returns only if it failed. */
static int jump(struct machine *m)
{
	int r;

	if (m->leave)
		return m->leave(LEAVE_KEXEC);
	machine_release(m);
	watchdog_feed(&m->watchdog);
	watchdog_ping(m->root.fd);
	r = kexec_jump();
	machine_reach(m); /* for what has to be written now */
	return r;
}

void handover_unload(const struct machine *m)
{
	char loaded[8];
	int r;

	if (root_read_line(m->root.fd, "sys/kernel/kexec_loaded", loaded, sizeof(loaded)) < 0 ||
	    strcmp(loaded, "1") != 0)
		return;
	r = kexec_unload();
	if (r < 0)
		log_err("cannot unload the kernel that is loaded: %s, ignoring", strerror(-r));
}

int handover_jump(struct machine *m, struct facts *f, struct stage *s)
{
	char why[WHY_SIZE];
	int r;

	if (m->root.is_test)
		return 0;
	r = stage_load(m, s, may_load_raw(m, f), why, sizeof(why));
	stage_close(s);
	if (r < 0)
		return refuse(f, AGAINST_LOAD, why);
	r = jump(m);
	if (r == 0)
		return 0;
	handover_unload(m);
	return refuse(f, AGAINST_LOAD, strerror(-r));
}
