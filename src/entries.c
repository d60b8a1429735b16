// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "doors/dir.h"
#include "doors/log.h"
#include "entries.h"
#include "loadvar.h"
#include "pe.h"

#define DOS_HEADER_SIZE 64 /* every PE file begins with one */

/* One walk through an entries folder. */
struct walk {
	const struct machine *m;
	enum place place;
	unsigned int type;
	bool is_quiet;
	/* entries_read() */
	const char *booted_name;
	struct ladder *ladder;
	bool unsure;
	/* entries_find_twin() */
	const struct rung *rung;
	struct rung *twin;
	/* entries_find_by_image() */
	const char *image;
	char *id;
	unsigned int n_found;
};

void entries_path(unsigned int type, const char *name, char path[ENTRIES_PATH_SIZE])
{
	struct text t;

	text_init(&t, path, ENTRIES_PATH_SIZE);
	text_str(&t, ladder_dir(type));
	text_char(&t, '/');
	text_str(&t, name);
}

int entries_read_type1(const struct machine *m, enum place place, const char *name,
		       char text[ENTRIES_TEXT_SIZE], struct bls_entry *ret)
{
	char path[ENTRIES_PATH_SIZE];
	size_t len;
	int r;

	entries_path(1, name, path);
	r = dir_read(m->store[place].fd, path, text, ENTRIES_TEXT_SIZE, &len);
	return r < 0 ? r : bls_parse_entry(text, len, ret);
}

/* Something is wrong with an entry: it can be no target, and that is said. */
static int refuse(struct walk *w, const char *name, const char *what, struct slice which, int r)
{
	if (w->is_quiet)
		return r;
	log_warning("\"%s/%s\" on %s cannot boot: %s%.*s: %s", ladder_dir(w->type), name,
		    place_name(w->place), what, (int)which.len, which.s ? which.s : "",
		    r == -ELOOP ? "is a symbolic link, which is not followed" : strerror(-r));
	/* What is clean to see cannot boot. Everything else may be our own limit: then a rung may
	 * be better than it looks, and reset has to wait. */
	w->unsure = w->unsure || (r != -ENOENT && r != -ENODATA && r != -ENOEXEC);
	return r;
}

/* 0 if the file that an entry names is there and not empty. */
static int check_file(struct walk *w, const char *name, struct slice path)
{
	char buf[PATH_MAX];
	uint64_t size;
	int r;

	r = slice_copy(path, buf, sizeof(buf));
	if (r == 0)
		r = dir_file_size(w->m->store[w->place].fd, buf, &size);
	if (r == 0 && size == 0)
		r = -ENODATA;
	return r < 0 ? refuse(w, name, "", path, r) : 0;
}

/* 0 if nothing speaks against this kernel: its head is not all zeros, and if it is a PE file, all
 * of it is there. What else a kernel may be is the loader's business. One that the firmware
 * cannot load costs more than a try: systemd-boot before 258 then goes back to the firmware, or
 * crashes. */
static int judge_kernel(const char *head, size_t len, uint64_t size)
{
	struct pe_section section;
	int r;

	if (len > 0 && head[0] == '\0' && memcmp(head, head + 1, len - 1) == 0)
		return -ENOEXEC;
	if (len < DOS_HEADER_SIZE || memcmp(head, "MZ", 2) != 0)
		return 0;
	r = pe_find_section((const uint8_t *)head, len, size, ".linux", &section, NULL);
	return r == -EINVAL ? -ENOEXEC : 0;
}

static int check_kernel(struct walk *w, const char *name, struct slice path)
{
	char head[PE_HEAD_SIZE], buf[PATH_MAX];
	_cleanup_(closep) int fd = -1;
	struct dir_mark mark;
	ssize_t n;
	int r;

	r = check_file(w, name, path);
	if (r < 0)
		return r;
	r = slice_copy(path, buf, sizeof(buf));
	if (r == 0)
		r = fd = dir_open_file(w->m->store[w->place].fd, buf);
	if (r >= 0)
		r = dir_file_mark(fd, &mark);
	if (r == 0) {
		n = dir_read_at(fd, 0, head, sizeof(head));
		r = n < 0 ? (int)n : judge_kernel(head, (size_t)n, mark.size);
	}
	return r < 0 ? refuse(w, name, r == -ENOEXEC ? "no whole kernel: " : "", path, r) : 0;
}

