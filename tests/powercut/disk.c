// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image.h"
#include "trial.h"

#define LAY_DIR "/run/lay"
#define ROOM	300000 /* bytes that are free */

static const struct file usual[] = {
	{"loader/entries/passive.conf", "title Passive\nlinux /passive/linux\n", 0},
	{"loader/entries/recovery+3-0.conf", "title Recovery\nlinux /recovery/linux\n", 0},
	{"passive/linux", NULL, 700},
	{"recovery/linux", NULL, 5000},
	{"active/linux", NULL, 3000},
	{"active/initrd", NULL, 9000},
	{NULL, NULL, 0},
};

static _Noreturn void give_up(const char *what)
{
	dprintf(STDOUT_FILENO, "not ok - powercut: disk: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void make_file_system(const struct geometry *g)
{
	char size[16];
	char *argv[] = {"mkfs.vfat",
			"--invariant",
			"-i",
			"0badcafe",
			"-F",
			(char *)g->fat,
			"-s",
			(char *)g->cluster,
			"-S",
			size,
			(char *)g->device->node,
			NULL};
	char *env[] = {"LD_LIBRARY_PATH=/lib", NULL};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	(void)snprintf(size, sizeof(size), "%u", g->block_size);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/run/mkfs.log",
					       O_WRONLY | O_CREAT, 0600);
	if (posix_spawn(&pid, "/mkfs.vfat", &actions, NULL, argv, env) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		give_up("mkfs.vfat");
	(void)posix_spawn_file_actions_destroy(&actions);
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | get16(p + 2) << 16;
}

/* A FAT as it lies in memory. */
struct table {
	uint8_t *fat;
	bool is_32;
	uint32_t last; /* cluster */
};

static uint32_t get_next(const struct table *t, uint32_t cluster)
{
	return t->is_32 ? get32(t->fat + (size_t)cluster * 4) & 0xfffffff
			: get16(t->fat + (size_t)cluster * 2);
}

/* Free clusters behind the first ones are bad from now on: what is free can be filled in no time.
 */
static void mark_bad(const struct table *t, uint32_t keep)
{
	for (uint32_t c = 2; c <= t->last; c++) {
		if (get_next(t, c) != 0 || (keep > 0 && keep--))
			continue;
		if (t->is_32)
			memcpy(t->fat + (size_t)c * 4, "\xf7\xff\xff\x0f", 4);
		else
			memcpy(t->fat + (size_t)c * 2, "\xf7\xff", 2);
	}
}

/* So many bytes stay free. What the file system says of that itself is no longer known. */
static void limit_room(const struct geometry *g, uint32_t room)
{
	uint8_t *disk = g->device->memory;
	uint32_t size = get16(disk + 11), reserved = get16(disk + 14), n_fats = disk[16];
	uint32_t fat = get16(disk + 22) ? get16(disk + 22) : get32(disk + 36);
	uint32_t total = get16(disk + 19) ? get16(disk + 19) : get32(disk + 32);
	uint32_t start = reserved + n_fats * fat + get16(disk + 17) * 32 / size;
	struct table t = {.is_32 = get16(disk + 22) == 0, .last = (total - start) / disk[13] + 1};

	for (uint32_t i = 0; i < n_fats; i++) {
		t.fat = disk + (reserved + i * fat) * (size_t)size;
		mark_bad(&t, room / (size * disk[13]));
	}
	for (uint32_t s = 1; t.is_32 && s <= 7; s += 6)
		memset(disk + (size_t)s * size + 488, 0xff, 8);
}

static void make_dirs(const char *path)
{
	char part[400];

	(void)snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + strlen(LAY_DIR) + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			(void)mkdir(part, 0755);
			*p = '/';
		}
}

static void put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		give_up(path);
	(void)close(fd);
}

/* A kernel's head, and what makes it another one than the next. */
static void put_uki(const char *path, uint8_t *data, size_t len)
{
	static uint8_t uki[IMAGE_MAX], kernel[IMAGE_MAX];
	size_t n = image_x86(kernel);
	const struct image_section sections[2] = {{".linux", data, (uint32_t)len},
						  {".osrel", "ID=old\n", 7}};

	memcpy(data, kernel, n < len ? n : len);
	put(path, uki, image_uki(uki, 0x8664, sections, 2));
}

static void put_file(const struct file *f)
{
	size_t len = f->text ? strlen(f->text) : f->size;
	uint8_t *data = malloc(len + 1);
	uint32_t x = 12345;
	char path[400];

	(void)snprintf(path, sizeof(path), LAY_DIR "/%s", f->path);
	for (const char *p = f->path; *p; p++)
		x = x * 31 + (uint8_t)*p;
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = f->text ? (uint8_t)f->text[i] : (uint8_t)(x >> 24);
	}
	make_dirs(path);
	if (!f->text && len > 8 && strcmp(f->path + strlen(f->path) - 4, ".efi") == 0)
		put_uki(path, data, len);
	else
		put(path, data, len);
	free(data);
}

