// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fsck.h"

#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "doors/run.h"
#include "text.h"

#define GRACE_MS    2000
#define EXIT_CLEAN  0
#define EXIT_ERRORS 1

struct listening {
	struct fsck *result;
	enum log_level level;
};

static const char *find_program(const struct machine *m)
{
	static const char *const paths[] = {"/usr/sbin/fsck.fat", "/usr/bin/fsck.fat",
					    "/sbin/fsck.fat",	  "/usr/sbin/fsck.vfat",
					    "/usr/bin/fsck.vfat", "/sbin/fsck.vfat"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (root_exists(m->root.fd, paths[i] + 1))
			return paths[i];
	return NULL;
}

bool fsck_is_there(const struct machine *m)
{
	return !m->root.is_test && find_program(m);
}

/* Not its banner, nor what it says of character sets. */
static bool is_noise(const char *line)
{
	return !line[0] || strncmp(line, "fsck.fat ", 9) == 0 || strstr(line, "onversion");
}

/* Not the summary at its end either ("/dev/vda1: 5 files, 9/100 clusters"). */
static bool is_complaint(const char *line)
{
	return line[0] != '/' && line[0] != ' ' && line[0] != '*';
}

static void take_line(void *data, unsigned int which, const char *line, size_t len)
{
	struct listening *l = data;
	char text[RUN_LINE_SIZE + 1], had[sizeof(l->result->first)];
	struct text t;

	(void)which;
	memcpy(had, l->result->first, sizeof(had));
	text_init(&t, text, sizeof(text));
	text_printable_slice(&t, (struct slice){line, len});
	if (is_noise(text))
		return;
	log_line(l->level, "fsck.fat: %s", text);
	text_init(&t, l->result->first, sizeof(l->result->first));
	if (strstr(text, "share clusters")) { /* the names are on lines of their own before it */
		l->result->has_shared = true;
		text_str(&t, "two files share clusters");
	} else if (!had[0] && is_complaint(text)) {
		text_str(&t, text);
	} else {
		text_str(&t, had);
	}
}

static int judge(const struct run *run, struct fsck *ret)
{
	if (run->timed_out)
		return -ETIMEDOUT;
	if (run->signal != 0 || run->status > EXIT_ERRORS)
		return -EIO;
	ret->is_clean = run->status == EXIT_CLEAN;
	ret->has_errors = run->status == EXIT_ERRORS;
	return 0;
}

int fsck_run(const struct machine *m, const char *node, bool is_repair, unsigned int timeout_s,
	     struct fsck *ret)
{
	static char locale[] = "LC_ALL=C", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {locale, path, NULL};
	struct listening l = {ret, is_repair ? LOG_DOOR_INFO : LOG_DOOR_DEBUG};
	const char *program = m->root.is_test ? NULL : find_program(m);
	char name[32], partition[64], option[] = "-n";
	char *const argv[] = {name, option, partition, NULL};
	struct run run;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (!program)
		return -ENOENT;
	if (strlen(node) >= sizeof(partition))
		return -ENAMETOOLONG;
	memcpy(name, program, strlen(program) + 1);
	memcpy(partition, node, strlen(node) + 1);
	option[1] = is_repair ? 'a' : 'n';
	r = run_start(&run, argv, env, timeout_s * 1000, GRACE_MS);
	while (r == 0 && run.state != RUN_ENDED)
		r = run_wait(&run, 1, run_now_ms() + 1000, -1, take_line, &l);
	return r < 0 ? r : judge(&run, ret);
}
