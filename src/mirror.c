// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mirror.h"

#include <errno.h>
#include <string.h>

#include "carrier.h"
#include "core/mirror.h"
#include "doors/block.h"
#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/esp.h"
#include "doors/mount.h"
#include "entries.h"
#include "mirror-files.h"
#include "observe.h"
#include "tries-files.h"

#define MIRROR_TARGET  "/run/bootassess/mirror"
#define SPARE_CLUSTERS 4 /* folders, the text of an entry */

static int mount_mirror(const struct machine *m, const char *partuuid, struct store *s)
{
	struct block_partition esp, xbootldr;
	unsigned int n;
	int r = block_find_esp(partuuid, &esp, &xbootldr, &n);

	if (r == BLOCK_AMBIGUOUS)
		return -EEXIST;
	if (r != BLOCK_FOUND)
		return r < 0 ? r : -ENODEV;
	r = root_mkdirs(m->root.fd, MIRROR_TARGET + 1);
	if (r == 0)
		r = mount_fat(esp.node, MIRROR_TARGET);
	if (r < 0)
		return r;
	memcpy(s->target, MIRROR_TARGET, sizeof(MIRROR_TARGET));
	memcpy(s->partuuid, esp.partuuid, sizeof(s->partuuid));
	memcpy(s->node, esp.node, sizeof(s->node));
	memcpy(s->type, "vfat", sizeof("vfat"));
	s->is_fat = true;
	memcpy(s->disk, esp.disk, sizeof(s->disk));
	s->fd = root_open_dir(m->root.fd, MIRROR_TARGET + 1);
	return s->fd < 0 ? s->fd : 0;
}

/* Of --root=. */
static int open_directory(const struct machine *m, const char *partuuid, struct store *s)
{
	char path[64];
	struct text t;

	text_init(&t, path, sizeof(path));
	text_str(&t, "mirror/");
	text_str(&t, partuuid);
	s->fd = root_open_dir(m->root.fd, path);
	if (s->fd == -ENOENT)
		return -ENODEV;
	return s->fd < 0 ? s->fd : 0;
}

int mirror_open(const struct machine *m, const char *partuuid, struct mirror *ret)
{
	const char *booted = m->root.is_test ? m->sdboot.partuuid : m->store[PLACE_ESP].partuuid;
	int r;

	*ret = (struct mirror){.store.fd = -1};
	if (strcmp(booted, partuuid) == 0)
		return 1;
	r = m->root.is_test ? open_directory(m, partuuid, &ret->store)
			    : mount_mirror(m, partuuid, &ret->store);
	if (r < 0)
		mirror_close(ret);
	return r;
}

void mirror_close(struct mirror *s)
{
	if (s->store.fd >= 0)
		closep(&s->store.fd);
	if (s->store.target[0])
		(void)mount_release(s->store.target);
	*s = (struct mirror){.store.fd = -1};
}

struct listing {
	struct mirror_list *list;
	const struct config *config;
	unsigned int type;
};

static int add_name(void *data, const char *name)
{
	const struct listing *l = data;
	int r = mirror_add(l->list, l->config, l->type, name);

	return r < 0 ? r : 0;
}

