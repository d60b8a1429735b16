/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* One run of a program in which one system call goes wrong, by ptrace(2). Calls are counted from
 * the one on that opens the tree: before it is the dynamic linker. */
enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR, /* the call is not made, and fails */
	FAULT_LATE,  /* it is made, and says that it failed: close, fsync, rename */
	FAULT_SHORT, /* of a read or write: half of it */
	FAULT_ONE,   /* one byte of it */
	FAULT_KILL,  /* SIGKILL before it is made */
	FAULT_TORN,  /* half of a write is made, then SIGKILL */
	FAULT_GONE,  /* this one and each later one of its number fails: the disk is gone */
	FAULT_ALLOC, /* of memory, by the library in `preload` */
};

struct fault {
	enum fault_kind kind;
	int at;	   /* 1 is the first */
	int error; /* of errno */
};

struct call {
	long nr;
	long arg[6];
	char path[128]; /* of a call that names one, else "" */
};

struct calls {
	struct call *call;
	int n, room;
};

struct outcome {
	int status;	  /* as of waitpid(2) */
	bool is_hit;	  /* there was such a call */
	bool is_over;	  /* it took too long, and was killed */
	struct call call; /* the one that failed */
	double seconds;
};

#define TRACE_SECONDS 30 /* then it hangs */

/* Runs argv, which names `tree` as --root=, its output in the file `log`. All calls are noted in
 * `ret`, if that is not NULL. Ends the program where ptrace itself does not work. */
void trace_run(char *const *argv, const char *tree, const char *log, const char *preload,
	       const struct fault *fault, struct calls *ret, struct outcome *o);

/* The name of a call, or its number; valid until the next call. */
const char *trace_name(const struct call *c);
