// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "doors/dir.h"
#include "doors/log.h"
#include "install-job.h"
#include "loadvar.h"
#include "pe.h"

#define OWN_DIR	     "bootassess/"
#define TEMPORARY    ".bootassess-"
#define COMPARE_SIZE 65536
#define SWEEP_MAX    64 /* files of a slot's own folder that are looked at, more than it can have */

int job_refuse_all(struct job *j, int r, const char *const *pieces)
{
	text_init(&j->why, j->why.buf, j->why.size);
	while (*pieces)
		text_str(&j->why, *pieces++);
	return r;
}

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

int job_clean_path(struct slice path, char buf[JOB_PATH_SIZE])
{
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++) {
		char c = is_separator(path.s[i]) ? '/' : path.s[i];

		if (c == '\0' || len + 1 >= JOB_PATH_SIZE)
			return -EINVAL;
		if (c != '/' || (len > 0 && buf[len - 1] != '/'))
			buf[len++] = c;
	}
	buf[len] = '\0';
	if (len == 0 || buf[len - 1] == '/' || strcmp(buf, "..") == 0 ||
	    strncmp(buf, "../", 3) == 0 || strstr(buf, "/../") ||
	    (len > 3 && strcmp(buf + len - 3, "/..") == 0))
		return -EINVAL;
	return 0;
}

