// SPDX-License-Identifier: LGPL-2.1-or-later
#include "volume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"
#include "volume-block.h"

#define ENTRY_SLOTS (2 * FAT_LONG_SLOTS + 1)

int volume_read(const struct volume *v, unsigned char *buf, uint64_t at, uint64_t len)
{
	uint64_t done = 0;

	while (done < len) {
		ssize_t n = pread(v->fd, buf + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO; /* it has become shorter */
		done += (uint64_t)n;
	}
	return 0;
}

int volume_load(struct volume *v, enum volume_window window, uint64_t at, uint64_t len,
		const uint8_t **ret)
{
	unsigned char *buf = v->buffer + (size_t)window * VOLUME_WINDOW;
	uint64_t start = at - at % VOLUME_WINDOW, n = VOLUME_WINDOW;
	int r;

	if (at > v->size || len > v->size - at || at + len > start + VOLUME_WINDOW)
		return -EUCLEAN;
	if (n > v->size - start)
		n = v->size - start;
	if (v->window_at[window] != start || v->window_len[window] != n) {
		v->window_len[window] = 0;
		r = volume_read(v, buf, start, n);
		if (r < 0)
			return r;
		v->window_at[window] = start;
		v->window_len[window] = n;
	}
	*ret = buf + (at - start);
	return 0;
}

static int get_geometry(struct volume *v)
{
	int block_size, read_only;
	struct stat st;

	if (fstat(v->fd, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode)) {
		v->block_size = 512;
		v->size = (uint64_t)st.st_size - (uint64_t)st.st_size % 512;
		return 0;
	}
	if (ioctl(v->fd, BLKGETSIZE64, &v->size) < 0 || ioctl(v->fd, BLKSSZGET, &block_size) < 0 ||
	    ioctl(v->fd, BLKROGET, &read_only) < 0)
		return -errno;
	if (v->is_alone && read_only) /* the kernel opens it, and refuses each write */
		return -EROFS;
	if (block_size < 512 || block_size > (int)VOLUME_WINDOW || (block_size & (block_size - 1)))
		return -EUCLEAN;
	v->block_size = (unsigned int)block_size;
	return 0;
}

/* The kernel answers EACCES for a write-protected device. An image may lie on a file system that
 * has no O_DIRECT. */
static int open_node(const char *node, bool alone)
{
	int flags = alone ? O_RDWR | O_EXCL | O_DIRECT : O_RDONLY;
	int fd = open(node, flags | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && alone && errno == EINVAL)
		fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == EACCES && alone ? -EROFS : -errno;
	return fd;
}

static int volume_start(struct volume *v)
{
	const uint8_t *boot;
	int r;

	r = get_geometry(v);
	if (r < 0)
		return r;
	if (posix_memalign((void **)&v->buffer, VOLUME_WINDOW,
			   (size_t)(VOLUME_WINDOWS + 1) * VOLUME_WINDOW) != 0) {
		v->buffer = NULL;
		return -ENOMEM;
	}
	r = volume_load(v, VOLUME_WINDOW_DIR, 0, 512, &boot);
	return r < 0 ? r : fat_parse_boot(boot, v->size, &v->layout);
}

int volume_open(const char *node, bool alone, struct volume *ret)
{
	struct volume v = {.is_alone = alone};
	int r;

	v.fd = open_node(node, alone);
	if (v.fd < 0)
		return v.fd;
	r = volume_start(&v);
	if (r < 0) {
		volume_close(&v);
		return r;
	}
	*ret = v;
	return 0;
}

void volume_close(struct volume *v)
{
	closep(&v->fd);
	v->fd = -1;
	free(v->buffer);
	v->buffer = NULL;
}

bool volume_is_dirty(const struct volume *v)
{
	return v->layout.is_dirty;
}

int volume_read_entry(struct volume *v, uint32_t cluster, uint8_t ret[4])
{
	uint64_t at = fat_entry_at(&v->layout, cluster);
	const uint8_t *p;
	int r;

	if (!fat_has_cluster(&v->layout, cluster))
		return -EUCLEAN;
	/* Byte by byte: one of 12 bits may cross a sector. */
	for (unsigned int i = 0; i < (v->layout.type == 32 ? 4u : 2u); i++) {
		r = volume_load(v, VOLUME_WINDOW_FAT, at + i, 1, &p);
		if (r < 0)
			return r;
		ret[i] = *p;
	}
	return 0;
}

int volume_next_cluster(struct volume *v, uint32_t cluster, uint32_t *ret)
{
	uint8_t bytes[4] = {0};
	int r = volume_read_entry(v, cluster, bytes);

	if (r < 0)
		return r;
	*ret = fat_next(&v->layout, cluster, bytes);
	return 0;
}

/* A walk over the slots of a directory. */
struct walk {
	struct volume *v;
	uint32_t cluster; /* that it is in; 0 = the root of FAT12 and 16 */
	uint64_t next_at; /* the next slot */
	uint32_t left;	  /* bytes from there to the end of the cluster */
	struct fat_scan scan;
	/* The slot that it is at. */
	const uint8_t *slot;
	unsigned int nth;	  /* 0.. */
	uint64_t at[ENTRY_SLOTS]; /* of it and those before: of the i-th slot [i % ENTRY_SLOTS] */
	bool is_begun;
};

static void walk_start(struct walk *w, struct volume *v, uint32_t cluster)
{
	const struct fat_layout *l = &v->layout;

	*w = (struct walk){.v = v, .cluster = cluster};
	if (cluster == 0)
		cluster = w->cluster = l->root_cluster;
	w->next_at = cluster == 0 ? l->root_at : fat_cluster_at(l, cluster);
	w->left = cluster == 0 ? l->root_size : l->cluster_size;
}

/* FAT_END as the next cluster, at the end. */
static int walk_on(struct walk *w)
{
	uint32_t next = FAT_END;
	int r;

	if (w->cluster != 0) {
		r = volume_next_cluster(w->v, w->cluster, &next);
		if (r < 0)
			return r;
	}
	if (next == FAT_BROKEN)
		return -EUCLEAN;
	w->cluster = next;
	if (next == FAT_END)
		return 0;
	w->next_at = fat_cluster_at(&w->v->layout, next);
	w->left = w->v->layout.cluster_size;
	return 0;
}

/* The next slot: enum fat_slot, or negative errno. A chain that goes in a circle ends, because a
 * directory has a limit. */
static int walk_slot(struct walk *w)
{
	int r;

	if (w->left == 0) {
		r = walk_on(w);
		if (r < 0)
			return r;
		if (w->cluster == FAT_END)
			return FAT_SLOT_END;
	}
	w->nth = w->is_begun ? w->nth + 1 : 0;
	w->is_begun = true;
	if (w->nth == FAT_DIR_SLOTS)
		return -EUCLEAN;
	r = volume_load(w->v, VOLUME_WINDOW_DIR, w->next_at, FAT_SLOT_SIZE, &w->slot);
	if (r < 0)
		return r;
	w->at[w->nth % ENTRY_SLOTS] = w->next_at;
	w->next_at += FAT_SLOT_SIZE;
	w->left -= FAT_SLOT_SIZE;
	r = (int)fat_scan_slot(&w->scan, w->slot);
	if (r != FAT_SLOT_END)
		return r;
	/* The firmware stops here. Linux goes on, and a power cut leaves entries behind it: their
	 * first slots did not reach the disk. */
	w->scan = (struct fat_scan){0};
	return FAT_SLOT_FREE;
}

/* The next entry: 1, 0 at the end, or negative errno. */
static int walk_entry(struct walk *w)
{
	int r;

	do
		r = walk_slot(w);
	while (r > FAT_SLOT_END && (r != FAT_SLOT_ENTRY || fat_slot_is_dot(w->slot)));
	return r < 0 ? r : r != FAT_SLOT_END;
}

static uint64_t slot_at(const struct walk *w, unsigned int before)
{
	return w->at[(w->nth - before) % ENTRY_SLOTS];
}

/* FAT ignores the case of letters; of others than ASCII only the kernel knows it. */
static bool is_named(const struct walk *w, const char *name)
{
	char text[FAT_TEXT_SIZE];

	fat_scan_name(&w->scan, w->slot, text);
	if (strcasecmp(text, name) == 0)
		return true;
	fat_short_name(w->slot, text);
	return strcasecmp(text, name) == 0;
}

int volume_find_dir(struct volume *v, const char *path, uint32_t *ret)
{
	char part[FAT_TEXT_SIZE];
	uint32_t cluster = 0;
	struct walk w;
	size_t len;
	int r;

	for (; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		if (len == 0)
			continue;
		if (len >= sizeof(part))
			return -ENAMETOOLONG;
		memcpy(part, path, len);
		part[len] = '\0';
		walk_start(&w, v, cluster);
		while ((r = walk_entry(&w)) > 0 && !is_named(&w, part))
			;
		if (r <= 0)
			return r < 0 ? r : -ENOENT;
		if (!fat_slot_is_dir(w.slot))
			return -ENOTDIR;
		cluster = fat_slot_cluster(&v->layout, w.slot);
		if (!fat_has_cluster(&v->layout, cluster))
			return -EUCLEAN;
	}
	*ret = cluster;
	return 0;
}

static void fill_entry(const struct walk *w, struct volume_entry *e)
{
	fat_scan_name(&w->scan, w->slot, e->name);
	fat_short_name(w->slot, e->short_name);
	e->cluster = fat_slot_cluster(&w->v->layout, w->slot);
	e->size = fat_slot_size(w->slot);
	e->slot = w->nth;
	e->is_dir = fat_slot_is_dir(w->slot);
	e->is_read_only = fat_slot_is_read_only(w->slot);
	e->is_whole = w->scan.is_whole;
}

int volume_each(struct volume *v, const char *dir, volume_entry_fn fn, void *data)
{
	struct volume_entry e;
	uint32_t cluster;
	struct walk w;
	int r;

	r = volume_find_dir(v, dir, &cluster);
	if (r < 0)
		return r;
	walk_start(&w, v, cluster);
	while ((r = walk_entry(&w)) > 0) {
		fill_entry(&w, &e);
		r = fn(data, &e);
		if (r < 0)
			return r;
	}
	return r;
}

/* Counted to the number of clusters that there are: more is a loop. */
static int count_chain(struct volume *v, uint32_t cluster, uint32_t *ret)
{
	uint32_t n = 0;
	int r;

	while (cluster != FAT_END) {
		if (!fat_has_cluster(&v->layout, cluster) || n == v->layout.end_cluster)
			return 1;
		n++;
		r = volume_next_cluster(v, cluster, &cluster);
		if (r < 0)
			return r;
	}
	*ret = n;
	return 0;
}

int volume_check_chain(struct volume *v, const struct volume_entry *e)
{
	uint32_t size = v->layout.cluster_size;
	uint32_t n = 0, want = e->size / size + (e->size % size > 0);
	int r;

	if (e->cluster != 0 || e->is_dir) {
		r = count_chain(v, e->cluster, &n);
		if (r != 0)
			return r < 0 ? r : CHAIN_BROKEN;
	}
	if (e->is_dir || n == want)
		return CHAIN_WHOLE;
	return n < want ? CHAIN_SHORT : CHAIN_LONG;
}

unsigned char *volume_block(const struct volume *v)
{
	return v->buffer + (size_t)VOLUME_WINDOWS * VOLUME_WINDOW;
}

static uint64_t block_of(const struct volume *v, uint64_t at)
{
	return at - at % v->block_size;
}

void volume_forget_cache(struct volume *v)
{
	v->window_len[VOLUME_WINDOW_DIR] = v->window_len[VOLUME_WINDOW_FAT] = 0;
}

int volume_flush(struct volume *v)
{
	return fdatasync(v->fd) < 0 ? -errno : 0;
}

int volume_write_block(struct volume *v, uint64_t at)
{
	unsigned char *block = volume_block(v), *back = v->buffer;
	ssize_t n;
	int r;

	volume_forget_cache(v);
	v->is_unsure = true;
	do
		n = pwrite(v->fd, block, v->block_size, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)v->block_size)
		return n < 0 ? -errno : -EIO;
	r = volume_flush(v);
	if (r == 0)
		r = volume_read(v, back, at, v->block_size);
	if (r == 0 && memcmp(block, back, v->block_size) != 0)
		r = -EIO;
	if (r == 0)
		v->is_unsure = false;
	return r;
}

