// SPDX-License-Identifier: LGPL-2.1-or-later
/* root, log, power, module */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/log.h"
#include "doors/module.h"
#include "doors/mount.h"
#include "doors/power.h"
#include "doors/root.h"
#include "tap.h"

static void test_root_read(int dirfd)
{
	char buf[8];
	size_t len = 99;

	EQ(put("/run/root/f", "1234567", 7), 0, "setup");
	EQ(root_read(dirfd, "f", buf, sizeof(buf), &len), 0, "root_read: file that just fits");
	OK(len == 7 && memcmp(buf, "1234567", 8) == 0, "root_read: length, NUL added");
	EQ(put("/run/root/f", "12345678", 8), 0, "setup");
	EQ(root_read(dirfd, "f", buf, sizeof(buf), &len), -E2BIG, "root_read: one byte too long");
	OK(len == 7 && memcmp(buf, "1234567", 8) == 0, "root_read: -E2BIG leaves the start");
	EQ(root_read(dirfd, "none", buf, sizeof(buf), &len), -ENOENT, "root_read: absent");
	(void)symlink("f", "/run/root/link");
	EQ(root_read(dirfd, "link", buf, sizeof(buf), &len), -ELOOP, "root_read: symlink");
	wrap_interrupt_reads(3);
	EQ(root_read(dirfd, "f", buf, sizeof(buf), NULL), -E2BIG, "root_read: EINTR is retried");
}

static void test_root_lines(int dirfd)
{
	char buf[16];

	EQ(put("/run/root/l", "abc\n", 4), 0, "setup");
	EQ(root_read_line(dirfd, "l", buf, sizeof(buf)), 0, "root_read_line");
	EQ_STR(buf, "abc", "root_read_line: the newline is gone");
	EQ(put("/run/root/l", "a\0c\n", 4), 0, "setup");
	EQ(root_read_line(dirfd, "l", buf, sizeof(buf)), -EINVAL, "root_read_line: NUL inside");
	EQ(put("/run/root/l", "", 0), 0, "setup");
	EQ(root_read_line(dirfd, "l", buf, sizeof(buf)), 0, "root_read_line: empty");
	EQ_STR(buf, "", "root_read_line: empty");
}

void test_root(void)
{
	struct root root = {.fd = -1};
	char buf[64];
	struct stat st;
	int fd;

	(void)mkdir("/run/root", 0700);
	EQ(root_open(NULL, &root), 0, "root_open: /");
	OK(!root.is_test, "root_open: / is no test");
	EQ(root_read_line(root.fd, "proc/sys/kernel/ostype", buf, sizeof(buf)), 0, "proc file");
	EQ_STR(buf, "Linux", "root_read_line: a file of /proc");
	root_close(&root);
	EQ(root.fd, -1, "root_close");
	EQ(root_open("/run/none", &root), -ENOENT, "root_open: absent");
	EQ(root_open("/run/root", &root), 0, "root_open: DIR");
	OK(root.is_test, "root_open: DIR is a test");
	test_root_read(root.fd);
	test_root_lines(root.fd);
	EQ(root_mkdirs(root.fd, "a/b/c"), 0, "root_mkdirs");
	EQ(root_mkdirs(root.fd, "a/b/c"), 0, "root_mkdirs: again");
	EQ(root_mkdirs(root.fd, "f/b"), -ENOTDIR, "root_mkdirs: below a file");
	EQ(root_write(root.fd, "a/b/c/m", "12345", 5, 0600), 0, "root_write");
	fd = open("/run/root/a/b/c/m", O_RDONLY | O_CLOEXEC);
	EQ(root_write(root.fd, "a/b/c/m", "12", 2, 0600), 0, "root_write: shorter");
	EQ(read(fd, buf, sizeof(buf)), 5, "root_write: who reads the old one sees all of it");
	close(fd);
	OK(stat("/run/root/a/b/c/m", &st) == 0 && st.st_size == 2 && (st.st_mode & 07777) == 0600,
	   "root_write: size and mode");
	(void)symlink("a", "/run/root/dirlink");
	OK(root_open_dir(root.fd, "dirlink") < 0, "root_open_dir: no symlink");
	EQ(root_open_dir(root.fd, "f"), -ENOTDIR, "root_open_dir: a file");
}

