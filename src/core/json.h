/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "text.h"

/* A JSON object (RFC 8259), piece by piece: the caller writes the brackets; a comma comes by itself
 * where the text does not end in an opening one. A value NULL becomes null. */
void json_key(struct text *t, const char *key);
void json_string(struct text *t, const char *key, const char *value);
void json_number(struct text *t, const char *key, uint64_t value);
void json_bool(struct text *t, const char *key, bool value);

/* Opens an object or array, as an element or (key not NULL) a member; '{' or '['. */
void json_open(struct text *t, const char *key, char bracket);

/* The same JSON text for a person: a member a line, indented with tabs; empty objects and arrays on
 * one line. compact: valid JSON without blanks between its parts, as the functions above make it;
 * its newline at the end is kept. */
void json_indent(const char *compact, struct text *t);

/* An element of an array. */
void json_element(struct text *t, const char *value);
