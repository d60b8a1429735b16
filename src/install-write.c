// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "doors/dir.h"
#include "install-job.h"
#include "observe.h"
#include "overwrite.h"

#define OFF ".off"

static int refuse_write(struct job *j, int r, const char *what)
{
	if (r == -EBADMSG)
		return job_refuse(j, r, "the disk does not hold what was written to \"", what,
				  "\"");
	if (r == -ESTALE)
		return job_refuse(j, r, "what was to be written to \"", what,
				  "\" became shorter meanwhile");
	return job_refuse(j, r, "cannot write \"", what, "\": ", strerror(-r));
}

static int store_fd(const struct job *j)
{
	return j->m->store[j->r.place].fd;
}

/* Each part of the work has the file system writable for itself: between them, carrier_set()
 * may take it away from the kernel for a moment. */
static int with_store(struct job *j, int (*fn)(struct job *j))
{
	int r = machine_begin_write(j->m, j->r.place);

	if (r < 0)
		return job_refuse(j, r, "cannot make the file system writable: ",
				  strerror(r == -EACCES ? EROFS : -r));
	r = fn(j);
	machine_end_write(j->m, j->r.place);
	return r;
}

static void count_bytes(void *data, uint64_t bytes)
{
	struct job *j = data;

	j->done += bytes;
	if (j->what->progress)
		j->what->progress(j->what->data, j->done, j->cost->written);
}

static struct esp_source source_of(struct job *j, const struct job_file *file)
{
	return (struct esp_source){.fd = file->from->fd,
				   .size = file->from->size,
				   .mtime = &file->from->mtime,
				   .progress = count_bytes,
				   .data = j};
}

static struct counter full_tries(const struct job *j)
{
	return counter_make((int)j->tries, 0);
}

static int write_journal(struct job *j, enum update_step step)
{
	struct update u = {
		.step = step, .type = j->r.type, .was = j->r.counter, .tries = full_tries(j)};
	int r = 0;

	memcpy(u.id, j->r.id, sizeof(u.id));
	for (unsigned int i = 0; j->r.type == 1 && i < j->n_files && u.n_paths < UPDATE_PATHS; i++)
		if (j->file[i].old[0] && !j->file[i].is_same)
			u.path[u.n_paths++] =
				(struct slice){j->file[i].old, strlen(j->file[i].old)};
	if (j->r.type == 1)
		u.number = job_text_number(j->text.buf, j->text.len);
	else if (step != UPDATE_DONE)
		r = job_number(j->file[0].from->fd, j->file[0].from->size, &u.number);
	if (r == 0)
		r = journal_update(j->m, j->r.place, &u);
	return r < 0 ? refuse_write(j, r, "loader/bootassess/" UPDATE_FILE) : 0;
}

/* Nothing is switched yet. What is left, the next run finds. */
static int take_back(struct job *j)
{
	if (j->temporary[0])
		(void)esp_unlink(store_fd(j), ladder_dir(2), j->temporary);
	if (j->r.type == 1)
		(void)job_sweep(j->m, j->r.place, j->r.id, NULL, 0);
	if (!j->off[0] && !j->is_armed)
		(void)journal_update(j->m, j->r.place, &(struct update){.step = UPDATE_DONE});
	return 0;
}

static int copy_one(struct job *j, struct job_file *file)
{
	struct esp_source src = source_of(j, file);
	char dir[JOB_PATH_SIZE];
	const char *name = job_split_path(file->path, dir);
	int r = esp_copy_new(store_fd(j), dir, name, &src);

	return r < 0 ? refuse_write(j, r, file->path) : 0;
}

static int copy_uki(struct job *j)
{
	struct esp_source src = source_of(j, &j->file[0]);
	int r;

	if (j->file[0].is_same || !j->r.name[0])
		return 0;
	r = esp_copy_temporary(store_fd(j), ladder_dir(2), &src, j->temporary);
	if (r < 0)
		j->temporary[0] = '\0';
	return r < 0 ? refuse_write(j, r, j->r.name) : 0;
}

/* All that comes beside the old version. */
static int copy_all(struct job *j)
{
	int r = write_journal(j, j->off[0] ? UPDATE_PLACE : UPDATE_COPY);

	if (r < 0)
		return r;
	if (j->r.type == 2)
		r = copy_uki(j);
	for (unsigned int i = 0; j->r.type == 1 && r == 0 && i < j->n_files; i++)
		if (!j->file[i].is_same)
			r = copy_one(j, &j->file[i]);
	if (r < 0)
		(void)take_back(j);
	return r;
}

/* A new entry under its own name, or under the one that it had before a power cut left it disabled:
 * a loader that finds entries by their paths knows no other. */
static void plain_name(const struct job *j, char name[NAME_SIZE])
{
	const char *now = j->off[0] ? j->off : j->r.name;
	size_t len = strlen(now), off = strlen(OFF);

	memcpy(name, len > 0 ? now : j->r.id, NAME_SIZE);
	if (len > off && strcasecmp(name + len - off, OFF) == 0)
		name[len - off] = '\0';
}

