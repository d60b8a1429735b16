// SPDX-License-Identifier: LGPL-2.1-or-later
#include "update.h"

#include <errno.h>
#include <string.h>

#include "bls.h"

static const char first_line[] = "bootassess update 1\n";

static const char *const step_words[] = {
	[UPDATE_DONE] = "done", [UPDATE_COPY] = "copy",	    [UPDATE_PLACE] = "place",
	[UPDATE_TREE] = "tree", [UPDATE_REMOVE] = "remove",
};
#define N_STEPS (sizeof(step_words) / sizeof(step_words[0]))

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_printable(s.s[i]))
			return false;
	return s.len > 0;
}

static void add_path(struct text *t, struct slice path)
{
	static const char key[] = "path=";

	if (!is_printable(path) || sector_room(t) < sizeof(key) + path.len)
		return;
	text_str(t, key);
	text_slice(t, path);
	text_char(t, '\n');
}

int update_encode(const struct update *u, char sector[SECTOR_SIZE])
{
	char buf[SECTOR_SIZE + 1];
	struct text t;

	if (u->id[0] && !is_printable((struct slice){u->id, strlen(u->id)}))
		return -EINVAL;
	sector_start(&t, buf, first_line);
	sector_add(&t, "step", step_words[u->step]);
	sector_add(&t, "id", u->id);
	sector_add_uint(&t, "type", u->type);
	text_str(&t, "number=");
	sector_add_hex(&t, u->number);
	text_char(&t, '\n');
	sector_add_counter(&t, "was", &u->was);
	sector_add_counter(&t, "tries", &u->tries);
	if (sector_room(&t) == 0)
		return -EINVAL;
	for (unsigned int i = 0; i < u->n_paths; i++)
		add_path(&t, u->path[i]);
	sector_finish(&t, sector);
	return 0;
}

static int read_step(struct slice value, struct update *u)
{
	for (unsigned int i = 0; i < N_STEPS; i++)
		if (slice_is(value, step_words[i])) {
			u->step = (enum update_step)i;
			return 0;
		}
	return -EINVAL;
}

static int read_type(struct slice value, struct update *u)
{
	unsigned long type;
	int r = slice_uint(value, 2, &type);

	if (r == 0)
		u->type = (unsigned int)type;
	return r;
}

/* It becomes a part of paths: whoever can write to $BOOT must not lead us out of it. "" = of none.
 */
static int read_id(struct slice value, struct update *u)
{
	int r = sector_get_printable(value, u->id, sizeof(u->id));

	if (r < 0 || !u->id[0] || bls_valid_name(u->id, 1) || bls_valid_name(u->id, 2))
		return r;
	return -EINVAL;
}

static int read_value(struct slice key, struct slice value, struct update *u)
{
	if (slice_is(key, "step"))
		return read_step(value, u);
	if (slice_is(key, "id"))
		return read_id(value, u);
	if (slice_is(key, "type"))
		return read_type(value, u);
	if (slice_is(key, "number"))
		return sector_take_hex(&value, &u->number);
	if (slice_is(key, "was"))
		return sector_get_counter(value, &u->was);
	if (slice_is(key, "tries"))
		return sector_get_counter(value, &u->tries);
	if (slice_is(key, "path") && u->n_paths < UPDATE_PATHS)
		u->path[u->n_paths++] = value;
	return 0;
}

int update_decode(const char *sector, size_t len, struct update *ret)
{
	struct update u = {.step = UPDATE_DONE};
	struct slice rest, key, value;
	int r = sector_open(sector, len, first_line, &rest);

	if (r < 0)
		return r;
	while ((r = sector_next(&rest, &key, &value)) > 0)
		if (read_value(key, value, &u) < 0)
			return -EINVAL;
	if (r < 0)
		return r;
	*ret = u;
	return 0;
}

void update_sum_start(struct update_sum *s, uint64_t size)
{
	s->crc = UINT32_MAX;
	for (unsigned int i = 0; i < sizeof(size); i++)
		s->crc = sector_crc_add(s->crc, (unsigned char)(size >> 8 * i));
}

void update_sum_add(struct update_sum *s, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		s->crc = sector_crc_add(s->crc, bytes[i]);
}

uint32_t update_sum_end(const struct update_sum *s)
{
	return ~s->crc;
}
