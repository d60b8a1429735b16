/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Runs programs beside each other, each with a time limit, and reads their output line by line. No
 * threads, and nothing that a program does can make this process wait for longer than it wants. */

/* A longer line comes in pieces. */
#define RUN_LINE_SIZE 512
/* So many at the same time. */
#define RUNS_MAX 16

enum run_state {
	RUN_IDLE,     /* not started, or its end was taken note of */
	RUN_UNDERWAY, /* it may run */
	RUN_TERM,     /* its time was over: SIGTERM was sent to its process group */
	RUN_KILL,     /* it did not heed that: SIGKILL */
	RUN_ENDED,
};

struct run {
	enum run_state state;
	bool timed_out;	   /* its end was ours */
	int signal;	   /* that it died of, 0 = none */
	int status;	   /* else its exit status */
	pid_t pid;	   /* also its process group; it keeps both until RUN_ENDED */
	int pidfd, out;	   /* -1 = closed */
	uint64_t limit_ms; /* when the next step is due, of run_now_ms() */
	unsigned int grace_ms;
	char line[RUN_LINE_SIZE];
	size_t len;
};

/* Milliseconds of a clock that nobody sets, and that stands still in suspend. */
uint64_t run_now_ms(void);

/* Starts a program: argv[0] is its path (without a slash: it is looked for in PATH), its standard
 * input empty, its output and errors one pipe, its directory "/", in a process group of its own,
 * with no signal blocked or ignored. It has timeout_ms; then its whole group gets SIGTERM, and
 * grace_ms later SIGKILL. 0, or negative errno: it could not be started (-ENOENT also where its
 * interpreter is missing), and *r is idle. */
int run_start(struct run *r, char *const argv[], char *const env[], unsigned int timeout_ms,
	      unsigned int grace_ms);

/* The same, with what input holds (of run_make_input(); -1 = nothing) as its standard input. */
int run_start_reading(struct run *r, char *const argv[], char *const env[], int input,
		      unsigned int timeout_ms, unsigned int grace_ms);

/* A file in memory that holds this text: a file descriptor, or negative errno. Several programs may
 * have it as their input, one after the other or at the same time. */
int run_make_input(const char *text, size_t len);

/* Ends a program now, in the same way as when its time is over. */
void run_stop(struct run *r);

/* Told about each line of output, without its newline; it may hold any byte. which: index in runs.
 */
typedef void (*run_line_fn)(void *data, unsigned int which, const char *line, size_t len);

/* Waits until something happens: a program writes, ends or runs out of time; it is until_ms of
 * run_now_ms(); or a signal comes to stop_fd (of run_hold_signals(), -1 = none). Then returns; what
 * has ended is RUN_ENDED, with all that it wrote before told to fn. What a process that it left
 * behind still writes is not waited for. A process that not even SIGKILL ends (it waits for a disk)
 * is left alone after grace_ms more. 0; 1 if a signal came; negative errno. */
int run_wait(struct run *runs, unsigned int n, uint64_t until_ms, int stop_fd, run_line_fn fn,
	     void *data);

/* From now on SIGTERM, SIGINT and SIGHUP do not end this process: they show on the file descriptor
 * that is returned. Negative errno. */
int run_hold_signals(void);

/* Remembers the mount namespace of this process (a file descriptor, or negative errno), and comes
 * back to it: what is started then sees the mounts of everybody. 0 or negative errno. */
int run_keep_mounts(void);
int run_return_mounts(int fd);

/* What a directory has under a name. */
enum run_file {
	RUN_FILE_EMPTY,	  /* an empty file, or /dev/null */
	RUN_FILE_PLAIN,	  /* a regular file that nobody may execute */
	RUN_FILE_PROGRAM, /* one that somebody may, or a link that leads nowhere */
};

/* Told about each file of a directory. */
typedef void (*run_file_fn)(void *data, const char *name, enum run_file file);

/* Calls fn for each file of a directory, in the order of the disk; links are followed, and what is
 * no regular file (but for /dev/null) is passed over. What cannot be looked at counts as a program.
 * 0, also without the directory; negative errno. */
int run_each_file(int rootfd, const char *path, run_file_fn fn, void *data);
