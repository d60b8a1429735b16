// SPDX-License-Identifier: LGPL-2.1-or-later
/* A bless and edits on the kernel's vfat: what they leave, what every failure on the way leaves, on
 * a full file system too, and what others see meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bless.h"
#include "edit.h"
#include "record-store.h"
#include "settling.h"
#include "tap.h"

#define PUBLIC "/run/efi"

static const char *const usual[] = {ESP ENTRIES "active+2-1.conf",
				    "efi /a\n",
				    ESP ENTRIES "passive.conf",
				    "efi /p\n",
				    ESP ENTRIES "recovery+1-2.conf",
				    "efi /r\n",
				    CONF,
				    "timeout 3\ndefault active+3.conf\n",
				    ESP "/a",
				    "a",
				    ESP "/p",
				    "p",
				    ESP "/r",
				    "r",
				    NULL};

static const char corrected[] = "timeout 3\ndefault active.conf\n\n\n";

/* One bless from beginning to end; how it ended. */
static int bless(void)
{
	int r;

	start(EVENT_BLESS);
	bless_plan(&facts, &device.config, &plan);
	r = settle(&device, &facts, &plan);
	end();
	return r;
}

static int edit(enum edit what, unsigned int rungs)
{
	start(EVENT_EDIT);
	edit_plan(&facts, &device.config, what, rungs, &plan);
	return settle(&device, &facts, &plan);
}

static void test_bless(void)
{
	tap_note("bless");
	lay_out(usual);
	EQ(bless(), 0, "bless");
	EQ(plan.reason, REASON_BLESSED, "bless: reason");
	OK(!facts.incomplete, "bless: complete");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "bless: the counter is dropped");
	OK(file_is(ESP ENTRIES "recovery+3-0.conf", "efi /r\n"), "bless: recovery is refilled");
	OK(file_is(ESP ENTRIES "passive.conf", "efi /p\n"), "bless: passive stays");
	OK(file_is(CONF, corrected), "bless: the default is corrected");
	EQ(count_content(ESP ENTRIES, "efi /a\n"), 1, "bless: one file");
	OK(machine_has_note(&device, "counted"), "bless: later runs are told");
	bless_plan(&facts, &device.config, &plan);
	EQ(plan.n_ops, 0, "bless: and there is no more to do");
	EQ(plan.reason, REASON_GOOD, "bless: reason of the second");
	OK(!facts.booted.renamed && !facts.booted.unproved, "bless: nobody else did it");
	wrap_start();
	EQ(settle(&device, &facts, &plan), 0, "bless: again");
	EQ(wrap_calls(), 0, "bless: and that writes nothing");
	end();
}

static const char *const twins[] = {ESP ENTRIES "active+2-1.conf",
				    "efi /a\n",
				    ESP ENTRIES "active.conf",
				    "old\n",
				    ESP ENTRIES "active.conf.off",
				    "older\n",
				    ESP ENTRIES "Active+1-1.conf",
				    "",
				    ESP "/EFI/Linux/active+3-0.efi",
				    "an id of its own",
				    XBOOTLDR ENTRIES "active+3-0.conf",
				    "other\n",
				    ESP "/a",
				    "a",
				    NULL};

static void test_park(void)
{
	tap_note("park");
	lay_out(twins);
	EQ(bless(), 0, "park: bless");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "park: the booted one is blessed");
	OK(file_is(ESP ENTRIES "active.conf.off", "older\n"), "park: what was there stays");
	OK(file_is(ESP ENTRIES "active.conf.off1", "old\n"), "park: the next free name");
	OK(!file_is(ESP ENTRIES "Active+1-1.conf", "") &&
		   !file_is(ESP ENTRIES "Active+1-1.conf.off", ""),
	   "park: an empty one is a leftover, and gone before");
	OK(file_is(XBOOTLDR ENTRIES "active+3-0.conf.off", "other\n"), "park: on XBOOTLDR");
	OK(file_is(ESP "/EFI/Linux/active+3-0.efi", "an id of its own"), "park: not of type #2");
	OK(!facts.ladder.rung[facts.booted.rung].twin[0], "park: one file is left");
	end();
}

static void test_park_full(void)
{
	char path[300];

	tap_note("no name is left to park");
	lay_out(twins);
	start(EVENT_BLESS);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	for (int i = 1; i < 10; i++) {
		(void)snprintf(path, sizeof(path), ESP ENTRIES "active.conf.off%d", i);
		EQ(put(path, "taken\n", 6), 0, "setup");
	}
	machine_end_write(&device, PLACE_ESP);
	end();
	EQ(bless(), 0, "park: the last name is given up");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "park: blessed");
	OK(file_is(ESP ENTRIES "active.conf.off9", "old\n"), "park: in the place of the last one");
	EQ(count_content(ESP ENTRIES, "taken\n"), 8, "park: all others stay");
	end();
}

