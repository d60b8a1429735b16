// SPDX-License-Identifier: LGPL-2.1-or-later
#include "next-boot.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"

#define LOADER(name) "sys/firmware/efi/efivars/" name "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define TRIES	     "sys/firmware/efi/efivars/BootAssessTries-a43b6b5c-0f1f-4bb8-8f39-5b4f0a6f3c9e"
#define ATTRS	     4

static void put(int dirfd, const char *path, const char *data, size_t len)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		err(2, "%s", path);
	(void)close(fd);
}

static void put_variable(int dirfd, const char *path, const char *text)
{
	char data[1024] = "\x06";
	size_t len = ATTRS;

	for (const char *p = text;; p++) {
		data[len++] = *p;
		data[len++] = '\0';
		if (!*p)
			break;
	}
	put(dirfd, path, data, len);
}

static bool get_variable(const struct snap *s, const char *path, char text[NAME_SIZE])
{
	const struct snap_item *item = snap_find(s, path);
	size_t n = 0;

	if (!item)
		return false;
	for (size_t i = ATTRS; i + 1 < item->len && n < NAME_SIZE - 1; i += 2)
		text[n++] = item->data[i];
	text[n] = '\0';
	return true;
}

static void empty_run(int dirfd, const struct snap *now)
{
	for (size_t i = 0; i < now->n; i++)
		if (strncmp(now->item[i].path, "run/bootassess/", 15) == 0)
			(void)unlinkat(dirfd, now->item[i].path, 0);
	(void)unlinkat(dirfd, "run/systemd/system.control/systemd-bless-boot.service", 0);
	put(dirfd, "proc/sys/kernel/random/boot_id", "77777777-1c5e-4a3b-8f07-6c1d2e3f4a5b\n", 37);
	if (snap_find(now, "proc/sys/kernel/bootloader_type"))
		put(dirfd, "proc/sys/kernel/bootloader_type", "33\n", 3);
	put(dirfd, "proc/cmdline", "root=LABEL=root\n", 16);
}

/* The wanted id first, else the first one that boots, else the wanted one, whatever it is. */
static const struct entry *select_entry(const struct entries *s, const char *id)
{
	const struct entry *found = NULL;

	for (unsigned int i = 0; i < s->n; i++)
		if (strcmp(s->entry[i].id, id) == 0 && s->entry[i].is_whole)
			return &s->entry[i];
	for (unsigned int i = 0; i < s->n && !found; i++)
		if (s->entry[i].is_whole)
			found = &s->entry[i];
	return found;
}

static void count(int dirfd, const struct entry *e)
{
	const char *slash = strrchr(e->item->path, '/'), *rest = strchr(e->item->path, '/');
	struct counter was, next;
	char name[NAME_SIZE], path[1024], text[1024];

	if (counter_parse(slash + 1, &was) != 0)
		return;
	next = counter_next(&was, 1);
	if (counter_format(e->id, &next, name) < 0)
		return;
	(void)snprintf(path, sizeof(path), "%.*s%s", (int)(slash + 1 - e->item->path),
		       e->item->path, name);
	if (renameat(dirfd, e->item->path, dirfd, path) < 0)
		err(2, "%s", path);
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)(slash + 1 - rest), rest, name);
	for (char *p = text; *p; p++)
		if (*p == '/')
			*p = '\\';
	put_variable(dirfd, LOADER("LoaderBootCountPath"), text);
}

bool next_boot(const char *tree, const struct snap *now)
{
	int dirfd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct entry *e;
	struct entries all;
	char id[NAME_SIZE];
	bool has_loader;

	if (dirfd < 0)
		err(2, "%s", tree);
	empty_run(dirfd, now);
	has_loader = get_variable(now, LOADER("LoaderEntrySelected"), id);
	if (has_loader) {
		(void)get_variable(now, LOADER("LoaderEntryOneShot"), id);
		(void)unlinkat(dirfd, LOADER("LoaderEntryOneShot"), 0);
		entries_find(now, &all);
		e = select_entry(&all, id);
		if (e) {
			put_variable(dirfd, LOADER("LoaderEntrySelected"), e->id);
			(void)unlinkat(dirfd, LOADER("LoaderBootCountPath"), 0);
		}
		/* Where the variable counts, the loader cannot rename. */
		if (e && !snap_find(now, TRIES))
			count(dirfd, e);
	}
	(void)close(dirfd);
	return has_loader;
}
