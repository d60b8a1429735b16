// SPDX-License-Identifier: LGPL-2.1-or-later
#include "history.h"

#include <errno.h>
#include <string.h>

#include "explain.h"

static const char first_line[] = "bootassess history 1\n";

void history_set(char *field, size_t size, const char *s)
{
	struct text t;

	text_init(&t, field, size);
	for (; s && *s; s++)
		text_char(&t, char_is_printable(*s) ? *s : '?');
}

void history_set_name(char *field, size_t size, const char *name)
{
	struct text t;

	history_set(field, size, name);
	if (!name || strcmp(field, name) == 0)
		return;
	text_init(&t, field, size);
	for (const char *c = name; *c && t.len + sizeof("~01234567") < size; c++)
		text_char(&t, char_is_printable(*c) ? *c : '?');
	text_char(&t, '~');
	sector_add_hex(&t, record_hash(name));
}

bool history_is_kexec_lost(const struct facts *f, const struct plan *p)
{
	if (!p->record.kexec_lost || f->record.kexec_lost)
		return false;
	/* Where the record cannot be written, each boot would find it anew. */
	for (unsigned int i = 0; i < p->n_ops; i++)
		if (p->op[i].type == OP_RESTATE || p->op[i].type == OP_RECORD)
			return true;
	return false;
}

static bool is_event(const struct history_entry *e, enum event event)
{
	return strcmp(e->event, event_name(event)) == 0;
}

bool history_is_incident(const struct history_entry *e)
{
	return !is_event(e, EVENT_BLESS) && !is_event(e, EVENT_EDIT) &&
	       strcmp(e->event, HISTORY_REPAIR) != 0;
}

const char *history_unit(const struct history_entry *e)
{
	static const char word[] = "unit ";

	return strncmp(e->check, word, sizeof(word) - 1) == 0 ? e->check + sizeof(word) - 1 : NULL;
}

bool history_is_due(const struct facts *f, const struct plan *p)
{
	bool is_planned = f->event == EVENT_SHUTDOWN;

	return (p->verdict != VERDICT_PROCEED && !is_planned) || history_is_kexec_lost(f, p);
}

/* Some events have no words but their operations. */
static void describe_ops(const struct facts *f, const struct plan *p, struct text *t)
{
	char buf[3 * NAME_SIZE];
	struct text op;

	for (unsigned int i = 0; i < p->n_ops; i++) {
		text_init(&op, buf, sizeof(buf));
		explain_op(f, p, &p->op[i], &op);
		if (i > 0)
			text_str(t, "; ");
		text_str(t, buf);
	}
}

static void describe_plan(const struct facts *f, const struct plan *p, const char *text,
			  struct history_entry *e)
{
	char buf[3 * NAME_SIZE] = "";
	struct text t;

	history_set(e->verdict, sizeof(e->verdict), verdict_name(p->verdict));
	history_set(e->reason, sizeof(e->reason), reason_name(p->reason));
	e->counter = p->counter;
	if (p->target >= 0) {
		history_set_name(e->target, sizeof(e->target), f->ladder.rung[p->target].id);
		history_set(e->method, sizeof(e->method), method_name(p->method));
	}
	if (text)
		return;
	text_init(&t, buf, sizeof(buf));
	if (f->event == EVENT_EDIT) {
		describe_ops(f, p, &t);
	} else if (history_is_kexec_lost(f, p)) {
		text_str(&t, "the kexec into ");
		text_str(&t, f->record.target);
		text_str(&t, " never arrived");
	}
	history_set(e->text, sizeof(e->text), buf);
}

