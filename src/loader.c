// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

#include <errno.h>

#include "identify.h"

const char *loader_name(enum loader kind)
{
	static const char *const names[] = {[LOADER_AUTO] = "auto",
					    [LOADER_SDBOOT] = "systemd-boot",
					    [LOADER_FIRMWARE] = "firmware",
					    [LOADER_GRUB] = "grub",
					    [LOADER_NONE] = "none"};

	return names[kind];
}

static struct loader_io make_io(const struct machine *m, bool is_writable)
{
	struct loader_io io = {.efivars = m->efivars,
			       .is_writable = is_writable,
			       .sdboot = &m->sdboot,
			       .grubenv = m->config.grubenv};

	for (int i = 0; i < PLACES; i++) {
		io.store[i] = m->store[i].fd;
		io.partuuid[i] = m->store[i].partuuid;
	}
	return io;
}

void loader_get_io(const struct machine *m, struct loader_io *ret)
{
	*ret = make_io(m, false);
}

static const struct loader_ops *guess_ops(const struct machine *m)
{
	const struct loader_io io = make_io(m, false);
	bool is_efi = m->efivars >= 0 || root_exists(m->root.fd, "sys/firmware/efi");
	bool has_lost = is_efi && m->efivars < 0; /* its variables */

	if (m->sdboot.is_sdboot || m->sdboot.selected[0] || m->sdboot.counted_name[0])
		return &loader_sdboot;
	if (m->cmdline.slot[0] && grub_is_there(&io))
		return &loader_grub;
	if (m->efivars >= 0 && identify_by_firmware(m))
		return &loader_firmware;
	/* A kexec may have left bootassess.slot= out. Lost variables may be those of any loader. */
	if (m->is_kexeced && !has_lost && grub_is_there(&io))
		return &loader_grub;
	return m->cmdline.slot[0] || !is_efi ? &loader_none : &loader_sdboot;
}

static const struct loader_ops *find_ops(const struct machine *m)
{
	switch (m->config.loader) {
	case LOADER_SDBOOT:
		return &loader_sdboot;
	case LOADER_FIRMWARE:
		return &loader_firmware;
	case LOADER_GRUB:
		return &loader_grub;
	case LOADER_NONE:
		return &loader_none;
	default:
		return guess_ops(m);
	}
}

void loader_find(struct machine *m)
{
	m->loader = find_ops(m);
}

unsigned int loader_lacks(const struct machine *m)
{
	const struct loader_io io = make_io(m, false);
	unsigned int all = METHOD_FIRMWARE | METHOD_ORDER;

	return m->loader->methods ? all & ~m->loader->methods(&io) : all;
}

void loader_read_oneshot(const struct machine *m, const struct ladder *l, char ret_id[NAME_SIZE],
			 bool *ret_is_stale)
{
	const struct loader_io io = make_io(m, false);

	ret_id[0] = '\0';
	*ret_is_stale = false;
	if (m->loader->read_oneshot)
		m->loader->read_oneshot(&io, l, ret_id, ret_is_stale);
}

void loader_read_settings(const struct machine *m, const struct ladder *l, struct settings *ret)
{
	const struct loader_io io = make_io(m, false);

	*ret = (struct settings){.loader = m->loader->kind};
	if (m->loader->read_settings)
		m->loader->read_settings(&io, l, ret);
	ret->unread |= m->efivars < 0 && m->efivars != -ENOENT;
}

void loader_read_starts(const struct machine *m, const struct ladder *l, struct loader_starts *ret)
{
	const struct loader_io io = make_io(m, false);

	*ret = (struct loader_starts){.rung = -1};
	if (m->loader->read_starts)
		m->loader->read_starts(&io, l, ret);
}

/* One of the functions of the table, and what it is called with. */
struct call {
	int (*with_rung)(const struct loader_io *io, const struct rung *r);
	int (*with_settings)(const struct loader_io *io, const struct settings *s,
			     const struct rung *r);
	int (*alone)(const struct loader_io *io);
	const struct settings *s;
	const struct rung *r;
	bool may_use_store; /* where its variables cannot be written: loader.conf */
};

static int try_call(const struct machine *m, const struct call *c, bool is_writable)
{
	const struct loader_io io = make_io(m, is_writable);

	if (c->with_rung)
		return c->with_rung(&io, c->r);
	if (c->with_settings)
		return c->with_settings(&io, c->s, c->r);
	return c->alone ? c->alone(&io) : -EOPNOTSUPP;
}

/* First without a store: most is in variables. -EROFS: it has nothing but a store. */
static int call(struct machine *m, const struct call *c)
{
	unsigned int open = 0;
	int r = try_call(m, c, false);

	if (r >= 0 || !(r == -EROFS || c->may_use_store))
		return r;
	for (unsigned int i = 0; i < PLACES; i++)
		if (m->loader->places & 1u << i && machine_begin_write(m, i) == 0)
			open |= 1u << i;
	if (open)
		r = try_call(m, c, true);
	for (unsigned int i = 0; i < PLACES; i++)
		if (open & 1u << i)
			machine_end_write(m, i);
	return r;
}

int loader_set_oneshot(struct machine *m, const struct rung *r)
{
	return call(m, &(struct call){.with_rung = m->loader->set_oneshot, .r = r});
}

int loader_delete_oneshot(struct machine *m)
{
	return call(m, &(struct call){.alone = m->loader->delete_oneshot});
}

int loader_forget_starts(struct machine *m)
{
	return call(m, &(struct call){.alone = m->loader->forget_starts});
}

int loader_unpin(struct machine *m)
{
	return call(m, &(struct call){.alone = m->loader->unpin, .may_use_store = true});
}

int loader_prefer(struct machine *m, const struct settings *s, const struct rung *r)
{
	return call(m, &(struct call){.with_settings = m->loader->prefer,
				      .s = s,
				      .r = r,
				      .may_use_store = true});
}

int loader_pin(struct machine *m, const struct settings *s, const struct rung *r)
{
	return call(
		m, &(struct call){
			   .with_settings = m->loader->pin, .s = s, .r = r, .may_use_store = true});
}

int loader_release(struct machine *m, const struct settings *s, const struct rung *r)
{
	return call(m, &(struct call){.with_settings = m->loader->release, .s = s, .r = r});
}