/* 0 if everything that the entry names is there. */
static int check_type1(struct walk *w, const char *name, const struct bls_entry *e)
{
	const struct slice *image = &e->linux_path;
	int r;

	if (e->uki_url.len > 0)
		return 0; /* comes over the network: nothing here to check */
	if (image->len == 0)
		image = e->efi.len > 0 ? &e->efi : &e->uki;
	if (image->len == 0)
		return refuse(w, name, "no key linux, efi or uki", (struct slice){0}, -ENODATA);
	r = check_kernel(w, name, *image);
	for (unsigned int i = 0; i < e->n_initrd && r == 0; i++)
		r = check_file(w, name, e->initrd[i]);
	return r;
}

static void copy_cut(struct slice s, char *buf, size_t size)
{
	struct text t;

	text_init(&t, buf, size);
	text_slice(&t, s);
}

/* For systemd-boot such a text ends at its NUL byte. */
static bool has_no_image(const char *text)
{
	struct bls_entry e;

	return bls_parse_entry(text, strlen(text), &e) == 0 && e.linux_path.len == 0 &&
	       e.efi.len == 0 && e.uki.len == 0 && e.uki_url.len == 0;
}

static int fill_type1(struct walk *w, struct rung *rung)
{
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;
	int r;

	memcpy(text, "linux /", sizeof("linux /")); /* stays there if nothing can be read */
	r = entries_read_type1(w->m, w->place, rung->name, text, &e);
	if (r == -EINVAL && has_no_image(text))
		return refuse(w, rung->name, "no key linux, efi or uki before a NUL byte",
			      (struct slice){0}, -ENODATA);
	if (r < 0)
		return refuse(w, rung->name, "cannot be read", (struct slice){0}, r);
	copy_cut(e.sort_key, rung->sort_key, sizeof(rung->sort_key));
	copy_cut(e.machine_id, rung->machine_id, sizeof(rung->machine_id));
	copy_cut(e.version, rung->version, sizeof(rung->version));
	return check_type1(w, rung->name, &e);
}

/* A UKI is sane if its head is whole and it has a kernel. */
static int fill_type2(struct walk *w, struct rung *rung)
{
	int r, fd = w->m->store[w->place].fd;
	uint64_t size, where = 0;
	char head[PE_HEAD_SIZE + 1];
	struct pe_section section;
	char path[ENTRIES_PATH_SIZE], buf[64];
	struct text t;
	size_t len = 0;

	entries_path(2, rung->name, path);
	r = dir_file_size(fd, path, &size);
	if (r == 0)
		r = dir_read(fd, path, head, sizeof(head), &len);
	if (r < 0 && r != -E2BIG)
		return refuse(w, rung->name, "cannot be read", (struct slice){0}, r);
	r = pe_find_section((const uint8_t *)head, len, size, ".linux", &section, &where);
	if (r == 0)
		return 0;
	text_init(&t, buf, sizeof(buf));
	text_str(&t, r == -ENOENT ? "no section .linux" : "no sound UKI, at offset ");
	if (r != -ENOENT)
		text_uint(&t, where, 0);
	return refuse(w, rung->name, buf, (struct slice){0}, -ENOEXEC);
}

static int offer_entry(void *data, const char *name)
{
	struct walk *w = data;
	struct rung rung = {.place = w->place, .type = w->type};
	int r;

	if (!bls_valid_name(name, w->type) || counter_strip(name, rung.id) < 0)
		return 0;
	if (ladder_match(&w->m->config, rung.id, &rung.role, &rung.pattern) != 0)
		return 0;
	memcpy(rung.name, name, strlen(name) + 1);
	(void)counter_parse(name, &rung.counter);
	r = w->type == 1 ? fill_type1(w, &rung) : fill_type2(w, &rung);
	rung.broken = r < 0;
	ladder_offer(w->ladder, &rung, w->booted_name);
	return 0;
}

