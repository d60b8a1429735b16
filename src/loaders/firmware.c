// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "bootvars.h"
#include "doors/efivar.h"

/* UKIs that the firmware starts by its Boot#### variables. It counts nothing, and takes what
 * BootOrder names also if it is bad: so a slot that has yet to prove itself gets BootNext, and only
 * its bless names it in BootOrder. Source: UEFI 2.10 section 3.1 "Boot Manager". */

static unsigned int get_methods(const struct loader_io *io)
{
	return io->efivars >= 0 ? METHOD_FIRMWARE : 0;
}

static bool is_active_of(const struct loader_io *io, uint16_t number, const struct rung *r)
{
	struct loadopt o;

	return bootvars_read_option(io->efivars, number, &o) == 0 && loadopt_is_active(&o) &&
	       bootvars_is_of(io, &o, r);
}

/* The active option of a rung: the first of BootOrder, else the lowest number. 0; -ENOENT if there
 * is none. */
static int find_number(const struct loader_io *io, const struct loadopt_order *order,
		       const struct rung *r, uint16_t *ret)
{
	struct loadopt_order all;
	int lowest = -1, e;

	for (unsigned int i = 0; i < order->n; i++) {
		if (!is_active_of(io, order->number[i], r))
			continue;
		*ret = order->number[i];
		return 0;
	}
	e = bootvars_list(io->efivars, &all);
	for (unsigned int i = 0; e == 0 && i < all.n; i++)
		if ((lowest < 0 || all.number[i] < lowest) && is_active_of(io, all.number[i], r))
			lowest = all.number[i];
	if (lowest < 0)
		return e < 0 ? e : -ENOENT;
	*ret = (uint16_t)lowest;
	return 0;
}

static const struct rung *find_rung(const struct loader_io *io, const struct ladder *l,
				    const struct loadopt *o)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (!l->rung[i].missing && bootvars_is_of(io, o, &l->rung[i]))
			return &l->rung[i];
	return NULL;
}

static void read_oneshot(const struct loader_io *io, const struct ladder *l, char ret_id[NAME_SIZE],
			 bool *ret_is_stale)
{
	const struct rung *r;
	uint8_t data[2];
	uint16_t number;
	struct loadopt o;
	size_t len;
	int e;

	if (io->efivars < 0 ||
	    efivar_read(io->efivars, "BootNext", EFIVAR_GLOBAL, data, sizeof(data), &len) != 0 ||
	    loadvar_boot_current(data, len, &number) < 0)
		return;
	loadopt_name(number, ret_id);
	e = bootvars_read_option(io->efivars, number, &o);
	*ret_is_stale = e > 0 || e == -EINVAL;
	r = e == 0 ? find_rung(io, l, &o) : NULL;
	if (r)
		memcpy(ret_id, r->id, sizeof(r->id));
}

/* A number that no option has, nor BootOrder names: that one would come up there. */
static int find_free_number(const struct loader_io *io, const struct loadopt_order *order,
			    uint16_t *ret)
{
	struct loadopt_order all;
	int e = bootvars_list(io->efivars, &all);

	if (e < 0)
		return e;
	for (unsigned int i = 0; i < 2 * LOADOPT_ORDER_MAX + 1; i++) {
		uint16_t n = (uint16_t)i;

		if (loadopt_order_find(&all, n) >= 0 || loadopt_order_find(order, n) >= 0 ||
		    !bootvars_is_free(io->efivars, n))
			continue;
		*ret = n;
		return 0;
	}
	return -ENOSPC;
}

/* Somebody has deleted the option of a rung, and the device must get there all the same. The bless
 * puts it into BootOrder. */
static int make_number(const struct loader_io *io, const struct loadopt_order *order,
		       const struct rung *r, uint16_t *ret)
{
	uint8_t data[LOADOPT_SIZE];
	struct loadopt o;
	int e, len;

	e = bootvars_make_option(io, r, &o);
	if (e == 0)
		e = bootvars_borrow_partition(io, r->place, &o.partition);
	if (e == 0)
		e = find_free_number(io, order, ret);
	if (e < 0)
		return e;
	len = loadopt_build(&o, data, sizeof(data));
	if (len < 0)
		return len;
	return bootvars_write_new(io->efivars, *ret, data, (size_t)len);
}

