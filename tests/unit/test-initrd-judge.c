// SPDX-License-Identifier: LGPL-2.1-or-later
/* Images of each generator with all that they need, and what is said where something lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "initrd.h"
#include "small-elf.h"

#define PROGRAM	     "usr/lib/bootassess/bootassess-initrd"
#define ARCHIVE_SIZE 65536

/* What stands for the content of a file. */
#define PROGRAM_TEXT "\1"
#define LIBRARY_TEXT "\2"
#define LINK_TEXT    "\3" /* and where it leads */

struct file {
	const char *path, *content;
};

static const struct file common[] = {
	{PROGRAM, PROGRAM_TEXT},
	{"lib", LINK_TEXT "usr/lib"},
	{"usr/lib/ld.so", LIBRARY_TEXT},
	{"usr/lib/x86_64/libc.so.6", LIBRARY_TEXT},
	{"usr/lib/x86_64/libblkid.so.1", LINK_TEXT "libblkid.so.1.2"},
	{"usr/lib/x86_64/libblkid.so.1.2", LIBRARY_TEXT},
	{"lib/libmount.so.1", LIBRARY_TEXT},
	{"usr/lib/libkmod.so.2", LIBRARY_TEXT},
	{"opt/libc.so.6", "nobody looks there"},
	{"usr/lib/modules/6.1/modules.builtin",
	 "kernel/fs/nls/nls-cp437.ko\nkernel/fs/efivarfs.ko\n"},
	{"usr/lib/modules/6.1/kernel/vfat.ko.xz", "x"},
	{"usr/lib/modules/6.1/kernel/nls_iso8859-1.ko", "x"},
	{NULL, NULL},
};

static const struct file systemd[] = {
	{"usr/lib/systemd/systemd", "x"},
	{"usr/lib/systemd/system/bootassess-assess.service", "x"},
	{"usr/lib/systemd/system/bootassess-deadline.service", "x"},
	{"usr/lib/systemd/system/bootassess-emergency.service", "x"},
	{"usr/lib/systemd/system/initrd.target.wants/bootassess-assess.service", "x"},
	{"usr/lib/systemd/system/initrd.target.wants/bootassess-deadline.service", "x"},
	{"usr/lib/systemd/system/emergency.target.wants/bootassess-emergency.service", "x"},
	{NULL, NULL},
};

static const struct file dracut[] = {
	{"usr/lib/dracut/modules.txt", "bash\n"},
	{"var/lib/dracut/hooks/pre-udev/05-bootassess-deadline-start.sh", "x"},
	{"var/lib/dracut/hooks/pre-mount/05-bootassess-assess.sh", "x"},
	{"var/lib/dracut/hooks/cleanup/05-bootassess-deadline-stop.sh", "x"},
	{"var/lib/dracut/hooks/emergency/05-bootassess-emergency.sh", "x"},
	{"var/lib/dracut/hooks/shutdown-emergency/05-bootassess-emergency.sh", "x"},
	{NULL, NULL},
};

static const struct file tools[] = {
	{"scripts/functions", "x"},
	{"scripts/init-top/bootassess", "x"},
	{"scripts/init-top/ORDER", "/scripts/init-top/udev\n/scripts/init-top/bootassess\n"},
	{"scripts/init-premount/bootassess", "x"},
	{"scripts/init-bottom/bootassess", "x"},
	{"scripts/panic/bootassess", "x"},
	{NULL, NULL},
};

static const struct file mkinitcpio[] = {
	{"buildconfig", "x"},
	{"hooks/bootassess", "x"},
	{"config",
	 "EARLYHOOKS=\"bootassess\"\nHOOKS=\"udev bootassess\"\nCLEANUPHOOKS=\"bootassess\"\n"
	 "EMERGENCYHOOKS=\"bootassess\"\n"},
	{NULL, NULL},
};

static uint8_t archive[ARCHIVE_SIZE];
static size_t len;

static void put_file(const char *name, uint32_t mode, const void *content, size_t size)
{
	len += (size_t)sprintf((char *)archive + len,
			       "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
			       (unsigned int)len, mode, 0, 0, 1, 0, (unsigned int)size, 8, 1, 0, 0,
			       (unsigned int)strlen(name) + 1, 0);
	memcpy(archive + len, name, strlen(name) + 1);
	len = (len + strlen(name) + 1 + 3) & ~(size_t)3;
	memcpy(archive + len, content, size);
	len = (len + size + 3) & ~(size_t)3;
}

static void put_text(const char *path, const char *content)
{
	uint8_t elf[LEN];

	make_elf(elf);
	if (content[0] == LIBRARY_TEXT[0])
		put(elf + INTERP, 4, 4);
	if (content[0] == LINK_TEXT[0])
		put_file(path, 0120777, content + 1, strlen(content) - 1);
	else if (content[0] == PROGRAM_TEXT[0] || content[0] == LIBRARY_TEXT[0])
		put_file(path, 0100755, elf, sizeof(elf));
	else
		put_file(path, 0100644, content, strlen(content));
}

