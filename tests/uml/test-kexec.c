// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory files, and open files by the path of a boot entry. User-mode Linux has no kexec: what
 * kexec_file_load would do is played by wrap.c. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/dir.h"
#include "doors/kexec.h"
#include "doors/root.h"
#include "tap.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define DIR_PATH "/run/kexec"
#define BIG_SIZE (200ull << 20)

static void test_open_file(int dirfd)
{
	static const struct {
		const char *path;
		int error;
	} bad[] = {
		{"a/none", -ENOENT},	  {"none/file", -ENOENT},   {"a/link", -ELOOP},
		{"linkdir/file", -ELOOP}, {"a/pipe", -ENOENT},	    {"a", -ENOENT},
		{"a/file/x", -ENOENT},	  {"a/../a/file", -EINVAL}, {"/", -EINVAL},
	};
	char buf[8] = "";
	int fd;

	(void)mkdir(DIR_PATH "/a", 0700);
	EQ(put(DIR_PATH "/a/file", "content", 7), 0, "setup");
	(void)symlink("file", DIR_PATH "/a/link");
	(void)symlink("a", DIR_PATH "/linkdir");
	(void)mkfifo(DIR_PATH "/a/pipe", 0600);
	fd = dir_open_file(dirfd, "\\a\\file");
	OK(fd >= 0, "dir_open_file");
	EQ(fcntl(fd, F_GETFD), FD_CLOEXEC, "dir_open_file: close-on-exec");
	EQ(dir_read_at(fd, 3, buf, sizeof(buf)), 4, "dir_read_at: up to the end");
	EQ_STR(buf, "tent", "dir_read_at: at the offset");
	EQ(dir_read_at(fd, 7, buf, sizeof(buf)), 0, "dir_read_at: at the end");
	EQ(dir_read_at(-1, 0, buf, sizeof(buf)), -EBADF, "dir_read_at: no file");
	(void)close(fd);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EQ(dir_open_file(dirfd, bad[i].path), bad[i].error, bad[i].path);
}

static void test_mark(int dirfd)
{
	const struct timespec times[2] = {{1, 2}, {1000, 5}};
	struct dir_mark mark;
	int fd = dir_open_file(dirfd, "a/file");

	EQ(futimens(fd, times), 0, "setup");
	EQ(dir_file_mark(fd, &mark), 0, "dir_file_mark");
	OK(mark.size == 7 && mark.mtime_ns == 1000000000005, "dir_file_mark: size and time");
	EQ(dir_file_mark(-1, &mark), -EBADF, "dir_file_mark: no file");
	(void)close(fd);
}

static void test_seal(void)
{
	int memfd = kexec_memfd("bootassess-test");
	struct stat st;
	bool is_new;

	OK(memfd >= 0, "kexec_memfd");
	EQ(fcntl(memfd, F_GETFD), FD_CLOEXEC, "kexec_memfd: close-on-exec");
	EQ(fstat(memfd, &st), 0, "setup");
	/* Linux 6.3 */
	is_new = memfd_create("", MFD_NOEXEC_SEAL) >= 0;
	OK(!is_new || !(st.st_mode & 0111), "kexec_memfd: not executable");
	EQ(kexec_append(memfd, "abc", 3), 0, "kexec_append");
	EQ(kexec_seal(memfd), 0, "kexec_seal");
	EQ(kexec_append(memfd, "d", 1), -EPERM, "kexec_seal: no more is appended");
	OK(pwrite(memfd, "x", 1, 0) < 0 && errno == EPERM, "kexec_seal: nothing is changed");
	OK(ftruncate(memfd, 1) < 0 && errno == EPERM, "kexec_seal: nothing is cut off");
	OK(ftruncate(memfd, 9) < 0 && errno == EPERM, "kexec_seal: nothing is added");
	OK(fcntl(memfd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) < 0 && errno == EPERM,
	   "kexec_seal: no more seals");
	EQ(kexec_seal(memfd), -EPERM, "kexec_seal: once");
	EQ(kexec_seal(-1), -EBADF, "kexec_seal: no file");
	(void)close(memfd);
}

