// SPDX-License-Identifier: LGPL-2.1-or-later
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doors/journal.h"
#include "doors/log.h"
#include "doors/service.h"
#include "generator.h"
#include "help.h"
#include "json.h"
#include "mirrors.h"
#include "plan.h"
#include "reboot.h"
#include "settings.h"
#include "sim.h"
#include "verb.h"

#define OUT_SIZE (256 * 1024) /* check --json with 128 checks that had much to say */

/* Options; bits, so that a verb can say which it takes. */
enum option_bit {
	TAKES_METHOD = 1 << 0,
	TAKES_DRY_RUN = 1 << 1,
	TAKES_FORGET = 1 << 2,
	TAKES_REASON = 1 << 3,
	TAKES_OUTPUT = 1 << 4,
	TAKES_JSON = 1 << 5,
	TAKES_MOTD = 1 << 6,
	TAKES_LIST = 1 << 7,
	TAKES_RUN = 1 << 8,
	TAKES_BOOT = 1 << 9,
	TAKES_SLEEP = 1 << 10,
	TAKES_FORCE = 1 << 11,
	TAKES_NOW = 1 << 12,
	TAKES_FILES = 1 << 13, /* --linux=, --initrd=, --tree= */
	TAKES_OPTIONS = 1 << 14,
	MIRRORED = 1 << 30, /* no option: it may change the ESP, and the mirrors follow */
	TAKES_CHECK_FILESYSTEM = 1 << 15,
	TAKES_FATES = 1 << 16, /* --fail=, --all, --boots= */
	TAKES_KEXEC = 1 << 17, /* --kexec */
	TAKES_NO_KEXEC = 1 << 18,
	TAKES_CMDLINE = 1 << 25, /* of check-initrd */
	TAKES_REBOOT = 1 << 24,	 /* --firmware, --prepare, --cancel */
};

struct verb {
	const char *name;
	verb_fn run;
	unsigned int options; /* set of enum option_bit; --root and --help are for all */
	unsigned int min_args, max_args;
	bool has_word; /* the first argument is one of its words, not an ID */
};

#define CHANGES (TAKES_DRY_RUN | TAKES_JSON)

