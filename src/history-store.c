// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/esp.h"
#include "history-store.h"
#include "observe.h"

/* data: HISTORY_SIZE and a terminator. Of a longer file the first HISTORY_SIZE bytes. */
static int load(const struct machine *m, char data[HISTORY_SIZE + 1], size_t *ret_len)
{
	int fd = m->store[machine_boot_place(m)].fd, r;

	if (fd < 0)
		return -ENOENT;
	r = dir_read(fd, OBSERVE_DIR "/" HISTORY_STORE_FILE, data, HISTORY_SIZE + 1, ret_len);
	return r == -E2BIG ? 0 : r;
}

int history_store_read(const struct machine *m, struct history *ret)
{
	char data[HISTORY_SIZE + 1];
	size_t len = 0;
	int r = load(m, data, &len);

	history_read(data, r < 0 ? 0 : len, ret);
	return r;
}

/* The whole file, with what there was of it. Its size never changes again, so that all later
 * entries are one write in place. */
static int write_whole(int fd, char data[HISTORY_SIZE + 1], size_t len, unsigned int slot,
		       const char sector[SECTOR_SIZE])
{
	len -= len % SECTOR_SIZE;
	memset(data + len, '\n', HISTORY_SIZE - len);
	memcpy(data + (size_t)slot * SECTOR_SIZE, sector, SECTOR_SIZE);
	return esp_write_file(fd, OBSERVE_DIR, HISTORY_STORE_FILE, data, HISTORY_SIZE);
}

int history_store_append(struct machine *m, struct history_entry *e)
{
	enum place place = machine_boot_place(m);
	char data[HISTORY_SIZE + 1], sector[SECTOR_SIZE];
	struct history h;
	size_t len = 0;
	int r = load(m, data, &len);

	/* What cannot be read is not written over. */
	if (r < 0 && (r != -ENOENT || m->store[place].fd < 0))
		return r;
	if (r < 0)
		len = 0;
	history_read(data, len, &h);
	e->seq = history_next_seq(&h);
	history_encode(e, sector);
	r = machine_begin_write(m, place);
	if (r < 0)
		return r;
	if (len < HISTORY_SIZE)
		r = write_whole(m->store[place].fd, data, len, e->seq % HISTORY_SLOTS, sector);
	else
		r = esp_write_sector_at(m->store[place].fd, OBSERVE_DIR, HISTORY_STORE_FILE,
					e->seq % HISTORY_SLOTS, sector);
	machine_end_write(m, place);
	return r;
}
