// SPDX-License-Identifier: LGPL-2.1-or-later
#include "verb.h"
#include "doors/log.h"

bool verb_lock(struct machine *m)
{
	machine_lock(m);
	if (m->lock >= 0)
		return true;
	log_err("refused: nothing is changed without the lock");
	return false;
}
