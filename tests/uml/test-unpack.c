// SPDX-License-Identifier: LGPL-2.1-or-later
/* tests/uml/run puts into /data: plain (noise, then zeros), and it packed; 300 MiB of zeros packed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doors/kexec.h"
#include "doors/unpack.h"
#include "tap.h"

#define PLAIN_MAX  (4u << 20)
#define PACKED_MAX (2u << 20)
#define PREFIX	   100
#define SUFFIX	   50

static size_t slurp(const char *path, uint8_t *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = pread(fd, buf, size, 0);

	(void)close(fd);
	OK(n > 0 && (size_t)n < size, "setup: %s", path);
	return n > 0 ? (size_t)n : 0;
}

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -1 : st.st_size;
}

/* Unpacks size bytes behind PREFIX of a file that holds len bytes there, and something around. */
static int unpack(const char *compression, const uint8_t *packed, size_t len, size_t size,
		  int *ret_memfd)
{
	static uint8_t file[PREFIX + PACKED_MAX + SUFFIX];
	int fd, r, memfd = kexec_memfd("bootassess-test");
	uint64_t at;

	memset(file, 0xcc, sizeof(file));
	memcpy(file + PREFIX, packed, len);
	OK(put("/run/packed", file, PREFIX + len + SUFFIX) == 0, "setup");
	fd = open("/run/packed", O_RDONLY | O_CLOEXEC);
	r = unpack_file(compression, fd, PREFIX, size, PLAIN_MAX, memfd, &at);
	OK(at >= PREFIX && at <= PREFIX + size, "unpack_file: where it stopped");
	(void)close(fd);
	if (ret_memfd)
		*ret_memfd = memfd;
	else
		(void)close(memfd);
	return r;
}

static void test_whole(const char *compression, const uint8_t *packed, size_t len)
{
	static uint8_t plain[PLAIN_MAX], got[PLAIN_MAX];
	size_t plain_len = slurp("/data/plain", plain, sizeof(plain));
	int memfd;

	EQ(unpack(compression, packed, len, len, &memfd), 0, compression);
	EQ(size_of(memfd), (off_t)plain_len, "unpack_file: size");
	EQ(pread(memfd, got, sizeof(got), 0), (ssize_t)plain_len, "unpack_file: read back");
	OK(memcmp(plain, got, plain_len) == 0, "unpack_file: content");
	(void)close(memfd);
	EQ(unpack(compression, packed, len, len + SUFFIX, &memfd), 0,
	   "unpack_file: garbage behind the stream");
	EQ(size_of(memfd), (off_t)plain_len, "unpack_file: garbage gives nothing more");
	(void)close(memfd);
}

static void test_broken(const char *compression, uint8_t *packed, size_t len)
{
	const size_t cuts[] = {0, 1, 2, 9, 10, 100, 65535, 65536, 65537, len / 2, len - 1};
	const size_t flips[] = {0, 1, len / 3, len - 2};

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		EQ(unpack(compression, packed, len, cuts[i], NULL), -EBADMSG, "unpack_file: cut");
	EQ(unpack(compression, packed, 1000, 100000, NULL), -EBADMSG,
	   "unpack_file: the file ends before");
	for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		packed[flips[i]] ^= 0x55;
		EQ(unpack(compression, packed, len, len, NULL), -EBADMSG, "unpack_file: broken");
		packed[flips[i]] ^= 0x55;
	}
}

static void test_bomb(const char *compression, const char *path, long max_kib)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), memfd = kexec_memfd("bootassess-test");
	long before = memory_start();
	uint64_t at;

	EQ(unpack_file(compression, fd, 0, (uint64_t)size_of(fd), UNPACK_MAX_SIZE, memfd, &at),
	   -EFBIG, "unpack_file: a bomb");
	memory_check(before, max_kib, "unpack_file: resident memory");
	OK(size_of(memfd) <= (off_t)UNPACK_MAX_SIZE, "unpack_file: a bomb ends at the limit");
	(void)close(memfd);
	(void)close(fd);
}

/* RFC 8878 section 3.1.1: a frame of one raw block with one byte, its window 2^27 or 2^28. */
static void test_window(void)
{
	uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, 0x09, 0, 0, 'x'};

	EQ(unpack("zstd", frame, sizeof(frame), sizeof(frame), NULL), 0,
	   "unpack_file: a window of 128 MiB");
	frame[5] = (28 - 10) << 3;
	EQ(unpack("zstd", frame, sizeof(frame), sizeof(frame), NULL), -EBADMSG,
	   "unpack_file: a window of 256 MiB");
}

/* Three blocks of 100000 times one byte, no checksum: the last one does not fit into the window of
 * output that it begins in, and there is no more input then. */
static void test_pending(void)
{
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0,    (17 - 10) << 3,
					0x02, 0x35, 0x0c, 'a',	0x02, 0x35,
					0x0c, 'b',  0x03, 0x35, 0x0c, 'c'};
	int memfd;

	EQ(unpack("zstd", frame, sizeof(frame), sizeof(frame), &memfd), 0,
	   "unpack_file: more output than input asks for");
	EQ(size_of(memfd), 300000, "unpack_file: all of it");
	(void)close(memfd);
}

static void test_unpack_chroot(void)
{
	uint64_t at;

	(void)mkdir("/run/empty", 0700);
	OK(chroot("/run/empty") == 0 && chdir("/") == 0, "setup");
	EQ(unpack_file("gzip", -1, 0, 1, 1, -1, &at), -ELIBACC, "unpack_file: no libz");
	EQ(unpack_file("zstd", -1, 0, 1, 1, -1, &at), -ELIBACC, "unpack_file: no libzstd");
}

void test_unpack(void)
{
	static const char *const unknown[] = {"", "lzma", "lz4", "gzip2", "zst", "zstd2", "GZIP"};
	static uint8_t gz[PACKED_MAX], zst[PACKED_MAX];
	size_t gz_len = slurp("/data/plain.gz", gz, sizeof(gz));
	size_t zst_len = slurp("/data/plain.zst", zst, sizeof(zst));

	tap_group("unpack_chroot", test_unpack_chroot);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		EQ(unpack(unknown[i], gz, gz_len, gz_len, NULL), -EOPNOTSUPP,
		   "unpack_file: another compression");
	test_whole("gzip", gz, gz_len);
	test_whole("zstd", zst, zst_len);
	test_whole("zstd22", zst, zst_len);
	EQ(unpack("gzip", zst, zst_len, zst_len, NULL), -EBADMSG, "unpack_file: zstd is no gzip");
	test_broken("gzip", gz, gz_len);
	test_broken("zstd", zst, zst_len);
	test_bomb("gzip", "/data/bomb.gz", 1024);
	/* Its window is 2 MiB. */
	test_bomb("zstd", "/data/bomb.zst", 4096);
	test_window();
	test_pending();
}
