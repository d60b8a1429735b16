// SPDX-License-Identifier: LGPL-2.1-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act.h"
#include "decide.h"
#include "doors/kexec.h"
#include "doors/log.h"
#include "doors/power.h"
#include "doors/watchdog.h"
#include "explain.h"
#include "feed.h"
#include "fitness.h"
#include "grub-starts.h"
#include "observe.h"
#include "repair.h"
#include "resetting.h"

/* bootassess-initrd(8) repeats these. */
enum exit_status {
	STATUS_PROCEED = 0, /* also whenever it could not tell */
	STATUS_USAGE = 2,
	STATUS_SWITCH = 10,
	STATUS_HOLD = 11,
	STATUS_RETRY = 12,
	STATUS_RESET = 13,
};

struct options {
	enum event event;
	const char *root;
	bool dry_run, json, wait, help, version;
};

/* Each act() that is not the last one leaves one more note in the facts; there are 7 kinds. */
#define ROUNDS_MAX 8
#define FSCK_S	   10 /* the lock is waited for longer than this, twice */

#define LOOK_S 30 /* so often the process of the deadline looks at a hold and a reset */

static const char help_text[] = "Usage: bootassess-initrd assess|emergency|deadline [OPTION...]\n"
				"Decides in the initramfs whether this boot may go on.\n\n"
				"  assess      before the root file system is mounted\n"
				"  emergency   something on the way to it failed\n"
				"  deadline    it did not come in time\n\n"
				"  --wait      deadline: sleep until it is reached, then decide\n"
				"  --root=DIR  read and write below DIR, leave the machine alone\n"
				"  --dry-run   change nothing\n"
				"  --json      print the decision as one JSON object\n"
				"  --help      print this\n"
				"  --version   print the version\n\n"
				"Exit status: 0 proceed, 10 switch, 11 hold, 12 retry, 13 reset, 2 "
				"usage.\n"
				"See bootassess-initrd(8).\n";

static int parse_event(const char *word, enum event *ret)
{
	static const enum event events[] = {EVENT_ASSESS, EVENT_EMERGENCY, EVENT_DEADLINE};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(word, event_name(events[i])) != 0)
			continue;
		*ret = events[i];
		return 0;
	}
	return -1;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"root", required_argument, NULL, 'r'},
		{"dry-run", no_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},
		{"wait", no_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		switch (opt) {
		case 'r':
			o->root = optarg;
			break;
		case 'n':
			o->dry_run = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'w':
			o->wait = true;
			break;
		case 'h':
			o->help = true;
			break;
		case 'v':
			o->version = true;
			break;
		default:
			return -1;
		}
	}
	if (o->help || o->version)
		return 0;
	if (optind + 1 != argc || parse_event(argv[optind], &o->event) < 0)
		return -1;
	return o->wait && o->event != EVENT_DEADLINE ? -1 : 0;
}

static enum exit_status status_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_SWITCH:
		return STATUS_SWITCH;
	case VERDICT_HOLD:
		return STATUS_HOLD;
	case VERDICT_RETRY:
		return STATUS_RETRY;
	case VERDICT_RESET:
		return STATUS_RESET;
	default:
		return STATUS_PROCEED;
	}
}

/* Sleeps until then, feeds the watchdog, and ends a reset that hangs: the process that waits for
 * the deadline is the one that does not block. */
static void guard_until(struct machine *m, uint64_t uptime_s)
{
	uint64_t now_s;

	while ((now_s = power_uptime_ms() / 1000) < uptime_s) {
		feed_until(m, uptime_s - now_s < LOOK_S ? uptime_s : now_s + LOOK_S);
		resetting_end_hang(m);
	}
}

/* False if there is no deadline: then it does so for ever, or, where there is nothing to guard,
 * returns at once. */
static bool reach_deadline(struct machine *m, bool dry_run)
{
	unsigned long deadline_s =
		m->cmdline.has_deadline ? m->cmdline.deadline_s : m->config.deadline_s;
	bool is_idle = dry_run || m->cmdline.dry_run || m->cmdline.disabled || m->is_crash_kernel;

	if (is_idle)
		m->config.watchdog_s = 0;
	if (deadline_s == 0 && m->config.watchdog_s == 0 &&
	    (is_idle || m->config.reset_method != RESET_WIPE))
		return false;
	if (!m->root.is_test)
		guard_until(m, deadline_s > 0 ? deadline_s : UINT64_MAX);
	return deadline_s > 0;
}

/* Takes the lock, so that a run that is under way is over; a hold and a reset too. These end in a
 * restart. Who returned sooner would let the initramfs power the machine off meanwhile, or leave
 * what hangs at their end to nobody. */
static void lock_after_hold(struct machine *m, const struct options *o)
{
	bool is_told = false;

	for (;; closep(&m->lock)) {
		while (machine_is_holding(m)) {
			uint64_t now_s = power_uptime_ms() / 1000;

			if (!is_told)
				log_notice("%s: a hold is under way, waiting for its end",
					   event_name(o->event));
			is_told = true;
			if (o->wait)
				guard_until(m, now_s + LOOK_S);
			else
				power_sleep_until(now_s + 1);
		}
		machine_lock(m);
		if (!machine_is_holding(m))
			return;
	}
}

