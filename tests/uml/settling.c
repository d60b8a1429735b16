// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/module.h"
#include "loadvar.h"
#include "settling.h"
#include "tap.h"

struct machine device;
struct facts facts;
struct plan plan;

static void path_of(const char *name, char path[300])
{
	(void)snprintf(path, 300, EFIVARS "/%s%s", name,
		       strncmp(name, "BootAssess", 10) == 0 ? OUR_GUID : GUID);
}

static void set_bytes(const char *name, const void *data, size_t len)
{
	uint8_t raw[1100] = {7};
	char path[300];

	path_of(name, path);
	memcpy(raw + 4, data, len);
	EQ(put(path, raw, 4 + len), 0, "setup: a variable");
}

void set_variable(const char *name, const char *value)
{
	uint8_t data[1024];
	char path[300];

	path_of(name, path);
	if (value)
		set_bytes(name, data, (size_t)loadvar_from_string(value, data, sizeof(data)));
	else
		(void)unlink(path);
}

void set_features(unsigned int low, unsigned int high)
{
	const uint8_t data[8] = {(uint8_t)low, 0, (uint8_t)high};

	set_bytes("LoaderFeatures", data, sizeof(data));
}

bool variable_is(const char *name, const char *value)
{
	uint8_t raw[1100];
	char path[300], text[512];
	ssize_t n;
	int fd;

	path_of(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return !value;
	n = read(fd, raw, sizeof(raw));
	(void)close(fd);
	if (n < 4 || loadvar_string(raw + 4, (size_t)n - 4, text, sizeof(text)) < 0)
		return false;
	if (!value || strcmp(text, value) != 0)
		tap_note("%s is \"%s\"", name, text);
	return value && strcmp(text, value) == 0;
}

void play_firmware(void)
{
	static const char *const fat[] = {"vfat", "nls_cp437", "nls_iso8859-1", NULL};

	EQ(module_load(fat), 0, "setup: vfat");
	EQ(mount("tmpfs", "/sys/firmware", "tmpfs", 0, NULL), 0, "setup");
	(void)mkdir("/sys/firmware/efi", 0755);
	(void)mkdir(EFIVARS, 0755);
	/* A mount of its own, which can be made read-only. */
	EQ(mount("tmpfs", EFIVARS, "tmpfs", 0, NULL), 0, "setup");
	set_variable("LoaderInfo", "systemd-boot 257.13-1");
	set_variable("LoaderDevicePartUUID", "aaaaaaaa-0003-4000-8000-00000000000a");
	set_variable("LoaderBootCountPath", "\\loader\\entries\\active+2-1.conf");
	set_variable("LoaderEntrySelected", "active.conf");
	set_features(0xff, 3);
}

void start(enum event event)
{
	EQ(machine_open(NULL, &device), 0, "setup: machine_open");
	device.fsck_s = 20;
	machine_reach(&device);
	OK(device.store[PLACE_ESP].fd >= 0 && device.store[PLACE_XBOOTLDR].fd >= 0,
	   "setup: machine_reach");
	observe(&device, event, &facts);
	observe_settings(&device, &facts);
}

void end(void)
{
	machine_close(&device);
}

/* Two levels are enough. */
static void wipe(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char path[600];

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_type == DT_DIR)
			wipe(path);
		(void)remove(path);
	}
	if (d)
		(void)closedir(d);
}

static void wipe_notes(void)
{
	static const char *const notes[] = {"counted", "booted", "fail"};
	char path[300];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "/run/bootassess/%s.%s", device.boot_id,
			       notes[i]);
		(void)unlink(path);
	}
	set_variable("BootAssessTries", NULL);
	set_variable("BootAssessRecord", NULL);
	set_variable("LoaderEntryDefault", NULL);
	set_variable("LoaderEntryPreferred", NULL);
}

/* All at one time: what is laid out again with the same content is the same file for a mirror,
 * however long that took. */
static void lay_file(const char *path, const char *text)
{
	const struct timespec times[2] = {{.tv_sec = 1767225600}, {.tv_sec = 1767225600}};

	EQ(put(path, text, strlen(text)), 0, "setup: a file");
	EQ(utimensat(AT_FDCWD, path, times, 0), 0, "setup: its time");
}

void lay_out(const char *const files[])
{
	static const char *const dirs[] = {"/loader", "/loader/entries", "/EFI", "/EFI/Linux"};
	char path[300];

	wrap_start();
	start(EVENT_EDIT);
	for (enum place p = PLACE_ESP; p < PLACES; p++) {
		EQ(machine_begin_write(&device, p), 0, "setup: writable");
		wipe(device.store[p].target);
		for (size_t i = 0; i < 4; i++) {
			(void)snprintf(path, sizeof(path), "%s%s", device.store[p].target, dirs[i]);
			(void)mkdir(path, 0755);
		}
		for (const char *const *f = files; *f; f += 2)
			if (strncmp(f[0], device.store[p].target, strlen(device.store[p].target)) ==
			    0)
				lay_file(f[0], f[1]);
		machine_end_write(&device, p);
	}
	wipe_notes();
	end();
}

static ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		(void)close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

bool file_is(const char *path, const char *text)
{
	static char buf[20000];
	ssize_t n = read_file(path, buf, sizeof(buf));

	if (n >= 0 && (!text || strcmp(buf, text) != 0))
		tap_note("%s is \"%s\"", path, buf);
	return n < 0 ? !text : text && strcmp(buf, text) == 0;
}

int count_content(const char *dir, const char *text)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char path[600], buf[1000];
	int n = 0;

	while (d && (e = readdir(d))) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		n += e->d_type == DT_REG && read_file(path, buf, sizeof(buf)) >= 0 &&
		     strcmp(buf, text) == 0;
	}
	if (d)
		(void)closedir(d);
	return n;
}
