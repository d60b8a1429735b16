// SPDX-License-Identifier: LGPL-2.1-or-later
/* An ESP that somebody has damaged on purpose, or that has rotted, on the kernel's own vfat: what a
 * boot does with it ends in time, never in a reset, and the device can be asked again. The trees of
 * tests/hostile are about what is in the files; this is about the file system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "decide.h"
#include "doors/power.h"
#include "history-store.h"
#include "record-store.h"
#include "repair.h"
#include "repairing.h"
#include "settling.h"
#include "tap.h"

#define LIMIT_S	  10
#define ROUNDS	  24	 /* of noise */
#define BIG_SLOTS 65536u /* of a directory, as many as FAT allows */
#define SLOT	  32u

static const char *const healthy[] = {"kernel",
				      KERNEL,
				      ENTRY_DIR "/active+2-1.conf",
				      "linux /kernel\n",
				      ENTRY_DIR "/passive+3-0.conf",
				      "linux /kernel\n",
				      ENTRY_DIR "/recovery+3-0.conf",
				      "linux /kernel\n",
				      "loader/loader.conf",
				      "timeout 0\n",
				      "loader/bootassess/.bootassess-0",
				      "x",
				      "EFI/Linux/other.efi",
				      "x",
				      NULL};

static unsigned int get16(unsigned int at)
{
	return raw[at] | raw[at + 1] << 8;
}

static void put16(unsigned char *p, unsigned int value)
{
	p[0] = (unsigned char)value;
	p[1] = (unsigned char)(value >> 8);
}

static unsigned int fat_start(void)
{
	return get16(14) * 512;
}

static unsigned int data_start(void)
{
	return fat_start() + raw[16] * get16(22) * 512 + get16(17) * SLOT;
}

static unsigned char *cluster_at(unsigned int cluster)
{
	return raw + data_start() + (size_t)(cluster - 2) * 512;
}

/* In both copies. */
static void set_next(unsigned int cluster, unsigned int next)
{
	for (unsigned int copy = 0; copy < raw[16]; copy++)
		put16(raw + fat_start() + copy * get16(22) * 512 + (size_t)cluster * 2, next);
}

static void set_cluster(const struct volume_entry *e, unsigned int cluster)
{
	put16(find_slot(e) + 26, cluster);
}

/* What a boot does: repair, look, decide, note. Twice, for what the first one changed. */
static void boot(const char *name)
{
	static const struct record none = {.state = RECORD_NONE};
	struct history_entry entry = {.event = "edit"};
	uint64_t start_ms = power_uptime_ms();

	for (int i = 0; i < 2; i++) {
		alarm(2 * LIMIT_S);
		OK(machine_open(NULL, &device) == 0, "setup: machine_open");
		machine_reach(&device);
		(void)repair_store(&device, PLACE_ESP);
		observe(&device, EVENT_ASSESS, &facts);
		decide(&facts, &device.config, &plan);
		OK(plan.verdict == VERDICT_PROCEED, "%s: the boot goes on (%d)", name,
		   plan.verdict);
		facts.event = EVENT_EMERGENCY;
		decide(&facts, &device.config, &plan);
		OK(plan.verdict != VERDICT_RESET, "%s: no reset", name);
		(void)record_store_write(&device, &none);
		(void)history_store_append(&device, &entry);
		machine_close(&device);
		alarm(0);
	}
	tap_note("%s: %llu ms", name, (unsigned long long)(power_uptime_ms() - start_ms));
	OK(power_uptime_ms() - start_ms < LIMIT_S * 1000, "%s: in time", name);
}

static void begin(const char *name)
{
	tap_note("hostile: %s", name);
	make(healthy);
}

static void test_chains(void)
{
	static const unsigned int nexts[] = {0, 1, 0xffef, 0xfff7, 0x9000};
	struct volume_entry active, entries;
	char name[40];

	begin("a file that never ends");
	active = find(ENTRY_DIR, "active+2-1.conf");
	transfer(false, raw);
	set_next(active.cluster, active.cluster);
	find_slot(&active)[30] = 1; /* 64 KiB and more */
	transfer(true, raw);
	boot("a file that never ends");
	begin("a folder that never ends");
	entries = find("loader", "entries");
	transfer(false, raw);
	set_next(entries.cluster, entries.cluster);
	transfer(true, raw);
	boot("a folder that never ends");
	for (size_t i = 0; i < sizeof(nexts) / sizeof(nexts[0]); i++) {
		(void)snprintf(name, sizeof(name), "a chain that goes on at %#x", nexts[i]);
		begin(name);
		active = find(ENTRY_DIR, "active+2-1.conf");
		entries = find("loader", "entries");
		transfer(false, raw);
		set_cluster(&active, nexts[i]);
		set_next(entries.cluster, nexts[i]);
		transfer(true, raw);
		boot(name);
	}
}

