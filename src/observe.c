// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "doors/dir.h"
#include "doors/efivar.h"
#include "doors/log.h"
#include "entries.h"
#include "fitness.h"
#include "identify.h"
#include "loader.h"
#include "observe.h"
#include "past.h"
#include "pin-store.h"
#include "tries-files.h"
#include "tries.h"

#define NEXT_NAMES_MAX 16

static int read_record_file(const struct machine *m, struct record *ret)
{
	int fd = m->store[machine_boot_place(m)].fd, e;
	char sector[RECORD_SIZE + 1];
	size_t len;

	if (fd < 0)
		return -ENOENT;
	e = dir_read(fd, OBSERVE_DIR "/" OBSERVE_RECORD_FILE, sector, sizeof(sector), &len);
	if (e == 0)
		e = record_decode(sector, len, ret);
	if (e < 0 && e != -ENOENT)
		log_warning("\"%s/%s\" is not valid: %s, ignoring", OBSERVE_DIR,
			    OBSERVE_RECORD_FILE, strerror(-e));
	return e;
}

static int read_record_variable(const struct machine *m, struct record *ret)
{
	uint8_t sector[RECORD_SIZE];
	size_t len;
	int e;

	if (m->efivars < 0)
		return -ENOENT;
	e = efivar_read(m->efivars, OBSERVE_RECORD_VARIABLE, EFIVAR_BOOTASSESS, sector,
			sizeof(sector), &len);
	if (e != 0)
		return e > 0 ? -ENOENT : e;
	return record_decode((const char *)sector, len, ret);
}

/* The newer of the two places a record can be in. */
static void read_record(const struct machine *m, struct facts *f)
{
	struct record r;
	int file, variable;

	file = read_record_file(m, &f->record);
	variable = read_record_variable(m, &r);
	f->record_damaged = (file < 0 && file != -ENOENT && variable < 0) ||
			    (variable < 0 && variable != -ENOENT && file < 0);
	if (variable == 0 &&
	    (r.txn > f->record.txn || (r.txn == f->record.txn && r.state > f->record.state)))
		f->record = r;
}

/* Counters of entries whose names could not be changed. A name that the loader gave in this very
 * boot is no such name, whatever an old line says. 0, or negative errno where it is not known what
 * they are: without them who is exhausted would look armed. */
static int read_tries(const struct machine *m, struct ladder *l, const char *booted_name)
{
	char text[TRIES_SIZE];
	size_t len;
	int e;

	if (m->efivars < 0) /* -1: nobody has looked */
		return m->efivars == -ENOENT || m->efivars == -1 ? 0 : m->efivars;
	e = efivar_read(m->efivars, OBSERVE_TRIES_VARIABLE, EFIVAR_BOOTASSESS, (uint8_t *)text,
			sizeof(text), &len);
	if (e < 0)
		log_warning("cannot read the EFI variable " OBSERVE_TRIES_VARIABLE ": %s",
			    strerror(-e));
	if (e != 0) /* what is too short or too long is none of ours */
		return efivar_is_unread(e) ? e : 0;
	for (unsigned int i = 0; i < l->n; i++) {
		struct rung *r = &l->rung[i];

		if (strcasecmp(r->name, booted_name) != 0)
			r->in_variable = tries_get(text, len, r->name, &r->counter) == 0;
		r->in_file = r->in_file && !r->in_variable;
	}
	return 0;
}

