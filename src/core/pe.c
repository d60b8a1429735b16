// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pe.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Offsets within the headers of the PE/COFF specification. */
#define DOS_E_LFANEW	     0x3c
#define COFF_N_SECTIONS	     2 /* all behind the signature "PE\0\0" */
#define COFF_OPTIONAL_SIZE   16
#define COFF_SIZE	     20
#define OPTIONAL_PE32	     0x10b
#define OPTIONAL_PE32_PLUS   0x20b
#define SECTION_SIZE	     40
#define SECTION_NAME_SIZE    8
#define SECTION_VIRTUAL_SIZE 8
#define SECTION_RAW_SIZE     16
#define SECTION_RAW_AT	     20

/* More are not loadable (PE/COFF specification section 3.3). */
#define SECTIONS_MAX 96

static const uint8_t signature[4] = {'P', 'E', 0, 0};

/* The part of a file that we hold, and the first thing in it that is wrong. */
struct image {
	const uint8_t *data;
	size_t len;
	uint64_t file_size;
	uint64_t wrong_at;
};

/* The section table, checked to lie within the image. */
struct table {
	size_t at;
	unsigned int n;
};

static uint16_t read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t read_u32(const uint8_t *p)
{
	return read_u16(p) | (uint32_t)read_u16(p + 2) << 16;
}

static int wrong(struct image *image, uint64_t at)
{
	image->wrong_at = at;
	return -EINVAL;
}

static bool has(const struct image *image, uint64_t at, uint64_t size)
{
	return at <= image->len && size <= image->len - at;
}

static int find_table(struct image *image, struct table *ret)
{
	const uint8_t *data = image->data;
	struct table table;
	uint64_t coff, table_at;
	uint16_t optional_size, magic;

	if (!has(image, 0, DOS_E_LFANEW + 4) || memcmp(data, "MZ", 2) != 0)
		return wrong(image, 0);
	coff = (uint64_t)read_u32(data + DOS_E_LFANEW) + sizeof(signature);
	if (!has(image, coff, COFF_SIZE + 2) ||
	    memcmp(data + coff - sizeof(signature), signature, sizeof(signature)) != 0)
		return wrong(image, DOS_E_LFANEW);

	/* An object file has no optional header, and cannot be started. */
	optional_size = read_u16(data + coff + COFF_OPTIONAL_SIZE);
	magic = read_u16(data + coff + COFF_SIZE);
	if (optional_size < sizeof(magic) ||
	    (magic != OPTIONAL_PE32 && magic != OPTIONAL_PE32_PLUS))
		return wrong(image, coff + COFF_SIZE);

	table_at = coff + COFF_SIZE + optional_size;
	table.n = read_u16(data + coff + COFF_N_SECTIONS);
	if (table.n > SECTIONS_MAX || !has(image, table_at, (uint64_t)table.n * SECTION_SIZE))
		return wrong(image, coff + COFF_N_SECTIONS);
	table.at = (size_t)table_at;
	*ret = table;
	return 0;
}

/* Section names are filled with NULs, and have no terminator at full length. */
static bool has_name(const uint8_t *section, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > SECTION_NAME_SIZE || memcmp(section, name, len) != 0)
		return false;
	return len == SECTION_NAME_SIZE || section[len] == 0;
}

static int read_section(struct image *image, size_t at, struct pe_section *ret)
{
	const uint8_t *section = image->data + at;
	uint32_t virtual_size = read_u32(section + SECTION_VIRTUAL_SIZE);
	uint32_t raw_size = read_u32(section + SECTION_RAW_SIZE);
	uint32_t raw_at = read_u32(section + SECTION_RAW_AT);

	if ((uint64_t)raw_at + raw_size > image->file_size)
		return wrong(image, at);
	ret->offset = raw_at;
	ret->size = virtual_size < raw_size ? virtual_size : raw_size;
	return 0;
}

/* Looks at all sections, also behind the one that is wanted: a copy that was cut short lacks the
 * last ones. */
static int find_section(struct image *image, const char *name, struct pe_section *ret)
{
	struct pe_section section;
	struct table table;
	bool found = false;
	int r;

	r = find_table(image, &table);
	if (r < 0)
		return r;
	for (unsigned int i = 0; i < table.n; i++) {
		size_t at = table.at + (size_t)i * SECTION_SIZE;

		r = read_section(image, at, &section);
		if (r < 0)
			return r;
		if (!found && has_name(image->data + at, name)) {
			*ret = section;
			found = true;
		}
	}
	return found ? 0 : -ENOENT;
}

int pe_find_section(const uint8_t *head, size_t len, uint64_t file_size, const char *name,
		    struct pe_section *ret, uint64_t *ret_where)
{
	struct image image = {.data = head, .len = len, .file_size = file_size};
	struct pe_section section;
	int r;

	if (image.len > PE_HEAD_SIZE)
		image.len = PE_HEAD_SIZE;
	if (image.len > file_size)
		image.len = (size_t)file_size;

	r = find_section(&image, name, &section);
	if (r == 0)
		*ret = section;
	else if (r == -EINVAL && ret_where)
		*ret_where = image.wrong_at;
	return r;
}
