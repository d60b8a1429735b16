// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dir.h"
#include "kexec.h"
#include "root.h"

#define PIECE_SIZE (256u << 10)

/* Linux 6.3; kernel include/uapi/linux/memfd.h */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static void freep(void *p)
{
	free(*(void **)p);
}

int kexec_memfd(const char *name)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(name, flags);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int kexec_copy(int from_fd, uint64_t offset, uint64_t size, int memfd, uint64_t *ret_at)
{
	_cleanup_(freep) char *piece = malloc(PIECE_SIZE);

	*ret_at = offset;
	if (!piece)
		return -ENOMEM;
	while (size > 0) {
		size_t len = size < PIECE_SIZE ? (size_t)size : PIECE_SIZE;
		ssize_t n = dir_read_at(from_fd, offset, piece, len);
		int r;

		if (n < 0)
			return (int)n;
		if ((size_t)n < len)
			return -ENODATA;
		r = write_all(memfd, piece, len);
		if (r < 0)
			return r;
		offset += len;
		size -= len;
		*ret_at = offset;
	}
	return 0;
}

int kexec_append(int memfd, const void *data, size_t len)
{
	static const char zeros[64];
	int r = 0;

	if (data)
		return write_all(memfd, data, len);
	while (len > 0 && r == 0) {
		size_t n = len < sizeof(zeros) ? len : sizeof(zeros);

		r = write_all(memfd, zeros, n);
		len -= n;
	}
	return r;
}

int kexec_seal(int memfd)
{
	const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

	return fcntl(memfd, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

/* The C library has no function for this call. */
static int file_load(int kernel_fd, int initrd_fd, const char *cmdline, unsigned long flags)
{
#ifdef SYS_kexec_file_load
	unsigned long len = cmdline ? strlen(cmdline) + 1 : 0;

	return syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, len, cmdline, flags) < 0 ? -errno
											   : 0;
#else
	(void)kernel_fd, (void)initrd_fd, (void)cmdline, (void)flags;
	return -ENOSYS;
#endif
}

int kexec_load_file(int kernel_fd, int initrd_fd, const char *cmdline)
{
	return file_load(kernel_fd, initrd_fd, cmdline, 0);
}

bool kexec_has_file_load(void)
{
	/* No flag has all bits: -EINVAL, or -EPERM. */
	return file_load(-1, -1, NULL, ~0ul) != -ENOSYS;
}

int kexec_unload(void)
{
	return file_load(-1, -1, NULL, KEXEC_FILE_UNLOAD);
}

int kexec_jump(void)
{
	sync();
	(void)reboot(RB_KEXEC);
	return -errno;
}
