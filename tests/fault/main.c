// SPDX-License-Identifier: LGPL-2.1-or-later
/* Everything that a program asks of the kernel fails once, and it is killed in front of everything
 * that it changes. After each fault the device is judged, and what comes next is run on it without
 * a fault: the same verb, and the next boot. faults check|soak PROGRAMS WORK LIBRARY <SCENARIOS A
 * scenario is a line: NAME, which is a tree in WORK, a tab, and the arguments. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "next-boot.h"
#include "points.h"
#include "snap.h"
#include "trace.h"

#define ARGS_MAX  16
#define LOG_MAX	  65536
#define SEEN_MAX  4096
#define SLOW_S	  10.0
#define WRONG_MAX 12 /* so many of a scenario are told */

struct scenario {
	char name[64], words[1024];
	char tree[256], log[256], root[300];
	const char *programs, *preload;
	char *argv[ARGS_MAX], program[300];
	bool is_assess, is_all;
	struct judge judge;
	struct calls calls;
	char clean_log[LOG_MAX], text[LOG_MAX], first[LOG_MAX];
	char next[64]; /* what was run after the fault */
	int clean_status;
	uint64_t end;
	struct snap now; /* what is in the tree */
	uint64_t seen[SEEN_MAX];
	int n_seen;
	int tried, wrong;
};

