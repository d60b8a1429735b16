// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include "doors/log.h"
#include "history-store.h"
#include "json.h"
#include "observe.h"
#include "verb.h"

#define TIME_SIZE 24

/* As RFC 3339 has it, in UTC; nothing where it is not known. */
static void format_time(uint32_t time_s, char buf[TIME_SIZE])
{
	time_t seconds = (time_t)time_s;
	struct tm tm;

	buf[0] = '\0';
	if (time_s > 0 && gmtime_r(&seconds, &tm))
		(void)strftime(buf, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The same for a person, who is told once that it is UTC. */
static void format_table_time(uint32_t time_s, char buf[TIME_SIZE])
{
	char *mark;

	format_time(time_s, buf);
	mark = strchr(buf, 'T');
	if (mark) {
		*mark = ' ';
		buf[strlen(buf) - 1] = '\0';
	} else {
		memcpy(buf, "-", sizeof("-"));
	}
}

static void json_words(struct text *out, const char *key, const char *value)
{
	json_string(out, key, value[0] ? value : NULL);
}

static void json_booted(struct text *out, const struct history_entry *e)
{
	const struct counter *c = &e->counter;

	if (!e->booted[0]) {
		json_string(out, "booted", NULL);
		return;
	}
	json_open(out, "booted", '{');
	json_string(out, "id", e->booted);
	json_words(out, "role", e->role);
	json_words(out, "via", e->via);
	if (c->present) {
		json_number(out, "triesLeft", (uint64_t)c->left);
		json_number(out, "triesDone", (uint64_t)c->done);
	} else {
		json_string(out, "triesLeft", NULL);
		json_string(out, "triesDone", NULL);
	}
	text_char(out, '}');
}

void history_json_entry(const struct history_entry *e, struct text *out)
{
	char when[TIME_SIZE];

	format_time(e->time_s, when);
	json_open(out, NULL, '{');
	json_number(out, "seq", e->seq);
	json_words(out, "time", when);
	json_number(out, "uptime", e->uptime_s);
	json_string(out, "event", e->event);
	json_words(out, "verdict", e->verdict);
	json_words(out, "reason", e->reason);
	json_booted(out, e);
	json_words(out, "target", e->target);
	json_words(out, "method", e->method);
	json_words(out, "check", e->check);
	json_words(out, "text", e->text);
	json_words(out, "bootId", e->boot_id);
	json_words(out, "version", e->version);
	text_char(out, '}');
}

static void show_json(const struct history *h, struct text *out)
{
	text_char(out, '{');
	json_open(out, "entries", '[');
	for (unsigned int i = 0; i < h->n; i++)
		history_json_entry(&h->entry[i], out);
	text_char(out, ']');
	json_number(out, "bad", h->bad);
	text_str(out, "}\n");
}

/* The columns of the table. Longer cells move the rest of their line. */
enum column { SEQ, TIME, UPTIME, ENTRY, WHAT, WHY, TO, COLUMNS };
#define CELL_SIZE 128

struct row {
	char cell[COLUMNS][CELL_SIZE];
};

static const char *or_dash(const char *s)
{
	return s[0] ? s : "-";
}

/* 12 s, 3 min 20 s, 1 h 4 min: the two largest units. */
static void format_uptime(uint32_t s, struct text *t)
{
	static const struct {
		uint32_t s;
		const char *unit;
	} units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
	unsigned int i = 0;

	while (i < 3 && s < units[i].s)
		i++;
	text_uint(t, s / units[i].s, 0);
	text_str(t, units[i].unit);
	if (i == 3 || s % units[i].s / units[i + 1].s == 0)
		return;
	text_char(t, ' ');
	text_uint(t, s % units[i].s / units[i + 1].s, 0);
	text_str(t, units[i + 1].unit);
}

static struct text cell(struct row *row, enum column column)
{
	struct text t;

	text_init(&t, row->cell[column], CELL_SIZE);
	return t;
}

static void make_row(const struct history_entry *e, struct row *row)
{
	struct text t = cell(row, SEQ);

	text_uint(&t, e->seq, 0);
	format_table_time(e->time_s, row->cell[TIME]);
	t = cell(row, UPTIME);
	format_uptime(e->uptime_s, &t);
	t = cell(row, ENTRY);
	text_str(&t, or_dash(e->booted));
	t = cell(row, WHAT);
	text_str(&t, e->event);
	text_str(&t, ": ");
	text_str(&t, or_dash(e->verdict));
	t = cell(row, WHY);
	text_str(&t, or_dash(e->reason));
	t = cell(row, TO);
	text_str(&t, or_dash(e->target));
	if (e->target[0] && e->method[0]) {
		text_str(&t, " by ");
		text_str(&t, e->method);
	}
}

static void find_widths(const struct row *rows, unsigned int n, size_t width[COLUMNS])
{
	for (unsigned int i = 0; i < n; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (strlen(rows[i].cell[c]) > width[c])
				width[c] = strlen(rows[i].cell[c]);
}

static void show_row(const struct row *row, const size_t width[COLUMNS], struct text *out)
{
	for (int c = 0; c < COLUMNS; c++) {
		size_t len = strlen(row->cell[c]);

		for (size_t pad = len; c == SEQ && pad < width[c]; pad++)
			text_char(out, ' ');
		text_str(out, row->cell[c]);
		for (size_t pad = len; c != SEQ && c != TO && pad < width[c]; pad++)
			text_char(out, ' ');
		text_str(out, c == TO ? "\n" : "  ");
	}
}

/* What has no fixed length stands on a line of its own. */
static void show_more(const struct history_entry *e, size_t indent, struct text *out)
{
	if (!e->check[0] && !e->text[0])
		return;
	for (; indent > 0; indent--)
		text_char(out, ' ');
	if (e->check[0]) {
		const char *unit = history_unit(e);

		text_str(out, unit ? "unit \"" : "check \"");
		text_str(out, unit ? unit : e->check);
		text_str(out, e->text[0] ? "\": " : "\"");
	}
	text_str(out, e->text);
	text_char(out, '\n');
}

static void show_table(const struct history *h, struct text *out)
{
	struct row rows[HISTORY_SLOTS + 1] = {
		{{"SEQ", "TIME (UTC)", "UPTIME", "ENTRY", "WHAT", "WHY", "WHERE TO"}}};
	size_t width[COLUMNS] = {0};

	for (unsigned int i = 0; i < h->n; i++)
		make_row(&h->entry[i], &rows[i + 1]);
	find_widths(rows, h->n + 1, width);
	show_row(&rows[0], width, out);
	for (unsigned int i = 0; i < h->n; i++) {
		show_row(&rows[i + 1], width, out);
		show_more(&h->entry[i], width[SEQ] + 2, out);
	}
}

enum status history_run(struct machine *m, const struct request *q, struct text *out)
{
	struct history h;
	int r;

	m->config.esp_timeout_s = 0; /* it is there, or it is not: a person looks */
	machine_reach(m);
	r = history_store_read(m, &h);
	if (m->store[machine_boot_place(m)].fd < 0) {
		log_err("$BOOT cannot be reached: there is no history to read");
		return STATUS_REFUSED;
	}
	if (r < 0 && r != -ENOENT) {
		log_err("cannot read \"%s/%s\": %s", OBSERVE_DIR, HISTORY_STORE_FILE, strerror(-r));
		return STATUS_REFUSED;
	}
	if (q->json)
		show_json(&h, out);
	else if (h.n > 0)
		show_table(&h, out);
	else if (h.bad == 0)
		log_notice("the history is empty: nothing but normal boots");
	if (h.bad > 0)
		log_warning("\"%s/%s\": sectors that hold no valid entry: %u of %u, ignoring",
			    OBSERVE_DIR, HISTORY_STORE_FILE, h.bad, HISTORY_SLOTS);
	return STATUS_DONE;
}
