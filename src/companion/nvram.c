// SPDX-License-Identifier: LGPL-2.1-or-later
#include "nvram.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bootorder.h"
#include "doors/dir.h"
#include "doors/efivar.h"
#include "doors/log.h"
#include "loader.h"
#include "loaders/bootvars.h"

#define SECTOR 512 /* the unit of /sys/class/block, whatever the disk has */

/* New variables are not made when less than this would be left: BootNext and our own are to fit. */
#define ROOM_KEPT 1024

struct job {
	struct machine *m;
	const struct facts *f;
	struct loader_io io;
	struct text *out;
	bool is_dry_run;
	int error; /* the first one */
};

/* True if the option names a file of the rung's id that is there no more: it was renamed since. */
static bool is_stale_of(const struct job *j, const struct loadopt *o, const struct rung *r)
{
	char name[NAME_SIZE], id[NAME_SIZE];
	uint64_t size;

	return r->type == 2 && o->path_error == 0 && loadvar_entry_path(o->path, name) == 2 &&
	       counter_strip(name, id) == 0 && counter_same_id(id, r->id) &&
	       bootvars_is_on(&j->io, o, r->place) &&
	       dir_file_size(j->io.store[r->place], o->path, &size) == -ENOENT;
}

static void find_owner(const struct job *j, const struct loadopt *o, struct bootorder_option *ret)
{
	const struct ladder *l = &j->f->ladder;

	for (unsigned int i = 0; i < l->n && ret->rung < 0; i++)
		if (!l->rung[i].missing && bootvars_is_of(&j->io, o, &l->rung[i]))
			ret->rung = (int)i;
	for (unsigned int i = 0; i < l->n && ret->rung < 0; i++) {
		ret->is_stale = !l->rung[i].missing && is_stale_of(j, o, &l->rung[i]);
		if (ret->is_stale)
			ret->rung = (int)i;
	}
}

static int read_options(const struct job *j, struct bootorder_facts *ret)
{
	struct loadopt_order all;
	int r = bootvars_list(j->io.efivars, &all);

	for (unsigned int i = 0; r == 0 && i < all.n; i++) {
		struct bootorder_option *b = &ret->option[ret->n];
		struct loadopt o;
		int e = bootvars_read_option(j->io.efivars, all.number[i], &o);

		if (e > 0)
			continue;
		/* What passes must not make a second one of what is there. */
		if (e == -EIO || e == -EINTR || e == -ENOMEM)
			return e;
		*b = (struct bootorder_option){.number = all.number[i], .rung = -1};
		ret->n++;
		if (e < 0)
			continue; /* nobody can say whose it is: it keeps its number */
		b->is_active = loadopt_is_active(&o);
		b->has_data = o.data_len > 0;
		find_owner(j, &o, b);
	}
	return r;
}

/* BootNext or BootCurrent, -1 = there is none. */
static int read_number(const struct job *j, const char *name)
{
	uint8_t data[2];
	uint16_t number;
	size_t len;

	if (efivar_read(j->io.efivars, name, EFIVAR_GLOBAL, data, sizeof(data), &len) != 0 ||
	    loadvar_boot_current(data, len, &number) < 0)
		return -1;
	return number;
}

static bool can_start(const struct job *j, const struct rung *r)
{
	char path[LOADOPT_PATH_SIZE];
	bool is_whole = false;

	return !r->missing && !r->broken && !r->ambiguous &&
	       bootvars_rung_path(&j->io, r, path, &is_whole) == 0 && is_whole;
}

static int read_facts(const struct job *j, int first, struct bootorder_facts *ret)
{
	const struct ladder *l = &j->f->ladder;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = bootvars_read_order(j->io.efivars, &ret->order);
	if (r == 0)
		r = read_options(j, ret);
	ret->n_rungs = l->n;
	for (unsigned int i = 0; i < l->n; i++) {
		ret->rung[i].role = l->rung[i].role;
		ret->rung[i].can_start = can_start(j, &l->rung[i]);
		ret->rung[i].is_good = !l->rung[i].counter.present;
	}
	ret->first = first;
	ret->next = read_number(j, "BootNext");
	ret->current = read_number(j, "BootCurrent");
	return r;
}

/* A number in a file of /sys/class/block/NAME. */
static int read_sysfs(const struct job *j, const char *name, const char *file, unsigned long *ret)
{
	char path[128], line[32];
	struct text t;
	int r;

	text_init(&t, path, sizeof(path));
	text_str(&t, "sys/class/block/");
	text_str(&t, name);
	text_char(&t, '/');
	text_str(&t, file);
	r = root_read_line(j->m->root.fd, path, line, sizeof(line));
	return r < 0 ? r : slice_uint((struct slice){line, strlen(line)}, (unsigned long)-1, ret);
}

static int read_partition(const struct job *j, const struct store *s, struct loadopt_partition *ret)
{
	const char *name = strrchr(s->node, '/');
	unsigned long number, start, size, block;
	int r;

	if (!name || !s->partuuid[0])
		return -ENODEV;
	r = read_sysfs(j, name + 1, "partition", &number);
	if (r == 0)
		r = read_sysfs(j, name + 1, "start", &start);
	if (r == 0)
		r = read_sysfs(j, name + 1, "size", &size);
	if (r == 0)
		r = read_sysfs(j, s->disk, "queue/logical_block_size", &block);
	if (r < 0)
		return r;
	block = block < SECTOR ? 1 : block / SECTOR;
	*ret = (struct loadopt_partition){(uint32_t)number, start / block, size / block, ""};
	memcpy(ret->partuuid, s->partuuid, strlen(s->partuuid) + 1);
	return 0;
}

