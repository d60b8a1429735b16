// SPDX-License-Identifier: LGPL-2.1-or-later
/* install, remove and their recovery on the kernel's vfat: what they leave, what every failure on
 * the way leaves, on a full file system too, and how much they write. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "image.h"
#include "install-job.h"
#include "installing.h"
#include "kernel.h"
#include "settling.h"
#include "tap.h"

#define LINUX	 ESP "/EFI/Linux/"
#define OLD_SIZE 40000
#define BIG_SIZE (8u << 20)

static uint8_t old_uki[IMAGE_MAX], new_uki[IMAGE_MAX], kernel[IMAGE_MAX];
static size_t old_len, new_len, kernel_len;
static struct install_cost cost;
static char why[300];

static const char *const usual[] = {ESP ENTRIES "active+2-1.conf",
				    "linux /a\n",
				    ESP ENTRIES "passive+0-9.conf",
				    "title mine\nlinux /p\ninitrd /i\noptions old\n",
				    ESP "/a",
				    "a",
				    ESP "/p",
				    "p",
				    ESP "/i",
				    "070701 old",
				    NULL};

static void make_images(void)
{
	struct image_section s[] = {
		{".linux", kernel, 0}, {".osrel", "ID=x\n", 5}, {".uname", "1", 1}};

	kernel_len = image_x86(kernel);
	s[0].size = (uint32_t)kernel_len;
	old_len = image_uki(old_uki, PE_MACHINE_X86_64, s, 2);
	new_len = image_uki(new_uki, PE_MACHINE_X86_64, s, 3);
	memset(new_uki + new_len, 0x5a, OLD_SIZE - new_len);
	new_len = OLD_SIZE;
}

struct install_file source(const char *path, const void *data, size_t len)
{
	struct install_file file = {.path = path, .size = len};

	EQ(put(path, data, len), 0, "setup: a source");
	file.fd = open(path, O_RDONLY | O_CLOEXEC);
	file.mtime.tv_sec = 1700000000;
	return file;
}

/* The whole file; 1 = is this, 0 = is another, -1 = is not there. */
static int compare(const char *path, const void *data, size_t len)
{
	static uint8_t buf[BIG_SIZE + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return -1;
	return (size_t)n == len && memcmp(buf, data, len) == 0;
}

/* How many names of a directory begin so. */
static int count(const char *dir, const char *with)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += strncmp(e->d_name, with, strlen(with)) == 0;
	if (d)
		(void)closedir(d);
	return n;
}

static void put_on_esp(const char *path, const void *data, size_t len)
{
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(put(path, data, len), 0, "setup: a file on the ESP");
	machine_end_write(&device, PLACE_ESP);
	end();
}

static int install(const struct install *w)
{
	int r;

	start(EVENT_EDIT);
	why[0] = '\0';
	r = install_slot(&device, &facts, w, &cost, why, sizeof(why));
	if (r < 0)
		tap_note("%s", why);
	end();
	return r;
}

void recover(void)
{
	wrap_start();
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "recover: writable");
	EQ(install_recover(&device, PLACE_ESP), 0, "recover");
	machine_end_write(&device, PLACE_ESP);
	end();
}

void lay_out_uki(const char *name)
{
	char path[300];

	lay_out(usual);
	(void)snprintf(path, sizeof(path), LINUX "%s", name);
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	(void)unlink(ESP ENTRIES "passive+0-9.conf");
	machine_end_write(&device, PLACE_ESP);
	end();
	put_on_esp(path, old_uki, old_len);
}

static void test_uki(void)
{
	struct install w = {.id = "passive.efi"};
	int written;

	tap_note("a UKI over an old one");
	w.uki = source("/run/new.efi", new_uki, new_len);
	lay_out_uki("passive+0-4.efi");
	wrap_start();
	EQ(install(&w), 0, "install");
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "install: the new one, armed");
	EQ(count(ESP "/EFI/Linux", "passive"), 1, "install: the only one");
	EQ(count(ESP "/EFI/Linux", ".bootassess"), 0, "install: no temporary is left");
	EQ(file_is(ESP "/p", "p"), 1, "install: other files stay");
	end();
	wrap_start();
	EQ(install(&w), 0, "install: again");
	written = wrap_calls();
	tap_note("%d calls", written);
	EQ((long long)cost.written, 0, "install: the same once more writes nothing");
	OK(!strstr(wrap_trace(), "pwrite") && !strstr(wrap_trace(), "rename"),
	   "install: no write at all");
	lay_out_uki("passive.efi");
	EQ(install(&w), -EPERM, "install: the last good slot");
	w.force = true;
	EQ(install(&w), 0, "install: by force");
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "install: it has a counter");
	end();
	w.force = false;
	w.id = "active.conf";
	EQ(install(&w), -EPERM, "install: the slot that runs");
	w.id = "other.efi";
	EQ(install(&w), -ENOENT, "install: on no rung");
	(void)close(w.uki.fd);
}

