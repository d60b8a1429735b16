// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "act.h"
#include "carrier.h"
#include "doors/dir.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "entries.h"
#include "loader.h"
#include "record-store.h"
#include "settle.h"

#define PARKED_MAX 10 /* .off, .off1 .. .off9 */

static bool has_file(const struct machine *m, const struct rung *r, const char *name)
{
	char path[ENTRIES_PATH_SIZE];

	entries_path(r->type, name, path);
	return dir_exists(m->store[r->place].fd, path);
}

static const char *what_stays(const struct rung *r)
{
	return r->counter.present ? "the entry keeps its counter"
				  : "the entry stays without a counter";
}

/* A line of the variable would outlive the counter that it stands for, also one that a name that
 * has changed silences: an update may bring that name back. */
static int drop_line(const struct machine *m, struct rung *r, bool has_new_name)
{
	int v = carrier_set_variable(m, r, NULL);

	if (v < 0 && r->in_variable && !has_new_name) {
		log_err("cannot change the EFI variable that holds the counter of \"%s\": %s: %s",
			r->name, strerror(-v), what_stays(r));
		return v;
	}
	r->in_variable = false;
	return 0;
}

/* The name is the new one, whether the disk has confirmed it or not. */
static int take_name(struct machine *m, struct facts *f, const struct op *op,
		     const struct counter *to, const char *new_name)
{
	struct rung *r = &f->ladder.rung[op->rung];
	bool has_new_name = strcmp(r->name, new_name) != 0;
	int e;

	e = drop_line(m, r, has_new_name);
	if (e < 0)
		return e;
	if (carrier_is_file(m, r))
		carrier_log_file(r, to);
	else if (has_new_name)
		log_notice("\"%s\" on %s is now \"%s\"", r->name, place_name(r->place), new_name);
	memcpy(r->name, new_name, strlen(new_name) + 1);
	carrier_note(m, f, op->rung, to);
	return 0;
}

/* The loader has renamed a file there in this boot, and would do it again in the next: what the
 * variable says of the old name would not be heard any more. */
static bool loader_can_write(const struct facts *f, const struct rung *r)
{
	return !f->kexeced && f->booted.counted && f->ladder.rung[f->booted.rung].place == r->place;
}

/* Nobody can rename the file. */
static int keep_in_variable(struct machine *m, struct facts *f, const struct op *op,
			    const struct counter *to, int e)
{
	struct rung *r = &f->ladder.rung[op->rung];
	int v = carrier_set_variable(m, r, to);

	const char *verb = carrier_verb(m, r), *where = place_name(carrier_place(m, r));

	if (v < 0) {
		log_err("cannot %s \"%s\" on %s: %s, nor write an EFI variable: %s: %s", verb,
			r->name, where, strerror(-e), strerror(-v), what_stays(r));
		return e;
	}
	log_notice("cannot %s \"%s\" on %s: %s, so an EFI variable holds that it is %s", verb,
		   r->name, where, strerror(-e), to->present ? "counted anew" : "blessed");
	r->in_variable = true;
	carrier_note(m, f, op->rung, to);
	return 0;
}

/* The disk did not confirm a rename that was done. */
static bool is_renamed(const struct machine *m, const struct rung *r, const char *new_name)
{
	return !carrier_is_file(m, r) && new_name[0] && !has_file(m, r, r->name) &&
	       has_file(m, r, new_name);
}

static void log_not_set(const struct machine *m, const struct rung *r, const char *new_name, int e)
{
	if (carrier_is_file(m, r))
		log_err("cannot write the tries file of \"%s\" on %s: %s: %s", r->id,
			place_name(carrier_place(m, r)), strerror(-e), what_stays(r));
	else
		log_err("cannot rename \"%s\" on %s to \"%s\": %s: %s", r->name,
			place_name(r->place), new_name, strerror(-e), what_stays(r));
}

