// SPDX-License-Identifier: LGPL-2.1-or-later
/* Preloaded into linux.uml. Linux >= 5.16 accepts PTRACE_SETREGSET of the floating point state only
 * in its full size, which user-mode Linux 6.1 does not know on a processor with AMX: "ptrace set fp
 * regs failed, errno = 14". Fills up what it gives with what is there. */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long raw_ptrace(long request, pid_t pid, void *address, void *data)
{
	return syscall(SYS_ptrace, request, pid, address, data);
}

static long set_filled_up(pid_t pid, void *type, const struct iovec *given)
{
	static char state[65536]; /* the stack of a kernel thread is too small for it */
	struct iovec full = {state, sizeof(state)};

	if (raw_ptrace(PTRACE_GETREGSET, pid, type, &full) < 0)
		return -1;
	memcpy(state, given->iov_base,
	       given->iov_len < full.iov_len ? given->iov_len : full.iov_len);
	return raw_ptrace(PTRACE_SETREGSET, pid, type, &full);
}

long ptrace(enum __ptrace_request request, ...)
{
	void *address, *data;
	va_list args;
	long word = 0, r;
	pid_t pid;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	address = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	    request == PTRACE_PEEKUSER) {
		r = raw_ptrace(request, pid, address, &word);
		if (r < 0)
			return -1;
		errno = 0;
		return word;
	}
	r = raw_ptrace(request, pid, address, data);
	if (r < 0 && errno == EFAULT && request == PTRACE_SETREGSET &&
	    (long)address == NT_X86_XSTATE)
		return set_filled_up(pid, address, data);
	return r;
}