static int set_oneshot(const struct loader_io *io, const struct rung *r)
{
	struct loadopt_order order;
	uint16_t number;
	uint8_t data[2];
	int e;

	if (io->efivars < 0)
		return -EOPNOTSUPP;
	/* Any option of the rung will do, also where BootOrder cannot be read. */
	if (bootvars_read_order(io->efivars, &order) < 0)
		order.n = 0;
	e = find_number(io, &order, r, &number);
	if (e == -ENOENT)
		e = make_number(io, &order, r, &number);
	if (e < 0)
		return e;
	data[0] = (uint8_t)number;
	data[1] = (uint8_t)(number >> 8);
	e = efivar_write(io->efivars, "BootNext", EFIVAR_GLOBAL, data, sizeof(data));
	return e < 0 ? e : 0;
}

static int delete_oneshot(const struct loader_io *io)
{
	int e;

	if (io->efivars < 0)
		return -EOPNOTSUPP;
	e = efivar_delete(io->efivars, "BootNext", EFIVAR_GLOBAL);
	return e < 0 ? e : 0;
}

/* Does the firmware come no further in BootOrder than this one, as far as can be known? */
static bool is_start(const struct loader_io *io, uint16_t number)
{
	struct loadopt o;

	return bootvars_read_option(io->efivars, number, &o) == 0 && loadopt_is_active(&o) &&
	       bootvars_starts_here(io, &o);
}

/* In front of everything that is known to start. What leads elsewhere (the network, a stick) keeps
 * its place: it is somebody else's policy. */
static int put_first(const struct loader_io *io, const struct rung *r)
{
	struct loadopt_order order;
	unsigned int at = 0;
	uint16_t number;
	int e;

	if (io->efivars < 0)
		return -EOPNOTSUPP;
	e = bootvars_read_order(io->efivars, &order);
	if (e == 0)
		e = find_number(io, &order, r, &number);
	if (e < 0)
		return e;
	while (at < order.n && !is_start(io, order.number[at]))
		at++;
	if (at == order.n) /* nothing starts: then it cannot be in the way of anything */
		at = 0;
	else if (order.number[at] == number)
		return 1;
	loadopt_order_remove(&order, number);
	loadopt_order_insert(&order, at, number);
	return bootvars_write_order(io->efivars, &order);
}

static int prefer(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	(void)s;
	return put_first(io, r);
}

/* It stays until something else is made the first one: an order has no pattern that could be taken
 * back. */
static int release(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	(void)io;
	(void)s;
	(void)r;
	return 1;
}

static void read_settings(const struct loader_io *io, const struct ladder *l, struct settings *ret)
{
	char *value = ret->value[SETTING_DEFAULT_VARIABLE];
	struct loadopt_order order;
	const struct rung *r;
	struct loadopt o;

	if (io->efivars < 0 || bootvars_read_order(io->efivars, &order) < 0)
		return;
	ret->known = true;
	for (unsigned int i = 0; i < order.n; i++) {
		if (bootvars_read_option(io->efivars, order.number[i], &o) != 0 ||
		    !loadopt_is_active(&o))
			continue;
		r = find_rung(io, l, &o);
		if (r)
			memcpy(value, r->id, sizeof(r->id));
		else if (bootvars_starts_here(io, &o))
			loadopt_name(order.number[i], value);
		else
			continue;
		return;
	}
}

const struct loader_ops loader_firmware = {.kind = LOADER_FIRMWARE,
					   .oneshot = "BootNext",
					   .clears_oneshot = true,
					   .methods = get_methods,
					   .read_oneshot = read_oneshot,
					   .set_oneshot = set_oneshot,
					   .delete_oneshot = delete_oneshot,
					   .read_settings = read_settings,
					   .prefer = prefer,
					   .pin = prefer,
					   .release = release};