static int write_counter(struct machine *m, struct facts *f, const struct op *op,
			 const struct counter *to)
{
	struct rung *r = &f->ladder.rung[op->rung];
	char new_name[NAME_SIZE];
	int e;

	e = carrier_set(m, r, to, true, new_name);
	if (e == 0)
		return take_name(m, f, op, to, new_name);
	if (is_renamed(m, r, new_name)) {
		log_err("the disk did not confirm that \"%s\" on %s is now \"%s\": %s: a power cut "
			"may bring the old name back",
			r->name, place_name(r->place), new_name, strerror(-e));
		(void)take_name(m, f, op, to, new_name);
		return e;
	}
	if (e == -EROFS && !loader_can_write(f, r))
		return keep_in_variable(m, f, op, to, e);
	log_not_set(m, r, new_name, e);
	return e;
}

/* Where the file system is read-only the counter goes into the EFI variable: then no loader can
 * rename the file either. But not if the loader has just done so. */
static int do_counter(struct machine *m, struct facts *f, const struct op *op)
{
	const struct counter none = {.present = false};
	int e = write_counter(m, f, op, op->type == OP_BLESS ? &none : &op->to);

	if (e < 0)
		f->incomplete = true;
	/* A refill is one favour among others. */
	return f->event == EVENT_BLESS && op->rung != f->booted.rung ? 0 : e;
}

/* Writes the first free name for a file that is put aside. 0; 1 if the last one is taken too. */
static int find_parked_name(const struct machine *m, const struct rung *file,
			    char parked[NAME_SIZE])
{
	for (unsigned int i = 0; i < PARKED_MAX; i++) {
		struct text t;

		text_init(&t, parked, NAME_SIZE);
		text_str(&t, file->name);
		text_str(&t, ".off");
		if (i > 0)
			text_uint(&t, i, 0);
		if (t.full)
			return -ENAMETOOLONG;
		if (!has_file(m, file, parked))
			return 0;
	}
	return 1;
}

static int park_mounted(struct machine *m, const struct rung *file, const char *parked,
			bool is_taken)
{
	const char *dir = ladder_dir(file->type);
	int e = machine_begin_write(m, file->place), fd = m->store[file->place].fd;

	if (e < 0)
		return e;
	if (is_taken)
		e = esp_rename_over(fd, dir, file->name, parked);
	else
		e = esp_rename_reserved(fd, dir, file->name, parked);
	machine_end_write(m, file->place);
	return e;
}

static int park_file(struct machine *m, const struct rung *file)
{
	char parked[NAME_SIZE];
	int taken, e;

	taken = find_parked_name(m, file, parked);
	e = taken == 0 ? carrier_move(m, file, parked) : taken;
	if (e > 0)
		e = park_mounted(m, file, parked, taken);
	if (e < 0)
		log_err("cannot put \"%s/%s\" on %s aside: %s: two files stay that the boot loader "
			"takes for \"%s\"",
			ladder_dir(file->type), file->name, place_name(file->place), strerror(-e),
			file->id);
	else
		log_notice("\"%s\" on %s is now \"%s\": only one file can be \"%s\"", file->name,
			   place_name(file->place), parked, file->id);
	return e;
}

/* Each other file of the rung's id, on both partitions, gets a name that no loader takes for an
 * entry. */
static int do_park(struct machine *m, struct facts *f, const struct op *op)
{
	struct rung *r = &f->ladder.rung[op->rung], file;
	int e;

	while ((e = entries_find_twin(m, r, &file)) > 0) {
		e = park_file(m, &file);
		if (e < 0)
			break;
	}
	if (e < 0) {
		f->incomplete = true;
		return e;
	}
	r->twin[0] = '\0';
	r->twin_plain = r->twin_counted = r->ambiguous = false;
	if (op->rung == f->booted.rung)
		f->booted.unproved = false;
	return 0;
}

