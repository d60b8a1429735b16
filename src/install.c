// SPDX-License-Identifier: LGPL-2.1-or-later
#include "install.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bls-edit.h"
#include "doors/dir.h"
#include "install-job.h"
#include "overwrite.h"

#define NUMBER_SIZE   24
#define MAX_NUMBER    99 /* of files in the slot's own folder */
#define TEXT_CLUSTERS 4	 /* for the entry, the journal, and what directories grow by */

static bool is_type2(const char *id)
{
	const char *dot = strrchr(id, '.');

	return dot && strcasecmp(dot, ".efi") == 0;
}

/* What a power cut left of this id: its own journal makes it ours. */
static void find_disabled(struct job *j, enum place place)
{
	char id[NAME_SIZE], name[NAME_SIZE];

	if (journal_find_disabled(j->m, place, id, name) == 0 || strcasecmp(id, j->what->id) != 0)
		return;
	memcpy(j->r.name, name, sizeof(name));
	j->r.place = place;
	j->is_disabled = true;
}

/* There is one journal: with another id in it nobody would know any more whose that file is. */
int job_check_other(struct job *j)
{
	char id[NAME_SIZE], name[NAME_SIZE];

	if (journal_find_disabled(j->m, j->r.place, id, name) == 0 || strcasecmp(id, j->r.id) == 0)
		return 0;
	return job_refuse(j, -EBUSY, "\"", name, "\" on ", place_name(j->r.place),
			  " is half written: install or remove \"", id, "\" first");
}

static int refuse_twin(struct job *j)
{
	return job_refuse(j, -EEXIST, "\"", j->r.name, "\" on ", place_name(j->r.place), " and \"",
			  j->r.twin, "\" on ", place_name(j->r.twin_place),
			  " are one id, and which of them is meant is not known; remove one");
}

/* No rung has it: then it must be new. A folder that could not be read, or an entry that the ladder
 * has no room for, would get a second file beside it, and nobody could tell the two apart. */
static int check_new(struct job *j)
{
	struct rung there;
	int r = entries_find_twin(j->m, &j->r, &there);

	if (r < 0)
		return job_refuse(j, r, "cannot tell whether \"", j->r.id,
				  "\" is there: ", strerror(-r));
	if (r > 0)
		return job_refuse(j, -EEXIST, "\"", there.name,
				  "\" is there, and could not be read as a rung of the ladder");
	return 0;
}

static int find_entry(struct job *j)
{
	const char *id = j->what->id;
	unsigned int pattern;
	enum role role;

	if (!bls_valid_name(id, is_type2(id) ? 2 : 1))
		return job_refuse(j, -EINVAL, "\"", id, "\" is no name for a boot entry");
	if (ladder_match(&j->m->config, id, &role, &pattern) != 0)
		return job_refuse(j, -ENOENT, "\"", id, "\" is on no rung of the ladder");
	j->tries = ladder_tries(&j->m->config, role);
	j->rung = ladder_find(&j->f->ladder, id);
	if (j->rung >= 0 && j->f->ladder.rung[j->rung].missing)
		j->rung = -1;
	if (j->rung < 0) {
		j->r = (struct rung){.role = role,
				     .pattern = pattern,
				     .type = is_type2(id) ? 2 : 1,
				     .place = machine_boot_place(j->m)};
		memcpy(j->r.id, id, strlen(id) + 1);
		for (enum place place = PLACE_ESP; place < PLACES; place++)
			find_disabled(j, place);
		return check_new(j);
	}
	j->r = j->f->ladder.rung[j->rung];
	if (j->r.ambiguous || j->r.twin_plain || j->r.twin_counted)
		return refuse_twin(j);
	return 0;
}

int job_check_overwrite(struct job *j)
{
	enum overwrite o = overwrite_check(j->f, j->rung);

	if (j->rung < 0 || o == OVERWRITE_YES || j->what->force)
		return 0;
	return job_refuse(j, -EPERM, "\"", j->r.id,
			  "\" must not be written over: ", overwrite_sentence(o), " (--force)");
}

static void begin_entry(struct job *j)
{
	struct text t;

	text_init(&t, j->old_text, sizeof(j->old_text));
	text_str(&t, "title ");
	text_slice(&t, (struct slice){j->r.id, strlen(j->r.id) - strlen(".conf")});
	text_char(&t, '\n');
	job_add_sort_key(j, &t);
	j->old_len = t.len;
	j->old = (struct bls_entry){.title = {NULL, 0}};
	j->is_begun = true;
}

