// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
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

static int spawn_filter(char *const argv[], int in, int out, pid_t *ret)
{
	posix_spawn_file_actions_t a;
	int r = -posix_spawn_file_actions_init(&a);

	if (r < 0)
		return r;
	r = -posix_spawn_file_actions_adddup2(&a, in, STDIN_FILENO);
	if (r == 0)
		r = -posix_spawn_file_actions_adddup2(&a, out, STDOUT_FILENO);
	if (r == 0)
		r = -posix_spawn_file_actions_addopen(&a, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = -posix_spawnp(ret, argv[0], &a, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&a);
	return r;
}

int process_filter(char *const argv[], int in, int out, int timeout_ms, int *ret_status)
{
	pid_t pid;
	int r = spawn_filter(argv, in, out, &pid);

	if (r < 0)
		return r;
	r = process_wait(pid, timeout_ms, ret_status);
	if (r == 0)
		return 0;
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r == -EAGAIN ? -ETIMEDOUT : r;
}

void process_hold_term(void)
{
	(void)signal(SIGTERM, SIG_IGN);
}
