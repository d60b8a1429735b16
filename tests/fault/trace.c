// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trace.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HIT_FD 198 /* fault.c writes a byte there */

static volatile sig_atomic_t running, is_late;

static void on_alarm(int sig)
{
	(void)sig;
	is_late = 1;
	if (running > 0)
		(void)kill((pid_t)running, SIGKILL);
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set_alarm(int seconds)
{
	const struct itimerval timer = {.it_value.tv_sec = seconds};
	const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	is_late = 0;
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void exec_child(char *const *argv, const char *tree, const char *log, const char *preload,
		       const struct fault *fault, int hit)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char at[16];

	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)close(fd);
	(void)personality(ADDR_NO_RANDOMIZE); /* the same calls each time */
	if (fault->kind == FAULT_ALLOC) {
		(void)snprintf(at, sizeof(at), "%d", fault->at);
		(void)dup2(hit, HIT_FD);
		(void)setenv("FAULT_CALL", "alloc", 1);
		(void)setenv("FAULT_AT", at, 1);
		(void)setenv("FAULT_ROOT", tree, 1);
		(void)setenv("LD_PRELOAD", preload, 1);
	} else {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
			_exit(126);
		(void)raise(SIGSTOP);
	}
	(void)execv(argv[0], argv);
	_exit(127);
}

static bool names_path(long nr, int *ret_arg)
{
	switch (nr) {
	case SYS_openat:
	case SYS_newfstatat:
	case SYS_faccessat2:
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_readlinkat:
	case SYS_fchmodat:
		*ret_arg = 1;
		return true;
	case SYS_symlinkat:
		*ret_arg = 2;
		return true;
	default:
		return false;
	}
}

static void read_path(pid_t pid, long address, char path[128])
{
	struct iovec to = {path, 127}, from = {(void *)address, 127};
	ssize_t n = process_vm_readv(pid, &to, 1, &from, 1, 0);

	if (n < 0) { /* it ends at the end of a page */
		from.iov_len = to.iov_len = 4096 - (size_t)address % 4096;
		if (to.iov_len > 127)
			to.iov_len = from.iov_len = 127;
		n = process_vm_readv(pid, &to, 1, &from, 1, 0);
	}
	path[n > 0 ? n : 0] = '\0';
}

static void read_call(pid_t pid, const struct user_regs_struct *r, struct call *ret)
{
	int arg;

	*ret = (struct call){.nr = (long)r->orig_rax,
			     .arg = {(long)r->rdi, (long)r->rsi, (long)r->rdx, (long)r->r10,
				     (long)r->r8, (long)r->r9}};
	if (names_path(ret->nr, &arg))
		read_path(pid, ret->arg[arg], ret->path);
}

/* What the first argument of other calls is open for. */
static void read_fd_path(pid_t pid, struct call *c)
{
	char link[64];
	ssize_t n;

	if (c->path[0] || c->arg[0] < 0 || c->arg[0] > 1023)
		return;
	(void)snprintf(link, sizeof(link), "/proc/%d/fd/%ld", (int)pid, c->arg[0]);
	n = readlink(link, c->path, sizeof(c->path) - 1);
	c->path[n > 0 ? n : 0] = '\0';
}

static void add_call(struct calls *s, const struct call *c)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 512;
		s->call = realloc(s->call, (size_t)s->room * sizeof(*s->call));
		if (!s->call)
			err(2, "memory");
	}
	s->call[s->n++] = *c;
}

/* To the next stop. False when the program has ended. */
static bool go_on(pid_t pid, int *status)
{
	int sig = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, sig) < 0 && errno != ESRCH)
			err(2, "ptrace");
		while (waitpid(pid, status, 0) < 0)
			if (errno != EINTR)
				err(2, "waitpid");
		if (!WIFSTOPPED(*status))
			return false;
		if (WSTOPSIG(*status) == (SIGTRAP | 0x80))
			return true;
		sig = WSTOPSIG(*status) == SIGTRAP ? 0 : WSTOPSIG(*status);
	}
}

/* What is done before the call. */
static void spoil_entry(pid_t pid, const struct fault *f, struct user_regs_struct *r)
{
	if (f->kind == FAULT_ERROR || f->kind == FAULT_GONE || f->kind == FAULT_KILL)
		r->orig_rax = (unsigned long long)-1;
	if (f->kind == FAULT_SHORT || f->kind == FAULT_TORN)
		r->rdx = r->rdx > 1 ? r->rdx / 2 : r->rdx;
	if (f->kind == FAULT_ONE)
		r->rdx = 1;
	if (ptrace(PTRACE_SETREGS, pid, 0, r) < 0)
		err(2, "ptrace: registers");
	if (f->kind == FAULT_KILL)
		(void)kill(pid, SIGKILL);
}

/* And after it. */
static void spoil_exit(pid_t pid, const struct fault *f)
{
	struct user_regs_struct r;

	if (f->kind == FAULT_TORN)
		(void)kill(pid, SIGKILL);
	if (f->kind != FAULT_ERROR && f->kind != FAULT_GONE && f->kind != FAULT_LATE)
		return;
	if (ptrace(PTRACE_GETREGS, pid, 0, &r) < 0)
		err(2, "ptrace: registers");
	/* brk(2) returns where the end is. */
	r.rax = f->error == 0 ? 0 : (unsigned long long)-f->error;
	if (ptrace(PTRACE_SETREGS, pid, 0, &r) < 0)
		err(2, "ptrace: registers");
}

