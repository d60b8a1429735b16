// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "doors/root.h"
#include "grubenv.h"
#include "loader.h"
#include "sector.h"

/* GRUB, told by the variables of its environment block. In its menu an entry has the id of its rung
 * without the suffix as --id. It takes next_entry away before it starts anything, and cannot do
 * that where it cannot write. */

#define PATH_SIZE   512
#define FOLDERS_MAX 16 /* of EFI/ */
#define STARTS_MAX  8

_Static_assert(GRUBENV_MAX <= ESP_FILE_MAX, "what is read can be written");

static const char next_entry[] = "next_entry", saved_entry[] = "saved_entry";

/* Of bootassess.cfg: how often the default was started without an answer, and which one that was.
 */
static const char starts_name[] = "bootassess_starts", started_name[] = "bootassess_started";

/* A block that is there. */
struct block {
	enum place place;
	char path[PATH_SIZE];
	char data[GRUBENV_MAX + 1];
	size_t len;
	int error; /* 0; -EBADMSG: damaged, at `where`; why it cannot be read */
	size_t where;
};

/* Told about each block. A return other than 0 ends the search. */
typedef int (*block_fn)(void *data, const struct block *b);

struct search {
	const struct loader_io *io;
	block_fn fn;
	void *data;
	struct block block;
	unsigned int n_folders;
};

static const char *const usual_homes[] = {"grub/grubenv", "grub2/grubenv", "boot/grub/grubenv",
					  "boot/grub2/grubenv"};

static void read_block(int fd, struct block *b)
{
	ssize_t n = root_read_up_to(fd, b->data, sizeof(b->data));

	b->len = n < 0 ? 0 : (size_t)n;
	b->where = 0;
	if (n < 0)
		b->error = (int)n;
	else if (b->len > GRUBENV_MAX)
		b->error = -EFBIG;
	else
		b->error = grubenv_check(b->data, b->len, &b->where);
}

/* Symbolic links are not followed: what they lead to is looked for where it is. */
static int visit(struct search *s, enum place place, const char *path)
{
	_cleanup_(closep) int fd = -1;
	struct text t;

	if (s->io->store[place] < 0)
		return 0;
	text_init(&t, s->block.path, sizeof(s->block.path));
	text_str(&t, path);
	fd = t.full ? -ENAMETOOLONG : dir_open_file(s->io->store[place], path);
	if (fd < 0)
		return 0;
	s->block.place = place;
	read_block(fd, &s->block);
	return s->fn(s->data, &s->block);
}

static int visit_folder(void *data, const char *name)
{
	struct search *s = data;
	char path[PATH_SIZE];
	struct text t;
	int r;

	if (s->n_folders++ == FOLDERS_MAX)
		return -E2BIG;
	text_init(&t, path, sizeof(path));
	text_str(&t, "EFI/");
	text_str(&t, name);
	text_str(&t, "/grubenv");
	r = t.full ? 0 : visit(s, PLACE_ESP, path);
	return r == 0 ? 0 : -ECANCELED;
}

/* $BOOT before the ESP. */
static void visit_usual(struct search *s)
{
	for (enum place place = PLACES; place-- > 0;)
		for (size_t i = 0; i < sizeof(usual_homes) / sizeof(usual_homes[0]); i++)
			if (visit(s, place, usual_homes[i]) != 0)
				return;
	if (s->io->store[PLACE_ESP] >= 0)
		(void)dir_each_folder(s->io->store[PLACE_ESP], "EFI", visit_folder, s);
}

/* Calls fn for each block, in the order of bootassess.conf(5). */
static void each_block(const struct loader_io *io, block_fn fn, void *data)
{
	struct search s = {.io = io, .fn = fn, .data = data};
	const char *path = io->grubenv;

	while (*path == '/')
		path++;
	if (!*path)
		visit_usual(&s);
	else if (visit(&s, PLACE_XBOOTLDR, path) == 0)
		(void)visit(&s, PLACE_ESP, path);
}

static void warn_damaged(const struct block *b)
{
	if (b->error == -EBADMSG)
		log_warning("\"%s\" on %s is no environment block of GRUB, wrong from byte %zu on: "
			    "it is left as it is",
			    b->path, place_name(b->place), b->where);
	else
		log_warning("cannot read \"%s\" on %s: %s, ignoring", b->path, place_name(b->place),
			    strerror(-b->error));
}

