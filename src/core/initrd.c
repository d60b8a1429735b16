// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "initrd.h"

#define LINKS_MAX 8
#define PATH_SIZE 1024

enum initrd_maker initrd_maker(const struct initrd *i)
{
	static const struct {
		const char *path;
		enum initrd_maker maker;
	} marks[] = {
		{"usr/lib/dracut/modules.txt", INITRD_DRACUT},
		{"usr/lib/dracut-lib.sh", INITRD_DRACUT},
		{"usr/lib/dracut/build-parameter.txt", INITRD_DRACUT},
		{"scripts/init-premount/ORDER", INITRD_INITRAMFS_TOOLS},
		{"scripts/functions", INITRD_INITRAMFS_TOOLS},
		{"init_functions", INITRD_MKINITCPIO},
		{"buildconfig", INITRD_MKINITCPIO},
	};
	struct cpio_entry e;

	for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
		if (initrd_find(i, marks[k].path, &e))
			return marks[k].maker;
	return INITRD_UNKNOWN;
}

const char *initrd_maker_name(enum initrd_maker maker)
{
	static const char *const names[] = {
		[INITRD_UNKNOWN] = "an unknown generator",
		[INITRD_DRACUT] = "dracut",
		[INITRD_MKINITCPIO] = "mkinitcpio",
		[INITRD_INITRAMFS_TOOLS] = "initramfs-tools",
	};

	return names[maker];
}

/* udev alone is a part of systemd too. */
bool initrd_has_systemd(const struct initrd *i)
{
	struct cpio_entry e;

	return initrd_find(i, "usr/lib/systemd/systemd", &e);
}

void initrd_each(const struct initrd *i, initrd_fn fn, void *data)
{
	struct cpio_entry e;
	const char *what;

	for (unsigned int k = 0; k < i->n; k++) {
		size_t at = 0;

		while (cpio_next(i->archive[k].data, i->archive[k].len, &at, &e, &what) == 0)
			if (!fn(data, &e))
				return;
	}
}

/* What is looked for: a name, or another name of the same file. */
struct search {
	struct slice name;
	const struct cpio_entry *same;
	bool found;
	struct cpio_entry entry;
};

static bool has_name(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static bool match_name(void *data, const struct cpio_entry *e)
{
	struct search *s = data;

	if (has_name(e->name, s->name)) {
		s->found = true;
		s->entry = *e;
	}
	return true;
}

static bool match_inode(void *data, const struct cpio_entry *e)
{
	struct search *s = data;

	if (e->inode == s->same->inode && e->content.len > 0 &&
	    memcmp(e->device, s->same->device, sizeof(e->device)) == 0) {
		s->found = true;
		s->entry = *e;
	}
	return !s->found;
}

/* Of the names of one file the last one has the content. */
static void find_content(const struct initrd *i, struct cpio_entry *e)
{
	struct search s = {.same = e};

	if (!cpio_is_file(e) || e->links < 2 || e->content.len > 0)
		return;
	initrd_each(i, match_inode, &s);
	if (s.found)
		e->content = s.entry.content;
}

/* As it is called, then below /usr, or above. */
static bool find_name(const struct initrd *i, struct slice name, struct cpio_entry *ret)
{
	static const char usr[] = "usr/";
	struct search s = {.name = name};
	char path[PATH_SIZE];
	struct text t;

	initrd_each(i, match_name, &s);
	if (!s.found) {
		text_init(&t, path, sizeof(path));
		if (name.len > strlen(usr) && memcmp(name.s, usr, strlen(usr)) == 0) {
			s.name = (struct slice){name.s + strlen(usr), name.len - strlen(usr)};
		} else {
			text_str(&t, usr);
			text_slice(&t, name);
			s.name = (struct slice){path, t.len};
		}
		if (!t.full)
			initrd_each(i, match_name, &s);
	}
	if (s.found)
		*ret = s.entry;
	return s.found;
}

/* Takes the last part off a path. */
static void drop_part(struct text *path)
{
	while (path->len > 0 && path->buf[path->len - 1] != '/')
		path->len--;
	if (path->len > 0)
		path->len--;
	path->buf[path->len] = '\0';
}

static void add_part(struct text *path, struct slice part)
{
	if (part.len == 0 || slice_is(part, "."))
		return;
	if (slice_is(part, "..")) {
		drop_part(path);
		return;
	}
	if (path->len > 0)
		text_char(path, '/');
	text_slice(path, part);
}

/* Where a link leads, seen from its folder. path: of the link. */
static void follow(struct text *path, struct slice target)
{
	if (target.len > 0 && target.s[0] == '/')
		path->len = 0;
	else
		drop_part(path);
	path->buf[path->len] = '\0';
	while (target.len > 0) {
		const char *slash = memchr(target.s, '/', target.len);
		size_t len = slash ? (size_t)(slash - target.s) : target.len;

		add_part(path, (struct slice){target.s, len});
		target.s += len + (slash != NULL);
		target.len -= len + (slash != NULL);
	}
}

bool initrd_find(const struct initrd *i, const char *path, struct cpio_entry *ret)
{
	char name[PATH_SIZE];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_str(&t, path);
	for (int k = 0; k < LINKS_MAX && !t.full; k++) {
		if (!find_name(i, (struct slice){t.buf, t.len}, ret))
			return false;
		if (!cpio_is_link(ret)) {
			find_content(i, ret);
			return true;
		}
		/* The name may have been found below /usr. */
		text_init(&t, name, sizeof(name));
		text_slice(&t, ret->name);
		follow(&t, ret->content);
	}
	return false;
}
