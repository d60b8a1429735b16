// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loadvar.h"

#include <errno.h>
#include <string.h>

#include "bls.h"
#include "bytes.h"

/* The longest string that we write, in characters. */
#define STRING_MAX 1024

/* UTF-16 units in front of the first NUL, or all whole ones. */
static size_t count_units(const uint8_t *data, size_t len)
{
	size_t n = 0;

	while (2 * n + 1 < len && read_u16(data + 2 * n) != 0)
		n++;
	return n;
}

/* Turns n units into a terminated string; see loadvar_string() for the errors. */
static int copy_units(const uint8_t *data, size_t n, char *buf, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t unit = read_u16(data + 2 * i);

		if (unit > 0x7e || !char_is_printable((char)unit))
			return -EINVAL;
	}
	if (n == 0)
		return -EINVAL;
	if (n >= size)
		return -ENAMETOOLONG;

	for (size_t i = 0; i < n; i++)
		buf[i] = (char)data[2 * i];
	buf[n] = '\0';
	return 0;
}

int loadvar_string(const uint8_t *data, size_t len, char *buf, size_t size)
{
	size_t n = count_units(data, len);

	if (len % 2 != 0)
		return -EINVAL;
	for (size_t i = 2 * n; i < len; i++)
		if (data[i] != 0)
			return -EINVAL;
	return copy_units(data, n, buf, size);
}

int loadvar_from_string(const char *s, uint8_t *data, size_t size)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!char_is_printable(s[i]))
			return -EINVAL;
	if (n >= STRING_MAX || 2 * (n + 1) > size)
		return -ENAMETOOLONG;

	/* The terminator goes the same way. */
	for (size_t i = 0; i <= n; i++) {
		data[2 * i] = (uint8_t)s[i];
		data[2 * i + 1] = 0;
	}
	return (int)(2 * (n + 1));
}

int loadvar_next_id(const uint8_t **data, size_t *len, char id[NAME_SIZE])
{
	while (*len > 0) {
		const uint8_t *start = *data;
		size_t n = count_units(start, *len), used = 2 * n + 2;
		bool is_half_unit = *len == 1;

		if (used > *len)
			used = is_half_unit ? 1 : 2 * n;
		*data += used;
		*len -= used;
		/* Padding behind the last NUL is no id. */
		if (n > 0 || is_half_unit)
			return copy_units(start, n, id, NAME_SIZE) < 0 ? -EINVAL : 0;
	}
	return 1;
}

int loadvar_features(const uint8_t *data, size_t len, uint64_t *ret)
{
	uint64_t value = 0;

	if (len != sizeof(value))
		return -EINVAL;
	for (size_t i = sizeof(value); i > 0; i--)
		value = value << 8 | data[i - 1];
	*ret = value;
	return 0;
}

static bool is_separator(char c)
{
	return c == '\\' || c == '/';
}

/* Takes what stands in front of the next separator off *rest, and the separator. */
static struct slice take_part(struct slice *rest)
{
	struct slice part = {.s = rest->s};

	while (part.len < rest->len && !is_separator(rest->s[part.len]))
		part.len++;
	rest->s += part.len;
	rest->len -= part.len;
	if (rest->len > 0) {
		rest->s++;
		rest->len--;
	}
	return part;
}

static bool is_clean_part(struct slice part)
{
	return part.len > 0 && !slice_is(part, ".") && !slice_is(part, "..");
}

static unsigned int type_of_folder(struct slice first, struct slice second)
{
	if (slice_is(first, "loader") && slice_is(second, "entries"))
		return 1;
	if (slice_is(first, "EFI") && slice_is(second, "Linux"))
		return 2;
	return 0;
}

int loadvar_entry_path(const char *path, char name[NAME_SIZE])
{
	struct slice rest = {path, strlen(path)}, part[3] = {0};
	char file[NAME_SIZE];
	size_t n = 0, len = rest.len;
	unsigned int type;

	if (len == 0 || !is_separator(path[0]) || is_separator(path[len - 1]))
		return -EINVAL;
	(void)take_part(&rest);
	for (; rest.len > 0; n++) {
		struct slice p = take_part(&rest);

		if (!is_clean_part(p))
			return -EINVAL;
		if (n < 3)
			part[n] = p;
	}

	type = n == 3 ? type_of_folder(part[0], part[1]) : 0;
	if (type == 0 || slice_copy(part[2], file, sizeof(file)) < 0 || !bls_valid_name(file, type))
		return 0;
	memcpy(name, file, sizeof(file));
	return (int)type;
}

/* Takes the next part that is not empty. False at the end. */
static bool next_part(struct slice *rest, struct slice *ret)
{
	while (rest->len > 0) {
		*ret = take_part(rest);
		if (ret->len > 0)
			return true;
	}
	return false;
}

static bool is_same_part(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.s[i]) != char_lower(b.s[i]))
			return false;
	return true;
}

bool loadvar_same_path(struct slice a, struct slice b)
{
	struct slice part_a, part_b;
	unsigned int n = 0;

	while (next_part(&a, &part_a)) {
		if (!next_part(&b, &part_b) || !is_same_part(part_a, part_b))
			return false;
		n++;
	}
	return n > 0 && !next_part(&b, &part_b);
}

int loadvar_boot_current(const uint8_t *data, size_t len, uint16_t *ret)
{
	if (len != 2)
		return -EINVAL;
	*ret = read_u16(data);
	return 0;
}

/* True for groups of hexadecimal digits of these lengths (the last is 0), joined by `-`. */
static bool is_hex_groups(const char *s, const unsigned int *lengths)
{
	for (;; s++) {
		for (unsigned int i = 0; i < *lengths; i++, s++)
			if (!char_is_hex(*s))
				return false;
		if (*++lengths == 0)
			return *s == '\0';
		if (*s != '-')
			return false;
	}
}

bool loadvar_is_uuid(const char *s)
{
	static const unsigned int lengths[] = {8, 4, 4, 4, 12, 0};

	return is_hex_groups(s, lengths);
}

int loadvar_partuuid(struct slice s, char ret[PARTUUID_SIZE])
{
	static const unsigned int mbr_lengths[] = {8, 2, 0};
	static const char prefix[] = "PARTUUID=";
	const size_t prefix_len = sizeof(prefix) - 1;
	char uuid[PARTUUID_SIZE];

	if (s.len > prefix_len && slice_is((struct slice){s.s, prefix_len}, prefix)) {
		s.s += prefix_len;
		s.len -= prefix_len;
	}
	if (slice_copy(s, uuid, sizeof(uuid)) < 0)
		return -EINVAL;
	if (!loadvar_is_uuid(uuid) && !is_hex_groups(uuid, mbr_lengths))
		return -EINVAL;

	for (char *c = uuid; *c; c++)
		*c = char_lower(*c);
	memcpy(ret, uuid, sizeof(uuid));
	return 0;
}