/* Is there something to decide? */
static bool is_due(struct machine *m, struct options *o)
{
	/* On a running system a person asks what would be; nothing is to be restarted there. */
	if (!o->root && !o->dry_run && !root_is_initramfs(m->root.fd)) {
		log_notice("this is no initramfs: nothing is changed, as with --dry-run");
		o->dry_run = true;
	}
	if (o->wait && !reach_deadline(m, o->dry_run))
		return false;
	if (o->dry_run)
		return true;
	if (o->event != EVENT_ASSESS) {
		lock_after_hold(m, o);
		return true;
	}
	machine_lock(m);
	if (machine_has_note(m, "assess")) {
		log_info("assess: done already in this boot");
		return false;
	}
	if (machine_is_holding(m)) {
		log_notice("assess: a hold is under way");
		return false;
	}
	return true;
}

static void tell(const struct facts *f, const struct plan *p, bool json, char text[EXPLAIN_SIZE])
{
	char buf[4 * NAME_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	explain_line(f, p, &t);
	log_notice("%s", buf);
	text_init(&t, text, EXPLAIN_SIZE);
	if (json)
		explain_json(f, p, &t);
	else
		explain_text(f, p, &t);
}

/* The process that waits for the deadline starts the watchdog, and may not have come to it yet. */
static void start_watchdog(struct machine *m, struct facts *f)
{
	struct plan plan;

	if (f->against != AGAINST_WATCHDOG || m->config.watchdog_s == 0 || m->root.is_test ||
	    !watchdog_survives_restart(m->root.fd))
		return;
	decide(f, &m->config, &plan);
	if (plan.verdict == VERDICT_SWITCH && feed_start(m))
		fitness_read(m, f);
}

/* observe -> decide -> act, again while act() finds out what cannot be done. */
static enum verdict assess(struct machine *m, const struct options *o, uint64_t start_ms)
{
	bool dry_run = o->dry_run || m->cmdline.dry_run;
	char text[EXPLAIN_SIZE];
	struct facts facts;
	struct plan plan = {.verdict = VERDICT_PROCEED};
	int r = ACT_AGAIN;

	if (!m->cmdline.disabled && !m->is_crash_kernel) {
		machine_reach(m);
		m->fsck_s = o->event == EVENT_ASSESS ? FSCK_S : 0;
		if (!dry_run)
			repair_stores(m);
	}
	observe(m, o->event, &facts);
	if (!dry_run)
		grub_starts_answer(m, &facts);
	if (!dry_run && facts.booted.rung >= 0)
		machine_set_note(m, NOTE_ROLE,
				 role_name(facts.ladder.rung[facts.booted.rung].role));
	if (m->cmdline.debug)
		log_info("facts known after %llu ms, of which the disk took %llu ms",
			 (unsigned long long)(power_uptime_ms() - start_ms),
			 (unsigned long long)m->waited_ms);
	if (!dry_run)
		start_watchdog(m, &facts);
	for (int i = 0; i < ROUNDS_MAX && r == ACT_AGAIN; i++) {
		decide(&facts, &m->config, &plan);
		tell(&facts, &plan, o->json, text);
		if (dry_run)
			break;
		machine_set_note(m, event_name(o->event), text);
		r = act(m, &facts, &plan);
	}
	if (o->root || o->dry_run || o->json)
		(void)!write(STDOUT_FILENO, text, strlen(text));
	return plan.verdict;
}

/* dracut's shutdown ends in `kexec -e`. In an initramfs without kexec-tools that name leads here.
 */
static int run_as_kexec(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "-e") != 0) {
		fputs("Usage: kexec -e\nStarts the kernel that is loaded.\n", stderr);
		return STATUS_USAGE;
	}
	fprintf(stderr, "kexec: %s\n", strerror(-kexec_jump()));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options o = {.event = EVENT_ASSESS};
	enum exit_status status = STATUS_PROCEED;
	enum log_target target = LOG_TARGET_KMSG;
	uint64_t start_ms = power_uptime_ms();
	struct machine m;
	int r;

	if (strcmp(basename(argv[0]), "kexec") == 0)
		return run_as_kexec(argc, argv);
	if (parse_options(argc, argv, &o) < 0) {
		fputs(help_text, stderr);
		return STATUS_USAGE;
	}
	if (o.help || o.version) {
		fputs(o.help ? help_text : "bootassess " VERSION "\n", stdout);
		return STATUS_PROCEED;
	}
	if (o.root || o.dry_run || isatty(STDERR_FILENO))
		target = LOG_TARGET_STDERR;
	/* While it waits for the deadline, assess says what is wrong with the configuration. */
	log_setup(target, o.wait ? LOG_DOOR_ERR : LOG_DOOR_INFO);
	r = machine_open(o.root, &m);
	if (r < 0) {
		log_err("cannot open \"%s\": %s", o.root ? o.root : "/", strerror(-r));
		return STATUS_PROCEED;
	}
	log_setup(target, LOG_DOOR_INFO);
	if (is_due(&m, &o))
		status = status_of(assess(&m, &o, start_ms));
	machine_close(&m);
	return status;
}
