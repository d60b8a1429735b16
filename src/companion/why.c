// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "history-store.h"
#include "observe.h"
#include "story.h"
#include "verb.h"

#define LINE_WIDTH 80
#define STORY_SIZE 16384

/* The paragraph in lines that a serial console can show. */
static void wrap(const char *text, struct text *out)
{
	struct slice rest = {text, strlen(text)}, word;
	size_t column = 0;

	while (slice_word(&rest, &word)) {
		if (column > 0 && column + 1 + word.len > LINE_WIDTH) {
			text_char(out, '\n');
			column = 0;
		} else if (column > 0) {
			text_char(out, ' ');
			column++;
		}
		text_slice(out, word);
		column += word.len;
	}
	if (column > 0)
		text_char(out, '\n');
}

/* As status does: waits for no disk, and with bootassess=0 the ladder is read all the same. */
static void read_facts(struct machine *m, struct facts *ret)
{
	bool disabled = m->cmdline.disabled;

	m->cmdline.disabled = false;
	m->config.esp_timeout_s = 0;
	machine_reach(m);
	observe(m, EVENT_FAIL, ret);
	m->cmdline.disabled = disabled;
	ret->disabled = ret->disabled || disabled;
}

enum status why_run(struct machine *m, const struct request *q, struct text *out)
{
	char buf[STORY_SIZE];
	struct history h;
	struct facts f;
	struct story s = {.f = &f, .h = &h};
	struct text t;
	int r;

	read_facts(m, &f);
	r = history_store_read(m, &h);
	if (r < 0 && r != -ENOENT)
		log_warning("cannot read \"%s/%s\": %s, ignoring", OBSERVE_DIR, HISTORY_STORE_FILE,
			    strerror(-r));
	s.is_unread = r < 0 && (r != -ENOENT || m->store[machine_boot_place(m)].fd < 0);
	s.is_blessed = machine_has_note(m, "blessed");
	text_init(&t, buf, sizeof(buf));
	if (!q->motd) {
		story_tell(&s, &t);
		wrap(buf, out);
		return f.blind ? STATUS_REFUSED : STATUS_DONE;
	}
	story_line(&s, &t);
	text_str(out, buf);
	if (t.len > 0)
		text_char(out, '\n');
	return STATUS_DONE;
}
