// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/log.h"
#include "loader.h"
#include "nvram.h"
#include "verb.h"

static enum status refuse(const struct machine *m)
{
	if (m->efivars < 0)
		log_err("boot-entries: refused: this machine has no EFI variables");
	else
		log_err("boot-entries: refused: the boot loader is %s, which finds its entries by "
			"itself; see Loader= in bootassess.conf(5)",
			loader_name(m->loader->kind));
	return STATUS_REFUSED;
}

enum status boot_entries_run(struct machine *m, const struct request *q, struct text *out)
{
	struct facts f;
	int r;

	if (!verb_begin(m, q, EVENT_EDIT, &f) || !verb_can_edit(&f))
		return STATUS_REFUSED;
	r = nvram_repair(m, &f, f.booted.rung, q->dry_run, out);
	if (r == -EOPNOTSUPP)
		return refuse(m);
	if (r == 1)
		text_str(out, "the boot options of the firmware are whole: nothing to change\n");
	return r < 0 ? STATUS_REFUSED : STATUS_DONE;
}
