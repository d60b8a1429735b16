// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mirror-files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "core/mirror.h"
#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "entries.h"

#define BLOCK_SIZE 65536 /* that is compared at once */
#define NS_PER_S   1000000000

/* How a file of the mirror stands to the one of the booted ESP. */
enum file_state { FILE_SAME, FILE_NEW, FILE_OTHER, FILE_NONE /* on the booted ESP */ };

/* A file as an entry names it: "EFI/a" and "linux". */
struct file_path {
	char dir[PATH_MAX], name[NAME_SIZE];
};

/* A type #1 entry, whose slices point into text. */
struct entry_text {
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry entry;
};

static void join(struct text *t, const char *dir, const char *name)
{
	if (strcmp(dir, ".") != 0) {
		text_str(t, dir);
		text_char(t, '/');
	}
	text_str(t, name);
}

static void make_path(const char *dir, const char *name, char path[PATH_MAX])
{
	struct text t;

	text_init(&t, path, PATH_MAX);
	text_char(&t, '/');
	join(&t, dir, name);
}

/* Appends it, if there is room for the whole. */
static void add_path(char *buf, size_t size, const char *dir, const char *name)
{
	struct text t = {buf, size, strlen(buf), false};
	size_t before = t.len;

	if (t.len > 0)
		text_char(&t, ' ');
	join(&t, dir, name);
	if (t.full)
		buf[before] = '\0';
}

void mirror_differ(struct mirror_job *j, const char *dir, const char *name)
{
	j->diff->n++;
	add_path(j->diff->what, sizeof(j->diff->what), dir, name);
}

void mirror_keep(struct mirror_job *j, const char *dir, const char *name)
{
	j->diff->n_kept++;
	add_path(j->diff->kept, sizeof(j->diff->kept), dir, name);
}

void mirror_fail(struct mirror_job *j, const char *dir, const char *name)
{
	if (!j->diff->failed[0])
		add_path(j->diff->failed, sizeof(j->diff->failed), dir, name);
}

/* Both are open, and of this size. */
static int compare_content(int from, int to, uint64_t size)
{
	static char a[BLOCK_SIZE], b[BLOCK_SIZE];

	for (uint64_t at = 0; at < size; at += sizeof(a)) {
		size_t len = size - at < sizeof(a) ? (size_t)(size - at) : sizeof(a);
		ssize_t n = dir_read_at(from, at, a, len);
		ssize_t k = n < 0 ? n : dir_read_at(to, at, b, len);

		if (k < 0)
			return (int)k;
		if (n != k || memcmp(a, b, (size_t)n) != 0)
			return FILE_OTHER;
	}
	return FILE_SAME;
}

/* Another time makes it another file, else a look by size and time would never come to an end. */
static int compare_files(int from, int to, bool is_small, bool is_thorough)
{
	struct dir_mark a, b;
	int r;

	r = dir_file_mark(from, &a);
	if (r == 0)
		r = dir_file_mark(to, &b);
	if (r < 0)
		return r;
	if (a.size != b.size || (!is_small && !mirror_is_same_time(a.mtime_ns, b.mtime_ns)))
		return FILE_OTHER;
	return is_small || is_thorough ? compare_content(from, to, a.size) : FILE_SAME;
}

/* enum file_state, or negative errno. ret_fd: of the booted ESP's file, the caller's to close. */
static int look_at(const struct mirror_job *j, const char *dir, const char *name, const char *to,
		   bool is_small, int *ret_fd)
{
	_cleanup_(closep) int there = -1;
	char path[PATH_MAX];

	make_path(dir, name, path);
	*ret_fd = dir_open_file(j->from, path);
	if (*ret_fd < 0)
		return *ret_fd == -ENOENT ? FILE_NONE : *ret_fd;
	make_path(dir, to, path);
	there = dir_open_file(j->to, path);
	if (there < 0)
		return there == -ENOENT ? FILE_NEW : there;
	return compare_files(*ret_fd, there, is_small, j->is_thorough);
}

/* The old content is there until the two names are exchanged. */
static int write_over(struct mirror_job *j, const char *dir, const char *to,
		      const struct esp_source *src)
{
	char temporary[NAME_MAX + 1];
	int r = esp_copy_temporary(j->to, dir, src, temporary);

	if (r < 0)
		return r;
	j->n_replaced++;
	r = esp_exchange(j->to, dir, temporary, to);
	return r < 0 ? r : esp_unlink(j->to, dir, temporary);
}

