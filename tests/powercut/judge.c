// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counter.h"
#include "judge.h"

static void set_group(struct item *item)
{
	char *slash, *off, id[NAME_SIZE];

	(void)snprintf(item->group, sizeof(item->group), "%s", item->path);
	if (strncmp(item->path, "loader/entries/", 15) != 0 &&
	    strncmp(item->path, "EFI/Linux/", 10) != 0)
		return;
	slash = strrchr(item->group, '/');
	off = strstr(slash, ".off");
	if (off)
		*off = '\0';
	if (counter_strip(slash + 1, id) == 0)
		memcpy(slash + 1, id, strlen(id) + 1);
}

static void read_content(int dirfd, const char *name, struct item *item)
{
	static uint64_t buf[65536 / 8];
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	uint64_t done = 0;
	ssize_t n = 0;

	item->hash = 1;
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		memset((char *)buf + n, 0, n % 8 ? 8 - (size_t)n % 8 : 0);
		for (size_t i = 0; i < ((size_t)n + 7) / 8; i++) {
			item->hash = (item->hash ^ buf[i]) * 0x9e3779b97f4a7c15ull;
			item->hash ^= item->hash >> 31;
		}
		done += (uint64_t)n;
	}
	item->is_unreadable = fd < 0 || n < 0 || done != item->size;
	if (fd >= 0)
		(void)close(fd);
}

static bool add_dir(int dirfd, const char *prefix, struct snapshot *s);

static bool add_entry(int dirfd, const char *prefix, const char *name, struct snapshot *s)
{
	struct item item = {0};
	struct stat st;

	if ((size_t)snprintf(item.path, sizeof(item.path), "%s%s", prefix, name) >=
	    sizeof(item.path))
		return false;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISDIR(st.st_mode)) {
		int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)strncat(item.path, "/", sizeof(item.path) - strlen(item.path) - 1);
		return fd >= 0 && add_dir(fd, item.path, s);
	}
	/* A journal says where the operation is: it is judged by what comes of it. */
	if (strcmp(item.path, "loader/bootassess/update") == 0)
		return true;
	set_group(&item);
	item.size = (uint64_t)st.st_size;
	if (item.size > 0)
		read_content(dirfd, name, &item);
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->item = realloc(s->item, s->room * sizeof(*s->item));
		if (!s->item)
			abort();
	}
	s->item[s->n++] = item;
	return true;
}

/* Takes dirfd. */
static bool add_dir(int dirfd, const char *prefix, struct snapshot *s)
{
	DIR *d = fdopendir(dirfd);
	const struct dirent *e;
	bool is_read = d;

	while (d && (e = readdir(d))) {
		s->n_temporary += strncmp(e->d_name, ".bootassess-", 12) == 0;
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    strncmp(e->d_name, ".bootassess-", 12) != 0 &&
		    strncmp(e->d_name, ".btmp.", 6) != 0)
			is_read = add_entry(dirfd, prefix, e->d_name, s) && is_read;
	}
	if (d)
		(void)closedir(d);
	return is_read;
}

bool snapshot_take(const char *dir, struct snapshot *ret)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret = (struct snapshot){0};
	return fd >= 0 && add_dir(fd, "", ret);
}

void snapshot_free(struct snapshot *s)
{
	free(s->item);
	*s = (struct snapshot){0};
}

const struct item *snapshot_find(const struct snapshot *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->item[i].path, path) == 0)
			return &s->item[i];
	return NULL;
}

static bool is_same_content(const struct item *a, const struct item *b)
{
	return a->size == b->size && a->hash == b->hash && !a->is_unreadable && !b->is_unreadable;
}

static bool has_content(const struct snapshot *s, const struct item *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->item[i].group, item->group) == 0 &&
		    is_same_content(&s->item[i], item))
			return true;
	return false;
}

static bool has_group(const struct snapshot *s, const struct item *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->item[i].group, item->group) == 0)
			return true;
	return false;
}

/* Any of the contents that this group has in one snapshot and not in the other. */
static bool has_changed_content(const struct snapshot *now, const struct snapshot *one,
				const struct snapshot *other, const struct item *item)
{
	for (size_t i = 0; i < one->n; i++)
		if (strcmp(one->item[i].group, item->group) == 0 &&
		    !has_content(other, &one->item[i]) && has_content(now, &one->item[i]))
			return true;
	return false;
}

static bool has_counter(const struct item *item)
{
	return strcmp(item->path, item->group) != 0;
}

/* What is new has a counter under all of its names. */
static bool needs_counter(const struct snapshot *before, const struct snapshot *after,
			  const struct item *item)
{
	bool is_counted = false;

	if (item->size == 0 || has_content(before, item))
		return false;
	for (size_t i = 0; i < after->n; i++)
		if (strcmp(after->item[i].group, item->group) == 0 &&
		    is_same_content(&after->item[i], item))
			is_counted = is_counted || has_counter(&after->item[i]);
	return is_counted;
}

static bool is_name_of(const struct snapshot *before, const struct snapshot *after,
		       const struct item *item)
{
	return snapshot_find(before, item->path) || snapshot_find(after, item->path);
}