/* The entry's text; its slices. A new one gets a title, and stands behind the rung before it. */
int job_read_entry(struct job *j)
{
	char path[ENTRIES_PATH_SIZE];
	struct text t;
	int r;

	text_init(&t, j->old_text, sizeof(j->old_text));
	if (j->r.name[0]) {
		entries_path(1, j->r.name, path);
		r = dir_read(j->m->store[j->r.place].fd, path, t.buf, t.size, &t.len);
		if (r < 0)
			return job_refuse(j, r, "cannot read \"", path, "\": ", strerror(-r));
		j->old_len = t.len;
	} else {
		begin_entry(j);
		t.len = j->old_len;
	}
	r = bls_parse_entry(t.buf, t.len, &j->old);
	if (r == -EINVAL && j->r.name[0] && !j->what->tree) {
		begin_entry(j); /* it is no text: what it named is not known, and stays */
		r = 0;
	}
	return r < 0 ? job_refuse(j, r, "cannot understand the entry \"", j->r.name, "\"") : 0;
}

static bool is_used(const struct job *j, const char *path)
{
	for (unsigned int i = 0; i < j->n_files; i++)
		if (strcasecmp(j->file[i].path, path) == 0)
			return true;
	return dir_exists(j->m->store[j->r.place].fd, path);
}

/* A name in the slot's own folder that is not there: "bootassess/passive/linux.1". */
static int choose_path(struct job *j, const char *base, char path[JOB_PATH_SIZE])
{
	for (unsigned long i = 1; i <= MAX_NUMBER; i++) {
		char dir[JOB_PATH_SIZE];
		struct text t;

		job_own_dir(j->r.id, dir);
		text_init(&t, path, JOB_PATH_SIZE);
		text_str(&t, dir);
		text_char(&t, '/');
		text_str(&t, base);
		text_char(&t, '.');
		text_uint(&t, i, 0);
		if (!t.full && !is_used(j, path))
			return 0;
	}
	return job_refuse(j, -EEXIST, "there is no free name for \"", base, "\"");
}

/* One file of a type #1 entry, and what it replaces there ("" = nothing). */
static int add_file(struct job *j, const struct install_file *from, const char *base,
		    struct slice old)
{
	struct job_file *file = &j->file[j->n_files];
	int fd = j->m->store[j->r.place].fd, r = 0;

	*file = (struct job_file){.from = from};
	if (job_clean_path(old, file->old) < 0 || dir_file_size(fd, file->old, &file->old_size) < 0)
		file->old[0] = '\0';
	file->is_own = file->old[0] && !job_is_named(j->m, j->r.place, file->old, j->r.name);
	file->is_same = file->old[0] && !j->is_disabled && job_is_same(fd, file->old, from);
	if (file->is_same)
		memcpy(file->path, file->old, sizeof(file->path));
	else
		r = choose_path(j, base, file->path);
	j->n_files++;
	return r;
}

/* The UKI of a type #2 entry is the entry. */
static int add_uki(struct job *j)
{
	struct job_file *file = &j->file[j->n_files++];

	if (j->what->n_initrd > 0 || j->what->options)
		return job_refuse(j, -EINVAL, "\"", j->r.id,
				  "\" is a UKI, which holds its initrd and its options itself");
	*file = (struct job_file){.from = &j->what->uki, .is_own = true};
	if (!j->r.name[0])
		return 0;
	entries_path(2, j->r.name, file->old);
	if (dir_file_size(j->m->store[j->r.place].fd, file->old, &file->old_size) < 0)
		file->old_size = 0;
	file->is_same =
		!j->is_disabled && job_is_same(j->m->store[j->r.place].fd, file->old, file->from);
	return 0;
}

static int add_type1_files(struct job *j)
{
	const struct install *w = j->what;
	const struct bls_entry *e = &j->old;
	struct slice image = e->linux_path.len > 0 ? e->linux_path
			     : e->efi.len > 0	   ? e->efi
						   : e->uki;
	int r;

	if (!w->uki.path && !w->options && j->is_begun)
		return job_refuse(j, -EINVAL, "\"", j->r.id,
				  "\" is new: it needs --options=, which may be empty");
	r = w->uki.path ? add_file(j, &w->uki, "uki", image)
			: add_file(j, &w->linux_file, "linux", image);
	for (unsigned int i = 0; r == 0 && i < w->n_initrd; i++)
		r = add_file(j, &w->initrd[i], "initrd",
			     i < e->n_initrd ? e->initrd[i] : (struct slice){0});
	return r;
}

int job_write_text(struct job *j)
{
	const char *initrd[BLS_INITRDS_MAX];
	char path[JOB_FILES][JOB_PATH_SIZE + 1];
	struct bls_change c = {.image_key = "linux",
			       .initrd = initrd,
			       .options = j->what->options,
			       .is_other = j->what->is_copy};

	for (unsigned int i = 0; i < j->n_files; i++) {
		struct text t;

		text_init(&t, path[i], sizeof(path[i]));
		text_char(&t, '/');
		text_str(&t, j->file[i].path);
		if (i > 0)
			initrd[c.n_initrd++] = path[i];
	}
	c.image = path[0];
	text_init(&j->text, j->text_buf, sizeof(j->text_buf));
	bls_rewrite_entry(j->old_text, j->old_len, &c, &j->text);
	if (j->text.full)
		return job_refuse(j, -E2BIG, "the entry \"", j->r.id, "\" becomes too long");
	j->has_new_text =
		j->text.len != j->old_len || memcmp(j->text.buf, j->old_text, j->old_len) != 0;
	return 0;
}

