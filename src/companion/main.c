// SPDX-License-Identifier: LGPL-2.1-or-later
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "doors/log.h"
#include "doors/service.h"
#include "explain.h"
#include "settings.h"
#include "verb.h"

/* Options; bits, so that a verb can say which it takes. */
enum option_bit {
	TAKES_METHOD = 1 << 0,
	TAKES_DRY_RUN = 1 << 1,
	TAKES_FORGET = 1 << 2,
};

struct verb {
	const char *name;
	enum status (*run)(struct machine *m, const struct request *q, struct text *out);
	unsigned int options; /* set of enum option_bit; --json, --root and --help are for all */
	const char *help;
};

static const struct verb verbs[] = {
	{"switch", switch_run, TAKES_METHOD | TAKES_DRY_RUN,
	 "Usage: bootassess switch [ID] [OPTION...]\n"
	 "Leaves for another rung of the ladder now: restarts the machine.\n\n"
	 "  ID               the entry, with or without suffix; default: the next rung\n"
	 "  --method=METHOD  kexec or firmware: only this one\n"
	 "  --dry-run        change nothing, say what would be done\n"
	 "  --json           print the decision as one JSON object\n"
	 "  --root=DIR       read and write below DIR, leave the machine alone\n"},
	{"kexec-check", kexec_check_run, TAKES_FORGET,
	 "Usage: bootassess kexec-check [ID] [OPTION...]\n"
	 "Says whether a kexec into a rung is possible, and what it would start. Loads nothing.\n\n"
	 "  ID          the entry, with or without suffix; default: the next rung\n"
	 "  --forget    forget that a kexec from this machine was lost, and allow it again\n"
	 "  --json      print one JSON object\n"
	 "  --root=DIR  read below DIR, leave the machine alone\n"},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const char help_text[] =
	"Usage: bootassess VERB [OPTION...]\n"
	"Works on the boot slots of the running system.\n\n"
	"  switch [ID]       leave for another rung of the ladder now\n"
	"  kexec-check [ID]  say whether a kexec into a rung is possible\n\n"
	"  VERB --help       say more\n"
	"  --help            print this\n"
	"  --version         print the version\n\n"
	"Exit status: 0 done, 1 refused or failed, 2 usage. See bootassess(8).\n";

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

/* argv[0] is the verb. 0; 1 for --help; -1 if it is not understood. */
static int parse_options(const struct verb *v, int argc, char **argv, struct request *q)
{
	static const struct option table[] = {
		{"help", no_argument, NULL, 'h'},
		{"root", required_argument, NULL, 'r'},
		{"json", no_argument, NULL, 'j'},
		{"method", required_argument, NULL, 'm'},
		{"dry-run", no_argument, NULL, 'n'},
		{"forget", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	unsigned int given = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		switch (opt) {
		case 'h':
			return 1;
		case 'r':
			q->root = optarg;
			break;
		case 'j':
			q->json = true;
			break;
		case 'm':
			if (parse_method(optarg, &q->methods) < 0)
				return -1;
			given |= TAKES_METHOD;
			break;
		case 'n':
			q->dry_run = true;
			given |= TAKES_DRY_RUN;
			break;
		case 'f':
			q->forget = true;
			given |= TAKES_FORGET;
			break;
		default:
			return -1;
		}
	}
	if (optind < argc)
		q->id = argv[optind++];
	return optind < argc || (given & ~v->options) || (q->id && !*q->id) ? -1 : 0;
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

static enum status run(const struct verb *v, const struct request *q)
{
	enum status status = STATUS_REFUSED;
	char buf[EXPLAIN_SIZE];
	struct machine m;
	struct text out;
	int r;

	text_init(&out, buf, sizeof(buf));
	/* What is wrong with the configuration is said when all of it is read. */
	log_setup(LOG_TARGET_STDERR, q->root ? LOG_DOOR_INFO : LOG_DOOR_ERR);
	r = machine_open(q->root, &m);
	log_setup(LOG_TARGET_STDERR, LOG_DOOR_INFO);
	if (r < 0) {
		log_err("cannot open \"%s\": %s", q->root ? q->root : "/", strerror(-r));
		return STATUS_REFUSED;
	}
	if (q->root || is_allowed(&m)) {
		if (!q->root) {
			settings_read(&m);
			m.stops_watchdog = service_stops_watchdog();
		}
		status = v->run(&m, q, &out);
	}
	machine_close(&m);
	fputs(buf, stdout);
	return status;
}

int main(int argc, char **argv)
{
	const struct verb *v = argc > 1 ? find_verb(argv[1]) : NULL;
	struct request q = {.id = NULL};
	int r;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(help_text, stdout);
		return STATUS_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		fputs("bootassess " VERSION "\n", stdout);
		return STATUS_DONE;
	}
	r = v ? parse_options(v, argc - 1, argv + 1, &q) : -1;
	if (r == 0)
		return run(v, &q);
	fputs(v ? v->help : help_text, r > 0 ? stdout : stderr);
	return r > 0 ? STATUS_DONE : STATUS_USAGE;
}
