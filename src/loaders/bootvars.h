/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "loader.h"
#include "loadopt.h"

/* The boot options of the firmware: Boot####, BootOrder, BootNext. */

/* 0; 1 if there is none; -EINVAL if it is malformed; other negative errno. */
int bootvars_read_option(int efivars, uint16_t number, struct loadopt *ret);

/* 0, also if there is none (it is empty then); negative errno as of loadopt_order_parse() too. */
int bootvars_read_order(int efivars, struct loadopt_order *ret);

/* Writes a new option: what is there already under this number is somebody else's. 0; -EEXIST;
 * other negative errno. */
int bootvars_write_new(int efivars, uint16_t number, const uint8_t *data, size_t len);

/* An empty one deletes the variable. 0; 1 if it is so already; negative errno. */
int bootvars_write_order(int efivars, const struct loadopt_order *o);

/* The numbers of the options that there are, also of those that BootOrder does not name, in no
 * order; more than LOADOPT_ORDER_MAX are not looked at: a number that is not among them need not be
 * free. 0 or negative errno. */
int bootvars_list(int efivars, struct loadopt_order *ret);

/* True if there is no variable of this number, whatever bootvars_list() says. */
bool bootvars_is_free(int efivars, uint16_t number);

/* The file that a boot option of this rung starts: its UKI, or the key `efi`, `uki` or `linux` of a
 * type #1 entry. *ret_is_whole: it boots by itself (no `linux`, which asks for a command line). 0;
 * -ENOENT if the entry names none; negative errno. */
int bootvars_rung_path(const struct loader_io *io, const struct rung *r,
		       char path[LOADOPT_PATH_SIZE], bool *ret_is_whole);

/* An active option that starts this rung, with its id as the description, and no partition yet. 0;
 * -ENOENT if the rung names no file that boots by itself; negative errno. */
int bootvars_make_option(const struct loader_io *io, const struct rung *r, struct loadopt *ret);

/* The partition of a store, as another option has it. 0; -ENODEV if none does; negative errno. */
int bootvars_borrow_partition(const struct loader_io *io, enum place place,
			      struct loadopt_partition *ret);

/* True if the option names the partition of this store, or the partition of the store is not
 * known. */
bool bootvars_is_on(const struct loader_io *io, const struct loadopt *o, enum place place);

/* True if the file of the option lies on a store. Options that lead elsewhere (the network, a
 * stick, another disk) may start something or nothing: that cannot be known here. */
bool bootvars_starts_here(const struct loader_io *io, const struct loadopt *o);

/* True if this option starts this rung, be it active or not. */
bool bootvars_is_of(const struct loader_io *io, const struct loadopt *o, const struct rung *r);