/* The letter case of FAT: kept, and of no account. */
static void test_case(void)
{
	static const char *const files[] = {ESP ENTRIES "ACTIVE+2-1.CONF", "efi /a\n", ESP "/a",
					    "a", NULL};

	tap_note("case");
	lay_out(files);
	EQ(bless(), 0, "case: bless");
	start(EVENT_BLESS);
	EQ_STR(facts.ladder.rung[facts.booted.rung].name, "ACTIVE.CONF", "case: as it was");
	EQ(count_content(ESP ENTRIES, "efi /a\n"), 1, "case: one file");
	end();
}

static void test_edit(void)
{
	tap_note("edit");
	lay_out(usual);
	EQ(edit(EDIT_REARM, 1 << 0), 0, "rearm: the booted rung");
	OK(file_is(ESP ENTRIES "active+3-0.conf", "efi /a\n"), "rearm: its tries again");
	end();
	start(EVENT_BLESS);
	OK(facts.booted.counted_here && !facts.booted.renamed, "rearm: that was us");
	end();
	EQ(bless(), 0, "rearm: then a bless");
	start(EVENT_EDIT);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "rearm: blessed");
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(mkdir(ESP ENTRIES "active+0-9.conf", 0755), 0, "setup: something in the way");
	machine_end_write(&device, PLACE_ESP);
	end();
	EQ(edit(EDIT_BAD, 7), -EEXIST, "mark: one of three cannot be");
	OK(facts.incomplete, "mark: incomplete");
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "mark: that one stays");
	OK(file_is(ESP ENTRIES "passive+0-9.conf", "efi /p\n"), "mark: the others go on");
	OK(file_is(ESP ENTRIES "recovery+0-9.conf", "efi /r\n"), "mark: to the last");
	EQ(facts.ladder.rung[1].counter.done, 9, "mark: the facts follow");
	end();
}

/* Somebody else renamed it since the loader started it. */
static void test_renamed(void)
{
	static const char *const files[] = {ESP ENTRIES "active+0-1.conf", "efi /a\n", ESP "/a",
					    "a", NULL};
	static const char *const other[] = {ESP ENTRIES "active+1-1.conf",
					    "efi /a\n",
					    ESP ENTRIES "active.conf",
					    "efi /a\n",
					    ESP "/a",
					    "a",
					    NULL};

	tap_note("renamed");
	lay_out(files);
	start(EVENT_BLESS);
	OK(facts.booted.renamed && !facts.booted.unproved, "renamed");
	end();
	lay_out(other);
	start(EVENT_BLESS);
	OK(facts.booted.renamed && facts.booted.unproved, "renamed, and one of two");
	end();
	lay_out(twins);
	start(EVENT_BLESS);
	OK(!facts.booted.renamed && !facts.booted.unproved, "the loader names one of several");
	end();
}

/* Every entry under exactly one name, whole; the record where it was or in the variable. */
static bool is_nothing_lost(void)
{
	static const char *const contents[] = {"efi /a\n", "efi /p\n", "efi /r\n", "old\n"};
	bool is_there = true;

	start(EVENT_BLESS);
	for (size_t i = 0; i < 4; i++)
		is_there = is_there && count_content(ESP ENTRIES, contents[i]) == 1;
	is_there = is_there && count_content(ESP "/loader", "timeout 3\ndefault active+3.conf\n") +
					       count_content(ESP "/loader", corrected) ==
				       1;
	is_there = is_there && facts.record.txn == 7 && facts.booted.rung == 0 &&
		   !facts.ladder.rung[0].broken;
	end();
	return is_there;
}

static bool is_blessed(void)
{
	const struct counter full = counter_make(3, 0);
	bool is_done;

	start(EVENT_BLESS);
	is_done = !facts.ladder.rung[0].counter.present && !facts.ladder.rung[0].twin[0] &&
		  counter_is_same(&facts.ladder.rung[2].counter, &full) &&
		  count_content(ESP "/loader", corrected) == 1 && facts.record.rounds == 0;
	end();
	return is_done;
}

static void lay_out_all(void)
{
	struct record r = {.state = RECORD_HOLD, .txn = 7, .rounds = 3};

	lay_out(usual);
	start(EVENT_EDIT);
	EQ(record_store_write(&device, &r), 0, "setup");
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(put(ESP ENTRIES "active.conf", "old\n", 4), 0, "setup");
	machine_end_write(&device, PLACE_ESP);
	end();
}

