// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <string.h>

#include "check-list.h"
#include "doors/log.h"
#include "doors/run.h"
#include "json.h"
#include "say.h"

#define GREENBOOT_CONF "etc/greenboot/greenboot.conf"
#define CONF_SIZE      16384

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

void check_list_find(const struct machine *m, enum check_kind first, enum check_kind last,
		     struct checks *ret)
{
	struct scan s = {.checks = ret};
	char conf[CONF_SIZE];
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (root_read(m->root.fd, GREENBOOT_CONF, conf, sizeof(conf), &len) == 0)
		s.greenboot_conf = (struct slice){conf, len};
	for (s.kind = first; s.kind <= last; s.kind++)
		for (s.source = 0; s.source < CHECK_SOURCES; s.source++) {
			const char *dir = check_dir(s.kind, s.source);
			int r = dir ? run_each_file(m->root.fd, dir, offer_file, &s) : 0;

			if (r < 0)
				note_unreadable(&s, dir, r);
		}
}

bool check_list_any(const struct checks *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (!l->check[i].masked)
			return true;
	return false;
}

void check_list_json(const struct check *c, struct text *t)
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

static void text_column(struct text *t, const char *word, size_t width)
{
	text_str(t, word);
	for (size_t n = strlen(word); n < width; n++)
		text_char(t, ' ');
	text_str(t, "  ");
}

void check_list_text(const struct checks *l, const char *none, struct text *t)
{
	size_t width = strlen("NAME");

	for (unsigned int i = 0; i < l->n; i++)
		if (strlen(l->check[i].name) > width)
			width = strlen(l->check[i].name);
	if (l->n == 0) {
		text_str(t, none);
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
