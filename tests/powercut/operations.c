// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bless.h"
#include "carrier.h"
#include "doors/esp.h"
#include "history-store.h"
#include "naive.h"
#include "pin-store.h"
#include "record-store.h"
#include "repair.h"
#include "settle.h"
#include "trial.h"
#include "updates.h"

const char *const layout_names[LAYOUTS] = {"same",	   "cross", "straddle",
					   "old-straddle", "far",   "cluster"};

#define ALL  ((1u << LAYOUTS) - 1)
#define ONE  (1u << LAYOUT_SAME)
#define SOME (1u << LAYOUT_SAME | 1u << LAYOUT_STRADDLE | 1u << LAYOUT_FAR)

#define ENTRIES "loader/entries/"
#define TRIES	"loader/bootassess/"
#define TEXT \
	"title Active\nlinux /active/linux\ninitrd /active/initrd\noptions root=LABEL=a quiet\n"
#define CONF "timeout 3\ndefault active+3-0.conf\n"
#define LONG ENTRIES "active-of-a-device-whose-slots-have-names-that-never-end-1234"

/* Not enough for the new file beside the old one. Some clusters more than an install needs: those
 * that a power cut loses come back only where there is an fsck.fat. */
#define IN_PLACE_ROOM 45000

#define LINE  "# a line of a loader.conf that somebody has written, and that is rather long\n"
#define LINES LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE
#define PAGES LINES LINES LINES LINES LINES LINES LINES LINES LINES LINES

static const struct file armed[] = {
	{ENTRIES "active+3-0.conf", TEXT, 0}, {"loader/loader.conf", CONF, 0}, {NULL, NULL, 0}};
static const struct file long_armed[] = {{LONG "+3-0.conf", TEXT, 0}, {NULL, NULL, 0}};
static const struct file plain[] = {{ENTRIES "active.conf", TEXT, 0}, {NULL, NULL, 0}};
static const struct file counted[] = {
	{ENTRIES "active+2-1.conf", TEXT, 0}, {"loader/loader.conf", CONF, 0}, {NULL, NULL, 0}};
static const struct file twins[] = {{ENTRIES "active+2-1.conf", TEXT, 0},
				    {ENTRIES "active.conf", "linux /passive/linux\n", 0},
				    {NULL, NULL, 0}};
static const struct file uki[] = {{"EFI/Linux/active+3-0.efi", NULL, 60000},
				  {"EFI/Linux/passive.efi", NULL, 50000},
				  {NULL, NULL, 0}};
static const struct file plain_uki[] = {{"EFI/Linux/active.efi", NULL, 60000},
					{"EFI/Linux/passive.efi", NULL, 50000},
					{NULL, NULL, 0}};
static const struct file stores[] = {{ENTRIES "active.conf", TEXT, 0},
				     {"loader/bootassess/record", NULL, 512},
				     {"loader/bootassess/pin", NULL, 512},
				     {"loader/bootassess/history", NULL, HISTORY_SIZE},
				     {NULL, NULL, 0}};
static const struct file tries[] = {{ENTRIES "active.conf", TEXT, 0},
				    {TRIES "active+3-0.conf", "", 0},
				    {TRIES "passive+0-9.conf", "", 0},
				    {NULL, NULL, 0}};
static const struct file tries_passive[] = {
	{ENTRIES "active.conf", TEXT, 0}, {TRIES "passive+0-9.conf", "", 0}, {NULL, NULL, 0}};
static const struct file tries_counted[] = {
	{ENTRIES "active.conf", TEXT, 0}, {TRIES "active+2-1.conf", "", 0}, {NULL, NULL, 0}};
static const struct file tries_cut[] = {{ENTRIES "active.conf", TEXT, 0},
					{TRIES "active+2-1.conf", "", 0},
					{TRIES "active+3-0.conf", "", 0},
					{TRIES "active.conf", "", 0},
					{NULL, NULL, 0}};
static const struct file long_conf[] = {
	{ENTRIES "active.conf", TEXT, 0}, {"loader/loader.conf", CONF PAGES, 0}, {NULL, NULL, 0}};
static const struct file vendor[] = {{ENTRIES "active.conf", TEXT, 0},
				     {"EFI/vendor/shim.bin", NULL, 9000},
				     {"EFI/vendor/grub.bin", NULL, 20000},
				     {NULL, NULL, 0}};

