// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "entries.h"
#include "json.h"
#include "rungs.h"
#include "say.h"

#define NUMBER_WIDTH 4 /* of the columns LEFT and DONE */

void rungs_paint(struct text *t, enum paint paint, const char *word, bool colour)
{
	static const char *const codes[] = {
		[PAINT_BOLD] = "\033[1m",
		[PAINT_GOOD] = "\033[32m",
		[PAINT_WAIT] = "\033[33m",
		[PAINT_BAD] = "\033[31m",
	};

	if (colour)
		say(t, codes[paint], word, "\033[0m");
	else
		text_str(t, word);
}

static enum paint paint_of(enum rung_state state)
{
	if (state == RUNG_GOOD)
		return PAINT_GOOD;
	return state == RUNG_ARMED ? PAINT_WAIT : PAINT_BAD;
}

static void fill(struct text *t, size_t len, size_t width)
{
	for (; len < width; len++)
		text_char(t, ' ');
}

static void text_cell(struct text *t, const char *word, size_t width)
{
	text_printable(t, word);
	fill(t, strlen(word), width + 1);
}

static void text_number(struct text *t, bool present, int value)
{
	char digits[16] = "-";
	struct text d;

	if (present) {
		text_init(&d, digits, sizeof(digits));
		text_uint(&d, (unsigned long)value, 0);
	}
	fill(t, strlen(digits), NUMBER_WIDTH);
	say(t, digits, " ");
}

void rungs_file(const struct rung *rung, struct text *t)
{
	char path[ENTRIES_PATH_SIZE];

	entries_path(rung->type, rung->name, path);
	text_printable(t, path);
	say(t, " on ", place_name(rung->place));
}

/* One more of what a rung is. */
static void text_note(struct text *t, unsigned int *n, bool is, const char *note)
{
	if (is)
		say(t, (*n)++ > 0 ? ", " : " ", note);
}

static void text_notes(const struct report *r, unsigned int i, struct text *t)
{
	const struct rung *rung = &r->facts.ladder.rung[i];
	unsigned int n = 0;

	text_note(t, &n, (int)i == r->facts.booted.rung, "booted");
	text_note(t, &n, (int)i == r->next.rung, "next");
	text_note(t, &n, report_is_pinned(r, rung), "pinned");
	text_note(t, &n, rung->ambiguous, "on both partitions");
	text_note(t, &n, rung->twin[0] && !rung->ambiguous, "has a twin");
	text_note(t, &n, rung->in_variable, "counted in an EFI variable");
	text_note(t, &n, rung->in_file && rung->counter.present, "counted in a tries file");
}

/* Notes come last: without any the line would end in blanks. */
static void end_line(struct text *t)
{
	while (t->len > 0 && t->buf[t->len - 1] == ' ')
		t->buf[--t->len] = '\0';
	text_char(t, '\n');
}

static size_t id_width(const struct report *r)
{
	size_t width = strlen("ID");

	for (unsigned int i = 0; i < r->facts.ladder.n; i++)
		if (strlen(r->facts.ladder.rung[i].id) > width)
			width = strlen(r->facts.ladder.rung[i].id);
	return width;
}

static void file_cell(const struct rung *rung, struct text *t)
{
	char file[ENTRIES_PATH_SIZE + 16] = "-";
	struct text f;

	if (!rung->missing) {
		text_init(&f, file, sizeof(file));
		rungs_file(rung, &f);
	}
	text_str(t, file);
}

static size_t file_width(const struct report *r)
{
	size_t width = strlen("FILE");

	for (unsigned int i = 0; i < r->facts.ladder.n; i++) {
		char file[ENTRIES_PATH_SIZE + 16];
		struct text f;

		text_init(&f, file, sizeof(file));
		file_cell(&r->facts.ladder.rung[i], &f);
		width = f.len > width ? f.len : width;
	}
	return width;
}

