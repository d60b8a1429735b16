// SPDX-License-Identifier: LGPL-2.1-or-later
#include "staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/mount.h"
#include "tap.h"

struct machine machine;
const struct rung uki_rung = {.type = 2, .name = "passive+3-0.efi", .id = "passive.efi"};
const struct rung conf_rung = {.type = 1, .name = "passive+3-0.conf", .id = "passive.conf"};
char why[200];
uint8_t image[IMAGE_MAX], kernel[IMAGE_MAX];
size_t image_size, kernel_size;

void make_uki(const char *ucode, const char *initrd, uint16_t pe_machine)
{
	const struct image_section sections[] = {
		{".osrel", "ID=test\n", 8},
		{".cmdline", "root=/dev/vda2 quiet\n", 21},
		{".initrd", initrd, (uint32_t)strlen(initrd)},
		{".ucode", ucode, (uint32_t)strlen(ucode)},
		{".linux", kernel, (uint32_t)kernel_size},
	};

	image_size = image_uki(image, pe_machine, sections, 5);
	EQ(put(UKI, image, image_size), 0, "setup");
}

void put_conf(const char *text)
{
	EQ(put(CONF, text, strlen(text)), 0, "setup");
}

void put_files(void)
{
	EQ(put("a.img", INITRD_A, strlen(INITRD_A)), 0, "setup");
	EQ(put("b.img", INITRD_B, strlen(INITRD_B)), 0, "setup");
	EQ(put("linux", kernel, kernel_size), 0, "setup");
}

int check(const struct rung *r, struct stage *s)
{
	return stage_check(&machine, r, 7, false, s, why, sizeof(why));
}

int n_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

void check_memfd(int fd, const void *data, size_t len, const char *name)
{
	static uint8_t got[IMAGE_MAX];
	ssize_t n = pread(fd, got, sizeof(got), 0);

	OK(n == (ssize_t)len && memcmp(got, data, len) == 0, "%s: content", name);
	OK(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM, "%s: sealed", name);
}

void set_up(const char *dir)
{
	static const char *const dirs[] = {"EFI", "EFI/Linux", "loader", "loader/entries",
					   "sys", "sys/kernel"};

	(void)mkdir(dir, 0755);
	OK(chdir(dir) == 0, "setup: %s", dir);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(dirs[i], 0755);
	memset(&machine, 0, sizeof(machine));
	config_defaults(&machine.config);
	EQ(root_open(dir, &machine.root), 0, "setup");
	machine.store[PLACE_ESP].fd = root_open_dir(AT_FDCWD, dir);
	machine.store[PLACE_XBOOTLDR].fd = -1;
	kernel_size = image_x86(kernel);
}

void set_up_vfat(void)
{
	bool shared = false;
	EQ(mount_unshare(), 0, "setup");
	EQ(mount_fat("/dev/ubda2", "/mnt"), 0, "setup");
	EQ(mount_make_writable("/mnt", &shared), 0, "setup");
	set_up("/mnt");
}