static int write_file(struct mirror_job *j, const char *dir, const char *to, int fd, bool is_new)
{
	struct esp_source src = {.fd = fd};
	struct timespec mtime;
	struct dir_mark mark;
	int r = dir_file_mark(fd, &mark);

	if (r < 0)
		return r;
	mtime.tv_sec = mark.mtime_ns / NS_PER_S;
	mtime.tv_nsec = mark.mtime_ns % NS_PER_S;
	src.size = mark.size;
	src.mtime = &mtime;
	return is_new ? esp_copy_new(j->to, dir, to, &src) : write_over(j, dir, to, &src);
}

/* enum file_state of before, or negative errno. */
static int copy_file(struct mirror_job *j, const char *dir, const char *name, const char *to,
		     bool is_small)
{
	_cleanup_(closep) int fd = -1;
	int r, state = look_at(j, dir, name, to, is_small, &fd);

	if (state != FILE_NEW && state != FILE_OTHER) {
		if (state < 0)
			mirror_differ(j, dir, name);
		return state;
	}
	mirror_differ(j, dir, name);
	r = j->is_write ? write_file(j, dir, to, fd, state == FILE_NEW) : 0;
	return r < 0 ? r : state;
}

int mirror_copy_file(struct mirror_job *j, const char *dir, const char *name, const char *to)
{
	int r = copy_file(j, dir, name, to, false);

	return r < 0 ? r : 0;
}

int mirror_copy_or_remove(struct mirror_job *j, const char *dir, const char *name, bool may_remove)
{
	int r = copy_file(j, dir, name, name, true);
	char path[PATH_MAX];
	uint64_t size;

	make_path(dir, name, path);
	if (r != FILE_NONE || !may_remove || dir_file_size(j->to, path, &size) == -ENOENT)
		return r < 0 ? r : 0;
	mirror_differ(j, dir, name);
	return j->is_write ? esp_unlink(j->to, dir, name) : 0;
}

/* One `/` for each `/` or `\`, or more of them. */
static void set_slashes(char *path)
{
	char *to = path;

	for (const char *p = path; *p; p++) {
		char c = *p == '\\' ? '/' : *p;

		if (c != '/' || to == path || to[-1] != '/')
			*to++ = c;
	}
	*to = '\0';
}

/* 0; 1 if the slice names no file here. */
static int split_path(struct slice path, struct file_path *ret)
{
	char *slash;
	size_t len;

	while (path.len > 0 && (*path.s == '/' || *path.s == '\\'))
		path = (struct slice){path.s + 1, path.len - 1};
	if (path.len == 0 || slice_copy(path, ret->dir, sizeof(ret->dir)) < 0)
		return 1;
	set_slashes(ret->dir);
	slash = strrchr(ret->dir, '/');
	len = strlen(slash ? slash + 1 : ret->dir);
	if (len == 0 || len >= sizeof(ret->name))
		return 1;
	memcpy(ret->name, slash ? slash + 1 : ret->dir, len + 1);
	if (slash)
		*slash = '\0';
	else
		memcpy(ret->dir, ".", 2);
	return 0;
}

/* The number-th file that an entry names, 0... An empty slice: this key is not there; false: no
 * more. */
static bool named_file(const struct bls_entry *e, unsigned int number, struct slice *ret)
{
	const struct slice *const one[] = {&e->linux_path, &e->efi, &e->uki, &e->devicetree};
	const unsigned int n = sizeof(one) / sizeof(one[0]);

	if (number < n)
		*ret = *one[number];
	else if (number - n < e->n_initrd)
		*ret = e->initrd[number - n];
	else
		return false;
	return true;
}

/* 0; 1 if there is none, or it cannot be understood; negative errno. */
static int read_entry(int dirfd, const char *name, struct entry_text *ret)
{
	char path[ENTRIES_PATH_SIZE];
	size_t len;
	int r;

	entries_path(1, name, path);
	r = dir_read(dirfd, path, ret->text, sizeof(ret->text), &len);
	if (r == -ENOENT || r == -E2BIG)
		return 1;
	if (r < 0)
		return r;
	return bls_parse_entry(ret->text, len, &ret->entry) < 0;
}

typedef int (*file_fn)(struct mirror_job *j, const struct file_path *p, void *data);

static int each_named(struct mirror_job *j, const struct bls_entry *e, file_fn fn, void *data)
{
	struct file_path p;
	struct slice path;
	int r = 0;

	for (unsigned int i = 0; r == 0 && named_file(e, i, &path); i++)
		if (split_path(path, &p) == 0)
			r = fn(j, &p, data);
	return r;
}

