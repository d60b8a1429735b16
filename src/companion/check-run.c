// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check-run.h"
#include "doors/journal.h"
#include "doors/log.h"
#include "say.h"

/* A journal that is behind is waited for: so often, so long each time. */
#define JOURNAL_WAITS	50
#define JOURNAL_WAIT_MS 10

#define TELL_SIZE (NAME_SIZE + RUN_LINE_SIZE + 4)

/* The door of the journal never waits, but what a check says just before it hangs is worth half a
 * second. Not more: a journal that is stuck must not stop the checks. */
static int send_line(struct check_run *x, const struct check *c, const char *text)
{
	const struct journal_field fields[] = {{"BOOTASSESS_CHECK", c->name}};
	int waits = x->is_late ? 0 : JOURNAL_WAITS, r;

	for (;;) {
		r = journal_send(x->m->root.fd, LOG_DOOR_INFO, NULL, text, fields,
				 sizeof(fields) / sizeof(fields[0]));
		if ((r != -EAGAIN && r != -ENOBUFS) || waits-- == 0)
			break;
		(void)run_wait(NULL, 0, run_now_ms() + JOURNAL_WAIT_MS, -1, NULL, NULL);
	}
	x->is_late = r == -EAGAIN || r == -ENOBUFS;
	x->n_lost += x->is_late;
	return r;
}

