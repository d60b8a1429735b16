// SPDX-License-Identifier: LGPL-2.1-or-later
/* From a boot entry that was checked to sealed memory files, and what the kernel is asked then. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "staging.h"
#include "tap.h"

#define BIG_INITRD (200u << 20)

int stage_check_arm64(const struct machine *m, const struct rung *r, uint32_t txn, bool is_verbatim,
		      struct stage *s, char *why, size_t size);
int stage_copy_arm64(struct stage *s, char *why, size_t size);
void stage_close_arm64(struct stage *s);

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
	char expected[100];
	struct stage s = STAGE_INIT;

	put_files();
	EQ(check(&conf_rung, &s), 0, "setup");
	change(path);
	EQ(stage_copy(&s, why, sizeof(why)), -ESTALE, "stage_copy: a file that has changed");
	(void)snprintf(expected, sizeof(expected), CONF ": /%s: changed since it was checked",
		       path);
	EQ_STR(why, expected, "stage_copy: why");
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
	put_files();
}

/* Other content, with the size and the time as they were: what FAT shows of a change within 2 s. */
static void change_file(const char *path, off_t at)
{
	struct timespec times[2];
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	EQ(fstat(fd, &st), 0, "setup");
	EQ(pwrite(fd, "????", 4, at), 4, "setup");
	times[0] = times[1] = st.st_mtim;
	EQ(futimens(fd, times), 0, "setup");
	(void)close(fd);
}

static void check_changed(const char *path, off_t at, const char *expected)
{
	struct stage s = STAGE_INIT;

	put_files();
	EQ(check(&conf_rung, &s), 0, "setup");
	change_file(path, at);
	EQ(stage_copy(&s, why, sizeof(why)), -EINVAL, "stage_copy: a change that does not show");
	EQ_STR(why, expected, "stage_copy: why");
	stage_close(&s);
}

static void test_changed(void)
{
	put_conf("linux /linux\ninitrd /a.img\ninitrd /b.img\n");
	check_changed("linux", 0x202, CONF ": /linux: in memory: offset 514: no kernel");
	check_changed("a.img", 0, CONF ": /a.img: in memory: offset 0: no initrd");
	check_changed("b.img", 0, CONF ": /b.img: in memory: offset 12: no initrd");
	put_files();
}

/* The sector that cannot be read lies in the second piece of the fifth file. */
static void test_bad_sector(void)
{
	static char initrd[300000] = INITRD_A;
	struct stage s = STAGE_INIT;
	char expected[100];
	uint32_t at;

	EQ(put("e.img", initrd, sizeof(initrd)), 0, "setup");
	put_conf("linux /linux\ninitrd /a.img\ninitrd /b.img\ninitrd /a.img\ninitrd /b.img\n"
		 "initrd /e.img\n");
	EQ(check(&conf_rung, &s), 0, "setup");
	wrap_fail_pread("e.img", 290000, EIO);
	EQ(stage_copy(&s, why, sizeof(why)), -EIO, "stage_copy: a bad sector");
	EQ_STR(why, CONF ": /e.img: offset 262144: Input/output error", "stage_copy: why");
	stage_close(&s);
	(void)unlink("e.img");
	make_uki("", INITRD_A, 0x8664);
	at = image_section_at(image, 3);
	EQ(check(&uki_rung, &s), 0, "setup");
	wrap_fail_pread("passive+3-0.efi", at, EIO);
	EQ(stage_copy(&s, why, sizeof(why)), -EIO, "stage_copy: a bad sector in the kernel");
	(void)snprintf(expected, sizeof(expected), UKI ": offset %u: Input/output error", at);
	EQ_STR(why, expected, "stage_copy: why");
	wrap_fail_pread("", 0, 0);
	stage_close(&s);
}

