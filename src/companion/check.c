// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check-list.h"
#include "check-note.h"
#include "check-run.h"
#include "doors/journal.h"
#include "doors/log.h"
#include "json.h"
#include "observe.h"
#include "say.h"
#include "verb.h"

#define HEALTHY_ID   "23eb593e24414ff3b9a10966166067b9"
#define UNHEALTHY_ID "875f1f47fccb49babc1298e094cb8e80"

#define HEALTHY	  "healthy" /* the verdict */
#define LINE_SIZE (4 * NAME_SIZE)

static void set_number(const char *name, bool is_known, int value)
{
	char buf[16];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (is_known)
		text_uint(&t, (unsigned long)value, 0);
	(void)setenv(name, buf, 1);
}

/* What a check may want to know. */
static void set_environment(const struct facts *f)
{
	const struct rung *r = f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
	bool is_counted = r && r->counter.present;

	(void)setenv("BOOTASSESS_SLOT", f->booted.id, 1);
	(void)setenv("BOOTASSESS_ROLE", r ? role_name(r->role) : "", 1);
	(void)setenv("BOOTASSESS_VIA", via_name(f->booted.via), 1);
	set_number("BOOTASSESS_TRIES_LEFT", is_counted, is_counted ? r->counter.left : 0);
	set_number("BOOTASSESS_TRIES_DONE", is_counted, is_counted ? r->counter.done : 0);
	check_run_environment();
}

/* Reads the facts, and lets $BOOT go again: the checks see the mounts of everybody, now and later.
 */
static void read_facts(struct machine *m, struct facts *f)
{
	int mounts = verb_keep_mounts(m);

	machine_reach(m);
	observe(m, EVENT_BLESS, f);
	verb_let_go(m, mounts);
}

static unsigned int count_results(const struct checks *l, enum check_kind kind, bool has_failed)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < l->n; i++) {
		const struct check *c = &l->check[i];

		n += c->kind == kind && c->result != CHECK_NOT_RUN &&
		     check_has_failed(c) == has_failed;
	}
	return n;
}

/* verdict NULL: they were only listed. */
static void json_checks(const struct checks *l, const char *verdict, struct text *t)
{
	const struct check *failed = check_verdict(l);

	text_char(t, '{');
	json_string(t, "verdict", verdict);
	json_string(t, "check", failed ? failed->name : NULL);
	json_open(t, "checks", '[');
	for (unsigned int i = 0; i < l->n; i++)
		check_list_json(&l->check[i], t);
	text_str(t, "]}\n");
}

/* "required check "20-server" failed (exit status 1, attempts: 3): connection refused" */
static void text_failure(const struct check *c, unsigned long timeout_s, struct text *t)
{
	say(t, check_kind_name(c->kind), c->kind <= CHECK_WANTED ? " check \"" : " hook \"",
	    c->name, "\" failed (");
	check_text_result(c, timeout_s, t);
	text_str(t, ", attempts: ");
	text_uint(t, c->attempts, 0);
	say(t, ")", c->line[0] ? ": " : "", c->line);
}

static void warn_failures(const struct check_run *x, enum check_kind kind)
{
	for (unsigned int i = 0; i < x->checks->n; i++) {
		const struct check *c = &x->checks->check[i];
		char line[LINE_SIZE];
		struct text t;

		if (c->kind != kind || !check_has_failed(c))
			continue;
		text_init(&t, line, sizeof(line));
		text_failure(c, x->m->config.check_timeout_s, &t);
		log_warning("%s, ignoring", line);
	}
}

/* All required ones again: what was well just after the start may not last. */
static void settle(struct check_run *x)
{
	unsigned long settle_s = x->m->config.settle_s;
	struct checks *l = x->checks;

	if (settle_s == 0 || count_results(l, CHECK_REQUIRED, false) == 0)
		return;
	log_info("waiting %lu s, then the required checks must pass again", settle_s);
	check_run_pause(x, settle_s);
	for (unsigned int i = 0; i < l->n && !x->is_stopped; i++)
		if (l->check[i].kind == CHECK_REQUIRED) {
			l->check[i].result = CHECK_NOT_RUN;
			l->check[i].attempts = 0;
		}
	check_run_kind(x, CHECK_REQUIRED);
}

static void run_all(struct check_run *x)
{
	check_run_kind(x, CHECK_REQUIRED);
	if (check_verdict(x->checks))
		return;
	check_run_kind(x, CHECK_WANTED);
	warn_failures(x, CHECK_WANTED);
	settle(x);
}

