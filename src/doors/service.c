// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root.h"
#include "service.h"

bool service_is_systemd(int rootfd)
{
	return root_exists(rootfd, "run/systemd/system");
}

bool service_may_restart(void)
{
	const unsigned int needed = 1u << CAP_SYS_ADMIN | 1u << CAP_SYS_BOOT;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & needed) == needed;
}

bool service_is_container(int rootfd)
{
	return root_exists(rootfd, "run/systemd/container") ||
	       root_exists(rootfd, "run/.containerenv") || root_exists(rootfd, ".dockerenv");
}

void service_hold_signals(void)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECANCELED;
}

static int run(char *const argv[])
{
	posix_spawnattr_t attributes;
	sigset_t held;
	pid_t pid;
	int r;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGPIPE);
	r = -posix_spawnattr_init(&attributes);
	if (r < 0)
		return r;
	(void)posix_spawnattr_setsigdefault(&attributes, &held);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	r = -posix_spawnp(&pid, argv[0], NULL, &attributes, argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	return r < 0 ? r : wait_for(pid);
}

int service_restart(bool kexec, bool is_systemd)
{
	char *const by_systemd[] = {"systemctl", kexec ? "kexec" : "reboot", NULL};
	char *const by_init[] = {"reboot", NULL};

	if (kexec && !is_systemd)
		return -EOPNOTSUPP;
	if (!kexec && setenv("SYSTEMCTL_SKIP_AUTO_KEXEC", "1", 1) < 0)
		return -errno;
	return run(is_systemd ? by_systemd : by_init);
}
