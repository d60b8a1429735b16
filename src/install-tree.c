// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "doors/dir.h"
#include "doors/tree.h"
#include "fitness.h"
#include "install-job.h"
#include "kernel.h"
#include "pe.h"

#define NUMBER_SIZE    24
#define ROOM_CLUSTERS  8 /* for the journal, and what directories grow by */
#define TREE_FILES_MAX 4096

/* Boot loaders come last: what they load is then new already, and each of them starts the old one
 * as well as the new one. */
enum pass { PASS_LOOK, PASS_FILES, PASS_LOADERS };

struct tree {
	struct job *j;
	enum pass pass;
	char target[JOB_PATH_SIZE]; /* "EFI/fedora" */
	const char *own;	    /* the entry's file in it: "shimx64.efi" */
	uint64_t cluster, largest;  /* of the files that are replaced */
	unsigned int n_files;
	bool has_own;
};

static bool begins(const char *name, const char *with)
{
	return strncasecmp(name, with, strlen(with)) == 0;
}

static bool is_loader(const struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	if (strcasecmp(path, t->own) == 0 || begins(name, "shim"))
		return true;
	return begins(name, "boot") && len > 4 && strcasecmp(name + len - 4, ".efi") == 0;
}

/* "EFI/VENDOR" of "EFI/VENDOR/shimx64.efi": never EFI or the root itself, nor EFI/Linux. */
static int find_target(struct tree *t, char image[JOB_PATH_SIZE])
{
	struct job *j = t->j;
	const struct bls_entry *e = &j->old;
	struct slice path = e->efi.len > 0	    ? e->efi
			    : e->linux_path.len > 0 ? e->linux_path
						    : e->uki;
	char above[JOB_PATH_SIZE];

	if (job_clean_path(path, image) < 0)
		return job_refuse(j, -EINVAL, "\"", j->r.name, "\" names no file to start");
	t->own = job_split_path(image, t->target);
	(void)job_split_path(t->target, above);
	if (strcasecmp(above, "EFI") != 0 || strcasecmp(t->target, "EFI/Linux") == 0)
		return job_refuse(j, -EINVAL, "\"", j->r.name, "\" starts \"", image,
				  "\", which is not in a folder EFI/VENDOR");
	return 0;
}

static uint64_t round_up(uint64_t size, uint64_t cluster)
{
	return cluster ? (size + cluster - 1) / cluster * cluster : size;
}

/* Neither a byte that no name may have, nor a blank or dot at an end, which vfat drops. */
static bool is_fat_path(const char *path)
{
	for (const char *p = path; *p; p++) {
		bool is_end = p[1] == '\0' || p[1] == '/';

		if ((unsigned char)*p < ' ' || *p == '\x7f' || strchr("\"*:<>?\\|", *p) ||
		    (is_end && (*p == ' ' || *p == '.')))
			return false;
	}
	return true;
}

/* The machine of a PE program stands behind its signature, whose place is at 0x3c. Source: PE
 * Format, "MS-DOS Stub", "COFF File Header". 0 = it cannot be told. */
static unsigned int machine_of(const uint8_t *head, size_t len)
{
	size_t at;

	if (len < 64 || memcmp(head, "MZ", 2) != 0)
		return 0;
	at = head[0x3c] | (size_t)head[0x3d] << 8 | (size_t)head[0x3e] << 16;
	if (at + 6 > len || memcmp(head + at, "PE\0", 4) != 0)
		return 0;
	return head[at + 4] | (unsigned int)head[at + 5] << 8;
}

static int check_own(struct tree *t, const struct install_file *from)
{
	uint8_t head[PE_HEAD_SIZE];
	ssize_t n = dir_read_at(from->fd, 0, head, sizeof(head));

	unsigned int machine = n < 0 ? 0 : machine_of(head, (size_t)n);

	if (n < 2 || memcmp(head, "MZ", 2) != 0)
		return job_refuse(t->j, -EINVAL, "\"", from->path, "\" is no EFI program");
	if (machine != 0 && ARCH_NATIVE != ARCH_NONE && machine != kernel_machine(ARCH_NATIVE))
		return job_refuse(t->j, -EINVAL, "\"", from->path,
				  "\" is built for another machine");
	t->has_own = true;
	t->j->cost->is_unsigned = !pe_is_signed(head, (size_t)n, from->size);
	if (t->j->cost->is_unsigned && !t->j->what->force && fitness_is_secure_boot(t->j->m))
		return job_refuse(t->j, -EKEYREJECTED, "\"", from->path,
				  "\" carries no signature, and Secure Boot is on (--force)");
	return 0;
}

static int look_at(struct tree *t, const char *path, const char *target,
		   const struct install_file *from)
{
	struct install_cost *cost = t->j->cost;
	uint64_t size = round_up(from->size, t->cluster), old_size = 0;
	int fd = t->j->m->store[t->j->r.place].fd;

	if (++t->n_files > TREE_FILES_MAX)
		return job_refuse(t->j, -E2BIG, "\"", t->j->what->tree, "\" has too many files");
	if (!is_fat_path(path))
		return job_refuse(t->j, -EINVAL, "\"", path, "\" is no name for a FAT file system");
	if (strcasecmp(path, t->own) == 0 && check_own(t, from) < 0)
		return -EINVAL;
	if (job_is_same(fd, target, from))
		return 0;
	if (!t->j->what->force && dir_exists(fd, target) &&
	    job_is_named(t->j->m, t->j->r.place, target, t->j->r.name))
		return job_refuse(t->j, -EPERM, "\"", target,
				  "\" is started by another entry too (--force)");
	cost->changed += from->size;
	if (dir_file_size(fd, target, &old_size) == 0 && size > t->largest)
		t->largest = size;
	old_size = round_up(old_size, t->cluster);
	cost->needed += size > old_size ? size - old_size : 0;
	return 0;
}

