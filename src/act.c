// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "act.h"
#include "carrier.h"
#include "doors/log.h"
#include "doors/power.h"
#include "explain.h"
#include "handover.h"
#include "history-note.h"
#include "loader.h"
#include "record-store.h"
#include "resetting.h"

/* Not run/systemd/system: that it exists tells every program that systemd runs (sd_booted(3)). */
#define MASK_DIR "run/systemd/system.control"

static int do_record(struct machine *m, struct facts *f, const struct plan *p, const struct op *op,
		     const struct stage *stage)
{
	struct record r = op->type == OP_RECORD ? p->record : f->record;
	int e;

	/* One that only learns that its kexec was lost stays the record of that boot. */
	if (op->type == OP_RECORD || r.state != op->record_state)
		memcpy(r.boot_id, f->boot_id, sizeof(r.boot_id));
	r.kexec_lost = p->record.kexec_lost;
	r.kexec_losses = p->record.kexec_losses;
	if (op->type == OP_RECORD && op->record_state == RECORD_OPEN && r.method == METHOD_KEXEC) {
		r.kexec_lost = false;
		r.kexec_cmdline = f->locked ? record_hash(stage->cmdline) : 0;
	}
	r.state = (uint8_t)op->record_state;
	e = record_store_write(m, &r);
	if (e == 0) {
		f->record.txn = r.txn;
		f->record.resets = r.resets;
		f->opened = op->type == OP_RECORD && r.state == RECORD_OPEN;
		if (r.state == RECORD_ARRIVED && f->booted.via == VIA_KEXEC)
			machine_set_note(m, "booted", f->booted.id);
		return 0;
	}
	log_err("cannot write the record anywhere: %s, so nothing is started that it would have to "
		"remember",
		strerror(-e));
	f->record_unwritable = true;
	return ACT_AGAIN;
}

static void note_counter(struct machine *m, struct facts *f, const struct op *op)
{
	f->charge.made = op->type == OP_CHARGE;
	if (f->charge.made) {
		f->charge.rung = op->rung;
		f->charge.was = f->ladder.rung[op->rung].counter;
	}
	carrier_note(m, f, op->rung, &op->to);
}

static int give_up(struct facts *f, enum method method, const char *what, int e)
{
	log_err("cannot %s: %s", what, strerror(-e));
	f->unfit |= method;
	return ACT_AGAIN;
}

/* 0 or negative errno, of what was tried first. */
static int write_counter(struct machine *m, struct facts *f, const struct op *op)
{
	struct rung *r = &f->ladder.rung[op->rung];
	const char *verb = carrier_verb(m, r), *where = place_name(carrier_place(m, r));
	char new_name[NAME_SIZE];
	int e, v;

	/* The loader's own next name must never be reserved: doors/esp.h. */
	e = carrier_set(m, r, &op->to, op->type != OP_COUNT && op->type != OP_CHARGE, new_name);
	if (e == 0) {
		if (carrier_is_file(m, r))
			carrier_log_file(r, &op->to);
		else
			log_notice("\"%s\" is now \"%s\"", r->name, new_name);
		memcpy(r->name, new_name, sizeof(new_name));
		/* A line that speaks of an old name must not speak again when an update brings it
		 * back. */
		if (carrier_set_variable(m, r, NULL) >= 0)
			r->in_variable = false;
		return 0;
	}
	/* A file that is gone has no name to count in, here or there. A charge is to be found again
	 * by its name: not if that is another file's. */
	v = e == -ENOENT || (e == -EEXIST && op->type == OP_CHARGE)
		    ? e
		    : carrier_set_variable(m, r, &op->to);
	if (v >= 0) {
		log_err("cannot %s \"%s\" on %s: %s, counting in an EFI variable", verb, r->name,
			where, strerror(-e));
		r->in_variable = true;
		return 0;
	}
	log_err("cannot %s \"%s\" on %s: %s%s%s", verb, r->name, where, strerror(-e),
		v == e ? "" : ", nor write an EFI variable: ", v == e ? "" : strerror(-v));
	return e;
}