static bool opens_tree(const struct call *c, const char *tree)
{
	return c->nr == SYS_openat && strcmp(c->path, tree) == 0;
}

static void follow(pid_t pid, const char *tree, const struct fault *f, struct calls *calls,
		   struct outcome *o)
{
	bool is_armed = false;
	long gone = -1;
	int n = 0;

	while (go_on(pid, &o->status)) {
		struct user_regs_struct r;
		struct call c;
		bool is_now;

		if (ptrace(PTRACE_GETREGS, pid, 0, &r) < 0)
			break;
		read_call(pid, &r, &c);
		is_armed = is_armed || opens_tree(&c, tree);
		n += is_armed;
		if (is_armed && calls) {
			read_fd_path(pid, &c);
			add_call(calls, &c);
		}
		is_now = is_armed && f->kind != FAULT_NONE && (n == f->at || c.nr == gone);
		if (is_now)
			spoil_entry(pid, f, &r);
		if (is_now && n == f->at) {
			o->is_hit = true;
			o->call = c;
			gone = f->kind == FAULT_GONE ? c.nr : -1;
		}
		if (!go_on(pid, &o->status))
			return;
		if (is_now)
			spoil_exit(pid, f);
		if (is_now && f->kind != FAULT_GONE && !calls) {
			(void)ptrace(PTRACE_DETACH, pid, 0, f->kind == FAULT_TORN ? SIGKILL : 0);
			while (waitpid(pid, &o->status, 0) < 0 && errno == EINTR)
				;
			return;
		}
	}
}

void trace_run(char *const *argv, const char *tree, const char *log, const char *preload,
	       const struct fault *fault, struct calls *ret, struct outcome *o)
{
	double start = now();
	int hit[2];
	pid_t pid;
	char c;

	*o = (struct outcome){.status = 0};
	if (pipe2(hit, O_CLOEXEC | O_NONBLOCK) < 0)
		err(2, "pipe");
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (pid == 0)
		exec_child(argv, tree, log, preload, fault, hit[1]);
	running = pid;
	set_alarm(TRACE_SECONDS);
	while (waitpid(pid, &o->status, 0) < 0 && errno == EINTR)
		;
	if (WIFSTOPPED(o->status)) {
		if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) <
		    0)
			err(2, "ptrace");
		if (fault->kind == FAULT_NONE && !ret) {
			(void)ptrace(PTRACE_DETACH, pid, 0, 0);
			while (waitpid(pid, &o->status, 0) < 0 && errno == EINTR)
				;
		} else {
			follow(pid, tree, fault, ret, o);
		}
	}
	running = 0;
	set_alarm(0);
	o->is_over = is_late;
	o->seconds = now() - start;
	o->is_hit = o->is_hit || read(hit[0], &c, 1) == 1;
	(void)close(hit[0]);
	(void)close(hit[1]);
}

const char *trace_name(const struct call *c)
{
	static const struct {
		long nr;
		const char *name;
	} names[] = {
		{SYS_openat, "openat"},
		{SYS_read, "read"},
		{SYS_pread64, "pread64"},
		{SYS_write, "write"},
		{SYS_pwrite64, "pwrite64"},
		{SYS_close, "close"},
		{SYS_newfstatat, "fstatat"},
		{SYS_fstat, "fstat"},
		{SYS_statfs, "statfs"},
		{SYS_fstatfs, "fstatfs"},
		{SYS_faccessat2, "faccessat"},
		{SYS_mkdirat, "mkdirat"},
		{SYS_unlinkat, "unlinkat"},
		{SYS_renameat, "renameat"},
		{SYS_renameat2, "renameat2"},
		{SYS_symlinkat, "symlinkat"},
		{SYS_fsync, "fsync"},
		{SYS_fdatasync, "fdatasync"},
		{SYS_getdents64, "getdents"},
		{SYS_flock, "flock"},
		{SYS_fcntl, "fcntl"},
		{SYS_ftruncate, "ftruncate"},
		{SYS_fallocate, "fallocate"},
		{SYS_ioctl, "ioctl"},
		{SYS_mmap, "mmap"},
		{SYS_brk, "brk"},
		{SYS_lseek, "lseek"},
		{SYS_utimensat, "utimensat"},
		{SYS_fchmod, "fchmod"},
		{SYS_sendto, "sendto"},
		{SYS_sendmsg, "sendmsg"},
		{SYS_socket, "socket"},
		{SYS_connect, "connect"},
		{SYS_fadvise64, "fadvise"},
		{SYS_futimesat, "futimesat"},
		{SYS_sync, "sync"},
		{SYS_syncfs, "syncfs"},
		{SYS_dup, "dup"},
		{SYS_getrandom, "getrandom"},
		{SYS_copy_file_range, "copy_file_range"},
		{SYS_sendfile, "sendfile"},
		{SYS_memfd_create, "memfd_create"},
	};
	static char number[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].nr == c->nr)
			return names[i].name;
	(void)snprintf(number, sizeof(number), "call %ld", c->nr);
	return number;
}
