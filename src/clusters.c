// SPDX-License-Identifier: LGPL-2.1-or-later
#include "clusters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doors/root.h"
#include "text.h"

#define DEPTH_MAX 12
#define PATH_SIZE 1024

struct walk {
	struct volume *v;
	unsigned char *own; /* a bit for each cluster of the file */
	const char *file_dir, *file_name, *dir;
	unsigned int depth;
	bool is_shared;
};

static void free_bits(unsigned char **bits)
{
	free(*bits);
}

/* Follows a chain: marks its clusters, or looks whether one is marked. */
static int follow(struct walk *w, uint32_t cluster, bool is_mark)
{
	uint32_t left = w->v->layout.end_cluster;
	int r;

	while (fat_has_cluster(&w->v->layout, cluster)) {
		unsigned char *byte = &w->own[cluster / 8];
		unsigned char bit = (unsigned char)(1u << cluster % 8);

		if (*byte & bit || left-- == 0) { /* marked while it is marked: a loop */
			w->is_shared = true;
			return 0;
		}
		if (is_mark)
			*byte |= bit;
		r = volume_next_cluster(w->v, cluster, &cluster);
		if (r < 0)
			return r;
	}
	return 0;
}

static int look(void *data, const struct volume_entry *e);

static int walk_below(struct walk *w, const char *name)
{
	char path[PATH_SIZE];
	struct walk below = *w;
	struct text t;
	int r;

	text_init(&t, path, sizeof(path));
	text_str(&t, w->dir);
	text_str(&t, w->dir[0] ? "/" : "");
	text_str(&t, name);
	if (t.full || w->depth == DEPTH_MAX) {
		w->is_shared = true;
		return 0;
	}
	below.dir = path;
	below.depth++;
	r = volume_each(w->v, path, look, &below);
	w->is_shared = below.is_shared;
	return r;
}

static int look(void *data, const struct volume_entry *e)
{
	struct walk *w = data;
	int r;

	if (w->is_shared)
		return 0;
	if (strcasecmp(w->dir, w->file_dir) == 0 && strcasecmp(e->name, w->file_name) == 0)
		return 0;
	r = follow(w, e->cluster, false);
	if (r < 0 || w->is_shared || !e->is_dir)
		return r;
	return walk_below(w, e->name);
}

int clusters_are_own(struct volume *v, const char *dir, const struct volume_entry *e)
{
	_cleanup_(free_bits) unsigned char *own = calloc(v->layout.end_cluster / 8 + 1, 1);
	struct walk w = {.v = v, .own = own, .file_dir = dir, .file_name = e->name, .dir = ""};
	int r;

	if (!own)
		return -ENOMEM;
	r = follow(&w, e->cluster, true);
	if (r == 0 && !w.is_shared)
		r = volume_each(v, "", look, &w);
	if (r < 0)
		return r;
	return !w.is_shared;
}
