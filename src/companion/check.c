// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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

#define GREENBOOT_CONF "etc/greenboot/greenboot.conf"
#define CONF_SIZE      16384
#define LINE_SIZE      (4 * NAME_SIZE)

/* A walk through the directories. */
struct scan {
	struct checks *checks;
	enum check_kind kind;
	enum check_source source;
	struct slice greenboot_conf;
};

static void offer_file(void *data, const char *name, enum run_file file)
{
	static const enum check_file kinds[] = {[RUN_FILE_EMPTY] = CHECK_FILE_MASK,
						[RUN_FILE_PLAIN] = CHECK_FILE_PLAIN,
						[RUN_FILE_PROGRAM] = CHECK_FILE_PROGRAM};
	struct scan *s = data;
	enum check_file kind = kinds[file];
	const char *dir = check_dir(s->kind, s->source);
	int r;

	if (s->source >= CHECK_GREENBOOT_USR && check_is_disabled(s->greenboot_conf, name))
		kind = CHECK_FILE_MASK;
	r = check_offer(s->checks, s->kind, s->source, name, kind);
	if (r == 1 && !check_is_backup(name))
		log_warning("\"/%s/%s\" is not executable, ignoring", dir, name);
	else if (r < 0)
		log_err("\"/%s/%s\" is one check too many (at most %d), ignoring", dir, name,
			CHECKS_MAX);
}

/* Nobody knows what had to pass: so one more has to that cannot be started. */
static void note_unreadable(struct scan *s, const char *dir, int error)
{
	bool is_needed = s->kind == CHECK_REQUIRED;

	log_err("cannot read \"/%s\": %s%s", dir, strerror(-error), is_needed ? "" : ", ignoring");
	if (is_needed)
		(void)check_offer(s->checks, s->kind, s->source, "unreadable", CHECK_FILE_PROGRAM);
}

static void find_checks(const struct machine *m, struct checks *ret)
{
	struct scan s = {.checks = ret};
	char conf[CONF_SIZE];
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (root_read(m->root.fd, GREENBOOT_CONF, conf, sizeof(conf), &len) == 0)
		s.greenboot_conf = (struct slice){conf, len};
	for (s.kind = 0; s.kind < CHECK_KINDS; s.kind++)
		for (s.source = 0; s.source < CHECK_SOURCES; s.source++) {
			const char *dir = check_dir(s.kind, s.source);
			int r = dir ? run_each_file(m->root.fd, dir, offer_file, &s) : 0;

			if (r < 0)
				note_unreadable(&s, dir, r);
		}
}

static void set_number(const char *name, bool is_known, int value)
{
	char buf[16];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (is_known)
		text_uint(&t, (unsigned long)value, 0);
	(void)setenv(name, buf, 1);
}