/* What is named is cut, what is opened is not. */
static void test_long_name(void)
{
	struct stage s = STAGE_INIT;
	char text[700], path[600] = "";

	for (size_t i = 0; i < 290; i++)
		memcpy(path + 2 * i, "./", 2);
	(void)snprintf(text, sizeof(text), "linux %slinux\n", path);
	put_conf(text);
	EQ(check(&conf_rung, &s), 0, "stage_check: a long path");
	EQ(strlen(s.kernel.file), NAME_SIZE - 1, "stage_check: its name is cut");
	stage_close(&s);
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
	EQ_STR(why, CONF ": /linux: File too large", "stage_copy: why");
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
	memcpy(image + image_size, INITRD_A, 12);
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

/* As the kernel shows it. */
static void note_loaded(bool is_loaded)
{
	(void)put("sys/kernel/kexec_loaded", is_loaded ? "1\n" : "0\n", 2);
}

static void forget_loaded(bool is_loaded)
{
	(void)is_loaded;
	(void)unlink("sys/kernel/kexec_loaded");
}

static int load(const char *loaded, bool may_be_raw, const struct stage *s, const int *errors)
{
	EQ(put("sys/kernel/kexec_loaded", loaded, 2), 0, "setup");
	why[0] = '\0';
	wrap_start();
	wrap_kexec(errors, note_loaded);
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
	touch_file(UKI);
	EQ(load("0\n", true, &s, done), -ESTALE, "stage_load: raw, the file has changed");
	EQ_STR(why, UKI ": load: changed since it was checked", "stage_load: why");
	EQ_STR(wrap_trace(), "", "stage_load: it is not loaded");
	EQ(load("0\n", false, &s, done), 0, "stage_load: what was copied has not");
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
	wrap_kexec(NULL, NULL);
	stage_close(&s);
}

/* The kernel took the load, and does not say so. */
static void test_load_unknown(void)
{
	static const int done[] = {0, 0, WRAP_KEXEC_END};
	struct stage s = STAGE_INIT;

	put_conf("linux /linux\n");
	EQ(check(&conf_rung, &s), 0, "setup");
	EQ(stage_copy(&s, why, sizeof(why)), 0, "setup");
	EQ(put("sys/kernel/kexec_loaded", "0\n", 2), 0, "setup");
	wrap_start();
	wrap_kexec(done, NULL);
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -EIO, "stage_load: nothing is there");
	EQ_STR(why, CONF ": /sys/kernel/kexec_loaded: 0 after loading", "stage_load: why");
	check_calls(&s, LOAD(KERNEL) UNLOAD, "stage_load: nothing stays loaded");
	wrap_start();
	wrap_kexec(done, forget_loaded);
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -ENOENT, "stage_load: not readable");
	check_calls(&s, LOAD(KERNEL) UNLOAD, "stage_load: nothing stays loaded");
	wrap_start();
	wrap_kexec(done, NULL);
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -ENOENT, "stage_load: no kexec");
	EQ_STR(wrap_trace(), "", "stage_load: nothing is asked then");
	EQ(put("sys/kernel/kexec_loaded", "1\n", 2), 0, "setup");
	EQ(stage_load(&machine, &s, false, why, sizeof(why)), -EIO, "stage_load: still there");
	check_calls(&s, UNLOAD, "stage_load: it was asked to go");
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
#define UNPACKED_SIZE 30000

/* The image, cut bytes short of what image_zboot() makes. */
static int check_zboot(const char *compression, const uint8_t *packed, size_t len, size_t cut,
		       struct stage *s)
{
	image_size = image_zboot(image, compression, packed, len, UNPACKED_SIZE);
	EQ(put("vmlinuz", image, image_size - cut), 0, "setup");
	put_conf("linux /vmlinuz\ninitrd /a.img\n");
	why[0] = '\0';
	return stage_check_arm64(&machine, &conf_rung, 7, false, s, why, sizeof(why));
}

/* Checks that it copies with this result, and why. */
static void copy_zboot(const char *compression, const uint8_t *packed, size_t len, int result,
		       const char *expected)
{
	struct stage s = STAGE_INIT;

	EQ(check_zboot(compression, packed, len, 0, &s), 0, "stage_check: zboot");
	EQ(stage_copy_arm64(&s, why, sizeof(why)), result, "stage_copy: zboot");
	EQ_STR(why, expected, "stage_copy: why");
	stage_close_arm64(&s);
}