/* The slot's UKI, whatever its counter: 1 = new, 0 = old, -1 = neither, or two. */
static int which_uki(bool *ret_counted)
{
	static const char *const names[] = {"passive.efi", "passive+0-4.efi", "passive+3-0.efi"};
	char path[300];
	int found = -1, n = 0;

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), LINUX "%s", names[i]);
		if (!exists(path))
			continue;
		n++;
		*ret_counted = i > 0;
		found = compare(path, new_uki, new_len) == 1   ? 1
			: compare(path, old_uki, old_len) == 1 ? 0
							       : -1;
	}
	return n == 1 ? found : -1;
}

/* 1 = the file of this name is there, or the new one. */
static bool is_as_before(const char *name)
{
	char path[300];

	(void)snprintf(path, sizeof(path), LINUX "%s", name);
	return exists(path) || compare(LINUX "passive+3-0.efi", new_uki, new_len) == 1;
}

static void check_uki_after(int nth)
{
	bool is_counted = false;
	int which;

	start(EVENT_EDIT);
	which = which_uki(&is_counted);
	OK(which >= 0, "call %d fails: the old UKI or the new one is there, whole", nth);
	OK(which != 1 || is_counted, "call %d fails: the new one has a counter", nth);
	end();
}

static void fail_uki(const char *name, int error)
{
	struct install w = {.id = "passive.efi", .force = true};
	int r = -1, nth;

	tap_note("every call fails once: %s", name);
	w.uki = source("/run/new.efi", new_uki, new_len);
	for (nth = 1; r != 0 && nth < 200; nth++) {
		lay_out_uki(name);
		start(EVENT_EDIT);
		wrap_start();
		wrap_fail_call(nth, error);
		r = install_slot(&device, &facts, &w, &cost, why, sizeof(why));
		if (r == 0 && wrap_calls() >= nth)
			r = 1; /* what failed was no reason to give up */
		wrap_start();
		OK(r != -1 || why[0], "call %d fails: and why is said", nth);
		OK(error != EINVAL || is_as_before(name), "call %d fails: undone at once", nth);
		end();
		check_uki_after(nth);
		recover();
		check_uki_after(nth);
		start(EVENT_EDIT);
		OK(is_as_before(name), "call %d fails: the old one has its own counter", nth);
		end();
		EQ(install(&w), 0, "and once more");
		start(EVENT_EDIT);
		EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "then the new one");
		end();
	}
	tap_note("%d calls", nth - 2);
	OK(nth > 10 && nth < 200, "every call failed once");
	(void)close(w.uki.fd);
}

