// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rungs.h"

enum status list_run(struct machine *m, const struct request *q, struct text *out)
{
	struct report r;

	report_read(m, &r);
	if (q->json) {
		rungs_json_all(&r, NULL, out);
		text_char(out, '\n');
	} else if (r.facts.ladder.n > 0) {
		rungs_table(&r, "", true, q->colour, out);
	} else {
		text_str(out, "no rung is configured, or this is a crash kernel\n");
	}
	return report_status(&r);
}
