// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "loader.h"
#include "sdboot-info.h"

static unsigned int methods(const struct loader_io *io)
{
	return (sdboot_has_oneshot(io->sdboot) ? METHOD_FIRMWARE : 0u) |
	       (io->sdboot->is_sdboot ? METHOD_ORDER : 0u);
}

static void read_oneshot(const struct loader_io *io, const struct ladder *l, char ret_id[NAME_SIZE],
			 bool *ret_is_stale)
{
	struct sdboot_info info;

	sdboot_info_read(io->efivars, l, &info);
	memcpy(ret_id, info.oneshot, NAME_SIZE);
	*ret_is_stale = io->sdboot->stale_oneshot;
}

static int set_oneshot(const struct loader_io *io, const struct rung *r)
{
	return sdboot_set_oneshot(io->efivars, r->id, r->name);
}

static int delete_oneshot(const struct loader_io *io)
{
	return sdboot_delete_oneshot(io->efivars);
}

/* loader.conf is the last resort. */
static int esp_of(const struct loader_io *io)
{
	return io->is_writable ? io->store[PLACE_ESP] : -1;
}

static int unpin(const struct loader_io *io)
{
	return sdboot_unpin(io->efivars, esp_of(io));
}

static void read_settings(const struct loader_io *io, const struct ladder *l, struct settings *ret)
{
	(void)l;
	sdboot_read_settings(io->efivars, io->store[PLACE_ESP], io->sdboot, ret);
}

static int prefer(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	return sdboot_prefer(io->efivars, esp_of(io), s, r->id);
}

static int pin(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	return sdboot_pin(io->efivars, esp_of(io), s, r->id);
}

static int release(const struct loader_io *io, const struct settings *s, const struct rung *r)
{
	return sdboot_release(io->efivars, s, r->id);
}

const struct loader_ops loader_sdboot = {
	.kind = LOADER_SDBOOT,
	.oneshot = "LoaderEntryOneShot",
	.places = 1u << PLACE_ESP,
	.finds_by_name = true,
	.counts = true,
	.methods = methods,
	.read_oneshot = read_oneshot,
	.set_oneshot = set_oneshot,
	.delete_oneshot = delete_oneshot,
	.unpin = unpin,
	.read_settings = read_settings,
	.prefer = prefer,
	.pin = pin,
	.release = release,
};
