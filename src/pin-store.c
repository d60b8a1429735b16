// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/esp.h"
#include "observe.h"
#include "pin-store.h"

/* True if nothing is to be written. */
static bool is_there(int fd, const char *id, const char *sector)
{
	char there[PIN_STORE_SIZE + 1];
	size_t len;
	int r;

	r = dir_read(fd, OBSERVE_DIR "/" OBSERVE_PIN_FILE, there, sizeof(there), &len);
	if (r < 0)
		return r == -ENOENT && !id;
	return len == PIN_STORE_SIZE && memcmp(there, sector, len) == 0;
}

int pin_store_write(struct machine *m, const char *id)
{
	enum place place = machine_boot_place(m);
	size_t len = id ? strlen(id) : 0;
	char sector[PIN_STORE_SIZE];
	int r;

	if (len >= NAME_SIZE)
		return -ENAMETOOLONG;
	memset(sector, '\n', sizeof(sector));
	if (id)
		memcpy(sector, id, len);
	if (m->store[place].fd >= 0 && is_there(m->store[place].fd, id, sector))
		return 1;
	r = machine_begin_write(m, place);
	if (r < 0)
		return r;
	r = esp_write_file(m->store[place].fd, OBSERVE_DIR, OBSERVE_PIN_FILE, sector,
			   sizeof(sector));
	machine_end_write(m, place);
	return r;
}
