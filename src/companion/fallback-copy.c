// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fallback-copy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "bytes.h"
#include "doors/dir.h"
#include "doors/esp-copy.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "entries.h"
#include "fallback.h"
#include "pe.h"

#define NS_PER_S   1000000000
#define PE_OFFSET  0x3c /* of the offset of the PE header (PE/COFF section 2) */
#define PE_MACHINE 4	/* in that header, behind its signature */

static bool is_due(const struct machine *m, const struct facts *f)
{
	const struct rung *r = &f->ladder.rung[f->booted.rung];

	return m->config.fallback_path && m->loader->kind == LOADER_FIRMWARE && !f->kexeced &&
	       r->role == ROLE_SYSTEM && r->type == 2 && !r->missing && !r->broken && !r->ambiguous;
}

/* The name of the copy, by the machine that the UKI is for. 0; -ENOEXEC if we know none. */
static int find_name(int store, const char *path, const char **ret)
{
	_cleanup_(closep) int fd = dir_open_file(store, path);
	uint8_t head[PE_HEAD_SIZE];
	uint32_t pe;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = dir_read_at(fd, 0, head, sizeof(head));
	if (n < PE_OFFSET + 4)
		return n < 0 ? (int)n : -ENOEXEC;
	pe = read_u32(head + PE_OFFSET);
	if (pe > (size_t)n - PE_MACHINE - 2)
		return -ENOEXEC;
	*ret = fallback_name(read_u16(head + pe + PE_MACHINE));
	return *ret ? 0 : -ENOEXEC;
}

/* 0; 1 if there is no such file; -EPERM: it is no UKI; other negative errno. */
static int check_old(int esp, const char *path)
{
	_cleanup_(closep) int fd = dir_open_file(esp, path);
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section section;
	struct dir_mark mark;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 1 : fd;
	r = dir_file_mark(fd, &mark);
	if (r < 0)
		return r;
	n = dir_read_at(fd, 0, head, sizeof(head));
	if (n < 0)
		return (int)n;
	r = pe_find_section(head, (size_t)n, mark.size, ".linux", &section, NULL);
	return r < 0 ? -EPERM : 0;
}

static int check_room(int esp, uint64_t size)
{
	uint64_t room, cluster;
	int r = esp_room(esp, &room, &cluster);

	if (r < 0)
		return r;
	return room < size + 2 * cluster ? -ENOSPC : 0;
}

/* The store is writable. */
static int write_copy(int esp, const char *name, const struct esp_source *src, bool is_new)
{
	char temporary[NAME_MAX + 1];
	int r = check_room(esp, src->size);

	if (r < 0)
		return r;
	if (is_new)
		return esp_copy_new(esp, FALLBACK_DIR, name, src);
	r = esp_copy_over(esp, FALLBACK_DIR, name, src, temporary);
	return r < 0 ? r : esp_unlink(esp, FALLBACK_DIR, temporary);
}

static int write_note(struct machine *m, const char *id)
{
	enum place place = machine_boot_place(m);
	char line[NAME_SIZE + 1];
	struct text t;
	int r = machine_begin_write(m, place);

	if (r < 0)
		return r;
	text_init(&t, line, sizeof(line));
	text_str(&t, id);
	text_char(&t, '\n');
	r = esp_write_file(m->store[place].fd, "loader/bootassess", FALLBACK_NOTE, line, t.len);
	machine_end_write(m, place);
	return r;
}

static int copy(struct machine *m, const struct rung *r, const char *from, const char *to)
{
	_cleanup_(closep) int fd = -1;
	struct timespec mtime;
	struct esp_source src = {.mtime = &mtime};
	struct dir_mark mark;
	int e, old = check_old(m->store[PLACE_ESP].fd, to);

	if (old < 0)
		return old;
	e = machine_begin_write(m, PLACE_ESP);
	if (e < 0)
		return e;
	fd = dir_open_file(m->store[r->place].fd, from);
	e = fd < 0 ? fd : dir_file_mark(fd, &mark);
	if (e == 0) {
		src.fd = fd;
		src.size = mark.size;
		mtime.tv_sec = mark.mtime_ns / NS_PER_S;
		mtime.tv_nsec = mark.mtime_ns % NS_PER_S;
		e = write_copy(m->store[PLACE_ESP].fd, strrchr(to, '/') + 1, &src, old > 0);
	}
	closep(&fd); /* an open file would keep the store busy */
	fd = -1;
	machine_end_write(m, PLACE_ESP);
	return e;
}

static bool says(const struct machine *m, const char *id)
{
	char line[NAME_SIZE];

	return dir_read_line(m->store[machine_boot_place(m)].fd, "loader/bootassess/" FALLBACK_NOTE,
			     line, sizeof(line)) == 0 &&
	       strcmp(line, id) == 0;
}

static void tell(const struct rung *r, const char *path, int e)
{
	if (e == 0)
		log_notice("\"%s\" on the ESP is a copy of \"%s\" now", path, r->name);
	else if (e == -EPERM)
		log_err("\"%s\" on the ESP is no UKI, but another boot loader: it stays as it is, "
			"see FallbackPath= in bootassess.conf(5)",
			path);
	else
		log_err("cannot make \"%s\" on the ESP a copy of \"%s\": %s: it stays as it was",
			path, r->name, strerror(-e));
}

void fallback_copy(struct machine *m, const struct facts *f)
{
	const struct rung *r = &f->ladder.rung[f->booted.rung];
	char from[ENTRIES_PATH_SIZE], to[64];
	const char *name;
	struct text t;
	int e;

	if (!is_due(m, f))
		return;
	entries_path(2, r->name, from);
	e = find_name(m->store[r->place].fd, from, &name);
	text_init(&t, to, sizeof(to));
	text_str(&t, FALLBACK_DIR "/");
	text_str(&t, e == 0 ? name : "");
	if (e < 0) {
		tell(r, to, e);
		return;
	}
	if (!fallback_is_copy_of(m, to, r->place, from)) {
		e = copy(m, r, from, to);
		tell(r, to, e);
		if (e < 0)
			return;
	}
	e = says(m, r->id) ? 0 : write_note(m, r->id);
	if (e < 0)
		log_warning("cannot note whose copy \"%s\" is: %s: a boot from it is one of an "
			    "unknown entry",
			    to, strerror(-e));
}
