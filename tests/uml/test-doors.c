// SPDX-License-Identifier: LGPL-2.1-or-later
/* Process 1 of the user-mode Linux that tests/uml/run boots: an initramfs with this program and its
 * libraries. Results go to a directory of the host, /out here. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "settling.h"
#include "tap.h"

void tap_ok(bool is_ok, int line, const char *format, ...)
{
	char name[300];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	if (is_ok)
		dprintf(STDOUT_FILENO, "ok - %s\n", name);
	else
		dprintf(STDOUT_FILENO, "not ok - %s (line %d)\n", name, line);
}

void tap_note(const char *format, ...)
{
	char text[5000];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(STDOUT_FILENO, "# %s\n", text);
}

void tap_eq_str(const char *got, const char *want, int line, const char *name)
{
	if (strcmp(got, want) != 0)
		tap_note("got \"%s\", expected \"%s\"", got, want);
	tap_ok(strcmp(got, want) == 0, line, "%s", name);
}

void tap_group(const char *name, void (*function)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		function();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		tap_ok(false, __LINE__, "%s: the group ended with status %d", name, status);
}

int put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, data, len);
	(void)close(fd);
	return n == (ssize_t)len ? 0 : -1;
}

bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

long memory_kib(const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	char line[200];
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, word, strlen(word)) == 0)
			kib = strtol(line + strlen(word), NULL, 10);
	if (f)
		(void)fclose(f);
	return kib;
}

long memory_start(void)
{
	(void)malloc_trim(0);
	/* proc(5): the peak begins anew */
	tap_ok(put("/proc/self/clear_refs", "5", 1) == 0, __LINE__, "setup: peak of memory");
	return memory_kib("/proc/self/status", "VmRSS:");
}

void memory_check(long start_kib, long max_kib, const char *name)
{
	long peak_kib = memory_kib("/proc/self/status", "VmHWM:");

	tap_note("resident: %ld KiB, then at most %ld KiB", start_kib, peak_kib);
	tap_ok(start_kib > 0 && peak_kib - start_kib <= max_kib, __LINE__, "%s", name);
}

static void set_up(const char *host_dir)
{
	static const char *const dirs[] = {"/proc", "/sys", "/dev", "/run", "/out", "/mnt"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(dirs[i], 0755);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	(void)mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	(void)mount("tmpfs", "/run", "tmpfs", 0, NULL);
	(void)mount("none", "/out", "hostfs", 0, host_dir);
	/* As systemd has it: without care every mount reaches everybody. */
	(void)mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL);
	(void)dup2(open("/out/tap", O_WRONLY | O_CREAT | O_APPEND, 0644), STDOUT_FILENO);
	(void)dup2(open("/out/stderr", O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
}

/* The environment comes from the kernel command line. */
int main(void)
{
	const char *host_dir = getenv("OUT"), *what = getenv("WHAT");

	if (getenv("BOOTASSESS_RESETS"))
		return play_hook();
	if (getpid() != 1 || !host_dir)
		return 2;
	set_up(host_dir);
	if (what && strcmp(what, "none") == 0) {
		tap_group("block_none", test_block_none);
	} else if (what && strcmp(what, "boot") == 0) {
		tap_group("boot", test_boot);
	} else if (what && strcmp(what, "handover") == 0) {
		tap_group("handover", test_handover);
	} else if (what && strcmp(what, "wipe") == 0) {
		tap_group("module", test_module);
		tap_group("wipe", test_wipe);
	} else if (what && strcmp(what, "volume") == 0) {
		tap_group("volume", test_volume);
	} else if (what && strcmp(what, "grow") == 0) {
		tap_group("grow", test_grow);
	} else if (what && strcmp(what, "repair") == 0) {
		tap_group("repair", test_repair);
	} else if (what && strcmp(what, "hostile") == 0) {
		tap_group("hostile", test_hostile);
	} else if (what && strcmp(what, "mirror") == 0) {
		tap_group("mirror", test_mirror);
	} else if (what && strcmp(what, "install") == 0) {
		play_firmware();
		tap_group("install", test_install);
		tap_group("install_big", test_install_big);
	} else if (what && strcmp(what, "settle") == 0) {
		play_firmware();
		tap_group("settle", test_settle);
		tap_group("settings", test_settings);
		tap_group("settle_public", test_settle_public);
	} else {
		tap_group("root", test_root);
		tap_group("log", test_log);
		tap_group("power", test_power);
		tap_group("module", test_module); /* brings vfat, which mount and esp need */
		tap_group("watchdog", test_watchdog);
		tap_group("guard", test_guard);
		tap_group("efivar", test_efivar);
		tap_group("block", test_block);
		tap_group("block_wait", test_block_wait);
		tap_group("mount", test_mount);
		tap_group("esp", test_esp);
		tap_group("history", test_history);
		tap_group("kexec", test_kexec);
		tap_group("unpack", test_unpack);
		tap_group("stage", test_stage);
		tap_group("stage_vfat", test_stage_vfat);
		tap_group("stage_copy", test_stage_copy);
		tap_group("stage_copy_vfat", test_stage_copy_vfat);
	}
	tap_note("end");
	sync();
	(void)syscall(SYS_reboot, 0xfee1dead, 0x28121969, RB_POWER_OFF, NULL);
	return 1;
}
