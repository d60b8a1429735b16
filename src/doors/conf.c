// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "root.h"

static const char *const dirs[] = {"etc", "run", "usr/lib"};

#define N_DIRS (sizeof(dirs) / sizeof(dirs[0]))

struct names {
	char name[CONF_DROPINS_MAX][NAME_MAX + 1];
	unsigned int n;
};

/* root_read() follows no link. */
static ssize_t read_file(int rootfd, const char *path, char text[CONF_FILE_SIZE])
{
	_cleanup_(closep) int fd = openat(rootfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = root_read_up_to(fd, text, CONF_FILE_SIZE);
	if (len < 0)
		return len;
	if (len == CONF_FILE_SIZE)
		return -E2BIG;
	text[len] = '\0';
	return len;
}

/* The file of this name in the first directory that has one. */
static void read_first(int rootfd, const char *name, conf_fn fn, void *data)
{
	char path[PATH_MAX], text[CONF_FILE_SIZE];

	for (size_t i = 0; i < N_DIRS; i++) {
		ssize_t len;

		(void)snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		if (!root_exists(rootfd, path))
			continue;
		len = read_file(rootfd, path, text);
		fn(data, path, text, len < 0 ? 0 : (size_t)len, len < 0 ? (int)len : 0);
		return;
	}
}

static bool is_dropin(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* 0; -E2BIG if there is no room. */
static int add_name(struct names *names, const char *name)
{
	for (unsigned int i = 0; i < names->n; i++)
		if (strcmp(names->name[i], name) == 0)
			return 0;
	if (names->n == CONF_DROPINS_MAX)
		return -E2BIG;
	(void)snprintf(names->name[names->n++], sizeof(names->name[0]), "%s", name);
	return 0;
}

static int add_names(int rootfd, const char *path, struct names *names)
{
	const struct dirent *entry;
	int fd, r = 0;
	DIR *d;

	fd = openat(rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(d)))
		r = is_dropin(entry->d_name) ? add_name(names, entry->d_name) : 0;
	if (r == 0)
		r = -errno;
	(void)closedir(d);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

void conf_read(int rootfd, const char *name, conf_fn fn, void *data)
{
	struct names names = {.n = 0};
	char path[PATH_MAX];

	read_first(rootfd, name, fn, data);
	for (size_t i = 0; i < N_DIRS; i++) {
		int r;

		(void)snprintf(path, sizeof(path), "%s/%s.d", dirs[i], name);
		r = add_names(rootfd, path, &names);
		if (r < 0)
			fn(data, path, NULL, 0, r);
	}
	qsort(names.name, names.n, sizeof(names.name[0]), compare_names);
	for (unsigned int i = 0; i < names.n; i++) {
		(void)snprintf(path, sizeof(path), "%s.d/%s", name, names.name[i]);
		read_first(rootfd, path, fn, data);
	}
}
