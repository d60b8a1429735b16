// SPDX-License-Identifier: LGPL-2.1-or-later
#include "judge.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EFIVARS	    "sys/firmware/efi/efivars/"
#define TRIES	    EFIVARS "BootAssessTries-a43b6b5c-0f1f-4bb8-8f39-5b4f0a6f3c9e"
#define LOADER_GUID "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ONE_SHOT    EFIVARS "LoaderEntryOneShot" LOADER_GUID
#define DEFAULT	    EFIVARS "LoaderEntryDefault" LOADER_GUID
#define ATTRS	    4 /* bytes before the content */

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), n = strlen(with);

	return len >= n && strcmp(s + len - n, with) == 0;
}

static bool is_entry(const char *path)
{
	const char *rest = starts(path, "efi/") ? path + 4 : starts(path, "boot/") ? path + 5 : "";

	if (strstr(path, "/.") != NULL)
		return false;
	return (starts(rest, "loader/entries/") && ends(path, ".conf")) ||
	       (starts(rest, "EFI/Linux/") && ends(path, ".efi"));
}

/* The file that a line of an entry names, on the same file system. */
static const struct snap_item *named(const struct snap *s, const char *entry, const char *path,
				     size_t len)
{
	char full[1024];
	int place = (int)(strchr(entry, '/') - entry);

	while (len > 0 && *path == '/') {
		path++;
		len--;
	}
	(void)snprintf(full, sizeof(full), "%.*s/%.*s", place, entry, (int)len, path);
	return snap_find(s, full);
}

static bool is_path_key(const char *line, size_t len)
{
	static const char *const keys[] = {"linux", "initrd", "efi", "uki"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == len && memcmp(line, keys[i], len) == 0)
			return true;
	return false;
}

static void read_line(const struct snap *s, struct entry *e, const char *line, size_t len)
{
	size_t key = 0, from;

	while (key < len && line[key] != ' ' && line[key] != '\t')
		key++;
	for (from = key; from < len && (line[from] == ' ' || line[from] == '\t');)
		from++;
	if (!is_path_key(line, key)) {
		e->number = snap_hash(e->number, line, len);
		return;
	}
	e->number = snap_hash(e->number, line, key);
	{
		const struct snap_item *file = named(s, e->item->path, line + from, len - from);

		if (!file || file->len == 0)
			e->is_whole = false;
		else
			e->number = snap_hash(e->number, file->data, file->len);
	}
}

static void read_text(const struct snap *s, struct entry *e)
{
	const char *p = e->item->data, *end = p + e->item->len;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *next = newline ? newline : end;

		read_line(s, e, p, (size_t)(next - p));
		p = next + 1;
	}
}

/* A line `name name-with-another-counter` of the variable, which speaks while the file has the
 * first name. */
static void read_variable(const struct snap *s, struct entry *e)
{
	const struct snap_item *variable = snap_find(s, TRIES);
	const char *name = strrchr(e->item->path, '/') + 1;
	const char *p, *end;

	if (!variable || variable->len <= ATTRS)
		return;
	p = variable->data + ATTRS;
	end = variable->data + variable->len;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *next = newline ? newline : end;
		char line[600], *blank;

		(void)snprintf(line, sizeof(line), "%.*s", (int)(next - p), p);
		blank = strchr(line, ' ');
		if (blank) {
			*blank = '\0';
			e->in_variable |= strcmp(line, name) == 0;
			if (strcmp(line, name) == 0)
				(void)counter_parse(blank + 1, &e->counter);
		}
		p = next + 1;
	}
}

/* Where the loader finds entries by their paths, the counter is in the name of a file beside. */
static void read_tries_file(const struct snap_item *item, struct entries *s)
{
	const char *name = strrchr(item->path, '/') + 1;
	struct counter counter;
	char id[NAME_SIZE];

	if (counter_parse(name, &counter) != 0 || counter_strip(name, id) < 0)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		if (strcmp(s->entry[i].id, id) == 0 && !s->entry[i].counter.present &&
		    !s->entry[i].in_variable)
			s->entry[i].counter = counter;
}