static const struct verb verbs[] = {
	{"status", status_run, TAKES_JSON | TAKES_CHECK_FILESYSTEM, 0, 0, false},
	{"list", list_run, TAKES_JSON, 0, 0, false},
	{"history", history_run, TAKES_JSON, 0, 0, false},
	{"why", why_run, TAKES_MOTD, 0, 0, false},
	{"metrics", metrics_run, TAKES_OUTPUT, 0, 0, false},
	{"bless", bless_run, MIRRORED | CHANGES, 0, 0, false},
	{"fail", fail_run, CHANGES | TAKES_REASON, 0, 0, false},
	{"mark", mark_run, MIRRORED | CHANGES, 1, 2, true},
	{"rearm", rearm_run, MIRRORED | CHANGES, 0, 1, false},
	{"retry", rearm_run, MIRRORED | CHANGES, 0, 1, false},
	{"pin", pin_run, MIRRORED | TAKES_DRY_RUN, 1, 1, false},
	{"activate", activate_run, MIRRORED | CHANGES | TAKES_FORCE | TAKES_NOW | TAKES_KEXEC, 1, 1,
	 false},
	{"unpin", unpin_run, MIRRORED | TAKES_DRY_RUN, 0, 1, false},
	{"can-overwrite", can_overwrite_run, TAKES_JSON, 1, 1, false},
	{"install", install_run, MIRRORED | CHANGES | TAKES_FILES | TAKES_OPTIONS | TAKES_FORCE, 1,
	 2, false},
	{"copy", copy_run, MIRRORED | CHANGES | TAKES_OPTIONS | TAKES_FORCE, 2, 2, false},
	{"remove", remove_run, MIRRORED | CHANGES | TAKES_FORCE, 1, 1, false},
	{"boot-entries", boot_entries_run, TAKES_DRY_RUN, 0, 0, false},
	{"switch", switch_run, CHANGES | TAKES_METHOD, 0, 1, false},
	{"reboot", reboot_run, CHANGES | TAKES_REBOOT, 0, 0, false},
	{"guard", guard_run, CHANGES, 0, 0, false},
	{"check", check_verb, TAKES_JSON | TAKES_LIST | TAKES_RUN | TAKES_BOOT, 0, 0, false},
	{"recover", recover_run, CHANGES | TAKES_LIST | TAKES_RUN, 0, 0, false},
	{"refund", refund_run, CHANGES | TAKES_SLEEP, 0, 0, false},
	{"check-initrd", check_initrd_run, TAKES_JSON | TAKES_CMDLINE, 0, 1, false},
	{"simulate", simulate_run, TAKES_JSON | TAKES_FATES | TAKES_KEXEC | TAKES_NO_KEXEC, 0, 0,
	 false},
	{"graph", graph_run, TAKES_KEXEC | TAKES_NO_KEXEC, 0, 0, false},
	{"kexec-check", kexec_check_run, TAKES_JSON | TAKES_FORGET, 0, 1, false},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int parse_method(const char *word, unsigned long *ret)
{
	for (unsigned long method = METHOD_KEXEC; method <= METHOD_FIRMWARE; method <<= 1) {
		if (strcmp(word, method_name(method)) != 0)
			continue;
		*ret = method;
		return 0;
	}
	return -1;
}

/* --json alone is short, as in bootctl(1). */
static int parse_format(const char *word, enum format *ret)
{
	if (!word || strcmp(word, "short") == 0)
		*ret = FORMAT_JSON;
	else if (strcmp(word, "pretty") == 0)
		*ret = FORMAT_JSON_PRETTY;
	else
		return -1;
	return 0;
}

static int add_initrd(struct request *q, const char *path)
{
	if (q->n_initrd == BLS_INITRDS_MAX)
		return -1;
	q->initrd[q->n_initrd++] = path;
	return TAKES_FILES;
}

/* The options of install, copy and check-initrd. */
static int parse_install_option(int opt, struct request *q)
{
	switch (opt) {
	case 'L':
		q->linux_image = optarg;
		return TAKES_FILES;
	case 'I':
		return add_initrd(q, optarg);
	case 'T':
		q->tree = optarg;
		return TAKES_FILES;
	case 'O':
		q->options = optarg;
		return TAKES_OPTIONS;
	case 'D':
		q->cmdline = optarg;
		return TAKES_CMDLINE;
	default:
		return -1;
	}
}

static int parse_boots(const char *word, struct request *q)
{
	int r = slice_uint((struct slice){word, strlen(word)}, SIM_BOOTS_MAX, &q->boots);

	return r < 0 || q->boots == 0 ? -1 : TAKES_FATES;
}

/* The options of simulate and graph. */
static int parse_play_option(int opt, struct request *q)
{
	switch (opt) {
	case 'Y':
		q->fail = optarg;
		return TAKES_FATES;
	case 'A':
		q->all = true;
		return TAKES_FATES;
	case 'B':
		return parse_boots(optarg, q);
	default:
		q->no_kexec = true;
		return q->kexec ? -1 : TAKES_NO_KEXEC;
	}
}

/* The options of reboot, one of which says what it does, and of those above. */
static int parse_verb_option(int opt, struct request *q)
{
	if (strchr("YABk", opt))
		return parse_play_option(opt, q);
	if (!strchr("wpc", opt))
		return parse_install_option(opt, q);
	q->firmware = opt == 'w';
	q->prepare = opt == 'p';
	q->cancel = opt == 'c';
	return TAKES_REBOOT;
}

/* One option. The bit that a verb must take for it; 0 for those of all; negative if it is not
 * understood. */
static int parse_option(int opt, struct request *q)
{
	switch (opt) {
	case 'r':
		q->root = optarg;
		return 0;
	case 'j':
		return parse_format(optarg, &q->json) < 0 ? -1 : TAKES_JSON;
	case 'm':
		return parse_method(optarg, &q->methods) < 0 ? -1 : TAKES_METHOD;
	case 'n':
		q->dry_run = true;
		return TAKES_DRY_RUN;
	case 'f':
		q->forget = true;
		return TAKES_FORGET;
	case 'R':
		q->reason = optarg;
		return TAKES_REASON;
	case 'l':
		q->list = true;
		return TAKES_LIST;
	case 'x':
		q->run = true;
		return TAKES_RUN;
	case 'b':
		q->boot = true;
		return TAKES_BOOT;
	case 's':
		q->sleep = true;
		return q->resumed ? -1 : TAKES_SLEEP;
	case 'S':
		q->resumed = true;
		return q->sleep ? -1 : TAKES_SLEEP;
	case 'F':
		q->force = true;
		return TAKES_FORCE;
	case 'N':
		q->now = true;
		return TAKES_NOW;
	case 'K':
		q->kexec = true;
		q->methods = METHOD_KEXEC;
		return q->no_kexec ? -1 : TAKES_KEXEC;
	case 'o':
		q->output = optarg;
		return TAKES_OUTPUT;
	case 'C':
		q->check_filesystem = true;
		return TAKES_CHECK_FILESYSTEM;
	case 'M':
		q->motd = true;
		return TAKES_MOTD;
	default:
		return parse_verb_option(opt, q);
	}
}

static int take_args(const struct verb *v, int n, char **args, struct request *q)
{
	if (n < (int)v->min_args || n > (int)v->max_args)
		return -1;
	for (int i = 0; i < n; i++)
		if (!*args[i])
			return -1;
	if (v->has_word && n > 0) {
		q->word = *args++;
		n--;
		if (strcmp(q->word, "good") != 0 && strcmp(q->word, "bad") != 0)
			return -1;
	}
	if (n > 0)
		q->id = args[0];
	if (n > 1)
		q->file = args[1];
	return 0;
}

/* argv[0] is the verb. 0; 1 for --help; -1 if it is not understood. */
static int parse_options(const struct verb *v, int argc, char **argv, struct request *q)
{
	static const struct option table[] = {
		{"help", no_argument, NULL, 'h'},
		{"root", required_argument, NULL, 'r'},
		{"json", optional_argument, NULL, 'j'},
		{"method", required_argument, NULL, 'm'},
		{"dry-run", no_argument, NULL, 'n'},
		{"forget", no_argument, NULL, 'f'},
		{"reason", required_argument, NULL, 'R'},
		{"output", required_argument, NULL, 'o'},
		{"motd", no_argument, NULL, 'M'},
		{"check-filesystem", no_argument, NULL, 'C'},
		{"list", no_argument, NULL, 'l'},
		{"run", no_argument, NULL, 'x'},
		{"boot", no_argument, NULL, 'b'},
		{"sleep", no_argument, NULL, 's'},
		{"resumed", no_argument, NULL, 'S'},
		{"force", no_argument, NULL, 'F'},
		{"now", no_argument, NULL, 'N'},
		{"kexec", no_argument, NULL, 'K'},
		{"no-kexec", no_argument, NULL, 'k'},
		{"fail", required_argument, NULL, 'Y'},
		{"all", no_argument, NULL, 'A'},
		{"boots", required_argument, NULL, 'B'},
		{"firmware", no_argument, NULL, 'w'},
		{"prepare", no_argument, NULL, 'p'},
		{"cancel", no_argument, NULL, 'c'},
		{"cmdline", required_argument, NULL, 'D'},
		{"linux", required_argument, NULL, 'L'},
		{"initrd", required_argument, NULL, 'I'},
		{"tree", required_argument, NULL, 'T'},
		{"options", required_argument, NULL, 'O'},
		{NULL, 0, NULL, 0},
	};
	int opt, bit;

	while ((opt = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		if (opt == 'h')
			return 1;
		bit = parse_option(opt, q);
		if (bit < 0 || ((unsigned int)bit & ~v->options))
			return -1;
	}
	return take_args(v, argc - optind, argv + optind, q);
}

/* What all verbs need: to mount the ESP for itself, and to restart the machine. */
static bool is_allowed(const struct machine *m)
{
	if (!service_may_restart())
		log_err("only root may do this (CAP_SYS_ADMIN and CAP_SYS_BOOT are needed)");
	else if (service_is_container(m->root.fd))
		log_err("this is a container: ask the machine that it runs on");
	else
		return true;
	return false;
}

static void print(const struct request *q, const struct text *out)
{
	static char buf[2 * OUT_SIZE];
	struct text t;

	if (q->json != FORMAT_JSON_PRETTY) {
		fputs(out->buf, stdout);
		return;
	}
	text_init(&t, buf, sizeof(buf));
	json_indent(out->buf, &t);
	fputs(buf, stdout);
}

/* Source: no-color.org. */
static bool has_colour(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 &&
	       !(no_color && no_color[0]);
}

/* A bar on standard error; called for each block. */
static void show_progress(void *data, uint64_t done, uint64_t total)
{
	static const char full[] = "########################################";
	unsigned int *shown = data;
	unsigned int percent = total > 0 ? (unsigned int)(done * 100 / total) : 100;
	int width = (int)(percent * (sizeof(full) - 1) / 100);

	if (percent == *shown)
		return;
	*shown = percent;
	fprintf(stderr, "\r[%-40.*s] %3u %%%s", width, full, percent, percent >= 100 ? "\n" : "");
}

/* A bless comes with each boot, and reads only what has changed. */
static void follow(const struct machine *m, const struct verb *v, const struct request *q)
{
	const struct mirror_ask ask = {.removed = v->run == remove_run ? q->id : NULL,
				       .is_thorough = v->run != bless_run};

	mirrors_follow(m, &ask);
}

static enum status run(const struct verb *v, const struct request *q)
{
	enum log_target target = journal_is_stderr() ? LOG_TARGET_PREFIXED : LOG_TARGET_STDERR;
	enum status status = STATUS_REFUSED;
	static char buf[OUT_SIZE];
	struct machine m;
	struct text out;
	int r;

	text_init(&out, buf, sizeof(buf));
	/* What is wrong with the configuration is said when all of it is read. */
	log_setup(target, q->root ? LOG_DOOR_INFO : LOG_DOOR_ERR);
	r = machine_open(q->root, &m);
	log_setup(target, LOG_DOOR_INFO);
	if (r < 0) {
		log_err("cannot open \"%s\": %s", q->root ? q->root : "/", strerror(-r));
		return STATUS_REFUSED;
	}
	if (q->root || is_allowed(&m)) {
		if (!q->root)
			settings_read(&m);
		status = v->run(&m, q, &out);
	}
	if ((v->options & MIRRORED) && status == STATUS_DONE && !q->dry_run && !q->now && !q->kexec)
		follow(&m, v, q);
	machine_close(&m);
	print(q, &out);
	return status;
}

int main(int argc, char **argv)
{
	const struct verb *v = argc > 1 ? find_verb(argv[1]) : NULL;
	unsigned int percent_shown = UINT_MAX;
	struct request q = {.progress_data = &percent_shown};
	int r;

	if (strcmp(basename(argv[0]), "bootassess-generator") == 0)
		return generator_run(argc, argv);
	if (strcmp(basename(argv[0]), "bootassess-shutdown") == 0)
		return reboot_hook(argc, argv);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(help_of(NULL), stdout);
		return STATUS_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		fputs("bootassess " VERSION "\n", stdout);
		return STATUS_DONE;
	}
	r = v ? parse_options(v, argc - 1, argv + 1, &q) : -1;
	q.colour = has_colour();
	q.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
	if (r == 0)
		return run(v, &q);
	fputs(help_of(v ? v->name : NULL), r > 0 ? stdout : stderr);
	return r > 0 ? STATUS_DONE : STATUS_USAGE;
}
