// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "doors/log.h"
#include "doors/power.h"
#include "history-note.h"
#include "history-store.h"
#include "observe.h"
#include "past.h"

/* 2024-01-01: a clock that shows less was never set, or forgot. */
#define TIME_MIN 1704067200u

/* The kernel took the time from a clock with a battery, or somebody from the network. Only files
 * are asked: the system calls for this are refused in a sandbox. */
static bool is_clock_set(const struct machine *m)
{
	static const char *const clocks[] = {"sys/class/rtc/rtc0/hctosys",
					     "sys/class/rtc/rtc1/hctosys"};
	char line[16];

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (root_read_line(m->root.fd, clocks[i], line, sizeof(line)) == 0 &&
		    strcmp(line, "1") == 0)
			return true;
	return root_exists(m->root.fd, "run/systemd/timesync/synchronized");
}

static uint32_t read_time(const struct machine *m)
{
	uint64_t now_s = power_clock_s();

	if (m->root.is_test || now_s < TIME_MIN || now_s > UINT32_MAX || !is_clock_set(m))
		return 0;
	return (uint32_t)now_s;
}

static void append(struct machine *m, struct history_entry *e)
{
	enum place place = machine_boot_place(m);
	int r;

	e->uptime_s = past_uptime_s(m);
	e->time_s = read_time(m);
	history_set(e->version, sizeof(e->version), VERSION);
	r = history_store_append(m, e);
	if (r < 0)
		log_warning("cannot write \"%s/%s\" on %s: %s; what happens now is not remembered, "
			    "ignoring",
			    OBSERVE_DIR, HISTORY_STORE_FILE, place_name(place), strerror(-r));
}

void history_note(struct machine *m, const struct facts *f, const struct plan *p, const char *check,
		  const char *text)
{
	struct history_entry e;

	if (m->store[machine_boot_place(m)].fd < 0)
		return; /* that there is no $BOOT was said */
	history_describe(f, p, check, text, &e);
	append(m, &e);
}

void history_note_repair(struct machine *m, const char *text)
{
	struct history_entry e = {0};

	if (m->store[machine_boot_place(m)].fd < 0)
		return;
	history_set(e.event, sizeof(e.event), HISTORY_REPAIR);
	history_set(e.verdict, sizeof(e.verdict), verdict_name(VERDICT_PROCEED));
	history_set(e.text, sizeof(e.text), text);
	history_set(e.boot_id, sizeof(e.boot_id), m->boot_id);
	append(m, &e);
}

void history_note_bless(struct machine *m, const struct facts *f, const struct plan *p)
{
	bool is_bless = p->reason == REASON_BLESSED || p->reason == REASON_REARMED ||
			p->reason == REASON_GOOD;
	struct history h;
	int r = history_store_read(m, &h);
	unsigned int i = 0;

	while (i < h.n && strcmp(h.entry[i].event, HISTORY_REPAIR) == 0)
		i++;
	if (is_bless && r == 0 && i < h.n && strcmp(h.entry[i].event, event_name(EVENT_BLESS)) != 0)
		history_note(m, f, p, NULL, NULL);
}
