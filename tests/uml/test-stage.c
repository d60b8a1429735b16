// SPDX-License-Identifier: LGPL-2.1-or-later
/* From a boot entry to sealed memory files, and what the kernel is asked then. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/mount.h"
#include "image.h"
#include "stage.h"
#include "tap.h"

#define UKI	   "EFI/Linux/passive+3-0.efi"
#define CONF	   "loader/entries/passive+3-0.conf"
#define BIG_INITRD (200u << 20)
#define INITRD_A   "070701 first"      /* 12 bytes */
#define INITRD_B   "070701 second one" /* 17 */

int stage_check_arm64(const struct machine *m, const struct rung *r, uint32_t txn, bool is_verbatim,
		      struct stage *s, char *why, size_t size);
int stage_copy_arm64(struct stage *s, char *why, size_t size);
void stage_close_arm64(struct stage *s);

static struct machine machine;
static struct rung uki_rung = {.type = 2, .name = "passive+3-0.efi", .id = "passive.efi"};
static struct rung conf_rung = {.type = 1, .name = "passive+3-0.conf", .id = "passive.conf"};
static char why[200];
static uint8_t image[IMAGE_MAX], kernel[IMAGE_MAX];
static size_t image_size, kernel_size;

static const char initrd_a[] = INITRD_A, initrd_b[] = INITRD_B;

/* .osrel, .cmdline, .initrd, .ucode (behind .initrd on purpose), .linux */
static void make_uki(const char *ucode, const char *initrd, uint16_t pe_machine)
{
	const struct image_section sections[] = {
		{".osrel", "ID=test\n", 8},
		{".cmdline", "root=/dev/vda2 quiet\n", 21},
		{".initrd", initrd, (uint32_t)strlen(initrd)},
		{".ucode", ucode, (uint32_t)strlen(ucode)},
		{".linux", kernel, (uint32_t)kernel_size},
	};

	image_size = image_uki(image, pe_machine, sections, 5);
	EQ(put(UKI, image, image_size), 0, "setup");
}

static void put_conf(const char *text)
{
	EQ(put(CONF, text, strlen(text)), 0, "setup");
}

static int check(const struct rung *r, struct stage *s)
{
	return stage_check(&machine, r, 7, false, s, why, sizeof(why));
}

static int n_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

/* Its content is exactly this, and nobody can change it any more. */
static void check_memfd(int fd, const void *data, size_t len, const char *name)
{
	static uint8_t got[IMAGE_MAX];
	ssize_t n = pread(fd, got, sizeof(got), 0);

	OK(n == (ssize_t)len && memcmp(got, data, len) == 0, "%s: content", name);
	OK(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM, "%s: sealed", name);
}

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

	EQ(put("a.img", initrd_a, 12), 0, "setup");
	EQ(put("b.img", initrd_b, 17), 0, "setup");
	EQ(put("linux", kernel, kernel_size), 0, "setup");
	put_conf("linux /linux\ninitrd /a.img\ninitrd \\b.img\ninitrd a.img\noptions one\n"
		 "options two  three\narchitecture X64\nprofile 0\n");
	EQ(check(&conf_rung, &s), 0, "stage_check: type #1");
	EQ_STR(s.entry, CONF, "stage_check: its file");
	OK(!s.is_uki && s.n_initrds == 3, "stage_check: parts");
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

static void touch_file(const char *path)
{
	const struct timespec times[2] = {{1000, 0}, {1000, 0}};

	EQ(utimensat(AT_FDCWD, path, times, 0), 0, "setup");
}

static void cut_file(const char *path)
{
	EQ(truncate(path, 4), 0, "setup");
}

/* One byte more, and the time as it was. */
static void grow_file(const char *path)
{
	struct timespec times[2];
	struct stat st;

	EQ(stat(path, &st), 0, "setup");
	EQ(truncate(path, st.st_size + 1), 0, "setup");
	times[0] = times[1] = st.st_mtim;
	EQ(utimensat(AT_FDCWD, path, times, 0), 0, "setup");
}

