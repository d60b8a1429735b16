/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Facts of every kind, as numbers: what decide() looks at, cut into dimensions. */
#include <stddef.h>
#include <stdio.h>

#include "plan-rules.h"

#define RUNGS 6 /* four system rungs, recovery, reset */

enum dim {
	D_EVENT,
	D_SYSTEM, /* rungs, less one */
	D_RECOVERY,
	D_RESET,
	D_BOOTED,
	D_RUNG,
	D_WITNESS = D_RUNG + RUNGS,
	D_RECORD,
	D_TARGET,
	D_METHOD,
	D_USED,
	D_MOVED,
	D_TRIED,
	D_RELAPSES,
	D_RESETS,
	D_ROUNDS,
	D_LOSSES,
	D_CHARGE,
	D_ON_FAILURE,
	D_HOLD,
	D_METHODS,
	D_RESET_METHOD,
	D_TRIES,
	D_SHARED,
	D_BLESSED,
	D_UNFIT,
	D_AGAINST,
	D_ONESHOT,
	D_FLAGS, /* one dimension for each flag */
	F_DISABLED = D_FLAGS,
	F_PERSON,
	F_BLIND,
	F_UNSURE,
	F_DROPPED,
	F_PINNED,
	F_RECORD_UNWRITABLE,
	F_COUNTER_UNWRITABLE,
	F_DAMAGED,
	F_REFUSED,
	F_OPENED,
	F_CONTINUE, /* SharedFault=continue */
	F_NEXT_TAKEN,
	DIMS,
};

enum { R_GOOD, R_FRESH, R_LAST, R_SPENT, R_MISSING, R_BROKEN, R_BAD, R_RETURN, R_TWO, R_TWINS };
enum { W_COUNTED, W_NOBODY, W_HERE, W_KEXEC, W_KEXEC_COUNTED };
enum { REC_NONE, REC_OPEN, REC_HOLD, REC_ARRIVED, REC_OPEN_HERE, REC_HOLD_HERE, REC_CLOSED };

static const struct {
	const char *name;
	uint8_t n;    /* values 0..n-1 */
	uint8_t rare; /* value 0 comes `rare` times as often as any other one */
} dims[DIMS] = {
	[D_EVENT] = {"event", 4, 1},
	[D_SYSTEM] = {"system", 4, 1},
	[D_RECOVERY] = {"recovery", 2, 1},
	[D_RESET] = {"reset", 2, 1},
	[D_BOOTED] = {"booted", RUNGS + 2, 4},
	[D_RUNG] = {"rung0", 10, 1},
	[D_RUNG + 1] = {"rung1", 10, 1},
	[D_RUNG + 2] = {"rung2", 10, 1},
	[D_RUNG + 3] = {"rung3", 10, 1},
	[D_RUNG + 4] = {"rung4", 10, 1},
	[D_RUNG + 5] = {"rung5", 10, 1},
	[D_WITNESS] = {"witness", 5, 1},
	[D_RECORD] = {"record", 7, 1},
	[D_TARGET] = {"target", RUNGS + 1, 1},
	[D_METHOD] = {"method", 3, 1},
	[D_USED] = {"used", 4, 1},
	[D_MOVED] = {"moved", 4, 1},
	[D_TRIED] = {"tried", 4, 2},
	[D_RELAPSES] = {"relapses", 4, 1},
	[D_RESETS] = {"resets", 4, 2},
	[D_ROUNDS] = {"rounds", 3, 2},
	[D_LOSSES] = {"losses", 4, 4},
	[D_CHARGE] = {"charge", 3, 4},
	[D_ON_FAILURE] = {"on-failure", 2, 1},
	[D_HOLD] = {"hold", 4, 1},
	[D_METHODS] = {"methods", 3, 1},
	[D_RESET_METHOD] = {"reset-method", 5, 1},
	[D_TRIES] = {"tries", 3, 1},
	[D_SHARED] = {"shared", 4, 3},
	[D_BLESSED] = {"blessed", 4, 2},
	[D_UNFIT] = {"unfit", 4, 3},
	[D_AGAINST] = {"against", 2, 1},
	[D_ONESHOT] = {"oneshot", 3, 2},
	[F_DISABLED] = {"disabled", 2, 15},
	[F_PERSON] = {"person", 2, 9},
	[F_BLIND] = {"blind", 2, 15},
	[F_UNSURE] = {"unsure", 2, 6},
	[F_DROPPED] = {"dropped", 2, 6},
	[F_PINNED] = {"pinned", 2, 9},
	[F_RECORD_UNWRITABLE] = {"record-unwritable", 2, 6},
	[F_COUNTER_UNWRITABLE] = {"counter-unwritable", 2, 6},
	[F_DAMAGED] = {"damaged", 2, 6},
	[F_REFUSED] = {"refused", 2, 6},
	[F_OPENED] = {"opened", 2, 3},
	[F_CONTINUE] = {"continue", 2, 3},
	[F_NEXT_TAKEN] = {"next-taken", 2, 6},
};