void entries_find(const struct snap *s, struct entries *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < s->n && ret->n < ENTRIES_MAX; i++) {
		const struct snap_item *item = &s->item[i];
		struct entry *e = &ret->entry[ret->n];
		const char *name;

		/* A name that is only kept free: no loader starts what is empty. */
		if (item->kind != SNAP_FILE || item->len == 0 || !is_entry(item->path))
			continue;
		name = strrchr(item->path, '/') + 1;
		*e = (struct entry){.item = item, .is_whole = true, .number = SNAP_HASH};
		if (counter_strip(name, e->id) < 0)
			continue;
		(void)counter_parse(name, &e->counter);
		if (ends(name, ".efi"))
			e->number = snap_hash(e->number, item->data, item->len);
		else
			read_text(s, e);
		read_variable(s, e);
		ret->n++;
	}
	for (size_t i = 0; i < s->n; i++)
		if (strstr(s->item[i].path, "/loader/bootassess/"))
			read_tries_file(&s->item[i], ret);
}

static bool can_boot(const struct entry *e)
{
	return e->is_whole && (!e->counter.present || e->counter.left > 0);
}

/* The entry of this id that a loader takes first: one that boots, if there is one. */
static const struct entry *find(const struct entries *s, const char *id)
{
	const struct entry *first = NULL;

	for (unsigned int i = 0; i < s->n; i++) {
		if (strcmp(s->entry[i].id, id) != 0)
			continue;
		if (!first || (can_boot(&s->entry[i]) && !can_boot(first)))
			first = &s->entry[i];
	}
	return first;
}

static bool has_version(const struct entries *s, const struct entry *e)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (strcmp(s->entry[i].id, e->id) == 0 && s->entry[i].number == e->number &&
		    s->entry[i].is_whole == e->is_whole)
			return true;
	return false;
}

/* Whoever looks startable is one of the two versions. */
static bool are_versions_whole(const struct judge *j, const struct entries *now, char what[512])
{
	for (unsigned int i = 0; i < now->n; i++) {
		const struct entry *e = &now->entry[i];

		if (e->counter.present && e->counter.left == 0)
			continue;
		if (has_version(&j->was, e) || has_version(&j->is, e))
			continue;
		(void)snprintf(
			what, 512,
			"\"%s\" can be started and is neither the old version nor the new one",
			e->item->path);
		return false;
	}
	return true;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* One try more may be taken: of another target, when the first one cannot be reached. The next boot
 * gives the one of a kexec back of which nobody said that it arrived. */
static bool is_between(const struct counter *a, const struct counter *b, const struct counter *c,
		       int tries)
{
	int given = 1;

	tries++;
	if (a->present && b->present && c->present && a->left + b->left + c->left == 0)
		return true; /* it is marked */
	if (!c->present)
		return !a->present || !b->present;
	if (!a->present && !b->present)
		return false;
	if (!a->present)
		a = b;
	if (!b->present)
		b = a;
	return c->left <= max(a->left, b->left) + given &&
	       c->left >= min(a->left, b->left) - tries &&
	       c->done >= min(a->done, b->done) - given && c->done <= max(a->done, b->done) + tries;
}

/* Tries that are left; one that is good has no end of them. */
static int tries_left(const struct entry *e)
{
	return e->counter.present ? e->counter.left : INT_MAX;
}

/* An id that could boot before and after can boot now; it is good if it was, and has its tries. */
static bool is_kept(const struct judge *j, const char *id, const struct entries *now, int tries,
		    char what[512])
{
	const struct entry *was = find(&j->was, id), *is = find(&j->is, id), *e = find(now, id);

	if (!was || !is)
		return true;
	if (!e)
		(void)snprintf(what, 512, "\"%s\" is gone", id);
	else if (can_boot(was) && can_boot(is) && !can_boot(e) &&
		 min(tries_left(was), tries_left(is)) > tries)
		(void)snprintf(what, 512, "\"%s\" cannot boot any more: %s", id, e->item->path);
	else if (!j->is_gone && !is_between(&was->counter, &is->counter, &e->counter, tries))
		(void)snprintf(
			what, 512, "the counter of \"%s\" is %s+%d-%d, which is not on the way", id,
			e->counter.present ? "" : "none, not ", e->counter.left, e->counter.done);
	else
		return true;
	return false;
}

static bool is_some_startable(const struct entries *s)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (can_boot(&s->entry[i]))
			return true;
	return false;
}