static int copy_named(struct mirror_job *j, const struct file_path *p, void *data)
{
	(void)data;
	return mirror_copy_file(j, p->dir, p->name, p->name);
}

int mirror_copy_named(struct mirror_job *j, const char *name)
{
	struct entry_text e;
	int r = read_entry(j->from, name, &e);

	if (r == 0)
		r = each_named(j, &e.entry, copy_named, NULL);
	return r < 0 ? r : 0;
}

static int64_t in_clusters(const struct mirror_need *need, uint64_t size)
{
	return (int64_t)((size + need->cluster - 1) / need->cluster * need->cluster);
}

int mirror_need_file(struct mirror_job *j, const char *dir, const char *name, const char *to,
		     struct mirror_need *need)
{
	_cleanup_(closep) int fd = -1;
	int r, state = look_at(j, dir, name, to, false, &fd);
	uint64_t size = 0, old = 0;
	char path[PATH_MAX];

	if (state != FILE_NEW && state != FILE_OTHER)
		return state < 0 ? state : 0;
	need->n_over += state == FILE_OTHER;
	make_path(dir, name, path);
	r = dir_file_size(j->from, path, &size);
	make_path(dir, to, path);
	if (r == 0 && state == FILE_OTHER)
		r = dir_file_size(j->to, path, &old);
	need->used += in_clusters(need, size);
	if (need->used > need->peak)
		need->peak = need->used;
	need->used -= in_clusters(need, old);
	return r;
}

static int need_named(struct mirror_job *j, const struct file_path *p, void *data)
{
	return mirror_need_file(j, p->dir, p->name, p->name, data);
}

int mirror_need_named(struct mirror_job *j, const char *name, struct mirror_need *need)
{
	struct entry_text e;
	int r = read_entry(j->from, name, &e);

	if (r == 0)
		r = each_named(j, &e.entry, need_named, need);
	return r < 0 ? r : 0;
}

/* Is a file of the mirror named by an entry there? */
struct search {
	struct mirror_job *j;
	const struct file_path *p;
	bool is_found;
};

static bool is_same_path(const struct file_path *a, const struct file_path *b)
{
	return slice_is((struct slice){a->dir, strlen(a->dir)}, b->dir) &&
	       slice_is((struct slice){a->name, strlen(a->name)}, b->name);
}

static int search_entry(void *data, const char *name)
{
	struct search *s = data;
	struct entry_text e;
	struct file_path p;
	struct slice path;
	int r;

	if (name[0] == '.') /* a temporary that a failure left */
		return 0;
	r = read_entry(s->j->to, name, &e);
	for (unsigned int i = 0; r == 0 && named_file(&e.entry, i, &path); i++)
		if (split_path(path, &p) == 0 && is_same_path(&p, s->p))
			s->is_found = true;
	return r < 0 ? r : 0;
}

/* An unused directory goes too; one that is in use stays. */
static int drop_named(struct mirror_job *j, const struct file_path *p, void *data)
{
	struct search s = {j, p, false};
	char path[PATH_MAX];
	uint64_t size;
	int r;

	(void)data;
	make_path(p->dir, p->name, path);
	if (dir_file_size(j->from, path, &size) != -ENOENT ||
	    dir_file_size(j->to, path, &size) == -ENOENT)
		return 0;
	r = dir_each_file(j->to, ladder_dir(1), search_entry, &s);
	if (r < 0 || s.is_found)
		return r;
	mirror_differ(j, p->dir, p->name);
	r = esp_unlink(j->to, p->dir, p->name);
	if (r == 0 && strcmp(p->dir, ".") != 0)
		(void)esp_remove_dir(j->to, p->dir);
	return r;
}

int mirror_copy_entry(struct mirror_job *j, const char *name, const char *to)
{
	struct entry_text before;
	int r, had = read_entry(j->to, to, &before);

	r = copy_file(j, ladder_dir(1), name, to, true);
	if (r == FILE_OTHER && had == 0 && j->is_write)
		r = each_named(j, &before.entry, drop_named, NULL);
	return r < 0 ? r : 0;
}

int mirror_remove_entry(struct mirror_job *j, unsigned int type, const char *name)
{
	struct entry_text e;
	int r, has = type == 1 ? read_entry(j->to, name, &e) : 1;

	mirror_differ(j, ladder_dir(type), name);
	if (!j->is_write)
		return 0;
	r = esp_unlink(j->to, ladder_dir(type), name);
	if (r == 0 && has == 0)
		r = each_named(j, &e.entry, drop_named, NULL);
	return r;
}
