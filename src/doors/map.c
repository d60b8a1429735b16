// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dir.h"
#include "map.h"
#include "process.h"
#include "root.h"

#define CHUNK_SIZE 65536

/* Of a fixed size: what writes more is refused. The pages come as they are written. */
static int make_file(uint64_t size)
{
	int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING), r = 0;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

static int show(int fd, uint64_t size, struct map *ret)
{
	void *data = NULL;

	if (size > 0) {
		data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		if (data == MAP_FAILED)
			return -errno;
	}
	*ret = (struct map){.fd = fd, .data = data, .len = size};
	return 0;
}

static int write_all(int fd, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -EIO : -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int copy(int from, uint64_t offset, uint64_t size, int to)
{
	char buf[CHUNK_SIZE];
	int r = 0;

	while (size > 0 && r == 0) {
		size_t len = size < sizeof(buf) ? (size_t)size : sizeof(buf);
		ssize_t n = dir_read_at(from, offset, buf, len);

		if (n < 0 || (size_t)n < len)
			return n < 0 ? (int)n : -ENODATA;
		r = write_all(to, buf, len);
		offset += len;
		size -= len;
	}
	return r;
}

int map_copy(int fd, uint64_t offset, uint64_t size, struct map *ret)
{
	int file, r;

	if (size > MAP_SIZE_MAX)
		return -EFBIG;
	file = make_file(size);
	if (file < 0)
		return file;
	r = copy(fd, offset, size, file);
	if (r == 0)
		r = show(file, size, ret);
	if (r < 0)
		(void)close(file);
	return r;
}

int map_filter(const struct map *map, size_t from, char *const argv[], int timeout_ms,
	       struct map *ret, int *ret_status)
{
	int out = make_file(MAP_SIZE_MAX), r;
	off_t len;

	if (out < 0)
		return out;
	/* Both share their positions with the program. */
	r = lseek(map->fd, (off_t)from, SEEK_SET) < 0 ? -errno : 0;
	if (r == 0)
		r = process_filter(argv, map->fd, out, timeout_ms, ret_status);
	if (r == 0) {
		len = lseek(out, 0, SEEK_CUR);
		r = len < 0 ? -errno : show(out, (uint64_t)len, ret);
	}
	if (r < 0)
		(void)close(out);
	return r;
}

void map_end(struct map *map)
{
	if (map->data)
		(void)munmap((void *)(uintptr_t)map->data, map->len);
	closep(&map->fd);
	*map = (struct map)MAP_INIT;
}
