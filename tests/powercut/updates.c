// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "install.h"
#include "observe.h"
#include "trial.h"
#include "updates.h"

#define UKI_PATH    "/run/new.efi"
#define LARGE_PATH  "/run/large.efi"
#define LINUX_PATH  "/run/new.linux"
#define INITRD_PATH "/run/new.initrd"
#define TREE_PATH   "/run/tree"
#define LARGE	    900000

static void put(const char *path, const uint8_t *data, size_t len, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || ftruncate(fd, size) < 0)
		abort();
	(void)close(fd);
}

/* A UKI of 64 KiB, and one with so much behind it that it fits nowhere. */
static void make_files(void)
{
	static uint8_t kernel[IMAGE_MAX], uki[IMAGE_MAX], initrd[40000];
	struct image_section sections[3] = {
		{".linux", kernel, 0}, {".initrd", initrd, 0}, {".osrel", "ID=new\n", 7}};
	size_t n = image_x86(kernel);

	if (access(UKI_PATH, F_OK) == 0)
		return;
	memset(initrd, 'i', sizeof(initrd));
	memcpy(initrd, "070701", 6);
	sections[0].size = (uint32_t)n;
	sections[1].size = sizeof(initrd);
	put(LINUX_PATH, kernel, n, (off_t)n);
	put(INITRD_PATH, initrd, sizeof(initrd), sizeof(initrd));
	n = image_uki(uki, 0x8664, sections, 3);
	put(UKI_PATH, uki, n, (off_t)n);
	put(LARGE_PATH, uki, n, LARGE);
	(void)mkdir(TREE_PATH, 0755);
	put(TREE_PATH "/shimx64.efi", uki, 12000, 12000);
	put(TREE_PATH "/grubx64.efi", uki, 24000, 24000);
	put(TREE_PATH "/fonts", initrd, 3000, 3000);
}

static struct install_file open_file(const char *path)
{
	struct stat st = {0};
	struct install_file file = {.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};

	if (file.fd >= 0 && fstat(file.fd, &st) == 0)
		file.size = (uint64_t)st.st_size;
	return file;
}

static int begin(struct machine *m, struct facts *f)
{
	make_files();
	observe(m, EVENT_EDIT, f);
	observe_settings(m, f);
	return 0;
}

static int finish(int r, const char *why)
{
	if (r < 0 && getenv("VERBOSE"))
		dprintf(STDOUT_FILENO, "# install: %s: %s\n", strerror(-r), why);
	return r;
}

static int install_uki(struct machine *m, struct facts *f, const char *id, const char *path)
{
	struct install what = {.id = id, .linux_file.fd = -1};
	struct install_cost cost = {0};
	char why[400] = "";
	int r;

	(void)begin(m, f);
	what.uki = open_file(path);
	r = install_slot(m, f, &what, &cost, why, sizeof(why));
	(void)close(what.uki.fd);
	return finish(r, why);
}

int update_uki(struct machine *m, struct facts *f)
{
	return install_uki(m, f, "passive.efi", UKI_PATH);
}

int update_new_uki(struct machine *m, struct facts *f)
{
	return install_uki(m, f, "active2.efi", UKI_PATH);
}

int update_too_large(struct machine *m, struct facts *f)
{
	return install_uki(m, f, "passive.efi", LARGE_PATH) < 0 ? 0 : -EBADE;
}

/* As the verb copy: what is copied lies on the same file system. */
int copy_uki(struct machine *m, struct facts *f)
{
	return install_uki(m, f, "passive.efi", ESP_DIR "/EFI/Linux/active.efi");
}

int update_tree(struct machine *m, struct facts *f)
{
	struct install what = {
		.id = "passive.conf", .tree = TREE_PATH, .uki.fd = -1, .linux_file.fd = -1};
	struct install_cost cost = {0};
	char why[400] = "";

	(void)begin(m, f);
	return finish(install_slot(m, f, &what, &cost, why, sizeof(why)), why);
}

int update_kernel(struct machine *m, struct facts *f)
{
	struct install what = {.id = "passive.conf", .options = "root=LABEL=new", .uki.fd = -1};
	struct install_cost cost = {0};
	char why[400] = "";
	int r;

	(void)begin(m, f);
	what.linux_file = open_file(LINUX_PATH);
	what.initrd[0] = open_file(INITRD_PATH);
	what.n_initrd = 1;
	r = install_slot(m, f, &what, &cost, why, sizeof(why));
	(void)close(what.linux_file.fd);
	(void)close(what.initrd[0].fd);
	return finish(r, why);
}

static int remove_slot(struct machine *m, struct facts *f, const char *id)
{
	char why[400] = "";
	int rung;

	(void)begin(m, f);
	rung = ladder_find(&f->ladder, id);
	if (rung < 0 || f->ladder.rung[rung].missing)
		return 0; /* it is done */
	return finish(install_remove(m, f, rung, true, false, why, sizeof(why)), why);
}

int remove_uki(struct machine *m, struct facts *f)
{
	return remove_slot(m, f, "passive.efi");
}

int remove_entry(struct machine *m, struct facts *f)
{
	return remove_slot(m, f, "passive.conf");
}
