// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nbd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"

#define CHANGED_MAX 65536 /* units that differ from the base */

/* What the thread has beside the device. */
struct server {
	struct device device;
	int socket, kernel_socket;
	uint8_t *is_changed; /* a bit for each unit */
	uint64_t *changed;   /* which units these are */
	uint8_t *saved;	     /* and what the base has there */
	size_t n_changed;
	bool keeps_base, is_recording;
	struct request *log;
	size_t n_log, log_room;
};

static _Noreturn void give_up(const char *what)
{
	dprintf(STDOUT_FILENO, "not ok - powercut: device: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static struct server *server_of(const struct device *d)
{
	return (struct server *)(void *)d;
}

static bool read_all(int fd, void *buf, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, (char *)buf + done, size - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static void write_all(int fd, const void *buf, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)buf + done, size - done);

		if (n <= 0)
			give_up("write to the kernel");
		done += (size_t)n;
	}
}

static void keep(struct server *s, uint64_t unit)
{
	if (s->is_changed[unit / 8] & 1u << unit % 8)
		return;
	if (s->n_changed == CHANGED_MAX)
		give_up("too many changes");
	s->is_changed[unit / 8] |= (uint8_t)(1u << unit % 8);
	s->changed[s->n_changed] = unit;
	memcpy(s->saved + s->n_changed++ * UNIT, s->device.memory + unit * UNIT, UNIT);
}

static void store(struct server *s, uint64_t unit, const uint8_t *data)
{
	if (s->keeps_base)
		keep(s, unit);
	if (memcmp(s->device.memory + unit * UNIT, data, UNIT) != 0)
		memcpy(s->device.memory + unit * UNIT, data, UNIT);
}

static void note(struct server *s, struct request r, uint8_t *data)
{
	if (!s->is_recording) {
		free(data);
		return;
	}
	if (s->n_log == s->log_room) {
		s->log_room = s->log_room ? 2 * s->log_room : 256;
		s->log = realloc(s->log, s->log_room * sizeof(*s->log));
		if (!s->log)
			give_up("memory");
	}
	r.data = data;
	s->log[s->n_log++] = r;
}

static void serve_write(struct server *s, uint64_t from, uint32_t len, bool is_fua)
{
	uint8_t *data = malloc(len);

	if (!data || !read_all(s->socket, data, len))
		give_up("read from the kernel");
	for (uint32_t i = 0; i < len / UNIT; i++)
		store(s, from / UNIT + i, data + (size_t)i * UNIT);
	s->device.n_writes++;
	note(s,
	     (struct request){.type = REQUEST_WRITE,
			      .is_fua = is_fua,
			      .sector = from / UNIT,
			      .n = len / UNIT},
	     data);
}

static void *serve(void *data)
{
	struct nbd_reply reply = {.magic = htonl(NBD_REPLY_MAGIC)};
	struct server *s = data;
	struct nbd_request q;

	while (read_all(s->socket, &q, sizeof(q))) {
		uint32_t type = ntohl(q.type), len = ntohl(q.len);
		uint64_t from = be64toh(q.from);

		memcpy(&reply.handle, &q.handle, sizeof(reply.handle));
		if ((type & 0xffff) == NBD_CMD_WRITE)
			serve_write(s, from, len, type & NBD_CMD_FLAG_FUA);
		else if ((type & 0xffff) == NBD_CMD_FLUSH)
			note(s, (struct request){.type = REQUEST_FLUSH}, NULL);
		write_all(s->socket, &reply, sizeof(reply));
		if ((type & 0xffff) != NBD_CMD_READ)
			continue;
		write_all(s->socket, s->device.memory + from, len);
		s->device.n_reads++;
	}
	return NULL;
}

static void *run(void *data)
{
	const struct server *s = data;

	(void)ioctl(s->device.fd, NBD_DO_IT); /* until the end of all */
	return NULL;
}