static void check_stale(const char *path, void (*change)(const char *path))
{
	struct stage s = STAGE_INIT;

	EQ(put("a.img", initrd_a, 12), 0, "setup");
	EQ(put("linux", kernel, kernel_size), 0, "setup");
	EQ(check(&conf_rung, &s), 0, "setup");
	change(path);
	EQ(stage_copy(&s, why, sizeof(why)), -ESTALE, "stage_copy: a file that has changed");
	OK(strstr(why, ": changed since it was checked"), "%s", why);
	stage_close(&s);
}

static void test_stale(void)
{
	put_conf("linux /linux\ninitrd /a.img\n");
	check_stale("linux", touch_file);
	check_stale("linux", cut_file);
	check_stale("linux", grow_file);
	check_stale("a.img", touch_file);
	check_stale("a.img", cut_file);
	check_stale("a.img", grow_file);
	EQ(put("a.img", initrd_a, 12), 0, "setup");
}

static void test_no_room(void)
{
	const struct rlimit limit = {.rlim_cur = 5000, .rlim_max = RLIM_INFINITY};
	const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct stage s = STAGE_INIT;
	int before = n_open();

	put_conf("linux /linux\ninitrd /a.img\n");
	EQ(check(&conf_rung, &s), 0, "setup");
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	EQ(stage_copy(&s, why, sizeof(why)), -EFBIG, "stage_copy: no room");
	(void)setrlimit(RLIMIT_FSIZE, &none);
	EQ_STR(why, CONF ": kernel: File too large", "stage_copy: why");
	stage_close(&s);
	EQ(n_open(), before, "stage_copy: nothing is left");
}

/* 200 MiB of .initrd, a hole in the file. */
static void test_resident(void)
{
	struct stage s = STAGE_INIT;
	struct stat st;
	long before;
	uint8_t *section;

	make_uki("", INITRD_A, 0x8664);
	section = memmem(image, 1024, ".initrd", 7);
	memcpy(section + 8, &(uint32_t){BIG_INITRD}, 4);
	memcpy(section + 16, &(uint32_t){BIG_INITRD}, 4);
	memcpy(section + 20, &(uint32_t){(uint32_t)image_size}, 4);
	memcpy(image + image_size, initrd_a, 12);
	EQ(put(UKI, image, image_size + 12), 0, "setup");
	EQ(truncate(UKI, (off_t)image_size + BIG_INITRD), 0, "setup");
	before = memory_start();
	EQ(check(&uki_rung, &s), 0, "stage_check: 200 MiB");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "stage_copy: 200 MiB");
	memory_check(before, 2048, "stage: at most 2 MiB more are resident");
	EQ(fstat(s.initrd_memfd, &st), 0, "setup");
	EQ(st.st_size, BIG_INITRD, "stage_copy: all of it");
	stage_close(&s);
	(void)unlink(UKI);
}

#define LOAD(fd) "load " fd " memfd:bootassess-initrd (deleted) [%s] %zu flags 0; "
#define KERNEL	 "memfd:bootassess-kernel (deleted)"
#define UNLOAD	 "load   [] 0 flags 1; "

static int load(const char *loaded, bool may_be_raw, const struct stage *s, const int *errors)
{
	EQ(put("sys/kernel/kexec_loaded", loaded, 2), 0, "setup");
	why[0] = '\0';
	wrap_start();
	wrap_kexec(errors, "sys/kernel/kexec_loaded");
	return stage_load(&machine, s, may_be_raw, why, sizeof(why));
}

