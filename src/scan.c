// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bls.h"
#include "doors/dir.h"
#include "doors/root.h"
#include "observe.h"
#include "text.h"

#define ENTRIES_MAX 1024
#define DIRS_MAX    512
#define DEPTH_MAX   8 /* below loader, EFI and bootassess */
#define PATH_SIZE   (2 * NAME_SIZE)

#define SECTOR_MAX    4096
#define FAT_SLOT_NAME 11
#define SLOT_DELETED  0xe5
#define DOT	      ".          "
#define DOT_DOT	      "..         "

/* What is ours lies in these, and below all but the root. */
static const char *const tops[] = {"", "loader", "EFI", "bootassess"};

struct list {
	struct leftover_entry *e; /* ENTRIES_MAX: only what is used takes memory */
	unsigned int n;
	int dirfd;	 /* of --root= */
	const char *dir; /* that they are in */
};

static void list_free(struct list *l)
{
	free(l->e);
}

static int list_make(struct list *l)
{
	l->e = calloc(ENTRIES_MAX, sizeof(*l->e));
	return l->e ? 0 : -ENOMEM;
}

static struct leftover_entry *list_add(struct list *l, const char *name)
{
	struct leftover_entry *e;

	if (l->n == ENTRIES_MAX)
		return NULL;
	e = &l->e[l->n++];
	if (strlen(name) < sizeof(e->name))
		memcpy(e->name, name, strlen(name) + 1);
	return e;
}

static bool is_our_dir(const char *dir, const char *name)
{
	return strcasecmp(dir, "bootassess") == 0 ||
	       ((!dir[0] || strcasecmp(dir, "loader") == 0) && strcasecmp(name, "bootassess") == 0);
}

static int add_entry(void *data, const struct volume_entry *v)
{
	struct list *l = data;
	struct leftover_entry *e = list_add(l, v->name);

	if (!e)
		return -EFBIG;
	e->cluster = v->cluster;
	e->size = v->size;
	e->slot = v->slot;
	e->is_dir = v->is_dir;
	e->is_short = strcmp(v->name, v->short_name) == 0;
	e->is_our_dir = v->is_dir && is_our_dir(l->dir, v->name);
	return 0;
}

static bool has_entries(const char *dir)
{
	return strcasecmp(dir, "loader/entries") == 0 || strcasecmp(dir, "EFI/Linux") == 0;
}

/* From this slot on to the end of the block. */
static bool is_blank(const unsigned char *block, unsigned int from, unsigned int size)
{
	while (from < size && (block[from] == 0 || block[from] == SLOT_DELETED))
		from += FAT_SLOT_SIZE;
	return from >= size;
}

static bool has_dots(const struct volume *v, const unsigned char *block, uint32_t cluster)
{
	return memcmp(block, DOT, FAT_SLOT_NAME) == 0 &&
	       memcmp(block + FAT_SLOT_SIZE, DOT_DOT, FAT_SLOT_NAME) == 0 &&
	       fat_slot_cluster(&v->layout, block) == cluster;
}

/* A cluster of a new directory that did not reach the disk has anything in it, and the kernel goes
 * through all of it: no slot ends a directory for it. What cannot be read now is left alone. */
static void look_into_dir(struct volume *v, struct leftover_entry *e)
{
	_Alignas(SECTOR_MAX) unsigned char sector[SECTOR_MAX];
	uint64_t at = fat_cluster_at(&v->layout, e->cluster);
	uint32_t next = 0, size = v->layout.sector_size;
	bool is_empty = volume_next_cluster(v, e->cluster, &next) == 0 && next == FAT_END;

	for (uint32_t done = 0; done == 0 || (is_empty && done < v->layout.cluster_size);
	     done += size) {
		if (dir_read_at(v->fd, at + done, sector, size) != (ssize_t)size)
			return;
		e->is_broken |= done == 0 && !has_dots(v, sector, e->cluster);
		is_empty &= is_blank(sector, done == 0 ? 2 * FAT_SLOT_SIZE : 0, size);
	}
	e->is_empty = is_empty && !e->is_broken;
}

static void look_at_chain(struct volume *v, struct leftover_entry *e)
{
	struct volume_entry entry = {.cluster = e->cluster, .size = e->size, .is_dir = e->is_dir};
	int chain = volume_check_chain(v, &entry);

	e->is_broken = chain == CHAIN_SHORT || chain == CHAIN_BROKEN;
	if (e->is_dir && chain == CHAIN_WHOLE)
		look_into_dir(v, e);
}

static int tell(const char *dir, const struct list *l, scan_fn fn, void *data)
{
	for (unsigned int i = 0; i < l->n; i++) {
		int r = l->e[i].verdict == LEFTOVER_KEEP ? 0 : fn(data, dir, l->e, i, l->n);

		if (r < 0)
			return r;
	}
	return 0;
}