static void test_type1(void)
{
	struct install w = {.id = "passive.conf", .n_initrd = 2};

	tap_note("kernel and initrds");
	w.linux_file = source("/run/linux", kernel, kernel_len);
	w.initrd[0] = source("/run/initrd", "070701 old", 10);
	w.initrd[1] = source("/run/initrd2", "070701 more", 11);
	lay_out(usual);
	EQ(install(&w), 0, "type 1");
	start(EVENT_EDIT);
	OK(file_is(ESP ENTRIES "passive+3-0.conf",
		   "title mine\nlinux /bootassess/passive/linux.1\ninitrd /i\n"
		   "initrd /bootassess/passive/initrd.1\noptions old\n"),
	   "type 1: the entry");
	EQ(compare(ESP "/bootassess/passive/linux.1", kernel, kernel_len), 1, "type 1: kernel");
	OK(!exists(ESP "/p"), "type 1: the old kernel is gone");
	OK(exists(ESP "/i"), "type 1: what is the same stays");
	EQ((long long)cost.written, (long long)kernel_len + 11 + 103, "type 1: bytes");
	end();
	w.options = "new";
	w.force = true; /* no other slot is good */
	w.n_initrd = 1;
	EQ(install(&w), 0, "type 1: options");
	start(EVENT_EDIT);
	OK(file_is(ESP ENTRIES "passive+3-0.conf",
		   "title mine\nlinux /bootassess/passive/linux.1\ninitrd /i\noptions new\n"),
	   "type 1: the entry");
	OK(!exists(ESP "/bootassess/passive/initrd.1"), "type 1: garbage is gone");
	EQ(install_remove(&device, &facts, ladder_find(&facts.ladder, "passive.conf"), true, false,
			  why, sizeof(why)),
	   0, "remove");
	end();
	start(EVENT_EDIT);
	OK(!exists(ESP "/bootassess/passive") && !exists(ESP "/i") && exists(ESP "/a") &&
		   count(ESP "/loader/entries", "passive") == 0,
	   "remove: the entry and its own files");
	end();
}

static void check_type1_after(int nth)
{
	const struct rung *r;
	int i;

	start(EVENT_EDIT);
	i = ladder_find(&facts.ladder, "passive.conf");
	r = &facts.ladder.rung[i];
	OK(i >= 0 && !r->missing && !r->broken && !r->twin[0], "call %d fails: one whole entry",
	   nth);
	OK(r->counter.present || strstr(r->name, "passive.conf") == NULL ||
		   compare(ESP "/p", "p", 1) == 1,
	   "call %d fails: new content has a counter", nth);
	end();
}

static void fail_type1(void)
{
	struct install w = {.id = "passive.conf", .n_initrd = 1, .options = "new", .force = true};
	int r = -1, nth;

	tap_note("every call fails once: kernel and initrd");
	w.linux_file = source("/run/linux", kernel, kernel_len);
	w.initrd[0] = source("/run/initrd", "070701 new", 10);
	for (nth = 1; r != 0 && nth < 200; nth++) {
		lay_out(usual);
		start(EVENT_EDIT);
		wrap_start();
		wrap_fail_call(nth, EIO);
		r = install_slot(&device, &facts, &w, &cost, why, sizeof(why));
		if (r == 0 && wrap_calls() >= nth)
			r = 1;
		wrap_start();
		end();
		check_type1_after(nth);
		recover();
		check_type1_after(nth);
		EQ(install(&w), 0, "and once more");
		check_type1_after(nth);
		start(EVENT_EDIT);
		OK(!exists(ESP "/p") && !exists(ESP "/i") &&
			   count(ESP "/bootassess/passive", "linux") == 1 &&
			   count(ESP "/bootassess/passive", "initrd") == 1,
		   "call %d fails: nothing is left over in the end", nth);
		end();
	}
	OK(nth > 20 && nth < 200, "every call failed once");
	(void)close(w.linux_file.fd);
	(void)close(w.initrd[0].fd);
}

/* What the disk gives back is looked at; a device that nobody can write to stays as it is. */
static void test_disk(void)
{
	struct install w = {.id = "passive.efi"};
	int value = 1, fd;

	tap_note("a disk that cannot be read, or written");
	w.uki = source("/run/new.efi", new_uki, new_len);
	lay_out_uki("passive+0-4.efi");
	wrap_fail_pread(".bootassess-0", 0, EIO);
	EQ(install(&w), -EIO, "the copy cannot be read back");
	wrap_fail_pread("", 0, 0);
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+0-4.efi", old_uki, old_len), 1, "unreadable: the old one");
	EQ(count(ESP "/EFI/Linux", ""), 3, "unreadable: and nothing else");
	end();
	fd = open("/dev/ubda1", O_RDONLY | O_CLOEXEC);
	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: BLKROSET");
	wrap_start();
	OK(install(&w) < 0, "read-only: refused");
	OK(strstr(why, "Read-only file system") != NULL, "read-only: and why");
	value = 0;
	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: BLKROSET");
	(void)close(fd);
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+0-4.efi", old_uki, old_len), 1, "read-only: the old one");
	end();
	EQ(install(&w), 0, "and then it can be written");
	(void)close(w.uki.fd);
}