struct row {
	const char *what;
	const struct file *maker, *besides; /* NULL = none */
	const char *drop;		    /* a file that is not there, "" = none */
	struct file other;		    /* one that is there with another content */
	const char *finding;
	enum initrd_mark mark;
	const char *text;
};

static void put_all(const struct row *row, const struct file *f)
{
	for (; f && f->path; f++)
		if (strcmp(f->path, row->drop) != 0 &&
		    (!row->other.path || strcmp(f->path, row->other.path) != 0))
			put_text(f->path, f->content);
}

static const struct file no_modules[] = {{NULL, NULL}};

#define MODULES "usr/lib/modules/6.1/"
#define UNITS	"usr/lib/systemd/system/"
#define HOOKS	"var/lib/dracut/hooks/"

static const struct row rows[] = {
	{"systemd", dracut, systemd, "", {0}, "start", INITRD_OK, "units of systemd"},
	{"dracut", dracut, NULL, "", {0}, "start", INITRD_OK, "hooks of dracut"},
	{"initramfs-tools", tools, NULL, "", {0}, "start", INITRD_OK, "hooks of initramfs-tools"},
	{"mkinitcpio", mkinitcpio, NULL, "", {0}, "start", INITRD_OK, "hooks of mkinitcpio"},
	{"nobody", NULL, NULL, "", {0}, "start", INITRD_UNSURE, "what starts the program is not"},
	{"systemd, nobody", NULL, systemd, "", {0}, "start", INITRD_OK, "units of systemd"},
	{"no unit",
	 dracut,
	 systemd,
	 UNITS "bootassess-assess.service",
	 {0},
	 "start",
	 INITRD_BAD,
	 "missing systemd/system/bootassess-assess.service"},
	{"no hook",
	 dracut,
	 NULL,
	 HOOKS "cleanup/05-bootassess-deadline-stop.sh",
	 {0},
	 "start",
	 INITRD_BAD,
	 "missing hooks/cleanup/bootassess-deadline-stop.sh"},
	{"two that lack",
	 dracut,
	 NULL,
	 "",
	 {HOOKS "emergency/05-bootassess-emergency.sh", NULL},
	 "start",
	 INITRD_BAD,
	 "missing hooks/emergency/bootassess-emergency.sh"},
	{"no script",
	 tools,
	 NULL,
	 "scripts/panic/bootassess",
	 {0},
	 "start",
	 INITRD_BAD,
	 "missing scripts/panic/bootassess"},
	{"no line",
	 tools,
	 NULL,
	 "",
	 {"scripts/init-top/ORDER", "/scripts/init-top/udev\n"},
	 "start",
	 INITRD_BAD,
	 "missing a line in scripts/init-top/ORDER"},
	{"no variable",
	 mkinitcpio,
	 NULL,
	 "",
	 {"config", "HOOKS=\"bootassess\"\nEARLYHOOKS=\"\"\n"},
	 "start",
	 INITRD_BAD,
	 "missing bootassess in EARLYHOOKS= of /config, bootassess in CLEANUP"},
	{"no config of mkinitcpio",
	 mkinitcpio,
	 NULL,
	 "config",
	 {0},
	 "start",
	 INITRD_BAD,
	 "missing bootassess in EARLYHOOKS= of /config, bootassess in HOOKS="},

	{"the program", dracut, NULL, "", {0}, "program", INITRD_OK, "/" PROGRAM},
	{"no program",
	 dracut,
	 NULL,
	 PROGRAM,
	 {0},
	 "program",
	 INITRD_BAD,
	 "/" PROGRAM " is not in it"},
	{"a file",
	 dracut,
	 NULL,
	 "",
	 {PROGRAM, "x"},
	 "program",
	 INITRD_BAD,
	 "/" PROGRAM " cannot be executed"},
	{"a link",
	 dracut,
	 NULL,
	 "",
	 {PROGRAM, LINK_TEXT "/lib/ld.so"},
	 "program",
	 INITRD_OK,
	 "/" PROGRAM},
	{"libraries", dracut, NULL, "", {0}, "libraries", INITRD_OK, "all 4 are there"},
	{"no library",
	 dracut,
	 NULL,
	 "lib/libmount.so.1",
	 {0},
	 "libraries",
	 INITRD_BAD,
	 "missing, or damaged: libmount.so.1"},
	{"a damaged one",
	 dracut,
	 NULL,
	 "",
	 {"usr/lib/ld.so", "x"},
	 "libraries",
	 INITRD_BAD,
	 "missing, or damaged: ld.so"},
	{"a link to nothing",
	 dracut,
	 NULL,
	 "usr/lib/x86_64/libblkid.so.1.2",
	 {0},
	 "libraries",
	 INITRD_BAD,
	 "missing, or damaged: libblkid.so.1"},
	{"libkmod", dracut, NULL, "", {0}, "libkmod", INITRD_OK, "libkmod.so.2"},
	{"no libkmod",
	 dracut,
	 NULL,
	 "usr/lib/libkmod.so.2",
	 {0},
	 "libkmod",
	 INITRD_BAD,
	 "libkmod.so.2 is missing"},

	{"modules", dracut, NULL, "", {0}, "modules", INITRD_OK, "all that the boot entries take"},
	{"no vfat",
	 dracut,
	 NULL,
	 MODULES "kernel/vfat.ko.xz",
	 {0},
	 "modules",
	 INITRD_BAD,
	 "neither there nor built in: vfat"},
	{"no list",
	 dracut,
	 NULL,
	 MODULES "modules.builtin",
	 {0},
	 "modules",
	 INITRD_BAD,
	 "neither there nor built in: nls_cp437, efivarfs"},
	{"no charset",
	 dracut,
	 NULL,
	 MODULES "kernel/nls_iso8859-1.ko",
	 {0},
	 "modules",
	 INITRD_BAD,
	 "neither there nor built in: nls_ascii or nls_iso8859-1"},
	{"a name that only begins so",
	 dracut,
	 NULL,
	 "",
	 {MODULES "kernel/vfat.ko.xz", NULL},
	 "modules",
	 INITRD_BAD,
	 "neither there nor built in: vfat"},

	{"no configuration", dracut, NULL, "", {0}, "configuration", INITRD_OK, "none, and this"},
	{"the same",
	 dracut,
	 NULL,
	 "",
	 {"etc/bootassess/bootassess.conf", "[Ladder]\nTries=3\n"},
	 "configuration",
	 INITRD_OK,
	 "/etc/bootassess/bootassess.conf, as on this system"},
	{"another",
	 dracut,
	 NULL,
	 "",
	 {"etc/bootassess/bootassess.conf", "[Ladder]\nTries=4\n"},
	 "configuration",
	 INITRD_BAD,
	 "it is not that of this system (Tries= differs)"},
	{"a bad line",
	 dracut,
	 NULL,
	 "",
	 {"etc/bootassess/bootassess.conf", "\nx\ny\n"},
	 "configuration",
	 INITRD_UNSURE,
	 "/etc/bootassess/bootassess.conf has a line that is not "
	 "understood: 2"},
};

