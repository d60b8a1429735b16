// SPDX-License-Identifier: LGPL-2.1-or-later
/* A switch by kexec that fails at its last steps, from a real vfat: what is left behind, and what
 * is done then. The disk and /efivars are those of tests/roots/kexec; /sys/kernel and /sys/firmware
 * are played, as this kernel has neither kexec nor EFI. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "decide.h"
#include "observe.h"
#include "staging.h"
#include "tap.h"

#define EFIVARS "/sys/firmware/efi/efivars"
#define ONESHOT EFIVARS "/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define LOADED	"/sys/kernel/kexec_loaded"
#define ESP	"/run/bootassess/esp"
#define RECORD	ESP "/loader/bootassess/record"
#define FRESH	ESP "/loader/entries/passive+3.conf"
#define CHARGED ESP "/loader/entries/passive+2-1.conf"

static struct facts facts;
static struct plan plan;

static size_t read_file(const char *path, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	(void)root_read(AT_FDCWD, path, buf, size, &len);
	return len;
}

static void check_has(const char *path, const char *text)
{
	char buf[8192];

	(void)read_file(path, buf, sizeof(buf));
	if (!strstr(buf, text))
		tap_note("%s: %s", path, buf);
	OK(strstr(buf, text), "%s has %s", path, text);
}

static int n_mounts(void)
{
	char buf[16384];
	int n = 0;

	for (size_t i = read_file("/proc/self/mountinfo", buf, sizeof(buf)); i > 0; i--)
		n += buf[i - 1] == '\n';
	return n;
}

static void copy_variables(void)
{
	DIR *d = opendir("/efivars");
	const struct dirent *e;

	OK(d, "setup");
	while (d && (e = readdir(d))) {
		char path[600], buf[4096];
		size_t len;

		(void)snprintf(path, sizeof(path), "/efivars/%s", e->d_name);
		len = read_file(path, buf, sizeof(buf));
		(void)snprintf(path, sizeof(path), EFIVARS "/%s", e->d_name);
		if (len > 0)
			EQ(put(path, buf, len), 0, "setup");
	}
	(void)closedir(d);
}

static void play_sys(void)
{
	EQ(mount("tmpfs", "/sys/kernel", "tmpfs", 0, NULL), 0, "setup");
	EQ(mount("tmpfs", "/sys/firmware", "tmpfs", 0, NULL), 0, "setup");
	(void)mkdir("/sys/firmware/efi", 0755);
	(void)mkdir(EFIVARS, 0755);
	EQ(put(LOADED, "0\n", 2), 0, "setup");
	copy_variables();
}

static void note_loaded(bool is_loaded)
{
	(void)put(LOADED, is_loaded ? "1\n" : "0\n", 2);
}

/* What holds when reboot(2) is called. */
static void check_reboot(int command)
{
	bool is_kexec = command == (int)RB_KEXEC;

	OK(!exists(ESP "/loader"), "nothing of ours is mounted at reboot(2)");
	check_has(LOADED, is_kexec ? "1" : "0");
}

static int refuse_to_leave(enum leave how)
{
	bool kexec = how == LEAVE_KEXEC;

	OK(exists(ESP "/loader"), "$BOOT stays for the next plan");
	check_has(LOADED, kexec ? "1" : "0");
	return kexec ? -ECANCELED : 0;
}

static void open_machine(int (*leave)(enum leave how))
{
	EQ(machine_open(NULL, &machine), 0, "machine_open");
	machine.leave = leave;
	machine_reach(&machine);
	OK(machine.store[PLACE_ESP].fd >= 0, "machine_reach: $BOOT");
}

/* The target's counter moved, and the record that is open says by whom. */
static void check_charged(void)
{
	EQ(facts.against, AGAINST_LOAD, "the facts say what failed");
	check_has(LOADED, "0");
	OK(machine.store[PLACE_ESP].fd >= 0, "$BOOT can be reached");
	check_has(RECORD, "state=open");
	check_has(RECORD, "method=kexec");
	OK(exists(CHARGED) && !exists(FRESH), "the target was charged");
	OK(!exists(ONESHOT), "no one-shot yet");
}