/* Calls fn for the entries of both types on both partitions. */
static void walk_all(struct walk *w, dir_fn fn, unsigned int max_type)
{
	for (w->place = PLACE_ESP; w->place < PLACES; w->place++) {
		int fd = w->m->store[w->place].fd;

		for (w->type = 1; fd >= 0 && w->type <= max_type; w->type++) {
			int r = dir_each_file_or_link(fd, ladder_dir(w->type), fn, w);

			if (r == 0 || r == -ENOENT)
				continue;
			log_err("cannot read \"%s\" on %s: %s", ladder_dir(w->type),
				place_name(w->place), strerror(-r));
			w->unsure = true;
		}
	}
}

void entries_read(const struct machine *m, const char *booted_name, struct ladder *ret,
		  bool *ret_unsure)
{
	struct walk w = {.m = m, .booted_name = booted_name, .ladder = ret};

	walk_all(&w, offer_entry, 2);
	ladder_finish(ret, &m->config);
	if (ret->dropped)
		log_warning("more entries match the globs than the ladder has room for (%d, %d and "
			    "%d of each role), the last ones are left out",
			    RUNGS_SYSTEM_MAX, RUNGS_RECOVERY_MAX, RUNGS_RESET_MAX);
	*ret_unsure = w.unsure;
}

int entries_check(const struct machine *m, enum place place, unsigned int type, const char *name)
{
	struct walk w = {.m = m, .place = place, .type = type, .is_quiet = true};
	struct rung rung = {.place = place, .type = type};

	if (strlen(name) >= sizeof(rung.name))
		return -ENAMETOOLONG;
	memcpy(rung.name, name, strlen(name) + 1);
	return type == 1 ? fill_type1(&w, &rung) : fill_type2(&w, &rung);
}

static int compare_image(void *data, const char *name)
{
	struct walk *w = data;
	struct slice image = {w->image, strlen(w->image)};
	char text[ENTRIES_TEXT_SIZE], id[NAME_SIZE];
	struct bls_entry e;

	if (!bls_valid_name(name, 1) || counter_strip(name, id) < 0)
		return 0;
	if (entries_read_type1(w->m, w->place, name, text, &e) < 0)
		return 0;
	if (!loadvar_same_path(e.linux_path, image) && !loadvar_same_path(e.efi, image) &&
	    !loadvar_same_path(e.uki, image))
		return 0;
	if (w->n_found == 0 || strcasecmp(w->id, id) != 0)
		w->n_found++;
	memcpy(w->id, id, sizeof(id));
	return 0;
}

int entries_find_by_image(const struct machine *m, const char *path, char id[NAME_SIZE])
{
	struct walk w = {.m = m, .image = path, .id = id};

	walk_all(&w, compare_image, 1);
	return w.n_found == 1 ? 0 : 1;
}

static int compare_id(void *data, const char *name)
{
	struct walk *w = data;
	struct rung twin = {.place = w->place, .type = w->type};

	if (!bls_valid_name(name, w->type) || counter_strip(name, twin.id) < 0 ||
	    strcasecmp(twin.id, w->rung->id) != 0)
		return 0;
	if (w->place == w->rung->place && strcmp(name, w->rung->name) == 0)
		return 0;
	memcpy(twin.name, name, strlen(name) + 1);
	*w->twin = twin;
	w->n_found++;
	return 0;
}

int entries_find_twin(const struct machine *m, const struct rung *r, struct rung *ret)
{
	struct walk w = {.m = m, .type = r->type, .rung = r, .twin = ret};

	for (w.place = PLACE_ESP; w.place < PLACES; w.place++) {
		int fd = m->store[w.place].fd, e;

		if (fd < 0)
			continue;
		e = dir_each_file(fd, ladder_dir(w.type), compare_id, &w);
		if (e < 0 && e != -ENOENT) {
			log_err("cannot read \"%s\" on %s: %s", ladder_dir(w.type),
				place_name(w.place), strerror(-e));
			return e;
		}
	}
	return w.n_found > 0;
}