static struct facts f;
static struct config c;
static uint8_t v[DIMS];

static void set_id(char *id, const char *word)
{
	(void)snprintf(id, NAME_SIZE, "%s.conf", word);
}

static struct counter counter_of(unsigned int state, int tries)
{
	switch (state) {
	case R_FRESH:
		return counter_make(tries, 0);
	case R_TWINS:
		return counter_make(1, tries - 1);
	case R_LAST:
		return counter_make(0, tries);
	case R_SPENT:
		return counter_make(0, tries + 1);
	case R_BAD:
		return counter_bad();
	case R_RETURN:
		return counter_return();
	default:
		return (struct counter){0};
	}
}

static void fill_rung(unsigned int i, enum role role)
{
	struct rung *r = &f.ladder.rung[i];
	unsigned int state = v[D_RUNG + i];

	r->role = role;
	r->missing = state == R_MISSING;
	r->broken = state == R_BROKEN;
	r->ambiguous = state == R_TWO || state == R_TWINS;
	r->twin_plain = state == R_TWINS;
	r->counter = counter_of(state, (int)ladder_tries(&c, role));
	r->next_taken = v[F_NEXT_TAKEN];
}

static void fill_ladder(void)
{
	unsigned int n_system = v[D_SYSTEM] + 1u;

	f.ladder.n = n_system + v[D_RECOVERY] + v[D_RESET];
	f.ladder.dropped = v[F_DROPPED];
	for (unsigned int i = 0; i < f.ladder.n; i++)
		fill_rung(i, i < n_system		      ? ROLE_SYSTEM
			     : i == n_system && v[D_RECOVERY] ? ROLE_RECOVERY
							      : ROLE_RESET);
}

static void fill_booted(void)
{
	unsigned int booted = v[D_BOOTED];

	f.booted.known = booted != RUNGS + 1;
	f.booted.rung = booted < RUNGS ? (int)(booted % f.ladder.n) : -1;
	f.kexeced = v[D_WITNESS] >= W_KEXEC;
	f.booted.via = f.kexeced ? VIA_KEXEC : VIA_LOADER;
	f.booted.counted = v[D_WITNESS] == W_COUNTED || v[D_WITNESS] == W_KEXEC_COUNTED;
	f.booted.counted_here = v[D_WITNESS] == W_HERE;
	memset(f.booted.id, 0, 16);
	if (f.booted.rung >= 0)
		memcpy(f.booted.id, f.ladder.rung[f.booted.rung].id, 16);
	else if (f.booted.known)
		set_id(f.booted.id, "foreign");
	memset(f.pin, 0, 16);
	if (v[F_PINNED])
		memcpy(f.pin, f.booted.id, 16);
}

/* What the record says of its target's counter: as it is now, one step before (it was charged, or
 * counted), two before, or none. */
static struct counter target_then(const struct counter *now)
{
	struct counter then = *now;

	if (v[D_MOVED] == 3 || !now->present)
		return (struct counter){0};
	then.left += v[D_MOVED];
	then.done = then.done > v[D_MOVED] ? then.done - v[D_MOVED] : 0;
	return then;
}

static void fill_tried(struct record *r)
{
	static const uint8_t counts[] = {0, 1, 2, RECORD_TRIED_MAX};

	r->n_tried = counts[v[D_TRIED]];
	for (unsigned int i = 0; i < r->n_tried; i++)
		r->tried[i] = record_hash(f.ladder.rung[(i + 1) % f.ladder.n].id);
}

static void fill_target(struct record *r)
{
	unsigned int target = v[D_TARGET];
	static const uint8_t methods[] = {METHOD_FIRMWARE, METHOD_KEXEC, METHOD_ORDER};
	static const uint8_t used[] = {0, METHOD_KEXEC, METHOD_FIRMWARE,
				       METHOD_KEXEC | METHOD_FIRMWARE | METHOD_ORDER};

	r->method = methods[v[D_METHOD]];
	r->methods_used = used[v[D_USED]] | r->method;
	if (target >= f.ladder.n) {
		set_id(r->target, "gone");
		return;
	}
	memcpy(r->target, f.ladder.rung[target].id, 16);
	r->target_counter = target_then(&f.ladder.rung[target].counter);
}

