// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "install-job.h"

/* The last rung there before it on the ladder: of its role and a pattern not behind its own, or of
 * a role before. */
static const struct rung *find_before(const struct job *j)
{
	const struct rung *found = NULL;

	for (unsigned int i = 0; i < j->f->ladder.n; i++) {
		const struct rung *r = &j->f->ladder.rung[i];

		if (!r->missing &&
		    (r->role < j->r.role || (r->role == j->r.role && r->pattern <= j->r.pattern)))
			found = r;
	}
	return found;
}

/* A longer key comes behind the one that it begins with. */
void job_add_sort_key(const struct job *j, struct text *t)
{
	const struct rung *before = find_before(j);

	if (!before || !before->sort_key[0])
		return;
	text_str(t, "sort-key ");
	text_str(t, before->sort_key);
	text_str(t, "-");
	text_slice(t, (struct slice){j->r.id, strlen(j->r.id) - strlen(".conf")});
	text_char(t, '\n');
}