/* Slots of a name in a directory. */
static unsigned int slots_of(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p >= 'a')
			return ((unsigned int)strlen(name) + 12) / 13 + 1;
	return 1;
}

static void fill(const char *dir, unsigned int *slot, unsigned int until)
{
	static unsigned int number;
	char path[400];

	if (*slot > until)
		give_up("layout");
	for (; *slot < until; (*slot)++) {
		(void)snprintf(path, sizeof(path), LAY_DIR "/%s/F%u", dir, number++ % 100000);
		put(path, NULL, 0);
	}
}

/* first, behind: the slots that the entry and what follows it begin with. */
static void find_slots(const struct trial *t, unsigned int n, unsigned int slot,
		       unsigned int *first, unsigned int *behind)
{
	unsigned int sector = t->geometry->block_size / 32;
	unsigned int cluster = sector * (unsigned int)atoi(t->geometry->cluster);

	*first = slot;
	switch (t->layout) {
	case LAYOUT_CROSS:
		*behind = sector;
		break;
	case LAYOUT_STRADDLE:
		*behind = sector - (n - 1);
		break;
	case LAYOUT_OLD_STRADDLE:
		*first = sector - (n - 1);
		*behind = *first + n;
		break;
	case LAYOUT_FAR:
		*behind = 2 * sector - (n - 1);
		break;
	case LAYOUT_CLUSTER:
		*behind = cluster - (n - 1);
		break;
	default:
		*behind = slot + n;
	}
	while (*first < slot)
		*first += sector;
	while (*behind < *first + n)
		*behind += sector;
}

/* The entries of a directory, in this order: those of the list, the one that the trial is about. */
static void put_all(const struct trial *t, const struct file *files, const char *dir,
		    bool is_inside, unsigned int *slot)
{
	for (const struct file *f = files; f && f->path; f++) {
		size_t len = strlen(dir);
		bool is_here = strncmp(f->path, dir, len) == 0 && f->path[len] == '/';

		if (is_here != is_inside || strcmp(f->path, t->op->entry) == 0)
			continue;
		put_file(f);
		if (is_here)
			*slot += slots_of(f->path + len + 1);
	}
}

static const struct file *find_file(const struct trial *t)
{
	for (const struct file *f = t->op->files; f && f->path; f++)
		if (strcmp(f->path, t->op->entry) == 0)
			return f;
	give_up(t->op->entry);
}

static void put_everything(const struct trial *t)
{
	unsigned int slot = 2, first, behind, none = 0, n;
	const char *name = strrchr(t->op->entry, '/') + 1;
	char dir[320];

	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(name - 1 - t->op->entry), t->op->entry);
	put_all(t, usual, dir, true, &slot);
	put_all(t, t->op->files, dir, true, &slot);
	n = slots_of(name);
	find_slots(t, n, slot, &first, &behind);
	fill(dir, &slot, first);
	put_file(find_file(t));
	slot += n;
	fill(dir, &slot, behind);
	put_all(t, usual, dir, false, &none);
	put_all(t, t->op->files, dir, false, &none);
}

void disk_lay_out(struct trial *t)
{
	struct geometry *g = t->geometry;
	static unsigned int number;

	if (!g->device)
		g->device = device_make(number++, g->mib << 20, g->block_size);
	device_clear(g->device);
	make_file_system(g);
	(void)mkdir(LAY_DIR, 0755);
	if (mount(g->device->node, LAY_DIR, "vfat", MS_NOATIME, NULL) < 0)
		give_up("mount");
	put_everything(t);
	sync();
	if (umount(LAY_DIR) < 0)
		give_up("umount");
	device_flush(g->device);
	limit_room(g, t->op->room ? t->op->room : ROOM);
	device_set_base(g->device);
}

void disk_apply(struct device *d, size_t n_requests)
{
	const struct request *log;
	size_t n;

	device_restore(d);
	log = device_log(d, &n);
	for (size_t i = 0, k = 0; i < n && k < n_requests; i++) {
		if (log[i].type != REQUEST_WRITE)
			continue;
		k++;
		for (uint32_t u = 0; u < log[i].n; u++)
			device_poke(d, log[i].sector + u, log[i].data + (size_t)u * UNIT);
	}
	device_set_base(d);
}

void disk_cut(struct trial *t, size_t n_requests)
{
	struct device *d = t->geometry->device;

	device_record(d);
	if (mount(d->node, LAY_DIR, "vfat", MS_NOATIME, NULL) < 0)
		give_up("mount");
	t->op->prepare(LAY_DIR);
	if (umount(LAY_DIR) < 0)
		give_up("umount");
	device_flush(d);
	device_stop(d);
	disk_apply(d, n_requests);
}