/* Finds the entry of the old name, and looks through all others. w: at that entry. 0; -ENOENT;
 * -EEXIST; -EUCLEAN. */
static int find_to_rename(struct volume *v, const char *dir, const char *old_name,
			  const char *new_name, struct walk *ret)
{
	bool is_found = false, is_taken = false;
	uint32_t cluster;
	struct walk w;
	int r;

	r = volume_find_dir(v, dir, &cluster);
	if (r < 0)
		return r;
	walk_start(&w, v, cluster);
	while ((r = walk_entry(&w)) > 0) {
		if (is_named(&w, old_name)) {
			if (is_found)
				return -EUCLEAN;
			is_found = true;
			*ret = w;
		} else {
			is_taken |= is_named(&w, new_name);
		}
	}
	if (r < 0)
		return r;
	if (!is_found)
		return -ENOENT;
	return is_taken ? -EEXIST : 0;
}

/* How many deleted slots the new name takes; -1: it cannot be. slot: the short entry. */
static int slots_to_take(const struct walk *w, const uint8_t *slot, const char *old_name,
			 const char *new_name)
{
	unsigned int need = fat_long_slots(new_name), take, n = w->scan.n_long;
	char alias[FAT_SHORT_SIZE];

	fat_short_name(slot, alias);
	if (n == 0 || strcasecmp(alias, old_name) == 0)
		return -1;
	take = need > n ? need - n : 0;
	if (take > w->scan.n_free)
		return -1;
	for (unsigned int i = 1; i <= n + take; i++)
		if (slot_at(w, i) != slot_at(w, 0) - (uint64_t)i * FAT_SLOT_SIZE)
			return -1;
	if (block_of(w->v, slot_at(w, n + take)) != block_of(w->v, slot_at(w, 0)))
		return -1;
	return (int)take;
}