/* Folders that are in themselves, in each other, and the one that a file is in. */
static void test_crossed(void)
{
	struct volume_entry loader, entries, own, active;

	begin("folders that contain each other");
	loader = find("", "loader");
	entries = find("loader", "entries");
	own = find("loader", "bootassess");
	transfer(false, raw);
	set_cluster(&entries, loader.cluster);
	set_cluster(&own, loader.cluster);
	transfer(true, raw);
	boot("folders that contain each other");
	begin("entries and bootassess are one folder");
	entries = find("loader", "entries");
	own = find("loader", "bootassess");
	transfer(false, raw);
	set_cluster(&own, entries.cluster);
	transfer(true, raw);
	boot("one folder of two names");
	begin("an entry that is its own folder");
	entries = find("loader", "entries");
	active = find(ENTRY_DIR, "active+2-1.conf");
	transfer(false, raw);
	set_cluster(&active, entries.cluster);
	transfer(true, raw);
	boot("an entry that is its own folder");
	begin("a file for a folder");
	entries = find("loader", "entries");
	transfer(false, raw);
	find_slot(&entries)[11] = 0x20;
	transfer(true, raw);
	boot("a file for a folder");
}

/* A long name of one slot, of 13 UTF-16 units, in front of the short one. */
static void put_long(unsigned char *slot, const uint16_t units[13])
{
	static const unsigned char places[13] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	unsigned char sum = 0;

	for (unsigned int i = 0; i < 11; i++)
		sum = (unsigned char)((sum >> 1 | sum << 7) + slot[SLOT + i]);
	memset(slot, 0, SLOT);
	slot[0] = 0x41;
	slot[11] = 0x0f;
	slot[13] = sum;
	for (unsigned int i = 0; i < 13; i++)
		put16(slot + places[i], units[i]);
}

static void test_names(void)
{
	static const uint16_t names[][13] = {
		{'.', '.', '/', '.', '.', '/', 'x', '.', 'c', 'o', 'n', 'f', 0},
		{'p', 'a', 's', 's', 'i', 'v', 'e', '/', '.', 'c', 'o', 'n', 'f'},
		{0xd800, 0xd800, 0xdc00, 0xdc00, 'x', '.', 'c', 'o', 'n', 'f', 0, 0xffff, 0xffff},
		{0x1b, '[', '2', 'J', '\n', 0x9b, 0x202e, '.', 'c', 'o', 'n', 'f', 0},
		{'.', 0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
		 0xffff, 0xffff},
		{'.', '.', 0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
		 0xffff, 0xffff},
		{0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
		 0xffff, 0xffff},
	};
	static const char *const shorts[] = {"../../  X  ", "\xe5\xff\x80\x90    CON",
					     "\x05\x01\x02\x1b[2JCON", "           ",
					     "..  ..  ..."};
	struct volume_entry passive;

	begin("names that are none");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make(healthy);
		passive = find(ENTRY_DIR, "passive+3-0.conf");
		transfer(false, raw);
		put_long(find_slot(&passive) - SLOT, names[i]);
		transfer(true, raw);
		boot("a long name that is none");
	}
	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
		make(healthy);
		passive = find(ENTRY_DIR, "passive+3-0.conf");
		transfer(false, raw);
		memcpy(find_slot(&passive), shorts[i], 11);
		transfer(true, raw);
		boot("a short name that is none");
	}
}

/* As large as a directory of FAT can be: 2 MiB of short names. */
static void test_big_folder(void)
{
	const unsigned int first = 3000, n = BIG_SLOTS * SLOT / 512 - 1;
	struct volume_entry entries;
	char name[12];

	begin("a folder of 65536 names");
	entries = find("loader", "entries");
	transfer(false, raw);
	set_next(entries.cluster, first);
	for (unsigned int i = 0; i < n; i++) {
		unsigned char *slot = cluster_at(first + i);

		set_next(first + i, i + 1 < n ? first + i + 1 : 0xffff);
		memset(slot, 0, 512);
		for (unsigned int k = 0; k < 512 / SLOT; k++, slot += SLOT) {
			(void)snprintf(name, sizeof(name), "P%07uCON", (i * 16 + k) % 10000000);
			memcpy(slot, name, 11);
			slot[11] = 0x20;
		}
	}
	transfer(true, raw);
	boot("a folder of 65536 names");
}

/* The parameters of the file system: mounted or not, nothing is believed. */
static void test_parameters(void)
{
	static const struct {
		unsigned char at, value;
	} bytes[] = {
		{11, 1},    {12, 0x80}, {13, 0},    {13, 3}, {13, 0x80}, {14, 0},
		{15, 0xff}, {16, 0},	{16, 0xff}, {17, 0}, {18, 0xff}, {19, 1},
		{20, 0},    {21, 0},	{22, 0},    {22, 1}, {23, 0xff}, {32, 0xff},
		{35, 0xff}, {36, 0xff}, {66, 0},    {37, 3},
	};

	tap_note("hostile: parameters that lie");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		make(healthy);
		transfer(false, raw);
		raw[bytes[i].at] = bytes[i].value;
		transfer(true, raw);
		boot("a parameter that lies");
	}
}

/* What no one has thought of: bytes anywhere in the FAT, the root and the folders. */
static void test_noise(void)
{
	tap_note("hostile: noise");
	srand(1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		make(healthy);
		transfer(false, raw);
		for (unsigned int k = 0; k < 20 + i * 20; k++) {
			unsigned int at = fat_start() + (unsigned int)rand() % 64;

			if (k % 3 != 0)
				at = data_start() - get16(17) * SLOT +
				     (unsigned int)rand() % (get16(17) * SLOT + 16 * 512);
			raw[at] = (unsigned char)rand();
		}
		transfer(true, raw);
		boot("noise");
	}
}

void test_hostile(void)
{
	repair_prepare();
	test_chains();
	test_crossed();
	test_names();
	test_big_folder();
	test_parameters();
	test_noise();
}
