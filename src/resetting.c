// SPDX-License-Identifier: LGPL-2.1-or-later
#include "resetting.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "act.h"
#include "doors/block.h"
#include "doors/log.h"
#include "doors/power.h"
#include "doors/run.h"
#include "factory.h"
#include "feed.h"
#include "slots.h"
#include "wipe.h"

#define LABELS_MAX    32
#define HOOK_GRACE_MS 5000
#define WIPE_TIME_S   600 /* beside the hook: the wipe, a big sync, the restart */
#define NOTE	      "resetting"

/* What is to be wiped: opened, so that nobody else can mount it meanwhile. */
struct victims {
	unsigned int n;
	struct {
		int part; /* index in the table */
		int fd;
	} v[LABELS_MAX];
};

static void victims_close(struct victims *v)
{
	for (unsigned int i = 0; i < v->n; i++)
		closep(&v->v[i].fd);
	v->n = 0;
}

/* Says what is wrong, and what happens next. m->refusal holds it. */
static int refuse(struct machine *m, struct facts *f)
{
	log_err("no reset: %s", m->refusal);
	m->why = m->refusal;
	f->reset_refused = true;
	return ACT_AGAIN;
}

static struct text start_refusal(struct machine *m)
{
	struct text t;

	text_init(&t, m->refusal, sizeof(m->refusal));
	return t;
}

static void copy_text(const char *s, char *ret, size_t size)
{
	struct text t;

	text_init(&t, ret, size);
	text_str(&t, s);
}

static void add_partition(void *data, const struct block_entry *e)
{
	struct wipe_partition *p = wipe_add(data);

	if (!p)
		return;
	p->number = e->number;
	p->flags = e->flags;
	p->read_only = e->read_only;
	p->is_container = e->is_container;
	p->is_unclear = e->is_unclear;
	copy_text(e->node, p->node, sizeof(p->node));
	copy_text(e->label, p->label, sizeof(p->label));
	copy_text(e->partuuid, p->partuuid, sizeof(p->partuuid));
	copy_text(e->type, p->type, sizeof(p->type));
	copy_text(e->fs_uuid, p->fs_uuid, sizeof(p->fs_uuid));
	copy_text(e->fs_label, p->fs_label, sizeof(p->fs_label));
}

struct protection {
	struct wipe_table *table;
	const struct machine *m;
	const struct ladder *ladder;
};

static void protect(void *data, int rung, struct slice cmdline)
{
	const struct protection *p = data;

	if (!cmdline.s)
		wipe_end_cmdline(p->table, rung < 0 ? WIPE_RUNNING : rung);
	else if (rung < 0)
		wipe_protect(p->table, cmdline, WIPE_RUNNING, NULL, NULL);
	else
		wipe_protect(p->table, cmdline, rung, p->m->config.slot_token,
			     p->ladder->rung[rung].id);
}

/* The whole disk, and what its systems are. False with m->refusal. */
static bool read_table(struct machine *m, const struct facts *f, struct wipe_table *t)
{
	struct protection p = {.table = t, .m = m, .ladder = &f->ladder};
	struct text why = start_refusal(m);
	int r;

	wipe_init(t);
	r = block_read_gpt(m->store[PLACE_ESP].disk, add_partition, t);
	if (r < 0) {
		text_str(&why, "the disk \"");
		text_str(&why, m->store[PLACE_ESP].disk);
		text_str(&why, r == -EPROTOTYPE ? "\" has no GPT" : "\" cannot be read: ");
		text_str(&why, r == -EPROTOTYPE ? "" : strerror(-r));
		return false;
	}
	text_str(&why, "what holds a system cannot be told: ");
	return slots_each_cmdline(m, &f->ladder, protect, &p, &why) == 0;
}

static void add_whose(struct text *why, const struct facts *f, int by)
{
	if (by == WIPE_NOBODY)
		return;
	text_str(why, ", says the command line of ");
	if (by == WIPE_RUNNING) {
		text_str(why, "this boot");
		return;
	}
	text_char(why, '"');
	text_printable(why, f->ladder.rung[by].id);
	text_char(why, '"');
}

