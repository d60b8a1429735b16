/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A piece of somebody else's buffer. Not terminated; len 0 = empty or absent. */
struct slice {
	const char *s;
	size_t len;
};

/* The C library's ctype asks the locale; names and options here are ASCII. */
static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool char_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline char char_lower(char c)
{
	return char_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static inline bool char_is_alpha(char c)
{
	return char_lower(c) >= 'a' && char_lower(c) <= 'z';
}

static inline bool char_is_hex(char c)
{
	return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'f');
}

static inline bool char_is_printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* A bounded string that is built piece by piece. buf is the caller's and always terminated.
 * What does not fit is cut off and remembered in `full`; nothing is ever written past `size`. */
struct text {
	char *buf;
	size_t size, len;
	bool full;
};

/* Starts an empty text in buf. size: 1.. bytes, terminator included. */
void text_init(struct text *t, char *buf, size_t size);

/* Each appends; a cut is remembered in t->full. s may be NULL (nothing is appended). */
void text_char(struct text *t, char c);
void text_str(struct text *t, const char *s);
void text_slice(struct text *t, struct slice s);

/* Append s for a terminal: each byte of what printable.h does not let through becomes `?`. So what
 * somebody else wrote can neither move the cursor nor forge a line. */
void text_printable_slice(struct text *t, struct slice s);
void text_printable(struct text *t, const char *s);

/* Appends value in decimal, filled with zeros to at least width digits (0 = no filling). */
void text_uint(struct text *t, unsigned long value, unsigned int width);

/* Appends s as a JSON string with its quotes (RFC 8259 section 7); NULL becomes null. Bytes above
 * 0x7e are escaped one by one as \u00XX, so that the output is ASCII whatever the input was. */
void text_json(struct text *t, const char *s);

/* True if the slice is exactly the string, letter case of ASCII ignored. */
bool slice_is(struct slice s, const char *word);

/* The slice without blanks, tabs and carriage returns at both ends. */
struct slice slice_trim(struct slice s);

/* Takes the next line (without its newline) off *rest. False at the end. Both \n and \r\n end a
 * line; a last line needs no newline. */
bool slice_line(struct slice *rest, struct slice *ret_line);

/* Takes the next word, separated by blanks and tabs, off *rest. False when none is left. */
bool slice_word(struct slice *rest, struct slice *ret_word);

/* Copies the slice as a terminated string. 0, or -ENAMETOOLONG (buf untouched) if it does not fit,
 * or -EINVAL if it holds a NUL byte. */
int slice_copy(struct slice s, char *buf, size_t size);

/* Reads an unsigned decimal number that is the whole slice. 0; -EINVAL if it is empty or holds
 * anything but digits; -ERANGE above max. */
int slice_uint(struct slice s, unsigned long max, unsigned long *ret);

/* Appends words, and a newline, in lines of a serial console: the first behind what is there, which
 * is `indent` wide, the others behind as many blanks. What may not be shown is replaced, as by
 * text_printable_slice(). */
#define TEXT_LINE_WIDTH 79 /* but for its last column */
void text_wrap(struct text *t, const char *words, size_t indent);