static void text_rung(const struct report *r, unsigned int i, size_t width, size_t width_of_file,
		      bool colour, struct text *t)
{
	const struct rung *rung = &r->facts.ladder.rung[i];
	enum rung_state state = ladder_state(rung, &rung->counter);
	const char *word = rung_state_name(state);
	size_t start;

	text_str(t, (int)i == r->facts.booted.rung ? "* " : "  ");
	text_cell(t, role_name(rung->role), strlen("recovery"));
	text_cell(t, rung->id, width);
	rungs_paint(t, paint_of(state), word, colour);
	fill(t, strlen(word), strlen("exhausted") + 1);
	text_number(t, rung->counter.present, rung->counter.left);
	text_number(t, rung->counter.present, rung->counter.done);
	start = t->len;
	if (width_of_file > 0) {
		text_char(t, ' ');
		file_cell(rung, t);
		fill(t, t->len - start, width_of_file + 1);
	}
	text_notes(r, i, t);
	end_line(t);
}

void rungs_table(const struct report *r, const char *indent, bool with_file, bool colour,
		 struct text *t)
{
	size_t width = id_width(r), width_of_file = with_file ? file_width(r) : 0;

	say(t, indent, "  ROLE     ");
	text_cell(t, "ID", width);
	text_str(t, "STATE     LEFT DONE ");
	if (with_file) {
		text_char(t, ' ');
		text_cell(t, "FILE", width_of_file - 1);
	}
	text_str(t, " NOTES\n");
	for (unsigned int i = 0; i < r->facts.ladder.n; i++) {
		text_str(t, indent);
		text_rung(r, i, width, width_of_file, colour, t);
	}
}

static void json_path(struct text *t, const char *key, unsigned int type, const char *name)
{
	char path[ENTRIES_PATH_SIZE + 1] = "/";

	entries_path(type, name, path + 1);
	json_string(t, key, path);
}

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static void json_tries(struct text *t, const struct counter *c)
{
	static const char *const keys[] = {"triesLeft", "triesDone"};
	const int values[] = {c->left, c->done};

	for (int i = 0; i < 2; i++) {
		if (c->present)
			json_number(t, keys[i], (uint64_t)values[i]);
		else
			json_string(t, keys[i], NULL);
	}
}

/* The file, under the names that bootctl(1) has for the same. */
static void json_file(const struct report *r, unsigned int i, struct text *t)
{
	const struct rung *rung = &r->facts.ladder.rung[i];

	json_string(t, "type", rung->type == 1 ? "type1" : "type2");
	json_string(t, "source", rung->place == PLACE_ESP ? "esp" : "xbootldr");
	json_path(t, "path", rung->type, rung->name);
	json_string(t, "title", or_null(r->title[i]));
	json_string(t, "sortKey", or_null(rung->sort_key));
	json_string(t, "version", or_null(rung->version));
	json_string(t, "machineId", or_null(rung->machine_id));
	json_bool(t, "isReported", r->loader.listed & 1u << i);
	if (rung->twin[0])
		json_path(t, "twin", rung->type, rung->twin);
	else
		json_string(t, "twin", NULL);
}

void rungs_json(const struct report *r, unsigned int i, const char *key, struct text *t)
{
	const struct rung *rung = &r->facts.ladder.rung[i];

	json_open(t, key, '{');
	json_string(t, "id", rung->id);
	json_string(t, "role", role_name(rung->role));
	json_string(t, "state", rung_state_name(ladder_state(rung, &rung->counter)));
	json_tries(t, &rung->counter);
	json_bool(t, "isSelected", (int)i == r->facts.booted.rung);
	json_bool(t, "isDefault", (int)i == r->next.rung);
	json_bool(t, "isPinned", report_is_pinned(r, rung));
	json_bool(t, "isOnBoth", rung->ambiguous);
	json_bool(t, "isInVariable", rung->in_variable);
	json_bool(t, "isInFile", rung->in_file);
	if (!rung->missing)
		json_file(r, i, t);
	text_char(t, '}');
}

void rungs_json_all(const struct report *r, const char *key, struct text *t)
{
	json_open(t, key, '[');
	for (unsigned int i = 0; i < r->facts.ladder.n; i++)
		rungs_json(r, i, NULL, t);
	text_char(t, ']');
}
