// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/efivar.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "observe.h"
#include "record-store.h"

int record_store_write(struct machine *m, const struct record *r)
{
	enum place place = machine_boot_place(m);
	char sector[RECORD_SIZE];
	int e, v = -ENOENT;

	record_encode(r, sector);
	e = machine_begin_write(m, place);
	if (e == 0) {
		e = esp_write_file(m->store[place].fd, OBSERVE_DIR, OBSERVE_RECORD_FILE, sector,
				   sizeof(sector));
		machine_end_write(m, place);
	}
	if (e == 0) { /* an older one elsewhere must not come back */
		if (m->efivars >= 0)
			(void)efivar_delete(m->efivars, OBSERVE_RECORD_VARIABLE, EFIVAR_BOOTASSESS);
		return 0;
	}
	log_warning("cannot write \"%s/%s\" on %s: %s, trying the EFI variable", OBSERVE_DIR,
		    OBSERVE_RECORD_FILE, place_name(place), strerror(-e));
	if (m->efivars >= 0)
		v = efivar_write(m->efivars, OBSERVE_RECORD_VARIABLE, EFIVAR_BOOTASSESS,
				 (const uint8_t *)sector, sizeof(sector));
	return v >= 0 ? 0 : v;
}
