// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "bls.h"
#include "bootvars.h"
#include "doors/dir.h"
#include "doors/efivar.h"
#include "doors/root.h"

#define ENTRY_SIZE 65536 /* the longest type #1 entry, and one */

int bootvars_read_option(int efivars, uint16_t number, struct loadopt *ret)
{
	char name[LOADOPT_NAME_SIZE];
	uint8_t data[LOADOPT_SIZE];
	size_t len;
	int r;

	loadopt_name(number, name);
	r = efivar_read(efivars, name, EFIVAR_GLOBAL, data, sizeof(data), &len);
	return r == 0 ? loadopt_parse(data, len, ret) : r;
}

int bootvars_read_order(int efivars, struct loadopt_order *ret)
{
	uint8_t data[2 * LOADOPT_ORDER_MAX];
	size_t len;
	int r;

	ret->n = 0;
	r = efivar_read(efivars, "BootOrder", EFIVAR_GLOBAL, data, sizeof(data), &len);
	if (r != 0)
		return r > 0 ? 0 : r;
	return loadopt_order_parse(data, len, ret);
}

int bootvars_write_order(int efivars, const struct loadopt_order *o)
{
	uint8_t data[2 * LOADOPT_ORDER_MAX];
	size_t len = loadopt_order_build(o, data);

	if (len == 0)
		return efivar_delete(efivars, "BootOrder", EFIVAR_GLOBAL);
	return efivar_write(efivars, "BootOrder", EFIVAR_GLOBAL, data, len);
}

static int take_name(void *data, const char *name)
{
	struct loadopt_order *list = data;
	uint16_t number;

	if (loadopt_number(name, &number) == 0 && name[8] == '-' &&
	    strcmp(name + 9, EFIVAR_GLOBAL) == 0 && list->n < LOADOPT_ORDER_MAX)
		list->number[list->n++] = number;
	return 0;
}

int bootvars_list(int efivars, struct loadopt_order *ret)
{
	ret->n = 0;
	return dir_each_file(efivars, ".", take_name, ret);
}

bool bootvars_is_free(int efivars, uint16_t number)
{
	char name[LOADOPT_NAME_SIZE];
	uint8_t data[1];
	size_t len;

	loadopt_name(number, name);
	return efivar_read(efivars, name, EFIVAR_GLOBAL, data, sizeof(data), &len) == 1;
}

int bootvars_write_new(int efivars, uint16_t number, const uint8_t *data, size_t len)
{
	char name[LOADOPT_NAME_SIZE];
	int e;

	if (!bootvars_is_free(efivars, number))
		return -EEXIST;
	loadopt_name(number, name);
	e = efivar_write(efivars, name, EFIVAR_GLOBAL, data, len);
	return e < 0 ? e : 0;
}

static int find_image(const struct bls_entry *e, char *path, bool *ret_is_whole)
{
	struct slice image = e->efi.len > 0 ? e->efi : e->uki;

	*ret_is_whole = image.len > 0;
	if (image.len == 0)
		image = e->linux_path;
	return image.len > 0 ? slice_copy(image, path, LOADOPT_PATH_SIZE) : -ENOENT;
}

int bootvars_rung_path(const struct loader_io *io, const struct rung *r,
		       char path[LOADOPT_PATH_SIZE], bool *ret_is_whole)
{
	char buf[ENTRY_SIZE];
	struct bls_entry e;
	struct text t;
	size_t len;
	int n;

	text_init(&t, path, LOADOPT_PATH_SIZE);
	text_str(&t, ladder_dir(r->type));
	text_char(&t, '/');
	text_str(&t, r->name);
	if (r->missing || io->store[r->place] < 0)
		return -ENOENT;
	*ret_is_whole = true;
	if (r->type == 2)
		return 0;
	n = dir_read(io->store[r->place], path, buf, sizeof(buf), &len);
	if (n == 0)
		n = bls_parse_entry(buf, len, &e);
	return n < 0 ? n : find_image(&e, path, ret_is_whole);
}

bool bootvars_is_on(const struct loader_io *io, const struct loadopt *o, enum place place)
{
	if (io->store[place] < 0)
		return false;
	return !io->partuuid[place][0] || strcmp(io->partuuid[place], o->partition.partuuid) == 0;
}

bool bootvars_starts_here(const struct loader_io *io, const struct loadopt *o)
{
	uint64_t size;

	if (o->path_error < 0)
		return false;
	for (enum place place = 0; place < PLACES; place++)
		if (bootvars_is_on(io, o, place) &&
		    dir_file_size(io->store[place], o->path, &size) == 0 && size > 0)
			return true;
	return false;
}

bool bootvars_is_of(const struct loader_io *io, const struct loadopt *o, const struct rung *r)
{
	char path[LOADOPT_PATH_SIZE];
	bool is_whole;

	return o->path_error == 0 && bootvars_is_on(io, o, r->place) &&
	       bootvars_rung_path(io, r, path, &is_whole) == 0 &&
	       loadvar_same_path((struct slice){o->path, strlen(o->path)},
				 (struct slice){path, strlen(path)});
}

int bootvars_make_option(const struct loader_io *io, const struct rung *r, struct loadopt *ret)
{
	char path[LOADOPT_PATH_SIZE];
	bool is_whole = false;
	struct text t;
	int e;

	e = bootvars_rung_path(io, r, path, &is_whole);
	if (e < 0 || !is_whole)
		return e < 0 ? e : -ENOENT;
	*ret = (struct loadopt){.attributes = LOADOPT_ACTIVE};
	text_init(&t, ret->description, sizeof(ret->description));
	text_slice(&t, (struct slice){r->id, strcspn(r->id, ".")});
	text_init(&t, ret->path, sizeof(ret->path));
	text_str(&t, "\\");
	text_str(&t, path + strspn(path, "/\\"));
	return t.full ? -ENAMETOOLONG : 0;
}

int bootvars_borrow_partition(const struct loader_io *io, enum place place,
			      struct loadopt_partition *ret)
{
	struct loadopt_order all;
	int r = bootvars_list(io->efivars, &all);

	for (unsigned int i = 0; r == 0 && i < all.n; i++) {
		struct loadopt o;

		if (bootvars_read_option(io->efivars, all.number[i], &o) != 0 ||
		    !o.partition.partuuid[0] || !bootvars_is_on(io, &o, place) ||
		    !bootvars_starts_here(io, &o))
			continue;
		*ret = o.partition;
		return 0;
	}
	return r < 0 ? r : -ENODEV;
}
