// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tries-files.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "carrier.h"
#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "observe.h"
#include "text.h"

#define ROUNDS_MAX 4
#define PATH_SIZE  (sizeof(OBSERVE_DIR "/") + NAME_SIZE)

static void make_path(const char *name, char path[PATH_SIZE])
{
	struct text t;

	text_init(&t, path, PATH_SIZE);
	text_str(&t, OBSERVE_DIR "/");
	text_str(&t, name);
}

/* 1, or 0: then it is none of ours, or gone; negative errno where that cannot be told. */
static int check_empty(int fd, const char *name)
{
	char path[PATH_SIZE];
	uint64_t size;
	int r;

	make_path(name, path);
	r = dir_file_size(fd, path, &size);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return size == 0;
}

/* One walk through loader/bootassess, for one id or for a ladder. */
struct walk {
	int fd;
	const char *id;
	struct tries_files *list;
	const struct machine *m;
	struct ladder *l;
	bool is_read[RUNGS_MAX];
};

/* In its place; what has no room is what would not speak. */
static void insert(struct tries_files *list, const char *name, const struct counter *c)
{
	unsigned int i = 0;

	while (i < list->n && !tries_file_wins(c, &list->file[i].counter))
		i++;
	if (i == TRIES_FILES_MAX)
		return;
	list->n += list->n < TRIES_FILES_MAX;
	for (unsigned int k = list->n - 1; k > i; k--)
		list->file[k] = list->file[k - 1];
	memcpy(list->file[i].name, name, strlen(name) + 1);
	list->file[i].counter = *c;
}

static int find_one(void *data, const char *name)
{
	struct walk *w = data;
	struct counter c;
	int r;

	if (strlen(name) >= NAME_SIZE || tries_file_parse(name, w->id, &c) != TRIES_FILE_FOUND)
		return 0;
	r = check_empty(w->fd, name);
	if (r > 0)
		insert(w->list, name, &c);
	return r < 0 ? r : 0;
}

int tries_files_find(int fd, const char *id, struct tries_files *ret)
{
	struct walk w = {.fd = fd, .id = id, .list = ret};
	int r;

	ret->n = 0;
	if (fd < 0)
		return -ENOENT;
	r = dir_each_file(fd, OBSERVE_DIR, find_one, &w);
	if (r < 0)
		ret->n = 0;
	return r == -ENOENT ? 0 : r;
}

static int take(struct walk *w, unsigned int i, const char *name, const struct counter *c)
{
	struct rung *r = &w->l->rung[i];
	int e = check_empty(w->fd, name);

	if (e < 0)
		return e;
	if (e == 0) {
		log_warning("\"" OBSERVE_DIR "/%s\" is no tries file: it is not empty, ignoring",
			    name);
		return 0;
	}
	if (w->is_read[i] && !tries_file_wins(c, &r->counter))
		return 0;
	w->is_read[i] = r->in_file = true;
	r->counter = *c;
	return 0;
}

static int read_one(void *data, const char *name)
{
	struct walk *w = data;
	bool is_broken = false;

	for (unsigned int i = 0; i < w->l->n; i++) {
		const struct rung *r = &w->l->rung[i];
		struct counter c;
		enum tries_file what;

		if (r->missing || !carrier_is_file(w->m, r))
			continue;
		what = tries_file_parse(name, r->id, &c);
		is_broken |= what == TRIES_FILE_BROKEN;
		if (what != TRIES_FILE_FOUND)
			continue;
		return take(w, i, name, &c);
	}
	if (is_broken)
		log_warning("\"" OBSERVE_DIR
			    "/%s\" is no tries file: its counter cannot be read, ignoring",
			    name);
	return 0;
}

int tries_files_read(const struct machine *m, struct ladder *l)
{
	enum place place = machine_boot_place(m);
	struct walk w = {.fd = m->store[place].fd, .m = m, .l = l};
	int r;

	if (w.fd < 0 || m->loader->finds_by_name)
		return 0;
	r = dir_each_file(w.fd, OBSERVE_DIR, read_one, &w);
	if (r == 0 || r == -ENOENT)
		return 0;
	log_err("cannot read \"%s\" on %s: %s, so the counters there are not known", OBSERVE_DIR,
		place_name(place), strerror(-r));
	return r;
}

/* Those that do not speak, but for the one that is to speak. */
static int drop_others(int fd, const struct tries_files *list, const char *name)
{
	for (unsigned int i = 1; i < list->n; i++) {
		int r = strcasecmp(list->file[i].name, name) != 0
				? esp_unlink(fd, OBSERVE_DIR, list->file[i].name)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* One that is there all the same has content: it is not ours. */
static int make_first(int fd, const char *name)
{
	char path[PATH_SIZE];

	make_path(name, path);
	return dir_exists(fd, path) ? -EEXIST : esp_write_file(fd, OBSERVE_DIR, name, "", 0);
}

int tries_files_write(int fd, const char *id, const char *name)
{
	struct tries_files list;
	unsigned int rounds = 0;
	int r;

	/* The list has those that speak before the others: who makes thousands does not stop a
	 * boot. */
	do {
		r = tries_files_find(fd, id, &list);
		if (r == 0)
			r = drop_others(fd, &list, name);
	} while (r == 0 && list.n == TRIES_FILES_MAX && ++rounds < ROUNDS_MAX);
	if (r < 0)
		return r;
	if (!name[0])
		return list.n > 0 ? esp_unlink(fd, OBSERVE_DIR, list.file[0].name) : 0;
	if (list.n == 0)
		return make_first(fd, name);
	if (strcasecmp(list.file[0].name, name) == 0)
		return 0;
	return esp_rename_reserved(fd, OBSERVE_DIR, list.file[0].name, name);
}