static void take_line(void *data, unsigned int which, const char *line, size_t len)
{
	struct check_run *x = data;
	struct check *c = x->slot[which].check;
	char buf[TELL_SIZE];
	struct text t;
	int r;

	check_note_line(c, line, len);
	text_init(&t, buf, sizeof(buf));
	say(&t, c->name, ": ");
	for (size_t i = 0; i < len; i++) {
		bool is_control =
			((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f;

		text_char(&t, is_control ? '?' : line[i]);
	}
	r = send_line(x, c, buf);
	if (!x->is_journal || (r < 0 && !x->is_late))
		log_info("%s", buf);
}

static unsigned long limit_s(const struct check_run *x, const struct check *c)
{
	const struct config *config = &x->m->config;

	return c->kind == CHECK_RECOVERY ? config->recovery_timeout_s : config->check_timeout_s;
}

/* greenboot gives its *.sh to bash; where there is none, sh may do. */
static int start(struct check_run *x, unsigned int i, char *path)
{
	unsigned int timeout_s = (unsigned int)limit_s(x, x->slot[i].check);
	unsigned int grace_s = timeout_s < CHECK_GRACE_S ? timeout_s : CHECK_GRACE_S;
	char bash[] = "bash", sh[] = "sh";
	char *direct[] = {path, NULL};
	char *by_shell[] = {bash, path, NULL};
	bool is_direct = !x->slot[i].check->by_shell;
	int r;

	r = run_start_reading(&x->run[i], is_direct ? direct : by_shell, environ, x->input,
			      timeout_s * 1000, grace_s * 1000);
	if (r != -ENOENT || is_direct)
		return r;
	by_shell[0] = sh;
	return run_start_reading(&x->run[i], by_shell, environ, x->input, timeout_s * 1000,
				 grace_s * 1000);
}

static unsigned long retries(const struct check_run *x, const struct check *c)
{
	return c->kind <= CHECK_WANTED ? x->m->config.check_retries : 0;
}

/* An attempt is over: the slot is free again, or waits for the next one. */
static void take_result(struct check_run *x, unsigned int i)
{
	struct check *c = x->slot[i].check;
	char buf[TELL_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	check_text_result(c, limit_s(x, c), &t);
	if (c->result == CHECK_NO_START) {
		text_str(&t, ": ");
		text_str(&t, strerror(-c->status));
	}
	log_line(check_has_failed(c) ? LOG_DOOR_WARNING : LOG_DOOR_INFO,
		 "%s \"%s\", attempt %u of %lu: %s", check_kind_name(c->kind), c->name, c->attempts,
		 retries(x, c) + 1, buf);
	if (check_has_failed(c) && c->attempts <= retries(x, c) && !x->is_stopped) {
		x->slot[i].again_ms = run_now_ms() + x->m->config.check_retry_delay_s * 1000;
		return;
	}
	x->slot[i].check = NULL;
	x->is_over |= check_has_failed(c) && c->kind == CHECK_REQUIRED;
	x->is_over |= c->result == CHECK_REPAIRED;
}

static void begin(struct check_run *x, unsigned int i)
{
	struct check *c = x->slot[i].check;
	char path[PATH_MAX];
	struct text t;
	int r = -ENAMETOOLONG;

	text_init(&t, path, sizeof(path));
	say(&t, x->prefix, "/", check_dir(c->kind, c->source), "/", c->name);
	c->attempts++;
	c->line[0] = '\0';
	if (!t.full)
		r = start(x, i, path);
	if (r == 0)
		return;
	c->result = CHECK_NO_START;
	c->status = r;
	take_result(x, i);
}

/* The next check of this kind that was not begun, or NULL. */
static struct check *take_next(struct check_run *x, enum check_kind kind)
{
	while (!x->is_over && !x->is_stopped && x->next < x->checks->n) {
		struct check *c = &x->checks->check[x->next++];

		if (c->kind == kind && !c->masked)
			return c;
	}
	return NULL;
}

/* Begins what is due. */
static void fill_slots(struct check_run *x, enum check_kind kind, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct check_slot *s = &x->slot[i];

		if (s->check && x->run[i].state == RUN_IDLE && x->is_stopped)
			s->check = NULL;
		else if (s->check && x->run[i].state == RUN_IDLE && run_now_ms() >= s->again_ms)
			begin(x, i);
		/* what cannot be started leaves its slot, or waits in it */
		while (!s->check && (s->check = take_next(x, kind)))
			begin(x, i);
	}
}

static enum check_result judge_status(enum check_kind kind, int status)
{
	if (kind == CHECK_RECOVERY && status == CHECK_STATUS_REPAIRED)
		return CHECK_REPAIRED;
	return status == 0 ? CHECK_PASSED : CHECK_FAILED;
}

static void take_ends(struct check_run *x, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct run *run = &x->run[i];
		struct check *c = x->slot[i].check;

		if (run->state != RUN_ENDED)
			continue;
		run->state = RUN_IDLE;
		c->status = run->signal ? run->signal : run->status;
		if (x->is_stopped)
			c->result = CHECK_NOT_RUN;
		else if (run->timed_out)
			c->result = CHECK_TIMED_OUT;
		else if (run->signal)
			c->result = CHECK_KILLED;
		else
			c->result = judge_status(c->kind, run->status);
		take_result(x, i);
	}
}

/* When the first slot that waits is due. False if all are free. */
static bool next_time(const struct check_run *x, unsigned int n, uint64_t *ret)
{
	bool any = false;

	*ret = UINT64_MAX;
	for (unsigned int i = 0; i < n; i++) {
		const struct check_slot *s = &x->slot[i];

		any |= s->check != NULL;
		if (s->check && x->run[i].state == RUN_IDLE && s->again_ms < *ret)
			*ret = s->again_ms;
	}
	return any;
}

void check_run_kind(struct check_run *x, enum check_kind kind)
{
	unsigned int n = kind <= CHECK_WANTED ? (unsigned int)x->m->config.parallel : 1;
	uint64_t until_ms;

	x->is_over = false;
	x->next = 0;
	memset(x->slot, 0, sizeof(x->slot));
	memset(x->run, 0, sizeof(x->run));
	for (fill_slots(x, kind, n); next_time(x, n, &until_ms); fill_slots(x, kind, n)) {
		int r = run_wait(x->run, n, until_ms, x->stop_fd, take_line, x);

		if (r == 1)
			x->is_stopped = true;
		for (unsigned int i = 0; i < n && x->is_stopped; i++)
			run_stop(&x->run[i]);
		take_ends(x, n);
	}
}

void check_run_environment(void)
{
	(void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("JOURNAL_STREAM");
}

void check_run_pause(struct check_run *x, unsigned long seconds)
{
	uint64_t until_ms = run_now_ms() + seconds * 1000;

	while (!x->is_stopped && run_now_ms() < until_ms)
		if (run_wait(NULL, 0, until_ms, x->stop_fd, NULL, NULL) == 1)
			x->is_stopped = true;
}
