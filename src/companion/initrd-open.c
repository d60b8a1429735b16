// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "initrd-open.h"

#define FILTER_TIMEOUT_MS 120000

/* By what an archive begins with. Source: the kernel's lib/decompress.c. */
static const struct packing {
	const char *program, *package;
	uint8_t magic[4];
	size_t len;
} packings[] = {
	{"zstd", "zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4},
	{"gzip", "gzip", {0x1f, 0x8b}, 2},
	{"xz", "xz-utils", {0xfd, '7', 'z', 'X'}, 4},
	{"xz", "xz-utils", {0x5d, 0x00, 0x00}, 3}, /* lzma */
	{"lz4", "lz4", {0x02, 0x21, 0x4c, 0x18}, 4},
	{"lz4", "lz4", {0x04, 0x22, 0x4d, 0x18}, 4},
	{"bzip2", "bzip2", {'B', 'Z', 'h'}, 3},
	{"lzop", "lzop", {0x89, 'L', 'Z', 'O'}, 4},
};

static const struct packing *find_packing(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (len > packings[i].len && memcmp(data, packings[i].magic, packings[i].len) == 0)
			return &packings[i];
	return NULL;
}

static int refuse(struct text *why, size_t at, const char *what, int e)
{
	text_str(why, "at offset ");
	text_uint(why, at, 0);
	text_str(why, ": ");
	text_str(why, what);
	return e;
}

/* Goes to the end mark. *at: where the archive begins, then what is behind it. */
static int add_archive(struct image *i, const struct map *map, size_t *at, struct text *why)
{
	const uint8_t *data = map->data + *at;
	size_t len = map->len - *at, end = 0;
	struct cpio_entry e;
	const char *what;
	int r = 0;

	while (r == 0)
		r = cpio_next(data, len, &end, &e, &what);
	if (r < 0)
		return refuse(why, *at + end, what, r);
	if (i->initrd.n == INITRD_ARCHIVES_MAX)
		return refuse(why, *at, "too many archives", -E2BIG);
	i->initrd.archive[i->initrd.n].data = data;
	i->initrd.archive[i->initrd.n++].len = end;
	*at += end;
	return 0;
}

/* The archives from *at on, up to something else, or the end. */
static int add_archives(struct image *i, const struct map *map, size_t *at, struct text *why)
{
	int r = 0;

	while (r == 0) {
		while (*at < map->len && map->data[*at] == 0)
			(*at)++;
		if (*at == map->len || !cpio_begins(map->data + *at, map->len - *at))
			return 0;
		r = add_archive(i, map, at, why);
	}
	return r;
}

static struct map *take_map(struct image *i)
{
	if (i->n_maps == IMAGE_MAPS_MAX)
		return NULL;
	i->map[i->n_maps] = (struct map)MAP_INIT;
	return &i->map[i->n_maps++];
}

static int refuse_filter(const struct packing *p, size_t at, int r, struct text *why)
{
	if (r == -ENOENT) {
		(void)refuse(why, at, "to read it the program ", r);
		text_str(why, p->program);
		text_str(why, " is needed (package ");
		text_str(why, p->package);
		text_char(why, ')');
		return r;
	}
	return refuse(why, at, r == -ETIMEDOUT ? "unpacking it takes too long" : strerror(-r), r);
}

/* What a program makes of data with something behind it, it says by its status; the end mark shows
 * that all of the archive is there. */
static int add_packed(struct image *i, const struct map *map, size_t at, struct text *why)
{
	const struct packing *p = find_packing(map->data + at, map->len - at);
	char *const argv[] = {(char *)(uintptr_t)(p ? p->program : ""), (char[]){"-dc"}, NULL};
	struct map *to = take_map(i);
	size_t unpacked_at = 0;
	int status, r;

	if (!p)
		return refuse(why, at, "no archive, and no compression that is known", -EINVAL);
	if (!to)
		return refuse(why, at, "too many parts", -E2BIG);
	r = map_filter(map, at, argv, FILTER_TIMEOUT_MS, to, &status);
	if (r < 0)
		return refuse_filter(p, at, r, why);
	i->packed = p->program;
	if (to->len == 0)
		return refuse(why, at, "it is damaged, nothing of it can be unpacked", -EINVAL);
	r = add_archives(i, to, &unpacked_at, why);
	if (r == 0 && unpacked_at < to->len)
		r = refuse(why, unpacked_at, "no archive", -EINVAL);
	if (r == 0 && to->len == MAP_SIZE_MAX)
		r = refuse(why, at, "it is too large", -EFBIG);
	if (r < 0)
		text_str(why, ", after unpacking");
	return r;
}

int image_add(struct image *i, int fd, uint64_t offset, uint64_t size, struct text *why)
{
	struct map *map = take_map(i);
	size_t at = 0;
	int r;

	if (!map)
		return refuse(why, 0, "too many parts", -E2BIG);
	r = map_copy(fd, offset, size, map);
	if (r < 0)
		return refuse(why, 0, strerror(-r), r);
	r = add_archives(i, map, &at, why);
	if (r < 0 || at == map->len)
		return r;
	return add_packed(i, map, at, why);
}

void image_close(struct image *i)
{
	for (unsigned int k = 0; k < i->n_maps; k++)
		map_end(&i->map[k]);
	memset(i, 0, sizeof(*i));
}
