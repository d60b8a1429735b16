// SPDX-License-Identifier: LGPL-2.1-or-later
/* ResetMethod=wipe on a real disk (F32, F33). ubda: 1 esp, 2 data, 3 var (FAT), 4 and 5 twin,
 * 6 root_a, 7 keep, 8 multi (several signatures); ubdb: garbage. What became of each is looked at
 * from outside, by tests/uml/run. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "doors/block.h"
#include "doors/mount.h"
#include "doors/power.h"
#include "resetting.h"
#include "slots.h"
#include "tap.h"

#define SLOT "title active\nlinux /linux\ninitrd /initrd\noptions quiet root=PARTLABEL=root_a ro\n"

static struct machine m;
static struct facts f;

/* The test program itself, called as ResetHook=. */
int play_hook(void)
{
	char order[16] = "";
	int fd = open("/run/bootassess/hold", O_RDWR | O_CLOEXEC);
	FILE *out = fopen("/hook.out", "we"), *in = fopen("/hook.order", "re");

	if (!out || !in || !fgets(order, sizeof(order), in))
		return 99;
	(void)fprintf(out, "%s %s %s %s", getenv("BOOTASSESS_RESETS"), getenv("BOOTASSESS_DISK"),
		      getenv("BOOTASSESS_ESP"), flock(fd, LOCK_EX | LOCK_NB) < 0 ? "held" : "free");
	(void)fclose(out);
	(void)fclose(in);
	(void)puts("it works");
	if (strcmp(order, "sleep") == 0)
		(void)sleep(100);
	return atoi(order);
}

static void put_text(const char *path, const char *text)
{
	if (put(path, text, strlen(text)) < 0)
		OK(false, "setup: %s", path);
}