static int plan_files(struct job *j)
{
	int r;

	if (j->r.type == 2)
		return j->what->uki.path ? add_uki(j)
					 : job_refuse(j, -EINVAL, "\"", j->r.id,
						      "\" takes a UKI, not a kernel");
	r = job_read_entry(j);
	if (r == 0)
		r = add_type1_files(j);
	return r < 0 ? r : job_write_text(j);
}

static uint64_t round_up(uint64_t size, uint64_t cluster)
{
	return cluster ? (size + cluster - 1) / cluster * cluster : size;
}

static int refuse_room(struct job *j, const char *what)
{
	char needed[NUMBER_SIZE], have[NUMBER_SIZE];
	struct text t;

	text_init(&t, needed, sizeof(needed));
	text_uint(&t, (unsigned long)j->cost->needed, 0);
	text_init(&t, have, sizeof(have));
	text_uint(&t, (unsigned long)j->cost->free, 0);
	return job_refuse(j, -ENOSPC, "not enough room on ", place_name(j->r.place), ": ", needed,
			  " bytes are needed, ", have, " are free", what);
}

/* Over the old files, where they are this slot's alone: their own clusters are used again. The
 * last slot that could boot is never disabled, not even by force. */
static int plan_in_place(struct job *j, uint64_t cluster)
{
	enum overwrite o = overwrite_check(j->f, j->rung);
	uint64_t grows = TEXT_CLUSTERS * cluster;

	if (!j->r.name[0])
		return refuse_room(j, "");
	if (!j->is_disabled && o != OVERWRITE_YES)
		return refuse_room(j, ", and it cannot be disabled meanwhile");
	for (unsigned int i = 0; i < j->n_files; i++) {
		struct job_file *file = &j->file[i];
		uint64_t now = round_up(file->old_size, cluster),
			 then = round_up(file->from->size, cluster);

		if (file->is_same)
			continue;
		if (!file->old[0])
			return refuse_room(j, ", and a file more than it has cannot come in place");
		if (!file->is_own)
			return refuse_room(j, ", and its old files belong to other entries too");
		grows += then > now ? then - now : 0;
		memcpy(file->path, file->old, sizeof(file->path));
	}
	j->cost->needed = grows;
	j->cost->in_place = true;
	if (grows > j->cost->free)
		return refuse_room(j, " besides its old version");
	return j->r.type == 1 ? job_write_text(j) : 0;
}

static int plan_room(struct job *j)
{
	uint64_t cluster = 0;
	int r;

	r = esp_room(j->m->store[j->r.place].fd, &j->cost->free, &cluster);
	if (r < 0)
		return job_refuse(j, r, "cannot tell what is free: ", strerror(-r));
	for (unsigned int i = 0; i < j->n_files; i++) {
		if (j->file[i].is_same)
			continue;
		j->cost->changed += j->file[i].from->size;
		j->cost->needed += round_up(j->file[i].from->size, cluster);
	}
	j->cost->written = j->cost->changed;
	if (j->has_new_text) {
		j->cost->changed += j->text.len;
		j->cost->written += j->text.len;
	}
	j->cost->needed += j->cost->written > 0 ? TEXT_CLUSTERS * cluster : 0;
	if (j->cost->needed > j->cost->free)
		return plan_in_place(j, cluster);
	return 0;
}

static bool has_work(const struct job *j)
{
	bool is_same = !j->has_new_text && j->r.name[0] && !j->is_disabled;

	for (unsigned int i = 0; i < j->n_files; i++)
		is_same = is_same && j->file[i].is_same;
	return !is_same;
}

static int install_files(struct job *j)
{
	int r = job_check_sources(j);

	if (r == 0)
		r = plan_files(j);
	if (r == 0 && has_work(j))
		r = job_check_overwrite(j);
	if (r == 0)
		r = plan_room(j);
	j->cost->is_new = !j->r.name[0];
	return r < 0 || j->what->dry_run ? r : job_carry_out(j);
}

int install_slot(struct machine *m, struct facts *f, const struct install *what,
		 struct install_cost *ret, char *why, size_t size)
{
	struct job j = {
		.m = m, .f = f, .what = what, .cost = ret, .why = {.buf = why, .size = size}};
	int r;

	*ret = (struct install_cost){.changed = 0};
	r = find_entry(&j);
	job_find_carrier(&j);
	if (r == 0)
		r = job_check_other(&j);
	if (r == 0)
		r = what->tree ? job_install_tree(&j) : install_files(&j);
	memcpy(ret->name, j.r.name, sizeof(ret->name));
	return r;
}
