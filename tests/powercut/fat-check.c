// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fat-check.h"

#define DEPTH_MAX 8

struct check {
	const uint8_t *disk, *fat, *data;
	uint32_t cluster_size, last;
	bool is_32;
	uint8_t *is_used;
	char *why;
	size_t size;
};

static uint32_t get16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static uint32_t get_next(const struct check *c, uint32_t cluster)
{
	uint32_t next = c->is_32 ? get32(c->fat + (size_t)cluster * 4) & 0xfffffff
				 : get16(c->fat + (size_t)cluster * 2);

	return !c->is_32 && next >= 0xfff0 ? next | 0xfff0000 : next;
}

static bool refuse(struct check *c, const char *what, const uint8_t *slot, uint32_t cluster)
{
	(void)snprintf(c->why, c->size, "chain: %.11s: %s, cluster %u",
		       slot ? (const char *)slot : "/", what, cluster);
	return false;
}

/* Takes the clusters of a chain; their number, or 0. */
static uint32_t walk_chain(struct check *c, const uint8_t *slot, uint32_t cluster)
{
	uint32_t n = 0;

	for (;; n++) {
		if (cluster >= 0xffffff8)
			return n;
		if (cluster < 2 || cluster > c->last)
			return refuse(c, cluster == 0 ? "a free cluster" : "a bad or no cluster",
				      slot, cluster);
		if (c->is_used[cluster])
			return refuse(c, "a shared cluster", slot, cluster);
		if (get_next(c, cluster) == 0)
			return refuse(c, "a free cluster", slot, cluster);
		c->is_used[cluster] = 1;
		cluster = get_next(c, cluster);
	}
}

static bool check_chain(struct check *c, uint32_t first, unsigned int depth);

static bool check_slot(struct check *c, const uint8_t *slot, unsigned int depth)
{
	uint32_t first = get16(slot + 26) | (c->is_32 ? get16(slot + 20) << 16 : 0);
	uint32_t bytes = get32(slot + 28), n;
	bool is_dir = slot[11] & 0x10;

	if (slot[0] == '.' || slot[11] & 0x08)
		return true;
	if (first == 0)
		return (bytes == 0 && !is_dir) || refuse(c, "a size and no cluster", slot, 0);
	n = walk_chain(c, slot, first);
	if (n == 0)
		return false;
	if (is_dir)
		return depth < DEPTH_MAX && check_chain(c, first, depth + 1);
	if (n != (bytes + c->cluster_size - 1) / c->cluster_size)
		return refuse(c, "its chain has another length than its size", slot, n);
	return true;
}

/* False at the end or at an error; *ret_good tells. */
static bool check_slots(struct check *c, const uint8_t *p, uint32_t n, unsigned int depth,
			bool *ret_good)
{
	for (uint32_t i = 0; i < n; i++, p += 32) {
		if (p[0] == 0)
			return false;
		if (p[0] == 0xe5 || p[11] == 0x0f)
			continue;
		*ret_good = check_slot(c, p, depth);
		if (!*ret_good)
			return false;
	}
	return true;
}

/* The clusters of a directory, which walk_chain() has found to be sound. */
static bool check_chain(struct check *c, uint32_t first, unsigned int depth)
{
	bool is_good = true;

	for (uint32_t k = first; k < 0xffffff8; k = get_next(c, k))
		if (!check_slots(c, c->data + (size_t)(k - 2) * c->cluster_size,
				 c->cluster_size / 32, depth, &is_good))
			break;
	return is_good;
}

bool fat_check(const uint8_t *disk, char *why, size_t size)
{
	uint32_t sector = get16(disk + 11), reserved = get16(disk + 14), n_fats = disk[16];
	uint32_t fat = get16(disk + 22) ? get16(disk + 22) : get32(disk + 36);
	uint32_t total = get16(disk + 19) ? get16(disk + 19) : get32(disk + 32);
	uint32_t n_root = get16(disk + 17), root = reserved + n_fats * fat;
	uint32_t start = root + n_root * 32 / sector;
	struct check c = {.disk = disk,
			  .fat = disk + (size_t)reserved * sector,
			  .data = disk + (size_t)start * sector,
			  .cluster_size = sector * disk[13],
			  .last = (total - start) / disk[13] + 1,
			  .is_32 = get16(disk + 22) == 0,
			  .why = why,
			  .size = size};
	bool is_good = true;

	c.is_used = calloc(1, c.last + 1);
	if (!c.is_used)
		abort();
	if (!c.is_32)
		(void)check_slots(&c, disk + (size_t)root * sector, n_root, 0, &is_good);
	else
		is_good = walk_chain(&c, NULL, get32(disk + 44)) > 0 &&
			  check_chain(&c, get32(disk + 44), 0);
	free(c.is_used);
	return is_good;
}

/* Lines of what is fine; see the header. */
static bool is_harmless(const char *line)
{
	static const char *const words[] = {
		"fsck.fat ",
		"Cannot init",
		"Using internal",
		"Dirty bit",
		"There are diff",
		"This is mostly",
		"  65:",
		"  Not auto",
		"  Auto",
		" Auto",
		"Automatically",
		"FATs differ",
		"Reclaimed",
		"Reclaiming",
		"Orphan",
		"Free cluster",
		"Leaving",
		"Performing",
		"/dev/",
		"\n",
		"  Using first",
		"  Possibly",
		"  Not correcting",
		"Not auto",
		"A new long",
		"Start of long",
		"Wrong checksum",
		"  (Slot",
		"Unfinished long",
		"Long filename fragment",
		"  (Maybe",
		"There's a LFN",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static bool run_program(const char *node, int *ret_status)
{
	char *argv[] = {"fsck.fat", "-n", (char *)node, NULL};
	char *env[] = {"LD_LIBRARY_PATH=/lib", NULL};
	posix_spawn_file_actions_t actions;
	bool is_run;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/run/fsck.log",
					       O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	is_run = posix_spawn(&pid, "/fsck.fat", &actions, NULL, argv, env) == 0 &&
		 waitpid(pid, ret_status, 0) == pid;
	(void)posix_spawn_file_actions_destroy(&actions);
	return is_run;
}

bool fat_check_by_program(const char *node, char *why, size_t size)
{
	bool is_fine = true;
	int status = -1;
	char line[300];
	FILE *f;

	if (!run_program(node, &status) || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		(void)snprintf(why, size, "fsck.fat ended with status %d", status);
		return false;
	}
	f = fopen("/run/fsck.log", "re");
	while (f && fgets(line, sizeof(line), f))
		if (is_fine && !is_harmless(line)) {
			is_fine = false;
			(void)snprintf(why, size, "fsck.fat: %.*s", (int)strcspn(line, "\n"), line);
		}
	if (f)
		(void)fclose(f);
	return is_fine && f;
}
