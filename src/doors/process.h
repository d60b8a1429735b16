/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* Keeps all memory of this process, also what comes, in RAM (mlockall(2)): it goes on while no disk
 * answers. 0 or negative errno. */
int process_lock_memory(void);

/* fork(2): 0 in the child, which returns to main() by itself; its pid; or negative errno. */
pid_t process_fork(void);

/* Waits at most timeout_ms for a child to end. 0: it ended, *ret_status is what it returned (-1: a
 * signal ended it); -EAGAIN: it still runs; other negative errno. */
int process_wait(pid_t pid, int timeout_ms, int *ret_status);

/* Runs a program (argv[0] is looked for in PATH) that reads from in and writes to out, both where
 * their positions are; its errors are dropped. 0: it ended, *ret_status as above; -ENOENT: there is
 * none; -ETIMEDOUT: it was killed; other negative errno. */
int process_filter(char *const argv[], int in, int out, int timeout_ms, int *ret_status);

/* From now on SIGTERM does not end this process. */
void process_hold_term(void);
