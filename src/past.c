// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "past.h"
#include "relapse.h"

uint32_t past_uptime_s(const struct machine *m)
{
	unsigned long uptime_s = 0;
	struct slice number;
	char line[64];

	if (root_read_line(m->root.fd, "proc/uptime", line, sizeof(line)) < 0)
		return 0;
	number = (struct slice){line, strcspn(line, ". ")};
	(void)slice_uint(number, UINT32_MAX, &uptime_s);
	return (uint32_t)uptime_s;
}

/* An event of the initramfs that decided to leave. The first line is "EVENT: VERDICT (REASON)...".
 */
static bool has_left(const struct machine *m, enum event event)
{
	char line[NAME_SIZE], go_on[64];
	struct text t;

	if (!machine_read_note_line(m, event_name(event), line, sizeof(line)))
		return false;
	text_init(&t, go_on, sizeof(go_on));
	text_str(&t, event_name(event));
	text_str(&t, ": proceed ");
	return strncmp(line, go_on, t.len) != 0;
}

void past_read(const struct machine *m, struct facts *f)
{
	f->failed = machine_has_note(m, event_name(EVENT_FAIL));
	f->blessed = machine_has_note(m, "blessed") || machine_has_note(m, NOTE_HALF_BLESSED);
	if (!machine_read_note(m, NOTE_ACTIVATED, f->activated))
		f->activated[0] = '\0';
	f->lasted = past_uptime_s(m) >= RELAPSE_FORGET_S;
	f->leaving = machine_has_note(m, "leaving") || has_left(m, EVENT_EMERGENCY) ||
		     has_left(m, EVENT_DEADLINE);
}
