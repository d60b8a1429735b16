// SPDX-License-Identifier: LGPL-2.1-or-later
#include "snap.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *must(void *p)
{
	if (!p)
		err(2, "memory");
	return p;
}

static struct snap_item *add(struct snap *s, const char *path, enum snap_kind kind)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->item = must(realloc(s->item, s->room * sizeof(*s->item)));
	}
	s->item[s->n] = (struct snap_item){.path = must(strdup(path)), .kind = kind};
	return &s->item[s->n++];
}

static void read_file(int dirfd, const char *name, size_t size, struct snap_item *item)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = 0;

	item->data = must(malloc(size + 1));
	if (fd < 0 || (n = read(fd, item->data, size)) < 0)
		err(2, "%s", item->path);
	item->len = (size_t)n;
	(void)close(fd);
}

static void read_link(int dirfd, const char *name, struct snap_item *item)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

	if (n < 0)
		err(2, "%s", item->path);
	item->data = must(malloc((size_t)n + 1));
	memcpy(item->data, target, (size_t)n);
	item->len = (size_t)n;
}

/* Takes dirfd. */
static void read_dir(int dirfd, const char *prefix, struct snap *s)
{
	DIR *d = fdopendir(dirfd);
	const struct dirent *e;

	if (!d)
		err(2, "%s", prefix);
	while ((e = readdir(d))) {
		char path[PATH_MAX];
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s%s", prefix, e->d_name);
		if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			err(2, "%s", path);
		if (S_ISDIR(st.st_mode)) {
			(void)add(s, path, SNAP_DIR);
			(void)strncat(path, "/", sizeof(path) - strlen(path) - 1);
			read_dir(openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path,
				 s);
		} else if (S_ISLNK(st.st_mode)) {
			read_link(dirfd, e->d_name, add(s, path, SNAP_LINK));
		} else {
			read_file(dirfd, e->d_name, (size_t)st.st_size, add(s, path, SNAP_FILE));
		}
	}
	(void)closedir(d);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct snap_item *)a)->path, ((const struct snap_item *)b)->path);
}

void snap_take(const char *dir, struct snap *ret)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct snap){0};
	if (fd < 0)
		err(2, "%s", dir);
	read_dir(fd, "", ret);
	qsort(ret->item, ret->n, sizeof(*ret->item), compare);
}

void snap_free(struct snap *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->item[i].path);
		free(s->item[i].data);
	}
	free(s->item);
	*s = (struct snap){0};
}

const struct snap_item *snap_find(const struct snap *s, const char *path)
{
	struct snap_item key = {.path = (char *)path};

	return s->n > 0 ? bsearch(&key, s->item, s->n, sizeof(key), compare) : NULL;
}

bool snap_is_same(const struct snap_item *a, const struct snap_item *b)
{
	return a && b && a->kind == b->kind && a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void make(int dirfd, const struct snap_item *item)
{
	int fd;

	if (item->kind == SNAP_DIR) {
		if (mkdirat(dirfd, item->path, 0755) < 0)
			err(2, "%s", item->path);
		return;
	}
	if (item->kind == SNAP_LINK) {
		char target[PATH_MAX];

		(void)snprintf(target, sizeof(target), "%.*s", (int)item->len, item->data);
		if (symlinkat(target, dirfd, item->path) < 0)
			err(2, "%s", item->path);
		return;
	}
	fd = openat(dirfd, item->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write(fd, item->data, item->len) != (ssize_t)item->len)
		err(2, "%s", item->path);
	(void)close(fd);
}

void snap_restore(const char *dir, const struct snap *want, const struct snap *now)
{
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		err(2, "%s", dir);
	for (size_t i = now->n; i-- > 0;) {
		const struct snap_item *old = &now->item[i], *item = snap_find(want, old->path);

		if (item && item->kind == old->kind)
			continue;
		if (unlinkat(dirfd, old->path, old->kind == SNAP_DIR ? AT_REMOVEDIR : 0) < 0)
			err(2, "%s", old->path);
	}
	for (size_t i = 0; i < want->n; i++)
		if (!snap_is_same(&want->item[i], snap_find(now, want->item[i].path)))
			make(dirfd, &want->item[i]);
	(void)close(dirfd);
}

uint64_t snap_hash(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ull;
	return hash;
}

uint64_t snap_number(const struct snap *s, const char *prefix, bool (*skip)(const char *path))
{
	uint64_t hash = SNAP_HASH;

	for (size_t i = 0; i < s->n; i++) {
		const struct snap_item *item = &s->item[i];

		if (strncmp(item->path, prefix, strlen(prefix)) != 0 || (skip && skip(item->path)))
			continue;
		hash = snap_hash(hash, item->path, strlen(item->path) + 1);
		hash = snap_hash(hash, &item->kind, sizeof(item->kind));
		hash = snap_hash(hash, item->data, item->len);
	}
	return hash;
}