void history_describe(const struct facts *f, const struct plan *p, const char *check,
		      const char *text, struct history_entry *ret)
{
	if (text && !text[0])
		text = NULL;
	memset(ret, 0, sizeof(*ret));
	history_set(ret->event, sizeof(ret->event), event_name(f->event));
	if (f->booted.known)
		history_set_name(ret->booted, sizeof(ret->booted), f->booted.id);
	if (f->booted.rung >= 0)
		history_set(ret->role, sizeof(ret->role),
			    role_name(f->ladder.rung[f->booted.rung].role));
	history_set(ret->via, sizeof(ret->via), via_name(f->booted.via));
	history_set_name(ret->check, sizeof(ret->check), check);
	history_set(ret->text, sizeof(ret->text), text);
	history_set(ret->boot_id, sizeof(ret->boot_id), f->boot_id);
	if (p) {
		describe_plan(f, p, text, ret);
		return;
	}
	history_set(ret->verdict, sizeof(ret->verdict), verdict_name(VERDICT_PROCEED));
	history_set(ret->reason, sizeof(ret->reason), reason_name(REASON_EDITED));
}

/* A line that is left out where there is nothing to say. */
static void add(struct text *t, const char *key, const char *value)
{
	if (value[0])
		sector_add(t, key, value);
}

/* A line that is cut to what fits. */
static void add_cut(struct text *t, const char *key, const char *value)
{
	size_t around = strlen(key) + sizeof("=\n") - 1, room = sector_room(t);
	char cut[HISTORY_TEXT];
	struct text part;

	if (room <= around)
		return;
	room -= around;
	text_init(&part, cut, room < sizeof(cut) ? room + 1 : sizeof(cut));
	text_str(&part, value);
	add(t, key, cut);
}

void history_encode(const struct history_entry *e, char sector[SECTOR_SIZE])
{
	char buf[SECTOR_SIZE + 1];
	struct text t;

	sector_start(&t, buf, first_line);
	sector_add_uint(&t, "seq", e->seq);
	add(&t, "event", e->event);
	add(&t, "verdict", e->verdict);
	add(&t, "reason", e->reason);
	add(&t, "booted", e->booted);
	add(&t, "role", e->role);
	if (e->counter.present)
		sector_add_counter(&t, "tries", &e->counter);
	add(&t, "via", e->via);
	add(&t, "method", e->method);
	sector_add_uint(&t, "uptime", e->uptime_s);
	if (e->time_s > 0)
		sector_add_uint(&t, "time", e->time_s);
	add(&t, "boot", e->boot_id);
	add(&t, "version", e->version);
	add(&t, "check", e->check);
	add_cut(&t, "target", e->target);
	add_cut(&t, "text", e->text);
	sector_finish(&t, sector);
}

static int read_uint(struct slice value, uint32_t *ret)
{
	unsigned long number;
	int n = slice_uint(value, UINT32_MAX, &number);

	if (n == 0)
		*ret = (uint32_t)number;
	return n;
}

/* A word of ours, or of a later version: both are made of these. */
static int read_word(struct slice value, char word[HISTORY_WORD])
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.s[i];

		if (!char_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-')
			return -EINVAL;
	}
	return value.len == 0 ? -EINVAL : slice_copy(value, word, HISTORY_WORD);
}

/* Where a value goes. */
struct field {
	const char *key;
	char *buf;
	size_t size;
	bool is_word;
};

static int read_value(struct slice key, struct slice value, struct history_entry *e)
{
	const struct field fields[] = {
		{"event", e->event, sizeof(e->event), true},
		{"verdict", e->verdict, sizeof(e->verdict), true},
		{"reason", e->reason, sizeof(e->reason), true},
		{"booted", e->booted, sizeof(e->booted), false},
		{"role", e->role, sizeof(e->role), true},
		{"via", e->via, sizeof(e->via), true},
		{"method", e->method, sizeof(e->method), true},
		{"boot", e->boot_id, sizeof(e->boot_id), false},
		{"version", e->version, sizeof(e->version), false},
		{"target", e->target, sizeof(e->target), false},
		{"check", e->check, sizeof(e->check), false},
		{"text", e->text, sizeof(e->text), false},
	};

	if (slice_is(key, "uptime"))
		return read_uint(value, &e->uptime_s);
	if (slice_is(key, "time"))
		return read_uint(value, &e->time_s);
	if (slice_is(key, "tries"))
		return sector_get_counter(value, &e->counter);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *field = &fields[i];

		if (slice_is(key, field->key))
			return field->is_word
				       ? read_word(value, field->buf)
				       : sector_get_printable(value, field->buf, field->size);
	}
	return 0;
}

