// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mend.h"

#include "install-job.h"

int mend_update(struct machine *m, enum place place)
{
	char sector[SECTOR_SIZE];
	struct update u;
	int r = journal_read(m, place, sector, &u);

	if (r == 0 && u.step == UPDATE_DONE)
		return 0;
	if (r < 0 || u.step == UPDATE_PLACE)
		return install_recover(m, place);
	r = machine_begin_write(m, place);
	if (r < 0)
		return r;
	r = install_recover(m, place);
	machine_end_write(m, place);
	return r;
}