/* A bless whose nth call fails: true if it had so many. */
static bool fail_at(int nth, int error)
{
	bool is_told;
	int calls, r;

	lay_out_all();
	start(EVENT_BLESS);
	bless_plan(&facts, &device.config, &plan);
	EQ(plan.n_ops, 5, "setup: park, bless, correct, record, arm");
	wrap_start();
	wrap_fail_call(nth, error);
	r = settle(&device, &facts, &plan);
	calls = wrap_calls();
	is_told = r < 0 || facts.incomplete;
	wrap_start();
	end();
	OK(is_nothing_lost(), "call %d: nothing is lost", nth);
	OK(is_told || is_blessed(), "call %d: what is missing is said", nth);
	OK(bless() == 0 && !facts.incomplete && is_blessed(), "call %d: the next bless ends it",
	   nth);
	return calls >= nth;
}

/* Somebody else has the ESP mounted: then names are changed through the mount. */
static void set_shared(bool is_shared)
{
	if (is_shared)
		EQ(mount("/dev/ubda1", "/mnt", "vfat", MS_RDONLY, NULL), 0, "setup: shared");
	else
		EQ(umount("/mnt"), 0, "setup: no longer shared");
}

static void test_errors(bool is_shared)
{
	int nth = 1;

	tap_note("bless: each call fails once%s", is_shared ? ", shared" : "");
	if (is_shared)
		set_shared(true);
	while (fail_at(nth, EIO))
		nth++;
	OK(nth > (is_shared ? 40 : 20), "%d calls failed, one at a time", nth - 1);
	for (int i = 1; i < nth; i += 4)
		(void)fail_at(i, EROFS);
	if (is_shared)
		set_shared(false);
}

/* Nothing but names changes, so no free cluster is needed. */
static void test_full(void)
{
	static char block[65536];
	ssize_t n;
	int fd;

	tap_note("full");
	lay_out(usual);
	start(EVENT_BLESS);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	fd = open(ESP "/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (size_t size = sizeof(block); size >= 512; size /= 2)
		while ((n = write(fd, block, size)) > 0)
			;
	EQ(fsync(fd), 0, "setup");
	(void)close(fd);
	fd = open(ESP "/more", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	EQ(write(fd, block, 1), -1, "setup: all clusters are used");
	(void)close(fd);
	machine_end_write(&device, PLACE_ESP);
	end();
	EQ(bless(), 0, "full: bless");
	OK(!facts.incomplete, "full: the default too, in place");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "full: blessed");
	OK(file_is(ESP ENTRIES "recovery+3-0.conf", "efi /r\n"), "full: refilled");
	end();
}

/* The folder has no room for one more name, and can get none. */
static void test_full_folder(void)
{
	char path[300];
	int n = 0, fd;

	tap_note("full folder");
	start(EVENT_EDIT); /* all clusters are used already */
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	do {
		(void)snprintf(path, sizeof(path), ESP ENTRIES "f%d", n++);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		(void)close(fd);
	} while (fd >= 0 && n < 100);
	OK(fd < 0 && n < 100, "setup: the folder is full after %d", n);
	machine_end_write(&device, PLACE_ESP);
	end();
	set_shared(true);
	EQ(edit(EDIT_BAD, 1 << 0), -ENOSPC, "full folder: mark, through the mount");
	OK(facts.incomplete, "full folder: incomplete");
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "full folder: the old name");
	OK(file_is(ESP ENTRIES "active+0-9.conf", NULL), "full folder: no leftover");
	OK(file_is(ESP ENTRIES "passive.conf", "efi /p\n"), "full folder: nothing else");
	EQ(count_content(ESP ENTRIES, ""), n - 1, "full folder: only what was there");
	end();
	set_shared(false);
	/* One sector is written, and no new slot needed. */
	EQ(edit(EDIT_BAD, 1 << 0), 0, "full folder: mark");
	OK(!facts.incomplete && file_is(ESP ENTRIES "active.conf", NULL),
	   "full folder: no old name");
	OK(file_is(ESP ENTRIES "active+0-9.conf", "efi /a\n"), "full folder: the new name");
	EQ(count_content(ESP ENTRIES, ""), n - 1, "full folder: nothing else");
	end();
}

static void set_protected(const char *device_path, int value)
{
	int fd = open(device_path, O_RDONLY | O_CLOEXEC);

	EQ(ioctl(fd, BLKROSET, &value), 0, "setup: BLKROSET");
	(void)close(fd);
}

