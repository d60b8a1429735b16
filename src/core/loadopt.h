/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadvar.h"

/* Load options of the firmware: the payload of Boot#### variables, and BootOrder.
 * Source: UEFI 2.10 sections 3.1.3 "Load Options", 10.3 "Device Path Nodes" (10.3.5.1 hard drive,
 * 10.3.5.4 file path). */

#define LOADOPT_SIZE		 4096 /* the longest one that we look at */
#define LOADOPT_PATH_SIZE	 1024
#define LOADOPT_DESCRIPTION_SIZE 128
#define LOADOPT_NAME_SIZE	 sizeof("Boot####")

/* Attributes. */
#define LOADOPT_ACTIVE 0x1u
#define LOADOPT_CATEGORY                                                         \
	0x1f00u /* 0: it belongs to a boot; else an application, a set-up screen \
		 */

/* The partition of a hard drive node. */
struct loadopt_partition {
	uint32_t number;	      /* 1.. */
	uint64_t start, size;	      /* in blocks of the disk */
	char partuuid[PARTUUID_SIZE]; /* as the kernel writes it; "" = there is no such node */
};

struct loadopt {
	uint32_t attributes;
	char description[LOADOPT_DESCRIPTION_SIZE]; /* `?` where it is no ASCII; cut */
	struct loadopt_partition partition;	    /* the last one of the path */
	char path[LOADOPT_PATH_SIZE];		    /* "" if path_error is set */
	int path_error;	 /* 0; -ENOENT: it has no file path; -EINVAL: that is no printable ASCII;
			    -ENAMETOOLONG */
	size_t data_len; /* of the optional data behind it */
};

/* Reads a load option. Of its device paths the first one counts. Every length is checked against
 * what is there. 0, or -EINVAL if it is malformed: then *ret is not written. */
int loadopt_parse(const uint8_t *data, size_t len, struct loadopt *ret);

/* The file path alone (several nodes are joined). 0; -ENOENT if the option has no file path;
 * -EINVAL if it or the path is malformed; -ENAMETOOLONG. buf is written only on 0. */
int loadopt_path(const uint8_t *data, size_t len, char *buf, size_t size);

/* Writes a load option: hard drive node, file path (with `\`), end; no optional data. Returns its
 * length; -EINVAL if description or path is empty or no printable ASCII, or there is no partition;
 * -ENAMETOOLONG if it does not fit into size. */
int loadopt_build(const struct loadopt *o, uint8_t *buf, size_t size);

/* True if the firmware starts it when its turn comes in BootOrder: active, and of the category
 * "boot". */
bool loadopt_is_active(const struct loadopt *o);

/* "Boot002A". */
void loadopt_name(uint16_t number, char name[LOADOPT_NAME_SIZE]);

/* The number in "Boot002A" or "Boot002A-8be4df61-...". 0; -EINVAL if it is none: the digits are
 * upper case. */
int loadopt_number(const char *name, uint16_t *ret);

#define LOADOPT_ORDER_MAX 512

/* BootOrder: options in the order in which they are tried. */
struct loadopt_order {
	uint16_t number[LOADOPT_ORDER_MAX];
	unsigned int n;
};

/* 0; -EINVAL if its length is odd; -E2BIG for more than LOADOPT_ORDER_MAX. */
int loadopt_order_parse(const uint8_t *data, size_t len, struct loadopt_order *ret);

/* buf: 2 bytes for each. Returns the length. */
size_t loadopt_order_build(const struct loadopt_order *o, uint8_t buf[2 * LOADOPT_ORDER_MAX]);

/* Index of the first one with this number, or -1. */
int loadopt_order_find(const struct loadopt_order *o, uint16_t number);

/* Takes every occurrence of a number out. */
void loadopt_order_remove(struct loadopt_order *o, uint16_t number);

/* Puts a number at an index, 0..n; what stood there comes after it. Where there is no room, the
 * last one goes. */
void loadopt_order_insert(struct loadopt_order *o, unsigned int at, uint16_t number);