static bool has_victim(const struct victims *v, int part)
{
	for (unsigned int i = 0; i < v->n; i++)
		if (v->v[i].part == part)
			return true;
	return false;
}

/* One label. False with m->refusal. */
static bool choose(struct machine *m, const struct facts *f, const struct wipe_table *t,
		   struct slice label, struct victims *v)
{
	struct text why = start_refusal(m);
	int part, by, fd;

	text_str(&why, "ResetWipe=: the partition \"");
	text_printable_slice(&why, label);
	text_str(&why, "\" ");
	part = wipe_find(t, label, &why, &by);
	if (part < 0) {
		add_whose(&why, f, by);
		return false;
	}
	if (has_victim(v, part))
		return true;
	if (v->n == LABELS_MAX) {
		text_str(&why, "is one too many");
		return false;
	}
	fd = block_open_alone(m->store[PLACE_ESP].disk, t->part[part].node);
	if (fd < 0) {
		text_str(&why, fd == -EBUSY ? "is mounted or in use" : "cannot be opened: ");
		text_str(&why, fd == -EBUSY ? "" : strerror(-fd));
		return false;
	}
	v->v[v->n].part = part;
	v->v[v->n].fd = fd;
	v->n++;
	return true;
}

static bool choose_all(struct machine *m, const struct facts *f, const struct wipe_table *t,
		       struct victims *v)
{
	struct slice rest = {m->config.reset_wipe, strlen(m->config.reset_wipe)}, label;

	while (slice_word(&rest, &label))
		if (!choose(m, f, t, label, v))
			return false;
	return true;
}

static bool wipe_all(struct machine *m, const struct wipe_table *t, const struct victims *v)
{
	for (unsigned int i = 0; i < v->n; i++) {
		const struct wipe_partition *p = &t->part[v->v[i].part];
		struct text why = start_refusal(m);
		int r = block_wipe(v->v[i].fd);

		if (r < 0) {
			text_str(&why, "the partition \"");
			text_printable(&why, p->label);
			text_str(&why, "\" cannot be wiped: ");
			text_str(&why, strerror(-r));
			return false;
		}
		log_notice("wiped the signatures of the partition \"%s\" (%s)", p->label, p->node);
	}
	return true;
}

static bool wipe(struct machine *m, const struct facts *f)
{
	struct wipe_table table;
	struct victims victims = {0};
	bool is_done;

	if (!m->config.reset_wipe[0])
		return true;
	is_done = read_table(m, f, &table) && choose_all(m, f, &table, &victims) &&
		  wipe_all(m, &table, &victims);
	victims_close(&victims);
	return is_done;
}

/* Checked before anything is wiped; what it does when it runs is seen then. */
static bool has_hook(struct machine *m)
{
	const char *hook = m->config.reset_hook;
	struct text why = start_refusal(m);

	if (!hook[0] || (hook[0] == '/' && root_exists(m->root.fd, hook + 1)))
		return true;
	text_str(&why, "ResetHook=: the program \"");
	text_printable(&why, hook);
	text_str(&why, hook[0] == '/' ? "\" is not there" : "\" is no absolute path");
	return false;
}

static void tell_line(void *data, unsigned int which, const char *line, size_t len)
{
	(void)data, (void)which;
	log_notice("reset hook: %.*s", (int)len, line);
}

static void add_variable(struct text *t, char **ret, const char *name, const char *value)
{
	*ret = t->buf + t->len;
	text_str(t, name);
	text_char(t, '=');
	text_str(t, value);
	text_char(t, '\n'); /* becomes the end of the string */
	t->buf[t->len - 1] = '\0';
}

/* Ours is let go of at once: what comes next may block for long, and the process that waits for the
 * deadline takes it then. */
static uint64_t feed(struct machine *m)
{
	uint64_t next_s = feed_once(m);

	watchdog_close(&m->watchdog);
	return next_s;
}

