// SPDX-License-Identifier: LGPL-2.1-or-later
#include "slots.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "doors/dir.h"
#include "entries.h"
#include "pe.h"

#define CMDLINE_MAX    16384 /* of a UKI; the longest that a kernel takes is 4096 */
#define NOT_UKI	       1
#define GLOBAL_ADDONS  "loader/addons"
#define ADDON_SUFFIX   ".addon.efi"
#define ADDONS_OF_FILE ".extra.d"

struct reading {
	const struct machine *m;
	slots_fn fn;
	void *data;
	struct text *why;
	int rung;
	unsigned int n_ended; /* command lines of this entry */
};

static void tell_end(struct reading *r)
{
	r->fn(r->data, r->rung, (struct slice){0});
	r->n_ended++;
}

static int refuse(const struct reading *r, const char *file, const char *what, int e)
{
	text_char(r->why, '"');
	text_printable(r->why, file);
	text_str(r->why, "\" ");
	text_str(r->why, what ? what : "cannot be read: ");
	if (!what)
		text_str(r->why, strerror(-e));
	return e;
}

static int stop_at_addon(void *data, const char *name)
{
	size_t len = strlen(name), suffix = strlen(ADDON_SUFFIX);

	(void)data;
	if (len < suffix)
		return 0;
	return slice_is((struct slice){name + len - suffix, suffix}, ADDON_SUFFIX) ? -EEXIST : 0;
}

/* Their options are added to those of the entry. */
static int check_addons(const struct reading *r, enum place place, const char *folder)
{
	int e = dir_each_file(r->m->store[place].fd, folder, stop_at_addon, NULL);

	if (e == 0 || e == -ENOENT)
		return 0;
	return refuse(r, folder, e == -EEXIST ? "has add-ons, which are not read here" : NULL, e);
}

static int check_addons_of(const struct reading *r, enum place place, const char *path)
{
	char folder[PATH_MAX + sizeof(ADDONS_OF_FILE)];
	struct text t;

	text_init(&t, folder, sizeof(folder));
	for (const char *c = path + (*path == '/' || *path == '\\'); *c; c++)
		text_char(&t, *c == '\\' ? '/' : *c);
	text_str(&t, ADDONS_OF_FILE);
	return t.full ? -ENAMETOOLONG : check_addons(r, place, folder);
}

static int tell_section(struct reading *r, const char *path, int fd,
			const struct pe_section *section)
{
	char text[CMDLINE_MAX];
	ssize_t n;

	if (section->size > sizeof(text))
		return refuse(r, path, NULL, -E2BIG);
	n = dir_read_at(fd, section->offset, text, section->size);
	if (n < 0 || (size_t)n != section->size)
		return refuse(r, path, NULL, n < 0 ? (int)n : -EIO);
	r->fn(r->data, r->rung, (struct slice){text, (size_t)n});
	tell_end(r);
	return 0;
}

static int read_sections(struct reading *r, const char *path, int fd)
{
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section section;
	struct dir_mark mark;
	ssize_t n;
	int e;

	e = dir_file_mark(fd, &mark);
	n = e == 0 ? dir_read_at(fd, 0, head, sizeof(head)) : e;
	if (n < 0)
		return refuse(r, path, NULL, (int)n);
	if (pe_find_section(head, (size_t)n, mark.size, ".linux", &section, NULL) < 0)
		return NOT_UKI;
	if (pe_find_section(head, (size_t)n, mark.size, ".profile", &section, NULL) == 0)
		return refuse(r, path, "has profiles, which are not read here", -ENOTSUP);
	e = pe_find_section(head, (size_t)n, mark.size, ".cmdline", &section, NULL);
	return e == 0 ? tell_section(r, path, fd, &section) : 0;
}