static void read_log(const char *path, char text[LOG_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, LOG_MAX - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

static bool is_initrd_event(const char *word)
{
	return strcmp(word, "assess") == 0 || strcmp(word, "emergency") == 0 ||
	       strcmp(word, "deadline") == 0;
}

/* Splits the words; argv[0] is the program that knows them. */
static void make_argv(struct scenario *s)
{
	int n = 1;

	for (char *word = strtok(s->words, " "); word && n < ARGS_MAX - 2; word = strtok(NULL, " "))
		s->argv[n++] = word;
	s->is_assess = is_initrd_event(s->argv[1]);
	(void)snprintf(s->program, sizeof(s->program), "%s/%s", s->programs,
		       s->is_assess ? "bootassess-initrd" : "bootassess");
	(void)snprintf(s->root, sizeof(s->root), "--root=%s", s->tree);
	s->argv[0] = s->program;
	s->argv[n++] = s->root;
	s->argv[n] = NULL;
}

static void restore(struct scenario *s, const struct snap *want)
{
	struct snap now;

	snap_take(s->tree, &now);
	snap_restore(s->tree, want, &now);
	snap_free(&now);
}

static void run(struct scenario *s, const struct fault *f, struct calls *calls, struct outcome *o)
{
	trace_run(s->argv, s->tree, s->log, s->preload, f, calls, o);
	snap_free(&s->now);
	snap_take(s->tree, &s->now);
	read_log(s->log, s->text);
}

static const char *kind_name(const struct fault *f)
{
	static char text[64];

	switch (f->kind) {
	case FAULT_SHORT:
		return "does half";
	case FAULT_ONE:
		return "does one byte";
	case FAULT_KILL:
		return "killed before it";
	case FAULT_TORN:
		return "killed after half of it";
	case FAULT_ALLOC:
		return "no memory";
	case FAULT_NONE:
		return "no fault";
	default:
		(void)snprintf(text, sizeof(text), "%s%s%s",
			       f->error ? strerrorname_np(f->error) : "fails",
			       f->kind == FAULT_LATE ? ", but it is done" : "",
			       f->kind == FAULT_GONE ? ", and all later ones" : "");
		return text;
	}
}

/* What is in the one, and not so in the other. */
static void tell_difference(const struct snap *a, const struct snap *b, char sign)
{
	for (size_t i = 0; i < a->n; i++)
		if (strncmp(a->item[i].path, "run/", 4) != 0 &&
		    !snap_is_same(&a->item[i], snap_find(b, a->item[i].path)))
			printf("    %c %s\n", sign, a->item[i].path);
}

static void tell_wrong(struct scenario *s, const struct fault *f, const struct call *c,
		       const char *what)
{
	if (++s->wrong > WRONG_MAX)
		return;
	printf("not ok fault: %s: number %d, %s \"%s\", %s: %s\n", s->name, f->at,
	       f->kind == FAULT_ALLOC ? "allocation" : trace_name(c), c->path, kind_name(f), what);
	for (char *line = strtok(s->first, "\n"); line; line = strtok(NULL, "\n"))
		printf("    %s\n", line);
	if (s->next[0])
		printf("  then %s:\n", s->next);
	for (char *line = strtok(s->next[0] ? s->text : s->first, "\n"); line;
	     line = strtok(NULL, "\n"))
		printf("    %s\n", line);
	tell_difference(&s->judge.after, &s->now, '-');
	tell_difference(&s->now, &s->judge.after, '+');
}

/* Is there a line that a run without a fault does not have? */
static bool says_more(const struct scenario *s)
{
	const char *p = s->text;

	while (*p) {
		size_t len = strcspn(p, "\n");
		char line[2048];

		(void)snprintf(line, sizeof(line), "%.*s\n", (int)len, p);
		if (!strstr(s->clean_log, line))
			return true;
		p += len + (p[len] == '\n');
	}
	return false;
}

/* The last word on the event, `assess: proceed (...)`, is the exit status. */
static bool is_status_true(const struct scenario *s, int status)
{
	static const struct {
		const char *verdict;
		int status;
	} rows[] = {{"proceed", 0}, {"switch", 10}, {"hold", 11}, {"retry", 12}, {"reset", 13}};
	char prefix[64];
	int told = 0;

	for (const char *p = s->text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			(void)snprintf(prefix, sizeof(prefix), "bootassess: %s: %s (", s->argv[1],
				       rows[i].verdict);
			if (strncmp(p, prefix, strlen(prefix)) == 0)
				told = rows[i].status;
		}
	}
	return told == status && (status != 13 || s->clean_status == 13);
}

static const char *judge_outcome(struct scenario *s, const struct fault *f, const struct outcome *o)
{
	bool is_kill = f->kind == FAULT_KILL || f->kind == FAULT_TORN;
	bool is_mute = o->call.nr == SYS_write &&
		       (o->call.arg[0] <= STDERR_FILENO || f->kind == FAULT_GONE);
	int status = WEXITSTATUS(o->status);

	if (o->is_over)
		return "it hangs";
	if (o->seconds > SLOW_S)
		return "it took too long";
	if (is_kill)
		return NULL;
	if (WIFSIGNALED(o->status))
		return "it ended by a signal";
	if (is_mute)
		return status > 13 ? "exit status above 13" : NULL;
	if (s->is_assess)
		return is_status_true(s, status)
			       ? NULL
			       : "its exit status is not what it decided, or it resets";
	if (status > 1)
		return "exit status above 1";
	if (status == s->clean_status && judge_end(&s->now) == s->end)
		return NULL;
	return says_more(s) ? NULL : "the result is another one, and it does not say so";
}

/* Has what is there been seen before? */
static bool is_seen(struct scenario *s)
{
	uint64_t number = snap_number(&s->now, "", NULL);

	for (int i = 0; i < s->n_seen; i++)
		if (s->seen[i] == number)
			return true;
	if (s->n_seen < SEEN_MAX)
		s->seen[s->n_seen++] = number;
	return false;
}

/* The same verb again, and the next boot, from what the fault has left. */
static const char *run_on(struct scenario *s, char what[512])
{
	static const struct fault none = {.kind = FAULT_NONE};
	struct snap left;
	struct outcome o;
	const char *wrong = NULL;

	snap_take(s->tree, &left);
	if (!s->is_assess) {
		bool is_there = judge_end(&left) == s->end;

		(void)snprintf(s->next, sizeof(s->next), "once more");
		run(s, &none, NULL, &o);
		if (WIFSIGNALED(o.status) || o.is_over || WEXITSTATUS(o.status) > 1)
			wrong = "the second run did not end well";
		else if (!judge_device(&s->judge, &s->now, 0, what))
			wrong = what;
		else if (WEXITSTATUS(o.status) == 0 && judge_end(&s->now) != s->end && !is_there)
			wrong = "the second run says that it is done, and it is not";
		else if (WEXITSTATUS(o.status) != 0 && s->clean_status == 0 && !is_there)
			wrong = "the second run does not come to the end";
		if (wrong)
			return wrong;
		snap_restore(s->tree, &left, &s->now);
	}
	(void)snprintf(s->next, sizeof(s->next), "the next boot");
	if (next_boot(s->tree, &left)) {
		char *argv[] = {NULL, (char *)"assess", s->root, NULL}, program[300];

		(void)snprintf(program, sizeof(program), "%s/bootassess-initrd", s->programs);
		argv[0] = program;
		trace_run(argv, s->tree, s->log, s->preload, &none, NULL, &o);
		snap_free(&s->now);
		snap_take(s->tree, &s->now);
		read_log(s->log, s->text);
		if (WIFSIGNALED(o.status) || o.is_over || WEXITSTATUS(o.status) > 12)
			wrong = "the next boot's assess did not end well";
		else if (!judge_device(&s->judge, &s->now, 2, what))
			wrong = what;
	}
	snap_free(&left);
	return wrong;
}

static void try(struct scenario *s, const struct fault *f, const struct call *c, struct outcome *o)
{
	const char *wrong;
	char what[512] = "";

	s->next[0] = '\0';
	s->judge.is_gone = f->kind == FAULT_GONE;
	run(s, f, NULL, o);
	memcpy(s->first, s->text, sizeof(s->first));
	if (!o->is_hit && f->kind == FAULT_ALLOC)
		return;
	s->tried++;
	if (!o->is_hit)
		wrong = "the call was not made again: the runs differ";
	else
		wrong = judge_outcome(s, f, o);
	if (!wrong && !judge_device(&s->judge, &s->now, 0, what))
		wrong = what;
	if (!wrong && !is_seen(s))
		wrong = run_on(s, what);
	if (wrong)
		tell_wrong(s, f, c, wrong);
	restore(s, &s->judge.before);
}

static bool begin(struct scenario *s)
{
	static const struct fault none = {.kind = FAULT_NONE};
	struct outcome o;

	snap_take(s->tree, &s->judge.before);
	run(s, &none, &s->calls, &o);
	(void)snprintf(s->clean_log, sizeof(s->clean_log), "%s", s->text);
	s->clean_status = WIFEXITED(o.status) ? WEXITSTATUS(o.status) : 255;
	snap_take(s->tree, &s->judge.after);
	entries_find(&s->judge.before, &s->judge.was);
	entries_find(&s->judge.after, &s->judge.is);
	s->end = judge_end(&s->judge.after);
	if (getenv("VERBOSE"))
		printf("%s: %d calls, exit status %d\n%s", s->name, s->calls.n, s->clean_status,
		       s->clean_log);
	if (s->clean_status > 13 || s->calls.n == 0) {
		tell_wrong(s, &none, &o.call, "a run without a fault ends so");
		return false;
	}
	restore(s, &s->judge.before);
	return true;
}

static void try_all(struct scenario *s)
{
	struct outcome o = {.is_hit = true};
	int syscalls = 0, memory;

	for (int k = 0; k < s->calls.n; k++) {
		struct fault f[POINTS_MAX];
		int n = points_of(&s->calls.call[k], s->is_all, f);

		for (int i = 0; i < n; i++) {
			f[i].at = k + 1;
			try(s, &f[i], &s->calls.call[k], &o);
		}
	}
	syscalls = s->tried;
	for (int k = 1; o.is_hit; k++) {
		const struct fault f = {.kind = FAULT_ALLOC, .at = k};

		try(s, &f, &(struct call){.nr = 0}, &o);
	}
	memory = s->tried - syscalls;
	printf("fault points: %s: %d tried (%d calls; %d times no memory), %d survived\n", s->name,
	       s->tried, s->calls.n, memory, s->tried - s->wrong);
	(void)fflush(stdout);
}

static bool read_scenario(char *line, struct scenario *s)
{
	char *tab = strchr(line, '\t');

	if (!tab)
		return false;
	*tab = '\0';
	line[strcspn(line, "\n")] = '\0';
	tab[1 + strcspn(tab + 1, "\n")] = '\0';
	(void)snprintf(s->name, sizeof(s->name), "%.63s", line);
	(void)snprintf(s->words, sizeof(s->words), "%.1023s", tab + 1);
	return true;
}

int main(int argc, char **argv)
{
	int tried = 0, wrong = 0, failed = 0, passed = 0;
	static struct scenario s;
	char line[2048];

	if (argc != 5)
		errx(2, "usage: faults check|soak PROGRAMS WORK LIBRARY <SCENARIOS");
	while (fgets(line, sizeof(line), stdin)) {
		memset(&s, 0, sizeof(s));
		s.is_all = strcmp(argv[1], "soak") == 0;
		s.programs = argv[2];
		s.preload = argv[4];
		if (!read_scenario(line, &s))
			continue;
		(void)snprintf(s.tree, sizeof(s.tree), "%s/%s", argv[3], s.name);
		(void)snprintf(s.log, sizeof(s.log), "%s/log", argv[3]);
		make_argv(&s);
		if (begin(&s))
			try_all(&s);
		snap_free(&s.judge.before);
		snap_free(&s.judge.after);
		snap_free(&s.now);
		free(s.calls.call);
		tried += s.tried;
		wrong += s.wrong;
		failed += s.wrong > 0;
		passed += s.wrong == 0;
	}
	printf("fault points: %d tried, %d survived\n", tried, tried - wrong);
	printf("scenarios: %d passed, %d failed\n", passed, failed);
	return failed > 0;
}