static void test_zboot(void)
{
	static uint8_t arm64[IMAGE_MAX], packed[IMAGE_MAX];
	size_t size = image_arm64(arm64), len = pack(arm64, size, packed);
	struct stage s = STAGE_INIT;

	EQ(check_zboot("gzip", packed, len, 0, &s), 0, "stage_check: zboot");
	EQ(s.needed, 3ull * (size + 12) + (32 << 20), "stage_check: memory, gzip");
	EQ(stage_copy_arm64(&s, why, sizeof(why)), 0, "stage_copy: zboot");
	check_memfd(s.kernel_memfd, arm64, size, "unpacked kernel");
	EQ(s.needed, 2 * (size + 12) + 12 + IMAGE_INIT_SIZE + (32 << 20), "stage_copy: memory");
	stage_close_arm64(&s);
	EQ(check_zboot("lzma", packed, len, 0, &s), 0, "stage_check: zboot");
	EQ(s.needed, 3ull * (UNPACKED_SIZE + 12) + (32 << 20), "stage_check: memory");
	stage_close_arm64(&s);
	copy_zboot("lzma", packed, len, -EOPNOTSUPP,
		   CONF ": /vmlinuz: its compression is not known here");
	packed[len / 2] ^= 0x55;
	copy_zboot("gzip", packed, len, -EBADMSG,
		   CONF ": /vmlinuz: its compressed kernel is broken");
	len = pack(INITRD_A, 12, packed);
	copy_zboot("gzip", packed, len, -EINVAL,
		   CONF ": /vmlinuz: in memory: offset 12: kernel shorter than its header");
	len = pack(image, image_size, packed);
	copy_zboot("gzip", packed, len, -EINVAL, CONF ": /vmlinuz: in memory: still packed");
}

/* One block of zstd, stored as it is (RFC 8878 section 3.1.1). */
static size_t store(const uint8_t *data, size_t len, uint8_t out[IMAGE_MAX])
{
	const uint8_t header[] = {0x28, 0xb5, 0x2f, 0xfd, 0, (17 - 10) << 3};
	const uint32_t block = 1 | (uint32_t)len << 3;

	memcpy(out, header, sizeof(header));
	memcpy(out + 6, &block, 3);
	memcpy(out + 9, data, len);
	return 9 + len;
}

/* What an image says about its size counts, however much is in it. */
static void test_zboot_size(void)
{
	static uint8_t arm64[IMAGE_MAX], packed[IMAGE_MAX];
	size_t size = image_arm64(arm64), len;
	struct stage s = STAGE_INIT;
	char expected[100];

	len = store(arm64, UNPACKED_SIZE, packed);
	copy_zboot("zstd22", packed, len, 0, "");
	len = store(arm64, UNPACKED_SIZE + 1, packed);
	copy_zboot("zstd22", packed, len, -EFBIG,
		   CONF ": /vmlinuz: its compressed kernel is longer than it says");
	len = pack(arm64, size, packed);
	memcpy(packed + len - 4, &(uint32_t){1000}, 4);
	copy_zboot("gzip", packed, len, -EFBIG,
		   CONF ": /vmlinuz: its compressed kernel is longer than it says");
	memcpy(packed + len - 4, &(uint32_t){0x10000}, 4);
	copy_zboot("gzip", packed, len, -EBADMSG,
		   CONF ": /vmlinuz: its compressed kernel is broken");
	memcpy(packed + len - 4, &(uint32_t){(256 << 20) + 1}, 4);
	EQ(check_zboot("gzip", packed, len, 0, &s), -EINVAL, "stage_check: zboot");
	(void)snprintf(expected, sizeof(expected),
		       CONF ": /vmlinuz: offset %zu: unpacks to more than 256 MiB",
		       0x400 + len - 4);
	EQ_STR(why, expected, "stage_check: why");
	stage_close_arm64(&s);
	EQ(check_zboot("zstd", packed, len, 101, &s), -EINVAL, "stage_check: zboot");
	(void)snprintf(expected, sizeof(expected),
		       CONF ": /vmlinuz: offset %zu: no size of the unpacked kernel", 0x400 + len);
	EQ_STR(why, expected, "stage_check: why");
	stage_close_arm64(&s);
}

static void test_files(void)
{
	test_stale();
	test_changed();
	test_bad_sector();
	test_long_name();
	test_no_room();
}

void test_stage_copy(void)
{
	set_up("/run/stage");
	test_files();
	test_resident();
	test_load();
	test_load_refused();
	test_load_unknown();
	test_zboot();
	test_zboot_size();
}

void test_stage_copy_vfat(void)
{
	set_up_vfat();
	test_files();
}
