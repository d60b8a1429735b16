/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* For machine.recover: finishes or takes back an update that a power cut ended. What only has to be
 * told needs no write. 0, also where there is none; negative errno. */
int mend_update(struct machine *m, enum place place);