/* A device that nobody can write to: the variable holds the counters. */
static void test_protected(void)
{
	tap_note("protected");
	lay_out(usual);
	set_protected("/dev/ubda1", 1);
	EQ(bless(), -EROFS, "protected, but not for the loader: it would count on");
	EQ(plan.reason, REASON_BLESSED, "protected: there was something to do");
	OK(facts.incomplete && variable_is("BootAssessTries", NULL), "protected: no variable");
	set_variable("LoaderBootCountPath", NULL);
	EQ(bless(), 0, "protected: bless");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active+2-1.conf", "efi /a\n"), "protected: the name stays");
	OK(facts.ladder.rung[0].in_variable && !facts.ladder.rung[0].counter.present,
	   "protected: blessed in the variable");
	OK(facts.ladder.rung[2].in_variable && facts.ladder.rung[2].counter.left == 3,
	   "protected: recovery is refilled there");
	OK(!facts.booted.renamed, "protected: not renamed");
	end();
	(void)bless();
	EQ(plan.n_ops, 1, "protected: again, but for the default");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(edit(EDIT_REARM, 1 << 0), -EROFS, "protected: no variable either");
	OK(facts.incomplete && !facts.ladder.rung[0].counter.present, "protected: it stays");
	end();
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	set_protected("/dev/ubda1", 0);
	EQ(edit(EDIT_REARM, 1 << 0), 0, "writable again");
	OK(file_is(ESP ENTRIES "active+3-0.conf", "efi /a\n"), "writable again: the name");
	OK(!facts.ladder.rung[0].in_variable, "writable again: no line of the variable");
	end();
	set_variable("LoaderBootCountPath", "\\loader\\entries\\active+2-1.conf");
}

/* As process 1 sees the public mount: its own options, and whether it can be written to. */
static int n_watched, n_writable;

static void look(void)
{
	char line[1024], where[256], options[256];
	FILE *f = fopen("/proc/1/mountinfo", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*s %*s %*s %255s %255s", where, options) != 2 ||
		    strcmp(where, PUBLIC) != 0)
			continue;
		n_watched++;
		n_writable += strncmp(options, "ro,", 3) != 0;
	}
	if (f)
		(void)fclose(f);
	n_writable += access("/proc/1/root" PUBLIC "/loader", W_OK) == 0 || errno != EROFS;
}

static void test_public(void)
{
	tap_note("public mount, read-only");
	lay_out(usual);
	start(EVENT_BLESS);
	bless_plan(&facts, &device.config, &plan);
	wrap_start();
	wrap_watch(look);
	EQ(settle(&device, &facts, &plan), 0, "public: bless");
	wrap_watch(NULL);
	end();
	EQ(n_watched, wrap_calls(), "public: watched at every call");
	OK(n_watched > 20, "public: %d of them", n_watched);
	EQ(n_writable, 0, "public: never writable");
	start(EVENT_BLESS);
	OK(file_is(ESP ENTRIES "active.conf", "efi /a\n"), "public: blessed");
	end();
}

/* Process 1 gets the public mount too: only machine_reach() parts with it. */
void test_settle_public(void)
{
	(void)mkdir(PUBLIC, 0755);
	EQ(mount("/dev/ubda1", PUBLIC, "vfat", MS_RDONLY, NULL), 0, "setup");
	test_public();
}

/* What a bless does not hang on. */
static void test_minor(void)
{
	static const char *const files[] = {ESP ENTRIES "active.conf", "efi /a\n", ESP "/a", "a",
					    NULL};
	struct record r = {.state = RECORD_HOLD, .txn = 7, .rounds = 3};

	tap_note("minor failures");
	lay_out(usual);
	start(EVENT_EDIT);
	EQ(machine_begin_write(&device, PLACE_ESP), 0, "setup");
	EQ(mkdir(ESP ENTRIES "recovery+3-0.conf", 0755), 0, "setup: something in the way");
	machine_end_write(&device, PLACE_ESP);
	end();
	EQ(bless(), 0, "minor: no refill");
	OK(facts.incomplete, "minor: but that is said");
	lay_out(files);
	start(EVENT_EDIT);
	EQ(record_store_write(&device, &r), 0, "setup");
	end();
	set_protected("/dev/ubda2", 1);
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "setup");
	EQ(bless(), 0, "minor: no record");
	EQ(plan.n_ops, 1, "minor: there was one to close");
	OK(facts.incomplete, "minor: and that is said");
	EQ(mount(NULL, EFIVARS, NULL, MS_REMOUNT, NULL), 0, "setup");
	set_protected("/dev/ubda2", 0);
}

void test_settle(void)
{
	test_bless();
	test_park();
	test_park_full();
	test_case();
	test_edit();
	test_renamed();
	test_errors(false);
	test_errors(true);
	test_protected();
	test_minor();
	test_full();
	test_full_folder();
}
