// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loader.h"

/* GRUB, told by the variables of its environment block. */
const struct loader_ops loader_grub = {.kind = LOADER_GRUB,
				       .oneshot = "next_entry in grubenv",
				       .places = 1u << PLACE_ESP | 1u << PLACE_XBOOTLDR};

bool grub_is_there(const struct loader_io *io)
{
	(void)io;
	return false;
}