/* The whole name of an entry that can boot: another way to leave than the one that failed. */
static bool names_entry(const struct entries *s, const struct snap_item *item)
{
	static const char any[] = "*\0\0"; /* the loader's own order */

	if (item->len == ATTRS + sizeof(any) && memcmp(item->data + ATTRS, any, sizeof(any)) == 0)
		return true;
	for (unsigned int i = 0; i < s->n; i++) {
		const char *id = s->entry[i].id;
		size_t len = strlen(id) + 1, n = 0;

		if (item->len != ATTRS + 2 * len)
			continue;
		while (n < len && item->data[ATTRS + 2 * n] == id[n] &&
		       item->data[ATTRS + 2 * n + 1] == 0)
			n++;
		if (n == len && s->entry[i].is_whole)
			return true;
	}
	return false;
}

/* A variable of the loader is the old one or the new one. */
static bool are_variables_whole(const struct judge *j, const struct snap *now,
				const struct entries *s, char what[512])
{
	for (size_t i = 0; i < now->n; i++) {
		const struct snap_item *item = &now->item[i];
		const struct snap_item *was = snap_find(&j->before, item->path);
		const struct snap_item *is = snap_find(&j->after, item->path);

		/* An empty file of efivarfs is no variable. */
		if (!starts(item->path, EFIVARS) || item->len == 0 ||
		    strstr(item->path, "/BootAssess") || (!was && strstr(item->path, "/Boot0")) ||
		    snap_is_same(item, was) || snap_is_same(item, is))
			continue;
		if (strstr(item->path, "/LoaderEntry") && names_entry(s, item))
			continue;
		(void)snprintf(what, 512, "the variable \"%s\" is neither the old nor the new one",
			       item->path + strlen(EFIVARS));
		return false;
	}
	return true;
}

bool judge_device(const struct judge *j, const struct snap *now, int tries, char what[512])
{
	struct entries s;

	entries_find(now, &s);
	if (!are_versions_whole(j, &s, what))
		return false;
	for (unsigned int i = 0; i < j->was.n; i++)
		if (!is_kept(j, j->was.entry[i].id, &s, tries, what))
			return false;
	if (is_some_startable(&j->was) && tries == 0 && !is_some_startable(&s)) {
		(void)snprintf(what, 512, "nothing can boot any more");
		return false;
	}
	return tries > 0 || j->is_gone || are_variables_whole(j, now, &s, what);
}

static bool is_memory(const char *path)
{
	if (starts(path, EFIVARS))
		return strstr(path, "/BootAssess") != NULL;
	return !ends(path, "/loader.conf") && !ends(path, ".off") &&
	       !strstr(path, "/bootassess/pin");
}

static bool is_memory_or_next(const char *path)
{
	return is_memory(path) || starts(path, ONE_SHOT);
}

uint64_t judge_end(const struct snap *s)
{
	/* A one-shot that leads to the default changes nothing. */
	bool is_idle = snap_is_same(snap_find(s, ONE_SHOT), snap_find(s, DEFAULT));
	uint64_t number = snap_number(s, EFIVARS, is_idle ? is_memory_or_next : is_memory);
	struct entries now;

	number = number * 31 + snap_number(s, "efi/", is_memory);
	number = number * 31 + snap_number(s, "boot/", is_memory);
	entries_find(s, &now);
	for (unsigned int i = 0; i < now.n; i++) {
		const struct entry *e = &now.entry[i];

		number += snap_hash(e->number, e->id, strlen(e->id) + 1);
		number += snap_hash(e->number, e->item->path, strcspn(e->item->path, "/"));
		if (e->counter.present)
			number += 31 * snap_hash(e->number, &e->counter.left, 2 * sizeof(int));
	}
	return number;
}
