// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
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

/* out: where its standard output goes, -1 = where ours does. The command takes ^C and a hangup
 * again, but not SIGTERM: where we run in a service, systemd ends that while its command still
 * waits for the answer, and a restart that is under way would look refused. */
static int start(char *const argv[], int out, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t held;
	int r;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGPIPE);
	r = -posix_spawnattr_init(&attributes);
	if (r < 0)
		return r;
	(void)posix_spawnattr_setsigdefault(&attributes, &held);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	r = -posix_spawn_file_actions_init(&actions);
	if (r == 0) {
		if (out >= 0)
			r = -posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		if (r == 0)
			r = -posix_spawnp(ret, argv[0], &actions, &attributes, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)posix_spawnattr_destroy(&attributes);
	return r;
}

static int run(char *const argv[])
{
	pid_t pid;
	int r = start(argv, -1, &pid);

	return r < 0 ? r : wait_for(pid);
}

/* What the command prints, at most size - 1 bytes of it, terminated. */
static int read_output(char *const argv[], char *buf, size_t size)
{
	_cleanup_(closep) int from = -1;
	int fd[2], r;
	ssize_t len;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	from = fd[0];
	r = start(argv, fd[1], &pid);
	(void)close(fd[1]);
	if (r < 0)
		return r;
	len = root_read_up_to(from, buf, size - 1);
	buf[len < 0 ? 0 : len] = '\0';
	closep(&from); /* one that has more to say must not wait for us */
	return wait_for(pid);
}

static bool stops_watchdog(char *property)
{
	char *const argv[] = {"systemctl", "show", property, "--value", NULL};
	char value[64];

	if (read_output(argv, value, sizeof(value)) < 0)
		return true;
	value[strcspn(value, "\n")] = '\0';
	return !value[0] || strcmp(value, "0") == 0 || strcmp(value, "off") == 0;
}

bool service_stops_watchdog(void)
{
	return stops_watchdog((char[]){"--property=KExecWatchdogUSec"});
}

bool service_stops_watchdog_at_reboot(void)
{
	return stops_watchdog((char[]){"--property=RebootWatchdogUSec"});
}

void service_failed_units(char *buf, size_t size)
{
	char *const argv[] = {"systemctl",   "list-units", "--failed", "--plain",
			      "--no-legend", "--full",	   NULL};
	char list[16384], *rest = list, *line;
	size_t len = 0;

	buf[0] = '\0';
	/* One that was cut off is still a list; one that failed is empty. */
	if (read_output(argv, list, sizeof(list)) < 0 && strlen(list) + 1 < sizeof(list))
		return;
	while ((line = strsep(&rest, "\n")) && rest) {
		size_t name_len;

		line += strspn(line, " ");
		name_len = strcspn(line, " ");
		if (name_len == 0)
			continue;
		if (len + name_len + 2 > size)
			return;
		if (len > 0)
			buf[len++] = ' ';
		memcpy(buf + len, line, name_len);
		len += name_len;
		buf[len] = '\0';
	}
}

bool service_is_stopping(void)
{
	char *const argv[] = {"systemctl", "is-system-running", NULL};
	char state[64] = "";

	(void)read_output(argv, state, sizeof(state)); /* it fails in every state but one */
	state[strcspn(state, "\n")] = '\0';
	return strcmp(state, "stopping") == 0;
}

/* systemd shows the number of the job, and nothing where there is none. */
bool service_is_rebooting(void)
{
	char *const argv[] = {"systemctl", "show",	    "--property=Job",
			      "--value",   "reboot.target", NULL};
	char job[64];

	return read_output(argv, job, sizeof(job)) == 0 && job[strcspn(job, "123456789")] != '\0';
}

/* The kernel keeps 15 characters of a name. */
bool service_is_at_end(int rootfd)
{
	char name[32];

	return root_read_line(rootfd, "proc/1/comm", name, sizeof(name)) == 0 &&
	       strcmp(name, "systemd-shutdow") == 0;
}

static int forbid_detours(void)
{
	if (setenv("SYSTEMCTL_SKIP_AUTO_KEXEC", "1", 1) < 0 ||
	    setenv("SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT", "1", 1) < 0)
		return -errno;
	return 0;
}

int service_end(enum service_end how, enum service_manner manner)
{
	static char *const words[] = {[SERVICE_REBOOT] = "reboot",
				      [SERVICE_KEXEC] = "kexec",
				      [SERVICE_POWEROFF] = "poweroff",
				      [SERVICE_HALT] = "halt"};
	char *const commands[][4] = {[SERVICE_BY_INIT] = {words[how]},
				     [SERVICE_ASK] = {"systemctl", words[how]},
				     [SERVICE_INSIST] = {"systemctl", "-i", words[how]},
				     [SERVICE_FORCE] = {"systemctl", "--force", words[how]}};
	int r = 0;

	if (how == SERVICE_KEXEC && (manner == SERVICE_BY_INIT || manner == SERVICE_FORCE))
		return -EOPNOTSUPP;
	if (how == SERVICE_REBOOT)
		r = forbid_detours();
	return r < 0 ? r : run(commands[manner]);
}