static void check_calls(const struct stage *s, const char *format, const char *name)
{
	char expected[1000];
	size_t len = strlen(s->cmdline) + 1;

	/* The command line comes up to twice. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(expected, sizeof(expected), format, s->cmdline, len, s->cmdline, len);
#pragma GCC diagnostic pop
	EQ_STR(wrap_trace(), expected, name);
}

static void test_load(void)
{
	static const int done[] = {0, 0, WRAP_KEXEC_END};
	struct stage s = STAGE_INIT;

	make_uki("", INITRD_A, 0x8664);
	EQ(check(&uki_rung, &s), 0, "setup");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "setup");
	EQ(load("0\n", false, &s, done), 0, "stage_load");
	check_calls(&s, LOAD(KERNEL), "stage_load: what was copied");
	EQ(load("1\n", false, &s, done), 0, "stage_load: something was loaded");
	check_calls(&s, UNLOAD LOAD(KERNEL), "stage_load: it is unloaded first");
	EQ(load("0\n", true, &s, done), 0, "stage_load: raw");
	check_calls(&s, LOAD("passive+3-0.efi"), "stage_load: the UKI itself");
	EQ(load("0\n", true, &s, (const int[]){ENOEXEC, 0, WRAP_KEXEC_END}), 0,
	   "stage_load: raw, ENOEXEC");
	check_calls(&s, LOAD("passive+3-0.efi") LOAD(KERNEL), "stage_load: then its kernel");
	EQ(load("0\n", true, &s, (const int[]){EINVAL, 0, WRAP_KEXEC_END}), 0,
	   "stage_load: raw, EINVAL");
	EQ(load("0\n", true, &s, (const int[]){EPERM, 0, WRAP_KEXEC_END}), -EPERM,
	   "stage_load: raw, EPERM is the last word");
	stage_close(&s);
}

static void test_load_refused(void)
{
	static const int errors[] = {ENOEXEC, ENODATA,	     ENOKEY, EKEYREJECTED, EPERM,
				     ENOMEM,  EADDRNOTAVAIL, EBUSY,  ENOSYS};
	struct stage s = STAGE_INIT;

	put_conf("linux /linux\n");
	EQ(check(&conf_rung, &s), 0, "setup");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "setup");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int script[] = {errors[i], WRAP_KEXEC_END};

		EQ(load("0\n", true, &s, script), -errors[i], "stage_load: refused");
		OK(strstr(why, CONF ": load: ") && !strstr(why, strerror(errors[i])), "%s", why);
		check_calls(&s, LOAD(KERNEL), "stage_load: asked once, no UKI to try");
	}
	EQ(load("0\n", false, &s, (const int[]){E2BIG, WRAP_KEXEC_END}), -E2BIG, "stage_load");
	EQ_STR(why, CONF ": load: Argument list too long", "stage_load: why");
	EQ(load("1\n", false, &s, (const int[]){EPERM, WRAP_KEXEC_END}), -EPERM,
	   "stage_load: what is there cannot be unloaded");
	OK(strstr(why, CONF ": unload: not permitted"), "%s", why);
	EQ(put("sys/kernel/kexec_loaded", "0\n", 2), 0, "setup");
	wrap_kexec((const int[]){0, WRAP_KEXEC_END}, NULL);
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -EIO, "stage_load: nothing is there");
	EQ_STR(why, CONF ": /sys/kernel/kexec_loaded: 0 after loading", "stage_load: why");
	EQ(put("sys/kernel/kexec_loaded", "1\n", 2), 0, "setup");
	wrap_kexec((const int[]){0, WRAP_KEXEC_END}, NULL);
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -EIO, "stage_load: still there");
	(void)unlink("sys/kernel/kexec_loaded");
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -ENOENT, "stage_load: no kexec");
	wrap_kexec(NULL, NULL);
	stage_close(&s);
}

/* RFC 1952 section 8 */
static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

/* A gzip file of one block that is stored as it is (RFC 1951 section 3.2.4). */
static size_t pack(const void *data, size_t len, uint8_t out[IMAGE_MAX])
{
	static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1};
	const uint16_t block[2] = {(uint16_t)len, (uint16_t)~len};
	const uint32_t trailer[2] = {crc32(data, len), (uint32_t)len};

	memcpy(out, header, sizeof(header));
	memcpy(out + 11, block, 4);
	memcpy(out + 15, data, len);
	memcpy(out + 15 + len, trailer, 8);
	return 15 + len + 8;
}

/* What it unpacks to, as it says itself. */
#define UNPACKED_SIZE 0x654321