static void start(struct server *s)
{
	const struct device *d = &s->device;
	pthread_t thread;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		give_up("socketpair");
	s->socket = sockets[0];
	if (ioctl(d->fd, NBD_SET_BLKSIZE, (unsigned long)d->block_size) < 0 ||
	    ioctl(d->fd, NBD_SET_SIZE_BLOCKS, (unsigned long)(d->size / d->block_size)) < 0 ||
	    ioctl(d->fd, NBD_SET_FLAGS,
		  (unsigned long)(NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH | NBD_FLAG_SEND_FUA)) <
		    0 ||
	    ioctl(d->fd, NBD_SET_SOCK, (unsigned long)sockets[1]) < 0)
		give_up("ioctl");
	if (pthread_create(&thread, NULL, serve, s) != 0 ||
	    pthread_create(&thread, NULL, run, s) != 0)
		give_up("thread");
}

/* NBD_DO_IT says nothing when it has begun. */
static void wait_for(const struct device *d)
{
	char path[64], text[8] = "";

	(void)snprintf(path, sizeof(path), "/sys/block/%s/pid", d->node + strlen("/dev/"));
	for (int i = 0; i < 500; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0) {
			(void)!read(fd, text, sizeof(text));
			(void)close(fd);
			return;
		}
		(void)usleep(10000);
	}
	give_up("it does not begin");
}

struct device *device_make(unsigned int number, uint64_t size, uint32_t block_size)
{
	struct server *s = calloc(1, sizeof(*s));
	struct device *d = &s->device;

	if (!s)
		give_up("memory");
	d->block_size = block_size;
	d->size = size;
	(void)snprintf(d->node, sizeof(d->node), "/dev/nbd%u", number);
	d->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	s->is_changed = calloc(1, size / UNIT / 8 + 1);
	s->changed = calloc(CHANGED_MAX, sizeof(*s->changed));
	s->saved = malloc((size_t)CHANGED_MAX * UNIT);
	d->fd = open(d->node, O_RDWR | O_CLOEXEC);
	if (d->memory == MAP_FAILED || !s->is_changed || !s->changed || !s->saved || d->fd < 0)
		give_up(d->node);
	start(s);
	wait_for(d);
	return d;
}

/* The kernel writes what it still has, and forgets the rest. */
static void forget(const struct device *d)
{
	if (ioctl(d->fd, BLKFLSBUF) < 0)
		give_up("BLKFLSBUF");
}

void device_flush(const struct device *d)
{
	forget(d);
}

void device_set_base(struct device *d)
{
	struct server *s = server_of(d);

	forget(d);
	for (size_t i = 0; i < s->n_changed; i++)
		s->is_changed[s->changed[i] / 8] = 0;
	s->n_changed = 0;
	s->keeps_base = true;
}

void device_clear(struct device *d)
{
	struct server *s = server_of(d);

	forget(d);
	s->keeps_base = false;
	memset(s->is_changed, 0, d->size / UNIT / 8 + 1);
	s->n_changed = 0;
	if (madvise(d->memory, d->size, MADV_DONTNEED) < 0)
		give_up("madvise");
}

void device_restore(struct device *d)
{
	struct server *s = server_of(d);

	forget(d);
	for (size_t i = 0; i < s->n_changed; i++) {
		memcpy(d->memory + s->changed[i] * UNIT, s->saved + i * UNIT, UNIT);
		s->is_changed[s->changed[i] / 8] = 0;
	}
	s->n_changed = 0;
}

void device_poke(struct device *d, uint64_t sector, const uint8_t *data)
{
	store(server_of(d), sector, data);
}

void device_record(struct device *d)
{
	struct server *s = server_of(d);

	for (size_t i = 0; i < s->n_log; i++)
		free((void *)s->log[i].data);
	s->n_log = 0;
	s->is_recording = true;
}

void device_stop(struct device *d)
{
	server_of(d)->is_recording = false;
}

const struct request *device_log(const struct device *d, size_t *ret_n)
{
	*ret_n = server_of(d)->n_log;
	return server_of(d)->log;
}

const uint8_t *device_base(const struct device *d, uint64_t sector)
{
	const struct server *s = server_of(d);

	if (s->is_changed[sector / 8] & 1u << sector % 8)
		for (size_t i = 0; i < s->n_changed; i++)
			if (s->changed[i] == sector)
				return s->saved + i * UNIT;
	return d->memory + sector * UNIT;
}
