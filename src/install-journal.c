// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "doors/dir.h"
#include "doors/log.h"
#include "install-job.h"
#include "observe.h"

#define OFF ".off"

int journal_update(const struct machine *m, enum place place, const struct update *u)
{
	char sector[SECTOR_SIZE];
	int r = update_encode(u, sector);

	if (r < 0)
		return r;
	return esp_write_file(m->store[place].fd, OBSERVE_DIR, UPDATE_FILE, sector, SECTOR_SIZE);
}

int journal_read(const struct machine *m, enum place place, char sector[SECTOR_SIZE],
		 struct update *ret)
{
	char buf[SECTOR_SIZE + 1];
	size_t len;
	int r;

	*ret = (struct update){.step = UPDATE_DONE};
	r = dir_read(m->store[place].fd, OBSERVE_DIR "/" UPDATE_FILE, buf, sizeof(buf), &len);
	if (r == -ENOENT)
		return 0;
	if (r == 0) {
		memcpy(sector, buf, len < SECTOR_SIZE ? len : SECTOR_SIZE);
		r = update_decode(sector, len, ret);
	}
	return r;
}

/* A slot that a power cut left disabled: NAME.off, with a counter or without. */
struct disabled {
	const char *id;
	char *name;
};

static int match_disabled(void *data, const char *name)
{
	struct disabled *d = data;
	char plain[NAME_SIZE], id[NAME_SIZE];
	size_t len = strlen(name), off = strlen(OFF);

	if (len <= off || len >= NAME_SIZE || strcasecmp(name + len - off, OFF) != 0)
		return 0;
	memcpy(plain, name, len - off);
	plain[len - off] = '\0';
	if (counter_strip(plain, id) == 0 && strcasecmp(id, d->id) == 0)
		memcpy(d->name, name, len + 1);
	return 0;
}

/* Only the journal makes it ours: a person, or a bless, disables entries too. */
int journal_find_disabled(const struct machine *m, enum place place, char id[NAME_SIZE],
			  char name[NAME_SIZE])
{
	struct disabled d = {.id = id, .name = name};
	char sector[SECTOR_SIZE];
	struct update u;

	name[0] = '\0';
	if (m->store[place].fd < 0 || journal_read(m, place, sector, &u) < 0 ||
	    u.step != UPDATE_PLACE)
		return 0;
	memcpy(id, u.id, NAME_SIZE);
	(void)dir_each_file(m->store[place].fd, ladder_dir(u.type), match_disabled, &d);
	return name[0] != '\0';
}

/* The file of the slot's entry, whatever its counter. 1 = there is one. */
static int find_entry(const struct machine *m, enum place place, const struct update *u,
		      struct rung *ret)
{
	struct rung none = {.place = PLACES, .type = u->type};
	int r;

	memcpy(none.id, u->id, sizeof(none.id));
	r = entries_find_twin(m, &none, ret);
	return r == 1 && ret->place != place ? 0 : r;
}

/* Of a slot that has no entry, on neither partition: what is installed there next is not to be
 * taken for it. */
static int forget_tries(struct machine *m, enum place place, const struct update *u)
{
	const struct counter none = {.present = false};
	struct rung r = {.place = place, .type = u->type}, entry, any = {.place = PLACES};
	char name[NAME_SIZE];
	int e;

	memcpy(r.id, u->id, sizeof(r.id));
	memcpy(any.id, u->id, sizeof(any.id));
	any.type = u->type;
	e = entries_find_twin(m, &any, &entry);
	if (e != 0 || !carrier_is_file(m, &r))
		return e < 0 ? e : 0;
	return carrier_set_mounted(m, &r, &none, name);
}

static int read_number(const struct machine *m, const struct rung *r, uint32_t *ret)
{
	_cleanup_(closep) int fd = -1;
	char path[ENTRIES_PATH_SIZE];
	struct dir_mark mark;
	int e;

	entries_path(r->type, r->name, path);
	fd = dir_open_file(m->store[r->place].fd, path);
	if (fd < 0)
		return fd;
	e = dir_file_mark(fd, &mark);
	return e < 0 ? e : job_number(fd, mark.size, ret);
}