int volume_rename(struct volume *v, const char *dir, const char *old_name, const char *new_name)
{
	unsigned char *block = volume_block(v);
	uint64_t at, entry_at;
	struct walk w = {0};
	unsigned int n;
	int r;

	if (!v->is_alone)
		return -EBADF;
	if (!fat_is_plain_name(old_name) || !fat_is_plain_name(new_name))
		return VOLUME_ELSEWHERE;
	r = find_to_rename(v, dir, old_name, new_name, &w);
	if (r < 0)
		return r;
	entry_at = slot_at(&w, 0);
	at = block_of(v, entry_at);
	r = volume_read(v, block, at, v->block_size);
	if (r < 0)
		return r;
	r = slots_to_take(&w, block + (entry_at - at), old_name, new_name);
	if (r < 0)
		return VOLUME_ELSEWHERE;
	n = w.scan.n_long + (unsigned int)r;
	r = fat_put_long_name(block + (slot_at(&w, n) - at), n, new_name);
	return r < 0 ? r : volume_write_block(v, at);
}

/* Deletes those slots of an entry that lie in the block of the given one. */
static int delete_in_block(struct volume *v, const struct walk *w, uint64_t at)
{
	unsigned char *block = volume_block(v);
	int r = volume_read(v, block, at, v->block_size);

	if (r < 0)
		return r;
	for (unsigned int i = 0; i <= w->scan.n_long; i++)
		if (block_of(v, slot_at(w, i)) == at)
			block[slot_at(w, i) - at] = 0xe5;
	return volume_write_block(v, at);
}

