/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"

/* LoaderEntries: the ids of the loader's menu, in its order, as it spells them. Source:
 * systemd.io/BOOT_LOADER_INTERFACE. */
struct listed {
	uint8_t *data;
	const uint8_t *rest;
	size_t len;
	bool is_there; /* the variable could be read */
};

/* Reads the list; it is empty where there is none. efivars: directory fd, or -1. 0 or -ENOMEM; the
 * caller calls listed_free() in both cases (or _cleanup_(listed_free)). */
int listed_read(int efivars, struct listed *ret);

/* Takes the next id off the list; what cannot be an id is passed over. False at the end. */
bool listed_next(struct listed *l, char id[NAME_SIZE]);

void listed_free(struct listed *l);