/* *l: empty, keeps the entries. The result of fn is in *ret_told. */
static int scan_one(struct volume *v, const char *dir, struct list *l, scan_fn fn, void *data,
		    int *ret_told)
{
	bool entries = has_entries(dir);
	int r;

	l->dir = dir;
	r = volume_each(v, dir, add_entry, l);
	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR ? 0 : r;
	for (unsigned int i = 0; i < l->n; i++)
		if (leftover_is_temporary(&l->e[i]) || l->e[i].is_our_dir ||
		    (entries && leftover_needs_chain(l->e, l->n, i)))
			look_at_chain(v, &l->e[i]);
	leftover_judge(l->e, l->n, entries);
	if (strcasecmp(dir, OBSERVE_DIR) == 0)
		leftover_judge_tries(l->e, l->n);
	*ret_told = tell(dir, l, fn, data);
	return 0;
}

/* One look at a volume. */
struct scan {
	struct volume *v;
	scan_fn fn;
	void *data;
	unsigned int n_dirs;
	int told; /* what fn returned */
};

/* The directories that one is in, the nearest first. */
struct above {
	uint32_t cluster;
	const struct above *up;
};

static bool is_above(const struct above *a, uint32_t cluster)
{
	while (a && a->cluster != cluster)
		a = a->up;
	return a;
}

static int scan_tree(struct scan *s, const char *dir, unsigned int depth, const struct above *up);

static int scan_below(struct scan *s, const char *dir, const struct leftover_entry *e,
		      unsigned int depth, const struct above *up)
{
	const struct above here = {e->cluster, up};
	char path[PATH_SIZE];
	struct text t;

	if (!e->is_dir || !e->name[0] || e->verdict != LEFTOVER_KEEP || is_above(up, e->cluster))
		return 0;
	text_init(&t, path, sizeof(path));
	text_str(&t, dir);
	text_char(&t, '/');
	text_str(&t, e->name);
	return t.full ? 0 : scan_tree(s, path, depth - 1, &here);
}

/* The directories of a damaged file system may contain each other: 512 ways of the same few. */
static int scan_tree(struct scan *s, const char *dir, unsigned int depth, const struct above *up)
{
	_cleanup_(list_free) struct list l = {0};
	int r, error;

	if (s->n_dirs++ >= DIRS_MAX)
		return -E2BIG;
	r = list_make(&l);
	error = r < 0 ? r : scan_one(s->v, dir, &l, s->fn, s->data, &s->told);
	for (unsigned int i = 0; i < l.n && s->told == 0 && dir[0] && depth > 0; i++) {
		r = scan_below(s, dir, &l.e[i], depth, up);
		if (r < 0 && error == 0)
			error = r;
	}
	return error;
}

int scan_volume(struct volume *v, scan_fn fn, void *data)
{
	struct scan s = {.v = v, .fn = fn, .data = data};
	int error = 0;

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]) && s.told == 0; i++) {
		int r = scan_tree(&s, tops[i], DEPTH_MAX, NULL);

		if (r < 0 && error == 0)
			error = r;
	}
	return s.told < 0 ? s.told : error;
}

/* Each file is alone in its clusters; any number that no other has will do. */
static int add_file(void *data, const char *name)
{
	struct list *l = data;
	struct leftover_entry *e = list_add(l, name);
	char path[PATH_SIZE + NAME_SIZE];
	uint64_t size = 0;
	struct text t;

	if (!e)
		return -EFBIG;
	text_init(&t, path, sizeof(path));
	text_str(&t, l->dir);
	text_char(&t, '/');
	text_str(&t, name);
	if (dir_file_size(l->dirfd, path, &size) < 0)
		size = 1; /* nothing is done about what cannot be looked at */
	e->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	e->cluster = e->size > 0 ? 2 + l->n : 0;
	return 0;
}

int scan_directory(int dirfd, scan_fn fn, void *data)
{
	static const char *const dirs[] = {"loader", "loader/entries", "loader/bootassess",
					   "EFI/Linux"};
	int r = 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && r >= 0; i++) {
		_cleanup_(list_free) struct list l = {.dirfd = dirfd, .dir = dirs[i]};

		r = list_make(&l);
		if (r == 0)
			r = dir_each_file(dirfd, dirs[i], add_file, &l);
		if (r == 0) {
			leftover_judge(l.e, l.n, has_entries(dirs[i]));
			r = tell(dirs[i], &l, fn, data);
		}
		if (r == -ENOENT || r == -ENOTDIR)
			r = 0;
	}
	return r;
}