static bool kmsg_has(int fd, const char *text)
{
	char record[2048];
	ssize_t n;

	while ((n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		if (strstr(record, text))
			return true;
	}
	return false;
}

void test_log(void)
{
	char buf[2048], long_text[2000];
	int pipe_fds[2], kmsg;
	ssize_t n;

	if (pipe(pipe_fds) < 0 || dup2(pipe_fds[1], STDERR_FILENO) < 0)
		return;
	log_warning("file \"%s\"", "a\033[2J\nb");
	log_debug("hidden");
	n = read(pipe_fds[0], buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	EQ_STR(buf, "bootassess: file \"a?[2J?b\"\n", "log: control characters, level");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	log_err("%s", long_text);
	EQ(read(pipe_fds[0], buf, sizeof(buf)), 900, "log: a long line is cut to 900 bytes");
	EQ(buf[899], '\n', "log: and ends with a newline");

	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	(void)lseek(kmsg, 0, SEEK_END);
	log_setup(LOG_TARGET_KMSG, LOG_DOOR_DEBUG);
	for (int i = 0; i < 200; i++)
		log_debug("line %d", i);
	OK(kmsg_has(kmsg, "bootassess: line 0\n"), "log: kmsg");
	OK(kmsg_has(kmsg, "bootassess: line 199\n"), "log: kmsg, 200 lines at once all arrive");
	log_err("%s", long_text);
	OK(kmsg_has(kmsg, "bootassess: xxxx"), "log: kmsg, a long line");
	(void)rename("/dev/kmsg", "/dev/kmsg.away");
	errno = ERANGE;
	log_err("no kmsg");
	EQ(errno, ERANGE, "log: errno is kept");
	(void)rename("/dev/kmsg.away", "/dev/kmsg");
	n = read(pipe_fds[0], buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	EQ_STR(buf, "bootassess: no kmsg\n", "log: without /dev/kmsg stderr serves");
}

static void on_alarm(int signal)
{
	(void)signal;
}

void test_power(void)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	uint64_t start = power_uptime_ms() / 1000;

	OK(start < 600, "power: uptime");
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(1);
	power_sleep_until(start + 2);
	OK(power_uptime_ms() >= (start + 2) * 1000,
	   "power: sleeps until then, a signal does not shorten it");
	OK(power_uptime_ms() < (start + 10) * 1000, "power: and not much longer");
	power_sleep_until(start);
	OK(power_uptime_ms() < (start + 10) * 1000, "power: a moment in the past");
	EQ(power_reboot(), -EPERM, "power_reboot: errno comes back");
	EQ(wrap_reboot_command(), RB_AUTOBOOT, "power_reboot");
	EQ(power_off(), -EPERM, "power_off");
	EQ(wrap_reboot_command(), (int)RB_POWER_OFF, "power_off");
	EQ(power_halt(), -EPERM, "power_halt");
	EQ(wrap_reboot_command(), (int)RB_HALT_SYSTEM, "power_halt");
}

static long rss_kib(const char *field)
{
	char buf[4096];
	const char *p;

	if (root_read(AT_FDCWD, "/proc/self/status", buf, sizeof(buf), NULL) < 0)
		return -1;
	p = strstr(buf, field);
	return p ? strtol(p + strlen(field), NULL, 10) : -1;
}

void test_module(void)
{
	static const char *const fat[] = {"fs-vfat", "nls_cp437", "nls_iso8859-1", NULL};
	static const char *const more[] = {"no-such-module", "loop", "dm-mod", "fs-ext4", NULL};
	static const char *const none[] = {NULL}, *const banned[] = {"zram", NULL};
	static const char ban[] = "install zram /bin/false\n";
	long before = rss_kib("VmRSS:");

	OK(module_has_filesystem("ext4"), "module: ext4 is built in");
	OK(!module_has_filesystem("ext"), "module: the whole name counts");
	OK(!module_has_filesystem("vfat"), "module: no vfat yet");
	EQ(mount_fat("/dev/ubda1", "/mnt"), -ENODEV, "mount_fat without vfat");
	EQ(module_load(none), 0, "module_load: nothing");
	tap_note("VmRSS before libkmod %ld KiB, after %ld KiB, peak %ld KiB", before,
		 rss_kib("VmRSS:"), rss_kib("VmHWM:"));
	EQ(module_load(fat), 0, "module_load: vfat and its code pages");
	OK(module_has_filesystem("vfat"), "module: vfat is there");
	EQ(module_load(fat), 0, "module_load: loaded already");
	EQ(module_load(more), 1, "module_load: one is missing, and ext4 is built in");
	OK(exists("/sys/module/loop"), "module_load: goes on after a missing one");
	(void)mkdir("/run/modprobe.d", 0755);
	EQ(put("/run/modprobe.d/ban.conf", ban, sizeof(ban) - 1), 0, "setup");
	EQ(module_load(banned), 1, "module_load: an install line is not run");
	OK(!exists("/sys/module/zram"), "module_load: and the module not loaded");
	tap_note("after four loads: VmRSS %ld KiB, peak %ld KiB", rss_kib("VmRSS:"),
		 rss_kib("VmHWM:"));
}