static int do_correct(struct machine *m, struct facts *f, const struct op *op)
{
	const char *id = f->ladder.rung[op->rung].id;
	int e = machine_begin_write(m, PLACE_ESP);

	if (e == 0) {
		e = sdboot_correct(m->store[PLACE_ESP].fd, id);
		machine_end_write(m, PLACE_ESP);
	}
	if (e < 0) {
		log_err("cannot correct the default in \"loader/loader.conf\" on the ESP: %s: it "
			"names a file that is there no more, and the boot loader passes it over",
			strerror(-e));
		f->incomplete = true;
		return 0;
	}
	if (e == 0)
		log_notice("the default in \"loader/loader.conf\" is now \"%s\"", id);
	loader_read_settings(m, &f->ladder, &f->settings);
	return 0;
}

static int do_prefer(struct machine *m, struct facts *f, const struct op *op)
{
	const char *id = f->ladder.rung[op->rung].id;
	int e = loader_prefer(m, &f->settings, &f->ladder.rung[op->rung]);

	if (e < 0) {
		log_err("cannot make the boot loader select \"%s\": %s: its settings select "
			"another entry",
			id, strerror(-e));
		f->incomplete = true;
		return 0;
	}
	if (e == 0)
		log_notice("the boot loader's settings select \"%s\" from now on", id);
	loader_read_settings(m, &f->ladder, &f->settings);
	return 0;
}

static int do_oneshot(struct machine *m, struct facts *f, const struct op *op)
{
	const struct rung *r = &f->ladder.rung[op->rung];
	int e = loader_set_oneshot(m, r);

	if (e < 0) {
		log_err("cannot make the boot loader boot \"%s\" once: %s: its settings select "
			"another entry",
			r->id, strerror(-e));
		f->incomplete = true;
		return 0;
	}
	f->oneshot = true;
	log_notice("the boot loader boots \"%s\" next, once: it came by kexec", r->id);
	return 0;
}

static int do_record(struct machine *m, struct facts *f, const struct plan *p, const struct op *op)
{
	struct record r = op->type == OP_RECORD ? p->record : f->record;
	int e;

	r.state = (uint8_t)op->record_state;
	memcpy(r.boot_id, f->boot_id, sizeof(r.boot_id));
	e = record_store_write(m, &r);
	if (e < 0 && f->event == EVENT_SHUTDOWN) {
		log_err("cannot write the record anywhere: %s: it limits how often a try is given "
			"back, so none is",
			strerror(-e));
		return e;
	}
	if (e < 0) {
		log_err("cannot write the record anywhere: %s: the next boot may take this one for "
			"a "
			"switch that never arrived",
			strerror(-e));
		f->incomplete = true;
		return 0;
	}
	f->record = r;
	/* It says what runs, and may become that of another switch. */
	if (r.state == RECORD_ARRIVED && f->booted.via == VIA_KEXEC)
		machine_set_note(m, "booted", f->booted.id);
	return 0;
}

static int do_op(struct machine *m, struct facts *f, const struct plan *p, const struct op *op)
{
	switch (op->type) {
	case OP_PARK:
		return do_park(m, f, op);
	case OP_BLESS:
	case OP_ARM:
	case OP_MARK:
	case OP_REFUND:
		return do_counter(m, f, op);
	case OP_CORRECT:
		return do_correct(m, f, op);
	case OP_PREFER:
		return do_prefer(m, f, op);
	case OP_ONESHOT:
		return do_oneshot(m, f, op);
	case OP_RECORD:
	case OP_RESTATE:
		return do_record(m, f, p, op);
	default:
		return -EINVAL; /* no operation of these events */
	}
}

int settle(struct machine *m, struct facts *f, const struct plan *p)
{
	const struct facts before = *f; /* the plan is told in the words that it was made in */
	unsigned int given_up = 0;	/* set of rungs */
	int first = 0;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		const struct op *op = &p->op[i];
		int r;

		if (given_up & 1u << op->rung)
			continue;
		act_tell(&before, p, op);
		r = do_op(m, f, p, op);
		if (r < 0 && f->event != EVENT_EDIT)
			return r;
		if (r < 0) { /* the rungs of an edit stand each for itself */
			given_up |= 1u << op->rung;
			first = first < 0 ? first : r;
		}
	}
	return first;
}
