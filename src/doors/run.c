// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "root.h"
#include "run.h"

#define CHUNK_SIZE 16384
/* So often a program without a pidfd is looked at. */
#define LOOK_MS 100

uint64_t run_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	closep(fd);
	*fd = -1;
}

/* A group of its own, so that the end comes for all that the program starts; and signals as a
 * program expects them, whatever this process does with them. */
static int set_attributes(posix_spawnattr_t *a)
{
	sigset_t all, none;
	int r;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	r = posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSIGMASK);
	if (r == 0)
		r = posix_spawnattr_setpgroup(a, 0);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(a, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(a, &none);
	return -r;
}

/* Opened anew: each program reads its input from the beginning, and cannot change it. */
static int set_input(posix_spawn_file_actions_t *a, int input)
{
	char path[32] = "/dev/null";

	if (input >= 0)
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", input);
	return posix_spawn_file_actions_addopen(a, STDIN_FILENO, path, O_RDONLY, 0);
}

static int set_files(posix_spawn_file_actions_t *a, int input, int out)
{
	int r = set_input(a, input);

	if (r == 0)
		r = posix_spawn_file_actions_adddup2(a, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(a, out, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_addchdir_np(a, "/");
	return -r;
}

static int spawn(char *const argv[], char *const env[], int input, int out, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	r = -posix_spawnattr_init(&attributes);
	if (r < 0)
		return r;
	r = set_attributes(&attributes);
	if (r == 0)
		r = -posix_spawn_file_actions_init(&actions);
	if (r == 0) {
		r = set_files(&actions, input, out);
		if (r == 0)
			r = -posix_spawnp(ret, argv[0], &actions, &attributes, argv, env);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)posix_spawnattr_destroy(&attributes);
	return r;
}

int run_start_reading(struct run *r, char *const argv[], char *const env[], int input,
		      unsigned int timeout_ms, unsigned int grace_ms)
{
	int fd[2], e;
	pid_t pid;

	*r = (struct run){.pidfd = -1, .out = -1};
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	r->out = fd[0];
	/* Only our end: what the program writes to may wait. */
	e = fcntl(r->out, F_SETFL, O_NONBLOCK) < 0 ? -errno : spawn(argv, env, input, fd[1], &pid);
	(void)close(fd[1]);
	if (e < 0) {
		close_fd(&r->out);
		return e;
	}
	r->pid = pid;
	r->state = RUN_UNDERWAY;
	r->grace_ms = grace_ms;
	r->limit_ms = run_now_ms() + timeout_ms;
	r->pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* -1: a kernel before 5.3 */
	return 0;
}

int run_start(struct run *r, char *const argv[], char *const env[], unsigned int timeout_ms,
	      unsigned int grace_ms)
{
	return run_start_reading(r, argv, env, -1, timeout_ms, grace_ms);
}

int run_make_input(const char *text, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	while (len > 0 && r == 0) {
		ssize_t n = write(fd, text, len);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			r = n == 0 ? -EIO : -errno;
		}
	}
	if (r < 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

static bool is_running(const struct run *r)
{
	return r->state == RUN_UNDERWAY || r->state == RUN_TERM || r->state == RUN_KILL;
}

static void step(struct run *r, enum run_state state, int signal)
{
	r->timed_out = true;
	r->state = state;
	r->limit_ms = run_now_ms() + r->grace_ms;
	(void)kill(-r->pid, signal);
}

void run_stop(struct run *r)
{
	if (r->state == RUN_UNDERWAY)
		step(r, RUN_TERM, SIGTERM);
}

static void end(struct run *r)
{
	close_fd(&r->pidfd);
	close_fd(&r->out);
	r->state = RUN_ENDED;
}

static void tell_line(struct run *r, unsigned int which, run_line_fn fn, void *data)
{
	fn(data, which, r->line, r->len);
	r->len = 0;
}

static void take(struct run *r, unsigned int which, const char *s, size_t n, run_line_fn fn,
		 void *data)
{
	while (n > 0) {
		const char *newline = memchr(s, '\n', n);
		size_t len = newline ? (size_t)(newline - s) : n;
		bool is_whole = newline;

		if (len > sizeof(r->line) - r->len) {
			len = sizeof(r->line) - r->len;
			is_whole = false;
		}
		memcpy(r->line + r->len, s, len);
		r->len += len;
		s += len + is_whole;
		n -= len + is_whole;
		if (is_whole || (r->len == sizeof(r->line) && n > 0 && *s != '\n'))
			tell_line(r, which, fn, data);
	}
}

/* Reads what is there, once. How much; 0 at the end, or if there is nothing now. */
static size_t read_some(struct run *r, unsigned int which, run_line_fn fn, void *data)
{
	char chunk[CHUNK_SIZE];
	ssize_t n;

	do
		n = read(r->out, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		take(r, which, chunk, (size_t)n, fn, data);
	else if (n == 0 || errno != EAGAIN)
		close_fd(&r->out);
	return n > 0 ? (size_t)n : 0;
}

/* What it wrote is in the pipe by now. Not more than that is read: a process that it left behind
 * may write for ever. */
static void drain(struct run *r, unsigned int which, run_line_fn fn, void *data)
{
	int size = r->out >= 0 ? fcntl(r->out, F_GETPIPE_SZ) : 0;
	size_t left = size > 0 ? (size_t)size : 0, n = 1;

	while (left > 0 && n > 0 && r->out >= 0) {
		n = read_some(r, which, fn, data);
		left -= n < left ? n : left;
	}
	if (r->len > 0)
		tell_line(r, which, fn, data);
}

/* The program itself has ended. Its group keeps its number until waitid() has taken note. */
static void take_end(struct run *r, unsigned int which, run_line_fn fn, void *data)
{
	siginfo_t info = {.si_code = CLD_KILLED, .si_status = SIGKILL};

	if (r->timed_out)
		(void)kill(-r->pid, SIGKILL);
	drain(r, which, fn, data);
	while (waitid(P_PID, (id_t)r->pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	if (info.si_code == CLD_EXITED)
		r->status = info.si_status;
	else
		r->signal = info.si_status;
	end(r);
}

static void keep_time(struct run *r, unsigned int which, run_line_fn fn, void *data)
{
	if (!is_running(r) || run_now_ms() < r->limit_ms)
		return;
	if (r->state == RUN_UNDERWAY) {
		step(r, RUN_TERM, SIGTERM);
	} else if (r->state == RUN_TERM) {
		step(r, RUN_KILL, SIGKILL);
	} else {
		drain(r, which, fn, data);
		r->signal = SIGKILL;
		end(r);
	}
}

/* Milliseconds until the first of all limits, rounded up by the clock: never a busy loop. */
static int wait_time(const struct run *runs, unsigned int n, uint64_t until_ms)
{
	uint64_t now = run_now_ms(), first = until_ms;

	for (unsigned int i = 0; i < n; i++)
		if (is_running(&runs[i])) {
			uint64_t next = runs[i].pidfd < 0 ? now + LOOK_MS : runs[i].limit_ms;

			first = next < first ? next : first;
		}
	if (first <= now)
		return 0;
	return first - now < 3600000 ? (int)(first - now) : 3600000;
}

/* Takes no note of it. */
static bool has_ended(const struct run *r)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == r->pid;
}

static bool has_come(int fd)
{
	struct signalfd_siginfo info;

	return fd >= 0 && read(fd, &info, sizeof(info)) == sizeof(info);
}

int run_wait(struct run *runs, unsigned int n, uint64_t until_ms, int stop_fd, run_line_fn fn,
	     void *data)
{
	struct pollfd fds[2 * RUNS_MAX + 1];
	int r = 0;

	if (n > RUNS_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < n; i++) {
		bool running = is_running(&runs[i]);

		fds[2 * i] = (struct pollfd){.fd = running ? runs[i].out : -1, .events = POLLIN};
		fds[2 * i + 1] =
			(struct pollfd){.fd = running ? runs[i].pidfd : -1, .events = POLLIN};
	}
	fds[2 * n] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
	if (poll(fds, 2 * n + 1, wait_time(runs, n, until_ms)) < 0 && errno != EINTR)
		r = -errno; /* the limits hold all the same */
	for (unsigned int i = 0; i < n; i++) {
		if (is_running(&runs[i]) && has_ended(&runs[i]))
			take_end(&runs[i], i, fn, data);
		else if (fds[2 * i].fd >= 0 && fds[2 * i].revents)
			(void)read_some(&runs[i], i, fn, data);
		keep_time(&runs[i], i, fn, data);
	}
	return has_come(stop_fd) ? 1 : r;
}

int run_hold_signals(void)
{
	sigset_t set;
	int fd;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)signal(SIGCHLD, SIG_DFL); /* who started us may have left it ignored */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int run_keep_mounts(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int run_return_mounts(int fd)
{
	return setns(fd, CLONE_NEWNS) < 0 ? -errno : 0;
}

/* False if it is nothing that could be run or mask anything. */
static bool judge(const struct stat *s, enum run_file *ret)
{
	bool is_null = S_ISCHR(s->st_mode) && s->st_rdev == makedev(1, 3);

	if (!is_null && !S_ISREG(s->st_mode))
		return false;
	if (is_null || s->st_size == 0)
		*ret = RUN_FILE_EMPTY;
	else
		*ret = s->st_mode & 0111 ? RUN_FILE_PROGRAM : RUN_FILE_PLAIN;
	return true;
}

/* A link that leads nowhere, and what the disk does not tell, may have been a program: its failure
 * is seen when it is run. False if there is nothing, or nothing that could be run. */
static bool look(int dirfd, const char *name, enum run_file *ret)
{
	struct stat s;

	if (fstatat(dirfd, name, &s, 0) == 0)
		return judge(&s, ret);
	*ret = RUN_FILE_PROGRAM;
	return errno != ENOENT || fstatat(dirfd, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
}

int run_each_file(int rootfd, const char *path, run_file_fn fn, void *data)
{
	const struct dirent *entry;
	enum run_file file;
	int fd, r;
	DIR *d;

	fd = openat(rootfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while ((errno = 0, entry = readdir(d)))
		if (look(fd, entry->d_name, &file))
			fn(data, entry->d_name, file);
	r = -errno;
	(void)closedir(d);
	return r;
}
