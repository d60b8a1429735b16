// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "install-job.h"
#include "overwrite.h"

/* All that a type #1 entry names, "EFI/x/y". */
struct named {
	char path[JOB_FILES][JOB_PATH_SIZE];
	struct slice slice[JOB_FILES];
	unsigned int n;
};

static void add(struct named *list, struct slice path)
{
	if (list->n == JOB_FILES || path.len == 0 || job_clean_path(path, list->path[list->n]) < 0)
		return;
	list->slice[list->n] = (struct slice){list->path[list->n], strlen(list->path[list->n])};
	list->n++;
}

/* One that cannot be read goes all the same; its files stay. */
static void read_named(const struct machine *m, const struct rung *r, struct named *list)
{
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;

	list->n = 0;
	if (r->type != 1 || entries_read_type1(m, r->place, r->name, text, &e) < 0)
		return;
	add(list, e.linux_path.len > 0 ? e.linux_path : e.efi.len > 0 ? e.efi : e.uki);
	for (unsigned int i = 0; i < e.n_initrd; i++)
		add(list, e.initrd[i]);
}

/* The entry first: from then on nothing boots what goes away behind it. */
static int remove_all(struct machine *m, const struct rung *r, const struct named *list)
{
	struct update u = {.step = UPDATE_REMOVE, .type = r->type};
	int e;

	memcpy(u.id, r->id, sizeof(u.id));
	for (; u.n_paths < list->n && u.n_paths < UPDATE_PATHS; u.n_paths++)
		u.path[u.n_paths] = list->slice[u.n_paths];
	e = journal_update(m, r->place, &u);
	if (e == 0)
		e = esp_unlink(m->store[r->place].fd, ladder_dir(r->type), r->name);
	if (e == 0)
		e = job_sweep(m, r->place, r->id, list->slice, list->n);
	if (e < 0)
		return e;
	u = (struct update){.step = UPDATE_DONE};
	return journal_update(m, r->place, &u);
}

static int refuse_twin(struct job *j)
{
	return job_refuse(
		j, -EEXIST, "\"", j->r.name, "\" on ", place_name(j->r.place), " and \"", j->r.twin,
		"\" on ", place_name(j->r.twin_place),
		" are one id, and which of them is meant is not known; remove one by hand");
}

static int check(struct job *j, bool force)
{
	enum overwrite o = overwrite_check(j->f, j->rung);
	int r;

	if (j->r.missing)
		return job_refuse(j, -ENOENT, "\"", j->r.id, "\" has no boot entry");
	if (j->r.ambiguous || j->r.twin_plain || j->r.twin_counted)
		return refuse_twin(j);
	r = job_check_other(j);
	if (r < 0)
		return r;
	if (o == OVERWRITE_YES || force)
		return 0;
	return job_refuse(j, -EPERM, "\"", j->r.id,
			  "\" must not be removed: ", overwrite_sentence(o), " (--force)");
}

static int carry_out(struct job *j)
{
	struct named list;
	int r;

	r = machine_begin_write(j->m, j->r.place);
	if (r == 0) {
		read_named(j->m, &j->r, &list);
		r = remove_all(j->m, &j->r, &list);
		machine_end_write(j->m, j->r.place);
	}
	if (r < 0)
		return job_refuse(j, r, "cannot remove \"", j->r.name,
				  "\" or a file of it: ", strerror(r == -EACCES ? EROFS : -r));
	/* One that stays says nothing without the entry, and a new one is armed before it comes. */
	(void)carrier_forget(j->m, &j->r);
	if (j->rung >= 0)
		j->f->ladder.rung[j->rung].missing = true;
	return 0;
}

static bool is_word(const char *id, const char *word)
{
	const char *dot = strrchr(id, '.');
	size_t len = dot ? (size_t)(dot - id) : strlen(id);

	return strcasecmp(id, word) == 0 ||
	       (strlen(word) == len && strncasecmp(id, word, len) == 0);
}

int install_remove_disabled(struct machine *m, const char *word, bool dry_run, char id[NAME_SIZE],
			    char *why, size_t size)
{
	int r;

	for (enum place place = PLACE_ESP; place < PLACES; place++) {
		struct job j = {.m = m, .rung = -1, .why = {.buf = why, .size = size}};

		if (journal_find_disabled(m, place, id, j.r.name) == 0 || !is_word(id, word))
			continue;
		j.r.place = place;
		j.r.type = strcasecmp(id + strlen(id) - strlen(".efi"), ".efi") == 0 ? 2 : 1;
		memcpy(j.r.id, id, NAME_SIZE);
		r = dry_run ? 0 : carry_out(&j);
		return r < 0 ? r : 1;
	}
	return 0;
}

int install_remove(struct machine *m, struct facts *f, int rung, bool force, bool dry_run,
		   char *why, size_t size)
{
	struct job j = {.m = m,
			.f = f,
			.rung = rung,
			.r = f->ladder.rung[rung],
			.why = {.buf = why, .size = size}};
	int r = check(&j, force);

	return r < 0 || dry_run ? r : carry_out(&j);
}