static void set_up(void)
{
	static const char *const folders[] = {"/run", "/run/bootassess", "/slot", "/slot/loader",
					      "/slot/loader/entries"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)mkdir(folders[i], 0755);
	put_text("/slot/loader/entries/active.conf", SLOT);
	put_text("/slot/linux", "no PE file");
	(void)symlink("/init", "/hook");
	EQ(machine_open(NULL, &m), 0, "setup: machine");
	m.store[PLACE_ESP].fd = open("/slot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)strcpy(m.store[PLACE_ESP].disk, "ubda");
	(void)strcpy(m.store[PLACE_ESP].node, "/dev/ubda1");
	f.ladder.n = 1;
	f.ladder.rung[0] = (struct rung){
		.role = ROLE_SYSTEM, .id = "active.conf", .name = "active.conf", .type = 1};
	f.record.resets = 2;
}

static int reset(const char *labels)
{
	config_defaults(&m.config);
	(void)snprintf(m.config.reset_wipe, sizeof(m.config.reset_wipe), "%s", labels);
	m.config.watchdog_s = 0;
	f.reset_refused = false;
	m.why = NULL;
	return resetting_wipe(&m, &f);
}

static void refused(const char *labels, const char *why)
{
	EQ(reset(labels), ACT_AGAIN, labels);
	OK(f.reset_refused && m.why, "wipe: %s: noted", labels);
	EQ_STR(m.refusal, why, "wipe: why not");
	OK(!machine_is_holding(&m), "wipe: %s: no hold any more", labels);
}

static void test_refusals(void)
{
	refused("esp", "ResetWipe=: the partition \"esp\" is an EFI system partition");
	refused("gone", "ResetWipe=: the partition \"gone\" is not there");
	refused("keep twin", "ResetWipe=: the partition \"twin\" is there more than once");
	refused("keep root_a", "ResetWipe=: the partition \"root_a\" holds a system, says the "
			       "command line of \"active.conf\"");
	EQ(mount_fat("/dev/ubda3", "/mnt"), 0, "setup: mount");
	refused("keep var", "ResetWipe=: the partition \"var\" is mounted or in use");
	EQ(mount_release("/mnt"), 0, "setup: unmount");
	(void)strcpy(m.store[PLACE_ESP].disk, "ubdb");
	refused("keep", "the disk \"ubdb\" has no GPT");
	(void)strcpy(m.store[PLACE_ESP].disk, "ubdz");
	refused("keep", "the disk \"ubdz\" cannot be read: No such file or directory");
	(void)strcpy(m.store[PLACE_ESP].disk, "ubda");
}

static void set_read_only(int read_only)
{
	int fd = open("/dev/ubda7", O_RDONLY | O_CLOEXEC);

	EQ(ioctl(fd, BLKROSET, &read_only), 0, "setup: read-only");
	(void)close(fd);
}

/* What else holds it, or cannot be told. */
static void test_states(void)
{
	int fd = open("/dev/ubda7", O_RDONLY | O_EXCL | O_CLOEXEC);

	refused("multi keep", "ResetWipe=: the partition \"keep\" is mounted or in use");
	(void)close(fd);
	set_read_only(1);
	refused("multi keep", "ResetWipe=: the partition \"keep\" is read-only");
	set_read_only(0);
	put_text("/slot/loader/entries/active.conf", "linux /linux\noptions root=/dev/mapper/x\n");
	EQ(block_open_alone("ubda", "/dev/ubdb"), -ESTALE, "block: a node of another disk");
	EQ(block_open_alone("ubda", "/dev/null"), -ESTALE, "block: no partition");
	EQ(block_open_alone("ubdb", "/dev/ubda7"), -ESTALE, "block: a partition of another disk");
	put_text("/slot/loader/entries/active.conf", "linux /linux\noptions root=801\n");
	refused("keep", "ResetWipe=: the partition \"keep\" may hold a system, says the command "
			"line of \"active.conf\"");
	put_text("/slot/loader/entries/active.conf", "linux /linux\n");
	refused("keep", "ResetWipe=: the partition \"keep\" may hold a system, says the command "
			"line of \"active.conf\"");
	put_text("/slot/loader/entries/active.conf", "linux /linux\noptions quiet\noptions ro\n");
	refused("keep", "ResetWipe=: the partition \"keep\" may hold a system, says the command "
			"line of \"active.conf\"");
	put_text("/slot/loader/entries/active.conf", "efi /gone.efi\n");
	refused("keep", "what holds a system cannot be told: \"/gone.efi\" cannot be read: No such "
			"file or directory");
	put_text("/slot/loader/entries/active.conf", "linux /linux\nextra /x\noptions quiet\n");
	refused("keep", "what holds a system cannot be told: \"loader/entries/active.conf\" has "
			"add-ons, which are not read here");
	EQ(unlink("/slot/loader/entries/active.conf"), 0, "setup: unlink");
	refused("keep", "what holds a system cannot be told: \"loader/entries/active.conf\" cannot "
			"be read: No such file or directory");
	put_text("/slot/loader/entries/active.conf", SLOT);
	EQ(mkdir("/slot/loader/addons", 0755), 0, "setup: add-ons");
	put_text("/slot/loader/addons/a.addon.efi", "x");
	refused("keep", "what holds a system cannot be told: \"loader/addons\" has add-ons, which "
			"are not read here");
	EQ(unlink("/slot/loader/addons/a.addon.efi"), 0, "setup: add-ons");
}

static void hook(const char *order)
{
	put_text("/hook.order", order);
	config_defaults(&m.config);
	(void)strcpy(m.config.reset_hook, "/hook");
	m.config.reset_timeout_s = strcmp(order, "sleep") == 0 ? 1 : 100;
	m.config.watchdog_s = 0;
	(void)unlink("/hook.out");
}

static void hook_fails(const char *order, const char *why)
{
	hook(order);
	EQ(resetting_wipe(&m, &f), ACT_AGAIN, order);
	EQ_STR(m.refusal, why, "hook: why not");
	OK(!machine_is_holding(&m), "hook: no hold any more");
}

static void test_hook(void)
{
	char text[128] = "";
	FILE *in;

	hook_fails("3", "the reset hook \"/hook\" failed with exit status 3");
	hook_fails("sleep", "the reset hook \"/hook\" ran out of time");
	hook("0");
	EQ(resetting_wipe(&m, &f), 0, "hook: done");
	EQ_STR(m.refusal, "", "hook: nothing is wrong");
	in = fopen("/hook.out", "re");
	OK(in && fgets(text, sizeof(text), in), "hook: it ran");
	EQ_STR(text, "2 /dev/ubda /dev/ubda1 held", "hook: what it is told");
	if (in)
		(void)fclose(in);
	OK(machine_is_holding(&m), "hook: others keep still until the restart");
	machine_end_hold(&m);
	hook("0");
	(void)strcpy(m.config.reset_wipe, "keep");
	(void)strcpy(m.config.reset_hook, "/gone");
	EQ(resetting_wipe(&m, &f), ACT_AGAIN, "hook: missing");
	EQ_STR(m.refusal, "ResetHook=: the program \"/gone\" is not there", "hook: missing");
	(void)strcpy(m.config.reset_hook, "hook");
	EQ(resetting_wipe(&m, &f), ACT_AGAIN, "hook: no path");
}

/* Another process ends one that hangs: by the note of its end, which is gone after a refusal. */
static void test_hang(void)
{
	char line[NAME_SIZE] = "";
	uint64_t now_s = power_uptime_ms() / 1000;
	int none = wrap_reboot_command();

	OK(!machine_read_note(&m, "resetting", line), "hang: a reset that was refused is over");
	resetting_end_hang(&m);
	EQ(wrap_reboot_command(), none, "hang: nothing to end");
	hook("0");
	EQ(resetting_wipe(&m, &f), 0, "hang: setup");
	OK(machine_read_note(&m, "resetting", line), "hang: the end is noted");
	OK(strtoul(line, NULL, 10) >= now_s + 700 && strtoul(line, NULL, 10) < now_s + 800,
	   "hang: the time of the hook, and 10 minutes");
	resetting_end_hang(&m);
	EQ(wrap_reboot_command(), none, "hang: not before");
	machine_set_note(&m, "resetting", "1");
	resetting_end_hang(&m);
	EQ(wrap_reboot_command(), (int)RB_AUTOBOOT, "hang: it is ended");
	machine_set_note(&m, "resetting", "");
	machine_end_hold(&m);
}

/* The hold cannot be shown, because somebody else has its lock: then the other one stays. */
static void test_no_hold(void)
{
	int fd = open("/run/bootassess/hold", O_RDWR | O_CLOEXEC);

	EQ(flock(fd, LOCK_EX | LOCK_NB), 0, "setup: lock");
	closep(&m.lock);
	machine_lock(&m);
	OK(m.lock >= 0, "setup: lock");
	machine_begin_hold(&m);
	OK(m.lock >= 0 && m.hold < 0, "hold: without its lock the other is kept");
	machine_end_hold(&m);
	OK(m.lock >= 0, "hold: to its end");
	(void)close(fd);
	machine_begin_hold(&m);
	OK(m.lock < 0 && m.hold >= 0, "hold: with it the other is free");
	machine_end_hold(&m);
}

static void test_wiped(void)
{
	EQ(reset("data multi data"), 0, "wipe: done");
	OK(!f.reset_refused, "wipe: not refused");
	machine_end_hold(&m);
	EQ(reset("data multi"), 0, "wipe: again, as after a power cut");
	machine_end_hold(&m);
}

void test_wipe(void)
{
	set_up();
	test_refusals();
	test_states();
	test_hook();
	test_hang();
	test_no_hold();
	test_wiped();
	machine_close(&m);
}
