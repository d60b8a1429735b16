// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal.h"
#include "root.h"

#define SOCKET_PATH   "run/systemd/journal/socket"
#define DATAGRAM_SIZE 32768 /* far below what a socket takes by default */

struct datagram {
	uint8_t data[DATAGRAM_SIZE];
	size_t len;
	bool full;
};

static void put(struct datagram *d, const void *data, size_t len)
{
	if (d->full || len > sizeof(d->data) - d->len) {
		d->full = true;
		return;
	}
	memcpy(d->data + d->len, data, len);
	d->len += len;
}

/* NAME=value and a newline; a value of several lines comes with its length, little-endian. */
static void put_field(struct datagram *d, const char *name, const char *value)
{
	size_t len;

	if (!value)
		return;
	len = strlen(value);
	put(d, name, strlen(name));
	if (strchr(value, '\n')) {
		uint8_t size[8];

		for (unsigned int i = 0; i < sizeof(size); i++)
			size[i] = (uint8_t)((uint64_t)len >> (8 * i));
		put(d, "\n", 1);
		put(d, size, sizeof(size));
	} else {
		put(d, "=", 1);
	}
	put(d, value, len);
	put(d, "\n", 1);
}

/* Below rootfd, wherever that is: sun_path is too short for any path, and the door follows no link.
 */
static int make_address(int socket_fd, struct sockaddr_un *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;

	if (fstat(socket_fd, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", socket_fd);
	*ret = address;
	return 0;
}

static int send_datagram(int rootfd, const struct datagram *d)
{
	_cleanup_(closep) int fd = -1, socket_fd = -1;
	struct sockaddr_un address;
	int r;

	socket_fd = openat(rootfd, SOCKET_PATH, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (socket_fd < 0)
		return -errno;
	r = make_address(socket_fd, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, d->data, d->len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
		   sizeof(address)) < 0)
		return -errno;
	return 0;
}

int journal_send(int rootfd, enum log_level level, const char *message_id, const char *message,
		 const struct journal_field *fields, size_t n_fields)
{
	const char priority[] = {(char)('0' + level), '\0'};
	struct datagram d = {.len = 0};

	put_field(&d, "MESSAGE", message);
	put_field(&d, "PRIORITY", priority);
	put_field(&d, "MESSAGE_ID", message_id);
	put_field(&d, "SYSLOG_IDENTIFIER", "bootassess");
	for (size_t i = 0; i < n_fields; i++)
		put_field(&d, fields[i].name, fields[i].value);
	return d.full ? -EMSGSIZE : send_datagram(rootfd, &d);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char *end;

	if (!stream || !is_digit(stream[0]))
		return false;
	device = strtoull(stream, &end, 10);
	if (*end != ':' || !is_digit(end[1]))
		return false;
	inode = strtoull(end + 1, &end, 10);
	return *end == '\0' && fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}