static int do_counter(struct machine *m, struct facts *f, const struct plan *p, const struct op *op)
{
	struct rung *r = &f->ladder.rung[op->rung];
	int e = write_counter(m, f, op);

	if (e == 0) {
		note_counter(m, f, op);
		return 0;
	}
	/* The others may still be armed; what was reset is not reset again for that. */
	if (op->type == OP_ARM && (p->verdict == VERDICT_HOLD ||
				   (p->verdict == VERDICT_RESET && !counter_is_return(&op->to))))
		return 0;
	if (op->type == OP_REFUND) {
		f->charge.stuck = true;
		return ACT_AGAIN;
	}
	if (op->type == OP_CHARGE) {
		f->against |= AGAINST_LOAD;
		return ACT_AGAIN;
	}
	if (op->rung != f->booted.rung)
		return give_up(f, p->method, "arm the target", e);
	log_err("this device cannot be protected: the boots of \"%s\" cannot be counted", r->id);
	f->counter_unwritable = true;
	return ACT_AGAIN;
}

static int do_oneshot(struct machine *m, struct facts *f, const struct op *op)
{
	const struct rung *r = &f->ladder.rung[op->rung];
	int e = loader_set_oneshot(m, r);

	if (e >= 0) {
		f->oneshot = true;
		return 0;
	}
	f->oneshot = false;
	log_err("cannot set %s: %s", m->loader->oneshot, strerror(-e));
	f->unfit |= METHOD_FIRMWARE;
	return ACT_AGAIN;
}

static int do_unpin(struct machine *m, struct facts *f)
{
	int e = loader_unpin(m);

	return e >= 0 ? 0 : give_up(f, METHOD_ORDER, "change the boot loader's default", e);
}

static int do_tidy(struct machine *m, struct facts *f)
{
	int e = loader_delete_oneshot(m);

	f->oneshot = f->stale_oneshot = false;
	if (e < 0)
		log_warning("cannot delete %s: %s, ignoring", m->loader->oneshot, strerror(-e));
	return 0;
}

/* It goes by LoaderBootCountPath, which speaks of the boot before the kexec. */
static int do_mask(struct machine *m)
{
	int e = root_mkdirs(m->root.fd, MASK_DIR);

	if (e == 0)
		e = root_symlink(m->root.fd, "/dev/null", MASK_DIR "/systemd-bless-boot.service");
	if (e < 0)
		log_warning("cannot mask systemd-bless-boot.service: %s, ignoring", strerror(-e));
	return 0;
}

static void do_wait(struct machine *m, const struct plan *p, const struct op *op)
{
	if (m->root.is_test)
		log_err("waiting %lu s, then starting again", op->seconds);
	else
		machine_wait_until(m, power_uptime_ms() / 1000 + op->seconds,
				   p->verdict == VERDICT_HOLD);
}

static enum leave leave_of(enum op_type type)
{
	if (type == OP_POWEROFF)
		return LEAVE_POWEROFF;
	return type == OP_HALT ? LEAVE_HALT : LEAVE_REBOOT;
}

/* The end of everything: what we mounted is given back first. */
static int do_leave(struct machine *m, enum op_type type)
{
	_cleanup_(closep) int lock = -1, hold = -1;
	int r;

	if (m->root.is_test)
		return 0;
	if (m->leave) {
		handover_unload(m);
		return m->leave(leave_of(type));
	}
	if (type != OP_REBOOT && watchdog_stop(m->root.fd, &m->watchdog) > 0)
		log_warning("a watchdog cannot be stopped, and may start this machine again");
	/* These stay: who waits for them is not to begin anew while the machine goes down. */
	lock = m->lock;
	hold = m->hold;
	m->lock = m->hold = -1;
	machine_close(m);
	if (type == OP_POWEROFF)
		r = power_off();
	else
		r = type == OP_HALT ? power_halt() : power_reboot();
	log_err("cannot restart the machine: %s", strerror(-r));
	return r;
}

