/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "counter.h"
#include "text.h"

/* What is written in place on $BOOT, so that a power cut leaves the old or the new content: one
 * sector of text. A first line that says what it is, KEY=VALUE lines, newlines up to a last line
 * "crc=XXXXXXXX\n" at the very end (CRC-32 of all before the value, as in zlib and gzip). A person
 * can read it in the field. */
#define SECTOR_SIZE 512

/* One step of the CRC; begins with UINT32_MAX, and ends with its complement. */
uint32_t sector_crc_add(uint32_t crc, unsigned char byte);

/* Starts a sector in buf. first_line: with its newline. */
void sector_start(struct text *t, char buf[SECTOR_SIZE + 1], const char *first_line);

/* Each adds a line. What does not fit makes the sector invalid: the caller's limits rule it out, or
 * he asks for the room. */
void sector_add(struct text *t, const char *key, const char *value);
void sector_add_uint(struct text *t, const char *key, unsigned long value);
/* Spelt as in a file name; empty without a counter. Widths above 10 digits become 10. */
void sector_add_counter(struct text *t, const char *key, const struct counter *c);

/* Bytes that are left for lines. */
size_t sector_room(const struct text *t);

/* A number as eight hex digits, without a key. */
void sector_add_hex(struct text *t, uint32_t value);

/* Fills the sector up and puts the CRC on. */
void sector_finish(struct text *t, char sector[SECTOR_SIZE]);

/* Checks length, first line and CRC. 0 (*ret_rest: its lines), or -EINVAL. */
int sector_open(const char *sector, size_t len, const char *first_line, struct slice *ret_rest);

/* Takes the next KEY=VALUE off *rest; empty lines are passed over. 1; 0 at the end; -EINVAL for
 * anything else. */
int sector_next(struct slice *rest, struct slice *ret_key, struct slice *ret_value);

/* Values. 0, or -EINVAL (-ENAMETOOLONG: longer than buf). */
int sector_get_counter(struct slice value,
		       struct counter *ret); /* an empty value changes nothing */
int sector_get_printable(struct slice value, char *buf, size_t size); /* printable ASCII */
/* Takes a number as sector_add_hex() writes it off the slice. */
int sector_take_hex(struct slice *s, uint32_t *ret);