int history_decode(const char *sector, size_t len, struct history_entry *ret)
{
	struct history_entry entry = {0};
	struct slice rest, key, value;
	int n = sector_open(sector, len, first_line, &rest);

	/* The number comes first, so that it cannot be missing. */
	if (n < 0 || sector_next(&rest, &key, &value) <= 0 || !slice_is(key, "seq") ||
	    read_uint(value, &entry.seq) < 0)
		return -EINVAL;
	while ((n = sector_next(&rest, &key, &value)) > 0)
		if (read_value(key, value, &entry) < 0)
			return -EINVAL;
	if (n < 0 || !entry.event[0])
		return -EINVAL;
	*ret = entry;
	return 0;
}

/* A slot that nothing was written to yet: newlines as we make it, zeros as others might. */
static bool is_empty(const char *sector, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (sector[i] != sector[0])
			return false;
	return sector[0] == '\n' || sector[0] == '\0';
}

void history_order(struct history *h)
{
	uint32_t newest = h->n > 0 ? h->entry[0].seq : 0;

	for (unsigned int i = 1; i < h->n; i++)
		if (h->entry[i].seq - newest <= INT32_MAX)
			newest = h->entry[i].seq;
	/* By age, which is a number without a step in it. */
	for (unsigned int i = 1; i < h->n; i++) {
		struct history_entry moved = h->entry[i];
		unsigned int k = i;

		for (; k > 0 && newest - h->entry[k - 1].seq > newest - moved.seq; k--)
			h->entry[k] = h->entry[k - 1];
		h->entry[k] = moved;
	}
}

void history_read(const char *data, size_t len, struct history *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (len > HISTORY_SIZE)
		len = HISTORY_SIZE;
	for (size_t at = 0; at < len; at += SECTOR_SIZE) {
		size_t part = len - at < SECTOR_SIZE ? len - at : SECTOR_SIZE;
		struct history_entry *e = &ret->entry[ret->n];

		if (is_empty(data + at, part))
			continue;
		if (history_decode(data + at, part, e) == 0 &&
		    e->seq % HISTORY_SLOTS == at / SECTOR_SIZE)
			ret->n++;
		else
			ret->bad++;
	}
	if (ret->n < HISTORY_SLOTS) /* what was decoded there, but not taken */
		memset(&ret->entry[ret->n], 0, sizeof(ret->entry[0]));
	history_order(ret);
}

/* How many entries there are since the last bless. */
static unsigned int count_open(const struct history *h)
{
	unsigned int n = 0;

	while (n < h->n && !is_event(&h->entry[n], EVENT_BLESS))
		n++;
	return n;
}

/* Index of the entry in the slot of this number, from `first` on; n = none. */
static unsigned int find_slot(const struct history *h, uint32_t seq, unsigned int first,
			      unsigned int n)
{
	while (first < n && h->entry[first].seq % HISTORY_SLOTS != seq % HISTORY_SLOTS)
		first++;
	return first;
}

uint32_t history_next_seq(const struct history *h)
{
	unsigned int end = count_open(h), first = end > HISTORY_KEPT ? end - HISTORY_KEPT : 0;
	uint32_t seq = h->n > 0 ? h->entry[0].seq + 1 : 1;

	while (find_slot(h, seq, first, end) < end)
		seq++;
	return seq;
}

bool history_has_gap(const struct history *h, unsigned int k)
{
	uint32_t seq = h->entry[k].seq + 1, end = h->entry[k - 1].seq;

	if (end - seq > HISTORY_KEPT) /* more than is ever passed over */
		return true;
	for (; seq != end; seq++)
		if (find_slot(h, seq, k, h->n) == h->n)
			return true;
	return false;
}