static int list_entries(int dirfd, const struct config *c, struct mirror_list *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int type = 1; type <= 2; type++) {
		struct listing l = {ret, c, type};
		int r = dir_each_file(dirfd, ladder_dir(type), add_name, &l);

		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

/* The name of the mirror's file becomes this one. */
static int rename_entry(struct mirror_job *j, const struct mirror_entry *there, const char *to)
{
	const char *dir = ladder_dir(there->type);

	if (slice_is((struct slice){to, strlen(to)}, there->name))
		return 0;
	mirror_differ(j, dir, to);
	return j->is_write ? esp_rename_reserved(j->to, dir, there->name, to) : 0;
}

static void off_name(const char *name, char ret[NAME_SIZE])
{
	struct text t;

	text_init(&t, ret, NAME_SIZE);
	text_str(&t, name);
	text_str(&t, MIRROR_OFF);
}

/* -ENOSPC before anything is changed: an old entry that boots is better than one that is off. */
static int check_room(struct mirror_job *j, const struct mirror_entry *e,
		      const struct mirror_entry *there, unsigned int *ret_over)
{
	struct mirror_need need = {.cluster = 1};
	uint64_t room = 0;
	int r = esp_room(j->to, &room, &need.cluster);

	if (r == 0 && e->type == 1)
		r = mirror_need_named(j, e->name, &need);
	else if (r == 0)
		r = mirror_need_file(j, ladder_dir(2), e->name, there ? there->name : e->name,
				     &need);
	*ret_over = need.n_over;
	if (r < 0)
		return r;
	return j->is_write && need.peak > 0 &&
			       (uint64_t)need.peak + SPARE_CLUSTERS * need.cluster > room
		       ? -ENOSPC
		       : 0;
}

/* The files, then the entry that names them. there: its name on the mirror now. */
static int copy_type1(struct mirror_job *j, const struct mirror_entry *e, const char *there)
{
	int r = mirror_copy_named(j, e->name);

	return r < 0 ? r : mirror_copy_entry(j, e->name, there);
}

/* Its kernel and initrd fit together again when all of them are written: until then it is off. */
static int update_type1(struct mirror_job *j, const struct mirror_entry *e,
			const struct mirror_entry *there, unsigned int n_over)
{
	const char *dir = ladder_dir(1);
	char name[NAME_SIZE];
	bool is_off = n_over > (there->is_off ? 0 : 1);
	unsigned int n_replaced = j->n_replaced;
	int r;

	if (is_off)
		off_name(e->name, name);
	else
		memcpy(name, e->name, sizeof(name));
	r = rename_entry(j, there, name);
	if (r < 0)
		return r;
	r = copy_type1(j, e, j->is_write ? name : there->name);
	if (!j->is_write || !is_off)
		return r;
	if (r == 0)
		return esp_rename_reserved(j->to, dir, name, e->name);
	if (!there->is_off && j->n_replaced == n_replaced)
		(void)esp_rename_reserved(j->to, dir, name, there->name);
	return r;
}

/* The name first: a slot with tries has them on the mirror before it has what is to be tried. */
static int sync_entry(struct mirror_job *j, const struct mirror_entry *e,
		      const struct mirror_entry *there)
{
	unsigned int n_over;
	int r = check_room(j, e, there, &n_over);

	if (r < 0)
		return r;
	if (e->type == 1)
		return there ? update_type1(j, e, there, n_over) : copy_type1(j, e, e->name);
	r = there ? rename_entry(j, there, e->name) : 0;
	return r < 0 ? r
		     : mirror_copy_file(j, ladder_dir(2), e->name,
					there && !j->is_write ? there->name : e->name);
}

/* An entry that cannot boot on the booted ESP: a good one of the mirror is what a mirror is for. */
static void keep_entry(struct mirror_job *j, const struct mirror_entry *e,
		       const struct mirror_entry *there)
{
	struct mirror_diff diff = {0};
	struct mirror_job look = {.from = j->from, .to = j->to, .diff = &diff};

	if (sync_entry(&look, e, there) < 0 || diff.n > 0 || !there ||
	    entries_check(j->mirror, PLACE_ESP, e->type, there->name) == 0)
		mirror_keep(j, ladder_dir(e->type), e->name);
}

/* 0; -E2BIG, or an error of the mirror's folders; one of a single entry is kept in *ret_failed, and
 * the next ones follow. */
static int sync_entries(struct mirror_job *j, const struct config *c, int *ret_failed)
{
	struct mirror_list from, to;
	int r;

	r = list_entries(j->from, c, &from);
	for (unsigned int i = 0; r == 0 && i < from.n; i++) {
		const struct mirror_entry *e = &from.entry[i], *there;
		int failed = 0;

		if (e->is_off)
			continue;
		r = list_entries(j->to, c, &to);
		if (r < 0)
			break;
		there = mirror_counterpart(&to, &from, e);
		if (entries_check(j->booted, PLACE_ESP, e->type, e->name) < 0)
			keep_entry(j, e, there);
		else
			failed = sync_entry(j, e, there);
		if (failed < 0)
			mirror_fail(j, ladder_dir(e->type), e->name);
		*ret_failed = *ret_failed < 0 ? *ret_failed : failed;
	}
	return r;
}

/* What a broken entry of the booted ESP could be come back from. */
static bool is_kept(const struct mirror_job *j, const struct mirror_list *from,
		    const struct mirror_entry *e)
{
	for (unsigned int i = 0; i < from->n; i++)
		if (from->entry[i].type == e->type && counter_same_id(from->entry[i].id, e->id) &&
		    entries_check(j->booted, PLACE_ESP, e->type, from->entry[i].name) < 0)
			return true;
	return false;
}

/* In a look it is still there under its old name. */
static bool is_renamed(const struct mirror_job *j, const struct mirror_list *from,
		       const struct mirror_list *to, const struct mirror_entry *e)
{
	for (unsigned int i = 0; !j->is_write && i < from->n; i++)
		if (mirror_counterpart(to, from, &from->entry[i]) == e)
			return true;
	return false;
}

static bool is_to_go(const struct mirror_job *j, const struct mirror_list *from,
		     const struct mirror_entry *e, bool is_complete)
{
	if (mirror_find(from, e->type, e->name))
		return false;
	if (mirror_has_id(from, e))
		return !is_kept(j, from, e);
	return is_complete || (j->removed && mirror_is_meant(e, j->removed));
}

/* The tries file of an entry becomes on the mirror what it is on the booted ESP: one with a counter
 * if is_before, else none, or one without. */
static int sync_tries(struct mirror_job *j, const struct mirror_entry *e, bool is_before)
{
	struct rung r = {.type = e->type};
	struct tries_files from, to;
	const char *name;
	int e1, e2;

	memcpy(r.id, e->id, sizeof(r.id));
	memcpy(r.name, e->name, sizeof(r.name));
	if (e->is_off || !carrier_is_file(j->booted, &r))
		return 0;
	e1 = tries_files_find(j->from, e->id, &from);
	e2 = tries_files_find(j->to, e->id, &to);
	if (e1 < 0 || e2 < 0)
		return e1 < 0 ? e1 : e2;
	name = from.n > 0 ? from.file[0].name : "";
	if ((from.n > 0 && from.file[0].counter.present) != is_before ||
	    (to.n == 0 ? !name[0] : slice_is((struct slice){name, strlen(name)}, to.file[0].name)))
		return 0;
	mirror_differ(j, OBSERVE_DIR, name[0] ? name : to.file[0].name);
	return j->is_write ? tries_files_write(j->to, e->id, name) : 0;
}

/* As for names: counters come before what is to be tried, and go after it. They are on the booted
 * ESP if that is $BOOT. */
static int sync_all_tries(struct mirror_job *j, const struct config *c, bool is_before)
{
	struct mirror_list from;
	int r;

	if (j->booted->loader->finds_by_name || machine_boot_place(j->booted) != PLACE_ESP)
		return 0;
	r = list_entries(j->from, c, &from);
	for (unsigned int i = 0; r == 0 && i < from.n; i++) {
		r = sync_tries(j, &from.entry[i], is_before);
		if (r < 0)
			mirror_fail(j, OBSERVE_DIR, from.entry[i].id);
	}
	return r;
}

/* They say nothing without their entry, until it is there again. */
static int drop_tries(struct mirror_job *j, const struct mirror_entry *e)
{
	return j->booted->loader->finds_by_name ? 0 : tries_files_write(j->to, e->id, "");
}

/* Last of all: until then what is to go may be all that boots. */
static int remove_rest(struct mirror_job *j, const struct config *c)
{
	struct mirror_list from, to;
	int r = list_entries(j->from, c, &from);
	bool is_complete = r == 0 && mirror_is_complete(&from, c);

	if (r == 0)
		r = list_entries(j->to, c, &to);
	for (unsigned int i = 0; r == 0 && i < to.n; i++) {
		const struct mirror_entry *e = &to.entry[i];

		if (!is_to_go(j, &from, e, is_complete) || is_renamed(j, &from, &to, e))
			continue;
		r = mirror_remove_entry(j, e->type, e->name);
		if (r == 0 && j->is_write && !mirror_has_id(&from, e))
			r = drop_tries(j, e);
		if (r < 0)
			mirror_fail(j, ladder_dir(e->type), e->name);
	}
	return r;
}

/* One of those that are no entries. */
static void copy_other(struct mirror_job *j, const char *dir, const char *name, bool may_remove,
		       int *failed)
{
	int r = mirror_copy_or_remove(j, dir, name, may_remove);

	if (r < 0)
		mirror_fail(j, dir, name);
	*failed = *failed < 0 ? *failed : r;
}

static int run(struct mirror_job *j, const struct config *c)
{
	int failed = 0, r;

	memset(j->diff, 0, sizeof(*j->diff));
	r = sync_all_tries(j, c, true);
	if (r == 0)
		r = sync_entries(j, c, &failed);
	if (r == 0 && failed == 0)
		r = sync_all_tries(j, c, false);
	if (r < 0)
		return r;
	copy_other(j, "loader", "loader.conf", false, &failed);
	copy_other(j, OBSERVE_DIR, OBSERVE_PIN_FILE, true, &failed);
	return failed < 0 ? failed : remove_rest(j, c);
}

/* The companion has no update of its own there to finish, but temporaries of a cut run go. */
static int recover_nothing(struct machine *m, enum place place)
{
	(void)m;
	(void)place;
	return 0;
}

/* For what works on a machine's ESP: before the first write it is put right too (repair.h). */
static struct machine machine_of(const struct machine *m, const struct mirror *s)
{
	struct machine view = *m;

	view.store[PLACE_ESP] = s->store;
	view.store[PLACE_XBOOTLDR] = (struct store){.fd = -1};
	view.is_mirror = true;
	view.recover = recover_nothing;
	return view;
}

int mirror_look(const struct machine *m, const struct mirror *s, const struct mirror_ask *ask,
		struct mirror_diff *ret)
{
	struct machine view = machine_of(m, s);
	struct mirror_job j = {.booted = m,
			       .mirror = &view,
			       .from = m->store[PLACE_ESP].fd,
			       .to = s->store.fd,
			       .is_thorough = ask->is_thorough,
			       .removed = ask->removed,
			       .diff = ret};

	return run(&j, &m->config);
}

int mirror_sync(const struct machine *m, struct mirror *s, const struct mirror_ask *ask,
		struct mirror_diff *ret)
{
	struct machine view = machine_of(m, s);
	struct mirror_job j = {.booted = m,
			       .mirror = &view,
			       .from = m->store[PLACE_ESP].fd,
			       .is_write = true,
			       .is_thorough = true,
			       .removed = ask->removed,
			       .diff = ret};
	int r;

	memset(ret, 0, sizeof(*ret));
	r = machine_begin_write(&view, PLACE_ESP);
	s->store = view.store[PLACE_ESP]; /* a repair mounts it anew */
	if (r < 0)
		return r;
	j.to = s->store.fd;
	r = run(&j, &m->config);
	machine_end_write(&view, PLACE_ESP);
	return r;
}