static void count_bytes(void *data, uint64_t bytes)
{
	struct job *j = data;

	j->done += bytes;
	if (j->what->progress)
		j->what->progress(j->what->data, j->done, j->cost->written);
}

static int write_one(struct tree *t, const char *target, const struct install_file *from)
{
	struct job *j = t->j;
	int fd = j->m->store[j->r.place].fd, r;
	char dir[JOB_PATH_SIZE], temporary[NAME_SIZE];
	const char *name = job_split_path(target, dir);
	struct esp_source src = {.fd = from->fd,
				 .size = from->size,
				 .mtime = &from->mtime,
				 .progress = count_bytes,
				 .data = j};

	if (job_is_same(fd, target, from))
		return 0;
	r = esp_copy_new(fd, dir, name, &src);
	if (r == -EEXIST) {
		r = esp_copy_over(fd, dir, name, &src, temporary);
		if (r == 0)
			r = esp_unlink(fd, dir, temporary);
	}
	return r < 0 ? job_refuse(j, r, "cannot write \"", target, "\": ", strerror(-r)) : 0;
}

static int visit(void *data, const char *path, const struct source *file)
{
	struct tree *t = data;
	struct install_file from = {
		.path = path, .fd = file->fd, .size = file->size, .mtime = file->mtime};
	char target[JOB_PATH_SIZE];
	struct text text;

	text_init(&text, target, sizeof(target));
	text_str(&text, t->target);
	text_char(&text, '/');
	text_str(&text, path);
	if (text.full)
		return job_refuse(t->j, -ENAMETOOLONG, "\"", path, "\" is too long a name");
	if (t->pass == PASS_LOOK)
		return look_at(t, path, target, &from);
	return (t->pass == PASS_LOADERS) == is_loader(t, path) ? write_one(t, target, &from) : 0;
}

static int walk(struct tree *t, enum pass pass)
{
	int r;

	t->pass = pass;
	t->j->why.len = 0;
	r = tree_each(t->j->what->tree, visit, t);
	if (r < 0 && t->j->why.len == 0)
		return job_refuse(t->j, r, "cannot read \"", t->j->what->tree, "\": ",
				  r == -ELOOP ? "it holds a symbolic link or a special file, or is "
						"too deep"
					      : strerror(-r));
	return r;
}

static int check_room(struct tree *t)
{
	struct install_cost *cost = t->j->cost;
	char needed[NUMBER_SIZE], have[NUMBER_SIZE];
	struct text text;

	cost->written = cost->changed;
	if (cost->changed > 0)
		cost->needed += t->largest + ROOM_CLUSTERS * t->cluster;
	if (cost->needed <= cost->free)
		return 0;
	text_init(&text, needed, sizeof(needed));
	text_uint(&text, (unsigned long)cost->needed, 0);
	text_init(&text, have, sizeof(have));
	text_uint(&text, (unsigned long)cost->free, 0);
	return job_refuse(t->j, -ENOSPC, "not enough room on ", place_name(t->j->r.place), ": ",
			  needed, " bytes are needed, ", have, " are free");
}

static int write_step(struct job *j, enum update_step step)
{
	struct update u = {.step = step, .type = 1};
	int r;

	memcpy(u.id, j->r.id, sizeof(u.id));
	r = journal_update(j->m, j->r.place, &u);
	return r < 0 ? job_refuse(j, r, "cannot write the journal: ", strerror(-r)) : 0;
}

static int write_tree(struct tree *t)
{
	struct job *j = t->j;
	int r = machine_begin_write(j->m, j->r.place);

	if (r < 0)
		return job_refuse(j, r, "cannot make the file system writable: ",
				  strerror(r == -EACCES ? EROFS : -r));
	r = write_step(j, UPDATE_TREE);
	if (r == 0)
		r = walk(t, PASS_FILES);
	if (r == 0)
		r = walk(t, PASS_LOADERS);
	if (r == 0)
		r = write_step(j, UPDATE_DONE);
	machine_end_write(j->m, j->r.place);
	return r;
}

int job_install_tree(struct job *j)
{
	struct tree t = {.j = j};
	char image[JOB_PATH_SIZE];
	int r;

	if (!j->r.name[0] || j->r.type != 1)
		return job_refuse(j, -EINVAL, "\"", j->r.id,
				  "\" is no entry of type #1 that is there: it says which folder "
				  "is meant");
	r = job_read_entry(j);
	if (r == 0)
		r = find_target(&t, image);
	if (r < 0)
		return r;
	r = esp_room(j->m->store[j->r.place].fd, &j->cost->free, &t.cluster);
	if (r < 0)
		return job_refuse(j, r, "cannot tell what is free: ", strerror(-r));
	r = walk(&t, PASS_LOOK);
	if (r == 0 && !t.has_own)
		r = job_refuse(j, -EINVAL, "\"", j->what->tree, "\" has no file \"", t.own,
			       "\", which the entry starts");
	if (r == 0 && j->cost->changed > 0)
		r = job_check_overwrite(j);
	if (r == 0)
		r = check_room(&t);
	if (r < 0 || j->what->dry_run || j->cost->changed == 0)
		return r;
	/* Before the first file: new content must never be there without a counter. */
	r = job_try_exchange(j);
	j->cost->is_begun = r == 0;
	if (r == 0 && !job_has_counter(j))
		r = job_arm(j);
	if (r == 0)
		r = write_tree(&t);
	return r < 0 ? r : job_arm(j);
}