/* Leaves so many bytes free. */
static void fill_up(unsigned long long left)
{
	struct statvfs st;
	int fd;

	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(statvfs(ESP, &st), 0, "setup");
	fd = open(ESP "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	EQ(posix_fallocate(fd, 0, (off_t)((unsigned long long)st.f_bavail * st.f_frsize - left)), 0,
	   "setup: full");
	(void)close(fd);
	machine_end_write(&device, PLACE_ESP);
	end();
}

static void test_no_room(void)
{
	struct install w = {.id = "passive.efi"};
	int r = -1, nth;

	tap_note("no room for both");
	w.uki = source("/run/new.efi", new_uki, new_len);
	lay_out_uki("passive.efi");
	fill_up(45056);
	w.force = true;
	EQ(install(&w), -ENOSPC, "no room: never over the last good one");
	OK(strstr(why, "bytes are needed") != NULL, "no room: how much");
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive.efi", old_uki, old_len), 1, "no room: it is as it was");
	end();
	w.force = false;
	for (nth = 1; r != 0 && nth < 100; nth++) {
		lay_out_uki("passive+0-4.efi");
		fill_up(45056);
		start(EVENT_EDIT);
		wrap_start();
		wrap_fail_call(nth, EIO);
		r = install_slot(&device, &facts, &w, &cost, why, sizeof(why));
		OK(cost.in_place, "no room: in place");
		wrap_start();
		end();
		start(EVENT_EDIT);
		OK(compare(LINUX "passive+0-4.efi", old_uki, old_len) == 1 ||
			   compare(LINUX "passive+3-0.efi", new_uki, new_len) == 1 ||
			   (!exists(LINUX "passive+0-4.efi") && !exists(LINUX "passive+3-0.efi") &&
			    exists(LINUX "passive+0-4.efi.off")),
		   "no room: call %d fails: old, new, or disabled", nth);
		end();
		recover();
		EQ(install(&w), 0, "no room: and once more");
		start(EVENT_EDIT);
		EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "no room: the new one");
		EQ(count(ESP "/EFI/Linux", "passive"), 1, "no room: the only one");
		OK(!exists(XBOOTLDR "/EFI/Linux/passive+3-0.efi"), "no room: not elsewhere");
		end();
	}
	OK(nth > 8 && nth < 100, "no room: every call failed once");
	fill_up(0);
	(void)close(w.uki.fd);
}

/* A counter in the variable is none for the loader: the new content must not go under that name. */
static void test_variable(void)
{
	static const char *const lines[] = {"passive.efi passive+3-0.efi\n",
					    "passive.efi passive+2-1.efi\n"};
	static const char head[] = "\7\0\0\0";
	struct install w = {.id = "passive.efi", .force = true};
	char raw[100];

	tap_note("the counter stands in the EFI variable");
	w.uki = source("/run/new.efi", new_uki, new_len);
	for (size_t i = 0; i < 2; i++) {
		lay_out_uki("passive.efi");
		memcpy(raw, head, 4);
		memcpy(raw + 4, lines[i], strlen(lines[i]));
		EQ(put(EFIVARS "/BootAssessTries" OUR_GUID, raw, 4 + strlen(lines[i])), 0, "setup");
		start(EVENT_EDIT);
		OK(facts.ladder.rung[ladder_find(&facts.ladder, "passive.efi")].in_variable,
		   "variable: it counts there");
		wrap_start();
		EQ(install_slot(&device, &facts, &w, &cost, why, sizeof(why)), 0, "variable");
		OK(!facts.ladder.rung[ladder_find(&facts.ladder, "passive.efi")].in_variable,
		   "variable: not any more");
		OK(strstr(wrap_trace(), "exchange") && !strstr(wrap_trace(), ">passive.efi"),
		   "variable: armed before the switch");
		EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "variable: armed");
		OK(!exists(LINUX "passive.efi"), "variable: and the only one");
		OK(variable_is("BootAssessTries", NULL), "variable: its line is gone");
		end();
	}
	(void)close(w.uki.fd);
}