const char *job_split_path(const char *path, char dir[JOB_PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 1;

	memcpy(dir, slash ? path : ".", len);
	dir[len] = '\0';
	return slash ? slash + 1 : path;
}

void job_own_dir(const char *id, char dir[JOB_PATH_SIZE])
{
	const char *dot = strrchr(id, '.');
	struct text t;

	text_init(&t, dir, JOB_PATH_SIZE);
	text_str(&t, OWN_DIR);
	text_slice(&t, (struct slice){id, dot ? (size_t)(dot - id) : strlen(id)});
}

bool job_is_same(int dirfd, const char *path, const struct install_file *from)
{
	_cleanup_(closep) int fd = dir_open_file(dirfd, path);
	char a[COMPARE_SIZE], b[COMPARE_SIZE];
	struct dir_mark mark;
	ssize_t n;

	if (fd < 0 || dir_file_mark(fd, &mark) < 0 || mark.size != from->size)
		return false;
	for (uint64_t at = 0; at < from->size; at += (uint64_t)n) {
		n = dir_read_at(from->fd, at, a, sizeof(a));
		if (n <= 0 || dir_read_at(fd, at, b, sizeof(b)) != n ||
		    memcmp(a, b, (size_t)n) != 0)
			return false;
	}
	return true;
}

/* One look for the entries that name a file. */
struct search {
	const struct machine *m;
	enum place place;
	struct slice path;
	const char *but;
	bool is_named;
};

static bool names(const struct bls_entry *e, struct slice path)
{
	const struct slice *const one[] = {&e->linux_path, &e->efi, &e->uki, &e->devicetree,
					   &e->extra};

	for (unsigned int i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		if (loadvar_same_path(*one[i], path))
			return true;
	for (unsigned int i = 0; i < e->n_initrd; i++)
		if (loadvar_same_path(e->initrd[i], path))
			return true;
	return false;
}

/* Every file counts, also what is called .off: a person may put it back. But not our temporaries.
 */
static int look(void *data, const char *name)
{
	struct search *s = data;
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;

	if (s->is_named || strcmp(name, s->but) == 0 ||
	    strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0)
		return 0;
	if (entries_read_type1(s->m, s->place, name, text, &e) < 0)
		s->is_named = true;
	else
		s->is_named = names(&e, s->path);
	return 0;
}

bool job_is_named(const struct machine *m, enum place place, const char *path, const char *but)
{
	struct search s = {.m = m, .place = place, .path = {path, strlen(path)}, .but = but};
	int r = dir_each_file(m->store[place].fd, ladder_dir(1), look, &s);

	return s.is_named || (r < 0 && r != -ENOENT);
}

int job_number(int fd, uint64_t size, uint32_t *ret)
{
	char block[COMPARE_SIZE];
	struct update_sum sum;
	ssize_t n;

	update_sum_start(&sum, size);
	for (uint64_t at = 0; at < size; at += (uint64_t)n) {
		n = dir_read_at(fd, at, block, sizeof(block));
		if (n <= 0)
			return n < 0 ? (int)n : -ESTALE;
		update_sum_add(&sum, block, (size_t)n);
	}
	*ret = update_sum_end(&sum);
	return 0;
}

uint32_t job_text_number(const char *text, size_t len)
{
	struct update_sum sum;

	update_sum_start(&sum, len);
	update_sum_add(&sum, text, len);
	return update_sum_end(&sum);
}

/* What lies in a folder EFI/VENDOR may be a boot loader that the firmware starts, whatever the
 * entries say: only a UKI is ours to remove there. */
static bool is_loader(const struct machine *m, enum place place, const char *path)
{
	_cleanup_(closep) int fd = -1;
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section section;
	struct dir_mark mark;
	ssize_t n;

	if (strncasecmp(path, "EFI/", 4) != 0)
		return false;
	fd = dir_open_file(m->store[place].fd, path);
	if (fd < 0 || dir_file_mark(fd, &mark) < 0)
		return fd != -ENOENT;
	n = dir_read_at(fd, 0, head, sizeof(head));
	return n < 0 || pe_find_section(head, (size_t)n, mark.size, ".linux", &section, NULL) != 0;
}

static int drop(const struct machine *m, enum place place, const char *path)
{
	char dir[JOB_PATH_SIZE];
	const char *name = job_split_path(path, dir);
	int r;

	if (job_is_named(m, place, path, "") || is_loader(m, place, path))
		return 0;
	r = esp_unlink(m->store[place].fd, dir, name);
	if (r < 0)
		log_warning("cannot remove \"%s\" on %s, which no entry names: %s, ignoring", path,
			    place_name(place), strerror(-r));
	return r;
}

/* A folder must not be changed while it is read. */
struct names {
	char name[SWEEP_MAX][NAME_SIZE];
	unsigned int n;
};

static int collect(void *data, const char *name)
{
	struct names *list = data;
	struct text t;

	if (list->n == SWEEP_MAX || name[0] == '.')
		return 0;
	text_init(&t, list->name[list->n++], NAME_SIZE);
	text_str(&t, name);
	return 0;
}

static int sweep_own_dir(const struct machine *m, enum place place, const char *id)
{
	int fd = m->store[place].fd, ret = 0, r;
	char dir[JOB_PATH_SIZE], path[JOB_PATH_SIZE];
	struct names list = {.n = 0};
	struct text t;

	job_own_dir(id, dir);
	r = dir_each_file(fd, dir, collect, &list);
	if (r < 0 && r != -ENOENT)
		log_warning("cannot read \"%s\" on %s: %s, ignoring", dir, place_name(place),
			    strerror(-r));
	if (r < 0)
		return 0;
	for (unsigned int i = 0; i < list.n; i++) {
		text_init(&t, path, sizeof(path));
		text_str(&t, dir);
		text_char(&t, '/');
		text_str(&t, list.name[i]);
		r = t.full ? 0 : drop(m, place, path);
		if (r < 0)
			ret = r;
	}
	r = esp_remove_dir(fd, dir);
	return r < 0 && r != -ENOTEMPTY ? r : ret;
}

int job_sweep(const struct machine *m, enum place place, const char *id, const struct slice *path,
	      unsigned int n)
{
	char buf[JOB_PATH_SIZE];
	int ret = 0, r;

	for (unsigned int i = 0; i < n; i++) {
		r = job_clean_path(path[i], buf) < 0 ? 0 : drop(m, place, buf);
		if (r < 0)
			ret = r;
	}
	r = sweep_own_dir(m, place, id);
	return ret < 0 ? ret : r;
}
