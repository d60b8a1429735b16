// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * For tests/bench/kexec, in the guest: "measure NAME load ID" loads a boot entry as a switch does,
 * but does not jump; "measure NAME run COMMAND..." is for the peer. Both report what the process
 * cost, then the kernel forgets what is loaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doors/kexec.h"
#include "entries.h"
#include "stage.h"

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* A number after a word in a file of /proc. */
static long read_field(const char *path, const char *word)
{
	char line[256];
	FILE *f = fopen(path, "re");
	long value = -1;

	if (!f)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtol(line + strlen(word), NULL, 10);
	(void)fclose(f);
	return value;
}

/* proc(5): 5 sets the peak to what is resident now. */
static void reset_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "5", 1);
	close(fd);
}

static int load(const char *name, const char *id)
{
	static struct ladder ladder;
	struct stage stage = STAGE_INIT;
	struct machine m;
	char why[1024] = "";
	double start, copied;
	long resident;
	bool unsure;
	int rung, r;

	r = machine_open(NULL, &m);
	if (r < 0)
		return EXIT_FAILURE;
	machine_reach(&m);
	entries_read(&m, "", &ladder, &unsure);
	rung = ladder_find(&ladder, id);
	if (rung < 0)
		return EXIT_FAILURE;
	reset_peak();
	resident = read_field("/proc/self/status", "VmHWM:");
	start = now_ms();
	r = stage_check(&m, &ladder.rung[rung], 1, false, &stage, why, sizeof(why));
	if (r == 0)
		r = stage_copy(&stage, why, sizeof(why));
	copied = now_ms();
	if (r == 0)
		r = stage_load(&m, &stage, false, why, sizeof(why));
	printf("BENCH: %s stage_ms=%.0f load_ms=%.0f peak_above_kib=%ld needed_mib=%llu\n", name,
	       copied - start, now_ms() - copied,
	       read_field("/proc/self/status", "VmHWM:") - resident,
	       (unsigned long long)(stage.needed >> 20));
	if (r < 0)
		fprintf(stderr, "%s: %s: %s\n", id, why, strerror(-r));
	stage_close(&stage);
	machine_close(&m);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What a process that ended, but was not waited for, has cost. */
static int report(const char *name, pid_t pid, double start)
{
	char path[64];
	siginfo_t info;
	long written;
	int status;

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		return EXIT_FAILURE;
	start = now_ms() - start;
	(void)snprintf(path, sizeof(path), "/proc/%d/io", pid);
	written = read_field(path, "wchar:");
	(void)waitpid(pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	printf("BENCH: %s status=%d wall_ms=%.0f written=%ld\n", name, status, start, written);
	return status;
}

int main(int argc, char **argv)
{
	double start = now_ms();
	pid_t pid;
	int r;

	if (argc < 4)
		return EXIT_FAILURE;
	if (strcmp(argv[2], "load") == 0) {
		pid = fork();
		if (pid == 0) {
			r = load(argv[1], argv[3]);
			(void)fflush(stdout);
			_exit(r);
		}
	} else if (posix_spawnp(&pid, argv[3], NULL, NULL, argv + 3, environ) != 0) {
		return EXIT_FAILURE;
	}
	r = report(argv[1], pid, start);
	(void)kexec_unload();
	return r;
}
