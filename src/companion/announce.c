// SPDX-License-Identifier: LGPL-2.1-or-later
#include "announce.h"
#include "doors/journal.h"
#include "doors/log.h"

#define NUMBER_SIZE 24

static const struct {
	enum log_level level;
	const char *message_id; /* of systemd.journal-fields(7); src/bootassess.catalog */
} kinds[] = {
	[ANNOUNCE_BLESSED] = {LOG_DOOR_NOTICE, "89e9f6226cf64c88a7c009a126ead541"},
	[ANNOUNCE_REFUSED] = {LOG_DOOR_ERR, "5959e0068f64410db5cbd5257c82de9c"},
	[ANNOUNCE_FAILED] = {LOG_DOOR_ERR, "03ef56df6bb34efeae9796d42c20aa04"},
	[ANNOUNCE_EDITED] = {LOG_DOOR_NOTICE, "94c3cf5c02a84bc592791947d11304a1"},
	[ANNOUNCE_PINNED] = {LOG_DOOR_NOTICE, "80d4af1a40294b45ac655bd1adbbb52a"},
	[ANNOUNCE_ACTIVATED] = {LOG_DOOR_NOTICE, "e2828ef10c304b8ea46394dc24899dd0"},
	[ANNOUNCE_REFUNDED] = {LOG_DOOR_NOTICE, "3c540b073f724ce69d9b139c0277c70b"},
	[ANNOUNCE_SWITCHED] = {LOG_DOOR_NOTICE, "81a3ca32a84a4b458bfa731d93e05fb8"},
};

/* The id and the counter of the rung that it is about. */
static const char *find_slot(const struct facts *f, const struct plan *p, int slot,
			     const struct counter **ret_counter)
{
	*ret_counter = slot >= 0 ? &f->ladder.rung[slot].counter : &p->counter;
	if (slot >= 0)
		return f->ladder.rung[slot].id;
	return f->booted.known ? f->booted.id : NULL;
}

static int send(const struct machine *m, enum announcement what, const struct facts *f,
		const struct plan *p, int slot, const char *line, const char *text)
{
	const char *target = p->target >= 0 ? f->ladder.rung[p->target].id : NULL;
	const struct counter *counter;
	const char *id = find_slot(f, p, slot, &counter);
	char left[NUMBER_SIZE];
	struct text t;

	text_init(&t, left, sizeof(left));
	text_uint(&t, counter->present ? (unsigned long)counter->left : 0, 0);

	const struct journal_field fields[] = {
		{"BOOTASSESS_SLOT", id},
		{"BOOTASSESS_VERDICT", verdict_name(p->verdict)},
		{"BOOTASSESS_REASON", reason_name(p->reason)},
		{"BOOTASSESS_TRIES_LEFT", counter->present ? left : NULL},
		{"BOOTASSESS_TARGET", target},
		{"BOOTASSESS_TEXT", text},
	};

	return journal_send(m->root.fd, kinds[what].level, kinds[what].message_id, line, fields,
			    sizeof(fields) / sizeof(fields[0]));
}

void announce(const struct machine *m, const struct request *q, enum announcement what,
	      const struct facts *f, const struct plan *p, int slot, const char *line,
	      const char *text)
{
	bool is_sent = !q->dry_run && send(m, what, f, p, slot, line, text) == 0;

	/* Where standard error is the journal too, one entry is enough. */
	if (!is_sent || !journal_is_stderr())
		log_line(kinds[what].level, "%s", line);
}
