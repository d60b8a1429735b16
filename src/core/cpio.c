// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cpio.h"

#define HEADER_SIZE 110
#define MAGIC_SIZE  6
#define FIELD_SIZE  8
#define NAME_MAX_   4096 /* PATH_MAX of the kernel, which ignores files with longer names */
#define END_NAME    "TRAILER!!!"

/* The fields of a header, in their order. */
enum field {
	INODE,
	MODE,
	UID,
	GID,
	LINKS,
	MTIME,
	SIZE,
	MAJOR,
	MINOR,
	RMAJOR,
	RMINOR,
	NAME_LEN,
	CHECK,
	FIELDS
};

#define TYPE_MASK 0170000
#define TYPE_FILE 0100000
#define TYPE_LINK 0120000

bool cpio_is_file(const struct cpio_entry *e)
{
	return (e->mode & TYPE_MASK) == TYPE_FILE;
}

bool cpio_is_link(const struct cpio_entry *e)
{
	return (e->mode & TYPE_MASK) == TYPE_LINK;
}

bool cpio_is_executable(const struct cpio_entry *e)
{
	return cpio_is_file(e) && (e->mode & 0111);
}

bool cpio_begins(const uint8_t *data, size_t len)
{
	return len >= MAGIC_SIZE &&
	       (memcmp(data, "070701", MAGIC_SIZE) == 0 || memcmp(data, "070702", MAGIC_SIZE) == 0);
}

static int hex_digit(char c)
{
	if (char_is_digit(c))
		return c - '0';
	return char_is_hex(c) ? char_lower(c) - 'a' + 10 : -1;
}

static bool read_field(const uint8_t *header, enum field field, uint32_t *ret)
{
	const char *s = (const char *)header + MAGIC_SIZE + FIELD_SIZE * field;
	uint32_t value = 0;

	for (int i = 0; i < FIELD_SIZE; i++) {
		int digit = hex_digit(s[i]);

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return true;
}

static const char *read_header(const uint8_t *data, size_t len, size_t at, uint32_t f[FIELDS])
{
	if (len - at < HEADER_SIZE)
		return "it is cut off";
	if (!cpio_begins(data + at, len - at))
		return "no file header";
	for (int i = 0; i < FIELDS; i++)
		if (!read_field(data + at, (enum field)i, &f[i]))
			return "a field of a file header is no number";
	if (f[NAME_LEN] == 0 || f[NAME_LEN] > NAME_MAX_)
		return "a file name has an impossible length";
	return NULL;
}

/* What is added cannot overflow: both lie far below 2^33 above a size in memory. */
static uint64_t align(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

static struct slice strip(struct slice name)
{
	while (name.len > 0 && name.s[0] == '/') {
		name.s++;
		name.len--;
	}
	while (name.len > 1 && name.s[0] == '.' && name.s[1] == '/') {
		name.s += 2;
		name.len -= 2;
	}
	return name;
}

static const char *read_name(const uint8_t *data, size_t len, size_t at, uint32_t name_len,
			     struct slice *ret)
{
	const char *name = (const char *)data + at;

	if (len - at < name_len)
		return "it is cut off in a file name";
	if (strnlen(name, name_len) != name_len - 1)
		return "a file name does not end where it should";
	*ret = (struct slice){name, name_len - 1};
	return NULL;
}

/* The padding behind the last file may be missing. */
static size_t limit(uint64_t end, size_t len)
{
	return end < len ? (size_t)end : len;
}

int cpio_next(const uint8_t *data, size_t len, size_t *at, struct cpio_entry *ret,
	      const char **ret_what)
{
	uint32_t f[FIELDS];
	struct slice name;
	uint64_t content;

	*ret_what = *at > len ? "it is cut off" : read_header(data, len, *at, f);
	if (!*ret_what)
		*ret_what = read_name(data, len, *at + HEADER_SIZE, f[NAME_LEN], &name);
	if (*ret_what)
		return -EINVAL;
	content = align((uint64_t)*at + HEADER_SIZE + f[NAME_LEN]);
	if (slice_is(name, END_NAME)) {
		*at = limit(content, len);
		return CPIO_END;
	}
	if (content > len || f[SIZE] > len - content) {
		*ret_what = "it is cut off in a file";
		return -EINVAL;
	}
	*ret = (struct cpio_entry){.name = strip(name),
				   .mode = f[MODE],
				   .inode = f[INODE],
				   .links = f[LINKS],
				   .device = {f[MAJOR], f[MINOR]},
				   .content = {(const char *)data + content, f[SIZE]}};
	*at = limit(align(content + f[SIZE]), len);
	return 0;
}