/* The old content: armed for the switch that did not come, it gets its own counter back, unless it
 * was started meanwhile. */
static int take_back(struct machine *m, const struct update *u, const struct rung *r)
{
	char name[NAME_SIZE];
	int e = 0;

	if (counter_is_same(&r->counter, &u->tries) && !counter_is_same(&r->counter, &u->was))
		e = carrier_set_mounted(m, r, &u->was, name);
	if (e == 0)
		log_notice("the installation of \"%s\" was cut short: it stays as it was", u->id);
	return e;
}

/* The new content is there: it gets its tries, but not once more if it was started meanwhile. A new
 * slot may have got them before its entry came. */
static int finish_copy(struct machine *m, enum place place, const struct update *u)
{
	char name[NAME_SIZE];
	uint32_t number;
	struct rung r;
	int e;

	e = find_entry(m, place, u, &r);
	if (e == 0)
		return forget_tries(m, place, u);
	if (e < 0)
		return e;
	e = read_number(m, &r, &number);
	if (e == 0)
		e = carrier_read(m, &r);
	if (e < 0)
		return e;
	if (number != u->number)
		return take_back(m, u, &r);
	if (!counter_is_same(&r.counter, &u->tries) && counter_is_same(&r.counter, &u->was))
		e = carrier_set_mounted(m, &r, &u->tries, name);
	if (e == 0)
		log_notice("the installation of \"%s\" was cut short: it is finished now", u->id);
	return e;
}

static int finish(struct machine *m, enum place place, const struct update *u)
{
	int r = 0;

	if (u->step == UPDATE_COPY)
		r = finish_copy(m, place, u);
	if (u->step == UPDATE_TREE)
		log_warning("the installation of \"%s\" was cut short between two of its files: "
			    "install it again",
			    u->id);
	if (u->step == UPDATE_REMOVE)
		r = forget_tries(m, place, u);
	if (u->step == UPDATE_REMOVE && r == 0)
		log_notice("the removal of \"%s\" was cut short: what no entry names is removed",
			   u->id);
	return r < 0 ? r : job_sweep(m, place, u->id, u->path, u->n_paths);
}

/* The slot is enabled again, or its new entry stands beside what was disabled: only the old file is
 * left. Never one that has the same content: of two names it may be the same file. 1 = so it is. */
static int finish_place(const struct machine *m, enum place place, const struct update *u)
{
	struct rung r, off = {.type = u->type, .place = place};
	uint32_t number;
	char id[NAME_SIZE];
	int e = find_entry(m, place, u, &r);

	if (e <= 0 || read_number(m, &r, &number) < 0 || number != u->number)
		return 0;
	if (journal_find_disabled(m, place, id, off.name) == 0)
		return 1;
	if (read_number(m, &off, &number) < 0 || number == u->number)
		return 0;
	e = esp_unlink(m->store[place].fd, ladder_dir(u->type), off.name);
	return e < 0 ? 0 : 1;
}

int install_recover(struct machine *m, enum place place)
{
	char sector[SECTOR_SIZE];
	struct update u;
	int r;

	if (m->store[place].fd < 0)
		return 0;
	r = journal_read(m, place, sector, &u);
	if (r < 0)
		log_warning("cannot read \"" OBSERVE_DIR "/" UPDATE_FILE "\" on %s: %s; if an "
			    "installation was cut short, repeat it",
			    place_name(place), r == -EINVAL ? "it is damaged" : strerror(-r));
	if (r < 0 || u.step == UPDATE_DONE)
		return 0;
	if (u.step == UPDATE_PLACE && finish_place(m, place, &u) == 0) {
		log_warning("the installation of \"%s\" was cut short while its old version was "
			    "written over: it stays disabled until it is installed again",
			    u.id);
		return 0;
	}
	r = finish(m, place, &u);
	if (r == 0) {
		u = (struct update){.step = UPDATE_DONE};
		r = journal_update(m, place, &u);
	}
	if (r < 0)
		log_err("cannot finish what was cut short of \"%s\": %s; the next command tries "
			"again",
			u.id, strerror(-r));
	return r;
}
