/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A disk with a volatile cache that writes down what it is told: the kernel's network block device,
 * served by a thread of this program from memory. What arrives here is what a real disk would get:
 * after the page cache, after merging, with the flushes and FUA. One device for each size of a
 * block. */

#define UNIT 512u /* addresses of requests */

enum request_type { REQUEST_WRITE, REQUEST_FLUSH };

struct request {
	enum request_type type;
	bool is_fua;
	uint64_t sector;     /* in units */
	uint32_t n;	     /* units */
	const uint8_t *data; /* n * UNIT bytes */
};

struct device {
	char node[32]; /* "/dev/nbd0" */
	uint32_t block_size;
	uint64_t size; /* bytes */
	uint8_t *memory;
	int fd;
	uint64_t n_reads, n_writes; /* since it began */
};

/* Makes a device: number 0.., empty, block_size 512..4096. Ends the program where that cannot be.
 */
struct device *device_make(unsigned int number, uint64_t size, uint32_t block_size);

/* The kernel writes what it still holds back. */
void device_flush(const struct device *d);

/* What is on it now is its base: where device_restore() goes back to. */
void device_set_base(struct device *d);

/* Nothing but zeros on it, and no base. Nobody may have it mounted. */
void device_clear(struct device *d);

/* Back to the base, and the kernel forgets what it has read. Nobody may have it mounted. */
void device_restore(struct device *d);

/* One unit more than the base has, from here on. */
void device_poke(struct device *d, uint64_t sector, const uint8_t *data);

/* Writes down all requests from here on (none after device_stop()); they stay until the next start.
 */
void device_record(struct device *d);
void device_stop(struct device *d);
const struct request *device_log(const struct device *d, size_t *ret_n);

/* The content of a unit in the base. */
const uint8_t *device_base(const struct device *d, uint64_t sector);