/* What a check may want to know. Our own socket of systemd and our journal are not its. */
static void set_environment(const struct facts *f)
{
	const struct rung *r = f->booted.rung >= 0 ? &f->ladder.rung[f->booted.rung] : NULL;
	bool is_counted = r && r->counter.present;

	(void)setenv("BOOTASSESS_SLOT", f->booted.id, 1);
	(void)setenv("BOOTASSESS_ROLE", r ? role_name(r->role) : "", 1);
	(void)setenv("BOOTASSESS_VIA", via_name(f->booted.via), 1);
	set_number("BOOTASSESS_TRIES_LEFT", is_counted, is_counted ? r->counter.left : 0);
	set_number("BOOTASSESS_TRIES_DONE", is_counted, is_counted ? r->counter.done : 0);
	(void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("JOURNAL_STREAM");
}

/* Reads the facts, and lets $BOOT go again: the checks see the mounts of everybody, now and later.
 */
static void read_facts(struct machine *m, struct facts *f)
{
	int r, mounts = m->root.is_test ? -1 : run_keep_mounts();

	machine_reach(m);
	observe(m, EVENT_BLESS, f);
	machine_release(m);
	if (m->root.is_test)
		return;
	r = mounts < 0 ? mounts : run_return_mounts(mounts);
	closep(&mounts);
	if (r == 0) {
		root_close(&m->root);
		r = root_open(NULL, &m->root);
	}
	if (r < 0)
		log_warning("the checks run in a mount namespace of their own: %s", strerror(-r));
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

static void json_check(const struct check *c, struct text *t)
{
	char path[PATH_MAX];
	struct text p;

	text_init(&p, path, sizeof(path));
	say(&p, "/", check_dir(c->kind, c->source), "/", c->name);
	json_open(t, NULL, '{');
	json_string(t, "name", c->name);
	json_string(t, "kind", check_kind_name(c->kind));
	json_string(t, "path", path);
	json_bool(t, "masked", c->masked);
	json_string(t, "result", check_result_name(c->result));
	json_number(t, "attempts", c->attempts);
	json_string(t, "line", c->line);
	text_char(t, '}');
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
		json_check(&l->check[i], t);
	text_str(t, "]}\n");
}

static void text_column(struct text *t, const char *word, size_t width)
{
	text_str(t, word);
	for (size_t n = strlen(word); n < width; n++)
		text_char(t, ' ');
	text_str(t, "  ");
}

static void list_checks(const struct checks *l, struct text *t)
{
	size_t width = strlen("NAME");

	for (unsigned int i = 0; i < l->n; i++)
		if (strlen(l->check[i].name) > width)
			width = strlen(l->check[i].name);
	if (l->n == 0) {
		text_str(t, "There are no checks.\n");
		return;
	}
	text_column(t, "KIND", 8);
	text_column(t, "NAME", width);
	text_str(t, "FROM\n");
	for (unsigned int i = 0; i < l->n; i++) {
		const struct check *c = &l->check[i];

		text_column(t, check_kind_name(c->kind), 8);
		text_column(t, c->name, width);
		say(t, "/", check_dir(c->kind, c->source), c->masked ? " (masked)\n" : "\n");
	}
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
	if (!check_verdict(x->checks)) {
		check_run_kind(x, CHECK_WANTED);
		warn_failures(x, CHECK_WANTED);
		settle(x);
	}
	if (x->is_stopped)
		return;
	check_run_kind(x, check_verdict(x->checks) ? CHECK_RED : CHECK_GREEN);
	warn_failures(x, check_verdict(x->checks) ? CHECK_RED : CHECK_GREEN);
}

/* One line, for a person, the journal and, if it is bad, for `bootassess fail`. */
static void tell(const struct check_run *x, const struct facts *f, const struct check *failed)
{
	const struct journal_field fields[] = {
		{"BOOTASSESS_SLOT", f->booted.id},
		{"BOOTASSESS_VERDICT", failed ? "failed" : "healthy"},
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

static enum status run_checks(struct machine *m, const char *prefix, struct checks *checks,
			      const char **ret_verdict)
{
	static struct check_run x;
	const struct check *failed;
	struct facts f;

	x = (struct check_run){.m = m, .prefix = prefix, .checks = checks};
	x.is_journal = journal_is_stderr();
	x.stop_fd = run_hold_signals();
	if (x.stop_fd < 0)
		log_warning("cannot watch for signals: %s, ignoring", strerror(-x.stop_fd));
	read_facts(m, &f);
	set_environment(&f);
	check_note_busy(m, check_longest_s(checks, &m->config));
	run_all(&x);
	check_note_busy(m, 0);
	closep(&x.stop_fd);
	*ret_verdict = "stopped";
	if (x.is_stopped) {
		log_notice("stopped: nothing is said about this boot");
		return STATUS_REFUSED;
	}
	failed = check_verdict(checks);
	check_note_write(m, failed);
	tell(&x, &f, failed);
	*ret_verdict = failed ? "failed" : "healthy";
	return failed ? STATUS_REFUSED : STATUS_DONE;
}

enum status check_verb(struct machine *m, const struct request *q, struct text *out)
{
	static struct checks checks;
	const char *verdict = NULL;
	enum status status = STATUS_DONE;
	char prefix[PATH_MAX] = "";

	find_checks(m, &checks);
	if (q->list) {
		if (q->json)
			json_checks(&checks, NULL, out);
		else
			list_checks(&checks, out);
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
	status = run_checks(m, prefix, &checks, &verdict);
	if (q->json)
		json_checks(&checks, verdict, out);
	return status;
}