static void check_firmware(void)
{
	check_has(RECORD, "state=open");
	check_has(RECORD, "method=firmware");
	OK(exists(FRESH) && !exists(CHARGED), "the charge was taken back");
	OK(exists(ONESHOT), "the one-shot is set");
}

static void forget(void)
{
	EQ(machine_begin_write(&machine, PLACE_ESP), 0, "setup");
	(void)unlink(RECORD);
	machine_end_write(&machine, PLACE_ESP);
	(void)unlink(ONESHOT);
}

/* One switch: kexec fails, the firmware is asked instead. */
static void fail_once(const int *load_errors, int jump_error, int (*leave)(enum leave how))
{
	int fds = n_open(), mounts = n_mounts();

	open_machine(leave);
	observe(&machine, EVENT_ASSESS, &facts);
	facts.against = 0; /* what this kernel lacks is played */
	decide(&facts, &machine.config, &plan);
	EQ(plan.method, METHOD_KEXEC, "decide: kexec first");
	wrap_start();
	wrap_kexec(load_errors, note_loaded);
	wrap_reboot(jump_error, check_reboot);
	EQ(act(&machine, &facts, &plan), ACT_AGAIN, "act: another plan");
	check_charged();
	decide(&facts, &machine.config, &plan);
	EQ(plan.method, METHOD_FIRMWARE, "decide: then the firmware");
	EQ(act(&machine, &facts, &plan), leave ? 0 : -EPERM, "act: up to the end");
	if (!leave)
		EQ(wrap_reboot_command(), (int)RB_AUTOBOOT, "by a restart");
	machine_close(&machine);
	open_machine(NULL);
	check_firmware();
	forget();
	machine_close(&machine);
	EQ(n_open(), fds, "no file stays open");
	EQ(n_mounts(), mounts, "no mount stays");
}

/* Kexec is the only way, and fails: nothing of the switch remains. */
static void fail_for_good(void)
{
	static const int refused[] = {EBUSY, WRAP_KEXEC_END};
	uint32_t txn;

	open_machine(NULL);
	observe(&machine, EVENT_ASSESS, &facts);
	facts.against = 0;
	facts.unfit = METHOD_FIRMWARE | METHOD_ORDER;
	decide(&facts, &machine.config, &plan);
	EQ(plan.method, METHOD_KEXEC, "decide: kexec");
	txn = plan.record.txn;
	wrap_start();
	wrap_kexec(refused, note_loaded);
	EQ(act(&machine, &facts, &plan), ACT_AGAIN, "act: another plan");
	check_charged();
	decide(&facts, &machine.config, &plan);
	EQ(plan.verdict, VERDICT_PROCEED, "decide: no way is left");
	EQ(plan.record.txn, txn + 1, "a record of its own");
	EQ(act(&machine, &facts, &plan), 0, "act: up to the end");
	check_has(RECORD, "state=closed");
	OK(exists(FRESH) && !exists(CHARGED), "the charge was taken back");
	OK(!exists(ONESHOT), "no one-shot");
	forget();
	machine_close(&machine);
}

void test_handover(void)
{
	static const int errors[] = {ENOEXEC, ENODATA,	     ENOKEY, EKEYREJECTED, EPERM,
				     ENOMEM,  EADDRNOTAVAIL, EBUSY,  ENOSYS};
	static const int done[] = {0, 0, WRAP_KEXEC_END};

	play_sys();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const int script[] = {errors[i], WRAP_KEXEC_END};

		tap_note("load: %s", strerror(errors[i]));
		fail_once(script, EPERM, NULL);
	}
	tap_note("jump");
	fail_once(done, EINVAL, NULL);
	fail_once(done, EBUSY, NULL);
	tap_note("leave");
	fail_once(done, EPERM, refuse_to_leave);
	tap_note("no other way");
	fail_for_good();
}
