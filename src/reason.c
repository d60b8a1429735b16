// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "reason.h"
#include "text.h"

static void begin(const struct reason *w, struct text *t)
{
	text_init(t, w->buf, w->size);
	text_str(t, w->entry);
	text_str(t, ": ");
	if (w->file[0]) {
		text_str(t, w->file);
		text_str(t, ": ");
	}
	if (w->part) {
		text_str(t, w->part);
		text_str(t, ": ");
	}
}

int reason_set(const struct reason *w, int r, const char *what)
{
	struct text t;

	begin(w, &t);
	text_str(&t, what);
	return r;
}

int reason_set_at(const struct reason *w, int r, uint64_t offset, const char *what)
{
	struct text t;

	begin(w, &t);
	text_str(&t, "offset ");
	text_uint(&t, (unsigned long)offset, 0);
	text_str(&t, ": ");
	text_str(&t, what);
	return r;
}

const char *reason_errno(int r, const struct reason_error *table)
{
	while (table->phrase && table->error != -r)
		table++;
	return table->phrase ? table->phrase : strerror(-r);
}