/* Leaves passive+0-4.efi.off and the journal. */
static void cut_in_place(struct install *w)
{
	int nth;

	for (nth = 1; nth < 100; nth++) {
		lay_out_uki("passive+0-4.efi");
		fill_up(45056);
		start(EVENT_EDIT);
		wrap_start();
		wrap_fail_call(nth, EIO);
		(void)install_slot(&device, &facts, w, &cost, why, sizeof(why));
		wrap_start();
		if (exists(LINUX "passive+0-4.efi.off") && !exists(LINUX "passive+0-4.efi"))
			break;
		end();
	}
	OK(nth < 100, "setup: it is disabled");
	end();
}

static void test_disabled(void)
{
	struct install w = {.id = "passive.efi"}, other = {.id = "active.conf", .force = true};
	char id[NAME_SIZE];

	tap_note("a slot that is disabled");
	w.uki = source("/run/new.efi", new_uki, new_len);
	other.linux_file = source("/run/linux", kernel, kernel_len);
	cut_in_place(&w);
	EQ(install(&other), -EBUSY, "disabled: no other slot meanwhile");
	OK(strstr(why, "passive+0-4.efi.off") != NULL, "disabled: and which is it");
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	(void)unlink(ESP "/filler");
	machine_end_write(&device, PLACE_ESP);
	end();
	EQ(install(&w), 0, "disabled: there is room again");
	OK(!cost.in_place, "disabled: so it is not in place");
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+3-0.efi", new_uki, new_len), 1, "disabled: the new one");
	EQ(count(ESP "/EFI/Linux", "passive"), 1, "disabled: the only one");
	end();
	EQ(install(&other), 0, "disabled: then another slot");
	cut_in_place(&w);
	start(EVENT_EDIT);
	EQ(install_remove_disabled(&device, "active", false, id, why, sizeof(why)), 0, "not that");
	EQ(install_remove_disabled(&device, "passive", true, id, why, sizeof(why)), 1, "dry run");
	OK(exists(LINUX "passive+0-4.efi.off"), "disabled: it only says so");
	EQ(install_remove_disabled(&device, "passive", false, id, why, sizeof(why)), 1, "removed");
	EQ(count(ESP "/EFI/Linux", "passive"), 0, "disabled: it is gone");
	EQ(install_remove_disabled(&device, "passive", false, id, why, sizeof(why)), 0, "once");
	end();
	(void)close(w.uki.fd);
}

void test_install(void)
{
	make_images();
	test_uki();
	test_variable();
	test_install_cut(new_uki, new_len);
	test_disabled();
	fail_uki("passive.efi", EIO);
	fail_uki("passive.efi", EINVAL);
	fail_uki("passive+0-4.efi", EIO);
	test_type1();
	fail_type1();
	test_no_room();
	test_disk();
	lay_out(usual);
}

/* Sectors written to the disk so far. */
static long long sectors(void)
{
	long long n[7] = {0};
	FILE *f = fopen("/sys/block/ubda/stat", "re");

	if (!f || fscanf(f, "%lld %lld %lld %lld %lld %lld %lld", n, n + 1, n + 2, n + 3, n + 4,
			 n + 5, n + 6) != 7)
		n[6] = -1;
	if (f)
		(void)fclose(f);
	return n[6];
}

void test_install_big(void)
{
	struct install w = {.id = "passive.efi"};
	uint8_t *big = calloc(1, BIG_SIZE);
	struct stat st;
	long long before, after;

	make_images();
	memcpy(big, new_uki, new_len);
	for (size_t i = new_len; i < BIG_SIZE; i++)
		big[i] = (uint8_t)(i * 7 + (i >> 12));
	lay_out_uki("passive+0-4.efi");
	w.uki = source("/run/big.efi", big, BIG_SIZE);
	sync();
	before = sectors();
	EQ(install(&w), 0, "big");
	sync();
	after = sectors();
	tap_note("%lld bytes written for %u", (after - before) * 512, BIG_SIZE);
	OK((after - before) * 512 <= BIG_SIZE / 100 * 102, "big: at most 1.02 of it is written");
	start(EVENT_EDIT);
	EQ(compare(LINUX "passive+3-0.efi", big, BIG_SIZE), 1, "big: the new one");
	OK(stat(LINUX "passive+3-0.efi", &st) == 0 && st.st_mtime == 1700000000, "big: its time");
	end();
	(void)close(w.uki.fd);
	free(big);
}