static const struct file folder[] = {
	{ENTRIES "passive.conf", "title Passive\nefi /EFI/vendor/shimx64.efi\n", 0},
	{ENTRIES "active.conf", TEXT, 0},
	{"EFI/vendor/shimx64.efi", NULL, 9000},
	{"EFI/vendor/grubx64.efi", NULL, 20000},
	{NULL, NULL, 0}};

/* Gives the booted rung this counter; a state that has it already is left alone. */
static int set_counter(struct machine *m, const struct facts *f, struct counter to,
		       bool is_reserved)
{
	char name[NAME_SIZE];

	for (unsigned int i = 0; i < f->ladder.n; i++)
		if (strncmp(f->ladder.rung[i].id, "active", 6) == 0 && !f->ladder.rung[i].missing)
			return carrier_set(m, &f->ladder.rung[i], &to, is_reserved, name);
	return -ENOENT;
}

static int count(struct machine *m, struct facts *f)
{
	return set_counter(m, f, counter_make(2, 1), false);
}

static int arm(struct machine *m, struct facts *f)
{
	return set_counter(m, f, counter_make(3, 0), true);
}

static int mark(struct machine *m, struct facts *f)
{
	return set_counter(m, f, counter_bad(), true);
}

static int bless(struct machine *m, struct facts *f)
{
	struct plan p;
	int r;

	observe(m, EVENT_BLESS, f);
	observe_settings(m, f);
	bless_plan(f, &m->config, &p);
	if (p.reason == REASON_REFUSED)
		return -EBADE;
	r = settle(m, f, &p);
	return r < 0 || !f->incomplete ? r : -EIO;
}

static int write_record(struct machine *m, struct facts *f)
{
	struct record r = {.state = RECORD_HOLD, .txn = 7, .rounds = 3};

	(void)f;
	return record_store_write(m, &r);
}

static int write_pin(struct machine *m, struct facts *f)
{
	int r = pin_store_write(m, "active.conf");

	(void)f;
	return r < 0 ? r : 0;
}

static int write_history(struct machine *m, struct facts *f)
{
	struct history_entry e = {.uptime_s = 5};

	history_set(e.event, sizeof(e.event), event_name(f->event));
	return history_store_append(m, &e);
}

static int correct(struct machine *m, struct facts *f)
{
	int r = machine_begin_write(m, PLACE_ESP);

	(void)f;
	if (r < 0)
		return r;
	r = sdboot_correct(m->store[PLACE_ESP].fd, "active.conf");
	machine_end_write(m, PLACE_ESP);
	return r < 0 ? r : 0;
}

static int rename_by_door(struct machine *m, struct facts *f)
{
	int r = machine_begin_write(m, PLACE_ESP);

	(void)f;
	if (r == 0)
		r = esp_rename(m->store[PLACE_ESP].fd, "loader/entries", "active+3-0.conf",
			       "active+2-1.conf");
	machine_end_write(m, PLACE_ESP);
	return r == -ENOENT ? 0 : r;
}

static int rename_reserved_by_door(struct machine *m, struct facts *f)
{
	int r = machine_begin_write(m, PLACE_ESP);

	(void)f;
	if (r == 0)
		r = esp_rename_reserved(m->store[PLACE_ESP].fd, "loader/entries", "active+3-0.conf",
					"active.conf");
	machine_end_write(m, PLACE_ESP);
	return r == -ENOENT ? 0 : r;
}

/* Cut short it leaves both names of one file. */
static void rename_badly(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)esp_rename(fd, "loader/entries", "active+3-0.conf", "active+2-1.conf");
	(void)close(fd);
}

static int arm_by_door(struct machine *m, struct facts *f)
{
	int r = machine_begin_write(m, PLACE_ESP);

	(void)f;
	if (r == 0)
		r = esp_rename(m->store[PLACE_ESP].fd, "loader/entries", "active.conf",
			       "active+3-0.conf");
	machine_end_write(m, PLACE_ESP);
	return r;
}

static int repair(struct machine *m, struct facts *f)
{
	(void)f;
	return repair_store(m, PLACE_ESP);
}

/* Where somebody else has the file system mounted, a UKI is counted on by a rename: its content is
 * too large for a copy, and the name's sector is not ours to write. If the slots of the new name
 * lie in two sectors and the disk turns their order round, one state has the short name's slot
 * without the long one's and the old name is gone: one lost of all, and only on a disk with such a
 * cache. A second one is a defect. esp_rename() by itself is the same
 * sequence. */