static int note_found(void *data, const struct block *b)
{
	(void)b;
	*(bool *)data = true;
	return 1;
}

bool grub_is_there(const struct loader_io *io)
{
	bool is_there = false;

	each_block(io, note_found, &is_there);
	return is_there;
}

static int look_at(void *data, const struct block *b)
{
	if (b->error == 0)
		*(bool *)data = true;
	else
		warn_damaged(b);
	return 0;
}

static unsigned int methods(const struct loader_io *io)
{
	bool is_sound = false;

	each_block(io, look_at, &is_sound);
	return is_sound ? METHOD_FIRMWARE : 0u;
}

struct reading {
	const char *name;
	char value[NAME_SIZE];
	bool is_read;
};

static int read_first(void *data, const struct block *b)
{
	struct reading *r = data;

	if (b->error < 0)
		return 0;
	/* What is cut is on no rung. */
	if (grubenv_get(b->data, b->len, r->name, r->value, sizeof(r->value)) == 1)
		r->value[0] = '\0';
	r->is_read = true;
	return r->value[0] != '\0';
}

/* Of the first block that sets it: which one GRUB reads is not known. False if there is no block.
 * "" where the variable is not set. */
static bool read_variable(const struct loader_io *io, const char *name, char value[NAME_SIZE])
{
	struct reading r = {.name = name};

	each_block(io, read_first, &r);
	memcpy(value, r.value, NAME_SIZE);
	return r.is_read;
}

/* GRUB's word for a rung. */
static void make_word(const struct rung *r, char word[NAME_SIZE])
{
	const char *dot = strrchr(r->id, '.');

	memset(word, 0, NAME_SIZE);
	memcpy(word, r->id, dot ? (size_t)(dot - r->id) : strlen(r->id));
}

/* The rung that GRUB means, or -1. It minds letter case. */
static int find_rung(const struct ladder *l, const char *value)
{
	char word[NAME_SIZE];

	for (unsigned int i = 0; value[0] && i < l->n; i++) {
		make_word(&l->rung[i], word);
		if (!l->rung[i].missing &&
		    (strcmp(word, value) == 0 || strcmp(l->rung[i].id, value) == 0))
			return (int)i;
	}
	return -1;
}

static void read_oneshot(const struct loader_io *io, const struct ladder *l, char ret_id[NAME_SIZE],
			 bool *ret_is_stale)
{
	int rung;

	*ret_is_stale = false;
	(void)read_variable(io, next_entry, ret_id);
	rung = find_rung(l, ret_id);
	if (rung >= 0)
		memcpy(ret_id, l->rung[rung].id, NAME_SIZE);
}

/* As a pattern that matches no id: an id has no `/`. */
static void make_foreign(char value[NAME_SIZE])
{
	for (char *c = value; *c; c++)
		if (strchr("*?[]\\@", *c))
			*c = '/';
}

static void read_settings(const struct loader_io *io, const struct ladder *l, struct settings *ret)
{
	char *value = ret->value[SETTING_DEFAULT_VARIABLE];
	int rung;

	*ret = (struct settings){.loader = LOADER_GRUB};
	ret->known = read_variable(io, saved_entry, value);
	rung = find_rung(l, value);
	if (rung >= 0)
		memcpy(value, l->rung[rung].id, NAME_SIZE);
	else
		make_foreign(value);
}

/* What is to be written. */
struct change {
	const struct loader_io *io;
	const char *name, *value; /* NULL: none */
	bool forgets;		  /* and what GRUB counted of the default */
	bool has_block;		  /* a sound one, and what became of it: */
	int first;		  /* of the first */
	bool is_changed;	  /* any */
	bool needs_writable;	  /* -EROFS */
	int damage;		  /* of one that is not sound */
};

/* Number of the only sector that differs, or -1 if there are more, or it is not whole. */
static int find_sector(const char *a, const char *b, size_t len)
{
	int found = -1;

	for (size_t at = 0; at < len; at += SECTOR_SIZE) {
		size_t n = len - at < SECTOR_SIZE ? len - at : SECTOR_SIZE;

		if (memcmp(a + at, b + at, n) == 0)
			continue;
		if (found >= 0 || n < SECTOR_SIZE)
			return -1;
		found = (int)(at / SECTOR_SIZE);
	}
	return found;
}