/* The first line of the pin's file; its sector is filled up with newlines. */
static int read_pin_line(int fd, char line[PIN_STORE_SIZE + 1])
{
	size_t len;
	int r;

	r = dir_read(fd, OBSERVE_DIR "/" OBSERVE_PIN_FILE, line, PIN_STORE_SIZE + 1, &len);
	if (r < 0)
		return r;
	if (memchr(line, '\0', len))
		return -EINVAL;
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

/* The operator's pin, as the id of its rung. */
static void read_pin(const struct machine *m, const struct ladder *l, char pin[NAME_SIZE])
{
	int r = -ENOENT, rung, fd = m->store[machine_boot_place(m)].fd;
	char line[PIN_STORE_SIZE + 1];
	struct slice word;

	if (fd >= 0)
		r = read_pin_line(fd, line);
	if (r < 0) {
		if (r != -ENOENT)
			log_warning("cannot read \"%s/%s\": %s, ignoring", OBSERVE_DIR,
				    OBSERVE_PIN_FILE, strerror(-r));
		return;
	}
	word = slice_trim((struct slice){line, strlen(line)});
	if (word.len == 0)
		return;
	rung = ladder_find_word(l, word);
	if (rung >= 0)
		memcpy(pin, l->rung[rung].id, NAME_SIZE);
	else
		log_warning("\"%s/%s\" names \"%.*s\", which is on no rung, ignoring", OBSERVE_DIR,
			    OBSERVE_PIN_FILE, (int)word.len, word.s);
}

/* How many of the next names of the booted entry's counter other files have taken. */
static unsigned int count_taken(const struct machine *m, const struct rung *r)
{
	char path[ENTRIES_PATH_SIZE], name[NAME_SIZE];
	unsigned int taken = 0;

	for (; taken < NEXT_NAMES_MAX; taken++) {
		struct counter next = counter_next(&r->counter, taken + 1);

		if (counter_format(r->id, &next, name) < 0)
			break;
		entries_path(r->type, name, path);
		if (!dir_exists(m->store[r->place].fd, path))
			break;
		log_warning("\"%s\" is in the way of the next count of \"%s\": systemd-boot cannot "
			    "rename it, and boots it uncounted",
			    path, r->name);
	}
	return taken;
}

static void warn_twin(const struct rung *r)
{
	const char *what = "with another counter";
	enum log_level level = LOG_DOOR_WARNING;

	if (!r->twin[0])
		return;
	if (r->ambiguous) {
		what = "and nothing says which one was booted: neither is renamed, remove one";
		level = LOG_DOOR_ERR;
	} else if (!r->twin_counted) {
		what = "without a counter, which may be booted uncounted";
	}
	log_line(level, "\"%s\" on %s has a twin, \"%s\" on %s, %s", r->name, place_name(r->place),
		 r->twin, place_name(r->twin_place), what);
}

/* What is to be said of a boot that nobody counted, where somebody is to count it now: a bless or
 * an edit comes later, and the assess event has said it. */
static void warn_uncounted(const struct machine *m, const struct facts *f, const struct rung *r,
			   const char *claimed)
{
	/* To count is always ours where the loader does not. */
	if (f->event >= EVENT_SWITCH || !m->loader->counts)
		return;
	if (claimed[0] && !f->kexeced)
		log_err("this boot was not counted: LoaderBootCountPath names \"%s\", which is not "
			"there",
			claimed);
	else
		log_err("this boot of \"%s\" was not counted by the boot loader", r->name);
}

static bool is_id_of(const char *name, const char *id)
{
	char its_id[NAME_SIZE];

	return name[0] && counter_strip(name, its_id) == 0 && counter_same_id(its_id, id);
}

/* Was this boot counted? The loader says that it renamed the file, and the file is there. */
static void check_counted(const struct machine *m, struct facts *f, const char *booted_name)
{
	struct rung *r = &f->ladder.rung[f->booted.rung];
	const char *claimed = m->loader->counts && is_id_of(m->sdboot.counted_name, f->booted.id)
				      ? m->sdboot.counted_name
				      : ""; /* of another entry: started first, in vain */
	bool is_named = strcasecmp(r->name, booted_name) == 0 &&
			(f->kexeced || r->type == m->sdboot.counted_type);

	warn_twin(r);
	f->booted.unproved = r->twin[0] && !r->twin_broken && !is_named;
	if (r->missing || !r->counter.present)
		return;
	f->booted.counted_here = machine_has_note(m, "counted");
	f->booted.renamed = !f->kexeced && claimed[0] && !is_named && !f->booted.counted_here;
	if (f->kexeced) /* we charged it before we left, unless the power went between */
		f->booted.counted = !counter_is_same(&r->counter, &f->record.target_counter);
	else
		f->booted.counted = is_named;
	if (f->booted.counted || f->booted.counted_here || r->ambiguous)
		return;
	if (!carrier_is_file(m, r))
		r->next_taken = count_taken(m, r);
	warn_uncounted(m, f, r, claimed);
}

/* Words of a kexec in the command line of a boot that was none. */
static void warn_words(const struct machine *m)
{
	if (m->is_kexeced || (!m->cmdline.booted[0] && m->cmdline.txn == 0))
		return;
	log_warning("this boot was no kexec, but bootassess.booted= or bootassess.txn= is on its "
		    "command line: take them and systemd.mask=systemd-bless-boot.service out of "
		    "the entry");
}

/* The name that the booted entry's file got for this boot: by the loader, or by the charge of our
 * kexec, unless that went into a tries file. "" if nobody says. */
static void find_booted_name(const struct machine *m, const struct record *r, char name[NAME_SIZE])
{
	struct counter charged = counter_next(&r->target_counter, 1);

	name[0] = '\0';
	if (!m->is_kexeced && m->loader->counts)
		memcpy(name, m->sdboot.counted_name, NAME_SIZE);
	if (m->is_kexeced && r->method == METHOD_KEXEC && r->target[0] &&
	    (m->loader->finds_by_name || m->loader->kind == LOADER_NONE))
		(void)counter_format(r->target, &charged, name);
}

void observe(const struct machine *m, enum event event, struct facts *ret)
{
	char booted_name[NAME_SIZE], oneshot[NAME_SIZE];
	bool has_tries;

	memset(ret, 0, sizeof(*ret));
	ret->event = event;
	ret->booted.rung = -1;
	ret->disabled = m->cmdline.disabled || m->is_crash_kernel;
	ret->person = m->cmdline.person;
	ret->blind = m->is_blind;
	ret->kexeced = m->is_kexeced;
	memcpy(ret->boot_id, m->boot_id, sizeof(ret->boot_id));
	ret->unfit |= loader_lacks(m);
	if (ret->disabled)
		return;
	warn_words(m);
	fitness_read(m, ret);
	read_record(m, ret);
	find_booted_name(m, &ret->record, booted_name);
	entries_read(m, booted_name, &ret->ladder, &ret->unsure);
	/* Else who is exhausted would look good. A variable could still count the booted one. */
	if (tries_files_read(m, &ret->ladder) < 0) {
		ret->unsure = true;
		ret->blind |= m->efivars < 0 || event == EVENT_BLESS;
	}
	has_tries = read_tries(m, &ret->ladder, booted_name) == 0;
	ret->unsure |= !has_tries;
	read_pin(m, &ret->ladder, ret->pin);
	loader_read_oneshot(m, &ret->ladder, oneshot, &ret->stale_oneshot);
	ret->oneshot = oneshot[0];
	/* A kexec goes past the loader. */
	if (oneshot[0] && m->loader->clears_oneshot && event < EVENT_FAIL && !m->is_kexeced)
		ret->stale_oneshot = true;
	identify_booted(m, ret);
	/* It may hold the counter of the booted one, unless that has a name of this very boot. */
	ret->blind |= !has_tries && !is_id_of(booted_name, ret->booted.id);
	if (ret->booted.rung >= 0)
		check_counted(m, ret, booted_name);
	else if (ret->booted.known)
		log_notice("\"%s\" was booted, which is on no rung of the ladder", ret->booted.id);
}

void observe_settings(const struct machine *m, struct facts *f)
{
	loader_read_settings(m, &f->ladder, &f->settings);
	past_read(m, f);
}