/* 0, NOT_UKI, or negative errno; -ENOENT is not told to why. */
static int read_uki(struct reading *r, enum place place, const char *path)
{
	_cleanup_(closep) int fd = dir_open_file(r->m->store[place].fd, path);
	int e;

	if (fd < 0)
		return fd == -ENOENT ? fd : refuse(r, path, NULL, fd);
	e = read_sections(r, path, fd);
	return e == 0 ? check_addons_of(r, place, path) : e;
}

static int read_type2(struct reading *r, enum place place, const char *name)
{
	char path[ENTRIES_PATH_SIZE];
	int e;

	entries_path(2, name, path);
	e = read_uki(r, place, path);
	if (e == NOT_UKI)
		return refuse(r, path, "is no UKI", -ENOEXEC);
	return e == -ENOENT ? refuse(r, path, NULL, e) : e;
}

/* A kernel alone has no options of its own; without the file there is nothing to boot, but what
 * was in it is not known. */
static int read_image(struct reading *r, enum place place, const struct bls_entry *b,
		      const char *entry)
{
	struct slice image = b->linux_path;
	char path[PATH_MAX];
	int e;

	if (image.len == 0)
		image = b->efi.len > 0 ? b->efi : b->uki;
	if (image.len == 0)
		return 0;
	if (slice_copy(image, path, sizeof(path)) < 0)
		return refuse(r, entry, NULL, -EINVAL);
	e = read_uki(r, place, path);
	if (e == -ENOENT && b->linux_path.len > 0 && b->n_options > 0)
		return 0;
	if (e == NOT_UKI)
		return b->uki.len > 0 ? refuse(r, path, "is no UKI", -ENOEXEC) : 0;
	return e == -ENOENT ? refuse(r, path, NULL, e) : e;
}

static int read_type1(struct reading *r, enum place place, const char *name)
{
	char text[ENTRIES_TEXT_SIZE], path[ENTRIES_PATH_SIZE];
	struct bls_entry b;
	int e;

	entries_path(1, name, path);
	e = entries_read_type1(r->m, place, name, text, &b);
	if (e < 0)
		return refuse(r, path, NULL, e);
	if (b.extra.len > 0)
		return refuse(r, path, "has add-ons, which are not read here", -ENOTSUP);
	for (unsigned int i = 0; i < b.n_options; i++)
		r->fn(r->data, r->rung, b.options[i]);
	if (b.n_options > 0)
		tell_end(r);
	return read_image(r, place, &b, path);
}

static int read_entry(struct reading *r, unsigned int type, enum place place, const char *name)
{
	int e;

	r->n_ended = 0;
	e = type == 1 ? read_type1(r, place, name) : read_type2(r, place, name);
	if (e == 0 && r->n_ended == 0)
		tell_end(r);
	return e;
}

static int read_running(struct reading *r)
{
	char text[4096];
	size_t len;
	int e = root_read(r->m->root.fd, "proc/cmdline", text, sizeof(text), &len);

	if (e < 0)
		return refuse(r, "/proc/cmdline", NULL, e);
	r->fn(r->data, -1, (struct slice){text, len});
	tell_end(r);
	return 0;
}

int slots_each_cmdline(const struct machine *m, const struct ladder *l, slots_fn fn, void *data,
		       struct text *why)
{
	struct reading r = {.m = m, .fn = fn, .data = data, .why = why, .rung = -1};
	int e = read_running(&r);

	for (enum place place = PLACE_ESP; place < PLACES && e == 0; place++)
		if (m->store[place].fd >= 0)
			e = check_addons(&r, place, GLOBAL_ADDONS);
	for (unsigned int i = 0; i < l->n && e == 0; i++) {
		const struct rung *rung = &l->rung[i];

		r.rung = (int)i;
		if (rung->missing)
			continue;
		e = read_entry(&r, rung->type, rung->place, rung->name);
		if (e == 0 && rung->twin[0])
			e = read_entry(&r, rung->type, rung->twin_place, rung->twin);
	}
	return e;
}