static void fill_record(void)
{
	static const uint8_t states[] = {RECORD_NONE, RECORD_OPEN, RECORD_HOLD,	 RECORD_ARRIVED,
					 RECORD_OPEN, RECORD_HOLD, RECORD_CLOSED};
	static const uint8_t relapses[] = {0, 1, 2, 9}, rounds[] = {0, 3, 255};
	struct record *r = &f.record;

	memset(r, 0, offsetof(struct record, boot_id) + 2);
	r->kexec_lost = false;
	r->kexec_losses = r->n_tried = 0;
	f.record_damaged = v[F_DAMAGED];
	if (v[D_RECORD] == REC_NONE || f.record_damaged)
		return;
	r->state = states[v[D_RECORD]];
	r->boot_id[0] = v[D_RECORD] == REC_OPEN_HERE || v[D_RECORD] == REC_HOLD_HERE ? '2' : '1';
	r->txn = 7;
	r->relapses = relapses[v[D_RELAPSES]];
	r->resets = relapses[v[D_RESETS]];
	r->rounds = rounds[v[D_ROUNDS]];
	r->kexec_kernel = v[D_LOSSES] == 2 ? 2 : 1;
	r->kexec_lost = v[D_LOSSES] == 1 || v[D_LOSSES] == 2;
	r->kexec_losses = v[D_LOSSES] == 3 ? RECORD_LOSSES_MAX : r->kexec_lost;
	fill_tried(r);
	if (r->state != RECORD_HOLD)
		fill_target(r);
}

static void fill_config(void)
{
	static const uint8_t methods[] = {METHOD_KEXEC | METHOD_FIRMWARE, METHOD_KEXEC,
					  METHOD_FIRMWARE};
	static const uint8_t resets[] = {RESET_ENTRY, RESET_WIPE, RESET_WIPE, RESET_SYSTEMD,
					 RESET_WIPE};

	c.tries = 3u - v[D_TRIES];
	c.recovery_tries = c.tries;
	c.reset_tries = v[D_TRIES] == 2 ? 1 : 2;
	c.on_failure = v[D_ON_FAILURE];
	c.hold = v[D_HOLD];
	c.methods = methods[v[D_METHODS]];
	c.reset_method = resets[v[D_RESET_METHOD]];
	c.reset_wipe[0] = v[D_RESET_METHOD] == 1 ? 'd' : '\0';
	c.reset_hook[0] = v[D_RESET_METHOD] == 2 ? '/' : '\0';
	c.shared_fault = v[F_CONTINUE];
}

static void fill_charge(void)
{
	int target = v[D_TARGET] < f.ladder.n ? (int)v[D_TARGET] : 0;

	f.charge.made = v[D_CHARGE] == 1;
	f.charge.stuck = v[D_CHARGE] == 2;
	f.charge.rung = target;
	f.charge.was = target_then(&f.ladder.rung[target].counter);
}

static void fill_facts(void)
{
	static const unsigned int unfit[] = {0, METHOD_FIRMWARE, METHOD_ORDER,
					     METHOD_FIRMWARE | METHOD_ORDER};

	fill_config();
	fill_ladder();
	fill_booted();
	fill_record();
	fill_charge();
	f.event = v[D_EVENT];
	f.disabled = v[F_DISABLED];
	f.person = v[F_PERSON];
	f.blind = v[F_BLIND];
	f.unsure = v[F_UNSURE];
	f.oneshot = v[D_ONESHOT] != 0;
	f.stale_oneshot = v[D_ONESHOT] == 2;
	f.against = (f.kexeced ? AGAINST_HOPS : 0) | (v[D_AGAINST] ? AGAINST_SUPPORT : 0);
	f.unfit = unfit[v[D_UNFIT]];
	f.record_unwritable = v[F_RECORD_UNWRITABLE];
	f.counter_unwritable = v[F_COUNTER_UNWRITABLE];
	f.reset_refused = v[F_REFUSED];
	f.shared_failed = v[D_SHARED] > 0;
	f.shared_fault = v[D_SHARED] == 1 || v[D_SHARED] == 2;
	f.shared_recovery = v[D_SHARED] == 2;
	f.blessed = v[D_BLESSED] > 0;
	f.lasted = v[D_BLESSED] == 2;
	f.failed = v[D_BLESSED] == 3;
	f.opened = v[F_OPENED];
}