/* Ends with the hook; its time is limited by ResetTimeoutSec=. */
static int run_hook(struct machine *m, const struct facts *f, struct run *run)
{
	char number[8], buf[512], disk[64] = "/dev/", *env[5] = {0};
	char *argv[] = {m->config.reset_hook, NULL};
	uint64_t next_s = 0;
	struct text t;
	int r;

	text_init(&t, number, sizeof(number));
	text_uint(&t, f->record.resets, 0);
	text_init(&t, disk, sizeof(disk));
	text_str(&t, "/dev/");
	for (const char *c = m->store[PLACE_ESP].disk; *c; c++)
		text_char(&t, *c == '!' ? '/' : *c);
	text_init(&t, buf, sizeof(buf));
	add_variable(&t, &env[0], "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
	add_variable(&t, &env[1], "BOOTASSESS_RESETS", number);
	add_variable(&t, &env[2], "BOOTASSESS_DISK", disk);
	add_variable(&t, &env[3], "BOOTASSESS_ESP", m->store[PLACE_ESP].node);
	r = run_start(run, argv, env, (unsigned int)m->config.reset_timeout_s * 1000,
		      HOOK_GRACE_MS);
	while (r == 0 && run->state != RUN_ENDED) {
		if (power_uptime_ms() / 1000 >= next_s)
			next_s = feed(m);
		(void)run_wait(run, 1, run_now_ms() + 1000, -1, tell_line, NULL);
	}
	return r;
}

static bool call_hook(struct machine *m, const struct facts *f)
{
	struct text why = start_refusal(m);
	struct run run;
	int r;

	if (!m->config.reset_hook[0] || m->root.is_test)
		return true;
	log_notice("running the reset hook \"%s\"", m->config.reset_hook);
	r = run_hook(m, f, &run);
	if (r == 0 && !run.timed_out && run.signal == 0 && run.status == 0)
		return true;
	text_str(&why, "the reset hook \"");
	text_printable(&why, m->config.reset_hook);
	text_str(&why, "\" ");
	if (r < 0) {
		text_str(&why, "cannot be started: ");
		text_str(&why, strerror(-r));
	} else if (run.timed_out) {
		text_str(&why, "ran out of time");
	} else {
		text_str(&why, run.signal ? "died of signal " : "failed with exit status ");
		text_uint(&why, (unsigned long)(run.signal ? run.signal : run.status), 0);
	}
	return false;
}

/* Until when it must be over. */
static void note_end(const struct machine *m)
{
	unsigned long hook_s = m->config.reset_hook[0] ? m->config.reset_timeout_s : 0;
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_uint(&t, power_uptime_ms() / 1000 + hook_s + WIPE_TIME_S, 0);
	machine_set_note(m, NOTE, buf);
}

void resetting_end_hang(const struct machine *m)
{
	char line[NAME_SIZE];
	unsigned long end_s;

	if (!machine_read_note(m, NOTE, line) ||
	    slice_uint((struct slice){line, strlen(line)}, ULONG_MAX, &end_s) < 0 ||
	    power_uptime_ms() / 1000 < end_s)
		return;
	log_err("the reset hangs: restarting by force");
	log_err("cannot restart the machine: %s", strerror(-power_reboot()));
}

int resetting_wipe(struct machine *m, struct facts *f)
{
	bool is_done;

	if (m->root.is_test)
		return has_hook(m) ? 0 : refuse(m, f);
	machine_begin_hold(m);
	note_end(m);
	(void)feed(m);
	is_done = has_hook(m) && wipe(m, f) && call_hook(m, f);
	if (is_done) {
		power_sync();
		return 0; /* others keep still until the machine starts again */
	}
	machine_set_note(m, NOTE, "");
	machine_end_hold(m);
	return refuse(m, f);
}

int resetting_request(struct machine *m, struct facts *f)
{
	struct text why = start_refusal(m);

	return factory_request(m, &why) == 0 ? 0 : refuse(m, f);
}