void act_tell(const struct facts *before, const struct plan *p, const struct op *op)
{
	char buf[3 * NAME_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	explain_op(before, p, op, &t);
	log_info("%s", buf);
}

static int do_op(struct machine *m, struct facts *f, const struct plan *p, const struct op *op,
		 struct stage *stage)
{
	switch (op->type) {
	case OP_RECORD:
	case OP_RESTATE:
		return do_record(m, f, p, op, stage);
	case OP_COUNT:
	case OP_ARM:
	case OP_MARK:
	case OP_CHARGE:
	case OP_REFUND:
		return do_counter(m, f, p, op);
	case OP_STAGE:
		return handover_stage(m, f, p, op, stage);
	case OP_KEXEC:
		return handover_jump(m, f, stage);
	case OP_TIDY:
		return do_tidy(m, f);
	case OP_MASK:
		return do_mask(m);
	case OP_ONESHOT:
		return do_oneshot(m, f, op);
	case OP_UNPIN:
		return do_unpin(m, f);
	case OP_WIPE:
		return resetting_wipe(m, f);
	case OP_REQUEST:
		return resetting_request(m, f);
	case OP_WAIT:
		do_wait(m, p, op);
		return 0;
	case OP_REBOOT:
	case OP_POWEROFF:
	case OP_HALT:
		return do_leave(m, op->type);
	default:
		return -EINVAL; /* settle() has those */
	}
}

/* Remembered just before this boot is left, waits for it, or resets: what was decided is durable
 * by then, and the reset cannot take it away.
 */
static bool is_end(enum op_type type)
{
	return type == OP_WIPE || type == OP_REQUEST || type == OP_WAIT || type == OP_KEXEC ||
	       type == OP_REBOOT || type == OP_POWEROFF || type == OP_HALT;
}

/* A loader whose default is another entry (a slot with a counter is never made the default there)
 * would not come back to this one by itself. systemd-boot does: it has an order of its own, and
 * names are state. What somebody else wants next is not overruled. */
static void keep_for_retry(struct machine *m, const struct facts *f, const struct plan *p)
{
	const struct rung *r = f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
	struct settings s;
	char id[NAME_SIZE];
	bool is_stale;
	int e;

	/* What cannot be counted would be started for ever. */
	if (p->verdict != VERDICT_RETRY || !f->booted.known || !r || f->counter_unwritable ||
	    ladder_state(r, &r->counter) > RUNG_ARMED || m->loader->kind == LOADER_SDBOOT ||
	    (f->unfit | loader_lacks(m)) & METHOD_FIRMWARE)
		return;
	loader_read_oneshot(m, &f->ladder, id, &is_stale);
	loader_read_settings(m, &f->ladder, &s);
	if ((id[0] && !is_stale) || choose_next(&f->ladder, &s).rung == f->booted.rung)
		return;
	e = loader_set_oneshot(m, r);
	if (e < 0)
		log_warning(
			"cannot set %s to \"%s\": %s, ignoring: the boot loader starts its default "
			"next",
			m->loader->oneshot, r->id, strerror(-e));
	else
		log_info("%s leads to \"%s\" again", m->loader->oneshot, r->id);
}

int act(struct machine *m, struct facts *f, const struct plan *p)
{
	bool is_due = history_is_due(f, p), has_ended = false;
	const struct facts before = *f; /* the plan is told in the words that it was made in */
	struct stage stage = STAGE_INIT;
	int r = 0;

	for (unsigned int i = 0; i < p->n_ops && r == 0; i++) {
		if (is_due && is_end(p->op[i].type)) {
			history_note(m, &before, p, m->failed_check, m->why);
			is_due = false;
		}
		if (is_end(p->op[i].type) && !has_ended) {
			keep_for_retry(m, f, p);
			has_ended = true;
		}
		act_tell(&before, p, &p->op[i]);
		r = do_op(m, f, p, &p->op[i], &stage);
	}
	if (is_due && r == 0)
		history_note(m, &before, p, m->failed_check, m->why);
	stage_close(&stage);
	return r;
}