/* The name of the entry's file with all its tries. */
static int armed_name(struct job *j, char name[NAME_SIZE])
{
	struct counter to = full_tries(j);
	int r;

	if (j->is_file) {
		plain_name(j, name);
		return 0;
	}
	r = counter_format(j->r.id, &to, name);
	return r < 0 ? job_refuse(j, r, "\"", j->r.id, "\" is too long a name for a counter") : 0;
}

/* A line of the EFI variable would outlive the counter that it stands for. */
static void take_name(struct job *j, const char *name)
{
	(void)carrier_set_variable(j->m, &j->r, NULL);
	memcpy(j->r.name, name, strlen(name) + 1);
	j->r.counter = full_tries(j);
	j->r.in_variable = false;
	j->r.in_file = j->is_file;
}

/* A new entry is there at once with its counter. */
static int make_entry(struct job *j)
{
	struct esp_source src = source_of(j, &j->file[0]);
	char name[NAME_SIZE];
	int r = armed_name(j, name);

	if (r < 0)
		return r;
	if (j->r.type == 2)
		r = esp_copy_new(store_fd(j), ladder_dir(2), name, &src);
	else
		r = esp_write_file(store_fd(j), ladder_dir(1), name, j->text.buf, j->text.len);
	if (r < 0)
		return refuse_write(j, r, name);
	take_name(j, name);
	return 0;
}

/* The one step from the old version to the new one. */
static int switch_entry(struct job *j)
{
	int r = 0;

	if (!j->r.name[0])
		r = make_entry(j);
	else if (j->r.type == 2)
		r = esp_exchange(store_fd(j), ladder_dir(2), j->temporary, j->r.name);
	else if (j->has_new_text)
		r = esp_write_file(store_fd(j), ladder_dir(1), j->r.name, j->text.buf, j->text.len);
	if (r < 0 && !j->why.len)
		refuse_write(j, r, j->r.name);
	return r;
}

static int finish(struct job *j)
{
	struct slice path[JOB_FILES + BLS_INITRDS_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < j->n_files; i++)
		if (j->r.type == 1 && j->file[i].old[0])
			path[n++] = (struct slice){j->file[i].old, strlen(j->file[i].old)};
	for (unsigned int i = 0; i < j->old.n_initrd && j->r.type == 1; i++)
		path[n++] = j->old.initrd[i];
	if (j->temporary[0])
		(void)esp_unlink(store_fd(j), ladder_dir(2), j->temporary);
	if (j->off[0] && esp_unlink(store_fd(j), ladder_dir(j->r.type), j->off) < 0)
		return 0;
	j->is_disabled = false;
	/* What could not be removed is logged, and costs only room: the next run tries again. */
	if (j->r.type == 1 && job_sweep(j->m, j->r.place, j->r.id, path, n) < 0)
		return 0;
	return write_journal(j, UPDATE_DONE);
}

bool job_has_counter(const struct job *j)
{
	return j->r.counter.present && !j->r.in_variable;
}

/* 0 or negative errno: then either name may be there. */
static int set_counter(struct job *j, const struct counter *to)
{
	char name[NAME_SIZE];
	int r;

	if (!j->r.in_variable && counter_is_same(&j->r.counter, to))
		return 0;
	r = carrier_set(j->m, &j->r, to, true, name);
	if (r < 0)
		return r;
	take_name(j, name);
	j->r.counter = *to;
	if (j->rung >= 0) {
		memcpy(j->f->ladder.rung[j->rung].name, name, sizeof(name));
		j->f->ladder.rung[j->rung].in_variable = false;
		carrier_note(j->m, j->f, j->rung, to);
	}
	return 0;
}

int job_arm(struct job *j)
{
	struct counter to = full_tries(j);
	int r = set_counter(j, &to);

	return r < 0 ? job_refuse(j, r, "cannot give \"", j->r.name, "\" its tries: ", strerror(-r))
		     : 0;
}

static int try_exchange(struct job *j)
{
	int r = esp_try_exchange(store_fd(j), OBSERVE_DIR);

	if (r == -EINVAL)
		return job_refuse(j, r, "the kernel cannot exchange two files on ",
				  place_name(j->r.place), ", vfat can from Linux 6.0 on");
	return r < 0 ? refuse_write(j, r, OBSERVE_DIR) : 0;
}

int job_try_exchange(struct job *j)
{
	return with_store(j, try_exchange);
}

/* The old version is there for sure: it gets its counter back. What cannot be done now, the journal
 * tells the next run. */
static void undo(struct job *j, const struct counter *was)
{
	if (j->r.name[0] && !j->is_armed)
		j->is_armed = set_counter(j, was) < 0;
	if (!j->r.name[0])
		(void)carrier_forget(j->m, &j->r);
	if (machine_begin_write(j->m, j->r.place) < 0)
		return;
	(void)take_back(j);
	machine_end_write(j->m, j->r.place);
}

/* Only these say that nothing was changed; after an error of the disk it is not known whether it
 * holds the old version or the new one. */
static bool is_before_switch(int r)
{
	return r == -EINVAL || r == -ENOSPC || r == -EROFS;
}