static void describe(const struct job *j, const struct bootorder_op *op, const struct rung *r,
		     char *buf, size_t size)
{
	struct loadopt old;
	struct text t;

	text_init(&t, buf, size);
	if (!op->is_new && bootvars_read_option(j->io.efivars, op->number, &old) == 0 &&
	    old.description[0])
		text_str(&t, old.description);
	else
		text_slice(&t, (struct slice){r->id, strcspn(r->id, ".")});
}

static int make_option(const struct job *j, const struct bootorder_op *op, struct loadopt *ret)
{
	const struct rung *r = &j->f->ladder.rung[op->rung];
	int e = bootvars_make_option(&j->io, r, ret);

	if (e < 0)
		return e;
	describe(j, op, r, ret->description, sizeof(ret->description));
	e = read_partition(j, &j->m->store[r->place], &ret->partition);
	return e < 0 ? bootvars_borrow_partition(&j->io, r->place, &ret->partition) : 0;
}

static int write_option(const struct job *j, const struct bootorder_op *op)
{
	char name[LOADOPT_NAME_SIZE];
	uint8_t data[LOADOPT_SIZE];
	struct loadopt o;
	uint64_t room;
	int len, e;

	e = make_option(j, op, &o);
	if (e < 0)
		return e;
	len = loadopt_build(&o, data, sizeof(data));
	if (len < 0)
		return len;
	if (op->is_new && efivar_room(j->io.efivars, &room) == 0 &&
	    room < (uint64_t)len + ROOM_KEPT)
		return -ENOSPC;
	if (op->is_new)
		return bootvars_write_new(j->io.efivars, op->number, data, (size_t)len);
	loadopt_name(op->number, name);
	return efivar_write(j->io.efivars, name, EFIVAR_GLOBAL, data, (size_t)len);
}

static int do_op(const struct job *j, const struct bootorder_op *op)
{
	char name[LOADOPT_NAME_SIZE];

	if (op->type == BOOTORDER_WRITE)
		return write_option(j, op);
	loadopt_name(op->number, name);
	return efivar_delete(j->io.efivars, name, EFIVAR_GLOBAL);
}

static void tell_op(const struct job *j, const struct bootorder_op *op, struct text *t)
{
	char name[LOADOPT_NAME_SIZE];

	loadopt_name(op->number, name);
	if (op->type == BOOTORDER_DELETE)
		text_str(t, "delete ");
	else
		text_str(t, op->is_new ? "make " : "write anew ");
	text_str(t, name);
	text_str(t, op->type == BOOTORDER_DELETE ? ", a second one of \"" : " for \"");
	text_str(t, j->f->ladder.rung[op->rung].id);
	text_char(t, '"');
}

static void tell_order(const struct loadopt_order *o, struct text *t)
{
	char name[LOADOPT_NAME_SIZE];

	text_str(t, "set BootOrder to ");
	for (unsigned int i = 0; i < o->n; i++) {
		loadopt_name(o->number[i], name);
		text_str(t, i > 0 ? "," : "");
		text_str(t, name + 4);
	}
}

/* One change is over. e: 0; 1 = there was nothing to change. False if it failed. */
static bool report(struct job *j, const char *line, int e)
{
	if (e < 0) {
		log_err("boot options of the firmware: cannot %s: %s%s", line, strerror(-e),
			e == -ENOSPC ? ": the memory for EFI variables is full" : "");
		j->error = j->error ? j->error : e;
		return false;
	}
	if (!j->is_dry_run && e == 0)
		log_notice("boot options of the firmware: %s", line);
	if (j->out && e == 0) {
		text_str(j->out, line);
		text_char(j->out, '\n');
	}
	return true;
}

static void carry_out(struct job *j, struct bootorder_plan *p)
{
	char line[8 * LOADOPT_ORDER_MAX];
	struct text t;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		const struct bootorder_op *op = &p->op[i];

		text_init(&t, line, sizeof(line));
		tell_op(j, op, &t);
		if (!report(j, line, j->is_dry_run ? 0 : do_op(j, op)) && op->is_new)
			bootorder_give_up(p, op->number);
	}
	if (!p->changes_order)
		return;
	text_init(&t, line, sizeof(line));
	tell_order(&p->order, &t);
	(void)report(j, line, j->is_dry_run ? 0 : bootvars_write_order(j->io.efivars, &p->order));
}

int nvram_repair(struct machine *m, const struct facts *f, int first, bool is_dry_run,
		 struct text *out)
{
	struct job j = {.m = m, .f = f, .out = out, .is_dry_run = is_dry_run};
	struct bootorder_facts facts;
	struct bootorder_plan p;
	int r;

	loader_get_io(m, &j.io);
	if (m->loader->kind != LOADER_FIRMWARE || j.io.efivars < 0)
		return -EOPNOTSUPP;
	r = read_facts(&j, first, &facts);
	if (r < 0) {
		log_err("cannot read the boot options of the firmware: %s: they are left as they "
			"are",
			strerror(-r));
		return r;
	}
	bootorder_plan(&facts, &p);
	if (p.n_ops == 0 && !p.changes_order)
		return 1;
	carry_out(&j, &p);
	return j.error;
}