/* After the verdict is said and noted: one of them may restart the machine. */
static void run_hooks(struct check_run *x, const struct check *failed)
{
	enum check_kind kind = failed ? CHECK_RED : CHECK_GREEN;

	check_run_kind(x, kind);
	if (!x->is_stopped)
		warn_failures(x, kind);
}

/* One line, for a person, the journal and, if it is bad, for `bootassess fail`. */
static void tell(const struct check_run *x, const struct facts *f, const struct check *failed)
{
	const struct journal_field fields[] = {
		{"BOOTASSESS_SLOT", f->booted.id},
		{"BOOTASSESS_VERDICT", failed ? "failed" : HEALTHY},
		{"BOOTASSESS_CHECK", failed ? failed->name : NULL},
	};
	enum log_level level = failed ? LOG_DOOR_ERR : LOG_DOOR_NOTICE;
	char line[LINE_SIZE];
	struct text t;
	int r;

	text_init(&t, line, sizeof(line));
	if (failed) {
		text_failure(failed, x->m->config.check_timeout_s, &t);
	} else {
		text_str(&t, "healthy: required checks passed: ");
		text_uint(&t, count_results(x->checks, CHECK_REQUIRED, false), 0);
		text_str(&t, "; wanted checks passed: ");
		text_uint(&t, count_results(x->checks, CHECK_WANTED, false), 0);
		text_str(&t, ", failed: ");
		text_uint(&t, count_results(x->checks, CHECK_WANTED, true), 0);
	}
	r = journal_send(x->m->root.fd, level, failed ? UNHEALTHY_ID : HEALTHY_ID, line, fields,
			 sizeof(fields) / sizeof(fields[0]));
	if (!x->is_journal || r < 0)
		log_line(level, "%s", line);
	if (x->n_lost > 0)
		log_warning("the journal did not take %lu lines of output", x->n_lost);
}

static void begin(struct machine *m, const char *prefix, struct checks *checks, struct check_run *x)
{
	*x = (struct check_run){.m = m, .prefix = prefix, .checks = checks, .input = -1};
	x->is_journal = journal_is_stderr();
	x->stop_fd = run_hold_signals();
	if (x->stop_fd < 0)
		log_warning("cannot watch for signals: %s, ignoring", strerror(-x->stop_fd));
}

/* Who only asks, without --boot, leaves no trace: neither a note, of which a later fail would
 * speak, nor a hook that was run. */
static const char *run_checks(const struct machine *m, struct check_run *x, const struct facts *f,
			      bool is_boot)
{
	const struct check *failed;

	run_all(x);
	if (x->is_stopped) {
		log_notice("stopped: nothing is said about this boot");
		return "stopped";
	}
	failed = check_verdict(x->checks);
	if (is_boot)
		check_note_write(m, failed);
	tell(x, f, failed);
	if (is_boot)
		run_hooks(x, failed);
	return failed ? "failed" : HEALTHY;
}

static const char *check(struct machine *m, const char *prefix, struct checks *checks, bool is_boot)
{
	static struct check_run x;
	const char *verdict;
	struct facts f;

	begin(m, prefix, checks, &x);
	read_facts(m, &f);
	set_environment(&f);
	if (is_boot)
		check_note_busy(m, check_longest_s(checks, &m->config));
	verdict = run_checks(m, &x, &f, is_boot);
	if (is_boot)
		check_note_busy(m, 0);
	closep(&x.stop_fd);
	return verdict;
}

enum status check_verb(struct machine *m, const struct request *q, struct text *out)
{
	static struct checks checks;
	char prefix[PATH_MAX] = "";
	const char *verdict;

	check_list_find(m, CHECK_REQUIRED, CHECK_RED, &checks);
	if (q->list) {
		if (q->json)
			json_checks(&checks, NULL, out);
		else
			check_list_text(&checks, "There are no checks.\n", out);
		return STATUS_DONE;
	}
	if (q->root && !q->run) {
		log_err("refused: with --root= checks are only listed (--list), not run");
		return STATUS_REFUSED;
	}
	if (q->root && !realpath(q->root, prefix)) {
		log_err("cannot find \"%s\": %s", q->root, strerror(errno));
		return STATUS_REFUSED;
	}
	verdict = check(m, prefix, &checks, q->boot);
	if (q->json)
		json_checks(&checks, verdict, out);
	return strcmp(verdict, HEALTHY) == 0 ? STATUS_DONE : STATUS_REFUSED;
}