/* The short entry first: parts of a long name without it are nothing. */
static int delete_slots(struct volume *v, const struct walk *w)
{
	uint64_t at, last = UINT64_MAX;
	int r = 0;

	for (unsigned int i = 0; i <= w->scan.n_long && r == 0; i++) {
		at = block_of(v, slot_at(w, i));
		if (at != last)
			r = delete_in_block(v, w, at);
		last = at;
	}
	return r;
}

/* name: NULL = the one at this slot. */
static int forget(struct volume *v, const char *dir, const char *name,
		  const struct volume_entry *want)
{
	struct volume_entry e;
	uint32_t cluster;
	struct walk w;
	int r;

	if (!v->is_alone)
		return -EBADF;
	r = volume_find_dir(v, dir, &cluster);
	if (r < 0)
		return r;
	walk_start(&w, v, cluster);
	while ((r = walk_entry(&w)) > 0)
		if (want ? w.nth == want->slot : is_named(&w, name))
			break;
	if (r <= 0)
		return r < 0 ? r : want ? -ESTALE : -ENOENT;
	fill_entry(&w, &e);
	if (want && (strcmp(e.name, want->name) != 0 || e.cluster != want->cluster))
		return -ESTALE;
	return delete_slots(v, &w);
}

int volume_forget(struct volume *v, const char *dir, const char *name)
{
	return forget(v, dir, name, NULL);
}

int volume_forget_entry(struct volume *v, const char *dir, const struct volume_entry *e)
{
	return forget(v, dir, NULL, e);
}
