// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "bls.h"
#include "core/mirror.h"
#include "doors/dir.h"
#include "entries.h"
#include "fallback.h"
#include "loadvar.h"
#include "pe.h"

static const struct {
	uint16_t machine;
	const char *name, *path;
} files[] = {
	{PE_MACHINE_X86_64, "BOOTX64.EFI", FALLBACK_DIR "/BOOTX64.EFI"},
	{PE_MACHINE_ARM64, "BOOTAA64.EFI", FALLBACK_DIR "/BOOTAA64.EFI"},
};

#define N_FILES (sizeof(files) / sizeof(files[0]))

const char *fallback_name(uint16_t machine)
{
	for (size_t i = 0; i < N_FILES; i++)
		if (files[i].machine == machine)
			return files[i].name;
	return NULL;
}

static bool is_fallback(const char *path)
{
	for (size_t i = 0; i < N_FILES; i++)
		if (loadvar_same_path((struct slice){path, strlen(path)},
				      (struct slice){files[i].path, strlen(files[i].path)}))
			return true;
	return false;
}

static int read_mark(int store, const char *path, struct dir_mark *ret)
{
	_cleanup_(closep) int fd = dir_open_file(store, path);

	return fd < 0 ? fd : dir_file_mark(fd, ret);
}

bool fallback_is_copy_of(const struct machine *m, const char *copy, enum place place,
			 const char *path)
{
	struct dir_mark to, from;

	return m->store[PLACE_ESP].fd >= 0 && m->store[place].fd >= 0 &&
	       read_mark(m->store[PLACE_ESP].fd, copy, &to) == 0 &&
	       read_mark(m->store[place].fd, path, &from) == 0 && to.size == from.size &&
	       mirror_is_same_time(to.mtime_ns, from.mtime_ns);
}

/* A type #2 entry of this id that it is a copy of. */
struct search {
	const struct machine *m;
	enum place place;
	const char *copy, *id;
	bool is_found;
};

static int compare_entry(void *data, const char *name)
{
	struct search *s = data;
	char id[NAME_SIZE], path[ENTRIES_PATH_SIZE];

	if (!bls_valid_name(name, 2) || counter_strip(name, id) < 0 || !counter_same_id(id, s->id))
		return 0;
	entries_path(2, name, path);
	s->is_found = s->is_found || fallback_is_copy_of(s->m, s->copy, s->place, path);
	return 0;
}

int fallback_find(const struct machine *m, const char *path, char id[NAME_SIZE])
{
	struct search s = {.m = m, .copy = path, .id = id};

	if (!m->config.fallback_path || !is_fallback(path) ||
	    dir_read_line(m->store[machine_boot_place(m)].fd, "loader/bootassess/" FALLBACK_NOTE,
			  id, NAME_SIZE) < 0)
		return 1;
	for (s.place = 0; s.place < PLACES; s.place++)
		if (m->store[s.place].fd >= 0)
			(void)dir_each_file(m->store[s.place].fd, ladder_dir(2), compare_entry, &s);
	return s.is_found ? 0 : 1;
}