#define KNOWN_RESIDUE .known_lost = 1, .known_layouts = 1u << LAYOUT_FAR | 1u << LAYOUT_CLUSTER

#define ACTIVE	.entry = ENTRIES "active+3-0.conf", .files = armed
#define PLAIN	.entry = ENTRIES "active.conf", .files = plain
#define COUNTED .entry = ENTRIES "active+2-1.conf", .counted = ENTRIES "active+2-1.conf"

/* The repair itself is cut: it begins where an operation ended after so many of its requests. */
#define REPAIR_OF(what, with, of, by, percent)                                                    \
	{                                                                                         \
		"repair of " what, .entry = (of), .files = (with), .is_companion = true,          \
				   .may_take = true, .cut_short = (by), .cut_percent = (percent), \
				   .layouts = ONE, .run = repair,                                 \
	}

const struct operation operations[] = {
	{"naive bless-boot rename", ACTIVE, .is_naive = true, .layouts = ALL, .run = naive_bless},
	{"naive rename over", .entry = ENTRIES "active.conf", .files = long_conf, .is_naive = true,
	 .layouts = ONE, .run = naive_replace},
	{"naive truncate and write", .entry = ENTRIES "active.conf", .files = long_conf,
	 .is_naive = true, .layouts = ONE, .run = naive_truncate},
	{"naive directory exchange", .entry = "EFI/vendor/shim.bin", .files = vendor,
	 .is_naive = true, .together = "EFI/vendor/", .layouts = ONE, .run = naive_exchange},
	{"naive install of a UKI", .entry = "EFI/Linux/active.efi", .files = plain_uki,
	 .is_naive = true, .layouts = ONE, .run = naive_copy},
	{"esp_rename", ACTIVE, .may_take = true, .layouts = ALL, .run = rename_by_door,
	 KNOWN_RESIDUE},
	{"esp_rename_reserved", ACTIVE, .layouts = ALL, .run = rename_reserved_by_door},
	{"count", ACTIVE, .may_take = true, .layouts = ALL, .run = count},
	{"count, long name", .entry = LONG "+3-0.conf", .files = long_armed, .may_take = true,
	 .layouts = ALL, .run = count},
	{"count, mounted", ACTIVE, .is_shared = true, .may_take = true, .layouts = ALL,
	 .run = count},
	{"count of a UKI", .entry = "EFI/Linux/active+3-0.efi", .files = uki, .may_take = true,
	 .layouts = ALL, .run = count},
	{"count of a UKI, mounted", .entry = "EFI/Linux/active+3-0.efi", .files = uki,
	 .is_shared = true, .may_take = true, .layouts = ALL, .run = count, KNOWN_RESIDUE},
	{"arm", PLAIN, .layouts = ALL, .run = arm},
	{"arm, mounted", PLAIN, .is_shared = true, .layouts = ALL, .run = arm},
	{"arm of a UKI, mounted", .entry = "EFI/Linux/active.efi", .files = plain_uki,
	 .is_shared = true, .layouts = SOME, .run = arm},
	{"mark", ACTIVE, .layouts = SOME, .run = mark},
	{"mark, long name, mounted", .entry = LONG "+3-0.conf", .files = long_armed,
	 .is_shared = true, .layouts = ALL, .run = mark},
	{"bless", COUNTED, .files = counted, .layouts = ALL, .run = bless},
	{"bless, mounted", COUNTED, .files = counted, .is_shared = true, .layouts = SOME,
	 .run = bless},
	{"count in a tries file", .entry = TRIES "active+3-0.conf", .files = tries,
	 .is_in_file = true, .layouts = SOME, .run = count},
	{"count in a tries file, mounted", .entry = TRIES "active+3-0.conf", .files = tries,
	 .is_in_file = true, .is_shared = true, .layouts = SOME, .run = count},
	{"mark in a tries file, of several", .entry = TRIES "active+2-1.conf", .files = tries_cut,
	 .is_in_file = true, .layouts = ONE, .run = mark},
	{"arm in a tries file", .entry = TRIES "passive+0-9.conf", .files = tries_passive,
	 .is_in_file = true, .layouts = SOME, .run = arm},
	{"arm in a tries file, the first", PLAIN, .is_in_file = true, .layouts = ONE, .run = arm},
	{"bless in a tries file", .entry = TRIES "active+2-1.conf", .files = tries_counted,
	 .is_in_file = true, .layouts = SOME, .run = bless},
	{"bless in a tries file, mounted", .entry = TRIES "active+2-1.conf", .files = tries_counted,
	 .is_in_file = true, .is_shared = true, .layouts = SOME, .run = bless},
	{"park and bless", COUNTED, .files = twins, .layouts = SOME, .run = bless},
	{"park and bless, mounted", COUNTED, .files = twins, .is_shared = true, .layouts = SOME,
	 .run = bless},
	{"record, new", PLAIN, .layouts = ONE, .run = write_record},
	{"record", .entry = ENTRIES "active.conf", .files = stores, .layouts = ONE,
	 .run = write_record},
	{"pin, new", PLAIN, .layouts = ONE, .run = write_pin},
	{"pin", .entry = ENTRIES "active.conf", .files = stores, .layouts = ONE, .run = write_pin},
	{"history, new", PLAIN, .is_once = true, .layouts = ONE, .run = write_history},
	{"history", .entry = ENTRIES "active.conf", .files = stores, .is_once = true,
	 .layouts = ONE, .run = write_history},
	{"loader.conf, one sector", ACTIVE, .layouts = ONE, .run = correct},
	{"loader.conf, longer", .entry = ENTRIES "active.conf", .files = long_conf, .layouts = ONE,
	 .run = correct},
	{"repair of a cut rename", ACTIVE, .may_take = true, .prepare = rename_badly, .n_cut = 2,
	 .layouts = ALL, .run = repair},
	{"install of a UKI", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .layouts = SOME, .run = update_uki},
	{"install of a UKI, mounted", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .is_shared = true, .layouts = ONE, .run = update_uki},
	{"install of a new UKI", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .layouts = ONE, .run = update_new_uki},
	{"install of a UKI, tries file", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_in_file = true, .is_companion = true, .layouts = ONE, .run = update_uki},
	{"install of a new UKI, tries file", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_in_file = true, .is_companion = true, .layouts = ONE, .run = update_new_uki},
	{"install of a UKI, in place", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .room = IN_PLACE_ROOM, .slot = "EFI/Linux/passive.efi",
	 .layouts = ONE, .run = update_uki},
	{"install of a UKI, no room", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .room = 30000, .layouts = ONE, .run = update_too_large},
	{"install of a kernel", .entry = ENTRIES "active.conf", .files = plain,
	 .is_companion = true, .layouts = ONE, .is_numbered = true, .run = update_kernel},
	{"install of a tree", .entry = ENTRIES "passive.conf", .files = folder,
	 .is_companion = true, .guarded = "EFI/vendor/", .layouts = ONE, .run = update_tree},
	{"copy of a UKI", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .layouts = ONE, .run = copy_uki},
	REPAIR_OF("an install, 25 %", plain_uki, "EFI/Linux/passive.efi", update_uki, 25),
	REPAIR_OF("an install, 50 %", plain_uki, "EFI/Linux/passive.efi", update_uki, 50),
	REPAIR_OF("an install, 75 %", plain_uki, "EFI/Linux/passive.efi", update_uki, 75),
	REPAIR_OF("an install, 90 %", plain_uki, "EFI/Linux/passive.efi", update_uki, 90),
	REPAIR_OF("an install of a kernel, 40 %", plain, ENTRIES "active.conf", update_kernel, 40),
	REPAIR_OF("an install of a kernel, 80 %", plain, ENTRIES "active.conf", update_kernel, 80),
	REPAIR_OF("a remove, 50 %", plain_uki, "EFI/Linux/passive.efi", remove_uki, 50),
	REPAIR_OF("an arm, mounted, 50 %", plain, ENTRIES "active.conf", arm_by_door, 50),
	{"remove of a UKI", .entry = "EFI/Linux/passive.efi", .files = plain_uki,
	 .is_companion = true, .layouts = SOME, .run = remove_uki},
	{"remove of an entry", .entry = ENTRIES "active.conf", .files = plain, .is_companion = true,
	 .layouts = ONE, .run = remove_entry},
};
const size_t n_operations = sizeof(operations) / sizeof(operations[0]);
