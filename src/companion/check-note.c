// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "check-note.h"
#include "doors/power.h"
#include "say.h"

#define NOTE	  "check"
#define NOTE_BUSY "checking"
#define SPARE_S	  60
#define NOTE_SIZE (NAME_SIZE + CHECK_LINE_MAX + 2)

void check_note_write(const struct machine *m, const struct check *failed)
{
	char note[NOTE_SIZE];
	struct text t;

	text_init(&t, note, sizeof(note));
	if (failed) {
		say(&t, failed->name, "\n", failed->line);
		if (!failed->line[0]) /* one that hangs says nothing */
			check_text_result(failed, m->config.check_timeout_s, &t);
		text_char(&t, '\n');
	}
	if (failed || machine_has_note(m, NOTE))
		machine_set_note(m, NOTE, note);
}

bool check_note_read(const struct machine *m, char name[NAME_SIZE], char line[CHECK_LINE_MAX])
{
	char path[NAME_SIZE], note[NOTE_SIZE];
	struct slice rest, first, second = {.len = 0};
	struct text t;
	size_t len;

	text_init(&t, path, sizeof(path));
	say(&t, "run/bootassess/", m->boot_id[0] ? m->boot_id : "boot", "." NOTE);
	if (root_read(m->root.fd, path, note, sizeof(note), &len) < 0)
		return false;
	rest = (struct slice){note, len};
	if (!slice_line(&rest, &first) || first.len == 0)
		return false;
	(void)slice_line(&rest, &second);
	return slice_copy(first, name, NAME_SIZE) == 0 &&
	       slice_copy(second, line, CHECK_LINE_MAX) == 0;
}

void check_note_busy(const struct machine *m, unsigned long seconds)
{
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_uint(&t, (unsigned long)(power_awake_ms() / 1000) + seconds + SPARE_S, 0);
	machine_set_note(m, NOTE_BUSY, buf);
}

unsigned long check_note_busy_until_s(const struct machine *m)
{
	unsigned long until_s;
	char text[NAME_SIZE];

	if (!machine_read_note(m, NOTE_BUSY, text) ||
	    slice_uint((struct slice){text, strlen(text)}, UINT32_MAX, &until_s) < 0)
		return 0;
	return until_s;
}
