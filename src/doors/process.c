// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "root.h"

int process_lock_memory(void)
{
	return mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0;
}

pid_t process_fork(void)
{
	pid_t pid = fork();

	return pid < 0 ? -errno : pid;
}

int process_wait(pid_t pid, int timeout_ms, int *ret_status)
{
	_cleanup_(closep) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int status;
	pid_t r;

	if (fd < 0)
		return -errno;
	if (poll(&p, 1, timeout_ms) < 0 && errno != EINTR)
		return -errno;
	r = waitpid(pid, &status, WNOHANG);
	if (r < 0)
		return -errno;
	if (r == 0)
		return -EAGAIN;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return 0;
}

void process_hold_term(void)
{
	(void)signal(SIGTERM, SIG_IGN);
}