/* Over the edges of the pieces, behind what is there already. */
static void test_copy(void)
{
	static char data[600000], got[sizeof(data) + 200];
	int memfd = kexec_memfd("bootassess-test"), fd;
	uint64_t at;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + (i >> 8));
	EQ(put(DIR_PATH "/data", data, sizeof(data)), 0, "setup");
	fd = open(DIR_PATH "/data", O_RDONLY | O_CLOEXEC);
	EQ(kexec_append(memfd, "abc", 3), 0, "setup");
	EQ(kexec_copy(fd, 5, 524289, memfd, &at), 0, "kexec_copy");
	EQ(at, 5 + 524289, "kexec_copy: where it stopped");
	EQ(kexec_append(memfd, NULL, 130), 0, "kexec_append: NULs");
	EQ(kexec_append(memfd, "z", 1), 0, "setup");
	EQ(pread(memfd, got, sizeof(got), 0), 3 + 524289 + 130 + 1, "kexec_copy: size");
	OK(memcmp(got, "abc", 3) == 0 && memcmp(got + 3, data + 5, 524289) == 0,
	   "kexec_copy: content");
	OK(got[524292] == 0 && memcmp(got + 524292, got + 524293, 129) == 0,
	   "kexec_append: content");
	EQ(got[524292 + 130], 'z', "kexec_append: behind the NULs");
	EQ(kexec_copy(fd, sizeof(data) - 3, 3, memfd, &at), 0, "kexec_copy: the end of the file");
	EQ(kexec_copy(fd, sizeof(data) - 3, 4, memfd, &at), -ENODATA, "kexec_copy: behind the end");
	EQ(kexec_copy(fd, 1ull << 40, 1, memfd, &at), -ENODATA, "kexec_copy: far behind the end");
	EQ(kexec_copy(fd, 0, 0, memfd, &at), 0, "kexec_copy: nothing");
	EQ(kexec_copy(-1, 0, 1, memfd, &at), -EBADF, "kexec_copy: from no file");
	EQ(kexec_copy(fd, 0, 1, -1, &at), -EBADF, "kexec_copy: to no file");
	(void)close(fd);
	(void)close(memfd);
}

static void test_full(void)
{
	const struct rlimit limit = {.rlim_cur = 400000, .rlim_max = RLIM_INFINITY};
	const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	int memfd = kexec_memfd("bootassess-test");
	int fd = open(DIR_PATH "/data", O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint64_t at;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	EQ(kexec_copy(fd, 0, 600000, memfd, &at), -EFBIG, "kexec_copy: a write that is cut short");
	EQ(at, 262144, "kexec_copy: the piece that did not fit");
	EQ(kexec_append(memfd, "x", 1), -EFBIG, "kexec_append: no room");
	EQ(kexec_append(memfd, NULL, 1), -EFBIG, "kexec_append: no room for NULs");
	(void)setrlimit(RLIMIT_FSIZE, &none);
	EQ(fstat(memfd, &st), 0, "setup");
	EQ(st.st_size, 400000, "kexec_copy: up to the limit");
	(void)close(memfd);
	(void)close(fd);
}

static void set_overcommit(const char *mode, long kbytes)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld", kbytes);

	EQ(put("/proc/sys/vm/overcommit_kbytes", text, (size_t)len), 0, "setup");
	EQ(put("/proc/sys/vm/overcommit_memory", mode, 1), 0, "setup");
}

/* The kernel keeps the books strictly, and gives 8 MiB more. */
static void test_no_memory(int big)
{
	int memfd = kexec_memfd("bootassess-test");
	uint64_t at;

	set_overcommit("2", memory_kib("/proc/meminfo", "Committed_AS:") + 8192);
	EQ(kexec_copy(big, 0, BIG_SIZE, memfd, &at), -ENOSPC, "kexec_copy: no memory left");
	(void)close(memfd);
	set_overcommit("0", 0);
}

static void test_resident(int big)
{
	int memfd = kexec_memfd("bootassess-test");
	uint64_t at;
	long before = memory_start();

	EQ(kexec_copy(big, 0, BIG_SIZE, memfd, &at), 0, "kexec_copy: 200 MiB");
	memory_check(before, 512, "kexec_copy: no more than a piece is resident");
	(void)close(memfd);
}

static void test_calls(void)
{
	wrap_start();
	EQ(kexec_load_file(3, 4, "a b"), -ENOSYS, "kexec_load_file: a kernel without kexec");
	EQ(kexec_unload(), -ENOSYS, "kexec_unload: a kernel without kexec");
	wrap_kexec((const int[]){0, EPERM, WRAP_KEXEC_END}, NULL);
	EQ(kexec_load_file(-1, -1, "a b"), 0, "kexec_load_file");
	EQ(kexec_unload(), -EPERM, "kexec_unload: not permitted");
	EQ_STR(wrap_trace(), "load   [a b] 4 flags 0; load   [] 0 flags 1; ",
	       "kexec_load_file: the terminator counts; kexec_unload: its flag");
	EQ(kexec_jump(), -EPERM, "kexec_jump: what reboot(2) said");
	EQ(wrap_reboot_command(), (int)RB_KEXEC, "kexec_jump: command");
}

void test_kexec(void)
{
	int dirfd, big;

	(void)mkdir(DIR_PATH, 0700);
	dirfd = root_open_dir(AT_FDCWD, DIR_PATH);
	test_open_file(dirfd);
	test_mark(dirfd);
	test_seal();
	test_copy();
	test_full();
	big = open(DIR_PATH "/big", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	EQ(ftruncate(big, BIG_SIZE), 0, "setup");
	test_no_memory(big);
	test_resident(big);
	(void)close(big);
	test_calls();
	(void)close(dirfd);
}
