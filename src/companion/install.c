// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "announce.h"
#include "doors/log.h"
#include "doors/source.h"
#include "history-note.h"
#include "installing.h"
#include "json.h"
#include "say.h"
#include "verb.h"

#define LINE_SIZE (4 * NAME_SIZE)

/* The files that were named, open. */
struct sources {
	struct source file[1 + BLS_INITRDS_MAX];
	unsigned int n;
};

static void sources_close(struct sources *s)
{
	for (unsigned int i = 0; i < s->n; i++)
		source_close(&s->file[i]);
}

static bool open_source(struct sources *s, const char *path, struct install_file *ret)
{
	struct source *source = &s->file[s->n];
	int r = source_open(path, source);

	if (r < 0) {
		log_err("install: refused: cannot open \"%s\": %s", path,
			r == -EINVAL ? "it is no regular file" : strerror(-r));
		return false;
	}
	s->n++;
	*ret = (struct install_file){
		.path = path, .fd = source->fd, .size = source->size, .mtime = source->mtime};
	return true;
}

static bool open_sources(const struct request *q, struct sources *s, struct install *w)
{
	if (q->file && !open_source(s, q->file, &w->uki))
		return false;
	if (q->linux_image && !open_source(s, q->linux_image, &w->linux_file))
		return false;
	for (; w->n_initrd < q->n_initrd; w->n_initrd++)
		if (!open_source(s, q->initrd[w->n_initrd], &w->initrd[w->n_initrd]))
			return false;
	return true;
}

bool installing_id(const struct facts *f, const char *word, const char *suffix, char id[NAME_SIZE])
{
	int rung = ladder_find_word(&f->ladder, (struct slice){word, strlen(word)});
	const char *dot = strrchr(word, '.');
	struct text t;

	text_init(&t, id, NAME_SIZE);
	if (rung >= 0 && !f->ladder.rung[rung].missing) {
		text_str(&t, f->ladder.rung[rung].id);
		return true;
	}
	text_str(&t, word);
	if (!dot || (strcmp(dot, ".conf") != 0 && strcmp(dot, ".efi") != 0))
		text_str(&t, suffix);
	if (t.full)
		log_err("refused: \"%s\" is too long a name", word);
	return !t.full;
}

static bool is_well_asked(const struct request *q)
{
	unsigned int ways = (q->file != NULL) + (q->linux_image != NULL) + (q->tree != NULL);

	if (ways != 1)
		log_err("install: refused: name one of FILE.efi, --linux= and --tree=");
	else if (q->n_initrd > 0 && !q->linux_image)
		log_err("install: refused: --initrd= goes with --linux=");
	else
		return true;
	return false;
}

static void add_json(const struct request *q, const char *verb, const char *id,
		     const struct install_cost *cost, struct text *t)
{
	text_char(t, '{');
	json_string(t, "verb", verb);
	json_string(t, "id", id);
	json_string(t, "file", cost->name[0] ? cost->name : NULL);
	json_bool(t, "isNew", cost->is_new);
	json_number(t, "bytesChanged", cost->changed);
	json_number(t, "bytesWritten", cost->written);
	if (q->dry_run) {
		json_number(t, "bytesNeeded", cost->needed);
		json_number(t, "bytesFree", cost->free);
	}
	json_bool(t, "inPlace", cost->in_place);
	json_bool(t, "isSigned", !cost->is_unsigned);
	json_bool(t, "dryRun", q->dry_run);
	text_str(t, "}\n");
}

static void add_line(const struct request *q, const char *verb, const char *id,
		     const struct install_cost *cost, struct text *t)
{
	say(t, verb, ": \"", id, "\"");
	if (cost->written == 0) {
		say(t, " holds all of it already, nothing is written");
		return;
	}
	say(t, q->dry_run ? " would be written: " : " is written: ");
	text_uint(t, cost->written, 0);
	say(t, " bytes", cost->in_place ? " over its old version" : "");
	if (q->dry_run) {
		say(t, ", ");
		text_uint(t, cost->needed, 0);
		say(t, " are needed, ");
		text_uint(t, cost->free, 0);
		say(t, " are free");
	} else {
		say(t, ", now \"", cost->name, "\"",
		    strcmp(cost->name, id) == 0 ? " with a tries file" : "");
	}
	say(t, cost->is_unsigned ? "; it carries no signature" : "");
}

static void remember(struct machine *m, const struct facts *f, const char *verb, const char *id)
{
	char line[LINE_SIZE];
	struct text t;

	text_init(&t, line, sizeof(line));
	say(&t, verb, " ", id);
	history_note(m, f, NULL, NULL, line);
}

static void tell(struct machine *m, const struct request *q, const struct facts *f,
		 const char *verb, const char *id, const struct install_cost *cost,
		 struct text *out)
{
	const struct plan p = {.reason = REASON_EDITED, .target = -1};
	int rung = ladder_find(&f->ladder, id);
	char line[LINE_SIZE];
	struct text t;

	if (q->json)
		add_json(q, verb, id, cost, out);
	text_init(&t, line, sizeof(line));
	add_line(q, verb, id, cost, &t);
	if (rung >= 0)
		announce(m, q, ANNOUNCE_EDITED, f, &p, rung, line, NULL);
	else
		log_notice("%s", line);
}

enum status installing_run(struct machine *m, const struct request *q, const char *name,
			   struct install *w, struct facts *f, struct text *out)
{
	char why[LINE_SIZE] = "";
	struct install_cost cost;
	int r;

	w->force = q->force;
	w->dry_run = q->dry_run;
	w->progress = q->progress;
	w->data = q->progress_data;
	r = install_slot(m, f, w, &cost, why, sizeof(why));
	if (r < 0) {
		log_err("%s: %s: %s", name, cost.is_begun ? "failed" : "refused", why);
		return STATUS_REFUSED;
	}
	if (!q->dry_run && cost.written > 0)
		remember(m, f, name, w->id);
	tell(m, q, f, name, w->id, &cost, out);
	return STATUS_DONE;
}

enum status install_run(struct machine *m, const struct request *q, struct text *out)
{
	_cleanup_(sources_close) struct sources sources = {.n = 0};
	struct install w = {.options = q->options, .tree = q->tree};
	char id[NAME_SIZE];
	struct facts f;

	if (!is_well_asked(q) || !open_sources(q, &sources, &w))
		return STATUS_REFUSED;
	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f) ||
	    !installing_id(&f, q->id, q->file ? ".efi" : ".conf", id))
		return STATUS_REFUSED;
	w.id = id;
	return installing_run(m, q, "install", &w, &f, out);
}