static const struct row *now;
static bool is_told;

static void note(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	(void)data;
	if (strcmp(what, now->finding) != 0)
		return;
	is_told = true;
	if (mark != now->mark || !strstr(text, now->text))
		fail_msg("%s: got %d \"%s\", want %d \"%s\"", now->what, mark, text, now->mark,
			 now->text);
}

static void judge(const struct row *row, struct initrd_needs needs)
{
	struct initrd i = {.archive = {{archive, 0}}, .n = 1};
	struct config c;

	config_defaults(&c);
	needs.config = &c;
	i.archive[0].len = len;
	now = row;
	is_told = false;
	initrd_judge(&i, &needs, note, NULL);
	if (!is_told)
		fail_msg("%s: nothing is said of %s", row->what, row->finding);
}

static void test_rows(void **state)
{
	const struct initrd_needs needs = {.has_efi = true, .has_vfat = true, .boot_type = ""};

	(void)state;
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		len = 0;
		put_all(&rows[k], common);
		put_all(&rows[k], rows[k].maker);
		put_all(&rows[k], rows[k].besides);
		if (rows[k].other.content)
			put_text(rows[k].other.path, rows[k].other.content);
		judge(&rows[k], needs);
	}
}

/* A kernel without modules has all built in, or lacks it. */
static void test_no_modules(void **state)
{
	static const struct row unsure = {
		"no modules at all",
		no_modules,
		NULL,
		"",
		{0},
		"modules",
		INITRD_UNSURE,
		"the kernel must have: vfat, nls_cp437, nls_ascii or nls_iso8859-1, efivarfs, xfs"};
	static const struct row nothing = {"nothing is needed", no_modules, NULL,      "", {0},
					   "modules",		INITRD_OK,  "all that"};
	struct initrd_needs needs = {.has_efi = true, .has_vfat = true, .boot_type = "xfs"};

	(void)state;
	len = 0;
	put_text(PROGRAM, PROGRAM_TEXT);
	judge(&unsure, needs);
	needs = (struct initrd_needs){.boot_type = ""};
	judge(&nothing, needs);
}

static void test_static_program(void **state)
{
	static const struct row static_program = {
		"it needs nothing", no_modules, NULL, "", {0}, "libraries", INITRD_OK, "all 0 are"};
	uint8_t elf[LEN];

	(void)state;
	make_elf(elf);
	put(elf + INTERP, 4, 4);
	put(elf + DYNAMIC, 4, 4);
	len = 0;
	put_file(PROGRAM, 0100755, elf, sizeof(elf));
	judge(&static_program, (struct initrd_needs){.boot_type = ""});
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(initrd_maker_name(INITRD_DRACUT), "dracut");
	assert_string_equal(initrd_maker_name(INITRD_UNKNOWN), "an unknown generator");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_modules),
		cmocka_unit_test(test_static_program),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
