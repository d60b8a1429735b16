// SPDX-License-Identifier: LGPL-2.1-or-later
/* Directories that grow, in an order that a power cut cannot break. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "volume-block.h"

/* A directory, as far as it was looked at. */
struct extent {
	uint32_t last;	      /* its last cluster; 0 = the root of FAT12 and 16 */
	unsigned int n_slots; /* that it has */
	unsigned int run;     /* free ones just before the end */
	bool has_room;	      /* a row is long enough; the rest was not looked at */
};

static int count_slots(struct volume *v, uint64_t at, uint32_t len, unsigned int want,
		       struct extent *x)
{
	const uint8_t *slot;
	int r;

	for (; len > 0 && !x->has_room; len -= FAT_SLOT_SIZE, at += FAT_SLOT_SIZE) {
		r = volume_load(v, VOLUME_WINDOW_DIR, at, FAT_SLOT_SIZE, &slot);
		if (r < 0)
			return r;
		if (x->n_slots++ == FAT_DIR_SLOTS)
			return -EUCLEAN; /* or a circle */
		x->run = fat_slot_is_free(slot) ? x->run + 1 : 0;
		x->has_room = x->run == want;
	}
	return 0;
}

static int measure(struct volume *v, const char *dir, unsigned int want, struct extent *x)
{
	const struct fat_layout *l = &v->layout;
	uint32_t cluster;
	int r;

	*x = (struct extent){0};
	r = volume_find_dir(v, dir, &cluster);
	if (r < 0)
		return r;
	if (cluster == 0)
		cluster = l->root_cluster;
	if (cluster == 0)
		return count_slots(v, l->root_at, l->root_size, want, x);
	while (cluster != FAT_END) {
		if (cluster == FAT_BROKEN)
			return -EUCLEAN;
		x->last = cluster;
		r = count_slots(v, fat_cluster_at(l, cluster), l->cluster_size, want, x);
		if (r < 0 || x->has_room)
			return r;
		r = volume_next_cluster(v, cluster, &cluster);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One of 12 bits may lie in two blocks, which no single write changes. */
static bool is_in_one_block(const struct volume *v, uint32_t cluster)
{
	uint64_t at = fat_entry_at(&v->layout, cluster);

	for (unsigned int i = 0; i < v->layout.n_fats; i++, at += v->layout.fat_size)
		if (at % v->block_size == v->block_size - 1)
			return false;
	return true;
}

static bool can_grow(const struct volume *v, const struct extent *x)
{
	const struct fat_layout *l = &v->layout;

	return x->last != 0 && x->n_slots + l->cluster_size / FAT_SLOT_SIZE <= FAT_DIR_SLOTS &&
	       l->cluster_size % v->block_size == 0 && l->data_at % v->block_size == 0 &&
	       is_in_one_block(v, x->last);
}

int volume_lacks_room(struct volume *v, const char *dir, unsigned int n_slots)
{
	struct extent x;
	int r = measure(v, dir, n_slots, &x);

	return r < 0 ? r : !x.has_room && can_grow(v, &x);
}

/* The first one behind the given one, else from the start: what is read together lies together. */
static int find_free(struct volume *v, uint32_t from, uint32_t *ret)
{
	uint32_t n = v->layout.end_cluster - 2;
	uint8_t entry[4];
	int r;

	for (uint32_t i = 1; i < n; i++) {
		uint32_t cluster = 2 + (uint32_t)(((uint64_t)from - 2 + i) % n);

		r = volume_read_entry(v, cluster, entry);
		if (r < 0)
			return r;
		if (fat_is_free(&v->layout, cluster, entry) && is_in_one_block(v, cluster)) {
			*ret = cluster;
			return 0;
		}
	}
	return -ENOSPC;
}

static int write_zeroes(struct volume *v, uint64_t at, uint32_t len)
{
	uint32_t chunk = len < VOLUME_WINDOW ? len : VOLUME_WINDOW;
	unsigned char *zeroes = volume_block(v);
	ssize_t n;

	memset(zeroes, 0, chunk);
	volume_forget_cache(v);
	for (uint32_t done = 0; done < len; done += chunk) {
		do
			n = pwrite(v->fd, zeroes, chunk, (off_t)(at + done));
		while (n < 0 && errno == EINTR);
		if (n != (ssize_t)chunk)
			return n < 0 ? -errno : -EIO;
	}
	return volume_flush(v);
}

/* A cluster with anything in it would be names that nobody gave. */
static int clear_cluster(struct volume *v, uint32_t cluster)
{
	uint64_t at = fat_cluster_at(&v->layout, cluster);
	uint32_t len = v->layout.cluster_size;
	const uint8_t *slot;
	int r = write_zeroes(v, at, len);

	for (uint32_t i = 0; r == 0 && i < len; i += FAT_SLOT_SIZE) {
		static const uint8_t zeroes[FAT_SLOT_SIZE];

		r = volume_load(v, VOLUME_WINDOW_DIR, at + i, FAT_SLOT_SIZE, &slot);
		if (r == 0 && memcmp(slot, zeroes, FAT_SLOT_SIZE) != 0)
			r = -EIO;
	}
	return r;
}

/* Linux counts for itself (unless mounted with usefree), but fsck.fat complains. */
static int count_taken(struct volume *v)
{
	uint64_t at = v->layout.fsinfo_at, block = at - at % v->block_size;
	unsigned char *bytes = volume_block(v);
	int r;

	if (at == 0)
		return 0;
	r = volume_read(v, bytes, block, v->block_size);
	if (r < 0 || !fat_count_taken(bytes + (at - block)))
		return r;
	return volume_write_block(v, block);
}

/* In each copy of the FAT, in the first one last: what was not done there was never done. */
static int put_entry(struct volume *v, uint32_t cluster, uint32_t next)
{
	const struct fat_layout *l = &v->layout;
	unsigned char *bytes = volume_block(v);
	int r = 0;

	for (unsigned int i = l->n_fats; i > 0 && r == 0; i--) {
		uint64_t at = fat_entry_at(l, cluster) + (i - 1) * l->fat_size;
		uint64_t block = at - at % v->block_size;

		r = volume_read(v, bytes, block, v->block_size);
		if (r < 0)
			return r;
		fat_put_next(l, cluster, bytes + (at - block), next);
		r = volume_write_block(v, block);
	}
	return r;
}

/* Each step is on the disk before the next one. */
static int grow(struct volume *v, uint32_t last)
{
	uint32_t cluster;
	int r;

	r = find_free(v, last, &cluster);
	if (r == 0)
		r = clear_cluster(v, cluster);
	if (r == 0)
		r = count_taken(v);
	if (r == 0)
		r = put_entry(v, cluster, FAT_END);
	if (r == 0)
		r = put_entry(v, last, cluster);
	return r;
}

int volume_make_room(struct volume *v, const char *dir, unsigned int n_slots)
{
	struct extent x;
	int r;

	if (!v->is_alone)
		return -EBADF;
	do {
		r = measure(v, dir, n_slots, &x);
		if (r < 0 || x.has_room)
			return r;
		if (!can_grow(v, &x))
			return VOLUME_ELSEWHERE;
		r = grow(v, x.last);
	} while (r == 0);
	return r;
}
