// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which boot entries are taken, and which are not. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "staging.h"
#include "tap.h"

static void check_refused(const struct rung *r, const char *expected)
{
	struct stage s = STAGE_INIT;
	int before = n_open();

	why[0] = '\0';
	OK(check(r, &s) < 0, "refused: %s", expected);
	if (strncmp(why, expected, strlen(expected)) != 0)
		EQ_STR(why, expected, "why");
	stage_close(&s);
	EQ(n_open(), before, "nothing is left open");
}

static void test_uki(void)
{
	static const char initrd[] = INITRD_B "\0\0\0" INITRD_A;
	struct stage s = STAGE_INIT;
	int before = n_open();

	make_uki(INITRD_B, INITRD_A, 0x8664);
	EQ(check(&uki_rung, &s), 0, "stage_check: UKI");
	EQ_STR(s.entry, UKI, "stage_check: its file");
	OK(s.is_uki && s.kernel.size == kernel_size, "stage_check: .linux without padding");
	OK(strncmp(s.cmdline, "root=/dev/vda2 quiet ", 21) == 0, "stage_check: .cmdline");
	OK(strstr(s.cmdline, "bootassess.booted=passive.efi"), "stage_check: and ours");
	EQ(s.n_initrds, 2, "stage_check: .ucode and .initrd");
	EQ(s.initrd_size, 20 + 12, "stage_check: padded size");
	EQ(s.needed, 2 * (kernel_size + 32) + 32 + IMAGE_INIT_SIZE + (32 << 20),
	   "stage_check: memory");
	EQ_STR(s.kernel.section, ".linux", "stage_check: the kernel's section");
	EQ_STR(s.initrd[0].section, ".ucode", "stage_check: the first initrd's section");
	EQ_STR(s.initrd[1].section, ".initrd", "stage_check: the second initrd's section");
	EQ_STR(s.initrd[1].file, "", "stage_check: no file but the entry");
	EQ(s.kernel_memfd, -1, "stage_check: nothing is copied yet");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "stage_copy: UKI");
	check_memfd(s.kernel_memfd, kernel, kernel_size, "kernel");
	check_memfd(s.initrd_memfd, initrd, sizeof(initrd) - 1, "initrd: .ucode comes first");
	stage_close(&s);
	EQ(n_open(), before, "stage_close");
	put_conf("linux /linux\n");
	EQ(put("linux", kernel, kernel_size), 0, "setup");
	EQ(check(&conf_rung, &s), 0, "stage_close: it can be used again");
	OK(!s.is_uki && s.n_initrds == 0 && s.initrd_size == 124, "stage_close: nothing remains");
	stage_close(&s);
	stage_close(&s);
}

/* Which section it is, is not told by its place. */
static void test_ucode_only(void)
{
	struct stage s = STAGE_INIT;

	make_uki(INITRD_B, "", 0x8664);
	put_conf("uki /" UKI "\n");
	EQ(check(&conf_rung, &s), 0, "stage_check: .ucode, and no .initrd");
	EQ(s.n_initrds, 1, "stage_check: one initrd");
	EQ_STR(s.initrd[0].section, ".ucode", "stage_check: its section");
	EQ_STR(s.initrd[0].file, "/" UKI, "stage_check: its file");
	stage_close(&s);
}

static void test_no_initrd(void)
{
	struct stage s = STAGE_INIT;
	char archive[200];
	ssize_t n;

	make_uki("", "", 0x8664);
	EQ(check(&uki_rung, &s), 0, "stage_check: no initrd");
	EQ(s.initrd_size, 124, "stage_check: room for an empty archive");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "stage_copy: no initrd");
	n = pread(s.initrd_memfd, archive, sizeof(archive), 0);
	EQ(n, 124, "an empty archive");
	/* cpio(5): 6 bytes and 13 numbers of 8 digits, then the name with its terminator */
	OK(memcmp(archive, "070701", 6) == 0 && memcmp(archive + 94, "0000000b", 8) == 0 &&
		   memcmp(archive + 110, "TRAILER!!!\0\0\0\0", 14) == 0,
	   "its only record is the last one");
	EQ(put("/out/empty.cpio", archive, 124), 0, "setup");
	stage_close(&s);
}

static void test_type1(void)
{
	static const char initrd[] = INITRD_A INITRD_B "\0\0\0" INITRD_A;
	struct stage s = STAGE_INIT;

	put_files();
	put_conf("linux /linux\ninitrd /a.img\ninitrd \\b.img\ninitrd a.img\noptions one\n"
		 "options two  three\narchitecture X64\nprofile 0\n");
	EQ(check(&conf_rung, &s), 0, "stage_check: type #1");
	EQ_STR(s.entry, CONF, "stage_check: its file");
	OK(!s.is_uki && s.n_initrds == 3, "stage_check: parts");
	EQ_STR(s.kernel.file, "/linux", "stage_check: the kernel's file");
	EQ_STR(s.initrd[1].file, "\\b.img", "stage_check: an initrd's file, as it is spelled");
	OK(!s.kernel.section && !s.initrd[1].section, "stage_check: no sections");
	OK(strncmp(s.cmdline, "one two  three ", 15) == 0, "stage_check: options in order");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "stage_copy: type #1");
	check_memfd(s.kernel_memfd, kernel, kernel_size, "kernel");
	check_memfd(s.initrd_memfd, initrd, sizeof(initrd) - 1, "initrd: in order, padded");
	stage_close(&s);
}