static bool refuse(char *why, size_t size, const char *what, const struct item *item)
{
	(void)snprintf(why, size, "%s %s (%llu bytes%s)", what, item->path,
		       (unsigned long long)item->size, item->is_unreadable ? ", unreadable" : "");
	return false;
}

/* A file whose short name reached the disk without its long one: nobody takes it for an entry, and
 * nothing is lost by it. The repair has to see it. */
static bool is_nameless(const struct snapshot *before, const struct snapshot *after,
			const struct item *item)
{
	const char *name = strrchr(item->path, '/');

	name = name ? name + 1 : item->path;
	if (strncmp(name, "BOOTAS~", 7) == 0)
		return true; /* a temporary */
	if (!strchr(name, '~') || strpbrk(name, "abcdefghijklmnopqrstuvwxyz"))
		return false;
	for (size_t i = 0; i < before->n; i++)
		if (is_same_content(&before->item[i], item))
			return true;
	for (size_t i = 0; i < after->n; i++)
		if (is_same_content(&after->item[i], item))
			return true;
	return item->size == 0;
}

/* The entry of a slot that is written over in place. */
static bool is_slot(const struct item *item, const char *slot)
{
	return slot && strcmp(item->group, slot) == 0;
}

/* It is always empty, and what it says is judged by the ladder. */
static bool is_tries_file(const struct item *item)
{
	return strncmp(item->path, "loader/bootassess/", 18) == 0 && strchr(item->path, '.');
}

bool judge_between(const struct snapshot *before, const struct snapshot *after,
		   const struct snapshot *now, const char *slot, char *why, size_t size)
{
	for (size_t i = 0; i < before->n; i++) {
		const struct item *item = &before->item[i];

		if (has_content(now, item) || is_slot(item, slot))
			continue;
		if (has_content(after, item))
			return refuse(why, size, "lost:", item);
		if (has_group(after, item) && !has_changed_content(now, before, after, item) &&
		    !has_changed_content(now, after, before, item))
			return refuse(why, size, "neither old nor new:", item);
	}
	for (size_t i = 0; i < now->n; i++) {
		const struct item *item = &now->item[i];

		if (is_nameless(before, after, item) ||
		    (is_slot(item, slot) && strstr(item->path, ".off")))
			continue;
		if (needs_counter(before, after, item) && !has_counter(item))
			return refuse(why, size, "new, and without a counter:", item);
		if (!is_name_of(before, after, item))
			return refuse(why, size, "nobody made", item);
		if (item->size > 0 && !has_content(before, item) && !has_content(after, item))
			return refuse(why, size, "neither old nor new content:", item);
		if (item->size == 0 && !is_tries_file(item) && !has_content(before, item) &&
		    !has_group(before, item))
			return refuse(why, size, "empty, and the only one:", item);
	}
	return true;
}

bool judge_together(const struct snapshot *before, const struct snapshot *after,
		    const struct snapshot *now, const char *dir, char *why, size_t size)
{
	const struct item *old = NULL, *new = NULL;

	for (size_t i = 0; dir && i < now->n; i++) {
		const struct item *a = snapshot_find(before, now->item[i].path);
		const struct item *b = snapshot_find(after, now->item[i].path);

		if (strncmp(now->item[i].path, dir, strlen(dir)) != 0)
			continue;
		if (a && b && is_same_content(a, b))
			continue;
		if (a && is_same_content(a, &now->item[i]))
			old = &now->item[i];
		else
			new = &now->item[i];
	}
	return !old || !new || refuse(why, size, "of another generation than the rest:", old);
}

bool judge_guarded(const struct snapshot *before, const struct snapshot *now, const char *dir,
		   const char *group, char *why, size_t size)
{
	const struct item *new = NULL, *entry = NULL;

	for (size_t i = 0; dir && i < now->n; i++) {
		const struct item *item = &now->item[i], *old = snapshot_find(before, item->path);

		if (strcmp(item->group, group) == 0 && item->size > 0 && !has_counter(item))
			entry = item;
		if (strncmp(item->path, dir, strlen(dir)) == 0 &&
		    (!old || !is_same_content(old, item)))
			new = item;
	}
	return !new || !entry || refuse(why, size, "new, and its entry has no counter:", new);
}

bool judge_equal(const struct snapshot *after, const struct snapshot *now, bool is_loose, char *why,
		 size_t size)
{
	for (size_t i = 0; i < after->n; i++) {
		const struct item *item = snapshot_find(now, after->item[i].path);

		if (strstr(after->item[i].path, ".off") && has_content(now, &after->item[i]))
			continue; /* put aside under another number */
		if (!item || !is_same_content(item, &after->item[i]))
			return refuse(why, size, item ? "not durable, differs:" : "not durable:",
				      &after->item[i]);
	}
	for (size_t i = 0; i < now->n; i++)
		if (!snapshot_find(after, now->item[i].path) &&
		    !(is_loose && now->item[i].size == 0) &&
		    !(strstr(now->item[i].path, ".off") &&
		      (now->item[i].size == 0 || has_content(after, &now->item[i]))))
			return refuse(why, size, "not durable, still there:", &now->item[i]);
	return true;
}