static int write_block(int dirfd, const struct block *old, const char *data)
{
	int sector = find_sector(old->data, data, old->len);
	const char *slash = strrchr(old->path, '/');
	const char *name = slash ? slash + 1 : old->path;
	char dir[PATH_SIZE] = ".";

	if (slash)
		memcpy(dir, old->path, (size_t)(slash - old->path) + 1);
	if (slash)
		dir[slash - old->path] = '\0';
	if (sector >= 0)
		return esp_write_sector_at(dirfd, dir, name, (unsigned int)sector,
					   data + (size_t)sector * SECTOR_SIZE);
	return esp_write_file(dirfd, dir, name, data, old->len);
}

static int change_data(const struct change *c, const struct block *b, char data[GRUBENV_MAX])
{
	const char *const counts[] = {started_name, starts_name};
	int r, result;

	memcpy(data, b->data, b->len);
	result = c->name ? grubenv_set(data, b->len, c->name, c->value) : 1;
	for (size_t i = 0; result >= 0 && c->forgets && i < 2; i++) {
		r = grubenv_set(data, b->len, counts[i], NULL);
		if (r <= 0)
			result = r;
	}
	return result;
}

static int change_block(void *data, const struct block *b)
{
	char changed[GRUBENV_MAX];
	struct change *c = data;
	int r;

	if (b->error < 0) {
		c->damage = b->error;
		return 0;
	}
	r = change_data(c, b, changed);
	if (r == 0 && !c->io->is_writable) {
		c->needs_writable = true;
		return 1;
	}
	if (r == 0) {
		r = write_block(c->io->store[b->place], b, changed);
		c->is_changed = c->is_changed || r == 0;
	}
	if (r < 0 && c->has_block)
		log_warning("cannot write \"%s\" on %s: %s, ignoring", b->path,
			    place_name(b->place), strerror(-r));
	if (!c->has_block)
		c->first = r;
	c->has_block = true;
	return 0;
}

/* In each block: which one GRUB reads is not known. 0; 1 if there was nothing to be done; what is
 * wrong with the first one. */
static int change_blocks(struct change *c)
{
	each_block(c->io, change_block, c);
	if (c->needs_writable)
		return -EROFS;
	if (!c->has_block)
		return c->damage < 0 ? c->damage : -ENOENT;
	if (c->first < 0)
		return c->first;
	return c->is_changed ? 0 : 1;
}

static int set_oneshot(const struct loader_io *io, const struct rung *r)
{
	char word[NAME_SIZE];

	make_word(r, word);
	return change_blocks(&(struct change){.io = io, .name = next_entry, .value = word});
}

/* A line that is empty says the same, but GRUB's tools would still list it. */
static int delete_oneshot(const struct loader_io *io)
{
	return change_blocks(&(struct change){.io = io, .name = next_entry});
}

static int set_default(const struct loader_io *io, const struct rung *r)
{
	char word[NAME_SIZE];

	make_word(r, word);
	return change_blocks(
		&(struct change){.io = io, .name = saved_entry, .value = word, .forgets = true});
}

static int prefer(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	(void)s;
	return set_default(io, r);
}

/* GRUB has no order of its own that would be worth more than this default. */
static int release(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	(void)io;
	(void)s;
	(void)r;
	return 1;
}

static void read_starts(const struct loader_io *io, const struct ladder *l,
			struct loader_starts *ret)
{
	char value[NAME_SIZE];
	unsigned long n;

	*ret = (struct loader_starts){.rung = -1};
	if (!read_variable(io, starts_name, value) || !value[0])
		return;
	ret->is_over = strcmp(value, "over") == 0;
	if (slice_uint((struct slice){value, strlen(value)}, STARTS_MAX, &n) == 0)
		ret->n = (unsigned int)n;
	if (read_variable(io, started_name, value))
		ret->rung = find_rung(l, value);
	ret->is_there = true;
}

static int forget_starts(const struct loader_io *io)
{
	return change_blocks(&(struct change){.io = io, .forgets = true});
}

const struct loader_ops loader_grub = {
	.kind = LOADER_GRUB,
	.oneshot = "next_entry in grubenv",
	.places = 1u << PLACE_ESP | 1u << PLACE_XBOOTLDR,
	.clears_oneshot = true,
	.methods = methods,
	.read_oneshot = read_oneshot,
	.set_oneshot = set_oneshot,
	.delete_oneshot = delete_oneshot,
	.read_settings = read_settings,
	.prefer = prefer,
	.pin = prefer,
	.release = release,
	.read_starts = read_starts,
	.forget_starts = forget_starts,
};
