// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pe.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"

/* Offsets within the headers of the PE/COFF specification. */
#define DOS_E_LFANEW	      0x3c
#define COFF_N_SECTIONS	      2 /* all behind the signature "PE\0\0" */
#define COFF_OPTIONAL_SIZE    16
#define COFF_SIZE	      20
#define OPTIONAL_PE32	      0x10b
#define OPTIONAL_PE32_PLUS    0x20b
#define OPTIONAL_HEADERS_SIZE 60 /* of a PE32+ file, as all that follow */
#define OPTIONAL_SUBSYSTEM    68
#define OPTIONAL_N_DIRS	      108
#define OPTIONAL_DIRS	      112
#define DIR_SIZE	      8
#define DIR_CERTIFICATES      4
#define SECTION_SIZE	      40
#define SECTION_NAME_SIZE     8
#define SECTION_VIRTUAL_SIZE  8
#define SECTION_RAW_SIZE      16
#define SECTION_RAW_AT	      20

#define SUBSYSTEM_EFI_APPLICATION 10

/* More are not loadable (PE/COFF specification section 3.3). */
#define SECTIONS_MAX 96

static const uint8_t signature[4] = {'P', 'E', 0, 0};

static const char *const part_names[PE_PARTS] = {
	[PE_LINUX] = ".linux",	   [PE_INITRD] = ".initrd", [PE_UCODE] = ".ucode",
	[PE_CMDLINE] = ".cmdline", [PE_OSREL] = ".osrel",   [PE_UNAME] = ".uname",
};

/* The part of a file that we hold, and the first thing in it that is wrong. */
struct image {
	const uint8_t *data;
	size_t len;
	uint64_t file_size;
	struct fault fault;
};

/* Where the headers are, checked to lie within the image. */
struct table {
	size_t coff;
	size_t optional;
	uint16_t optional_size; /* 2.. */
	size_t at;		/* the section table */
	unsigned int n;		/* 0..SECTIONS_MAX */
};

static int wrong(struct image *image, uint64_t where, const char *what)
{
	image->fault = (struct fault){where, what};
	return -EINVAL;
}

static bool has(const struct image *image, uint64_t at, uint64_t size)
{
	return at <= image->len && size <= image->len - at;
}

static struct image open_image(const uint8_t *head, size_t len, uint64_t file_size)
{
	struct image image = {.data = head, .len = len, .file_size = file_size};

	if (image.len > PE_HEAD_SIZE)
		image.len = PE_HEAD_SIZE;
	if (image.len > file_size)
		image.len = (size_t)file_size;
	return image;
}

static int find_table(struct image *image, struct table *ret)
{
	const uint8_t *data = image->data;
	struct table table;
	uint64_t coff, table_at;
	uint16_t magic;

	if (!has(image, 0, DOS_E_LFANEW + 4) || memcmp(data, "MZ", 2) != 0)
		return wrong(image, 0, "no PE file");
	coff = (uint64_t)read_u32(data + DOS_E_LFANEW) + sizeof(signature);
	if (!has(image, coff, COFF_SIZE + sizeof(magic)) ||
	    memcmp(data + coff - sizeof(signature), signature, sizeof(signature)) != 0)
		return wrong(image, DOS_E_LFANEW, "no PE header");
	table.coff = (size_t)coff;
	table.optional = table.coff + COFF_SIZE;

	/* An object file has no optional header, and cannot be started. */
	table.optional_size = read_u16(data + coff + COFF_OPTIONAL_SIZE);
	magic = read_u16(data + table.optional);
	if (table.optional_size < sizeof(magic) ||
	    (magic != OPTIONAL_PE32 && magic != OPTIONAL_PE32_PLUS))
		return wrong(image, table.optional, "no optional header");

	table_at = (uint64_t)table.optional + table.optional_size;
	table.n = read_u16(data + coff + COFF_N_SECTIONS);
	if (table.n > SECTIONS_MAX)
		return wrong(image, coff + COFF_N_SECTIONS, "too many sections");
	if (!has(image, table_at, (uint64_t)table.n * SECTION_SIZE))
		return wrong(image, coff + COFF_N_SECTIONS, "section table outside of the headers");
	table.at = (size_t)table_at;
	*ret = table;
	return 0;
}

static size_t row_at(const struct table *table, unsigned int i)
{
	return table->at + (size_t)i * SECTION_SIZE;
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
		return wrong(image, at, "section outside of the file");
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
		size_t at = row_at(&table, i);

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
	struct image image = open_image(head, len, file_size);
	struct pe_section section;
	int r;

	r = find_section(&image, name, &section);
	if (r == 0)
		*ret = section;
	else if (r == -EINVAL && ret_where)
		*ret_where = image.fault.where;
	return r;
}

static bool is_uki(const struct image *image, const struct table *table)
{
	for (unsigned int i = 0; i < table->n; i++)
		if (has_name(image->data + row_at(table, i), part_names[PE_LINUX]))
			return true;
	return false;
}