static void add_armed(struct job *j, const struct counter *was)
{
	if (!j->r.name[0] || counter_is_same(&j->r.counter, was))
		return;
	text_str(&j->why, "; it is \"");
	text_str(&j->why, j->r.name);
	text_str(&j->why, "\" until the next command finishes it or takes it back");
}

/* Where it is not known which version is there, the files of both stay, and the journal tells the
 * next run. */
static int beside(struct job *j)
{
	struct counter was = j->r.counter;
	bool is_new = !j->r.name[0];
	int r = with_store(j, copy_all);

	if (r < 0)
		return r;
	/* The new content must never be there without a counter, which the name of a new entry has,
	 * or its tries file. */
	if (is_new ? j->is_file : !job_has_counter(j)) {
		r = job_arm(j);
		if (r < 0) {
			j->is_armed = true; /* perhaps */
			undo(j, &was);
			return r;
		}
	}
	r = with_store(j, switch_entry);
	if (r < 0 && (is_new || is_before_switch(r)))
		undo(j, &was);
	if (r < 0) {
		add_armed(j, &was);
		return r;
	}
	r = job_arm(j);
	return r < 0 ? r : with_store(j, finish);
}

/* Disabled: no loader reads a name with this suffix. */
static int disable(struct job *j)
{
	char off[NAME_SIZE];
	struct text t;
	int r;

	r = write_journal(j, UPDATE_PLACE);
	if (r < 0 || j->is_disabled)
		return r;
	text_init(&t, off, sizeof(off));
	text_str(&t, j->r.name);
	text_str(&t, OFF);
	r = t.full ? -ENAMETOOLONG
		   : esp_rename_reserved(store_fd(j), ladder_dir(j->r.type), j->r.name, off);
	if (r < 0)
		return job_refuse(j, r, "cannot disable \"", j->r.name, "\": ", strerror(-r));
	memcpy(j->r.name, off, sizeof(off));
	j->is_disabled = true;
	return 0;
}

static int overwrite_one(struct job *j, struct job_file *file)
{
	struct esp_source src = source_of(j, file);
	char path[JOB_PATH_SIZE], dir[JOB_PATH_SIZE];
	const char *name;
	int r;

	if (j->r.type == 2)
		entries_path(2, j->r.name, path);
	name = job_split_path(j->r.type == 2 ? path : file->path, dir);
	r = esp_copy_in_place(store_fd(j), dir, name, &src);
	return r < 0 ? refuse_write(j, r, name) : 0;
}

static int enable(struct job *j)
{
	char name[NAME_SIZE];
	int r = armed_name(j, name);

	if (r < 0)
		return r;
	r = esp_rename_reserved(store_fd(j), ladder_dir(j->r.type), j->r.name, name);
	if (r < 0)
		return refuse_write(j, r, name);
	take_name(j, name);
	j->is_disabled = false;
	return write_journal(j, UPDATE_DONE);
}

static int fill(struct job *j)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < j->n_files; i++)
		if (!j->file[i].is_same)
			r = overwrite_one(j, &j->file[i]);
	if (r == 0 && j->has_new_text) {
		r = esp_write_file(store_fd(j), ladder_dir(1), j->r.name, j->text.buf, j->text.len);
		if (r < 0)
			refuse_write(j, r, j->r.name);
	}
	return r < 0 ? r : enable(j);
}

/* A tries file says what the name will not. */
static int in_place(struct job *j)
{
	int r = with_store(j, disable);

	if (r == 0 && j->is_file)
		r = job_arm(j);
	return r < 0 ? r : with_store(j, fill);
}

/* The ladder as it is now. */
static void note(struct job *j)
{
	if (j->rung < 0)
		return;
	j->f->ladder.rung[j->rung].counter = j->r.counter;
	j->f->ladder.rung[j->rung].in_variable = j->r.in_variable;
	j->f->ladder.rung[j->rung].in_file = j->r.in_file;
	memcpy(j->f->ladder.rung[j->rung].name, j->r.name, sizeof(j->r.name));
}

/* Over the old version, where the kernel cannot exchange two UKIs and the slot may be disabled. */
static int choose_way(struct job *j)
{
	int r;

	if (j->cost->in_place || !j->r.name[0])
		return 0;
	if (j->is_disabled) {
		memcpy(j->off, j->r.name, sizeof(j->off));
		j->r.name[0] = '\0';
		return 0;
	}
	r = job_try_exchange(j);
	if (r != -EINVAL || j->r.type != 2 || overwrite_check(j->f, j->rung) != OVERWRITE_YES)
		return r;
	j->why.len = 0;
	j->cost->in_place = true;
	return 0;
}

void job_find_carrier(struct job *j)
{
	struct rung r = j->r;

	plain_name(j, r.name);
	j->is_file = carrier_is_file(j->m, &r);
}

int job_carry_out(struct job *j)
{
	int r;

	if (j->cost->written == 0 && !j->is_disabled)
		return j->what->force ? job_arm(j) : 0;
	r = choose_way(j);
	if (r < 0)
		return r;
	j->cost->is_begun = true;
	r = j->cost->in_place ? in_place(j) : beside(j);
	if (!j->is_disabled)
		note(j);
	return r;
}
