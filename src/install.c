// SPDX-License-Identifier: LGPL-2.1-or-later
#include "install.h"

#include <errno.h>

int install_slot(struct machine *m, struct facts *f, const struct install *what,
		 struct install_cost *ret, char *why, size_t size)
{
	(void)m, (void)f, (void)what, (void)ret, (void)why, (void)size;
	return -ENOSYS;
}

int install_remove(struct machine *m, struct facts *f, int rung, bool force, char *why, size_t size)
{
	(void)m, (void)f, (void)rung, (void)force, (void)why, (void)size;
	return -ENOSYS;
}