static int check_headers(struct image *image, const struct table *table, uint32_t *ret_size)
{
	const uint8_t *optional = image->data + table->optional;
	uint32_t size;

	if (read_u16(optional) != OPTIONAL_PE32_PLUS)
		return wrong(image, table->optional, "not PE32+");
	if (table->optional_size < OPTIONAL_DIRS)
		return wrong(image, table->coff + COFF_OPTIONAL_SIZE, "optional header too short");
	if (OPTIONAL_DIRS + (uint64_t)read_u32(optional + OPTIONAL_N_DIRS) * DIR_SIZE >
	    table->optional_size)
		return wrong(image, table->optional + OPTIONAL_N_DIRS, "too many data directories");
	if (read_u16(optional + OPTIONAL_SUBSYSTEM) != SUBSYSTEM_EFI_APPLICATION)
		return wrong(image, table->optional + OPTIONAL_SUBSYSTEM, "no EFI application");
	size = read_u32(optional + OPTIONAL_HEADERS_SIZE);
	if (size > image->file_size || size < row_at(table, table->n))
		return wrong(image, table->optional + OPTIONAL_HEADERS_SIZE, "wrong SizeOfHeaders");
	*ret_size = size;
	return 0;
}

static bool overlap(const struct pe_section *a, const struct pe_section *b)
{
	return a->size > 0 && b->size > 0 && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

static int read_sections(struct image *image, const struct table *table, uint32_t headers_size,
			 struct pe_section sections[SECTIONS_MAX])
{
	for (unsigned int i = 0; i < table->n; i++) {
		size_t at = row_at(table, i);
		int r;

		r = read_section(image, at, &sections[i]);
		if (r < 0)
			return r;
		if (sections[i].size > 0 && sections[i].offset < headers_size)
			return wrong(image, at, "section inside the headers");
		for (unsigned int j = 0; j < i; j++)
			if (overlap(&sections[i], &sections[j]))
				return wrong(image, at, "sections overlap");
	}
	return 0;
}

/* PE_PARTS: none that we use. */
static enum pe_part find_part(const uint8_t *section)
{
	enum pe_part part = 0;

	while (part < PE_PARTS && !has_name(section, part_names[part]))
		part++;
	return part;
}

static bool is_devicetree(const uint8_t *section)
{
	return has_name(section, ".dtb") || has_name(section, ".dtbauto");
}

static int pick_parts(struct image *image, const struct table *table,
		      const struct pe_section *sections, struct pe_uki *uki)
{
	unsigned int named = 0; /* bits of the parts that this profile had already */

	for (unsigned int i = 0; i < table->n; i++) {
		size_t at = row_at(table, i);
		enum pe_part part = find_part(image->data + at);

		if (has_name(image->data + at, ".profile")) {
			uki->profiles++;
			named = 0;
		}
		if (uki->profiles > 1)
			continue;
		if (sections[i].size > 0 && is_devicetree(image->data + at))
			uki->has_devicetree = true;
		if (part == PE_PARTS)
			continue;
		if (named & 1u << part)
			return wrong(image, at, "section twice");
		named |= 1u << part;
		uki->part[part] = sections[i];
	}
	if (uki->part[PE_LINUX].size == 0)
		return wrong(image, table->at, "section .linux empty");
	if (uki->part[PE_OSREL].size == 0)
		return wrong(image, table->at, "section .osrel missing or empty");
	return 0;
}

static int parse_uki(struct image *image, struct pe_uki *uki)
{
	struct pe_section sections[SECTIONS_MAX];
	uint32_t headers_size;
	struct table table;
	int r;

	r = find_table(image, &table);
	if (r < 0)
		return r;
	/* Kernels have odd tables, and nothing in them is used. */
	if (!is_uki(image, &table))
		return -ENOENT;
	r = check_headers(image, &table, &headers_size);
	if (r < 0)
		return r;
	r = read_sections(image, &table, headers_size, sections);
	if (r < 0)
		return r;
	uki->machine = read_u16(image->data + table.coff);
	return pick_parts(image, &table, sections, uki);
}

int pe_parse_uki(const uint8_t *head, size_t len, uint64_t file_size, struct pe_uki *ret,
		 struct fault *ret_fault)
{
	struct image image = open_image(head, len, file_size);
	struct pe_uki uki = {0};
	int r;

	r = parse_uki(&image, &uki);
	if (r == 0)
		*ret = uki;
	else if (r == -EINVAL)
		*ret_fault = image.fault;
	return r;
}

const char *pe_part_name(enum pe_part part)
{
	return part_names[part];
}

bool pe_is_signed(const uint8_t *head, size_t len, uint64_t file_size)
{
	struct image image = open_image(head, len, file_size);
	const uint8_t *optional, *dir;
	struct table table;

	if (find_table(&image, &table) < 0)
		return false;
	optional = image.data + table.optional;
	if (read_u16(optional) != OPTIONAL_PE32_PLUS ||
	    table.optional_size < OPTIONAL_DIRS + (DIR_CERTIFICATES + 1) * DIR_SIZE ||
	    read_u32(optional + OPTIONAL_N_DIRS) <= DIR_CERTIFICATES)
		return false;
	/* The only directory that names a place in the file, not in memory. */
	dir = optional + OPTIONAL_DIRS + (size_t)DIR_CERTIFICATES * DIR_SIZE;
	return read_u32(dir + 4) > 0 && (uint64_t)read_u32(dir) + read_u32(dir + 4) <= file_size;
}