/* A type #1 entry that names a UKI, by each of the keys. */
static void test_type1_uki(void)
{
	static const char *const keys[] = {"linux", "efi", "uki"};
	char text[200];

	make_uki("", INITRD_A, 0x8664);
	for (size_t i = 0; i < 3; i++) {
		struct stage s = STAGE_INIT;

		(void)snprintf(text, sizeof(text), "%s /" UKI "\n", keys[i]);
		put_conf(text);
		EQ(check(&conf_rung, &s), 0, keys[i]);
		OK(s.is_uki && strncmp(s.cmdline, "root=/dev/vda2", 14) == 0, "its .cmdline");
		stage_close(&s);
		(void)snprintf(text, sizeof(text), "%s /" UKI "\noptions other\n", keys[i]);
		put_conf(text);
		EQ(check(&conf_rung, &s), 0, keys[i]);
		OK(strncmp(s.cmdline, "other ", 6) == 0, "options replace .cmdline");
		stage_close(&s);
		EQ(stage_check(&machine, &conf_rung, 7, true, &s, why, sizeof(why)), 0, keys[i]);
		EQ_STR(s.cmdline, "root=/dev/vda2 quiet", "verbatim: .cmdline stays");
		stage_close(&s);
	}
}

static void test_refused_entries(void)
{
	static const char *const cases[][2] = {
		{"options x\n", CONF ": no key linux, efi or uki"},
		{"linux /linux\nuki /" UKI "\n", CONF ": more than one of the keys"},
		{"uki-url http://x/\n", CONF ": uki-url"},
		{"linux /linux\ndevicetree /x.dtb\n", CONF ": devicetree"},
		{"linux /linux\nprofile 1\n", CONF ": profile"},
		{"uki /" UKI "\nextra /x.addon.efi\n", CONF ": extra"},
		{"linux /linux\narchitecture aa64\n", CONF ": architecture"},
		{"linux /" UKI "\ninitrd /a.img\n", CONF ": /" UKI ": a UKI together"},
		{"linux /none\n", CONF ": /none: No such file"},
		{"linux /../linux\n", CONF ": /../linux: Invalid argument"},
		{"linux \\a.img\n", CONF ": \\a.img: offset "},
		{"linux /empty\n", CONF ": /empty: offset "},
		{"efi /linux\n", CONF ": /linux: "},
		{"linux /linux\ninitrd /none\n", CONF ": /none: No such file"},
		{"linux /linux\ninitrd /a.img\ninitrd /linux\n", CONF ": /linux: offset 0: no ini"},
		{"linux /linux\ninitrd /empty\n", CONF ": /empty: offset 0: no initrd"},
		{"linux /linux\noptions a\x01z\n", CONF ": command line: "},
	};

	EQ(put("empty", "", 0), 0, "setup");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_conf(cases[i][0]);
		check_refused(&conf_rung, cases[i][1]);
	}
	(void)unlink(CONF);
	check_refused(&conf_rung, CONF ": No such file");
}

static void test_long_options(void)
{
	static char text[5000] = "linux /linux\noptions ";

	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	put_conf(text);
	check_refused(&conf_rung, CONF ": the command line is too long");
}

/* A UKI cut anywhere, and what else is wrong with one. */
static void test_refused_uki(void)
{
	char expected[100];

	make_uki(INITRD_B, INITRD_A, 0x8664);
	for (size_t cut = 0; cut < image_size; cut += cut < 1024 ? 37 : 500) {
		EQ(truncate(UKI, (off_t)cut), 0, "setup");
		check_refused(&uki_rung, UKI ": offset ");
		EQ(put(UKI, image, image_size), 0, "setup");
	}
	make_uki("", INITRD_A, 0xaa64);
	check_refused(&uki_rung, UKI ": built for another machine");
	make_uki("", INITRD_A, 0x8664);
	memcpy(memmem(image, 1024, ".cmdline", 8), ".dtbauto", 8);
	EQ(put(UKI, image, image_size), 0, "setup");
	check_refused(&uki_rung, UKI ": sections .dtb or .dtbauto: a kexec keeps the devicetree");
	make_uki("", "garbage", 0x8664);
	(void)snprintf(expected, sizeof(expected), UKI ": offset %u: no initrd",
		       image_section_at(image, 2));
	check_refused(&uki_rung, expected);
	make_uki("garbage", INITRD_A, 0x8664);
	(void)snprintf(expected, sizeof(expected), UKI ": offset %u: no initrd",
		       image_section_at(image, 3));
	check_refused(&uki_rung, expected);
	make_uki("", INITRD_A, 0x8664);
	memset(image + image_section_at(image, 3) + 0x202, 'x', 4);
	EQ(put(UKI, image, image_size), 0, "setup");
	(void)snprintf(expected, sizeof(expected),
		       UKI ": offset %u: ", image_section_at(image, 3) + 0x202);
	check_refused(&uki_rung, expected);
}

static void test_long_cmdline(void)
{
	static char cmdline[5000];
	const struct image_section sections[] = {{".osrel", "x", 1},
						 {".cmdline", cmdline, sizeof(cmdline)},
						 {".linux", kernel, (uint32_t)kernel_size}};

	memset(cmdline, 'x', sizeof(cmdline));
	image_size = image_uki(image, 0x8664, sections, 3);
	EQ(put(UKI, image, image_size), 0, "setup");
	check_refused(&uki_rung, UKI ": offset 1536: the command line is too long");
}

static void test_files(void)
{
	test_uki();
	test_ucode_only();
	test_no_initrd();
	test_type1();
	test_type1_uki();
	test_refused_entries();
	test_long_options();
	test_refused_uki();
	test_long_cmdline();
}

void test_stage(void)
{
	set_up("/run/stage");
	test_files();
}

void test_stage_vfat(void)
{
	set_up_vfat();
	test_files();
}
