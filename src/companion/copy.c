// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/log.h"
#include "entries.h"
#include "installing.h"
#include "kcmdline.h"
#include "pe.h"
#include "target.h"

#define OPTIONS_SIZE (2 * KCMDLINE_SIZE)

/* What the slot that is copied is made of. */
struct origin {
	struct rung r;
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;
	char path[1 + BLS_INITRDS_MAX][PATH_MAX];
	int fd[1 + BLS_INITRDS_MAX];
	unsigned int n;
	char options[OPTIONS_SIZE];
};

static void origin_close(struct origin *o)
{
	for (unsigned int i = 0; i < o->n; i++)
		closep(&o->fd[i]);
}

static bool open_one(const struct machine *m, struct origin *o, struct slice path,
		     struct install_file *ret)
{
	struct dir_mark mark = {.size = 0};
	char *name = o->path[o->n];
	int r = slice_copy(path, name, PATH_MAX);

	if (r == 0)
		r = o->fd[o->n] = dir_open_file(m->store[o->r.place].fd, name);
	if (r >= 0) {
		o->n++;
		r = dir_file_mark(o->fd[o->n - 1], &mark);
	}
	if (r < 0) {
		log_err("copy: refused: cannot open \"%.*s\": %s", (int)path.len, path.s,
			strerror(-r));
		return false;
	}
	*ret = (struct install_file){.path = name,
				     .fd = o->fd[o->n - 1],
				     .size = mark.size,
				     .mtime = {.tv_sec = mark.mtime_ns / 1000000000,
					       .tv_nsec = mark.mtime_ns % 1000000000}};
	return true;
}

static bool is_uki(const struct install_file *file)
{
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section section;
	ssize_t n = dir_read_at(file->fd, 0, head, sizeof(head));

	return n > 0 && pe_find_section(head, (size_t)n, file->size, ".linux", &section, NULL) == 0;
}

/* The options of the entry, with the token replaced by the id without its suffix. */
static bool compose_options(const struct machine *m, struct origin *o, const char *id)
{
	const char *token = m->config.slot_token, *dot = strrchr(id, '.');
	struct slice stem = {id, dot ? (size_t)(dot - id) : strlen(id)};
	char joined[OPTIONS_SIZE], *at;
	struct text t;

	text_init(&t, joined, sizeof(joined));
	for (unsigned int i = 0; i < o->e.n_options; i++) {
		text_str(&t, i > 0 ? " " : "");
		text_slice(&t, o->e.options[i]);
	}
	at = token[0] ? strstr(joined, token) : NULL;
	if (t.full || (at && strstr(at + 1, token))) {
		log_err("copy: refused: the options of \"%s\" %s", o->r.id,
			t.full ? "are too long" : "hold SlotToken= more than once");
		return false;
	}
	text_init(&t, o->options, sizeof(o->options));
	text_slice(&t, (struct slice){joined, at ? (size_t)(at - joined) : strlen(joined)});
	if (at) {
		text_slice(&t, stem);
		text_str(&t, at + strlen(token));
	}
	return !t.full;
}

static bool open_named(const struct machine *m, struct origin *o, const char *id, struct install *w)
{
	const struct bls_entry *e = &o->e;
	int r = entries_read_type1(m, o->r.place, o->r.name, o->text, &o->e);

	if (r < 0) {
		log_err("copy: refused: cannot read \"%s\": %s", o->r.name, strerror(-r));
		return false;
	}
	if (e->devicetree.len > 0 || e->extra.len > 0 || e->profile.len > 0 || e->uki_url.len > 0) {
		log_err("copy: refused: \"%s\" has a key that is not copied (devicetree, extra, "
			"profile or uki-url)",
			o->r.id);
		return false;
	}
	if (!open_one(m, o,
		      e->linux_path.len > 0 ? e->linux_path
		      : e->efi.len > 0	    ? e->efi
					    : e->uki,
		      &w->linux_file))
		return false;
	if (is_uki(&w->linux_file)) {
		w->uki = w->linux_file;
		w->linux_file = (struct install_file){.path = NULL};
	}
	for (; w->n_initrd < e->n_initrd; w->n_initrd++)
		if (!open_one(m, o, e->initrd[w->n_initrd], &w->initrd[w->n_initrd]))
			return false;
	if (!w->options) {
		if (!compose_options(m, o, id))
			return false;
		w->options = o->options;
	}
	return true;
}

/* Never a bad slot over a good one. */
static bool may_be_copied(const struct facts *f, const struct request *q, int from, int to)
{
	const struct rung *r = &f->ladder.rung[from];
	enum rung_state state = ladder_state(r, &r->counter);
	bool is_good_lost =
		to >= 0 && state != RUNG_GOOD &&
		ladder_state(&f->ladder.rung[to], &f->ladder.rung[to].counter) == RUNG_GOOD;

	if (from == to)
		log_err("copy: refused: \"%s\" is both", r->id);
	else if (state == RUNG_MISSING || state == RUNG_BROKEN)
		log_err("copy: refused: \"%s\" is %s", r->id, rung_state_name(state));
	else if (!q->force && state == RUNG_EXHAUSTED)
		log_err("copy: refused: \"%s\" has no tries left (--force)", r->id);
	else if (!q->force && is_good_lost)
		log_err("copy: refused: \"%s\" is not good yet, and \"%s\" is (--force)", r->id,
			f->ladder.rung[to].id);
	else
		return true;
	return false;
}

static enum status copy(struct machine *m, const struct request *q, struct facts *f, int from,
			struct text *out)
{
	_cleanup_(origin_close) struct origin o = {.r = f->ladder.rung[from], .n = 0};
	struct install w = {.options = q->options, .is_copy = true};
	char id[NAME_SIZE], path[ENTRIES_PATH_SIZE];

	if (!installing_id(f, q->file, o.r.type == 2 ? ".efi" : ".conf", id) ||
	    !may_be_copied(f, q, from, ladder_find(&f->ladder, id)))
		return STATUS_REFUSED;
	w.id = id;
	if (o.r.type == 2) {
		entries_path(2, o.r.name, path);
		if (!open_one(m, &o, (struct slice){path, strlen(path)}, &w.uki))
			return STATUS_REFUSED;
	} else if (!open_named(m, &o, id, &w)) {
		return STATUS_REFUSED;
	}
	return installing_run(m, q, "copy", &w, f, out);
}

enum status copy_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	int from;

	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	from = target_find(&f, &m->config, q->id);
	return from < 0 ? STATUS_REFUSED : copy(m, q, &f, from, out);
}