static int check_zboot(const char *compression, const uint8_t *packed, size_t len, struct stage *s)
{
	int r;

	image_size = image_zboot(image, compression, packed, len, UNPACKED_SIZE);
	EQ(put("vmlinuz", image, image_size), 0, "setup");
	put_conf("linux /vmlinuz\ninitrd /a.img\n");
	r = stage_check_arm64(&machine, &conf_rung, 7, false, s, why, sizeof(why));
	EQ(r, 0, "stage_check: zboot");
	why[0] = '\0';
	return r < 0 ? r : stage_copy_arm64(s, why, sizeof(why));
}

static void test_zboot(void)
{
	static uint8_t arm64[IMAGE_MAX], packed[IMAGE_MAX];
	size_t size = image_arm64(arm64), len = pack(arm64, size, packed);
	struct stage s = STAGE_INIT;

	EQ(check_zboot("gzip", packed, len, &s), 0, "stage_copy: zboot");
	EQ_STR(why, "", "stage_copy: zboot");
	check_memfd(s.kernel_memfd, arm64, size, "unpacked kernel");
	EQ(s.needed, 2 * (size + 12) + 12 + IMAGE_INIT_SIZE + (32 << 20), "stage_copy: memory");
	stage_close_arm64(&s);
	/* The size at the end of gzip counts. */
	memcpy(packed + len - 4, &(uint32_t){0x10000}, 4);
	EQ(check_zboot("gzip", packed, len, &s), -EBADMSG, "stage_copy: a lie about the size");
	EQ(s.needed, 3ull * (0x10000 + 12) + (32 << 20), "stage_check: memory, gzip");
	stage_close_arm64(&s);
	packed[len / 2] ^= 0x55;
	EQ(check_zboot("gzip", packed, len, &s), -EBADMSG, "stage_copy: a broken zboot");
	EQ_STR(why, CONF ": kernel: its compressed kernel is broken", "stage_copy: why");
	stage_close_arm64(&s);
	EQ(check_zboot("lzma", packed, len, &s), -EOPNOTSUPP, "stage_copy: not known");
	EQ(s.needed, 3ull * (UNPACKED_SIZE + 12) + (32 << 20), "stage_check: memory");
	EQ_STR(why, CONF ": kernel: its compression is not known here", "stage_copy: why");
	stage_close_arm64(&s);
	len = pack(initrd_a, 12, packed);
	EQ(check_zboot("gzip", packed, len, &s), -EINVAL, "stage_copy: no kernel in it");
	OK(strstr(why, CONF ": kernel: offset "), "%s", why);
	stage_close_arm64(&s);
	len = pack(image, image_size, packed);
	EQ(check_zboot("gzip", packed, len, &s), -EINVAL, "stage_copy: a zboot in a zboot");
	EQ_STR(why, CONF ": kernel: packed twice", "stage_copy: why");
	stage_close_arm64(&s);
}

/* Everything lies below dir, also what plays /sys. */
static void set_up(const char *dir)
{
	static const char *const dirs[] = {"EFI", "EFI/Linux", "loader", "loader/entries",
					   "sys", "sys/kernel"};

	(void)mkdir(dir, 0755);
	OK(chdir(dir) == 0, "setup: %s", dir);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(dirs[i], 0755);
	memset(&machine, 0, sizeof(machine));
	config_defaults(&machine.config);
	EQ(root_open(dir, &machine.root), 0, "setup");
	machine.store[PLACE_ESP].fd = root_open_dir(AT_FDCWD, dir);
	machine.store[PLACE_XBOOTLDR].fd = -1;
	kernel_size = image_x86(kernel);
}

static void test_files(void)
{
	test_uki();
	test_no_initrd();
	test_type1();
	test_type1_uki();
	test_refused_entries();
	test_long_options();
	test_refused_uki();
	test_long_cmdline();
	test_stale();
	test_no_room();
}

void test_stage(void)
{
	set_up("/run/stage");
	test_files();
	test_resident();
	test_load();
	test_load_refused();
	test_zboot();
}

/* The same on the kernel's vfat, as on an ESP. */
void test_stage_vfat(void)
{
	EQ(mount_unshare(), 0, "setup");
	EQ(mount_fat("/dev/ubda2", "/mnt"), 0, "setup");
	EQ(mount_set_writable("/mnt", true), 0, "setup");
	set_up("/mnt");
	test_files();
}
